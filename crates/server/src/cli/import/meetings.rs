//! Scheduled events, past and to come, with their hosts and invitees. They are read in one place, because an event and its
//! invitees are one thing: what is told of the one is needed for the others.

use super::{
    bringing::{Bringing, Failure, Thing, digest},
    event_types, people,
    read::{Fields, path_of},
    source::{Pages, Trouble},
};
use crate::app::{
    imports::meetings::Meeting,
    invitees::Answer,
    scheduled_events::{Cancellation, guests},
};
use domain::{
    civil,
    event_type::MAX_BUFFER,
    id::{
        EventTypeId, InviteeId, NoShowId, RoutingFormSubmissionId, ScheduledEventId, SeriesId,
        UserId,
    },
    interval::Interval,
    scheduled_event::{EventState, EventStatus},
};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use store::{
    invitees::{Invitee, InviteeLink},
    scheduled_event_hosts::EventHost,
    scheduled_events::{ScheduledEvent, parse_status},
};

/// So many events are read at the same time.
const AT_ONCE: usize = 4;

/// From when to when the events are that are brought.
#[derive(Clone, Copy, Debug, Default)]
pub struct Range {
    /// Starting then or later.
    pub since: Option<Timestamp>,
    /// Starting then or earlier.
    pub until: Option<Timestamp>,
}

/// Brings the events of the organization, or of the owner of the token where only those may be read.
pub async fn bring_all(
    bringing: &Bringing,
    (organization, me): (&str, &str),
    range: Range,
) -> Result<(), Failure> {
    let (since, until) = (
        range.since.map(|at| at.to_string()),
        range.until.map(|at| at.to_string()),
    );
    let times = [("min_start_time", &since), ("max_start_time", &until)];
    let query = |scope| {
        let times = times
            .iter()
            .filter_map(|(name, at)| Some((*name, at.as_deref()?)));
        [scope, ("sort", "start_time:asc")]
            .into_iter()
            .chain(times)
            .collect::<Vec<_>>()
    };
    let mut pages = Pages::new("/scheduled_events", &query(("organization", organization)));
    let mut first = pages.next(&bringing.source).await;
    if let Err(Trouble::Denied(_)) = first {
        pages = Pages::new("/scheduled_events", &query(("user", me)));
        first = pages.next(&bringing.source).await;
        if first.is_ok() {
            let reason = "the token may read those of its owner only";
            bringing
                .tally
                .passed_over("scheduled events of others", reason);
        }
    }
    let mut page = bringing.readable("scheduled events", first)?.flatten();
    while let Some(rows) = page {
        let mut brought = stream::iter(&rows)
            .map(|row| bring_one(bringing, row, me))
            .buffer_unordered(AT_ONCE);
        while let Some(done) = brought.next().await {
            done?;
        }
        drop(brought);
        bringing.tally.progress("scheduled events");
        page = bringing
            .readable("scheduled events", pages.next(&bringing.source).await)?
            .flatten();
    }
    Ok(())
}

async fn bring_one(bringing: &Bringing, event: &Value, me: &str) -> Result<(), Failure> {
    let path = match Fields(event).path() {
        Ok(path) => path,
        Err(reason) => {
            bringing.tally.failed("scheduled events", "?", &reason);
            return Ok(());
        }
    };
    let invitees = bringing.source.all(&format!("{path}/invitees"), &[]).await;
    let Some(invitees) = bringing.readable("invitees of an event", invitees)? else {
        return Ok(());
    };
    let Some(event_type) = Fields(event).link("event_type") else {
        bringing
            .tally
            .failed("scheduled events", &path, "event_type is missing");
        return Ok(());
    };
    let hosts = hosts(bringing, event, me).await?;
    let event_type = {
        let _held = bringing.one_event_type_at_a_time.lock().await;
        let owner = Fields(event)
            .list("event_memberships")
            .find_map(|host| host.maybe("user"));
        event_types::ensure(bringing, &event_type, (event, owner.unwrap_or(me))).await?
    };
    let thing = meeting(bringing, (event, &invitees), (event_type, hosts));
    bringing.bring_read("scheduled events", event, thing).await
}

async fn hosts(bringing: &Bringing, event: &Value, me: &str) -> Result<Vec<EventHost>, Failure> {
    let mut hosts: Vec<EventHost> = Vec::new();
    let own = json!({"user": me});
    let named: Vec<Fields<'_>> = Fields(event).list("event_memberships").collect();
    let named = if named.is_empty() {
        vec![Fields(&own)]
    } else {
        named
    };
    for host in named {
        if let Some(path) = host.link("user") {
            let id = people::ensure(bringing, &path, host.0).await?;
            if !hosts.iter().any(|known| known.id == id) {
                hosts.push(EventHost { id, in_turn: false });
            }
        }
    }
    Ok(hosts)
}

