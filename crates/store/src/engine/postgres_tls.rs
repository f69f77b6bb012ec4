//! TLS to PostgreSQL: the server must show a certificate for its name that the system trusts.

use tokio_postgres::{Config, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{error::StoreError, tls};

/// Whether the address says `sslmode=require`. Other modes would not tell who answers.
pub(super) fn is_asked_for(config: &Config) -> bool {
    !matches!(config.get_ssl_mode(), SslMode::Disable | SslMode::Prefer)
}

pub(super) fn connector() -> Result<MakeRustlsConnect, StoreError> {
    Ok(MakeRustlsConnect::new(tls::client()?))
}
