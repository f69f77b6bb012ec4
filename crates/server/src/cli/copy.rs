//! `fasti copy`.

use super::Failure;
use store::Store;

/// From where to where.
#[derive(Debug, clap::Args)]
pub struct Copy {
    /// The database to read
    #[arg(long, value_name = "URL")]
    from: String,
    /// The empty database to fill
    #[arg(long, value_name = "URL")]
    to: String,
}

impl Copy {
    /// Copies every table and checks every row.
    pub async fn run(self) -> Result<(), Failure> {
        if !exists(&self.from) {
            return Err(format!("there is no database {}", self.from).into());
        }
        let from = Store::open(&self.from).await?;
        from.is_ready().await?;
        let to = Store::open(&self.to).await?;
        to.migrate().await?;
        let tables = store::copy::copy(&from, &to, |_, _| {}).await?;
        for (table, rows) in tables {
            println!("{table}: {rows} rows, checked");
        }
        Ok(())
    }
}

/// Whether a SQLite file is there; of a PostgreSQL database only opening it tells.
pub(super) fn exists(url: &str) -> bool {
    let postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
    postgres || std::path::Path::new(url.strip_prefix("sqlite:").unwrap_or(url)).exists()
}
