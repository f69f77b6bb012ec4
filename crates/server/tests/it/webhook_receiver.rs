//! A receiver of webhooks in the test's process, and what is asked of what came.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    caller::{Caller, path, uri},
    harness::Test,
};

/// A message that came.
#[derive(Clone, Debug)]
pub struct Received {
    pub headers: HeaderMap,
    pub text: String,
}

impl Received {
    pub fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub fn event(&self) -> String {
        self.body()["event"].as_str().unwrap().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// What to answer to a message, by how many came before it.
type Answering = dyn Fn(usize, &Received) -> Response + Send + Sync;

#[derive(Clone)]
struct Inbox {
    received: Arc<Mutex<Vec<Received>>>,
    count: watch::Sender<usize>,
    answer: Arc<Answering>,
}

/// A receiver, until it is dropped.
pub struct Receiver {
    pub url: String,
    inbox: Inbox,
    server: JoinHandle<()>,
}

impl Receiver {
    /// One that is content with everything.
    pub async fn start() -> Receiver {
        Receiver::answering(|_, _| StatusCode::OK.into_response()).await
    }

    pub async fn answering(
        answer: impl Fn(usize, &Received) -> Response + Send + Sync + 'static,
    ) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?key=1", listener.local_addr().unwrap());
        let inbox = Inbox {
            received: Arc::default(),
            count: watch::channel(0).0,
            answer: Arc::new(answer),
        };
        let server = serve(listener, &inbox);
        Receiver { url, inbox, server }
    }

    /// Goes away: nobody is there any more.
    pub async fn stop(&mut self) {
        self.server.abort();
        (&mut self.server).await.ok();
    }

    /// Comes back to the same address.
    pub async fn start_again(&mut self) {
        let (_, rest) = self.url.split_once("//").unwrap();
        let (address, _) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind(address).await.unwrap();
        self.server = serve(listener, &self.inbox);
    }

    /// All that came, once there is so much of it.
    pub async fn wait_for(&self, messages: usize) -> Vec<Received> {
        let mut count = self.inbox.count.subscribe();
        let enough = count.wait_for(|count| messages <= *count);
        let minute = std::time::Duration::from_mins(1);
        let came = tokio::time::timeout(minute, enough).await.is_ok();
        let received = self.received();
        let events: Vec<String> = received.iter().map(Received::event).collect();
        assert!(came, "{} came: {events:?}", received.len());
        received
    }

    pub fn received(&self) -> Vec<Received> {
        self.inbox.received.lock().unwrap().clone()
    }
}

fn serve(listener: TcpListener, inbox: &Inbox) -> JoinHandle<()> {
    let router = Router::new().fallback(receive).with_state(inbox.clone());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() })
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn receive(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) -> Response {
    let received = Received {
        headers,
        text: String::from_utf8(body.to_vec()).unwrap(),
    };
    let before = {
        let mut all = inbox.received.lock().unwrap();
        all.push(received.clone());
        all.len() - 1
    };
    let answer = (inbox.answer)(before, &received);
    inbox.count.send_replace(before + 1);
    answer
}

impl Test {
    /// The same service, which may send webhooks to this machine and does so until the test ends.
    pub async fn telling(self) -> Test {
        let test = self
            .with(|settings| settings.webhook_allow_private = Some(true))
            .await;
        tokio::spawn(server::webhooks::tell(test.app.clone()));
        test
    }
}

pub const KEY: &str = "a secret of both sides";

pub const BOOKINGS: [&str; 2] = ["invitee.created", "invitee.canceled"];

/// Subscribes to events of the organization.
pub async fn subscribe(test: &Test, receiver: &Receiver, events: &[&str]) -> String {
    let body = json!({
        "url": receiver.url,
        "events": events,
        "organization": test.organization,
        "scope": "organization",
        "signing_key": KEY,
    });
    let subscription = test.as_owner().post("/webhook_subscriptions", body).await;
    uri(&subscription.resource(201))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Both signatures are right.
#[track_caller]
pub fn assert_signed(message: &Received) {
    let signature = message.header("calendly-webhook-signature");
    let (time, digest) = signature.split_once(',').unwrap();
    let time = time.strip_prefix("t=").unwrap();
    let signed = hmac(KEY.as_bytes(), &format!("{time}.{}", message.text));
    let hex = server::api::caller::hex(&signed);
    assert_eq!(digest, format!("v1={hex}"));
    let (id, time) = (
        message.header("webhook-id"),
        message.header("webhook-timestamp"),
    );
    let signed = hmac(KEY.as_bytes(), &format!("{id}.{time}.{}", message.text));
    let expected = format!("v1,{}", BASE64_STANDARD.encode(signed));
    assert_eq!(message.header("webhook-signature"), expected);
    assert_eq!(message.header("content-type"), "application/json");
}

/// Ada with an event type that can always be booked.
pub async fn ada_with_event_type(test: &Test) -> (Caller, String) {
    let ada = test.as_user("ada");
    ada.always_open("UTC").await;
    let event_type = ada.event_type(json!({})).await;
    (ada, event_type)
}

/// The deliveries of a subscription, once so many have arrived.
pub async fn delivered(owner: &Caller, subscription: &str, count: usize) -> Vec<Value> {
    let list = path(
        &format!("{subscription}/deliveries"),
        &[("status", "delivered"), ("count", "100")],
    );
    for _ in 0..600 {
        let found = owner.get(&list).await.collection();
        if found.len() >= count {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("they do not arrive");
}

/// How the first attempt of the first message ended.
pub async fn first_attempt(owner: &Caller, subscription: &str) -> Value {
    for _ in 0..600 {
        let list = owner
            .get(format!("{subscription}/deliveries"))
            .await
            .collection();
        if let Some(delivery) = list.first() {
            let log = owner.get(uri(delivery)).await.resource(200)["log"].clone();
            if let Some(first) = log.as_array().unwrap().last() {
                return first.clone();
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("nothing was tried");
}
