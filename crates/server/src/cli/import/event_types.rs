//! Event types with their hosts and hours. They are read in one place, because the three are one thing that is checked as
//! a whole.

use super::{
    bringing::{Bringing, Failure, Thing, digest},
    people,
    read::{Fields, lenient, only},
    source::{Pages, Trouble},
};
use crate::{
    api::event_types::changes::EventTypeChanges,
    app::{
        event_types::{
            hosting::{DEFAULT_PRIORITY, DEFAULT_WEIGHT},
            plain,
        },
        imports::event_types::Offer,
    },
};
use domain::id::{EventTypeId, EventTypeMembershipId, ScheduleId, UserId};
use serde_json::{Value, json};
use store::{
    event_type_memberships::EventTypeMembership,
    event_types::{EventType, Kind, Pooling},
    imports::Import,
    user_availability_schedules::AvailabilitySchedule,
};

/// Fields that are read as the API reads them. Calendly has those up to `position`.
const FIELDS: [&str; 21] = [
    "name",
    "active",
    "slug",
    "secret",
    "internal_note",
    "duration",
    "duration_options",
    "color",
    "locale",
    "start_time_increment",
    "before_buffer",
    "after_buffer",
    "position",
    "kind",
    "minimum_notice",
    "booking_window",
    "limits",
    "capacity",
    "requires_confirmation",
    "confirmation_minutes",
    "description",
];
const QUESTION: [&str; 7] = [
    "name",
    "type",
    "position",
    "enabled",
    "required",
    "answer_choices",
    "include_other",
];
const LOCATION: [&str; 4] = ["kind", "location", "additional_info", "phone_number"];

/// Who hosts an event type and when, as far as the token may read it.
#[derive(Debug, Default)]
pub struct Hosting {
    memberships: Vec<Value>,
    hours: Vec<Value>,
}

/// Brings all event types that are listed.
pub async fn bring_all(bringing: &Bringing, owner: (&str, &str)) -> Result<(), Failure> {
    let mut pages = Pages::new("/event_types", &[("organization", owner.0)]);
    let mut first = pages.next(&bringing.source).await;
    if let Err(Trouble::Denied(_)) = first {
        pages = Pages::new("/event_types", &[("user", owner.1)]);
        first = pages.next(&bringing.source).await;
    }
    let mut page = bringing.readable("event types", first)?.flatten();
    while let Some(rows) = page {
        for row in rows {
            bring_one(bringing, &row, owner.1).await?;
        }
        page = bringing
            .readable("event types", pages.next(&bringing.source).await)?
            .flatten();
    }
    bringing.tally.progress("event types");
    Ok(())
}

/// Brings one event type; whose it is where it does not say so itself.
pub async fn bring_one(bringing: &Bringing, value: &Value, otherwise: &str) -> Result<(), Failure> {
    let hosting = hosting(bringing, value).await?;
    let owner = owner(value, &hosting).or_else(|| super::read::path_of(otherwise));
    let Some(owner) = owner else {
        bringing
            .tally
            .failed("event types", "?", "its owner has no address");
        return Ok(());
    };
    people::ensure(bringing, &owner, &Value::Null).await?;
    for host in hosts(value, &hosting) {
        if let Some(path) = host.link("user") {
            people::ensure(bringing, &path, &Value::Null).await?;
        }
    }
    let thing = offer(bringing, value, (&owner, &hosting));
    bringing.bring_read("event types", value, thing).await
}

async fn hosting(bringing: &Bringing, value: &Value) -> Result<Hosting, Failure> {
    let Ok(uri) = Fields(value).text("uri") else {
        return Ok(Hosting::default());
    };
    let query = [("event_type", uri)];
    let source = &bringing.source;
    let memberships = source.all("/event_type_memberships", &query).await;
    let hours = source
        .all("/event_type_availability_schedules", &query)
        .await;
    Ok(Hosting {
        memberships: bringing
            .readable("hosts of an event type", memberships)?
            .unwrap_or_default(),
        hours: bringing
            .readable("hours of an event type", hours)?
            .unwrap_or_default(),
    })
}

/// The path of whose event type it is; of a team's, one of the hosts.
fn owner(value: &Value, hosting: &Hosting) -> Option<String> {
    let profile = Fields(value).part("profile");
    let owner = profile.and_then(|profile| profile.link("owner"));
    let first = hosting.memberships.first();
    owner
        .filter(|path| path.starts_with("/users/"))
        .or_else(|| {
            let member = first.map(Fields)?.part("member")?;
            member.path().ok()
        })
}

