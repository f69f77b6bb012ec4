//! When contacts meet the organization: by the scheduled events that have one of their addresses among the invitees.

use crate::{FromRow, ReadTx, Row, StoreError, args, column::Instant};
use domain::id::{ContactId, OrganizationId};
use jiff::Timestamp;

/// The meetings around the present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meetings {
    /// When the last one that has begun began.
    pub last: Option<Timestamp>,
    /// When the next one begins.
    pub next: Option<Timestamp>,
}

impl FromRow for Meetings {
    fn from_row(row: &Row<'_>) -> Result<Meetings, StoreError> {
        let mut columns = row.columns();
        Ok(Meetings {
            last: columns.take::<Option<Instant>>()?.map(|at| at.0),
            next: columns.take::<Option<Instant>>()?.map(|at| at.0),
        })
    }
}

/// A meeting that nobody has confirmed in time does not take place, whether or not it was canceled already.
const OF_CONTACT: &str = "select max(case when e.starts_at <= $3 then e.starts_at end),
  min(case when e.starts_at > $3 then e.starts_at end)
  from contact_emails a
  join invitees i on i.organization_id = a.organization_id and lower(i.email) = lower(a.email)
  join scheduled_events e on e.organization_id = i.organization_id and e.id = i.scheduled_event_id
  where a.organization_id = $1 and a.contact_id = $2 and i.status = 'active' and e.status = 'active'
    and (e.confirm_by is null or e.confirmed_at is not null or e.confirm_by > $3)";

/// The meetings of a contact around `now` that take place, as far as they come to them.
pub async fn of_contact(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    contact: ContactId,
    now: Timestamp,
) -> Result<Meetings, StoreError> {
    tx.one(OF_CONTACT, args![organization.0, contact.0, Instant(now)])
        .await
}
