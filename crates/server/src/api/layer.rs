//! The one layer around every route: what a request passes on its way in and its answer on its way out. It is one
//! because each layer costs every request a little.

use super::{
    WORTH_COMPRESSING,
    oauth::Challenge,
    operations::Operations,
    parameters,
    problem::Problem,
    rate_limit,
    tally::{self, Tallies},
};
use crate::{
    context::{App, fresh_request_id},
    logging::{self, Answered},
};
use axum::{
    body::HttpBody,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use std::{
    any::Any,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};
use tokio::time::Instant;
use utoipa::openapi::OpenApi;

/// The header with a request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How long an answer is, in bytes, before it is compressed on its way to the client.
#[derive(Clone, Copy, Debug)]
pub struct Uncompressed(pub u64);

/// What the layer needs to know.
#[derive(Debug)]
pub struct Gate {
    app: App,
    timeout: Duration,
    operations: Operations,
    tallies: Tallies,
    challenge: Challenge,
}

impl Gate {
    /// A gate for the routes of the documentation.
    pub fn new(app: App, document: &OpenApi) -> Gate {
        Gate {
            timeout: Duration::from_secs(app.config.request_timeout),
            operations: Operations::documented(document),
            tallies: Tallies::documented(document),
            challenge: Challenge::new(&app.uris()),
            app,
        }
    }

    async fn answer(&self, path: &str, mut request: Request, next: Next) -> Response {
        let place = self.app.admission.place(request.method(), path);
        if self.operations.waits_for_body(path, &request) {
            // a client may take its time to send it, and nobody else's place
            request.extensions_mut().insert(place.clone());
        } else {
            if parameters::are_in_body(&request) {
                request = match parameters::into_query(request).await {
                    Ok(request) => request,
                    Err(problem) => return self.operations.refusal(path, problem),
                };
            }
            if let Err(problem) = place.take() {
                return self.operations.refusal(path, problem);
            }
        }
        if let Some(refusal) = self.operations.refuse(path, &request) {
            return refusal;
        }
        let mut answer = pin!(next.run(request));
        // the request and all that it holds are given up with the panic
        let attempt = poll_fn(|context| {
            let step = AssertUnwindSafe(|| answer.as_mut().poll(context));
            match catch_unwind(step) {
                Ok(step) => step.map(Ok),
                Err(panic) => Poll::Ready(Err(panic)),
            }
        });
        match tokio::time::timeout(self.timeout, attempt).await {
            Ok(Ok(response)) => response,
            Ok(Err(panic)) => self.operations.refusal(path, panicked(&*panic)),
            Err(_elapsed) => self.operations.refusal(path, Problem::not_finished()),
        }
    }
}

/// Lets a request pass: with an id, in the log and the metrics, within its time, and only if there is room for it.
pub async fn pass(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = request.headers().get(REQUEST_ID).cloned();
    let id = id.or_else(|| HeaderValue::try_from(fresh_request_id()).ok());
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let path = path.as_ref().map_or(tally::UNMATCHED, MatchedPath::as_str);
    let standing = gate
        .app
        .rate_limits
        .are_set()
        .then(rate_limit::Kept::default);
    if let Some(standing) = &standing {
        request.extensions_mut().insert(standing.clone());
    }
    let answer = async {
        let response = gate.answer(path, request, next).await;
        let (status, duration) = (response.status(), start.elapsed());
        gate.tallies.count(path, &method, status, duration);
        if status.is_success() && !method.is_safe() {
            gate.app.bell.ring();
            gate.app.mail_bell.ring();
        }
        logging::log_answer(Answered {
            method: &method,
            route: path,
            status,
            duration,
        });
        response
    };
    let mut response = logging::within(id.clone(), answer).await;
    if let Some(standing) = standing.as_ref().and_then(|standing| standing.get()) {
        rate_limit::tell(*standing, response.headers_mut());
    }
    gate.challenge.add_to(&mut response);
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    note_size(&mut response);
    response
}

fn note_size(response: &mut Response) {
    let size = response.body().size_hint().lower();
    if size >= WORTH_COMPRESSING {
        response.extensions_mut().insert(Uncompressed(size));
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Problem {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(panic.message = message, "a request panicked");
    Problem::internal()
}
