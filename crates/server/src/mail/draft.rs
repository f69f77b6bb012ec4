//! A mail that was not written down yet.

use super::letter::{Letter, one_line};
use crate::{
    config::{Mail, is_reachable},
    context::fresh_id,
};
use domain::id::{OrganizationId, UserId};
use jiff::Timestamp;
use lettre::{Address, message::Mailbox};
use store::{
    StoreError,
    outgoing_communications::{AboutMeeting, MailStatus, OutgoingCommunication},
};
use uuid::Uuid;

/// What stands for a secret in a mail's record.
pub const SECRET: &str = "••••••••";

/// A mail that was not written down yet.
#[derive(Clone, Debug)]
pub struct Draft {
    /// To whom.
    pub to: String,
    /// Who gets the answer: name and mail address.
    pub reply_to: Option<(String, String)>,
    /// What it says.
    pub letter: Letter,
    /// The iCalendar object that comes along.
    pub calendar: Option<String>,
    /// What stands where the letter has [`SECRET`].
    pub secret: Option<String>,
    /// The user on whose behalf it is sent.
    pub on_behalf_of: Option<(UserId, String)>,
    /// The meeting.
    pub meeting: Option<AboutMeeting>,
    /// What it is about.
    pub about_id: Uuid,
}

impl Draft {
    /// The mail as it waits to be sent; nothing where nobody has such an address.
    pub fn written(
        self,
        organization: OrganizationId,
        mail: &Mail,
        now: Timestamp,
    ) -> Result<Option<OutgoingCommunication>, StoreError> {
        if !is_reachable(&self.to) {
            return Ok(None);
        }
        let reply_to = self.reply_to.and_then(|(name, address)| {
            let address: Address = address.parse().ok()?;
            Some(Mailbox::new(Some(one_line(&name)), address).to_string())
        });
        Ok(Some(OutgoingCommunication {
            organization_id: organization,
            id: fresh_id(),
            recipient: self.to,
            sender: mail.mail_from.clone(),
            reply_to,
            subject: self.letter.heading.clone(),
            body: self.letter.text()?,
            html: self.letter.html()?,
            calendar: self.calendar,
            secret: self.secret,
            on_behalf_of: self.on_behalf_of,
            meeting: self.meeting,
            about_id: self.about_id,
            status: MailStatus::Waiting,
            attempts: 0,
            last_error: None,
            due_at: now,
            created_at: now,
            sent_at: None,
        }))
    }
}
