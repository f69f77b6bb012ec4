//! The tables and columns that a history of migrations leaves, read from its text.
//!
//! Understood is how our migrations are written: `create table` with one column a line, `alter table … add
//! column`, `drop table`. Any other change of a table is an error, so that no column is left behind unseen.

use crate::{error::StoreError, migrate::Migration};

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The columns in their order.
    pub columns: Vec<TableColumn>,
    /// The places of the primary key's columns among them.
    pub key: Vec<usize>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{uuid}`
    Uuid,
    /// `{ts}`
    Instant,
    /// `{json}`
    Json,
    /// `{int}`
    Int,
    /// `{bool}`
    Bool,
    /// `{bytes}`
    Bytes,
    /// `text`
    Text,
}

impl Table {
    /// The columns of the primary key.
    pub fn key(&self) -> impl Iterator<Item = &TableColumn> {
        self.key.iter().map(|&index| &self.columns[index])
    }
}

/// The tables that these migrations leave, in the order of their creation.
pub fn tables(migrations: &[Migration]) -> Result<Vec<Table>, StoreError> {
    let mut tables = Vec::new();
    for (name, sql) in migrations {
        for statement in without_comments(sql).split(';') {
            apply(&mut tables, statement.trim()).ok_or_else(|| {
                StoreError::invalid(format_args!(
                    "copying does not understand migration {name}: {statement}"
                ))
            })?;
        }
    }
    Ok(tables)
}

fn without_comments(sql: &str) -> String {
    let lines = sql
        .lines()
        .map(|line| line.split_once("--").map_or(line, |(code, _)| code));
    lines.collect::<Vec<_>>().join("\n")
}

/// Nothing when a change is not understood.
fn apply(tables: &mut Vec<Table>, statement: &str) -> Option<()> {
    let words: Vec<&str> = statement.split_whitespace().collect();
    match words[..] {
        ["create", "table", name, ..] => {
            tables.push(created(name.trim_end_matches('('), statement)?);
        }
        ["alter", "table", name, "add", "column", column, kind, ..] => {
            let table = tables.iter_mut().find(|table| table.name == name)?;
            table.columns.push(TableColumn {
                name: column.to_owned(),
                kind: kind_of(kind)?,
            });
        }
        ["alter", "table", name, "drop", "column", column] => {
            let table = tables.iter_mut().find(|table| table.name == name)?;
            let place = table.columns.iter().position(|it| it.name == column)?;
            if table.key.contains(&place) {
                return None;
            }
            table.columns.remove(place);
            for key in table.key.iter_mut().filter(|key| place < **key) {
                *key -= 1;
            }
        }
        ["drop", "table", name] => tables.retain(|table| table.name != name),
        ["alter" | "drop", "table", ..] => return None,
        // Indexes and rows are no concern of ours: the target has the same indexes, and rows are copied.
        _ => {}
    }
    Some(())
}

fn created(name: &str, statement: &str) -> Option<Table> {
    let (_, rest) = statement.split_once('(')?;
    let (body, _) = rest.rsplit_once(')')?;
    let mut table = Table {
        name: name.to_owned(),
        columns: Vec::new(),
        key: Vec::new(),
    };
    let mut key = Vec::new();
    for line in body.lines().map(|line| line.trim().trim_end_matches(',')) {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (None | Some("unique" | "check" | "foreign" | "constraint"), _) => {}
            (Some("primary"), _) => {
                let (_, names) = line.split_once('(')?;
                key.extend(names.trim_end_matches(')').split(',').map(str::trim));
            }
            (Some(column), kind) => {
                table.columns.push(TableColumn {
                    name: column.to_owned(),
                    kind: kind_of(kind?)?,
                });
                if line.contains("primary key") {
                    key.push(column);
                }
            }
        }
    }
    let place = |name: &&str| table.columns.iter().position(|column| column.name == *name);
    table.key = key.iter().map(place).collect::<Option<_>>()?;
    (!table.key.is_empty()).then_some(table)
}

fn kind_of(word: &str) -> Option<Kind> {
    Some(match word {
        "{uuid}" => Kind::Uuid,
        "{ts}" => Kind::Instant,
        "{json}" => Kind::Json,
        "{int}" => Kind::Int,
        "{bool}" => Kind::Bool,
        "{bytes}" => Kind::Bytes,
        "text" => Kind::Text,
        _ => return None,
    })
}
