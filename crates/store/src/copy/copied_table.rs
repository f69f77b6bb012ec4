//! One table on its way: its statements, its rows page by page, and their comparison afterwards.

use std::convert::Infallible;

use futures_util::future::try_join_all;

use super::{CopyError, tables::Table, value::Value};
use crate::{
    Store, args,
    engine::{Command, Param, ReadTx, Row, WriteError, WriteTx},
    error::StoreError,
};

/// How many rows are read, written and compared at a time.
const PAGE: usize = 500;

type Values = Vec<Value>;

/// A table with the statements that copy it.
pub(super) struct CopiedTable {
    pub table: Table,
    count: &'static str,
    first_page: &'static str,
    next_page: &'static str,
    by_key: &'static str,
    insert: &'static str,
}

impl CopiedTable {
    /// The texts are never freed: statements are prepared once for a text that stays, and a copy is all that
    /// its process does.
    pub fn new(table: Table) -> CopiedTable {
        let name = &table.name;
        let columns = table
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        let key_names: Vec<&str> = table.key().map(|column| column.name.as_str()).collect();
        let key = key_names.join(", ");
        let conditions = key_names
            .iter()
            .zip(1..)
            .map(|(name, number)| format!("{name} = ${number}"));
        let conditions = conditions.collect::<Vec<_>>().join(" and ");
        let (key_values, values) = (
            placeholders(key_names.len()),
            placeholders(table.columns.len()),
        );
        let select = format!("select {columns} from {name}");
        let page = format!("order by {key} limit {PAGE}");
        CopiedTable {
            count: format!("select count(*) from {name}").leak(),
            first_page: format!("{select} {page}").leak(),
            next_page: format!("{select} where ({key}) > ({key_values}) {page}").leak(),
            by_key: format!("{select} where {conditions}").leak(),
            insert: format!("insert into {name} ({columns}) values ({values})").leak(),
            table,
        }
    }

    pub async fn copy(
        &self,
        source: &ReadTx<'_>,
        to: &Store,
        progress: &mut impl FnMut(&str, u64),
    ) -> Result<u64, CopyError> {
        let mut copied = 0;
        let mut rows = self.page_after(source, None).await?;
        while let Some(last) = rows.last().cloned() {
            copied += rows.len() as u64;
            self.insert(to, rows).await?;
            progress(&self.table.name, copied);
            rows = self.page_after(source, Some(&last)).await?;
        }
        Ok(copied)
    }

    async fn insert(&self, to: &Store, rows: Vec<Values>) -> Result<(), CopyError> {
        let last_key = rows.last().map(|row| self.key_of(row)).unwrap_or_default();
        let command = InsertRows {
            sql: self.insert,
            rows,
            by_key: self.by_key,
            last_key,
        };
        let inserted = to.write(command).await.map_err(|error| match error {
            WriteError::Failed(error) => error,
            WriteError::Refused(never) => match never {},
        });
        self.in_context(inserted)
    }

    pub async fn compare(
        &self,
        source: &ReadTx<'_>,
        target: &ReadTx<'_>,
        source_rows: u64,
    ) -> Result<(), CopyError> {
        let target_rows = self.in_context(self.count(target).await)?;
        if source_rows != target_rows {
            let table = self.table.name.clone();
            return Err(CopyError::CountDiffers {
                table,
                source_rows,
                target_rows,
            });
        }
        let mut rows = self.page_after(source, None).await?;
        while let Some(last) = rows.last() {
            let counterparts =
                try_join_all(rows.iter().map(|row| self.counterpart(target, row))).await;
            for (row, counterpart) in rows.iter().zip(self.in_context(counterparts)?) {
                self.compare_row(row, counterpart.as_deref().unwrap_or_default())?;
            }
            rows = self.page_after(source, Some(last)).await?;
        }
        Ok(())
    }

    fn compare_row(&self, row: &[Value], counterpart: &[Value]) -> Result<(), CopyError> {
        let same = |index: usize| {
            counterpart
                .get(index)
                .is_some_and(|value| row[index].is_same(value))
        };
        let Some(index) = (0..row.len()).find(|&index| !same(index)) else {
            return Ok(());
        };
        let key: Vec<String> = self.key_of(row).iter().map(Value::to_string).collect();
        Err(CopyError::RowDiffers {
            table: self.table.name.clone(),
            key: key.join(", "),
            column: self.table.columns[index].name.clone(),
        })
    }

    /// The rows that follow `last` in the order of the primary key.
    async fn page_after(
        &self,
        tx: &ReadTx<'_>,
        last: Option<&Values>,
    ) -> Result<Vec<Values>, CopyError> {
        let key = last.map(|row| self.key_of(row)).unwrap_or_default();
        let sql = if last.is_none() {
            self.first_page
        } else {
            self.next_page
        };
        self.in_context(tx.map_rows(sql, &params(&key), |row| self.read(row)).await)
    }

    async fn counterpart(
        &self,
        tx: &ReadTx<'_>,
        row: &[Value],
    ) -> Result<Option<Values>, StoreError> {
        let rows = tx
            .map_rows(self.by_key, &params(&self.key_of(row)), |row| {
                self.read(row)
            })
            .await?;
        Ok(rows.into_iter().next())
    }

    pub async fn count(&self, tx: &ReadTx<'_>) -> Result<u64, StoreError> {
        let count: i64 = tx.one(self.count, args![]).await?;
        Ok(count.unsigned_abs())
    }

    fn read(&self, row: &Row<'_>) -> Result<Values, StoreError> {
        let columns = self.table.columns.iter().enumerate();
        columns
            .map(|(index, column)| Value::read(row, index, column.kind))
            .collect()
    }

    fn key_of(&self, row: &[Value]) -> Values {
        self.table
            .key
            .iter()
            .map(|&index| row[index].clone())
            .collect()
    }

    pub fn in_context<T>(&self, result: Result<T, StoreError>) -> Result<T, CopyError> {
        result.map_err(|error| CopyError::Table {
            table: self.table.name.clone(),
            error,
        })
    }
}

fn placeholders(count: usize) -> String {
    let numbers: Vec<String> = (1..=count).map(|number| format!("${number}")).collect();
    numbers.join(", ")
}

fn params(values: &[Value]) -> Vec<&dyn Param> {
    values.iter().map(Value::param).collect()
}

/// A page of rows. All of them are there or none.
struct InsertRows {
    sql: &'static str,
    rows: Vec<Values>,
    by_key: &'static str,
    last_key: Values,
}

impl Command for InsertRows {
    type Output = ();
    type Refusal = Infallible;

    async fn run(&self, tx: &WriteTx<'_>) -> Result<(), WriteError<Infallible>> {
        let rows: Vec<Vec<&dyn Param>> = self.rows.iter().map(|row| params(row)).collect();
        tx.execute_each(self.sql, &rows).await?;
        Ok(())
    }

    async fn is_done(&self, tx: &ReadTx<'_>) -> Result<bool, StoreError> {
        let found = tx
            .map_rows(self.by_key, &params(&self.last_key), |_| Ok(()))
            .await?;
        Ok(!found.is_empty())
    }
}
