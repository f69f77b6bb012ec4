//! The classic API's view of people: dates, wall times and small numbers, over the same schedules and meetings.

use crate::{
    app::{
        event_types,
        scheduled_events::range_booking::BookRange,
        timelines,
        users::{UnknownUser, lock_settings},
    },
    context::{App, fresh_id},
};
use domain::{
    civil::{self, TimeOfDay},
    id::{EventTypeId, InviteeId, OrganizationId, ScheduledEventId, UserId},
    interval::{Interval, IntervalSet},
    schedule::HoursInterval,
    scheduled_event::EventStatus,
};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde_json::json;
use std::collections::BTreeMap;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    invitees::{self, Invitee},
    page::{Cursor, Order, PageRequest},
    scheduled_events::{ListedEvent, listing},
    user_availability_schedules,
    users::{self, User},
};

/// Dates are known from today to so many days ahead.
pub const DAYS: i64 = 30;

/// No meeting is longer: a date of 25 hours.
const LONGEST: SignedDuration = SignedDuration::from_hours(25);

/// The name of the hidden event type of classic meetings.
const MEETING: &str = "Meeting";

/// Wall times of one date, `HH:MM`, in order.
pub type Ranges = Vec<(String, String)>;

/// A person with their zone.
#[derive(Clone, Debug)]
pub struct Person {
    /// The user.
    pub user: User,
    /// The zone of the user's default schedule, which follows that of the user.
    pub zone: TimeZone,
}

impl Person {
    /// The person whom the classic API knows by this number.
    pub async fn find(
        tx: &ReadTx<'_>,
        organization: OrganizationId,
        number: i64,
    ) -> Result<Option<Person>, StoreError> {
        let Some(user) = users::by_classic_number(tx, organization, number).await? else {
            return Ok(None);
        };
        let default = user_availability_schedules::default_of(tx, organization, user.id).await?;
        let default =
            default.ok_or_else(|| StoreError::missing("user_availability_schedules", user.id))?;
        let zone = default.schedule.zone().clone();
        Ok(Some(Person { user, zone }))
    }

    /// The first and the last date that this person's calendar shows at `now`.
    pub fn dates(&self, now: Timestamp) -> (Date, Date) {
        let today = civil::date_of(now, &self.zone);
        (today, civil::add_days(today, DAYS))
    }

    /// The whole of those dates.
    fn range(&self, now: Timestamp) -> Option<Interval> {
        let (first, last) = self.dates(now);
        self.hours_of(first, last)
    }

    fn hours_of(&self, first: Date, last: Date) -> Option<Interval> {
        let start = civil::instant(first, TimeOfDay::START, &self.zone);
        let end = civil::instant(last, TimeOfDay::END, &self.zone);
        Interval::new(start, end)
    }

    /// Instants of a wall-time range on a date.
    pub fn interval(&self, date: Date, from: TimeOfDay, to: TimeOfDay) -> Option<Interval> {
        Interval::new(
            civil::instant(date, from, &self.zone),
            civil::instant(date, to, &self.zone),
        )
    }

    /// The person's free time on the dates that are shown.
    pub async fn free(
        &self,
        tx: &ReadTx<'_>,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<IntervalSet, StoreError> {
        let Some(range) = self.range(now) else {
            return Ok(IntervalSet::default());
        };
        let timeline = timelines::of_user(tx, organization, self.user.id, range).await?;
        Ok(timeline
            .free(range)
            .iter()
            .filter_map(whole_minutes)
            .collect())
    }

    /// Splits intervals by the dates and wall times of this person's zone.
    pub fn by_date(&self, intervals: &IntervalSet) -> BTreeMap<Date, Ranges> {
        let mut dates: BTreeMap<Date, Ranges> = BTreeMap::new();
        for interval in intervals.iter() {
            let mut date = civil::date_of(interval.start(), &self.zone);
            while civil::start_of_day(date, &self.zone) < interval.end() {
                let part = self
                    .hours_of(date, date)
                    .and_then(|day| day.intersection(interval));
                if let Some(part) = part {
                    dates.entry(date).or_default().push(self.wall(date, &part));
                }
                date = civil::add_days(date, 1);
            }
        }
        dates
    }

    /// The wall times at which a part of a date starts and ends; midnight at its end is `24:00`.
    fn wall(&self, date: Date, part: &Interval) -> (String, String) {
        let text = |instant| {
            let wall = civil::wall_time(instant, &self.zone);
            if wall.date() == date {
                wall.strftime("%H:%M").to_string()
            } else {
                TimeOfDay::END.to_string()
            }
        };
        (text(part.start()), text(part.end()))
    }
}

/// The whole minutes within an interval, which are what a classic request can name.
fn whole_minutes(interval: &Interval) -> Option<Interval> {
    let minute = |second: i64| Timestamp::from_second(second * 60).ok();
    let (start, end) = (interval.start(), interval.end());
    let up = i64::from(start.as_microsecond().rem_euclid(60_000_000) != 0);
    Interval::new(
        minute(start.as_second().div_euclid(60) + up)?,
        minute(end.as_second().div_euclid(60))?,
    )
}

