//! The people of the organization, with their roles and their schedules; and those who left it, where meetings need them.

use super::{
    bringing::{Bringing, Failure, Thing, digest},
    read::{Fields, only},
    source::Trouble,
};
use crate::{
    api::{availability_rules, input},
    app::{
        imports::{hours::Hours, people::Person},
        user_availability_schedules::working_hours,
        users::AddUser,
    },
};
use domain::{
    civil,
    id::{EventTypeId, MembershipId, ScheduleId, UserId},
    schedule::Schedule,
};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use store::{
    organization_memberships::Role,
    user_availability_schedules::AvailabilitySchedule,
    users::{User, UserKind},
};

/// What is followed of a user.
const SHOWN: [&str; 8] = [
    "name",
    "slug",
    "email",
    "timezone",
    "time_notation",
    "locale",
    "avatar_url",
    "phone_number",
];

const LOCALES: [&str; 6] = ["en", "fr", "es", "de", "pt", "ps"];

/// Brings all people of the organization of `me`.
pub async fn bring_all(bringing: &Bringing, me: &Value, organization: &str) -> Result<(), Failure> {
    let query = [("organization", organization)];
    let members = bringing
        .source
        .all("/organization_memberships", &query)
        .await;
    let members = bringing.readable("members but for the owner of the token", members)?;
    let knows_members = members.is_some();
    bringing
        .knows_members
        .store(knows_members, Ordering::Relaxed);
    let alone = || vec![json!({"user": me, "role": "user"})];
    let mut reads_schedules = true;
    for member in members.unwrap_or_else(alone) {
        let Some(user) = Fields(&member).part("user") else {
            bringing.tally.failed("users", "?", "user is missing");
            continue;
        };
        let whole = match user.path() {
            Ok(path) => bringing.source.resource(&path).await,
            Err(reason) => {
                bringing.tally.failed("users", "?", &reason);
                continue;
            }
        };
        let whole = match whole {
            Ok(whole) => whole,
            Err(Trouble::Denied(_) | Trouble::Missing) => user.0.clone(),
            Err(trouble) => return Err(format!("users: {trouble}").into()),
        };
        let schedules = match (reads_schedules, user.text("uri")) {
            (true, Ok(uri)) => {
                let query = [("user", uri)];
                let read = bringing
                    .source
                    .whole("/user_availability_schedules", &query)
                    .await;
                let read = bringing.readable("schedules", read)?;
                reads_schedules = read.is_some();
                read.unwrap_or_default()
            }
            _ => Vec::new(),
        };
        bring_one(bringing, (&member, &whole), &schedules).await?;
    }
    bringing.tally.progress("users");
    bringing.tally.progress("schedules");
    Ok(())
}

async fn bring_one(
    bringing: &Bringing,
    (member, user): (&Value, &Value),
    schedules: &[Value],
) -> Result<(), Failure> {
    let default = schedules.iter().find(|it| Fields(it).is("default"));
    let thing = person(bringing, (member, user), default);
    bringing.bring_read("users", user, thing).await?;
    let Ok(path) = Fields(user).path() else {
        return Ok(());
    };
    if !bringing.has(&path) {
        return Ok(());
    }
    for schedule in schedules {
        let thing = hours(bringing, schedule, &path);
        bringing.bring_read("schedules", schedule, thing).await?;
    }
    Ok(())
}

/// The membership and the user as the command that adds them, with the default schedule.
fn person(
    bringing: &Bringing,
    (member, user): (&Value, &Value),
    default: Option<&Value>,
) -> Result<Thing<Person>, String> {
    let (member, path) = (Fields(member), Fields(user).path()?);
    let role = member.maybe("role");
    let shown = only(user, &SHOWN);
    let mut along = Vec::new();
    let membership = member.link("uri");
    along.extend((membership.iter()).map(|path| bringing.along(path, digest(&[]))));
    let membership = membership.unwrap_or_else(|| format!("{path}/membership"));
    let mut user = account(bringing, Fields(user), &path)?;
    user.deactivated_at = member.is("left").then_some(user.updated_at);
    let mut schedule = bringing.id(&format!("{path}/default_schedule"));
    let zone = civil::zone(&user.timezone).unwrap_or(TimeZone::UTC);
    let (mut hours, mut schedule_name) = (working_hours(zone), "Working hours".to_owned());
    if let Some(value) = default
        && let (Ok(path), Ok(rules)) = (Fields(value).path(), rules(value))
    {
        along.push(bringing.along(&path, digest(&[value])));
        (schedule, hours, schedule_name) = (bringing.id(&path), rules, name_of(Fields(value)));
    }
    Ok(Thing {
        kind: "users",
        digest: digest(&[&shown, &json!(role)]),
        along,
        what: Person {
            user: AddUser {
                organization: bringing.organization,
                user,
                role: role.and_then(Role::parse).unwrap_or(Role::User),
                membership_id: MembershipId(bringing.id(&membership)),
                schedule_id: ScheduleId(schedule),
                hours,
                classic: false,
            },
            schedule_name,
        },
        path,
    })
}

