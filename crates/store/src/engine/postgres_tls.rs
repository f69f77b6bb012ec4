//! TLS to PostgreSQL: the server must show a certificate for its name that the system trusts.
//!
//! `SSL_CERT_FILE` names other certificates to trust, for a server with an authority of its own.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio_postgres::{Config, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Cause, StoreError};

/// Whether the address says `sslmode=require`. Other modes would not tell who answers.
pub(super) fn is_asked_for(config: &Config) -> bool {
    !matches!(config.get_ssl_mode(), SslMode::Disable | SslMode::Prefer)
}

pub(super) fn connector() -> Result<MakeRustlsConnect, StoreError> {
    let loaded = rustls_native_certs::load_native_certs();
    let mut trusted = RootCertStore::empty();
    trusted.add_parsable_certificates(loaded.certs);
    if trusted.is_empty() {
        let cause = loaded
            .errors
            .into_iter()
            .next()
            .map(|error| Arc::new(error) as Cause);
        return Err(StoreError::Invalid { what: "TLS needs trusted certificates, and there are none: install ca-certificates or set SSL_CERT_FILE".to_owned(), cause });
    }
    // Named, because it would be a panic to choose it by itself when another crate brings a second one.
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Invalid {
            what: "TLS cannot be set up".to_owned(),
            cause: Some(Arc::new(error)),
        })?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
