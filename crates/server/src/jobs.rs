//! What is done beside the requests, for as long as the process serves: one step after the other, at once where there is
//! more to do, otherwise when somebody rings or after a while.

use std::{convert::Infallible, time::Duration};
use store::{StoreError, WriteError, error::chain};
use tokio::sync::Notify;

/// How often it is looked whether there is something to do, where nobody says so.
const LOOK: Duration = Duration::from_secs(1);

/// Says that something happened.
#[derive(Debug, Default)]
pub struct Bell(Notify);

impl Bell {
    /// Something may have happened.
    pub fn ring(&self) {
        self.0.notify_one();
    }
}

/// Takes steps for ever. Each says whether there may be more to do at once; one that fails is taken again after a while.
pub async fn keep_on<S>(what: &'static str, bell: &Bell, mut step: impl FnMut() -> S)
where
    S: Future<Output = Result<bool, StoreError>>,
{
    let mut works = true;
    loop {
        let done = step().await;
        match &done {
            Err(error) if works => {
                let error = chain(error);
                tracing::warn!(error, "{what} wait for the database");
            }
            Ok(_) if !works => tracing::info!("{what} go on"),
            _ => {}
        }
        works = done.is_ok();
        if !done.unwrap_or(false) {
            tokio::time::timeout(LOOK, bell.0.notified()).await.ok();
        }
    }
}

/// Why a command failed that never refuses.
pub fn failure(error: WriteError<Infallible>) -> StoreError {
    match error {
        WriteError::Refused(never) => match never {},
        WriteError::Failed(failure) => failure,
    }
}
