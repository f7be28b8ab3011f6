//! Statements on a connection, and what they answer.

use std::{
    cell::Cell,
    fmt::{Display, Write},
};

use rusqlite::{
    Connection, OptionalExtension, Params, Row, Statement, ToSql,
    types::{FromSql, Value},
};
use support_core::ports::StoreError;
use uuid::Uuid;

use crate::SqliteStore;

/// A row of an answer, read column by column.
pub(crate) struct SqliteRow<'r> {
    row: &'r Row<'r>,
    next: Cell<usize>,
}

impl<'r> SqliteRow<'r> {
    /// A row as the driver has it.
    pub(crate) fn of(row: &'r Row<'r>) -> Self {
        let next = Cell::new(0);
        Self { row, next }
    }

    /// A column by its name. Those that are read in the order in which they were selected are
    /// found at once, others are looked for.
    pub(crate) fn try_get<T: FromSql>(&self, column: &str) -> rusqlite::Result<T> {
        let statement: &Statement<'_> = self.row.as_ref();
        let expected = self.next.get();
        let place = match statement.column_name(expected) {
            Ok(name) if name == column => expected,
            _ => statement.column_index(column)?,
        };
        self.next.set(place.saturating_add(1));
        self.row.get(place)
    }
}

/// What a row is read as.
pub(crate) trait FromRow: Sized {
    /// Takes the row's columns.
    fn from_row(row: &SqliteRow<'_>) -> rusqlite::Result<Self>;
}

/// Rows of one column.
macro_rules! single {
    ($($kind:ty),+) => {
        $(impl FromRow for $kind {
            fn from_row(row: &SqliteRow<'_>) -> rusqlite::Result<Self> {
                row.row.get(0)
            }
        })+
    };
}
single!(bool, i64, String, Uuid);

impl FromRow for (Uuid, Uuid) {
    fn from_row(row: &SqliteRow<'_>) -> rusqlite::Result<Self> {
        Ok((row.row.get(0)?, row.row.get(1)?))
    }
}

impl FromRow for (Uuid, i64) {
    fn from_row(row: &SqliteRow<'_>) -> rusqlite::Result<Self> {
        Ok((row.row.get(0)?, row.row.get(1)?))
    }
}

impl FromRow for (i64, Uuid, Uuid) {
    fn from_row(row: &SqliteRow<'_>) -> rusqlite::Result<Self> {
        Ok((row.row.get(0)?, row.row.get(1)?, row.row.get(2)?))
    }
}

/// The first row that a statement answers.
pub(crate) fn optional<T: FromRow>(
    connection: &Connection,
    statement: &str,
    parameters: impl Params,
) -> rusqlite::Result<Option<T>> {
    let mut statement = connection.prepare_cached(statement)?;
    let row = statement.query_row(parameters, |row| T::from_row(&SqliteRow::of(row)));
    row.optional()
}

/// The row that a statement always answers.
pub(crate) fn one<T: FromRow>(
    connection: &Connection,
    statement: &str,
    parameters: impl Params,
) -> rusqlite::Result<T> {
    let mut statement = connection.prepare_cached(statement)?;
    statement.query_row(parameters, |row| T::from_row(&SqliteRow::of(row)))
}

/// All rows that a statement answers.
pub(crate) fn all<T: FromRow>(
    connection: &Connection,
    statement: &str,
    parameters: impl Params,
) -> rusqlite::Result<Vec<T>> {
    let mut statement = connection.prepare_cached(statement)?;
    let rows = statement.query_map(parameters, |row| T::from_row(&SqliteRow::of(row)))?;
    rows.collect()
}

/// Does what a statement says and answers how many rows it changed.
pub(crate) fn execute(connection: &Connection, statement: &str, parameters: impl Params) -> rusqlite::Result<usize> {
    connection.prepare_cached(statement)?.execute(parameters)
}

impl SqliteStore {
    /// The first row that a statement answers to a reader.
    pub(crate) async fn fetch_optional<T>(
        &self,
        statement: &'static str,
        parameters: impl Params + Send + 'static,
    ) -> Result<Option<T>, StoreError>
    where
        T: FromRow + Send + 'static,
    {
        self.read(move |connection| Ok(optional(connection, statement, parameters)?))
            .await
    }

    /// The row that a statement always answers to a reader.
    pub(crate) async fn fetch_one<T>(
        &self,
        statement: &'static str,
        parameters: impl Params + Send + 'static,
    ) -> Result<T, StoreError>
    where
        T: FromRow + Send + 'static,
    {
        self.read(move |connection| Ok(one(connection, statement, parameters)?))
            .await
    }

    /// All rows that a statement answers to a reader.
    pub(crate) async fn fetch_all<T>(
        &self,
        statement: &'static str,
        parameters: impl Params + Send + 'static,
    ) -> Result<Vec<T>, StoreError>
    where
        T: FromRow + Send + 'static,
    {
        self.read(move |connection| Ok(all(connection, statement, parameters)?))
            .await
    }

    /// Has the writer do what one statement says; answers how many rows it changed.
    pub(crate) async fn execute(
        &self,
        statement: &'static str,
        parameters: impl Params + Send + 'static,
    ) -> Result<usize, StoreError> {
        let done = self.write(move |transaction| Ok(execute(transaction, statement, parameters)?));
        Ok(done.await?)
    }
}

/// A statement that is put together piece by piece, with its parameters in their order.
#[derive(Debug)]
pub(crate) struct QueryBuilder {
    sql: String,
    parameters: Vec<Value>,
}

impl QueryBuilder {
    /// A statement that begins so.
    pub(crate) fn new(sql: &str) -> Self {
        Self {
            sql: sql.to_owned(),
            parameters: Vec::new(),
        }
    }

    /// Goes on with a piece that came from nobody outside.
    pub(crate) fn push(&mut self, sql: impl Display) -> &mut Self {
        // A text takes whatever is written to it.
        let _ = write!(self.sql, "{sql}");
        self
    }

    /// Goes on with a parameter.
    pub(crate) fn push_bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.sql.push('?');
        self.parameters.push(value.into());
        self
    }

    /// The statement alone.
    #[cfg(test)]
    pub(crate) fn into_string(self) -> String {
        self.sql
    }

    /// The row that the statement always answers.
    pub(crate) fn one<T: FromRow>(&self, connection: &Connection) -> rusqlite::Result<T> {
        one(connection, &self.sql, self.parameters().as_slice())
    }

    /// All rows that the statement answers.
    pub(crate) fn all<T: FromRow>(&self, connection: &Connection) -> rusqlite::Result<Vec<T>> {
        all(connection, &self.sql, self.parameters().as_slice())
    }

    fn parameters(&self) -> Vec<&dyn ToSql> {
        self.parameters.iter().map(|value| value as &dyn ToSql).collect()
    }
}
