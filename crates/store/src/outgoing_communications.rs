//! Mails: those that wait to be sent, and the record of those that were.

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::Instant,
    page::{InstantKey, Order, Page, PageRequest},
};
use domain::id::{EventTypeId, OrganizationId, ScheduledEventId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

/// What has become of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailStatus {
    /// It will be tried, perhaps again.
    Waiting,
    /// A mail server took it.
    Sent,
    /// It was refused, or tried for long enough.
    Failed,
}

impl MailStatus {
    /// As it is stored.
    pub fn word(self) -> &'static str {
        match self {
            MailStatus::Waiting => "waiting",
            MailStatus::Sent => "sent",
            MailStatus::Failed => "failed",
        }
    }

    /// The status of a stored word.
    pub fn parse(word: &str) -> Option<MailStatus> {
        let all = [MailStatus::Waiting, MailStatus::Sent, MailStatus::Failed];
        all.into_iter().find(|status| status.word() == word)
    }
}

/// The meeting a mail is about, the first one of several.
#[derive(Clone, Debug)]
pub struct AboutMeeting {
    /// What was booked.
    pub event_type: EventTypeId,
    /// The meeting.
    pub event: ScheduledEventId,
    /// The page on which it can be booked.
    pub scheduling_url: String,
}

/// A row of `outgoing_communications`.
#[derive(Clone, Debug)]
pub struct OutgoingCommunication {
    /// Its organization.
    pub organization_id: OrganizationId,
    /// Its id.
    pub id: Uuid,
    /// The mail address to which it goes.
    pub recipient: String,
    /// From whom it comes: a mail address, perhaps with a name.
    pub sender: String,
    /// To whom an answer goes: a mail address, perhaps with a name.
    pub reply_to: Option<String>,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// The same as HTML.
    pub html: String,
    /// An iCalendar object that comes along.
    pub calendar: Option<String>,
    /// What stands in the mail but not in its record.
    pub secret: Option<String>,
    /// On whose behalf it is sent, and their mail address.
    pub on_behalf_of: Option<(UserId, String)>,
    /// The meeting it is about.
    pub meeting: Option<AboutMeeting>,
    /// What it is about: of one of them, an address is written to in order.
    pub about_id: Uuid,
    /// What has become of it.
    pub status: MailStatus,
    /// How often it was tried.
    pub attempts: i64,
    /// How the last attempt ended that did not succeed.
    pub last_error: Option<String>,
    /// When it is tried next.
    pub due_at: Timestamp,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
}

impl OutgoingCommunication {
    /// This mail's place in a list by age.
    pub fn sort_key(&self) -> InstantKey {
        (self.created_at, self.id)
    }
}

impl FromRow for OutgoingCommunication {
    fn from_row(row: &Row<'_>) -> Result<OutgoingCommunication, StoreError> {
        let mut columns = row.columns();
        Ok(OutgoingCommunication {
            organization_id: OrganizationId(columns.take()?),
            id: columns.take()?,
            recipient: columns.take()?,
            sender: columns.take()?,
            reply_to: columns.take()?,
            subject: columns.take()?,
            body: columns.take()?,
            html: columns.take()?,
            calendar: columns.take()?,
            secret: columns.take()?,
            on_behalf_of: on_behalf_of(columns.take()?, columns.take()?),
            meeting: meeting(columns.take()?, columns.take()?, columns.take()?),
            about_id: columns.take()?,
            status: columns.parse(MailStatus::parse)?,
            attempts: columns.take()?,
            last_error: columns.take()?,
            due_at: columns.take::<Instant>()?.0,
            created_at: columns.take::<Instant>()?.0,
            sent_at: columns.take::<Option<Instant>>()?.map(|at| at.0),
        })
    }
}

fn on_behalf_of(user: Option<Uuid>, email: Option<String>) -> Option<(UserId, String)> {
    Some((UserId(user?), email?))
}

fn meeting(
    event_type: Option<Uuid>,
    event: Option<Uuid>,
    scheduling_url: Option<String>,
) -> Option<AboutMeeting> {
    Some(AboutMeeting {
        event_type: EventTypeId(event_type?),
        event: ScheduledEventId(event?),
        scheduling_url: scheduling_url?,
    })
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select m.organization_id, m.id, m.recipient, m.sender, m.reply_to, m.subject, m.body, m.html, m.calendar,
  m.secret, m.sender_id, m.sender_email, m.event_type_id, m.scheduled_event_id, m.scheduling_url, m.about_id,
  m.status, m.attempts, m.last_error, m.due_at, m.created_at, m.sent_at from outgoing_communications m ",
            $rest
        )
    };
}

const INSERT: &str =
    "insert into outgoing_communications (organization_id, id, recipient, sender, reply_to, subject,
  body, html, calendar, secret, sender_id, sender_email, event_type_id, scheduled_event_id, scheduling_url, about_id,
  status, attempts, last_error, due_at, created_at, sent_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)";

/// Adds a mail.
pub async fn insert(tx: &WriteTx<'_>, row: &OutgoingCommunication) -> Result<(), StoreError> {
    let (user, email) = row
        .on_behalf_of
        .as_ref()
        .map(|(id, email)| (id.0, email))
        .unzip();
    let meeting = row.meeting.as_ref();
    let args = args![
        row.organization_id.0,
        row.id,
        row.recipient,
        row.sender,
        row.reply_to,
        row.subject,
        row.body,
        row.html,
        row.calendar,
        row.secret,
        user,
        email,
        meeting.map(|meeting| meeting.event_type.0),
        meeting.map(|meeting| meeting.event.0),
        meeting.map(|meeting| &meeting.scheduling_url),
        row.about_id,
        row.status.word(),
        row.attempts,
        row.last_error,
        Instant(row.due_at),
        Instant(row.created_at),
        row.sent_at.map(Instant)
    ];
    tx.execute(INSERT, args).await?;
    Ok(())
}

