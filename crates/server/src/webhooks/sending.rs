//! One message on its way: the name is looked up, every address is checked, and the answer is read as far as it is kept.

use super::{
    signature,
    target::{self, Forbidden, is_public},
};
use crate::config::Config;
use axum::body::Bytes;
use hyper::{
    Request,
    body::{Body, Frame, Incoming, SizeHint},
    client::conn::http1,
    header::{self, HeaderValue},
    http::{request::Builder, response::Parts},
};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use std::{
    collections::HashMap,
    convert::Infallible,
    future::poll_fn,
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    pin::{Pin, pin},
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::Duration,
};
use store::{StoreError, tls};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, pki_types::ServerName},
};
use url::{Host, Url};

/// How long a receiver may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// To be connected with.
    pub connect: Duration,
    /// To answer then.
    pub read: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(15),
        }
    }
}

/// So much of an answer is kept, in bytes.
const KEPT: usize = 4096;

/// A message.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// What it is known by, whenever it is sent again.
    pub id: String,
    /// Where it goes.
    pub url: &'a str,
    /// With which it is signed.
    pub signing_key: Option<&'a str>,
    /// JSON.
    pub body: String,
    /// The present.
    pub now: Timestamp,
}

/// What a receiver answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// How the answer begins; what is not UTF-8 is replaced.
    pub beginning: String,
}

