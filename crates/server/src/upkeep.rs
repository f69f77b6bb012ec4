//! What every node sees to besides answering requests: personal data that is to be deleted, and what is cleared away by
//! itself. Of several nodes one does it at a time.

use crate::{
    app::{
        cleanup::clean_up_if_due,
        data_deletions::{EndDeletions, REWRITE, TakeDeletion, next_step},
    },
    context::App,
    jobs::{self, Bell, failure},
};
use store::{
    StoreError,
    data_deletions::{self, DataDeletion},
};

/// Sees to it for as long as the process serves.
pub async fn keep(app: App) {
    jobs::keep_on("deletions", &Bell::default(), || step(&app)).await;
}

/// Does something, if there is anything to do; whether there was.
pub async fn step(app: &App) -> Result<bool, StoreError> {
    let tx = app.store.read().await?;
    match data_deletions::due(&tx, app.now()).await? {
        None => {
            drop(tx);
            clean_up_if_due(app).await
        }
        Some(deletion) if deletion.stage == REWRITE => {
            drop(tx);
            rewrite(app, deletion).await
        }
        Some(deletion) => {
            let step = next_step(&tx, deletion, app.now()).await?;
            drop(tx);
            app.store.unrecorded().write(step).await.map_err(failure)?;
            Ok(true)
        }
    }
}

/// Writes the files anew, once for all deletions that have come so far.
async fn rewrite(app: &App, first: DataDeletion) -> Result<bool, StoreError> {
    let now = app.now();
    let taken = TakeDeletion {
        deletion: first,
        now,
    };
    if !app.store.unrecorded().write(taken).await.map_err(failure)? {
        return Ok(true);
    }
    let tx = app.store.read().await?;
    let deletions = data_deletions::at_stage(&tx, REWRITE).await?;
    drop(tx);
    app.store.unrecorded().rewrite().await?;
    let count = deletions.len();
    let now = app.now();
    let end = EndDeletions { deletions, now };
    app.store.unrecorded().write(end).await.map_err(failure)?;
    tracing::info!(count, "personal data was deleted");
    Ok(true)
}