fn account(bringing: &Bringing, fields: Fields<'_>, path: &str) -> Result<User, String> {
    let zone = fields.maybe("timezone").and_then(civil::zone);
    if zone.is_none() {
        let what = "timezone, which is not known here";
        bringing.tally.left_out(path, what);
    }
    let kind = fields.maybe("kind").and_then(UserKind::parse);
    let kind = kind.unwrap_or(UserKind::Person);
    let email = fields.maybe("email").unwrap_or_default();
    if email.is_empty() && kind == UserKind::Person {
        return Err("email is missing".to_owned());
    }
    let (created_at, updated_at) = fields.ages(bringing.now());
    Ok(User {
        id: UserId(bringing.id(path)),
        kind,
        name: fields.maybe("name").unwrap_or("?").to_owned(),
        slug: fields.maybe("slug").unwrap_or_default().to_owned(),
        email: email.to_owned(),
        timezone: zone.as_ref().map_or("UTC", civil::zone_name).to_owned(),
        time_notation: one_of(fields.maybe("time_notation"), &["12h", "24h"]),
        locale: one_of(fields.maybe("locale"), &LOCALES),
        avatar_url: fields.kept("avatar_url"),
        phone_number: fields.kept("phone_number"),
        classic_number: None,
        created_at,
        updated_at,
        deactivated_at: None,
    })
}

/// A word, or the first of those that there are.
fn one_of(word: Option<&str>, words: &[&str]) -> String {
    let known = word.filter(|word| words.contains(word));
    known
        .or(words.first().copied())
        .unwrap_or_default()
        .to_owned()
}

fn name_of(schedule: Fields<'_>) -> String {
    schedule.maybe("name").unwrap_or("Hours").to_owned()
}

/// The zone and the rules of a schedule.
fn rules(schedule: &Value) -> Result<Schedule, String> {
    let fields = Fields(schedule);
    let zone = civil::zone(fields.text("timezone")?).ok_or("timezone is not known here")?;
    let rule = |rule: Fields<'_>| {
        let mut kept = only(rule.0, &["type", "wday", "date"]);
        let hours = rule.list("intervals");
        let hours: Vec<Value> = hours.map(|hours| only(hours.0, &["from", "to"])).collect();
        kept["intervals"] = json!(hours);
        kept
    };
    let list: Value = fields.list("rules").map(rule).collect();
    let list = input::read::<availability_rules::RuleList>(&list, input::Source::Json);
    let list = list.map_err(|problem| {
        let first = problem.details.first();
        first.map_or_else(String::new, |detail| {
            format!("rules{}: {}", detail.parameter, detail.code)
        })
    })?;
    availability_rules::schedule(zone, &list)
}

/// A schedule of the user with this path, or the hours of one event type.
fn hours(bringing: &Bringing, value: &Value, user: &str) -> Result<Thing<Hours>, String> {
    let path = Fields(value).path()?;
    let mut schedule = schedule_of(bringing, value, (user, &path))?;
    // whoever was here before has a default schedule
    schedule.is_default = Fields(value).is("default") && !bringing.was_here(user);
    if schedule.is_default {
        bringing.note_default(&path);
    }
    Ok(Thing {
        kind: "schedules",
        path,
        digest: digest(&[value]),
        along: Vec::new(),
        what: Hours(schedule),
    })
}

/// The hours of a schedule, or of an event type, by the paths of their user and their own.
pub fn schedule_of(
    bringing: &Bringing,
    value: &Value,
    (user, path): (&str, &str),
) -> Result<AvailabilitySchedule, String> {
    let (created_at, updated_at) = Fields(value).ages(bringing.now());
    Ok(AvailabilitySchedule {
        id: ScheduleId(bringing.id(path)),
        user_id: UserId(bringing.id(user)),
        event_type_id: None::<EventTypeId>,
        name: name_of(Fields(value)),
        is_default: false,
        schedule: rules(value)?,
        created_at,
        updated_at,
    })
}

/// The user with this path, who is brought as somebody who left where they are not in the organization any more. What the
/// source says of them beside stands in for what it does not say.
pub async fn ensure(bringing: &Bringing, path: &str, beside: &Value) -> Result<UserId, Failure> {
    let held = bringing.one_at_a_time.lock().await;
    if !bringing.has(path) {
        let user = match bringing.source.resource(path).await {
            Ok(user) => user,
            Err(Trouble::Denied(_) | Trouble::Missing | Trouble::Refused(_)) => {
                let email = Fields(beside)
                    .maybe("user_email")
                    .unwrap_or("unknown@invalid");
                json!({"uri": format!("https://source{path}"), "email": email, "timezone": "UTC",
                    "name": Fields(beside).maybe("user_name")})
            }
            Err(trouble) => return Err(format!("users: {trouble}").into()),
        };
        // whoever is no member has left, if it is known who is
        let left = bringing.knows_members.load(Ordering::Relaxed);
        let thing = person(bringing, (&json!({"left": left}), &user), None);
        bringing.bring_read("users", &user, thing).await?;
    }
    drop(held);
    Ok(UserId(bringing.id(path)))
}
