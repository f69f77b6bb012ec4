//! Meeting recaps: what was said in meetings. A list of them leaves out what is long.

pub mod listing;

use crate::{
    FromRow, ReadTx, Row, StoreError, WriteTx, args,
    column::{Instant, Json},
    contacts::email_key,
    engine::Columns,
};
use domain::{
    id::{MeetingRecapId, OrganizationId, ScheduledEventId, UserId},
    interval::Interval,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Whether a recap can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecapStatus {
    /// It can.
    Available,
    /// It is being written.
    Processing,
    /// There is none.
    Unavailable,
}

impl RecapStatus {
    /// All of them.
    pub const ALL: [RecapStatus; 3] = [
        RecapStatus::Available,
        RecapStatus::Processing,
        RecapStatus::Unavailable,
    ];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            RecapStatus::Available => "available",
            RecapStatus::Processing => "processing",
            RecapStatus::Unavailable => "unavailable",
        }
    }

    /// The status of this word.
    pub fn parse(word: &str) -> Option<RecapStatus> {
        let mut all = RecapStatus::ALL.into_iter();
        all.find(|status| status.as_str() == word)
    }
}

/// Somebody who was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendee {
    /// Whether they are a host.
    pub host: bool,
    /// Their mail address.
    pub email: String,
    /// Their name.
    pub name: String,
}

/// A row of `meeting_recaps` without what is long.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedRecap {
    /// Its id.
    pub id: MeetingRecapId,
    /// Whose note taker it was.
    pub user_id: UserId,
    /// The scheduled event; none: a meeting that was not booked here.
    pub scheduled_event_id: Option<ScheduledEventId>,
    /// Whether it can be read.
    pub status: RecapStatus,
    /// What the meeting was called.
    pub name: Option<String>,
    /// Where it took place: a document whose shape is the API's.
    pub location: Option<Value>,
    /// When it took place.
    pub interval: Interval,
    /// Who was there, if that is known.
    pub attendees: Option<Vec<Attendee>>,
    /// Whether there is a transcript.
    pub has_transcript: bool,
    /// When the recap came.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl ListedRecap {
    fn read(columns: &mut Columns<'_>) -> Result<ListedRecap, StoreError> {
        Ok(ListedRecap {
            id: MeetingRecapId(columns.take()?),
            user_id: UserId(columns.take()?),
            scheduled_event_id: columns.take::<Option<Uuid>>()?.map(ScheduledEventId),
            status: columns.parse(RecapStatus::parse)?,
            name: columns.take()?,
            location: columns.take::<Option<Json<_>>>()?.map(|place| place.0),
            interval: columns.interval()?,
            attendees: columns.take::<Option<Json<_>>>()?.map(|people| people.0),
            has_transcript: columns.take()?,
            created_at: columns.take::<Instant>()?.0,
            updated_at: columns.take::<Instant>()?.0,
        })
    }

    /// The addresses of those who were there, as they are searched.
    fn attendee_emails(&self) -> String {
        searched_emails(self.attendees.as_deref())
    }
}

/// The addresses of those who were there, as they are searched.
pub(crate) fn searched_emails(attendees: Option<&[Attendee]>) -> String {
    let mut emails = " ".to_owned();
    for attendee in attendees.unwrap_or_default() {
        emails.push_str(&email_key(&attendee.email));
        emails.push(' ');
    }
    emails
}

impl FromRow for ListedRecap {
    fn from_row(row: &Row<'_>) -> Result<ListedRecap, StoreError> {
        ListedRecap::read(&mut row.columns())
    }
}

/// A row of `meeting_recaps` but for the transcript.
#[derive(Clone, Debug, PartialEq)]
pub struct MeetingRecap {
    /// What a list shows of it.
    pub listed: ListedRecap,
    /// What it was about, in Markdown.
    pub summary_md: Option<String>,
    /// What is to be done, in Markdown.
    pub action_items_md: Option<String>,
    /// What was said, in Markdown.
    pub discussion_md: Option<String>,
    /// Where others can read it.
    pub share_link: Option<String>,
}

impl FromRow for MeetingRecap {
    fn from_row(row: &Row<'_>) -> Result<MeetingRecap, StoreError> {
        let mut columns = row.columns();
        Ok(MeetingRecap {
            listed: ListedRecap::read(&mut columns)?,
            summary_md: columns.take()?,
            action_items_md: columns.take()?,
            discussion_md: columns.take()?,
            share_link: columns.take()?,
        })
    }
}

