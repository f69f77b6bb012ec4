//! `fasti migrate`.

use super::Failure;
use crate::config::Config;
use store::Store;

/// Brings the database up to date and says by how much.
pub async fn run(config: Config) -> Result<(), Failure> {
    let store = Store::open(&config.database_url()).await?;
    let applied = store.migrate().await?;
    println!("{applied} migrations applied");
    Ok(())
}