fn meeting(
    bringing: &Bringing,
    (value, people): (&Value, &[Value]),
    (event_type, hosts): (EventTypeId, Vec<EventHost>),
) -> Result<Thing<Meeting>, String> {
    let path = Fields(value).path()?;
    let id = ScheduledEventId(bringing.id(&path));
    let mut along = Vec::new();
    let mut invitees = Vec::with_capacity(people.len());
    for person in people {
        let invitee = invitee(bringing, Fields(person), id)?;
        along.push(bringing.along(&Fields(person).path()?, digest(&[person])));
        if let Some(mark) = Fields(person)
            .part("no_show")
            .and_then(|mark| mark.link("uri"))
        {
            along.push(bringing.along(&mark, digest(&[])));
        }
        invitees.push(invitee);
    }
    let mut event = event(bringing, Fields(value), (id, event_type, &hosts))?;
    if let ([only], Value::Array(brought)) = (&invitees[..], &mut event.guests) {
        *brought = guests::brought_by(only.id, brought);
    }
    let mut parts = vec![value];
    parts.extend(people);
    Ok(Thing {
        kind: "scheduled events",
        path,
        digest: digest(&parts),
        along,
        what: Meeting {
            event,
            hosts,
            invitees,
            tells_capacity: bringing.tells_nothing(event_type),
        },
    })
}

fn event(
    bringing: &Bringing,
    fields: Fields<'_>,
    (id, event_type_id, hosts): (ScheduledEventId, EventTypeId, &[EventHost]),
) -> Result<ScheduledEvent, String> {
    let first = hosts.first().ok_or("it has no host")?;
    let interval = Interval::new(fields.time("start_time")?, fields.time("end_time")?);
    let interval = interval.ok_or("end_time is not after start_time")?;
    let (created_at, updated_at) = fields.ages(interval.start());
    let status = status(fields)?;
    let confirmation = fields.part("confirmation");
    let of_confirmation = |name| confirmation.and_then(|it| it.maybe_time(name));
    let counter = fields.part("invitees_counter");
    let guest = |guest: Fields<'_>| {
        let (made, changed) = guest.ages(created_at);
        let email = guest.maybe("email")?;
        Some(json!({"email": email, "created_at": time(made), "updated_at": time(changed)}))
    };
    Ok(ScheduledEvent {
        id,
        event_type_id,
        host_id: first.id,
        host_count: i64::try_from(hosts.len()).unwrap_or(i64::MAX),
        series_id: fields
            .maybe("series_id")
            .and_then(|id| id.parse().ok())
            .map(SeriesId),
        capacity: counter
            .and_then(|it| it.number("limit"))
            .unwrap_or(1)
            .clamp(1, 1000),
        name: fields.maybe("name").unwrap_or("Meeting").to_owned(),
        state: EventState { status, interval },
        buffered: buffered(fields, interval),
        location: fields.document("location"),
        guests: fields.list("event_guests").filter_map(guest).collect(),
        cancellation: cancellation(fields, updated_at),
        confirm_by: of_confirmation("expires_at"),
        confirmed_at: of_confirmation("confirmed_at"),
        created_at,
        updated_at,
    })
    .map(|event| without_confirmation_elsewhere(event, bringing.now()))
}

/// What nobody confirmed in time there is canceled there; it must not end by itself here before that is seen.
fn without_confirmation_elsewhere(mut event: ScheduledEvent, now: Timestamp) -> ScheduledEvent {
    if event.state.status == EventStatus::Active && event.confirm_by.is_some_and(|by| by <= now) {
        event.confirm_by = None;
    }
    event
}

fn status(fields: Fields<'_>) -> Result<EventStatus, String> {
    parse_status(fields.text("status")?).ok_or_else(|| "status is none that is known".to_owned())
}

/// The time kept free with it, as far as buffers go here.
fn buffered(fields: Fields<'_>, interval: Interval) -> Interval {
    let hosts = || fields.list("event_memberships");
    let start = hosts()
        .filter_map(|host| host.maybe_time("buffered_start_time"))
        .min();
    let end = hosts()
        .filter_map(|host| host.maybe_time("buffered_end_time"))
        .max();
    let widest = interval.expand(MAX_BUFFER, MAX_BUFFER);
    let start = start
        .unwrap_or(interval.start())
        .clamp(widest.start(), interval.start());
    let end = end
        .unwrap_or(interval.end())
        .clamp(interval.end(), widest.end());
    Interval::new(start, end).unwrap_or(interval)
}

