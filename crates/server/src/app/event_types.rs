//! Adding, editing and removing event types.

mod documents;
pub mod hosting;
pub mod hours;
pub mod one_off;

pub use documents::{
    CustomQuestion, LocationConfiguration, LocationKind, QuestionType, locations, questions,
};

use crate::app::{
    feed_events::{EventName, tell_of_event_type},
    users::{slug_of, with_suffix},
};
use domain::{
    event_type::{BookingWindow, EventTypeSpec},
    id::{EventTypeId, OrganizationId, UserId},
};
use hosting::{Hosted, NamedHosts, hosted, rules::HostingMistake};
use jiff::Timestamp;
use std::collections::HashSet;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    event_types::{self, EventType, Kind, Pooling},
    user_availability_schedules::{self, AvailabilitySchedule},
    users::{self, UserKind},
};

/// Why an event type cannot be added, edited or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventTypeRefusal {
    /// There is no such event type.
    Unknown,
    /// There is no such user to own it.
    UnknownOwner,
    /// A room or a piece of equipment owns no event types.
    OwnerIsResource,
    /// The owner has no such schedule.
    UnknownSchedule,
    /// The owner has another event type with this slug.
    SlugTaken,
    /// The duration is not among the options.
    DurationNotAnOption,
    /// A duration is among the options twice.
    OptionTwice,
    /// Nobody but an administrator names other people as hosts.
    NamesOthers,
    /// Settings about hosts and invitees do not go together.
    Hosting(Vec<HostingMistake>),
}

/// Adds an event type. An empty slug is made from the name.
#[derive(Clone, Debug)]
pub struct AddEventType {
    /// In which organization.
    pub organization: OrganizationId,
    /// The event type.
    pub event_type: EventType,
    /// Its place among the owner's; behind all others by default.
    pub position: Option<i64>,
    /// Who hosts it, where it has a pooling.
    pub hosts: NamedHosts,
}

