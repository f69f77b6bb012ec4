//! Where things are read from: lists page by page, with patience when the source is busy or away.

use crate::{
    context::fresh_share,
    webhooks::sending::{Sender, Whole},
};
use serde_json::Value;
use std::{collections::HashSet, time::Duration};
use url::Url;

/// The longest answer that is read, in bytes.
const MOST: usize = 64 << 20;

/// How long the first wait is after something failed; each further one is twice as long, up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The longest time for which a busy source is left alone at a time, and how often.
const LONGEST_REST: Duration = Duration::from_mins(2);
const RESTS: u32 = 30;

/// Why something cannot be read. It says nothing of what was read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The token is none, or no more.
    #[error("the source does not accept the token")]
    Unauthenticated,
    /// The token or its user may not read it.
    #[error("the token may not read it{0}")]
    Denied(String),
    /// It is not there.
    #[error("the source does not have it")]
    Missing,
    /// It is asked for in a way that the source does not understand, or lies elsewhere.
    #[error("the source answered {0}")]
    Refused(u16),
    /// There is no answer, or none that can be understood.
    #[error("{0}")]
    Failed(String),
}

/// A server with Calendly's API.
#[derive(Debug)]
pub struct Source {
    sender: Sender,
    base: Url,
    token: String,
    retries: u32,
}

impl Source {
    /// The server at this address, read with this token. What fails is tried so many times again.
    pub fn new(base: &str, token: String, retries: u32) -> Result<Source, String> {
        let base = Url::parse(base).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty()
        });
        Ok(Source {
            sender: Sender::anywhere(),
            base: base.ok_or("--base: must be an address such as https://api.calendly.com")?,
            token,
            retries,
        })
    }

    /// A resource.
    pub async fn resource(&self, path: &str) -> Result<Value, Trouble> {
        let mut answer = self.get(path).await?;
        match answer.get_mut("resource").map(Value::take) {
            Some(resource @ Value::Object(_)) => Ok(resource),
            _ => Err(Trouble::Failed("the answer has no resource".to_owned())),
        }
    }

    /// All rows of a list, whatever its pages.
    pub async fn all(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<Value>, Trouble> {
        let mut pages = Pages::new(path, query);
        let mut all = Vec::new();
        while let Some(rows) = pages.next(self).await? {
            all.extend(rows);
        }
        Ok(all)
    }

    /// All rows of a list that comes whole.
    pub async fn whole(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<Value>, Trouble> {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(query);
        let mut one = Pages {
            next: Some(format!("{path}?{}", text.finish())),
            seen: HashSet::new(),
        };
        Ok(one.next(self).await?.unwrap_or_default())
    }

    /// What is at a path. Whatever passes by itself is waited for.
    async fn get(&self, path: &str) -> Result<Value, Trouble> {
        let (mut failures, mut rests) = (0, 0);
        loop {
            let answer = self.ask(path).await;
            let problem = match answer {
                Ok(answer) if answer.status == 429 && rests < RESTS => {
                    rests += 1;
                    let rest = answer.retry_after.unwrap_or(FIRST_WAIT * rests);
                    tokio::time::sleep(rest.min(LONGEST_REST)).await;
                    continue;
                }
                Ok(answer) => match understood(&answer) {
                    Err(Trouble::Failed(problem)) => problem,
                    settled => return settled,
                },
                Err(problem) => problem,
            };
            if self.retries <= failures {
                return Err(Trouble::Failed(problem));
            }
            tokio::time::sleep(wait(failures)).await;
            failures += 1;
        }
    }

    async fn ask(&self, path: &str) -> Result<Whole, String> {
        let mut url = self.base.clone();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        url.set_path(path);
        url.set_query((!query.is_empty()).then_some(query));
        let answered = self.sender.get(&url, &self.token, MOST).await;
        answered.map_err(|error| error.to_string())
    }
}

/// How long to wait after so many failures: not all at the same time.
fn wait(failures: u32) -> Duration {
    let whole = FIRST_WAIT.saturating_mul(1 << failures.min(16));
    whole.min(LONGEST_WAIT).mul_f64(0.5 + fresh_share() / 2.0)
}

/// What an answer says; what may be different the next time is [`Trouble::Failed`].
fn understood(answer: &Whole) -> Result<Value, Trouble> {
    let body = || serde_json::from_slice::<Value>(&answer.body).ok();
    match answer.status {
        200 => match body() {
            Some(body @ Value::Object(_)) => Ok(without_nul(body)),
            _ => Err(Trouble::Failed("the answer is not JSON".to_owned())),
        },
        401 => Err(Trouble::Unauthenticated),
        403 => Err(Trouble::Denied(scopes(body()))),
        404 | 410 => Err(Trouble::Missing),
        status @ 300..=499 if status != 408 && status != 429 => Err(Trouble::Refused(status)),
        status => Err(Trouble::Failed(format!("the source answered {status}"))),
    }
}

/// The scopes that would be needed, as far as the source says.
fn scopes(body: Option<Value>) -> String {
    let scopes = body.and_then(|mut body| match body.get_mut("required_scopes")?.take() {
        Value::Array(scopes) => Some(scopes),
        _ => None,
    });
    let is_scope = |text: &&str| {
        text.len() < 60
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || "_:".contains(c))
    };
    let words: Vec<&str> = scopes
        .iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter(is_scope)
        .collect();
    if words.is_empty() {
        String::new()
    } else {
        format!(": it lacks the scope {}", words.join(" or "))
    }
}

/// The same without NUL, which no database keeps in a text.
fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains('\0') => Value::String(text.replace('\0', "\u{fffd}")),
        Value::Array(items) => items.into_iter().map(without_nul).collect(),
        Value::Object(object) => {
            let fields = object.into_iter();
            Value::Object(
                fields
                    .map(|(key, value)| (key, without_nul(value)))
                    .collect(),
            )
        }
        other => other,
    }
}

/// A list, page by page.
#[derive(Debug)]
pub struct Pages {
    next: Option<String>,
    seen: HashSet<String>,
}

impl Pages {
    /// From the first page on, a hundred rows each.
    pub fn new(path: &str, query: &[(&str, &str)]) -> Pages {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(query).append_pair("count", "100");
        Pages {
            next: Some(format!("{path}?{}", text.finish())),
            seen: HashSet::new(),
        }
    }

    /// The rows of the next page, if there is one. The address of the one after it is followed on the same server only, so
    /// that the token goes nowhere else.
    pub async fn next(&mut self, source: &Source) -> Result<Option<Vec<Value>>, Trouble> {
        let Some(path) = self.next.take() else {
            return Ok(None);
        };
        if !self.seen.insert(path.clone()) {
            return Err(Trouble::Failed(
                "the pages of the list run in a circle".to_owned(),
            ));
        }
        let mut answer = source.get(&path).await?;
        let Some(Value::Array(rows)) = answer.get_mut("collection").map(Value::take) else {
            return Err(Trouble::Failed("the answer has no collection".to_owned()));
        };
        let next = answer["pagination"]["next_page"].as_str();
        self.next = next.map(on_this_server).transpose()?;
        Ok(Some(rows))
    }
}

fn on_this_server(uri: &str) -> Result<String, Trouble> {
    let Ok(url) = Url::parse(uri) else {
        return Err(Trouble::Failed("the next page has no address".to_owned()));
    };
    Ok(match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    })
}
