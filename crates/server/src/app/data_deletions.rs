//! Deleting personal data of people outside the organization, everywhere: all of some people, or what belongs to the
//! meetings of a time.
//!
//! A request is a row, and what is done for it is done in steps, each a transaction that also notes how far it is. So
//! any node may go on where another one ended. All tables that may hold such data are walked through until a walk
//! finds nothing; then the database's files are written anew, because what is deleted stays there otherwise.

pub mod blanking;
pub mod rows;
pub mod sought;

use super::cleanup::ANSWERS_KEPT;
use blanking::{Blanker, blank_meeting};
use domain::id::{OrganizationId, UserId};
use jiff::{SignedDuration, Timestamp};
use rows::blank_row;
use serde_json::{Value, json};
use sought::Sought;
use std::convert::Infallible;
use store::{
    Command, ReadTx, StoreError, WriteError, WriteTx,
    data_deletions::{self, DataDeletion},
    idempotency_keys,
    page::stored_range,
    personal_data::{self, Found, blanking::events_within},
};
use uuid::Uuid;

/// What is answered for the name of somebody whose data was deleted.
pub const NAME: &str = "[deleted]";

/// And for the mail address: one at which nobody can ever be.
pub const EMAIL: &str = "deleted@deleted.invalid";

/// The stage in which meetings are walked through, when it is asked for those.
const MEETINGS: &str = "meetings";

/// The stage in which the files are written anew.
pub const REWRITE: &str = "rewrite";

/// Where answers to requests are kept for a while.
const ANSWERS: &str = "idempotency_keys";

/// So many rows are looked at in a step, and so many meetings.
const ROWS: i64 = 200;
const MEETINGS_AT_ONCE: i64 = 20;

/// Whoever does a step has so long for it before somebody else may take over.
const LEASE: SignedDuration = SignedDuration::from_mins(1);

/// For so long answers to requests are kept, and a little longer: what is in them is looked for by what it was.
const ANSWERED: SignedDuration = SignedDuration::from_hours(26);

/// What is to be deleted.
#[derive(Clone, Debug)]
pub enum Asked {
    /// All data of whoever has one of these addresses.
    People(Vec<String>),
    /// Whatever belongs to the meetings that began in this time.
    Meetings(Timestamp, Timestamp),
}

/// Asks for a deletion.
#[derive(Clone, Debug)]
pub struct RequestDeletion {
    /// Where.
    pub organization: OrganizationId,
    /// The id of the request.
    pub id: Uuid,
    /// Who asks for it.
    pub by: UserId,
    /// For what.
    pub asked: Asked,
    /// When.
    pub now: Timestamp,
}

impl Command for RequestDeletion {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        let (emails, range) = match &self.asked {
            Asked::People(emails) => (emails.clone(), None),
            Asked::Meetings(since, until) => (Vec::new(), Some((*since, *until))),
        };
        let mut row = DataDeletion {
            organization_id: self.organization,
            id: self.id,
            user_id: self.by,
            emails,
            names: Vec::new(),
            range,
            stage: String::new(),
            place: None,
            has_found: false,
            steps: 0,
            requested_at: self.now,
            due_at: self.now,
        };
        row.stage = first_stage(&row);
        Ok(data_deletions::insert(tx, &row).await?)
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let found = data_deletions::get(tx, self.organization, self.id).await?;
        Ok(found.is_some())
    }
}

/// What is walked through, in this order.
fn stages(row: &DataDeletion) -> Vec<&'static str> {
    match row.range {
        // what else is known of its people has to do with other meetings
        Some(_) => vec![MEETINGS, ANSWERS],
        None => personal_data::searched_tables(),
    }
}

fn first_stage(row: &DataDeletion) -> String {
    let first = stages(row).first().copied();
    first.unwrap_or(REWRITE).to_owned()
}

/// Does a step of a deletion.
#[derive(Clone, Debug)]
pub struct DeletionStep {
    deletion: DataDeletion,
    /// The rows in which somebody was found. Looking for them needs no transaction, and nobody waits for it.
    found: Found,
    now: Timestamp,
}

/// The next step of a deletion.
pub async fn next_step(
    tx: &ReadTx<'_>,
    deletion: DataDeletion,
    now: Timestamp,
) -> Result<DeletionStep, StoreError> {
    let found = match deletion.stage.as_str() {
        MEETINGS => Found::default(),
        table => {
            let sought = sought(&deletion);
            let scrub = |value: &mut Value| sought.scrub(value);
            let page = (deletion.place.as_ref(), ROWS);
            personal_data::find(tx, (deletion.organization_id, table), page, &scrub).await?
        }
    };
    Ok(DeletionStep {
        deletion,
        found,
        now,
    })
}

