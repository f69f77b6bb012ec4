//! The demo's people, room, event types and meetings, dated from today: all of them or none.

use crate::{
    app::{
        activity_log_entries::{By, Deed, Log, Way},
        event_types::{
            AddEventType,
            hosting::{DEFAULT_PRIORITY, DEFAULT_WEIGHT, NamedHosts},
            plain,
        },
        organizations::AddOrganization,
        scheduled_events::booking::{Book, Meeting, Order},
        timelines,
        user_busy_times::{AddBusyTime, blocked},
        users::AddUser,
    },
    cli::Failure,
    context::fresh_id,
};
use domain::{
    civil::{self, TimeOfDay},
    id::{
        BusyTimeId, EventTypeId, EventTypeMembershipId, InviteeId, OrganizationId,
        ScheduledEventId, UserId,
    },
    interval::Interval,
    scheduled_event::EventStatus,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::json;
use std::convert::Infallible;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    event_type_memberships::EventTypeMembership,
    event_types::{EventType, Kind, Pooling},
    invitees::Invitee,
    organization_memberships::Role,
    organizations::{self, Organization},
    user_busy_times::BusyTime,
    users::UserKind,
};
use uuid::Uuid;

/// The demo's organization has always the same id, so that two processes that start at once make one.
pub const ORGANIZATION: OrganizationId =
    OrganizationId(Uuid::from_u128(0x0193_a5c8_7d3e_7000_8000_fa57_1de3_0001));

/// Name, mail address and zone of the sample people; the first one owns the organization.
const PEOPLE: [(&str, &str, &str); 3] = [
    ("Ada Lovelace", "ada@example.com", "Europe/London"),
    ("Grace Hopper", "grace@example.com", "America/New_York"),
    ("Naguib Mahfouz", "naguib@example.com", "Africa/Cairo"),
];

/// Name and zone of the room, which is where the owner is.
const ROOM: (&str, &str) = ("Meeting room", "Europe/London");

/// Name and minutes of the owner's event types.
const EVENT_TYPES: [(&str, i64); 2] = [("Intro call", 30), ("Deep dive", 60)];

/// Adds the sample people and their room with what belongs to them.
pub struct SamplePeople {
    /// Where they belong.
    pub organization: Organization,
    people: Vec<AddUser>,
    lunches: Vec<AddBusyTime>,
    event_types: Vec<AddEventType>,
    now: Timestamp,
}

impl SamplePeople {
    /// The sample as of `now`.
    pub fn new(now: Timestamp) -> Result<SamplePeople, Failure> {
        let mut sample = SamplePeople {
            organization: Organization {
                id: ORGANIZATION,
                name: "Analytical Engines".to_owned(),
                created_at: now,
                updated_at: now,
            },
            people: Vec::new(),
            lunches: Vec::new(),
            event_types: Vec::new(),
            now,
        };
        for (index, (name, email, zone)) in PEOPLE.into_iter().enumerate() {
            let zone = civil::zone(zone).ok_or("a zone of the sample people is unknown")?;
            let mut person = AddUser::new(
                ORGANIZATION,
                name.to_owned(),
                email.to_owned(),
                zone.clone(),
                now,
            );
            // a microsecond apart, so that lists keep this order
            person.user.created_at = now + SignedDuration::from_micros(i64::try_from(index)?);
            person.role = if index == 0 { Role::Owner } else { Role::User };
            sample.lunches.push(lunch(person.user.id, &zone, now)?);
            sample.people.push(person);
        }
        sample.people.push(room(now)?);
        for (name, minutes) in EVENT_TYPES {
            let mut event_type =
                plain(EventTypeId(fresh_id()), sample.people[0].user.id, name, now);
            event_type.active = true;
            event_type.rules.duration = minutes;
            sample.event_types.push(AddEventType {
                organization: ORGANIZATION,
                event_type,
                position: None,
                hosts: NamedHosts::default(),
            });
        }
        sample.add_shared(now);
        Ok(sample)
    }

    /// A call with whoever of the people is next, and a workshop for eight in the room.
    fn add_shared(&mut self, now: Timestamp) {
        let users: Vec<UserId> = self.people.iter().map(|person| person.user.id).collect();
        let (owner, room) = (users[0], users[users.len() - 1]);
        let mut call = plain(EventTypeId(fresh_id()), owner, "Team call", now);
        call.pooling = Some(Pooling::RoundRobin);
        let mut workshop = plain(EventTypeId(fresh_id()), owner, "Workshop", now);
        workshop.pooling = Some(Pooling::Collective);
        workshop.kind = Kind::Group;
        workshop.rules.capacity = 8;
        workshop.rules.duration = 120;
        let people = users[..users.len() - 1].to_vec();
        for (mut event_type, hosts) in [(call, people), (workshop, vec![owner, room])] {
            event_type.active = true;
            let member = |user| member(&event_type, user, now);
            self.event_types.push(AddEventType {
                organization: ORGANIZATION,
                hosts: NamedHosts {
                    hosts: Some(hosts.into_iter().map(member).collect()),
                    named_by: None,
                },
                event_type,
                position: None,
            });
        }
    }

