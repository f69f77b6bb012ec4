//! What each engine's errors mean, and those of commands that are wrong.

use std::{any::Any, error::Error, sync::Arc};

use deadpool_postgres::{HookError, PoolError, TimeoutType};
use rusqlite::{ErrorCode, ffi};
use tokio_postgres::error::{DbError, SqlState};

use crate::error::{Cause, Outage, ServerError, StoreError};

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        let rusqlite::Error::SqliteFailure(failure, message) = &error else {
            return statement_failed(Arc::new(error));
        };
        if is_unique_violation(failure.extended_code) {
            let constraint = message.as_deref().and_then(violated_key);
            return StoreError::Conflict {
                constraint,
                cause: Arc::new(error),
            };
        }
        let outage = match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Outage::Contention,
            ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OutOfMemory => Outage::Storage,
            ErrorCode::OperationInterrupted => Outage::Canceled,
            _ => return statement_failed(Arc::new(error)),
        };
        StoreError::Unavailable {
            outage,
            cause: Some(Arc::new(error)),
        }
    }
}

fn is_unique_violation(extended_code: i32) -> bool {
    [
        ffi::SQLITE_CONSTRAINT_UNIQUE,
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
        ffi::SQLITE_CONSTRAINT_ROWID,
    ]
    .contains(&extended_code)
}

/// `UNIQUE constraint failed: users.organization_id, users.slug`, or `…: index 'users_email'`.
fn violated_key(message: &str) -> Option<String> {
    let (_, key) = message.split_once("constraint failed: ")?;
    let index = key
        .strip_prefix("index '")
        .and_then(|name| name.strip_suffix('\''));
    Some(index.unwrap_or(key).to_owned())
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> StoreError {
        match error.as_db_error() {
            Some(reported) => from_server(reported),
            None if is_connection_failure(&error) => StoreError::Unavailable {
                outage: Outage::ConnectionLost,
                cause: Some(Arc::new(error)),
            },
            None => statement_failed(Arc::new(error)),
        }
    }
}

fn from_server(reported: &DbError) -> StoreError {
    let cause: Cause = Arc::new(ServerError {
        code: reported.code().code().to_owned(),
        message: reported.message().to_owned(),
    });
    if *reported.code() == SqlState::UNIQUE_VIOLATION {
        return StoreError::Conflict {
            constraint: conflicting_key(reported),
            cause,
        };
    }
    match outage(reported.code()) {
        Some(outage) => StoreError::Unavailable {
            outage,
            cause: Some(cause),
        },
        None if is_refused_login(reported.code()) => StoreError::Invalid {
            what: "the database refuses the connection".to_owned(),
            cause: Some(cause),
        },
        None => statement_failed(cause),
    }
}

/// A wrong user, password or database.
fn is_refused_login(state: &SqlState) -> bool {
    state.code().starts_with("28") || state.code().starts_with("3D")
}

fn outage(state: &SqlState) -> Option<Outage> {
    let code = state.code();
    Some(match code {
        "40001" | "40P01" | "55P03" => Outage::Contention,
        "57014" => Outage::Canceled,
        // A standby after a failover: another connection may lead to the new primary.
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25006" => Outage::ConnectionLost,
        _ if code.starts_with("08") => Outage::ConnectionLost,
        "53300" => Outage::PoolExhausted,
        _ if code.starts_with("53") || code.starts_with("58") => Outage::Storage,
        _ => return None,
    })
}

/// The key as SQLite would name it. The detail reads `Key (organization_id, slug)=(…) already exists.` in the
/// server's language; a key with an expression is known by its index alone.
fn conflicting_key(reported: &DbError) -> Option<String> {
    let index = || reported.constraint().map(str::to_owned);
    let columns = reported
        .detail()
        .and_then(|detail| detail.split_once(")=("))
        .and_then(|(key, _)| key.split_once('('))
        .map(|(_, columns)| columns);
    match (reported.table(), columns) {
        (Some(table), Some(columns)) if !columns.contains('(') => {
            let columns = columns
                .split(", ")
                .map(|column| format!("{table}.{column}"));
            Some(columns.collect::<Vec<_>>().join(", "))
        }
        _ => index(),
    }
}

/// Whether the connection is of no use any more.
pub(super) fn is_connection_lost(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().map_or_else(
        || is_connection_failure(error),
        |reported| outage(reported.code()) == Some(Outage::ConnectionLost),
    )
}

fn is_connection_failure(error: &tokio_postgres::Error) -> bool {
    error.is_closed()
        || error
            .source()
            .is_some_and(<dyn Error>::is::<std::io::Error>)
}

fn statement_failed(cause: Cause) -> StoreError {
    StoreError::Invalid {
        what: "a statement failed".to_owned(),
        cause: Some(cause),
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> StoreError {
        let outage = match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                return error.into();
            }
            PoolError::Timeout(TimeoutType::Wait) => Outage::PoolExhausted,
            PoolError::Timeout(_) | PoolError::PostCreateHook(HookError::Message(_)) => {
                Outage::ConnectionLost
            }
            PoolError::Closed => Outage::ShuttingDown,
            PoolError::NoRuntimeSpecified => return statement_failed(Arc::new(error)),
        };
        StoreError::Unavailable {
            outage,
            cause: Some(Arc::new(error)),
        }
    }
}

pub(super) fn went_on_after_a_failure() -> StoreError {
    StoreError::invalid("a command went on after one of its statements had failed")
}

pub(super) fn panicked(panic: &(dyn Any + Send)) -> StoreError {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    StoreError::invalid(format_args!(
        "a command panicked: {}",
        message.unwrap_or("without a message")
    ))
}
