//! Who looks at a page: what their cookies say, and whether a form came from a page that this browser was shown.

use super::view;
use crate::{
    api::{caller::hash, problem::Problem},
    app::sessions::{LONGEST, of_cookie},
    context::{App, fresh_secret},
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::Response,
};
use store::sessions::Session;

/// The cookie of whoever is signed in, and of whoever is not, for their forms.
const SESSION: &str = "fasti_session";
const FORM: &str = "fasti_form";

/// Somebody's browser. The pages and whatever else goes by cookies ask for this one.
#[derive(Debug)]
pub struct Visitor {
    /// Whom it is signed in as.
    pub session: Option<Session>,
    /// What its session cookie says, whether or not that is a session still.
    pub cookie: Option<String>,
    /// What its cookie for forms says, or will.
    form: String,
    is_new: bool,
    is_secure: bool,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Visitor, Response> {
        let visitor = Visitor::read(&parts.headers, app).await;
        visitor.map_err(|problem| view::failed(app, &problem))
    }
}

impl Visitor {
    async fn read(headers: &HeaderMap, app: &App) -> Result<Visitor, Problem> {
        let is_secure = app.config.public_url.starts_with("https://");
        let cookie = cookie(headers, &named(SESSION, is_secure));
        let session = match &cookie {
            Some(cookie) => of_cookie(app, cookie).await?,
            None => None,
        };
        let form = self::cookie(headers, &named(FORM, is_secure));
        Ok(Visitor {
            session,
            cookie,
            is_new: form.is_none(),
            form: form.map_or_else(fresh_secret, Ok)?,
            is_secure,
        })
    }

    /// What a form must bring back, which only a page of this browser can know.
    pub fn form_token(&self) -> String {
        match (&self.session, &self.cookie) {
            (Some(_), Some(cookie)) => hash(&format!("form {cookie}")),
            _ => hash(&format!("form {}", self.form)),
        }
    }

    /// Whether a form comes from a page that this browser was shown. Before the first page there is none.
    pub fn sent(&self, token: &str) -> bool {
        (self.session.is_some() || !self.is_new) && self.form_token() == token
    }

    /// The same answer, with the cookie for forms where the browser has none.
    pub fn remember(&self, response: Response) -> Response {
        if self.is_new {
            self.with_cookie(response, (FORM, &self.form), None)
        } else {
            response
        }
    }

    /// The same answer, with the cookie of a session.
    pub fn signed_in(&self, response: Response, cookie: &str) -> Response {
        self.with_cookie(response, (SESSION, cookie), Some(LONGEST.as_secs()))
    }

    /// The same answer, without that cookie.
    pub fn signed_out(&self, response: Response) -> Response {
        self.with_cookie(response, (SESSION, ""), Some(0))
    }

    fn with_cookie(
        &self,
        mut response: Response,
        (name, value): (&str, &str),
        seconds: Option<i64>,
    ) -> Response {
        let name = named(name, self.is_secure);
        let secure = if self.is_secure { "; Secure" } else { "" };
        let age = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
        if let Ok(text) = HeaderValue::try_from(text) {
            response.headers_mut().append(header::SET_COOKIE, text);
        }
        response
    }
}

/// Over TLS, a name that no other host and no page without TLS can set.
fn named(name: &str, is_secure: bool) -> String {
    if is_secure {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(known, _)| *known == name)?;
    (!value.is_empty()).then(|| value.to_owned())
}
