//! One mail on its way: as a message of RFC 5322, to the mail server.

use super::{
    calendar::{folded, method_of},
    draft::SECRET,
};
use crate::config::Mail;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{self, AsyncSmtpTransportBuilder, PoolConfig},
};
use std::{
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::outgoing_communications::OutgoingCommunication;
use tokio::time::timeout;

/// So many mails are on their way at once.
pub const AT_ONCE: usize = 8;

/// How long it may take to connect, and the whole conversation: less than a mail is ours.
const CONNECT: Duration = Duration::from_secs(15);
const WHOLE: Duration = Duration::from_secs(45);

/// How long a connection is kept for the next mail.
const IDLE: Duration = Duration::from_secs(20);

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// It cannot be written, or was refused for good.
    #[error("{0}")]
    Refused(String),
    /// It may be taken later.
    #[error("{0}")]
    Later(String),
}

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Sends mails.
#[derive(Clone, Debug)]
pub struct Sender {
    builder: AsyncSmtpTransportBuilder,
    transport: Arc<Mutex<Transport>>,
    domain: String,
}

impl Sender {
    /// As the settings say.
    pub fn new(mail: &Mail) -> Result<Sender, smtp::Error> {
        let pool = PoolConfig::new()
            .max_size(u32::try_from(AT_ONCE).unwrap_or(u32::MAX))
            .idle_timeout(IDLE);
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(mail.smtp_url.as_str())?;
        let builder = builder.timeout(Some(CONNECT)).pool_config(pool);
        Ok(Sender {
            transport: Arc::new(Mutex::new(builder.clone().build())),
            builder,
            domain: mail.domain().to_owned(),
        })
    }

    /// Sends a mail. Whoever is told that it was not taken may have it nevertheless, if the server died at the wrong moment.
    pub async fn send(&self, mail: &OutgoingCommunication) -> Result<(), NotTaken> {
        let message =
            message(mail, &self.domain).map_err(|error| NotTaken::Refused(error.to_string()))?;
        let transport = self.lock().clone();
        match timeout(WHOLE, transport.send(message)).await {
            Ok(Ok(_taken)) => Ok(()),
            Ok(Err(error)) if is_final(&error) => Err(NotTaken::Refused(said(&error))),
            Ok(Err(error)) => Err(NotTaken::Later(said(&error))),
            Err(_elapsed) => {
                // a connection on which nothing is said would be taken for the next mail
                *self.lock() = self.builder.clone().build();
                Err(NotTaken::Later("no answer within 45 seconds".to_owned()))
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Transport> {
        self.transport
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether trying again is of no use. That we may not send at all is for the operator to change, and no fault of the mail.
fn is_final(error: &smtp::Error) -> bool {
    const NOT_ALLOWED: [u16; 6] = [523, 524, 530, 534, 535, 538];
    let code = error.status().map(u16::from);
    error.is_permanent() && !code.is_some_and(|code| NOT_ALLOWED.contains(&code))
}

fn said(error: &smtp::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !said.contains(&text) {
            said = format!("{said}: {text}");
        }
        cause = error.source();
    }
    said
}

type Unwritten = Box<dyn Error + Send + Sync>;

/// The message. Its id is that of the mail, whenever it is sent.
fn message(mail: &OutgoingCommunication, domain: &str) -> Result<Message, Unwritten> {
    let to: Mailbox = Mailbox::new(None, mail.recipient.parse()?);
    let mut builder = Message::builder()
        .from(mail.sender.parse()?)
        .to(to)
        .subject(&mail.subject)
        .date(mail.created_at.into())
        .message_id(Some(format!("<{}@{domain}>", mail.id)))
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(reply_to.parse()?);
    }
    let secret = mail.secret.as_deref().unwrap_or(SECRET);
    let mut texts = MultiPart::alternative()
        .singlepart(SinglePart::plain(mail.body.replace(SECRET, secret)))
        .singlepart(SinglePart::html(mail.html.replace(SECRET, secret)));
    let Some(calendar) = &mail.calendar else {
        return Ok(builder.multipart(texts)?);
    };
    // one that asks something is shown as such by mail programs only as a part of the text
    let method = method_of(calendar).to_owned();
    let calendar = folded(calendar);
    let kind = ContentType::parse(&format!("text/calendar; charset=utf-8; method={method}"))?;
    if method != "PUBLISH" {
        let part = SinglePart::builder().header(kind.clone());
        texts = texts.singlepart(part.body(calendar.clone()));
    }
    let file = Attachment::new("meeting.ics".to_owned()).body(calendar, kind);
    Ok(builder.multipart(MultiPart::mixed().multipart(texts).singlepart(file))?)
}
