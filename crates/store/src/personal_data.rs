//! Where personal data of people outside the organization may be, and reading and writing it there, whatever the table.
//!
//! Every column that holds text or a document is in the list in `personal_data/columns.rs`: a test compares it with the
//! schema, so that none is forgotten.

pub mod blanking;
mod columns;
mod statements;

pub use columns::{COLUMNS, Holds};

use domain::id::OrganizationId;
use serde_json::Value;
use statements::statements;
use uuid::Uuid;

use crate::{
    ReadTx, StoreError, WriteTx,
    copy::{Kind, value},
    engine::{Param, Row},
};

/// The tables that are searched for such data, in the order of the list.
pub fn searched_tables() -> Vec<&'static str> {
    tables_where(Holds::is_searched)
}

/// The tables that may hold such data.
pub fn holding_tables() -> Vec<&'static str> {
    tables_where(|holds| holds != Holds::Nothing)
}

fn tables_where(is_one: impl Fn(Holds) -> bool) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for (table, _, holds) in COLUMNS {
        if is_one(*holds) && !names.contains(table) {
            names.push(table);
        }
    }
    names
}

/// A row of any table: what tells it from the other rows of its organization.
#[derive(Clone, Debug, PartialEq)]
pub struct RowKey(Vec<value::Value>);

impl RowKey {
    /// The id that is all that tells it from others.
    pub fn id(&self) -> Option<Uuid> {
        match self.0[..] {
            [value::Value::Uuid(id)] => id,
            _ => None,
        }
    }

    /// As a document.
    pub fn document(&self) -> Value {
        let one = |part: &value::Value| match part {
            value::Value::Int(Some(number)) => Value::from(*number),
            part => Value::from(part.to_string()),
        };
        self.0.iter().map(one).collect()
    }
}

/// Some rows of a table.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Those with text that was looked for.
    pub rows: Vec<RowKey>,
    /// The last one that was seen; none where there are no more.
    pub last: Option<Value>,
}

/// What is to be done with a value: whether it says what is looked for, which is then taken out of it.
pub type Scrub<'a> = &'a (dyn Fn(&mut Value) -> bool + Send + Sync);

/// Looks for something in the rows that follow a row, so many of them.
pub async fn find(
    tx: &ReadTx<'_>,
    (organization, table): (OrganizationId, &str),
    (after, limit): (Option<&Value>, i64),
    scrub: Scrub<'_>,
) -> Result<Found, StoreError> {
    let statements = statements(table)?;
    let rows = match after {
        None => {
            let args: [&dyn Param; 2] = [&organization.0, &limit];
            let read = |row: &Row<'_>| statements.read(row);
            tx.map_rows(statements.first_page, &args, read).await?
        }
        Some(after) => {
            let after = statements.key_of(after)?;
            let mut args: Vec<&dyn Param> = vec![&organization.0];
            args.extend(after.0.iter().map(value::Value::param));
            args.push(&limit);
            let read = |row: &Row<'_>| statements.read(row);
            tx.map_rows(statements.next_page, &args, read).await?
        }
    };
    let is_all = i64::try_from(rows.len()).is_ok_and(|count| count < limit);
    let last = rows.last().map(|(key, _)| key.document());
    let mut found = Vec::new();
    for (key, values) in rows {
        let mut says_it = false;
        for column in key.0.iter().chain(&values) {
            says_it |= scrub(&mut text_of(column)?);
        }
        if says_it {
            found.push(key);
        }
    }
    Ok(Found {
        rows: found,
        last: last.filter(|_| !is_all),
    })
}

/// A value as a document. Text that is one itself, such as an answer that is kept, is read as one.
fn text_of(column: &value::Value) -> Result<Value, StoreError> {
    Ok(match column {
        value::Value::Text(Some(text)) => {
            parsed(text).unwrap_or_else(|| Value::from(text.as_str()))
        }
        value::Value::Json(Some(text)) => {
            serde_json::from_str(&text.0).map_err(StoreError::invalid)?
        }
        _ => Value::Null,
    })
}

/// The object that a text is.
fn parsed(text: &str) -> Option<Value> {
    let is_object = text.starts_with('{');
    is_object.then(|| serde_json::from_str(text).ok()).flatten()
}

/// Takes out of a row what `scrub` takes out of its values; where it takes out anything, copies go altogether. Returns
/// the columns that changed. A row that is known by what is taken out, or all about it, goes itself.
pub async fn scrub_row(
    tx: &WriteTx<'_>,
    (organization, table): (OrganizationId, &str),
    key: &RowKey,
    scrub: Scrub<'_>,
) -> Result<Vec<&'static str>, StoreError> {
    let statements = statements(table)?;
    let mut this: Vec<&dyn Param> = vec![&organization.0];
    this.extend(key.0.iter().map(value::Value::param));
    // what others write meanwhile is seen by the statement that follows
    tx.execute(statements.lock, &this).await?;
    let read = |row: &Row<'_>| statements.read(row);
    let rows = tx.map_rows(statements.get, &this, read).await?;
    let Some((_, mut values)) = rows.into_iter().next() else {
        return Ok(Vec::new());
    };
    for part in &key.0 {
        if scrub(&mut text_of(part)?) {
            tx.execute(statements.delete, &this).await?;
            return Ok(vec![""]);
        }
    }
    let mut changed = Vec::new();
    for (value, (column, _)) in values.iter_mut().zip(&statements.columns) {
        let mut document = text_of(value)?;
        if scrub(&mut document) {
            *value = written(value, &document);
            changed.push(column.name.as_str());
        }
    }
    if changed.is_empty() {
        return Ok(changed);
    }
    let mut all = statements.columns.iter();
    if all.any(|(column, holds)| *holds == Holds::Whole && changed.contains(&column.name.as_str()))
    {
        tx.execute(statements.delete, &this).await?;
        return Ok(changed);
    }
    for (value, (column, _)) in (values.iter_mut().zip(&statements.columns))
        .filter(|(_, (_, holds))| *holds == Holds::Copies)
    {
        *value = match column.kind {
            Kind::Json => value::Value::Json(None),
            _ => value::Value::Text(None),
        };
    }
    this.extend(values.iter().map(value::Value::param));
    tx.execute(statements.update, &this).await?;
    Ok(changed)
}

/// A document in the form in which the column had it.
fn written(column: &value::Value, document: &Value) -> value::Value {
    match (column, document) {
        (value::Value::Json(_), document) => {
            value::Value::Json(Some(value::JsonText(document.to_string())))
        }
        (_, Value::String(text)) => value::Value::Text(Some(text.clone())),
        (_, document) => value::Value::Text(Some(document.to_string())),
    }
}
