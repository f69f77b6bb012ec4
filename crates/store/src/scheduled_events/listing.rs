//! Pages of scheduled events, by start.

use super::{ListedEvent, select, status_word, with_hosts};
use crate::{
    ReadTx, StoreError, args,
    column::Instant,
    page::{InstantKey, Order, Page, PageRequest},
};
use domain::{
    id::{GroupId, OrganizationId, UserId},
    scheduled_event::EventStatus,
};
use jiff::Timestamp;

/// Which scheduled events are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this host.
    pub host: Option<UserId>,
    /// With this status.
    pub status: Option<EventStatus>,
    /// Starting at or after.
    pub min_start: Option<Timestamp>,
    /// Starting at or before.
    pub max_start: Option<Timestamp>,
    /// With an invitee of this mail address.
    pub invitee_email: Option<String>,
    /// With a host who is a member of this group.
    pub group: Option<GroupId>,
}

/// With an invitee of the mail address `$8`, which is typed also where none is asked for.
macro_rules! by_email {
    (any) => {
        "cast($8 as text) is null"
    };
    (one) => {
        "e.id in (select i.scheduled_event_id from invitees i
    where i.organization_id = $1 and lower(i.email) = lower($8))"
    };
}

/// With a host who is a member of the group `$10`, which is typed also where none is asked for.
macro_rules! by_group {
    (any) => {
        "cast($10 as uuid) is null"
    };
    (one) => {
        "exists (select 1 from scheduled_event_hosts gh
    join organization_memberships gm on gm.organization_id = gh.organization_id and gm.user_id = gh.host_id
    join group_relationships gr on gr.organization_id = gh.organization_id and gr.membership_id = gm.id
    where gh.organization_id = $1 and gh.scheduled_event_id = e.id and gr.group_id = $10 and gr.role = 'member')"
    };
}

/// `$2` is typed and tested also where no host is asked for.
macro_rules! list {
    (host, $email:ident, $group:ident, $compare:literal, $direction:literal) => {
        list!(
            "join scheduled_event_hosts h on h.organization_id = e.organization_id and h.scheduled_event_id = e.id
  where h.organization_id = $1 and h.host_id = $2",
            ("h.starts_at", "h.scheduled_event_id"),
            ($email, $group),
            ($compare, $direction)
        )
    };
    (all, $email:ident, $group:ident, $compare:literal, $direction:literal) => {
        list!(
            "where e.organization_id = $1 and (e.host_id = $2 or $2 is null)",
            ("e.starts_at", "e.id"),
            ($email, $group),
            ($compare, $direction)
        )
    };
    ($from:literal, ($start:literal, $id:literal), ($email:ident, $group:ident), ($compare:literal, $direction:literal)) => {
        select!(
            $from, " and (", $start, ", ", $id, ") ", $compare, " ($3, $4) and ", $start, " >= $5 and ",
            $start, " <= $6 and (e.status = $7 or $7 is null) and ", by_email!($email), " and ", by_group!($group), "
  order by ", $start, $direction, ", ", $id, $direction, " limit $9"
        )
    };
}

macro_rules! list_of {
    ($host:ident, $email:ident, $group:ident, $order:expr) => {
        match $order {
            Order::Ascending => list!($host, $email, $group, ">", ""),
            Order::Descending => list!($host, $email, $group, "<", " desc"),
        }
    };
}

/// A statement for each combination, so that each goes by the index that fits it.
fn list_sql(filter: &Filter, order: Order) -> &'static str {
    let asked = (
        filter.host.is_some(),
        filter.invitee_email.is_some(),
        filter.group.is_some(),
    );
    match asked {
        (false, false, false) => list_of!(all, any, any, order),
        (false, false, true) => list_of!(all, any, one, order),
        (false, true, false) => list_of!(all, one, any, order),
        (false, true, true) => list_of!(all, one, one, order),
        (true, false, false) => list_of!(host, any, any, order),
        (true, false, true) => list_of!(host, any, one, order),
        (true, true, false) => list_of!(host, one, any, order),
        (true, true, true) => list_of!(host, one, one, order),
    }
}

/// A page of scheduled events, by start.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    filter: &Filter,
    request: &PageRequest<InstantKey>,
) -> Result<Page<ListedEvent>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let whole = crate::page::stored_range()?;
    let sql = list_sql(filter, walk.order);
    let rows = tx
        .all(
            sql,
            args![
                organization.0,
                filter.host.map(|host| host.0),
                Instant(at),
                id,
                Instant(filter.min_start.unwrap_or(whole.start())),
                Instant(filter.max_start.unwrap_or(whole.end())),
                filter.status.map(status_word),
                filter.invitee_email,
                walk.limit,
                filter.group.map(|group| group.0)
            ],
        )
        .await?;
    Ok(request.page(with_hosts(tx, organization, rows).await?))
}
