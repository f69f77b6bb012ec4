//! The demo's people, event types and meetings, dated from today.

use crate::{
    api::caller::{self, scope},
    app::{
        event_types::{AddEventType, plain},
        personal_access_tokens::AddToken,
        scheduled_events::booking::Book,
        timelines,
        user_busy_times::{AddBusyTime, blocked},
        users::{AddOrganization, AddUser},
    },
    cli::Failure,
    context::fresh_id,
};
use domain::{
    civil::{self, TimeOfDay},
    id::{
        BusyTimeId, EventTypeId, InviteeId, OrganizationId, ScheduleId, ScheduledEventId, TokenId,
        UserId,
    },
    interval::Interval,
    scheduled_event::EventStatus,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{
    Command, Store, WriteError,
    event_types::EventType,
    invitees::Invitee,
    organization_memberships::Role,
    organizations::{self, Organization},
    page::{Order, PageRequest},
    personal_access_tokens::{self, PersonalAccessToken},
    user_availability_schedules,
    user_busy_times::BusyTime,
    users,
};

/// Name, mail address and zone of the sample people; the first one owns the organization.
const PEOPLE: [(&str, &str, &str); 3] = [
    ("Ada Lovelace", "ada@example.com", "Europe/London"),
    ("Grace Hopper", "grace@example.com", "America/New_York"),
    ("Naguib Mahfouz", "naguib@example.com", "Africa/Cairo"),
];

/// Name and minutes of the sample event types of the owner.
const EVENT_TYPES: [(&str, i64); 2] = [("Intro call", 30), ("Deep dive", 60)];

/// What the introduction names.
pub struct Sample {
    /// The people, the owner first.
    pub people: Vec<UserId>,
    /// The owner's name.
    pub owner_name: String,
    /// The owner's default schedule.
    pub schedule: ScheduleId,
}

/// Fills an empty database; one that has people is left as it is. The owner gets the token either way.
pub async fn fill(store: &Store, token: &str, now: Timestamp) -> Result<Sample, Failure> {
    let tx = store.read().await?;
    let organization = organizations::oldest(&tx).await?;
    drop(tx);
    let organization = match organization {
        Some(organization) => organization.id,
        None => people(store, now).await?,
    };
    let sample = found(store, organization).await?;
    give_token(store, (organization, sample.people[0]), token, now).await?;
    Ok(sample)
}

async fn run<C: Command>(store: &Store, command: C) -> Result<C::Output, Failure> {
    store.write(command).await.map_err(|error| match error {
        WriteError::Refused(_) => {
            "the sample data was refused; give the demo an empty database".into()
        }
        WriteError::Failed(failure) => failure.into(),
    })
}

async fn found(store: &Store, organization: OrganizationId) -> Result<Sample, Failure> {
    let tx = store.read().await?;
    let request = PageRequest {
        order: Order::Ascending,
        cursor: None,
        count: 3,
    };
    let page = users::list(&tx, organization, &request).await?;
    let owner = page
        .rows
        .first()
        .ok_or("the database has no people; give the demo an empty one")?;
    let schedule = user_availability_schedules::default_of(&tx, organization, owner.id).await?;
    Ok(Sample {
        owner_name: owner.name.clone(),
        schedule: schedule.ok_or("the owner has no schedule")?.id,
        people: page.rows.iter().map(|user| user.id).collect(),
    })
}

async fn people(store: &Store, now: Timestamp) -> Result<OrganizationId, Failure> {
    let organization = Organization {
        id: OrganizationId(fresh_id()),
        name: "Analytical Engines".to_owned(),
        created_at: now,
        updated_at: now,
    };
    let organization = run(store, AddOrganization(organization)).await?.id;
    for (index, (name, email, zone)) in PEOPLE.into_iter().enumerate() {
        let zone = civil::zone(zone).ok_or("a zone of the sample people is unknown")?;
        let mut command = AddUser::new(organization, name.to_owned(), email.to_owned(), zone, now);
        // a microsecond apart, so that lists keep this order
        command.user.created_at = now + SignedDuration::from_micros(i64::try_from(index)?);
        command.role = if index == 0 { Role::Owner } else { Role::User };
        let (user, _) = run(store, command).await?;
        lunch(store, organization, user.id, now).await?;
        if index == 0 {
            offer(store, organization, user.id, now).await?;
        }
    }
    Ok(organization)
}

/// Lunch on the next ten days, from 12:30 to 13:00 by the person's clock.
async fn lunch(
    store: &Store,
    organization: OrganizationId,
    user_id: UserId,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = store.read().await?;
    let user = users::get(&tx, organization, user_id)
        .await?
        .ok_or("a sample person is gone")?;
    drop(tx);
    let zone = civil::zone(&user.timezone).ok_or("a zone of the sample people is unknown")?;
    let date = civil::add_days(civil::date_of(now, &zone), 1);
    let noon = TimeOfDay::new(12 * 60 + 30).zip(TimeOfDay::new(13 * 60));
    let lunch = noon.and_then(|(from, to)| {
        Interval::new(
            civil::instant(date, from, &zone),
            civil::instant(date, to, &zone),
        )
    });
    let busy_time = BusyTime {
        id: BusyTimeId(fresh_id()),
        user_id,
        interval: lunch.ok_or("lunch takes no time")?,
        reason: Some("Lunch".to_owned()),
        rrule: Some("FREQ=DAILY;COUNT=10".to_owned()),
        exdates: Vec::new(),
        timezone: user.timezone,
        created_at: now,
    };
    let command = AddBusyTime {
        organization,
        blocked: blocked(&busy_time)?,
        busy_time,
    };
    run(store, command).await?;
    Ok(())
}

/// Event types of the owner, and a first meeting.
async fn offer(
    store: &Store,
    organization: OrganizationId,
    owner: UserId,
    now: Timestamp,
) -> Result<(), Failure> {
    for (index, (name, minutes)) in EVENT_TYPES.into_iter().enumerate() {
        let mut event_type = plain(EventTypeId(fresh_id()), owner, name, now);
        event_type.active = true;
        event_type.rules.duration = minutes;
        let event_type = run(
            store,
            AddEventType {
                organization,
                event_type,
                position: None,
            },
        )
        .await?;
        if index == 0 {
            meet(store, organization, &event_type, now).await?;
        }
    }
    Ok(())
}

/// Books the first start that is at least a day ahead.
async fn meet(
    store: &Store,
    organization: OrganizationId,
    event_type: &EventType,
    now: Timestamp,
) -> Result<(), Failure> {
    let day = SignedDuration::from_hours(24);
    let range = Interval::new(now + day, now + day * 10).ok_or("ten days take no time")?;
    let tx = store.read().await?;
    let starts = timelines::available_starts(&tx, organization, event_type, (range, now)).await?;
    drop(tx);
    let Some(start) = starts.first() else {
        return Ok(());
    };
    let event_id = ScheduledEventId(fresh_id());
    let command = Book {
        organization,
        event_type_id: event_type.id,
        start: *start,
        event_id,
        invitee: invitee(event_id, now),
        location: None,
        guests: json!([]),
        now,
    };
    run(store, command).await?;
    Ok(())
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
        created_at: now,
        updated_at: now,
    }
}

/// Gives the owner the token with every scope, unless somebody has it already.
async fn give_token(
    store: &Store,
    (organization, user_id): (OrganizationId, UserId),
    token: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let hash = caller::hash(token);
    let known = || async { personal_access_tokens::bearer(&store.read().await?, &hash).await };
    if known().await?.is_some() {
        return Ok(());
    }
    let command = AddToken {
        organization,
        hash: hash.clone(),
        token: PersonalAccessToken {
            id: TokenId(fresh_id()),
            user_id,
            name: "demo".to_owned(),
            scopes: scope::ALL.iter().map(ToString::to_string).collect(),
            created_at: now,
            expires_at: None,
            revoked_at: None,
        },
    };
    match store.write(command).await {
        Ok(_) => Ok(()),
        // another process with the same token was a moment faster
        Err(_) if known().await?.is_some() => Ok(()),
        Err(WriteError::Refused(never)) => match never {},
        Err(WriteError::Failed(failure)) => Err(failure.into()),
    }
}