macro_rules! select {
    ($long:literal, $($rest:literal),+) => {
        concat!(
            "select r.id, r.user_id, r.scheduled_event_id, r.status, r.name, r.location, r.starts_at, r.ends_at,
  r.attendees, r.transcript is not null, r.created_at, r.updated_at",
            $long,
            " from meeting_recaps r where r.organization_id = $1 ",
            $($rest),+
        )
    };
}
use select;

const GET: &str = select!(
    ", r.summary_md, r.action_items_md, r.discussion_md, r.share_link",
    "and r.id = $2"
);

/// The recap with this id.
pub async fn get(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: MeetingRecapId,
) -> Result<Option<MeetingRecap>, StoreError> {
    tx.optional(GET, args![organization.0, id.0]).await
}

const TRANSCRIPT: &str =
    "select transcript from meeting_recaps where organization_id = $1 and id = $2";

/// The transcript of a recap, if there is one.
pub async fn transcript(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    id: MeetingRecapId,
) -> Result<Option<String>, StoreError> {
    let found: Option<Option<String>> =
        tx.optional(TRANSCRIPT, args![organization.0, id.0]).await?;
    Ok(found.flatten())
}

const IS_HOST: &str = "select count(*) from scheduled_event_hosts
  where organization_id = $1 and scheduled_event_id = $2 and host_id = $3";

/// Whether somebody holds or held the meeting of a recap.
pub async fn is_host(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    event: ScheduledEventId,
    user: UserId,
) -> Result<bool, StoreError> {
    let row = args![organization.0, event.0, user.0];
    Ok(0 < tx.one::<i64>(IS_HOST, row).await?)
}

const LOCK: &str =
    "update meeting_recaps set updated_at = updated_at where organization_id = $1 and id = $2";

/// Locks a recap until the transaction ends; false where there is none.
pub async fn lock(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: MeetingRecapId,
) -> Result<bool, StoreError> {
    Ok(tx.execute(LOCK, args![organization.0, id.0]).await? == 1)
}

const INSERT: &str = "insert into meeting_recaps (organization_id, id, user_id, scheduled_event_id, status, name,
  location, starts_at, ends_at, attendees, attendee_emails, summary_md, action_items_md, discussion_md, share_link,
  created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";

/// Adds a recap without a transcript.
pub async fn insert(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    recap: &MeetingRecap,
) -> Result<(), StoreError> {
    let listed = &recap.listed;
    tx.execute(
        INSERT,
        args![
            organization.0,
            listed.id.0,
            listed.user_id.0,
            listed.scheduled_event_id.map(|event| event.0),
            listed.status.as_str(),
            listed.name,
            listed.location.as_ref().map(Json),
            Instant(listed.interval.start()),
            Instant(listed.interval.end()),
            listed.attendees.as_ref().map(Json),
            listed.attendee_emails(),
            recap.summary_md,
            recap.action_items_md,
            recap.discussion_md,
            recap.share_link,
            Instant(listed.created_at),
            Instant(listed.updated_at)
        ],
    )
    .await?;
    Ok(())
}

const UPDATE: &str = "update meeting_recaps set status = $3, summary_md = $4, action_items_md = $5,
  discussion_md = $6, share_link = $7, updated_at = $8 where organization_id = $1 and id = $2";

/// Writes what may change of a recap, but for the transcript.
pub async fn update(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    recap: &MeetingRecap,
) -> Result<(), StoreError> {
    let id = recap.listed.id;
    let touched = tx
        .execute(
            UPDATE,
            args![
                organization.0,
                id.0,
                recap.listed.status.as_str(),
                recap.summary_md,
                recap.action_items_md,
                recap.discussion_md,
                recap.share_link,
                Instant(recap.listed.updated_at)
            ],
        )
        .await?;
    StoreError::expect_one(touched, "meeting_recaps", id)
}

const SET_TRANSCRIPT: &str =
    "update meeting_recaps set transcript = $3 where organization_id = $1 and id = $2";

/// Sets the transcript of a recap, or removes it.
pub async fn set_transcript(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: MeetingRecapId,
    transcript: Option<&str>,
) -> Result<(), StoreError> {
    let row = args![organization.0, id.0, transcript];
    let touched = tx.execute(SET_TRANSCRIPT, row).await?;
    StoreError::expect_one(touched, "meeting_recaps", id)
}

const DELETE: &str = "delete from meeting_recaps where organization_id = $1 and id = $2";

/// Removes a recap.
pub async fn delete(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    id: MeetingRecapId,
) -> Result<(), StoreError> {
    let touched = tx.execute(DELETE, args![organization.0, id.0]).await?;
    StoreError::expect_one(touched, "meeting_recaps", id)
}