/// A time as documents keep it.
fn time(at: Timestamp) -> String {
    format!("{at:.6}")
}

/// How it was canceled, in the form in which that is kept; who is canceled was canceled somehow.
fn cancellation(fields: Fields<'_>, otherwise: Timestamp) -> Option<Value> {
    let told = fields.part("cancellation");
    let is_canceled = fields.maybe("status") == Some("canceled");
    let word = |name| told.and_then(|told| told.maybe(name));
    let cancellation = Cancellation {
        canceled_by: word("canceled_by").unwrap_or_default().to_owned(),
        reason: word("reason").map(str::to_owned),
        canceler_type: word("canceler_type").unwrap_or("host").to_owned(),
        created_at: told
            .and_then(|told| told.maybe_time("created_at"))
            .unwrap_or(otherwise),
    };
    is_canceled
        .then(|| serde_json::to_value(cancellation).ok())
        .flatten()
}

fn invitee(
    bringing: &Bringing,
    fields: Fields<'_>,
    event: ScheduledEventId,
) -> Result<Invitee, String> {
    let path = fields.path()?;
    let (created_at, updated_at) = fields.ages(bringing.now());
    let zone = fields
        .maybe("timezone")
        .filter(|zone| civil::zone(zone).is_some());
    let mark = fields.part("no_show");
    let no_show = mark.and_then(|mark| {
        let path = mark.link("uri")?;
        let at = mark.maybe_time("created_at").unwrap_or(updated_at);
        Some((NoShowId(bringing.id(&path)), at))
    });
    let form = fields
        .link("routing_form_submission")
        .filter(|path| bringing.has(path));
    let by = fields
        .link("invitee_scheduled_by")
        .filter(|path| bringing.has(path));
    Ok(Invitee {
        id: InviteeId(bringing.id(&path)),
        scheduled_event_id: event,
        name: fields.maybe("name").unwrap_or_default().to_owned(),
        first_name: fields.kept("first_name"),
        last_name: fields.kept("last_name"),
        email: fields.maybe("email").unwrap_or_default().to_owned(),
        timezone: zone.unwrap_or("UTC").to_owned(),
        status: status(fields)?,
        questions_and_answers: answers(fields),
        tracking: tracking(fields),
        text_reminder_number: fields.kept("text_reminder_number"),
        rescheduled: fields.is("rescheduled"),
        old_invitee: other(bringing, fields, "old_invitee"),
        new_invitee: other(bringing, fields, "new_invitee"),
        cancellation: cancellation(fields, updated_at),
        scheduled_by: by.map(|path| UserId(bringing.id(&path))),
        requestor_id: None,
        no_show,
        routing_form_submission_id: form.map(|path| RoutingFormSubmissionId(bringing.id(&path))),
        created_at,
        updated_at,
    })
}

/// The invitee before or after a rescheduling, who may come later.
pub fn other(bringing: &Bringing, fields: Fields<'_>, name: &str) -> Option<InviteeLink> {
    let path = fields.link(name)?;
    let (event, _) = path.split_once("/invitees/")?;
    Some(InviteeLink {
        scheduled_event_id: ScheduledEventId(bringing.id(event)),
        invitee_id: InviteeId(bringing.id(&path)),
    })
}

fn answers(fields: Fields<'_>) -> Value {
    let answer = |(answer, index): (Fields<'_>, i64)| Answer {
        question: answer.maybe("question").unwrap_or_default().to_owned(),
        answer: answer.maybe("answer").unwrap_or_default().to_owned(),
        position: u32::try_from(answer.number("position").unwrap_or(index)).unwrap_or_default(),
    };
    let answers: Vec<Answer> = fields
        .list("questions_and_answers")
        .zip(0..)
        .map(answer)
        .collect();
    json!(answers)
}

/// Where somebody came from.
pub fn tracking(fields: Fields<'_>) -> Value {
    const NAMES: [&str; 6] = [
        "utm_campaign",
        "utm_source",
        "utm_medium",
        "utm_content",
        "utm_term",
        "salesforce_uuid",
    ];
    let part = fields.part("tracking");
    let field = |name: &str| {
        (
            name.to_owned(),
            json!(part.and_then(|part| part.maybe(name))),
        )
    };
    Value::Object(NAMES.into_iter().map(field).collect::<Map<_, _>>())
}

/// The address of an event without what is in front of it.
pub fn event_id(bringing: &Bringing, uri: &str) -> Option<ScheduledEventId> {
    path_of(uri).map(|path| ScheduledEventId(bringing.id(&path)))
}
