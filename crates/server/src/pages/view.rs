//! How a view becomes an answer, and the page that says that something cannot be done.

use crate::{
    api::{
        problem::{Problem, with_time_to_retry},
        uri::Uris,
    },
    context::App,
};
use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};

/// What all pages have.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Where the style is.
    pub style: String,
    /// Where one signs in.
    pub sign_in: String,
    /// Where one signs out.
    pub sign_out: String,
}

impl Frame {
    /// Under these addresses.
    pub fn new(uris: &Uris) -> Frame {
        Frame {
            style: uris.local(super::STYLE),
            sign_in: uris.local("/sign_in"),
            sign_out: uris.local("/sign_out"),
        }
    }
}

/// A page whose forms lead to this site, and perhaps on to where the browser is sent from there: browsers hold a form to
/// that as well.
pub fn page(status: StatusCode, view: &impl Template, leads_to: Option<&str>) -> Response {
    let Ok(html) = view.render() else {
        tracing::error!("a page could not be rendered");
        return Problem::internal().into_response();
    };
    let leads_to = leads_to.map_or_else(String::new, |scheme| format!(" {scheme}:"));
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self'{leads_to}; base-uri 'none'; frame-ancestors 'none'"
    );
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    let fixed = [
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Sends the browser to another address, by GET.
pub fn go_to(address: &str) -> Response {
    let mut response = Redirect::to(address).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

/// That something cannot be done.
#[derive(Template)]
#[template(path = "refusal.html")]
struct Refusal {
    frame: Frame,
    title: String,
    message: String,
}

/// A page that says that something cannot be done, and why.
pub fn refusal(app: &App, status: StatusCode, (title, message): (&str, &str)) -> Response {
    let view = Refusal {
        frame: Frame::new(&app.uris()),
        title: title.to_owned(),
        message: message.to_owned(),
    };
    page(status, &view, None)
}

/// The same for a failure.
pub fn failed(app: &App, problem: &Problem) -> Response {
    let response = refusal(app, problem.status(), (&problem.title, &problem.message));
    with_time_to_retry(response)
}

/// That a form was not sent from the page that this browser was shown.
pub fn not_from_here(app: &App) -> Response {
    let message = "This form is too old, or was not sent from its page. Please go back, load the page again, and allow cookies of this site.";
    refusal(app, StatusCode::FORBIDDEN, ("Please try again", message))
}

#[cfg(test)]
pub fn samples() -> Vec<String> {
    let frame = Frame::new(&Uris::new("https://meet.example.com"));
    let (title, message) = (
        "Please try again".to_owned(),
        "This cannot be done.".to_owned(),
    );
    vec![
        Refusal {
            frame,
            title,
            message,
        }
        .render()
        .unwrap_or_default(),
    ]
}
