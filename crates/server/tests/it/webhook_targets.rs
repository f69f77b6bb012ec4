//! Where webhooks may go: to receivers whose certificate is trusted, and not into the operator's own network.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use serde_json::{Value, json};
use server::webhooks::sending::Sender;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

use crate::{
    caller::{Caller, text, uri},
    harness::Test,
    webhook_receiver::{BOOKINGS, Receiver, ada_with_event_type, delivered, first_attempt},
};

on_both_engines!(
    receivers_with_certificates_of_ones_own_are_trusted_by_a_setting,
    a_name_that_leads_into_the_network_is_refused_when_something_is_sent,
);

fn certificate(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/certificates");
    PathBuf::from(folder).join(name)
}

/// Takes everything by TLS, as `hooks.test`.
async fn tls_receiver() -> SocketAddr {
    let chain = CertificateDer::pem_file_iter(certificate("receiver.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(certificate("receiver.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.map(Result::unwrap).collect(), key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // who does not trust it goes away
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut buffer = [0; 16 * 1024];
                let _some_of_it = stream.read(&mut buffer).await;
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(answer).await.ok();
            }
        }
    });
    address
}

/// A subscription to bookings.
async fn subscribed(test: &Test, owner: &Caller, url: &str) -> String {
    let body = json!({
        "url": url, "events": BOOKINGS, "organization": test.organization, "scope": "organization",
    });
    let made = owner.post("/webhook_subscriptions", body).await;
    uri(&made.resource(201))
}

/// Begins to send, with names that need no look-up.
fn tell(test: &Test, hosts: &[(&str, &[IpAddr])]) {
    let mut sender = Sender::new(&test.app.config);
    let hosts = hosts.iter();
    sender.hosts = hosts
        .map(|(name, addresses)| ((*name).to_owned(), addresses.to_vec()))
        .collect();
    tokio::spawn(server::webhooks::tell_by(test.app.clone(), sender));
}

async fn receivers_with_certificates_of_ones_own_are_trusted_by_a_setting(test: Test) {
    let address = tls_receiver().await;
    let here = [address.ip()];
    let hosts: [(&str, &[IpAddr]); 2] = [("hooks.test", &here), ("other.test", &here)];
    for is_trusted in [false, true] {
        let test = test
            .with(|settings| {
                settings.webhook_allow_private = Some(true);
                settings.webhook_certificates = is_trusted.then(|| certificate("authority.pem"));
            })
            .await;
        tell(&test, &hosts);
        let owner = test.as_owner();
        let url = |name: &str| format!("https://{name}:{}/{is_trusted}", address.port());
        let right = subscribed(&test, &owner, &url("hooks.test")).await;
        let wrong = subscribed(&test, &owner, &url("other.test")).await;
        let event_type = owner.event_type(json!({})).await;
        let start = format!("2026-03-0{}T10:00:00Z", 3 + u8::from(is_trusted));
        owner.book(&event_type, &start).await.expect(201);
        let refusal = first_attempt(&owner, &wrong).await;
        let expected = if is_trusted { "name" } else { "UnknownIssuer" };
        let error = text(&refusal["error"]);
        assert!(error.contains(expected), "{error}");
        if is_trusted {
            delivered(&owner, &right, 1).await;
        } else {
            let attempt = first_attempt(&owner, &right).await;
            let error = text(&attempt["error"]);
            assert!(error.contains("UnknownIssuer"), "{error}");
        }
        for subscription in [right, wrong] {
            owner.delete(&subscription).await.expect(204);
        }
        // the next one must not find anybody who still sends
        owner.delete(&event_type).await.expect(204);
    }
}

async fn a_name_that_leads_into_the_network_is_refused_when_something_is_sent(test: Test) {
    let test = test.with(|_| {}).await;
    let receiver = Receiver::start().await;
    let (_, port) = receiver.url.rsplit_once(':').unwrap();
    let addresses =
        |all: &[&str]| -> Vec<IpAddr> { all.iter().map(|one| one.parse().unwrap()).collect() };
    let inside = addresses(&["127.0.0.1"]);
    let mapped = addresses(&["::ffff:127.0.0.1"]);
    // one of several is enough
    let several = addresses(&["192.0.2.200", "8.8.8.8", "127.0.0.1"]);
    let hosts: [(&str, &[IpAddr]); 3] = [
        ("inside.example.com", &inside),
        ("mapped.example.com", &mapped),
        ("several.example.com", &several),
    ];
    tell(&test, &hosts);
    let owner = test.as_owner();
    let mut subscriptions = Vec::new();
    for (name, _) in hosts {
        let url = format!("http://{name}:{port}");
        subscriptions.push(subscribed(&test, &owner, &url).await);
    }
    let (ada, event_type) = ada_with_event_type(&test).await;
    ada.book(&event_type, "2026-03-03T09:00:00Z")
        .await
        .expect(201);
    for subscription in subscriptions {
        let attempt = first_attempt(&owner, &subscription).await;
        assert_eq!(attempt["status"], Value::Null);
        let error = text(&attempt["error"]);
        assert!(error.contains("private network"), "{error}");
    }
    assert_eq!(receiver.received().len(), 0);
}
