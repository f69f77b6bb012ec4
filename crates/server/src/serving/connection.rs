//! One connection: its requests one after the other, and what they may use.

use super::{
    answer::Counted,
    pace::Patience,
    stream::{PatientStream, Talk, UnderWay},
    upload::{Leftover, Upload},
};
use crate::{
    api::{self, client_address::Peer, layer::Uncompressed, problem::Problem},
    bound::{Bound, Share},
    context::App,
};
use axum::{
    Router,
    body::{Body, HttpBody},
    http::{HeaderValue, Request, Response, header},
    response::IntoResponse,
};
use hyper::{
    body::Incoming,
    server::conn::http1::{self, Builder},
    service::Service,
};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, future::Future, pin::Pin, sync::Arc};
use tokio::{net::TcpStream, sync::watch};
use tower::ServiceExt;

/// The most that a connection keeps of what it reads. The head of a request must fit into it.
const READ_BUFFER: usize = 80 << 10;

/// All bodies of requests that are under way, in bytes; as JSON values they take up to sixteen times as much.
const UPLOADS: usize = 64 << 20;

/// Answers so small are not counted: what a connection takes anyway is about as much.
const SMALL_ANSWER: usize = 4 << 10;

/// What all connections have in common.
pub(super) struct Site {
    http: Builder,
    router: Router,
    app: App,
    patience: Patience,
    uploads: Arc<Bound>,
    answers: Arc<Bound>,
}

impl Site {
    pub fn new(app: App, patience: Patience) -> Site {
        let mut http = Builder::new();
        // heads have a time limit of ours
        http.header_read_timeout(None).max_buf_size(READ_BUFFER);
        Site {
            http,
            router: api::router(app.clone()),
            app,
            patience,
            uploads: Bound::new(UPLOADS),
            answers: Bound::new(patience.untaken),
        }
    }

    /// Attends to a connection until it ends. When the server closes, an idle connection is closed and any other
    /// one once its request is answered.
    pub fn attend(
        self: Arc<Site>,
        stream: TcpStream,
        seat: Seat,
        mut closing: watch::Receiver<()>,
    ) -> impl Future<Output = ()> + Send {
        // In boxes, or a task would have room for it twice, and an idle one for the largest request of all.
        let mut connection = Box::pin(self.connection(stream, seat.crowded));
        async move {
            let _seat = seat;
            let ended = tokio::select! {
                // a request that has arrived is taken first
                biased;
                ended = connection.as_mut() => ended,
                _ = closing.changed() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            }
        }
    }

    fn connection(self: Arc<Site>, stream: TcpStream, crowded: bool) -> Connection {
        let talk = Arc::new(Talk::default());
        // none where the client is gone again
        let peer = stream.peer_addr().ok().map(|peer| Peer(peer.ip()));
        let stream = PatientStream::new(stream, self.patience.of(crowded), talk.clone());
        let http = self.http.clone();
        let service = Requests {
            site: self,
            talk,
            peer,
            crowded,
        };
        http.serve_connection(TokioIo::new(stream), service)
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        under_way: UnderWay,
        crowded: bool,
    ) -> Response<Body> {
        let is_read = api::admission::is_read(request.method(), request.uri().path());
        let mut can_go_on = !crowded;
        let mut response = if crowded && !api::admission::is_always_answered(request.uri().path()) {
            Problem::unavailable().into_response()
        } else {
            let (response, leftover) = self.route(request).await;
            can_go_on &= leftover.is_done_with().await;
            response
        };
        if is_read {
            response = self.counted(response, &under_way);
        }
        if !can_go_on || self.app.is_ending() {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        response
    }

    /// The answer of the router, and what it left of the request's body.
    async fn route(&self, request: Request<Incoming>) -> (Response<Body>, Leftover) {
        let leftover = Leftover::default();
        if request.body().is_end_stream() {
            let request = request.map(|_nothing| Body::empty());
            let answer = self.router.clone().oneshot(request).await;
            return (never_fails(answer), leftover);
        }
        // counted until the request is answered
        let memory = Arc::new(self.uploads.share());
        let of = (self.patience, memory);
        let request = request.map(|body| Body::new(Upload::new(body, of, leftover.clone())));
        (
            never_fails(self.router.clone().oneshot(request).await),
            leftover,
        )
    }

    /// The answer, if it may wait in memory until the client has taken it.
    fn counted(&self, response: Response<Body>, under_way: &UnderWay) -> Response<Body> {
        let size = size(&response);
        if size <= SMALL_ANSWER {
            return response;
        }
        match self.answers.take(size) {
            Some(share) => {
                response.map(|body| Body::new(Counted::new(body, under_way.talk().clone(), share)))
            }
            None => Problem::unavailable().into_response(),
        }
    }
}

/// A connection as HTTP sees it.
type Connection = http1::Connection<TokioIo<PatientStream>, Requests>;

/// The requests of a connection.
struct Requests {
    site: Arc<Site>,
    talk: Arc<Talk>,
    peer: Option<Peer>,
    crowded: bool,
}

impl Service<Request<Incoming>> for Requests {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(peer);
        }
        let (site, crowded) = (self.site.clone(), self.crowded);
        let under_way = self.talk.clone().request();
        Box::pin(async move { Ok(site.answer(request, under_way, crowded).await) })
    }
}

/// How much memory an answer takes: what is compressed while it is sent is there as a whole until then.
fn size(response: &Response<Body>) -> usize {
    let uncompressed = response.extensions().get::<Uncompressed>();
    let size = uncompressed.map_or(response.body().size_hint().lower(), |size| size.0);
    usize::try_from(size).unwrap_or(usize::MAX / 2)
}

fn never_fails(answer: Result<Response<Body>, Infallible>) -> Response<Body> {
    match answer {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The place of a connection among all.
pub(super) struct Seat {
    _share: Share,
    /// Whether there is no room for its requests any more.
    crowded: bool,
}

/// The places of all connections.
pub(super) struct Seats {
    regular: Arc<Bound>,
    spare: Arc<Bound>,
}

impl Seats {
    /// Seats for `regular` connections, and for some more who are told to come again.
    pub fn new(regular: usize, spare: usize) -> Seats {
        Seats {
            regular: Bound::new(regular),
            spare: Bound::new(spare),
        }
    }

    /// A place for one more connection, if there is one.
    pub fn take(&self) -> Option<Seat> {
        let seat = |share, crowded| Seat {
            _share: share,
            crowded,
        };
        let regular = self.regular.take(1).map(|share| seat(share, false));
        regular.or_else(|| self.spare.take(1).map(|share| seat(share, true)))
    }
}