// an earlier mail about the same thing to the same address comes first, however long it takes
const DUE: &str = select!(
    "where m.status = 'waiting' and m.due_at <= $1 and not exists (
    select 1 from outgoing_communications e where e.organization_id = m.organization_id and e.about_id = m.about_id
      and e.recipient = m.recipient and e.id < m.id and e.status = 'waiting')
  order by m.due_at, m.id limit $2"
);

/// What should be tried now in all organizations, so many at most.
pub async fn due(
    tx: &ReadTx<'_>,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<OutgoingCommunication>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    tx.all(DUE, args![Instant(now), limit]).await
}

const CLAIM: &str = "update outgoing_communications set due_at = $4
  where organization_id = $1 and id = $2 and due_at = $3 and status = 'waiting'";

/// Takes a mail to try it until `until`. False if somebody else has.
pub async fn claim(
    tx: &WriteTx<'_>,
    mail: &OutgoingCommunication,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let args = args![
        mail.organization_id.0,
        mail.id,
        Instant(mail.due_at),
        Instant(until)
    ];
    Ok(tx.execute(CLAIM, args).await? == 1)
}

const CHANGE: &str =
    "update outgoing_communications set status = $3, attempts = $4, last_error = $5, due_at = $6,
  sent_at = $7, secret = $8 where organization_id = $1 and id = $2 and status = 'waiting'";

/// Notes what has become of a mail.
pub async fn change(tx: &WriteTx<'_>, mail: &OutgoingCommunication) -> Result<(), StoreError> {
    let args = args![
        mail.organization_id.0,
        mail.id,
        mail.status.word(),
        mail.attempts,
        mail.last_error,
        Instant(mail.due_at),
        mail.sent_at.map(Instant),
        mail.secret
    ];
    tx.execute(CHANGE, args).await?;
    Ok(())
}

const DELETE_ABOUT: &str =
    "delete from outgoing_communications where organization_id = $1 and about_id = $2";

/// Deletes the mails about something, sent or not.
pub async fn delete_about(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    about: Uuid,
) -> Result<(), StoreError> {
    tx.execute(DELETE_ABOUT, args![organization.0, about])
        .await?;
    Ok(())
}

const NEXT_MAILED: &str =
    "select organization_id from outgoing_communications where organization_id > $1
  order by organization_id limit 1";

/// The organization that follows one, among those with mails.
pub async fn next_mailed(
    tx: &ReadTx<'_>,
    after: Option<OrganizationId>,
) -> Result<Option<OrganizationId>, StoreError> {
    let after = after.map_or(Uuid::nil(), |after| after.0);
    let found: Option<Uuid> = tx.optional(NEXT_MAILED, args![after]).await?;
    Ok(found.map(OrganizationId))
}

// what was never sent is of no use to anybody by then
const DELETE_BEFORE: &str =
    "delete from outgoing_communications where organization_id = $1 and id in (
    select id from outgoing_communications where organization_id = $1
      and status in ('waiting', 'sent', 'failed') and created_at < $2 limit $3)";

/// Deletes mails that were written before an instant, so many at most.
pub async fn delete_before(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    (before, limit): (Timestamp, i64),
) -> Result<u64, StoreError> {
    let args = args![organization.0, Instant(before), limit];
    tx.execute(DELETE_BEFORE, args).await
}

/// Which mails are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// With this status.
    pub status: MailStatus,
    /// Written at these instants or between them.
    pub range: (Timestamp, Timestamp),
    /// Whether also those that are about no meeting.
    pub others: bool,
}

const LIST_ASCENDING: &str = select!(
    "where m.organization_id = $1 and m.status = $2 and m.created_at >= $3 and m.created_at <= $4
  and ($5 or m.scheduled_event_id is not null) and (m.created_at, m.id) > ($6, $7) order by m.created_at, m.id limit $8"
);
const LIST_DESCENDING: &str = select!(
    "where m.organization_id = $1 and m.status = $2 and m.created_at >= $3 and m.created_at <= $4
  and ($5 or m.scheduled_event_id is not null) and (m.created_at, m.id) < ($6, $7)
  order by m.created_at desc, m.id desc limit $8"
);

/// A page of an organization's mails, by age.
pub async fn list(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    filter: Filter,
    request: &PageRequest<InstantKey>,
) -> Result<Page<OutgoingCommunication>, StoreError> {
    let walk = request.walk();
    let (at, id) = walk.start()?;
    let sql = match walk.order {
        Order::Ascending => LIST_ASCENDING,
        Order::Descending => LIST_DESCENDING,
    };
    let (from, to) = filter.range;
    let args = args![
        organization.0,
        filter.status.word(),
        Instant(from),
        Instant(to),
        filter.others,
        Instant(at),
        id,
        walk.limit
    ];
    Ok(request.page(tx.all(sql, args).await?))
}

const COUNT: &str = "select count(*) from outgoing_communications m
  where m.organization_id = $1 and m.status = $2 and m.created_at >= $3 and m.created_at <= $4
  and ($5 or m.scheduled_event_id is not null)";

/// How many mails that are on all pages.
pub async fn count(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    filter: Filter,
) -> Result<i64, StoreError> {
    let (from, to) = filter.range;
    let args = args![
        organization.0,
        filter.status.word(),
        Instant(from),
        Instant(to),
        filter.others
    ];
    tx.one(COUNT, args).await
}