/// The hosts: as Calendly tells them, or with all that Fasti tells.
fn hosts<'a>(value: &'a Value, hosting: &'a Hosting) -> Vec<Fields<'a>> {
    let told: Vec<Fields<'a>> = Fields(value).list("hosts").collect();
    if told.is_empty() {
        let rows = hosting.memberships.iter().map(Fields);
        rows.filter_map(|row| row.part("member")).collect()
    } else {
        told
    }
}

fn offer(
    bringing: &Bringing,
    value: &Value,
    (owner, hosting): (&str, &Hosting),
) -> Result<Thing<Offer>, String> {
    let path = Fields(value).path()?;
    let mut event_type = event_type(bringing, value, (&path, owner))?;
    let pooling = Fields(value).maybe("pooling_type").and_then(Pooling::parse);
    event_type.pooling = pooling;
    let mut along = Vec::new();
    let mut rows = Vec::new();
    if pooling.is_some() {
        rows = memberships(bringing, value, (&mut event_type, hosting, &mut along));
    }
    let hours = own_hours(bringing, (&mut event_type, owner), hosting, &mut along)?;
    event_type
        .compiled()
        .map_err(|_out_of_bounds| "its numbers are out of bounds".to_owned())?;
    let rows_there: Value = hosting
        .memberships
        .iter()
        .map(|row| only(row, &["uri", "created_at", "updated_at"]))
        .collect();
    Ok(Thing {
        kind: "event types",
        digest: digest(&[value, &rows_there, &json!(hosting.hours)]),
        path,
        along,
        what: Offer {
            event_type,
            hosts: rows,
            hours,
        },
    })
}

fn event_type(
    bringing: &Bringing,
    value: &Value,
    (path, owner): (&str, &str),
) -> Result<EventType, String> {
    let fields = Fields(value);
    let id = EventTypeId(bringing.id(path));
    let name = fields.maybe("name").unwrap_or("Meeting");
    let mut event_type = plain(id, UserId(bringing.id(owner)), name, bringing.now());
    let mut kept = only(value, &FIELDS);
    if let Some(description) = fields.maybe("description_plain") {
        kept["description"] = json!(description);
    }
    let question = |question: Fields<'_>| only(question.0, &QUESTION);
    kept["custom_questions"] = fields.list("custom_questions").map(question).collect();
    if fields.document("locations").is_some() {
        let location = |location: Fields<'_>| only(location.0, &LOCATION);
        kept["locations"] = fields.list("locations").map(location).collect();
    }
    let tells_capacity = fields.number("capacity").is_some();
    if fields.maybe("kind") == Some("group") && !tells_capacity {
        kept["capacity"] = json!(2);
        bringing.is_untold(id.0);
    }
    let left_out = |what: &str| bringing.tally.left_out(path, what);
    let changes: EventTypeChanges = lenient(kept, left_out)?;
    changes.apply(&mut event_type);
    if fields.maybe("booking_method") == Some("poll") {
        event_type.active = false;
        left_out("it is a poll, which cannot be booked here");
    }
    event_type.code = code(fields, &path.replace('/', ""));
    (event_type.created_at, event_type.updated_at) = fields.ages(bringing.now());
    event_type.deleted_at = fields.maybe_time("deleted_at");
    if event_type.kind == Kind::Group {
        event_type.confirmation_minutes = None;
    }
    Ok(event_type)
}

/// Of one that was made for one occasion: the part of its address that nobody guesses.
fn code(fields: Fields<'_>, otherwise: &str) -> Option<String> {
    (fields.maybe("type") == Some("AdhocEventType")).then(|| {
        let url = fields.maybe("scheduling_url").unwrap_or_default();
        let code = url
            .split_once("/d/")
            .and_then(|(_, rest)| rest.split('/').next());
        code.filter(|code| !code.is_empty())
            .unwrap_or(otherwise)
            .to_owned()
    })
}

