//! The statements by which any table is searched, made of what the migrations say of it.

use std::{collections::HashMap, sync::OnceLock};

use serde_json::Value;

use super::{COLUMNS, Holds, RowKey};
use crate::{
    StoreError,
    copy::{Kind, Table, TableColumn, tables, value},
    engine::Row,
    migrate::MIGRATIONS,
};

/// The statements for one table.
pub(super) struct Statements {
    pub(super) key: Vec<TableColumn>,
    pub(super) columns: Vec<(TableColumn, Holds)>,
    pub(super) first_page: &'static str,
    pub(super) next_page: &'static str,
    pub(super) lock: &'static str,
    pub(super) get: &'static str,
    pub(super) update: &'static str,
    pub(super) delete: &'static str,
}

impl Statements {
    /// The texts are made once for a process.
    fn of(table: &Table) -> Option<Statements> {
        let holds = |column: &TableColumn| {
            let mut all = COLUMNS.iter();
            let found = all.find(|(of, name, _)| *of == table.name && *name == column.name);
            let holds = found.map(|(_, _, holds)| *holds);
            holds.filter(|holds| holds.is_searched())
        };
        let columns: Vec<(TableColumn, Holds)> = (table.columns.iter())
            .filter_map(|column| Some((column.clone(), holds(column)?)))
            .collect();
        if columns.is_empty() {
            return None;
        }
        let key: Vec<TableColumn> = table.key().skip(1).cloned().collect();
        let name = &table.name;
        let names = |columns: &mut dyn Iterator<Item = &TableColumn>| {
            let names: Vec<&str> = columns.map(|column| column.name.as_str()).collect();
            names.join(", ")
        };
        let (keys, values) = (
            names(&mut key.iter()),
            names(&mut columns.iter().map(|(column, _)| column)),
        );
        let numbered = |from: usize, columns: &[TableColumn], between: &str| {
            let parts = columns.iter().zip(from..);
            let parts = parts.map(|(column, number)| format!("{} = ${number}", column.name));
            parts.collect::<Vec<_>>().join(between)
        };
        let after: Vec<String> = (2..2 + key.len()).map(|it| format!("${it}")).collect();
        let (after, limit) = (after.join(", "), 2 + key.len());
        let plain: Vec<TableColumn> = columns.iter().map(|(column, _)| column.clone()).collect();
        let this = format!("organization_id = $1 and {}", numbered(2, &key, " and "));
        let set = numbered(limit, &plain, ", ");
        Some(Statements {
            first_page: format!(
                "select {keys}, {values} from {name} where organization_id = $1 order by {keys} limit $2"
            )
            .leak(),
            next_page: format!(
                "select {keys}, {values} from {name} where organization_id = $1 and ({keys}) > ({after})
  order by {keys} limit ${limit}"
            )
            .leak(),
            lock: format!(
                "update {name} set {first} = {first} where {this}",
                first = plain[0].name
            )
            .leak(),
            get: format!("select {keys}, {values} from {name} where {this}").leak(),
            update: format!("update {name} set {set} where {this}").leak(),
            delete: format!("delete from {name} where {this}").leak(),
            key,
            columns,
        })
    }

    pub(super) fn read(&self, row: &Row<'_>) -> Result<(RowKey, Vec<value::Value>), StoreError> {
        let all = self.key.iter().chain(self.columns.iter().map(|it| &it.0));
        let mut values = all
            .enumerate()
            .map(|(index, column)| value::Value::read(row, index, column.kind))
            .collect::<Result<Vec<_>, _>>()?;
        let rest = values.split_off(self.key.len());
        Ok((RowKey(values), rest))
    }

    /// A key that was a document.
    pub(super) fn key_of(&self, document: &Value) -> Result<RowKey, StoreError> {
        let parts = document.as_array().map(Vec::as_slice).unwrap_or_default();
        let parsed = self.key.iter().zip(parts).map(|(column, part)| {
            let text = part.as_str();
            match column.kind {
                Kind::Uuid => text
                    .and_then(|it| it.parse().ok())
                    .map(|it| value::Value::Uuid(Some(it))),
                Kind::Int => part.as_i64().map(|it| value::Value::Int(Some(it))),
                Kind::Text => text.map(|it| value::Value::Text(Some(it.to_owned()))),
                Kind::Instant | Kind::Json | Kind::Bool | Kind::Bytes => None,
            }
        });
        let parsed: Option<Vec<value::Value>> = parsed.collect();
        let whole = parsed.filter(|parsed| parsed.len() == self.key.len());
        whole
            .map(RowKey)
            .ok_or_else(|| StoreError::invalid(format_args!("{document} is no key")))
    }
}

/// The statements for a table that is searched.
pub(super) fn statements(table: &str) -> Result<&'static Statements, StoreError> {
    static ALL: OnceLock<HashMap<String, Statements>> = OnceLock::new();
    let all = if let Some(all) = ALL.get() {
        all
    } else {
        let made = tables(MIGRATIONS)?;
        let made = made
            .iter()
            .filter_map(|table| Some((table.name.clone(), Statements::of(table)?)));
        let made = made.collect();
        ALL.get_or_init(|| made)
    };
    all.get(table)
        .ok_or_else(|| StoreError::invalid(format_args!("{table} is not searched")))
}
