//! Links by which one meeting can be booked, once. A link ends by itself, by the database's clock.

use domain::id::{InviteeId, OrganizationId};
use jiff::{SignedDuration, Timestamp};
use std::convert::Infallible;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    scheduling_links::{self, SchedulingLink},
};

/// So long a link can be used.
const LASTS: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Makes a link.
#[derive(Clone, Debug)]
pub struct AddLink {
    /// In which organization.
    pub organization: OrganizationId,
    /// The link, but for when it ends.
    pub link: SchedulingLink,
}

impl Command for AddLink {
    type Output = SchedulingLink;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<SchedulingLink, WriteError<Infallible>> {
        let end = tx.now().await?.checked_add(LASTS);
        let link = SchedulingLink {
            expires_at: end.map_err(StoreError::invalid)?,
            ..self.link.clone()
        };
        scheduling_links::insert(tx, self.organization, &link).await?;
        Ok(link)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let link = scheduling_links::get(tx, self.organization, self.link.id).await?;
        Ok(link.is_some())
    }
}

/// The link with this code, while nobody has used it and it has not ended.
pub async fn current(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    code: &str,
) -> Result<Option<SchedulingLink>, StoreError> {
    match scheduling_links::by_code(tx, organization, code).await? {
        Some(link) if link.invitee_id.is_none() && tx.now().await? < link.expires_at => {
            Ok(Some(link))
        }
        _ => Ok(None),
    }
}

/// Uses a link up for an invitee. Whether it could still be used.
pub async fn use_up(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    link: &SchedulingLink,
    invitee: InviteeId,
) -> Result<bool, StoreError> {
    let now: Timestamp = tx.now().await?;
    scheduling_links::use_up(tx, organization, link.id, (invitee, now)).await
}