fn memberships(
    bringing: &Bringing,
    value: &Value,
    (event_type, hosting, along): (&mut EventType, &Hosting, &mut Vec<Import>),
) -> Vec<EventTypeMembership> {
    let hosts = hosts(value, hosting);
    let is_in_pool = |host: &Fields<'_>| host.maybe("pool").is_some() || host.is("fixed");
    if event_type.pooling == Some(Pooling::MultiPool) && !hosts.iter().all(is_in_pool) {
        event_type.pooling = Some(Pooling::RoundRobin);
        bringing.tally.left_out(
            &format!("/event_types/{}", event_type.id),
            "its pools, which are one now",
        );
    }
    let mut rows = Vec::new();
    for (host, position) in hosts.into_iter().zip(0..) {
        let Some(user) = host.link("user").or_else(|| host.link("uri")) else {
            continue;
        };
        let of_user = |row: &&Value| {
            let member = Fields(row)
                .part("member")
                .and_then(|member| member.link("uri"));
            member.as_ref() == Some(&user)
        };
        let row = hosting.memberships.iter().find(of_user);
        let path = row.and_then(|row| Fields(row).link("uri"));
        let path = path.unwrap_or_else(|| format!("{user}{}", event_type.id));
        along.push(bringing.along(&path, digest(&[])));
        let ages = row.map_or((event_type.created_at, event_type.updated_at), |row| {
            Fields(row).ages(event_type.created_at)
        });
        rows.push(EventTypeMembership {
            id: EventTypeMembershipId(bringing.id(&path)),
            event_type_id: event_type.id,
            user_id: UserId(bringing.id(&user)),
            priority: host
                .number("priority")
                .unwrap_or(DEFAULT_PRIORITY.into())
                .clamp(0, 100),
            weight: host
                .number("weight")
                .unwrap_or(DEFAULT_WEIGHT.into())
                .clamp(1, 100),
            pool: host
                .kept("pool")
                .filter(|_| event_type.pooling == Some(Pooling::MultiPool)),
            fixed: host.is("fixed"),
            position,
            created_at: ages.0,
            updated_at: ages.1,
        });
    }
    rows
}

/// The hours by which its owner hosts it: those of a schedule that was brought, or its own.
fn own_hours(
    bringing: &Bringing,
    (event_type, owner): (&mut EventType, &str),
    hosting: &Hosting,
    along: &mut Vec<Import>,
) -> Result<Option<AvailabilitySchedule>, String> {
    let mut own = None;
    for entry in &hosting.hours {
        let Some(rule) = Fields(entry).part("availability_rule") else {
            continue;
        };
        let (Some(path), Some(user)) = (rule.link("uri"), rule.link("user")) else {
            continue;
        };
        let is_default = bringing.is_default(&path);
        match (
            user == owner,
            bringing.has(&path) && !bringing.is_own(&path, event_type.id),
        ) {
            (false, _) if is_default => {}
            (false, _) => {
                let path = format!("/event_types/{}", event_type.id);
                bringing
                    .tally
                    .left_out(&path, "hours of a host who is not its owner");
            }
            (true, true) => {
                event_type.schedule_id = (!is_default).then(|| ScheduleId(bringing.id(&path)));
            }
            (true, false) => {
                let mut schedule = people::schedule_of(bringing, rule.0, (owner, &path))?;
                schedule.event_type_id = Some(event_type.id);
                schedule.created_at = event_type.created_at;
                schedule.updated_at = event_type.updated_at;
                event_type.schedule_id = Some(schedule.id);
                along.push(bringing.along(&path, event_type.id.to_string()));
                own = Some(schedule);
            }
        }
    }
    Ok(own)
}

/// The event type of a meeting: brought now where it was not listed, and stood in for by a deleted one where it cannot be
/// read.
pub async fn ensure(
    bringing: &Bringing,
    path: &str,
    (meeting, owner): (&Value, &str),
) -> Result<EventTypeId, Failure> {
    if !bringing.has(path) {
        let value = match bringing.source.resource(path).await {
            Ok(value) => value,
            Err(Trouble::Denied(_) | Trouble::Missing | Trouble::Refused(_)) => {
                let at = Fields(meeting).maybe("created_at");
                json!({"uri": format!("https://source{path}"), "name": Fields(meeting).maybe("name"),
                    "deleted_at": at, "created_at": at, "slug": null})
            }
            Err(trouble) => return Err(format!("event types: {trouble}").into()),
        };
        bring_one(bringing, &value, owner).await?;
    }
    Ok(EventTypeId(bringing.id(path)))
}
