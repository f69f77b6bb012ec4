//! Whom we trust when we connect to others: certificates that the system trusts.
//!
//! `SSL_CERT_FILE` names other certificates to trust, for a server with an authority of its own.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::error::{Cause, StoreError};

/// The side of TLS that connects.
pub fn client() -> Result<ClientConfig, StoreError> {
    client_with(trusted_by_system()?)
}

/// The same, which trusts the certificates of a PEM file as well.
pub fn client_trusting(file: &Path) -> Result<ClientConfig, StoreError> {
    let unreadable = |cause: Cause| StoreError::Invalid {
        what: format!("{} cannot be read as certificates", file.display()),
        cause: Some(cause),
    };
    let mut trusted = trusted_by_system().unwrap_or_else(|_none| RootCertStore::empty());
    let certificates = CertificateDer::pem_file_iter(file);
    let before = trusted.len();
    for certificate in certificates.map_err(|error| unreadable(Arc::new(error)))? {
        let certificate = certificate.map_err(|error| unreadable(Arc::new(error)))?;
        let added = trusted.add(certificate);
        added.map_err(|error| unreadable(Arc::new(error)))?;
    }
    if trusted.len() == before {
        let what = format!("{} has no certificate", file.display());
        return Err(StoreError::Invalid { what, cause: None });
    }
    client_with(trusted)
}

fn trusted_by_system() -> Result<RootCertStore, StoreError> {
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
    Ok(trusted)
}

fn client_with(trusted: RootCertStore) -> Result<ClientConfig, StoreError> {
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
