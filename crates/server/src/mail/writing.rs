//! From an occasion to the mails that it asks for.

use super::{
    about_meetings::Issue,
    draft::{Draft, SECRET},
    letter::{Letter, one_line},
    meetings::Meeting,
};
use crate::{
    api::uri::Uris,
    app::mail_occasions::{News, Occasion},
    config::Mail,
};
use domain::id::{
    InvitationId, InviteeId, OrganizationId, ScheduledEventId, UserId, WebhookSubscriptionId,
};
use jiff::Timestamp;
use std::collections::BTreeSet;
use store::{
    ReadTx, StoreError, mail_occasions,
    organization_invitations::{self, InvitationStatus},
    organization_memberships::{self, Filter, Role},
    organizations,
    outgoing_communications::OutgoingCommunication,
    page::{Order, PageRequest},
    users, webhook_subscriptions,
};
use uuid::Uuid;

/// Writes mails.
#[derive(Clone, Copy)]
pub struct Writer<'a> {
    /// What is read.
    pub tx: &'a ReadTx<'a>,
    /// How mails are sent.
    pub mail: &'a Mail,
    /// Writes URIs.
    pub uris: &'a Uris,
    /// The present.
    pub now: Timestamp,
}

impl Writer<'_> {
    /// The mails to be sent on an occasion.
    pub async fn write(
        &self,
        noted: &mail_occasions::Occasion,
    ) -> Result<Vec<OutgoingCommunication>, StoreError> {
        let organization = noted.organization_id;
        let drafts = match Occasion::read(noted)? {
            Occasion::Meetings {
                news,
                invitees,
                guests,
            } => {
                let issue = Issue {
                    news,
                    at: noted.occurred_at,
                    domain: self.mail.domain(),
                };
                let meetings = self.meetings(organization, &invitees, guests).await?;
                self.about_meetings(organization, issue, &meetings).await?
            }
            Occasion::Invitation { id, code } => {
                self.invitation(organization, InvitationId(id), code)
                    .await?
            }
            Occasion::WebhookDisabled { id } => {
                let id = WebhookSubscriptionId(id);
                self.webhook_disabled(organization, id).await?
            }
        };
        let mut mails = Vec::with_capacity(drafts.len());
        for draft in drafts {
            mails.extend(draft.written(organization, self.mail, self.now)?);
        }
        Ok(mails)
    }

    async fn meetings(
        &self,
        organization: OrganizationId,
        invitees: &[(Uuid, Uuid)],
        guests: Vec<String>,
    ) -> Result<Vec<Meeting>, StoreError> {
        let mut meetings = Vec::with_capacity(invitees.len());
        for (event, invitee) in invitees {
            let ids = (ScheduledEventId(*event), InviteeId(*invitee));
            meetings.extend(Meeting::read(self.tx, organization, ids, self.uris).await?);
        }
        if let [only] = &mut meetings[..] {
            only.guests.extend(guests);
        }
        Ok(meetings)
    }

    async fn about_meetings(
        &self,
        organization: OrganizationId,
        issue: Issue<'_>,
        meetings: &[Meeting],
    ) -> Result<Vec<Draft>, StoreError> {
        let mut drafts = issue.to_invitees(meetings);
        if issue.news == News::Confirmed {
            return Ok(drafts);
        }
        let hosts = meetings.iter().flat_map(|it| &it.listed.hosts);
        let hosts: BTreeSet<UserId> = hosts.map(|host| host.id).collect();
        for host in hosts {
            if let Some(host) = users::get_active(self.tx, organization, host).await? {
                drafts.extend(issue.to_host(&host, meetings)?);
            }
        }
        Ok(drafts)
    }

    async fn invitation(
        &self,
        organization: OrganizationId,
        id: InvitationId,
        code: String,
    ) -> Result<Vec<Draft>, StoreError> {
        let tx = self.tx;
        let invitation = organization_invitations::get(tx, organization, id).await?;
        let waits = |status| status == InvitationStatus::Pending;
        let Some(invitation) = invitation.filter(|it| waits(it.status)) else {
            return Ok(Vec::new());
        };
        let found = organizations::get(tx, organization).await?;
        let joined = found.ok_or_else(|| StoreError::missing("organizations", organization))?;
        let inviter = users::get(tx, organization, invitation.invited_by).await?;
        let inviter = inviter.ok_or_else(|| StoreError::missing("users", invitation.invited_by))?;
        let uri = self.uris.invitation(organization, id);
        let mut letter = Letter {
            heading: one_line(&format!("Invitation to {}", joined.name)),
            opening: one_line(&format!(
                "{} invites you to join {}.",
                inviter.name, joined.name
            )),
            rows: Vec::new(),
            closing: Some(format!(
                "To join, POST this code and your name to {uri}/acceptance, or decline at {uri}/declination. \
                 Whoever has the code can join in your place: keep it to yourself."
            )),
        };
        letter.row("Invitation", [uri]);
        letter.row("Code", [SECRET.to_owned()]);
        Ok(vec![Draft {
            to: invitation.email,
            reply_to: Some((inviter.name, inviter.email.clone())),
            letter,
            calendar: None,
            secret: Some(code),
            on_behalf_of: Some((inviter.id, inviter.email)),
            meeting: None,
            about_id: id.0,
        }])
    }

    async fn webhook_disabled(
        &self,
        organization: OrganizationId,
        id: WebhookSubscriptionId,
    ) -> Result<Vec<Draft>, StoreError> {
        let subscription = webhook_subscriptions::get(self.tx, organization, id).await?;
        let Some(subscription) = subscription else {
            return Ok(Vec::new());
        };
        let mut readers = self.owners(organization).await?;
        readers.insert(subscription.creator_id);
        let mut letter = Letter {
            heading: "Webhook disabled".to_owned(),
            opening: "Nothing is sent to this address any more: for 24 hours nothing arrived there."
                .to_owned(),
            rows: Vec::new(),
            closing: Some(
                "What it was not told is kept. Once it answers again, set the state of the subscription to \"active\"."
                    .to_owned(),
            ),
        };
        letter.row("Address", [subscription.callback_url]);
        letter.row("Subscription", [self.uris.of(id)]);
        let mut drafts = Vec::with_capacity(readers.len());
        for reader in readers {
            let user = users::get_active(self.tx, organization, reader).await?;
            drafts.extend(user.map(|user| Draft {
                to: user.email,
                reply_to: None,
                letter: letter.clone(),
                calendar: None,
                secret: None,
                on_behalf_of: None,
                meeting: None,
                about_id: id.0,
            }));
        }
        Ok(drafts)
    }

    async fn owners(&self, organization: OrganizationId) -> Result<BTreeSet<UserId>, StoreError> {
        let filter = Filter {
            role: Some(Role::Owner),
            ..Filter::default()
        };
        let first = PageRequest {
            order: Order::Ascending,
            cursor: None,
            count: 100,
        };
        let page = organization_memberships::list(self.tx, organization, &filter, &first).await?;
        Ok(page
            .rows
            .into_iter()
            .map(|(owner, _)| owner.user_id)
            .collect())
    }
}
