//! What mails are written about. What changes something that people want to hear of notes it in the same transaction, with
//! ids rather than copies; where no mails are sent, nothing is written.

use crate::context::fresh_id;
use domain::id::{
    InvitationId, InviteeId, OrganizationId, ScheduledEventId, WebhookSubscriptionId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{StoreError, WriteTx, mail_occasions};
use uuid::Uuid;

/// What has become of meetings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// They were booked.
    Booked,
    /// A host confirmed them.
    Confirmed,
    /// They have a new time.
    Moved,
    /// They do not take place, or not with this invitee.
    Canceled,
    /// A host rejected them.
    Declined,
    /// No host confirmed them in time.
    Lapsed,
}

/// Something that mails are written about.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// Something has become of meetings.
    Meetings {
        /// What.
        news: News,
        /// Which ones, each with an invitee.
        invitees: Vec<(Uuid, Uuid)>,
        /// Mail addresses of guests who leave with their invitee, and are not known any more.
        #[serde(default)]
        guests: Vec<String>,
    },
    /// Somebody was asked to join the organization.
    Invitation {
        /// The invitation.
        id: Uuid,
        /// The code that answers it.
        code: String,
    },
    /// Nothing is sent for a webhook any more.
    WebhookDisabled {
        /// The subscription.
        id: Uuid,
    },
}

impl Occasion {
    /// Something has become of meetings.
    pub fn meetings(news: News, invitees: &[(ScheduledEventId, InviteeId)]) -> Occasion {
        Occasion::Meetings {
            news,
            invitees: invitees.iter().map(|(event, id)| (event.0, id.0)).collect(),
            guests: Vec::new(),
        }
    }

    /// Somebody was asked to join.
    pub fn invitation(id: InvitationId, code: &str) -> Occasion {
        Occasion::Invitation {
            id: id.0,
            code: code.to_owned(),
        }
    }

    /// Nothing is sent for a webhook any more.
    pub fn webhook_disabled(id: WebhookSubscriptionId) -> Occasion {
        Occasion::WebhookDisabled { id: id.0 }
    }

    /// What was noted.
    pub fn read(noted: &mail_occasions::Occasion) -> Result<Occasion, StoreError> {
        serde_json::from_value(noted.facts.clone())
            .map_err(|error| StoreError::corrupt("mail_occasions", "facts", noted.id, error))
    }

    /// Notes it.
    pub async fn note(
        &self,
        tx: &WriteTx<'_>,
        organization_id: OrganizationId,
        occurred_at: Timestamp,
    ) -> Result<(), StoreError> {
        if !tx.notes_mail() {
            return Ok(());
        }
        let facts: Value = serde_json::to_value(self).map_err(StoreError::invalid)?;
        let noted = mail_occasions::Occasion {
            organization_id,
            // made here: a command that runs again has not written the first one
            id: fresh_id(),
            facts,
            occurred_at,
        };
        mail_occasions::insert(tx, &noted).await
    }
}