impl Command for AddEventType {
    type Output = Hosted;
    type Refusal = EventTypeRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Hosted, WriteError<EventTypeRefusal>> {
        let mut event_type = self.event_type.clone();
        self.lock(tx).await?;
        if event_type.slug.is_empty() {
            event_type.slug = slug_of(&event_type.name);
            if slug_taken(tx, self.organization, &event_type).await? {
                event_type.slug = with_suffix(&event_type.slug, event_type.id);
            }
        }
        check(tx, self.organization, &event_type).await?;
        event_type.position = match self.position {
            Some(position) => position,
            None => event_types::next_position(tx, self.organization, event_type.user_id).await?,
        };
        event_types::insert(tx, self.organization, &event_type)
            .await
            .map_err(taken)?;
        self.hosts
            .settle(tx, self.organization, &event_type, event_type.created_at)
            .await?;
        let told = (EventName::EventTypeCreated, event_type.created_at);
        tell_of_event_type(tx, self.organization, told, event_type.id).await?;
        Ok(hosted(tx, self.organization, event_type).await?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let event_type = event_types::get(tx, self.organization, self.event_type.id).await?;
        Ok(event_type.is_some())
    }
}

impl AddEventType {
    /// Locks the time of the owner, who must be there before and after, and of the hosts.
    async fn lock(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<EventTypeRefusal>> {
        let owner = self.event_type.user_id;
        let unknown = || WriteError::Refused(EventTypeRefusal::UnknownOwner);
        let found = users::get_active(tx, self.organization, owner).await?;
        if found.ok_or_else(unknown)?.kind == UserKind::Resource {
            return Err(WriteError::Refused(EventTypeRefusal::OwnerIsResource));
        }
        self.hosts
            .lock(tx, self.organization, &self.event_type)
            .await?;
        let found = users::get_active(tx, self.organization, owner).await?;
        found.ok_or_else(unknown)?;
        Ok(())
    }
}

/// What must hold for every event type that is stored.
async fn check(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event_type: &EventType,
) -> Result<(), WriteError<EventTypeRefusal>> {
    let refuse = |refusal| Err(WriteError::Refused(refusal));
    if let Some(schedule) = event_type.schedule_id {
        let schedule = user_availability_schedules::get(tx, organization, schedule).await?;
        let may_name = |schedule: &AvailabilitySchedule| {
            let of_another = schedule.event_type_id.is_some_and(|id| id != event_type.id);
            schedule.user_id == event_type.user_id && !of_another
        };
        if !schedule.as_ref().is_some_and(may_name) {
            return refuse(EventTypeRefusal::UnknownSchedule);
        }
    }
    if let Some(options) = &event_type.duration_options {
        if !options
            .iter()
            .any(|option| i64::from(*option) == event_type.rules.duration)
        {
            return refuse(EventTypeRefusal::DurationNotAnOption);
        }
        if options.iter().collect::<HashSet<_>>().len() < options.len() {
            return refuse(EventTypeRefusal::OptionTwice);
        }
    }
    if slug_taken(tx, organization, event_type).await? {
        return refuse(EventTypeRefusal::SlugTaken);
    }
    Ok(())
}

async fn slug_taken(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    event_type: &EventType,
) -> Result<bool, StoreError> {
    let other =
        event_types::by_slug(tx, organization, event_type.user_id, &event_type.slug).await?;
    Ok(other.is_some_and(|other| other.id != event_type.id))
}

/// A conflict with the slug's constraint means that another request was a moment faster.
fn taken(error: StoreError) -> WriteError<EventTypeRefusal> {
    match error.constraint() {
        Some(name) if name.contains("slug") => WriteError::Refused(EventTypeRefusal::SlugTaken),
        _ => WriteError::Failed(error),
    }
}

/// Edits an event type.
pub struct EditEventType {
    /// In which organization.
    pub organization: OrganizationId,
    /// Which one.
    pub id: EventTypeId,
    /// What changes.
    pub edit: Box<dyn Fn(&mut EventType) + Send + Sync>,
    /// Who shall host it from now on.
    pub hosts: NamedHosts,
    /// When.
    pub now: Timestamp,
}

impl Command for EditEventType {
    type Output = Hosted;
    type Refusal = EventTypeRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<Hosted, WriteError<EventTypeRefusal>> {
        let event_type = lock(tx, self.organization, self.id, &self.hosts).await?;
        let mut event_type = event_type.ok_or(WriteError::Refused(EventTypeRefusal::Unknown))?;
        let before = hosting(&event_type);
        (self.edit)(&mut event_type);
        event_type.updated_at = self.now;
        check(tx, self.organization, &event_type).await?;
        event_types::update(tx, self.organization, &event_type)
            .await
            .map_err(taken)?;
        if self.hosts.hosts.is_some() || hosting(&event_type) != before {
            self.hosts
                .settle(tx, self.organization, &event_type, self.now)
                .await?;
        }
        let told = (EventName::EventTypeUpdated, self.now);
        tell_of_event_type(tx, self.organization, told, self.id).await?;
        Ok(hosted(tx, self.organization, event_type).await?)
    }
}

/// What must go together with the hosts. It is checked where some of it changes: an edit of anything else is not
/// refused because a host was removed.
fn hosting(event_type: &EventType) -> (Kind, Option<Pooling>, i64, Option<i64>) {
    (
        event_type.kind,
        event_type.pooling,
        event_type.rules.capacity,
        event_type.confirmation_minutes,
    )
}

/// The event type, read under the locks of its owner and all its hosts, so that neither edits nor bookings run beside
/// the caller.
async fn lock(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: EventTypeId,
    hosts: &NamedHosts,
) -> Result<Option<EventType>, StoreError> {
    let visible = |event_type: &EventType| event_type.deleted_at.is_none() && !event_type.hidden;
    let found = event_types::get(tx, organization, id).await?;
    let Some(found) = found.filter(visible) else {
        return Ok(None);
    };
    hosts.lock(tx, organization, &found).await?;
    let current = event_types::get(tx, organization, id).await?;
    Ok(current.filter(visible))
}

/// Removes an event type: it cannot be booked any more; what was booked stays.
#[derive(Clone, Debug)]
pub struct RemoveEventType {
    /// From which organization.
    pub organization: OrganizationId,
    /// Which one.
    pub id: EventTypeId,
    /// When.
    pub now: Timestamp,
}

impl Command for RemoveEventType {
    type Output = ();
    type Refusal = EventTypeRefusal;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<EventTypeRefusal>> {
        let event_type = lock(tx, self.organization, self.id, &NamedHosts::default()).await?;
        let mut event_type = event_type.ok_or(WriteError::Refused(EventTypeRefusal::Unknown))?;
        event_type.active = false;
        event_type.updated_at = self.now;
        event_type.deleted_at = Some(self.now);
        event_types::update(tx, self.organization, &event_type).await?;
        let told = (EventName::EventTypeDeleted, self.now);
        tell_of_event_type(tx, self.organization, told, self.id).await?;
        Ok(())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let event_type = event_types::get(tx, self.organization, self.id).await?;
        Ok(event_type.is_some_and(|event_type| event_type.deleted_at == Some(self.now)))
    }
}

/// The settings of an event type that says nothing about them: 30 minutes, starts every 30 minutes, 60 days ahead.
pub fn default_rules(id: EventTypeId) -> EventTypeSpec {
    EventTypeSpec {
        id,
        duration: 30,
        before_buffer: 0,
        after_buffer: 0,
        increment: 30,
        minimum_notice: 0,
        window: BookingWindow::Rolling {
            days: 60,
            weekdays_only: false,
        },
        limits: Vec::new(),
        capacity: 1,
    }
}

/// An event type with the usual settings.
pub fn plain(id: EventTypeId, user_id: UserId, name: &str, now: Timestamp) -> EventType {
    EventType {
        id,
        user_id,
        name: name.to_owned(),
        slug: String::new(),
        active: false,
        secret: false,
        hidden: false,
        kind: Kind::Solo,
        pooling: None,
        confirmation_minutes: None,
        rules: default_rules(id),
        duration_options: None,
        color: "#0069ff".to_owned(),
        locale: "en".to_owned(),
        description: None,
        internal_note: None,
        position: 0,
        schedule_id: None,
        custom_questions: serde_json::Value::Array(Vec::new()),
        locations: None,
        code: None,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}
