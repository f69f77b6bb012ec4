//! What an event type offers: all starts in a range, and those nearest to one.

use crate::{
    app::{
        facts::EventTypeFacts,
        timelines::{self, Team},
    },
    context::App,
};
use domain::{
    id::{EventTypeId, OrganizationId},
    interval::Interval,
};
use jiff::{SignedDuration, Timestamp};
use store::StoreError;

/// So many alternatives are named when a time cannot be booked.
const ALTERNATIVES: usize = 5;

/// Alternatives lie at most so far from the time that was asked for.
pub const NEAR: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Questions about more hosts times days than these take turns.
const FEW: i64 = 400;

/// Answers a question about the hosts of an event type. A long one takes its turn and leaves other requests alone.
pub async fn computed<T: Send + 'static>(
    app: &App,
    team: Team,
    range: Interval,
    answer: impl FnOnce(&Team) -> T + Send + 'static,
) -> Result<T, StoreError> {
    let hosts = team.pools.iter().map(Vec::len).sum::<usize>();
    let days = range.duration().as_hours() / 24 + 1;
    if i64::try_from(hosts)
        .unwrap_or(i64::MAX)
        .saturating_mul(days)
        <= FEW
    {
        return Ok(answer(&team));
    }
    let turn = app.large_questions.clone().acquire_owned().await;
    let turn = turn.map_err(StoreError::invalid)?;
    let computed = tokio::task::spawn_blocking(move || {
        let answered = answer(&team);
        drop(turn);
        answered
    });
    computed.await.map_err(StoreError::invalid)
}

/// All starts of an event type within a range that can be booked now, with how many more invitees each takes.
pub async fn available_starts(
    app: &App,
    organization: OrganizationId,
    event_type: &EventTypeFacts,
    range: Interval,
) -> Result<Vec<(Timestamp, i64)>, StoreError> {
    let team = timelines::team(&app.facts, organization, event_type, range).await?;
    let now = app.now();
    computed(app, team, range, move |team| team.starts(range, now)).await
}

/// What a start is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To book it.
    Booking,
    /// To move a meeting there, which joins no other.
    Moving,
}

/// The starts nearest to one that can be booked now.
pub async fn alternatives(
    app: &App,
    organization: OrganizationId,
    event_type: EventTypeId,
    wanted: (Timestamp, Purpose),
) -> Result<Vec<Timestamp>, StoreError> {
    match app.facts.event_type(organization, event_type).await? {
        Some(known) => nearest(app, organization, &known.value, wanted).await,
        None => Ok(Vec::new()),
    }
}

/// The same of an event type of which this is known.
pub async fn nearest(
    app: &App,
    organization: OrganizationId,
    known: &EventTypeFacts,
    (start, purpose): (Timestamp, Purpose),
) -> Result<Vec<Timestamp>, StoreError> {
    let now = app.now();
    let from = start.saturating_sub(NEAR).unwrap_or(start).max(now);
    let to = start.max(now).saturating_add(NEAR).unwrap_or(start);
    let Some(range) = Interval::new(from, to) else {
        return Ok(Vec::new());
    };
    let team = timelines::team(&app.facts, organization, known, range).await?;
    computed(app, team, range, move |team| {
        let offer = team.offer(range, now);
        match purpose {
            Purpose::Booking => offer.nearest(start, ALTERNATIVES),
            Purpose::Moving => offer.nearest_untouched(start, ALTERNATIVES),
        }
    })
    .await
}
