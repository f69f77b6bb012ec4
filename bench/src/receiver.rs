//! A receiver of webhooks that keeps a log of its own, refuses some of them, and can be killed.

use crate::Failure;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{net::TcpListener, runtime};

/// With this everything is signed.
pub const KEY: &str = "a key for measurements";

/// Something that came.
#[derive(Clone, Debug)]
pub struct Received {
    /// What it is known by.
    pub message: String,
    /// `invitee.created` and the like.
    pub event: String,
    /// The id of the invitee.
    pub invitee: String,
    /// Whether its signature is right.
    pub is_signed: bool,
    /// What was answered.
    pub status: u16,
}

/// What it has received, and how many of ten it refuses.
struct Inbox {
    received: Mutex<Vec<Received>>,
    refused: Mutex<usize>,
}

/// A receiver.
pub struct Receiver {
    /// Where it listens.
    pub address: SocketAddr,
    inbox: Arc<Inbox>,
    running: Option<runtime::Runtime>,
}

impl Receiver {
    /// One that refuses so many of ten.
    pub fn start(refused: usize) -> Result<Receiver, Failure> {
        let mut receiver = Receiver {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            inbox: Arc::new(Inbox {
                received: Mutex::default(),
                refused: Mutex::new(refused),
            }),
            running: None,
        };
        receiver.revive()?;
        Ok(receiver)
    }

    /// Ends it at once, with all that is on its way.
    pub fn kill(&mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown_background();
        }
    }

    /// Starts it where it was.
    pub fn revive(&mut self) -> Result<(), Failure> {
        let running = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = running.block_on(TcpListener::bind(self.address))?;
        self.address = listener.local_addr()?;
        let router = Router::new()
            .fallback(receive)
            .with_state(self.inbox.clone());
        running.spawn(async move { axum::serve(listener, router).await });
        self.running = Some(running);
        Ok(())
    }

    /// Refuses so many of ten from now on.
    pub fn refuse(&self, refused: usize) {
        *locked(&self.inbox.refused) = refused;
    }

    /// How much came.
    pub fn count(&self) -> usize {
        locked(&self.inbox.received).len()
    }

    /// All that came.
    pub fn received(&self) -> Vec<Received> {
        locked(&self.inbox.received).clone()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn receive(State(inbox): State<Arc<Inbox>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let refused = *locked(&inbox.refused);
    let mut received = locked(&inbox.received);
    // 7 and 10 have no common divisor: of ten that follow each other, so many are refused, but not in a row
    let is_refused = received.len() * 7 % 10 < refused;
    let status = if is_refused {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    let content: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let uri = text(&content["payload"]["uri"]);
    received.push(Received {
        message: header(&headers, "webhook-id").to_owned(),
        event: text(&content["event"]),
        invitee: uri.rsplit('/').next().unwrap_or_default().to_owned(),
        is_signed: is_signed(header(&headers, "calendly-webhook-signature"), &body),
        status: status.as_u16(),
    });
    status
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

/// `t=…,v1=…`, as Calendly documents it.
fn is_signed(signature: &str, body: &[u8]) -> bool {
    let parts = signature.split_once(',');
    let parts = parts
        .and_then(|(time, digest)| Some((time.strip_prefix("t=")?, digest.strip_prefix("v1=")?)));
    let (Some((time, digest)), Ok(mut mac)) =
        (parts, Hmac::<Sha256>::new_from_slice(KEY.as_bytes()))
    else {
        return false;
    };
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    let bytes: Option<Vec<u8>> = (0..digest.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(digest.get(at..at + 2)?, 16).ok())
        .collect();
    bytes.is_some_and(|bytes| mac.verify_slice(&bytes).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    // printf '1492774577.{"a":1}' | openssl dgst -sha256 -hmac 'a key for measurements'
    const SIGNATURE: &str = "0ac0bb8c77c769d95eb4a6ac764abbf398cbf8aa77fce8af215dfc45d05680b8";

    #[test]
    fn a_signature_is_right_for_one_body_only() {
        let signature = format!("t=1492774577,v1={SIGNATURE}");
        assert!(is_signed(&signature, br#"{"a":1}"#));
        assert!(!is_signed(&signature, br#"{"a":2}"#));
        for other in ["", "t=1", "t=1,v1=", "t=1,v1=zz", "t=1492774577,v1=é"] {
            assert!(!is_signed(other, br#"{"a":1}"#), "{other}");
        }
    }
}