    /// Books the first event type at its first start that is at least a day ahead.
    async fn meet(&self, tx: &WriteTx<'_>) -> Result<(), StoreError> {
        let day = SignedDuration::from_hours(24);
        let range = Interval::new(self.now + day, self.now + day * 10);
        let (Some(range), Some(added)) = (range, self.event_types.first()) else {
            return Ok(());
        };
        let team = timelines::of_event_type(tx, ORGANIZATION, &added.event_type, range).await?;
        let starts = team.starts(range, self.now);
        let Some((start, _)) = starts.first() else {
            return Ok(());
        };
        let event_id = ScheduledEventId(fresh_id());
        let invitee = invitee(event_id, self.now);
        let meeting = Meeting {
            start: *start,
            event_id,
            invitee_id: invitee.id,
        };
        let order = Order {
            organization: ORGANIZATION,
            event_type_id: added.event_type.id,
            invitee,
            location: None,
            guests: Vec::new(),
            now: self.now,
        };
        let book = Book {
            order,
            meeting,
            hold: None,
            link: None,
            known: None,
        };
        run(tx, &book, self.now).await
    }
}

fn member(event_type: &EventType, user_id: UserId, now: Timestamp) -> EventTypeMembership {
    EventTypeMembership {
        id: EventTypeMembershipId(fresh_id()),
        event_type_id: event_type.id,
        user_id,
        priority: DEFAULT_PRIORITY.into(),
        weight: DEFAULT_WEIGHT.into(),
        pool: None,
        fixed: false,
        position: 0,
        created_at: now,
        updated_at: now,
    }
}

/// Runs a command that fits what the sample has added so far.
async fn run<C: Deed>(tx: &WriteTx<'_>, command: &C, now: Timestamp) -> Result<(), StoreError> {
    let log = Log::new(By::system(ORGANIZATION, Way::CommandLine), now);
    match command.run_noted(tx, &log).await {
        Ok(_) => Ok(()),
        Err(WriteError::Refused(_)) => Err(StoreError::invalid("the sample data was refused")),
        Err(WriteError::Failed(failure)) => Err(failure),
    }
}

impl Command for SamplePeople {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        let organization = AddOrganization(self.organization.clone());
        run(tx, &organization, self.now).await?;
        for person in &self.people {
            run(tx, person, self.now).await?;
        }
        for lunch in &self.lunches {
            run(tx, lunch, self.now).await?;
        }
        for event_type in &self.event_types {
            run(tx, event_type, self.now).await?;
        }
        Ok(self.meet(tx).await?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        Ok(organizations::get(tx, ORGANIZATION).await?.is_some())
    }
}

/// The room, added behind the people.
fn room(now: Timestamp) -> Result<AddUser, Failure> {
    let (name, zone) = ROOM;
    let zone = civil::zone(zone).ok_or("the zone of the sample room is unknown")?;
    let mut room = AddUser::new(ORGANIZATION, name.to_owned(), String::new(), zone, now);
    room.user.kind = UserKind::Resource;
    room.user.created_at = now + SignedDuration::from_micros(i64::try_from(PEOPLE.len())?);
    Ok(room)
}

/// Lunch on the next ten days, from 12:30 to 13:00 by the person's clock.
fn lunch(user_id: UserId, zone: &TimeZone, now: Timestamp) -> Result<AddBusyTime, Failure> {
    let date = civil::add_days(civil::date_of(now, zone), 1);
    let at = |minutes| TimeOfDay::new(minutes).map(|time| civil::instant(date, time, zone));
    let noon = at(12 * 60 + 30).zip(at(13 * 60));
    let lunch = noon.and_then(|(start, end)| Interval::new(start, end));
    let busy_time = BusyTime {
        id: BusyTimeId(fresh_id()),
        user_id,
        interval: lunch.ok_or("lunch takes no time")?,
        reason: Some("Lunch".to_owned()),
        rrule: Some("FREQ=DAILY;COUNT=10".to_owned()),
        exdates: Vec::new(),
        timezone: civil::zone_name(zone).to_owned(),
        created_at: now,
    };
    Ok(AddBusyTime {
        organization: ORGANIZATION,
        blocked: blocked(&busy_time, zone.clone())?,
        busy_time,
    })
}

fn invitee(event_id: ScheduledEventId, now: Timestamp) -> Invitee {
    Invitee {
        id: InviteeId(fresh_id()),
        scheduled_event_id: event_id,
        name: "Emmy Noether".to_owned(),
        first_name: None,
        last_name: None,
        email: "emmy@example.com".to_owned(),
        timezone: "Europe/Berlin".to_owned(),
        status: EventStatus::Active,
        questions_and_answers: json!([]),
        tracking: json!({}),
        text_reminder_number: None,
        rescheduled: false,
        old_invitee: None,
        new_invitee: None,
        cancellation: None,
        scheduled_by: None,
        requestor_id: None,
        no_show: None,
        routing_form_submission_id: None,
        created_at: now,
        updated_at: now,
    }
}