/// What is booked with a person on one date by one requestor.
#[derive(Clone, Debug)]
pub struct Booked {
    /// The requestor's number.
    pub requestor_id: Option<i64>,
    /// The requestor's name.
    pub requestor_name: String,
    /// The requestor's phone number.
    pub requestor_phone: Option<String>,
    /// When.
    pub times: Ranges,
}

/// What is booked with a person, by date and requestor, in order.
pub async fn bookings(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    person: &Person,
    now: Timestamp,
) -> Result<BTreeMap<Date, Vec<Booked>>, StoreError> {
    let Some(range) = person.range(now) else {
        return Ok(BTreeMap::new());
    };
    let filter = listing::Filter {
        host: Some(person.user.id),
        status: Some(EventStatus::Active),
        // a meeting that began on the day before may run into the first date
        min_start: Some(
            range
                .start()
                .saturating_sub(LONGEST)
                .unwrap_or(range.start()),
        ),
        max_start: Some(range.end()),
        ..listing::Filter::default()
    };
    let mut booked: BTreeMap<Date, Vec<Booked>> = BTreeMap::new();
    let mut cursor = None;
    loop {
        let request = PageRequest {
            order: Order::Ascending,
            cursor: cursor.take(),
            count: 500,
        };
        let page = listing::list(tx, organization, &filter, &request).await?;
        let last = page.rows.last().map(ListedEvent::sort_key);
        for row in page.rows {
            let shown = row.event.state.interval.intersection(&range);
            let meeting = IntervalSet::from_intervals(shown);
            for invitee in invitees::of_event(tx, organization, row.event.id).await? {
                for (date, times) in person.by_date(&meeting) {
                    add(
                        tx,
                        organization,
                        booked.entry(date).or_default(),
                        (&invitee, times),
                    )
                    .await?;
                }
            }
        }
        match last.filter(|_| page.has_next) {
            Some(key) => cursor = Some(Cursor::After(key)),
            None => return Ok(booked),
        }
    }
}

async fn add(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    on_date: &mut Vec<Booked>,
    (invitee, times): (&Invitee, Ranges),
) -> Result<(), StoreError> {
    let requestor = match invitee.requestor_id {
        Some(id) => users::get(tx, organization, id).await?,
        None => None,
    };
    let number = requestor.as_ref().and_then(|user| user.classic_number);
    let same = on_date
        .iter_mut()
        .find(|booked| booked.requestor_id == number && booked.requestor_name == invitee.name);
    match same {
        Some(booked) => booked.times.extend(times),
        None => on_date.push(Booked {
            requestor_id: number,
            requestor_name: invitee.name.clone(),
            requestor_phone: requestor
                .and_then(|user| user.phone_number)
                .or_else(|| invitee.text_reminder_number.clone()),
            times,
        }),
    }
    Ok(())
}

/// Adds hours to what dates have on the default schedule: all dates or none.
#[derive(Clone, Debug)]
pub struct AddHours {
    /// In which organization.
    pub organization: OrganizationId,
    /// Whose hours.
    pub user: UserId,
    /// The hours by date.
    pub dates: Vec<(Date, Vec<HoursInterval>)>,
    /// When.
    pub now: Timestamp,
}

impl Command for AddHours {
    type Output = ();
    type Refusal = UnknownUser;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<UnknownUser>> {
        let user = lock_settings(tx, self.organization, self.user).await?;
        user.ok_or(WriteError::Refused(UnknownUser))?;
        let default =
            user_availability_schedules::default_of(tx, self.organization, self.user).await?;
        let mut default =
            default.ok_or_else(|| StoreError::missing("user_availability_schedules", self.user))?;
        for (date, hours) in &self.dates {
            default.schedule = default.schedule.add_to_date(*date, hours.clone());
        }
        default.updated_at = self.now;
        user_availability_schedules::update(tx, self.organization, &default).await?;
        Ok(())
    }
}

/// The command that books a range with a person for another one.
pub fn booking(
    app: &App,
    organization: OrganizationId,
    (host, requestor): (&Person, &Person),
    meeting: Interval,
) -> BookRange {
    let now = app.now();
    let event_id = ScheduledEventId(fresh_id());
    let mut event_type = event_types::plain(EventTypeId(fresh_id()), host.user.id, MEETING, now);
    event_type.slug = format!("meeting-{}", event_type.id);
    event_type.hidden = true;
    BookRange {
        organization,
        host: host.user.id,
        meeting,
        event_id,
        invitee: Invitee {
            id: InviteeId(fresh_id()),
            scheduled_event_id: event_id,
            name: requestor.user.name.clone(),
            first_name: None,
            last_name: None,
            email: requestor.user.email.clone(),
            timezone: requestor.user.timezone.clone(),
            status: EventStatus::Active,
            questions_and_answers: json!([]),
            tracking: json!({}),
            text_reminder_number: None,
            rescheduled: false,
            old_invitee: None,
            new_invitee: None,
            cancellation: None,
            scheduled_by: None,
            requestor_id: Some(requestor.user.id),
            no_show: None,
            routing_form_submission_id: None,
            created_at: now,
            updated_at: now,
        },
        event_type,
        now,
    }
}
