//! A small browser: keeps cookies, follows forms, and shows what it is sent.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, header},
};
use tower::ServiceExt;

use crate::harness::BASE;

/// Somebody's browser.
#[derive(Clone)]
pub struct Browser {
    pub router: Router,
    pub cookies: BTreeMap<String, String>,
    /// What is sent with every request beside the cookies.
    pub headers: Vec<(&'static str, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub html: String,
}

impl Page {
    /// The same, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Page {
        assert_eq!(self.status, status, "{:?} {}", self.headers, self.html);
        self
    }

    /// Where it leads.
    #[track_caller]
    pub fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.html);
        self.header("location")
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// A parameter of where it leads.
    #[track_caller]
    pub fn led(&self, name: &str) -> Option<String> {
        let (_, query) = self.location().split_once('?').unwrap_or_default();
        let mut pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
        pairs
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// Where the form with this text on a button leads, and its hidden fields.
    #[track_caller]
    pub fn form(&self, button: &str) -> (String, BTreeMap<String, String>) {
        let forms = self.html.split("<form ").skip(1);
        let mut forms = forms.map(|form| form.split("</form>").next().unwrap_or_default());
        let form = forms.find(|form| form.contains(button)).unwrap_or_else(|| {
            panic!("no form with {button} in {}", self.html);
        });
        let hidden = form.split("<input type=\"hidden\"").skip(1);
        let hidden = hidden.map(|input| (attribute(input, "name"), attribute(input, "value")));
        (attribute(form, "action"), hidden.collect())
    }
}

fn attribute(text: &str, name: &str) -> String {
    let (_, rest) = text.split_once(&format!("{name}=\"")).unwrap();
    let value = rest.split('"').next().unwrap();
    value
        .replace("&#38;", "&")
        .replace("&amp;", "&")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
}

impl Browser {
    pub fn new(router: Router) -> Browser {
        Browser {
            router,
            cookies: BTreeMap::new(),
            headers: Vec::new(),
        }
    }

    pub async fn get(&mut self, path: impl AsRef<str>) -> Page {
        self.send(Method::GET, path.as_ref(), String::new()).await
    }

    pub async fn post(&mut self, path: impl AsRef<str>, fields: &[(&str, &str)]) -> Page {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(fields).finish();
        self.send(Method::POST, path.as_ref(), form).await
    }

    /// Fills in a form of a page and sends it.
    pub async fn submit(&mut self, page: &Page, button: &str, fields: &[(&str, &str)]) -> Page {
        let (action, hidden) = page.form(button);
        let mut all: Vec<(&str, &str)> = hidden
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        all.extend(fields);
        self.post(action, &all).await
    }

    async fn send(&mut self, method: Method, path: &str, form: String) -> Page {
        let path = path.strip_prefix(BASE).unwrap_or(path);
        let mut request = Request::builder().method(&method).uri(path);
        if !self.cookies.is_empty() {
            let pairs = self.cookies.iter();
            let pairs: Vec<String> = pairs
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if method == Method::POST {
            let form = "application/x-www-form-urlencoded";
            request = request.header(header::CONTENT_TYPE, form);
        }
        let request = request.body(Body::from(form)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Page {
            status: parts.status.as_u16(),
            headers: parts.headers,
            html: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    fn keep(&mut self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        for needed in ["Path=/", "HttpOnly", "SameSite=Lax"] {
            assert!(attributes.contains(needed), "{cookie}");
        }
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Signs in as a user of the tests, from wherever leads there.
    pub async fn sign_in(&mut self, address: &str, email: &str, password: &str) -> Page {
        let page = self.get(address).await.expect(200);
        let filled = [("email", email), ("password", password)];
        self.submit(&page, "Sign in", &filled).await
    }
}
