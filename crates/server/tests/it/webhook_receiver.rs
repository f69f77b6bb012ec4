//! A receiver of webhooks in the test's process.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::harness::Test;

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
        let router = Router::new().fallback(receive).with_state(inbox.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Receiver { url, inbox, server }
    }

    /// All that came, once there is so much of it.
    pub async fn wait_for(&self, messages: usize) -> Vec<Received> {
        let mut count = self.inbox.count.subscribe();
        let enough = count.wait_for(|count| messages <= *count);
        let minute = std::time::Duration::from_mins(1);
        let came = tokio::time::timeout(minute, enough).await.is_ok();
        let received = self.received();
        assert!(came, "{} came: {received:#?}", received.len());
        received
    }

    pub fn received(&self) -> Vec<Received> {
        self.inbox.received.lock().unwrap().clone()
    }
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