/// Whom to look for in the table that is being worked on.
fn sought(row: &DataDeletion) -> Sought {
    let names: &[String] = if row.stage == ANSWERS {
        &row.names
    } else {
        &[]
    };
    Sought::new(&row.emails, names)
}

impl Command for DeletionStep {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        if !data_deletions::claim(tx, &self.deletion).await? {
            return Ok(());
        }
        let mut row = self.deletion.clone();
        let walked = match row.stage.as_str() {
            MEETINGS => self.walk_meetings(tx).await?,
            table => self.walk_table(tx, table).await?,
        };
        row.has_found |= walked.has_found;
        row.names.extend(walked.names);
        row.names.sort_unstable();
        row.names.dedup();
        row.place = walked.last;
        if row.place.is_none() {
            next_stage(&mut row);
        }
        row.due_at = self.now;
        Ok(data_deletions::change(tx, &row, None).await?)
    }
}

/// A walk that has found something is followed by another one: what was written meanwhile may be from before.
fn next_stage(row: &mut DataDeletion) {
    let stages = stages(row);
    let this = stages.iter().position(|stage| *stage == row.stage);
    match this.and_then(|this| stages.get(this + 1)) {
        Some(next) => (*next).clone_into(&mut row.stage),
        None if row.has_found || this.is_none() => {
            row.has_found = false;
            row.stage = first_stage(row);
        }
        None => {
            REWRITE.clone_into(&mut row.stage);
            row.emails.clear();
            row.names.clear();
        }
    }
}

/// What came of some rows.
#[derive(Debug, Default)]
struct Walked {
    has_found: bool,
    names: Vec<String>,
    last: Option<Value>,
}

impl DeletionStep {
    fn blanker(&self) -> Blanker {
        Blanker {
            organization: self.deletion.organization_id,
            by: self.deletion.user_id,
            // what was answered before is not kept any more
            answered_since: self.now.saturating_sub(ANSWERED).unwrap_or(Timestamp::MIN),
            now: self.now,
        }
    }

    async fn walk_table(&self, tx: &WriteTx<'_>, table: &str) -> Result<Walked, StoreError> {
        let row = &self.deletion;
        let sought = sought(row);
        let scrub = |value: &mut Value| sought.scrub(value);
        if table == ANSWERS && row.place.is_none() {
            // by what these name people is not known any more
            let before = self.now.saturating_sub(ANSWERS_KEPT);
            let before = before.map_err(StoreError::invalid)?;
            idempotency_keys::forget_all_before(tx, row.organization_id, before).await?;
        }
        let mut walked = Walked {
            has_found: !self.found.rows.is_empty(),
            last: self.found.last.clone(),
            ..Walked::default()
        };
        for key in &self.found.rows {
            let names = blank_row(tx, &self.blanker(), (table, key), &scrub).await?;
            walked.names.extend(names);
        }
        Ok(walked)
    }

    async fn walk_meetings(&self, tx: &WriteTx<'_>) -> Result<Walked, StoreError> {
        let row = &self.deletion;
        let Some(range) = row.range else {
            return Ok(Walked::default());
        };
        let after = match &row.place {
            None => (stored_range()?.start(), Uuid::nil()),
            Some(place) => serde_json::from_value(place.clone()).map_err(StoreError::invalid)?,
        };
        let page = (after, MEETINGS_AT_ONCE);
        let events = events_within(tx, row.organization_id, range, page).await?;
        let mut walked = Walked::default();
        for (_, event) in &events {
            let names = blank_meeting(tx, &self.blanker(), *event).await?;
            walked.has_found |= names.is_some();
            walked.names.extend(names.into_iter().flatten());
        }
        walked.last = events.last().map(|(at, id)| json!((at, id.0)));
        Ok(walked)
    }
}

/// Takes a deletion, so that nobody else does it meanwhile.
#[derive(Clone, Debug)]
pub struct TakeDeletion {
    /// The deletion, as it was read.
    pub deletion: DataDeletion,
    /// The present.
    pub now: Timestamp,
}

impl Command for TakeDeletion {
    type Output = bool;
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<bool, WriteError<Infallible>> {
        if !data_deletions::claim(tx, &self.deletion).await? {
            return Ok(false);
        }
        let until = self.now.saturating_add(LEASE);
        let row = DataDeletion {
            due_at: until.map_err(StoreError::invalid)?,
            ..self.deletion.clone()
        };
        data_deletions::change(tx, &row, None).await?;
        Ok(true)
    }
}

/// Notes that deletions are done.
#[derive(Clone, Debug)]
pub struct EndDeletions {
    /// Which ones, none of which has anything left to do but this.
    pub deletions: Vec<DataDeletion>,
    /// The present.
    pub now: Timestamp,
}

impl Command for EndDeletions {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        for row in &self.deletions {
            data_deletions::change(tx, row, Some(self.now)).await?;
        }
        Ok(())
    }
}
