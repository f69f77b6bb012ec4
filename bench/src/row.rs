//! Rows that the server itself wrote, as patterns for many like them: no column is forgotten when the schema grows.

use crate::{
    Failure,
    database::{Database, Engine},
};

/// A row as SQL: a literal for each column.
#[derive(Clone, Debug)]
pub struct Row {
    engine: Engine,
    table: &'static str,
    columns: Vec<(String, String)>,
}

impl Row {
    /// The row of a table that fulfils a condition.
    pub fn read(database: &Database, table: &'static str, condition: &str) -> Result<Row, Failure> {
        let names: Vec<String> = match database.engine {
            Engine::Sqlite => {
                database.rows(&format!("select name from pragma_table_info('{table}')"))?
            }
            Engine::Postgres => database.rows(&format!(
                "select column_name from information_schema.columns where table_name = '{table}'
                 and table_schema = current_schema()"
            ))?,
        }
        .concat();
        let literal = |name: &String| match database.engine {
            Engine::Sqlite => format!("quote({name})"),
            Engine::Postgres => format!("quote_nullable({name}::text)"),
        };
        let literals: Vec<String> = names.iter().map(literal).collect();
        let sql = format!(
            "select {} from {table} where {condition}",
            literals.join(", ")
        );
        let literals = database.rows(&sql)?.pop();
        let literals = literals.ok_or_else(|| format!("{table} has no row where {condition}"))?;
        Ok(Row {
            engine: database.engine,
            table,
            columns: names.into_iter().zip(literals).collect(),
        })
    }

    /// The same row with another expression in some columns, in which `n` is the number of the copy.
    pub fn with(mut self, changes: &[(&str, String)]) -> Result<Row, Failure> {
        for (name, expression) in changes {
            let column = self.columns.iter_mut().find(|column| column.0 == *name);
            let column = column.ok_or_else(|| format!("{} has no column {name}", self.table))?;
            column.1.clone_from(expression);
        }
        Ok(self)
    }

    /// The statement that writes copies with these numbers, both ends included.
    pub fn copies(&self, first: u32, last: u32) -> String {
        let numbers = match self.engine {
            Engine::Sqlite => format!(
                "(with recursive numbers (n) as (select {first} where {first} <= {last} union all select n + 1 from numbers where n < {last})
                 select n from numbers)"
            ),
            Engine::Postgres => format!("generate_series({first}::bigint, {last}) as numbers (n)"),
        };
        format!(
            "{} select {} from {numbers}",
            self.insert_into(),
            self.values()
        )
    }

    /// The statement that writes it once, with the expressions as they are.
    pub fn insert(&self) -> String {
        format!("{} values ({})", self.insert_into(), self.values())
    }

    fn insert_into(&self) -> String {
        let names: Vec<&str> = self
            .columns
            .iter()
            .map(|column| column.0.as_str())
            .collect();
        format!("insert into {} ({})", self.table, names.join(", "))
    }

    fn values(&self) -> String {
        let values: Vec<&str> = self
            .columns
            .iter()
            .map(|column| column.1.as_str())
            .collect();
        values.join(", ")
    }
}

/// What an id is of; ids of different things differ.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A user, and the host of the same id.
    User = 1,
    /// A membership in the organization.
    Membership = 2,
    /// A schedule.
    Schedule = 3,
    /// An event type.
    EventType = 4,
    /// A scheduled event.
    Event = 5,
    /// An invitee.
    Invitee = 6,
}

impl Engine {
    /// The id of the thing with this number, as SQL, such as the server makes them: they grow with the number.
    pub fn id(self, kind: Kind, number: &str) -> String {
        let kind = kind as u8;
        match self {
            Engine::Sqlite => {
                format!("unhex(printf('01900000000070008{kind:03x}%012x', {number}))")
            }
            Engine::Postgres => format!(
                "('01900000-0000-7000-8{kind:03x}-' || lpad(to_hex({number}), 12, '0'))::uuid"
            ),
        }
    }

    /// The instant so many seconds after 1970, as SQL.
    pub fn instant(self, seconds: &str) -> String {
        match self {
            Engine::Sqlite => format!("(({seconds}) * 1000000)"),
            Engine::Postgres => format!("to_timestamp({seconds})"),
        }
    }

    /// An id that is known, as SQL.
    pub fn uuid(self, id: &str) -> String {
        match self {
            Engine::Sqlite => format!("unhex('{}')", id.replace('-', "")),
            Engine::Postgres => format!("'{id}'"),
        }
    }
}

/// The id of the thing with this number, as it is written in URIs.
pub fn id(kind: Kind, number: u32) -> String {
    format!("01900000-0000-7000-8{:03x}-{number:012x}", kind as u8)
}
