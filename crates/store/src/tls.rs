//! Whom we trust when we connect to others: certificates that the system trusts.
//!
//! `SSL_CERT_FILE` names other certificates to trust, for a server with an authority of its own.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::error::{Cause, StoreError};

/// The side of TLS that connects.
pub fn client() -> Result<ClientConfig, StoreError> {
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
    Ok(config)
}
