//! How mails are sent, of which logs and people see no password.

use super::{ConfigError, value};
use lettre::{Address, message::Mailbox};
use serde::{Serialize, Serializer};
use std::{fmt, net::IpAddr};
use url::{Host, Url};

/// The address of a mail server, whose password is never shown.
#[derive(Clone)]
pub struct SmtpUrl(Url);

/// How mails are sent.
#[derive(Clone, Debug, Serialize)]
pub struct Mail {
    /// The mail server.
    pub smtp_url: SmtpUrl,
    /// From whom mails come.
    pub mail_from: String,
}

const FROM: &str = "must be an address such as meet@example.com or Meetings <meet@example.com>";
const SMTP: &str = "must be an address such as smtp://user:password@mail.example.com:587 or smtps://…, and \
                    may end in ?tls=none";

impl Mail {
    /// What was set; nothing where no mails are sent.
    pub fn new(
        smtp_url: Option<&str>,
        mail_from: Option<String>,
    ) -> Result<Option<Mail>, ConfigError> {
        let Some(smtp_url) = smtp_url else {
            return match mail_from {
                Some(_) => Err(value("smtp_url", "must be set where mail_from is")),
                None => Ok(None),
            };
        };
        let smtp_url = SmtpUrl::parse(smtp_url).ok_or(value("smtp_url", SMTP))?;
        let mail_from = mail_from.ok_or(value("mail_from", FROM))?;
        if mail_from.parse::<Mailbox>().is_err() {
            return Err(value("mail_from", FROM));
        }
        Ok(Some(Mail {
            smtp_url,
            mail_from,
        }))
    }

    /// The domain of the sender, by which mails and meetings are named.
    pub fn domain(&self) -> &str {
        let address = self.mail_from.rsplit('@').next().unwrap_or_default();
        address.trim_end_matches('>')
    }
}

impl SmtpUrl {
    /// An address that says how the connection is encrypted: always, but on this machine or where `tls=none`.
    fn parse(text: &str) -> Option<SmtpUrl> {
        let mut url = Url::parse(text).ok()?;
        let host = url.host()?.to_owned();
        let mut query = url.query_pairs();
        let tls = query
            .next()
            .map(|(key, word)| (key.into_owned(), word.into_owned()));
        let is_more = query.next().is_some();
        let is_encrypted = match (
            url.scheme(),
            tls.as_ref().map(|(key, word)| (&**key, &**word)),
        ) {
            ("smtp", None) => !is_loopback(&host),
            ("smtp" | "smtps", Some(("tls", "required"))) | ("smtps", None) => true,
            ("smtp", Some(("tls", "none"))) => false,
            _ => return None,
        };
        if is_more || url.host_str().is_none_or(str::is_empty) {
            return None;
        }
        url.set_query(is_encrypted.then_some("tls=required"));
        Some(SmtpUrl(url))
    }

    /// The address as the mailer reads it.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    fn masked(&self) -> String {
        let mut url = self.0.clone();
        if url.password().is_some() && url.set_password(Some("***")).is_err() {
            return "***".to_owned();
        }
        url.to_string()
    }
}

fn is_loopback(host: &Host<String>) -> bool {
    match host {
        // to the parser an address in this scheme is a name
        Host::Domain(name) => {
            let address = name.parse::<IpAddr>();
            name == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.masked())
    }
}

impl Serialize for SmtpUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.masked())
    }
}

/// Whether mail can reach an address at all: names under `.invalid` belong to nobody, by RFC 2606.
pub fn is_reachable(address: &str) -> bool {
    address.parse::<Address>().is_ok() && !address.to_ascii_lowercase().ends_with(".invalid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_encrypted_but_on_this_machine_or_where_said_so() {
        let read = |text: &str| SmtpUrl::parse(text).map(|url| url.as_str().to_owned());
        let cases = [
            (
                "smtp://u:p%40x@mail.example.com:587",
                Some("smtp://u:p%40x@mail.example.com:587?tls=required"),
            ),
            (
                "smtps://mail.example.com",
                Some("smtps://mail.example.com?tls=required"),
            ),
            (
                "smtp://mail.example.com?tls=required",
                Some("smtp://mail.example.com?tls=required"),
            ),
            (
                "smtp://mail.example.com?tls=none",
                Some("smtp://mail.example.com"),
            ),
            ("smtp://127.0.0.1:25", Some("smtp://127.0.0.1:25")),
            ("smtp://[::1]", Some("smtp://[::1]")),
            ("smtp://localhost:2525", Some("smtp://localhost:2525")),
            ("smtp://10.0.0.1", Some("smtp://10.0.0.1?tls=required")),
            ("smtp://mail.example.com?tls=opportunistic", None),
            ("smtp://mail.example.com?tls=none&tls=required", None),
            ("smtps://mail.example.com?tls=none", None),
            ("http://mail.example.com", None),
            ("mail.example.com", None),
            ("smtp://", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let url = SmtpUrl::parse("smtp://u:secret@mail.example.com");
        let shown = format!("{url:?}");
        assert!(shown.contains("u:***@mail.example.com"), "{shown}");
    }
}
