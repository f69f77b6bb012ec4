//! What else can be booked, in answers to requests for times that cannot be.

use super::{problem::Problem, value::time::Time};
use crate::{
    app::{
        event_type_available_times::{Purpose, alternatives, nearest},
        facts::EventTypeFacts,
    },
    context::App,
};
use domain::id::{EventTypeId, OrganizationId};
use jiff::Timestamp;
use store::StoreError;

/// The same problem with the nearest times that can be booked, where it is about a time or about several dates.
pub async fn advised(
    app: &App,
    (organization, event_type): (OrganizationId, EventTypeId),
    (start, purpose): (Timestamp, Purpose),
    mut problem: Problem,
) -> Problem {
    let near = async |start| {
        let found = alternatives(app, organization, event_type, (start, purpose)).await?;
        Ok::<Vec<Time>, StoreError>(found.into_iter().map(Time).collect())
    };
    for date in &mut problem.dates {
        match near(date.start_time.0).await {
            Ok(found) => date.alternatives = found,
            Err(failure) => return failure.into(),
        }
    }
    if !problem.is_about_time() {
        return problem;
    }
    match near(start).await {
        Ok(found) => problem.with_alternatives(found),
        Err(failure) => failure.into(),
    }
}

/// The same where this is what is known of the event type, of one date.
pub async fn advised_of(
    app: &App,
    (organization, known): (OrganizationId, &EventTypeFacts),
    wanted: (Timestamp, Purpose),
    problem: Problem,
) -> Problem {
    if !problem.is_about_time() {
        return problem;
    }
    match nearest(app, organization, known, wanted).await {
        Ok(found) => problem.with_alternatives(found.into_iter().map(Time).collect()),
        Err(failure) => failure.into(),
    }
}