/// The whole of an answer.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The status.
    pub status: u16,
    /// How long the other side wants to be left alone.
    pub retry_after: Option<Duration>,
    /// What it says.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The address must not be used.
    #[error("the address {0}")]
    Forbidden(#[from] Forbidden),
    /// The name cannot be looked up, or nobody is there.
    #[error("cannot connect: {0}")]
    NotConnected(io::Error),
    /// It took too long to connect.
    #[error("no connection within {} seconds", .0.as_secs_f32())]
    ConnectTimeout(Duration),
    /// It took too long to answer.
    #[error("no answer within {} seconds", .0.as_secs_f32())]
    ReadTimeout(Duration),
    /// The other side does not speak HTTP, or stopped.
    #[error("no valid answer: {0}")]
    Broken(#[from] hyper::Error),
    /// The request cannot be written.
    #[error("the request cannot be written: {0}")]
    Request(#[from] hyper::http::Error),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] StoreError),
}

/// Sends messages.
#[derive(Debug)]
pub struct Sender {
    allow_private: bool,
    certificates: Option<PathBuf>,
    tls: OnceLock<Arc<ClientConfig>>,
    /// How long receivers may take.
    pub patience: Patience,
    /// Names that need not be looked up, as in a hosts file.
    pub hosts: HashMap<String, Vec<IpAddr>>,
}

impl Sender {
    /// As the settings say.
    pub fn new(config: &Config) -> Sender {
        Sender {
            allow_private: config.webhook_allow_private,
            certificates: config.webhook_certificates.clone(),
            patience: Patience::default(),
            hosts: HashMap::new(),
            tls: OnceLock::new(),
        }
    }

    /// One that sends to any address, as the operator says.
    pub fn anywhere() -> Sender {
        Sender {
            allow_private: true,
            certificates: None,
            patience: Patience::default(),
            hosts: HashMap::new(),
            tls: OnceLock::new(),
        }
    }

    /// Asks for what is at an address with a token. The answer is read whole, up to so many bytes.
    pub async fn get(&self, url: &Url, token: &str, most: usize) -> Result<Whole, NoAnswer> {
        let bearer = HeaderValue::try_from(format!("Bearer {token}"));
        let request = addressed(Request::get(path(url)), url)
            .header(header::ACCEPT, "application/json")
            .header(
                header::AUTHORIZATION,
                bearer.map_err(hyper::http::Error::from)?,
            );
        let (response, body) = self.ask(url, request.body(Full(None))?, most).await?;
        let headers = &response.headers;
        let after = headers.get(header::RETRY_AFTER);
        let after = after.or_else(|| headers.get("x-ratelimit-reset"));
        let after = after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        Ok(Whole {
            status: response.status.as_u16(),
            retry_after: after.map(Duration::from_secs),
            body,
        })
    }

    /// Sends a message. Redirects are answers like any other.
    pub async fn send(&self, message: Message<'_>) -> Result<Answer, NoAnswer> {
        let url = target::parse(message.url, self.allow_private)?;
        let request = request(&url, &message)?;
        let (response, kept) = self.ask(&url, request, KEPT).await?;
        Ok(Answer {
            status: response.status.as_u16(),
            // no database keeps NUL in a text
            beginning: String::from_utf8_lossy(&kept).replace('\0', "\u{fffd}"),
        })
    }

    async fn ask(
        &self,
        url: &Url,
        request: Request<Full>,
        most: usize,
    ) -> Result<(Parts, Vec<u8>), NoAnswer> {
        let Patience { connect, read } = self.patience;
        let connected = timeout(connect, self.connect(url)).await;
        let connection = connected.map_err(|_elapsed| NoAnswer::ConnectTimeout(connect))??;
        let answered = match connection {
            Connection::Plain(stream) => timeout(read, exchange(stream, request, most)).await,
            Connection::Tls(stream) => timeout(read, exchange(*stream, request, most)).await,
        };
        answered.map_err(|_elapsed| NoAnswer::ReadTimeout(read))?
    }

    async fn connect(&self, url: &Url) -> Result<Connection, NoAnswer> {
        let stream = self.reach(url).await?;
        stream.set_nodelay(true).map_err(NoAnswer::NotConnected)?;
        if url.scheme() == "http" {
            return Ok(Connection::Plain(stream));
        }
        let name = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let name = ServerName::try_from(name.to_owned())
            .map_err(|error| NoAnswer::NotConnected(io::Error::other(error)))?;
        let connector = TlsConnector::from(self.tls()?);
        let stream = connector.connect(name, stream).await;
        let stream = stream.map_err(NoAnswer::NotConnected)?;
        Ok(Connection::Tls(Box::new(stream)))
    }

    /// A connection to the first address that takes one. All of them must be public, so that a name cannot lead in by one
    /// of several.
    async fn reach(&self, url: &Url) -> Result<TcpStream, NoAnswer> {
        let port = url.port_or_known_default().unwrap_or(443);
        let addresses: Vec<SocketAddr> = match url.host().ok_or(Forbidden::Malformed)? {
            Host::Ipv4(address) => vec![(address, port).into()],
            Host::Ipv6(address) => vec![(address, port).into()],
            Host::Domain(name) => {
                if let Some(known) = self.hosts.get(name) {
                    let known = known.iter();
                    known.map(|address| (*address, port).into()).collect()
                } else {
                    let found = lookup_host((name, port)).await;
                    found.map_err(NoAnswer::NotConnected)?.collect()
                }
            }
        };
        if !self.allow_private && !addresses.iter().all(|address| is_public(address.ip())) {
            return Err(Forbidden::Private.into());
        }
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(NoAnswer::NotConnected(last))
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, StoreError> {
        if let Some(config) = self.tls.get() {
            return Ok(config.clone());
        }
        let config = match &self.certificates {
            Some(file) => tls::client_trusting(file),
            None => tls::client(),
        };
        let config = Arc::new(config?);
        Ok(self.tls.get_or_init(|| config).clone())
    }
}

enum Connection {
    Plain(TcpStream),
    Tls(Box<tokio_rustls::client::TlsStream<TcpStream>>),
}

fn path(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

/// The same request with what every request has.
fn addressed(request: Builder, url: &Url) -> Builder {
    let host = url.host_str().unwrap_or_default();
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    request
        .header(header::HOST, host)
        .header(
            header::USER_AGENT,
            concat!("fasti/", env!("CARGO_PKG_VERSION")),
        )
        .header(header::CONNECTION, "close")
}

fn request(url: &Url, message: &Message<'_>) -> Result<Request<Full>, NoAnswer> {
    let seconds = message.now.as_second();
    let mut request = addressed(Request::post(path(url)), url)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "*/*")
        .header("webhook-id", &message.id)
        .header("webhook-timestamp", seconds);
    if let Some(key) = message.signing_key {
        let id = (message.id.as_str(), seconds);
        let signatures = [
            (
                "calendly-webhook-signature",
                signature::calendly(key, seconds, &message.body),
            ),
            (
                "webhook-signature",
                signature::standard(key, id, &message.body),
            ),
        ];
        for (name, signature) in signatures {
            if let Some(signature) = signature {
                request = request.header(
                    name,
                    HeaderValue::try_from(signature).map_err(hyper::http::Error::from)?,
                );
            }
        }
    }
    let length = message.body.len();
    Ok(request
        .header(header::CONTENT_LENGTH, length)
        .body(Full(Some(Bytes::from(message.body.clone()))))?)
}

async fn exchange<S>(
    stream: S,
    request: Request<Full>,
    most: usize,
) -> Result<(Parts, Vec<u8>), NoAnswer>
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let mut connection = pin!(connection);
    let answered = async {
        let (parts, body) = sender.send_request(request).await?.into_parts();
        Ok((parts, beginning(body, most).await))
    };
    let mut answered = pin!(answered);
    let mut ended: Option<Result<(), hyper::Error>> = None;
    poll_fn(|context| {
        if ended.is_none()
            && let Poll::Ready(end) = connection.as_mut().poll(context)
        {
            ended = Some(end);
        }
        answered
            .as_mut()
            .poll(context)
            .map(|answer| match ended.take() {
                // the request is given up because the connection broke: that is why
                Some(Err(why)) if answer.is_err() => Err(why.into()),
                _ => answer,
            })
    })
    .await
}

/// As much of the answer as is kept, or as there is.
async fn beginning(mut body: Incoming, most: usize) -> Vec<u8> {
    let mut kept = Vec::new();
    while kept.len() < most {
        let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        let Some(Ok(frame)) = frame else { break };
        if let Some(data) = frame.data_ref() {
            kept.extend_from_slice(&data[..data.len().min(most - kept.len())]);
        }
    }
    kept
}

/// A body that is there already, or none.
#[derive(Debug)]
struct Full(Option<Bytes>);

impl Body for Full {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.0.as_ref().map_or(0, |bytes| bytes.len() as u64);
        SizeHint::with_exact(length)
    }
}
