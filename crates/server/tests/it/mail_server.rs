//! A mail server in the test's process, which keeps what it takes and can be unkind.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use mail_parser::{Message, MessageParser, MimeHeaders};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

use crate::harness::Test;

/// Who sends in tests.
pub const FROM: &str = "Meetings <meet@fasti.test>";

/// What a server does with a mail.
#[derive(Clone, Copy, Debug)]
pub enum Conduct {
    /// It takes it.
    Take,
    /// It says this to the recipient.
    Refuse(&'static str),
    /// It says nothing more.
    Hang,
    /// It ends the connection before it has all of the mail.
    DieBefore,
    /// It ends the connection once it has the mail, and says nothing.
    DieAfter,
    /// It says nothing more once it has the mail.
    HangAfter,
}

/// A mail that came.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub data: String,
}

impl Mail {
    pub fn message(&self) -> Message<'_> {
        MessageParser::default()
            .parse(self.data.as_bytes())
            .unwrap()
    }

    pub fn subject(&self) -> String {
        self.message().subject().unwrap().to_owned()
    }

    pub fn text(&self) -> String {
        self.message().body_text(0).unwrap().replace("\r\n", "\n")
    }

    pub fn html(&self) -> String {
        self.message().body_html(0).unwrap().into_owned()
    }

    /// A header as it stands there, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let raw = self.message().header_raw(name)?.to_owned();
        Some(raw.replace("\r\n", "").trim().to_owned())
    }

    /// The iCalendar file that came along, unfolded, and the type it is said to have.
    pub fn calendar(&self) -> Option<(String, String)> {
        let message = self.message();
        let file = message
            .attachments()
            .find(|part| part.attachment_name() == Some("meeting.ics"))?;
        let kind = file.content_type()?;
        let method = kind.attribute("method").unwrap_or_default().to_owned();
        let text = file.text_contents()?;
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        Some((method, text.replace("\r\n ", "").replace("\r\n", "\n")))
    }

    /// The value of a line of the calendar.
    pub fn calendar_line(&self, name: &str) -> String {
        let (_, text) = self.calendar().unwrap();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_else(|| panic!("no {name}: {text}"))
            .to_owned()
    }
}

/// What it does with a mail, by to whom it goes and how many to them were begun before it.
type Conducting = dyn Fn(&str, usize) -> Conduct + Send + Sync;

#[derive(Clone)]
struct Post {
    mails: Arc<Mutex<Vec<Mail>>>,
    count: watch::Sender<usize>,
    begun: Arc<Mutex<Vec<String>>>,
    conduct: Arc<Conducting>,
}

/// A mail server, until it is dropped.
pub struct MailServer {
    pub url: String,
    post: Post,
    server: JoinHandle<()>,
}

impl MailServer {
    /// One that takes everything.
    pub async fn start() -> MailServer {
        MailServer::acting(|_, _| Conduct::Take).await
    }

    pub async fn acting(
        conduct: impl Fn(&str, usize) -> Conduct + Send + Sync + 'static,
    ) -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let post = Post {
            mails: Arc::default(),
            count: watch::channel(0).0,
            begun: Arc::default(),
            conduct: Arc::new(conduct),
        };
        let shared = post.clone();
        let server = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let post = shared.clone();
                // whoever goes away in the middle is no concern of the test
                tokio::spawn(async move { converse(stream, post).await.ok() });
            }
        });
        MailServer { url, post, server }
    }

    /// All that came, once there is so much of it, by whom it is for.
    pub async fn wait_for(&self, mails: usize) -> Vec<Mail> {
        let mut count = self.post.count.subscribe();
        let enough = count.wait_for(|count| mails <= *count);
        let came = tokio::time::timeout(Duration::from_mins(1), enough)
            .await
            .is_ok();
        let mut received = self.received();
        assert!(came, "{} came: {received:#?}", received.len());
        received.sort_by(|a, b| a.to.cmp(&b.to));
        received
    }

    /// The only mail to somebody among the first ones.
    pub async fn mail_to(&self, mails: usize, to: &str) -> Mail {
        let mut all = self.wait_for(mails).await;
        all.retain(|mail| mail.to == to);
        assert_eq!(all.len(), 1, "to {to}: {all:#?}");
        all.remove(0)
    }

    /// What came, in this order.
    pub fn received(&self) -> Vec<Mail> {
        self.post.mails.lock().unwrap().clone()
    }

    /// How many mails were begun.
    pub fn begun(&self) -> usize {
        self.post.begun.lock().unwrap().len()
    }

    /// Forgets what came.
    pub fn empty(&self) {
        self.post.mails.lock().unwrap().clear();
        self.post.count.send_replace(0);
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn converse(stream: TcpStream, post: Post) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 ready\r\n").await?;
    let (mut to, mut conduct, mut line) = (String::new(), Conduct::Take, String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => "250-fasti.test\r\n250 8BITMIME",
            "MAIL" | "RSET" | "NOOP" => "250 fine",
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                let number = {
                    let mut begun = post.begun.lock().unwrap();
                    begun.push(to.clone());
                    begun.iter().filter(|other| **other == to).count() - 1
                };
                conduct = (post.conduct)(&to, number);
                match conduct {
                    Conduct::Refuse(answer) => answer,
                    Conduct::Hang => std::future::pending().await,
                    _ => "250 fine",
                }
            }
            "DATA" if matches!(conduct, Conduct::DieBefore) => return Ok(()),
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let data = data(&mut stream).await?;
                let mail = Mail {
                    to: to.clone(),
                    data,
                };
                post.mails.lock().unwrap().push(mail);
                post.count.send_modify(|count| *count += 1);
                match conduct {
                    Conduct::DieAfter => return Ok(()),
                    Conduct::HangAfter => std::future::pending().await,
                    _ => "250 taken",
                }
            }
            "QUIT" => return Ok(()),
            _ => "500 what?",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

async fn data(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        assert!(line.ends_with("\r\n"), "a bare line end: {line:?}");
        assert!(line.len() <= 1000, "a line that is too long: {line:?}");
        if line == ".\r\n" {
            return Ok(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

impl Test {
    /// The same service, which sends mails by this server until the test ends.
    pub async fn mailing(&self, server: &MailServer) -> Test {
        self.mailing_at(crate::harness::NOW, server).await
    }

    /// The same with a clock that starts at another time.
    pub async fn mailing_at(&self, now: &str, server: &MailServer) -> Test {
        let test = self
            .again_at(now, |settings| {
                settings.smtp_url = Some(server.url.clone());
                settings.mail_from = Some(FROM.to_owned());
                settings.webhook_allow_private = Some(true);
            })
            .await;
        tokio::spawn(server::mail::send(test.app.clone()));
        test
    }
}
