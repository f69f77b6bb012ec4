//! Pages of meeting recaps, by the start of their meetings.

use super::{ListedRecap, RecapStatus, select};
use crate::{
    ReadTx, StoreError, args,
    column::Instant,
    contacts::email_key,
    page::{InstantKey, Order, Page, PageRequest, stored_range},
};
use domain::id::{OrganizationId, ScheduledEventId, UserId};
use jiff::Timestamp;

/// Which recaps are wanted; what is `None` does not matter.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Those that this user may see: of their note taker, or of meetings that they hold.
    pub seen_by: Option<UserId>,
    /// Of this event.
    pub event: Option<ScheduledEventId>,
    /// Of meetings that end then or later.
    pub min_end: Option<Timestamp>,
    /// Of meetings that start then or earlier.
    pub max_start: Option<Timestamp>,
    /// With this status.
    pub status: RecapStatus,
    /// With this mail address among those who were there.
    pub attendee: Option<String>,
}

macro_rules! list {
    ($compare:literal, $direction:literal) => {
        select!(
            "",
            "and (r.starts_at, r.id) ", $compare, " ($2, $3)
  and (r.user_id = $4 or $4 is null or r.scheduled_event_id in
    (select h.scheduled_event_id from scheduled_event_hosts h where h.organization_id = $1 and h.host_id = $4))
  and (r.scheduled_event_id = $5 or $5 is null) and r.ends_at >= $6 and r.starts_at <= $7 and r.status = $8
  and (replace(r.attendee_emails, $9, '') <> r.attendee_emails or $9 is null)
  order by r.starts_at", $direction, ", r.id", $direction, " limit $10"
        )
    };
}

const LIST_ASCENDING: &str = list!(">", "");
const LIST_DESCENDING: &str = list!("<", " desc");

/// A page of recaps, by the start of their meetings.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    filter: &Filter,
    request: &PageRequest<InstantKey>,
) -> Result<Page<ListedRecap>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let whole = stored_range()?;
    let sql = match walk.order {
        Order::Ascending => LIST_ASCENDING,
        Order::Descending => LIST_DESCENDING,
    };
    let attendee = filter.attendee.as_ref();
    let rows = tx
        .all(
            sql,
            args![
                organization.0,
                Instant(at),
                id,
                filter.seen_by.map(|user| user.0),
                filter.event.map(|event| event.0),
                Instant(filter.min_end.unwrap_or(whole.start())),
                Instant(filter.max_start.unwrap_or(whole.end())),
                filter.status.as_str(),
                attendee.map(|email| format!(" {} ", email_key(email))),
                walk.limit
            ],
        )
        .await?;
    Ok(request.page(rows))
}
