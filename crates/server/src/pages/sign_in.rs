//! `/sign_in` and `/sign_out`.

use super::{
    fields::Fields,
    view::{Frame, failed, go_to, not_from_here, page},
    visitor::Visitor,
};
use crate::{
    api::{
        caller::hash,
        client_address::{Address, ClientAddress},
        problem::Problem,
    },
    app::sessions::{SignInError, SignOut, sign_in},
    context::App,
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use store::error::chain;

/// The form with which one signs in.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    frame: Frame,
    /// What went wrong, and the field that it is about.
    error: Option<String>,
    email: String,
    return_to: String,
    token: String,
}

/// Whom one is signed in as.
#[derive(Template)]
#[template(path = "signed_in.html")]
struct SignedIn {
    frame: Frame,
    name: String,
    email: String,
    token: String,
}

#[cfg(test)]
pub(super) fn samples() -> Vec<String> {
    let frame = Frame::new(&crate::api::uri::Uris::new("https://meet.example.com"));
    let form = |error: Option<&str>| SignIn {
        frame: frame.clone(),
        error: error.map(str::to_owned),
        email: "ada@example.com".to_owned(),
        return_to: "/oauth/authorize?client_id=x".to_owned(),
        token: "token".to_owned(),
    };
    let signed_in = SignedIn {
        frame: frame.clone(),
        name: "Ada".to_owned(),
        email: "ada@example.com".to_owned(),
        token: "token".to_owned(),
    };
    let forms = [form(None), form(Some(WRONG))];
    let forms = forms.iter().map(Template::render);
    forms
        .chain([signed_in.render()])
        .map(Result::unwrap_or_default)
        .collect()
}

const WRONG: &str = "The mail address or the password is wrong.";

/// A path of this site to go on to, and nothing that leads to another one.
pub fn local_path(text: &str) -> Option<&str> {
    let is_path = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\');
    (is_path && text.bytes().all(|byte| byte.is_ascii_graphic())).then_some(text)
}

fn return_to(query: Option<&str>) -> String {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let wanted = pairs.into_owned().find(|(name, _)| name == "return_to");
    let wanted = wanted.map(|(_, value)| value).unwrap_or_default();
    local_path(&wanted).unwrap_or_default().to_owned()
}

/// Where one signs in, to go on to a path of this site.
pub fn address(app: &App, return_to: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("return_to", return_to)
        .finish();
    app.uris().local(&format!("/sign_in?{query}"))
}

/// Shows the form; goes on where the browser is signed in already.
pub async fn show(State(app): State<App>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let return_to = return_to(query.as_deref());
    match &visitor.session {
        Some(_) if !return_to.is_empty() => go_to(&return_to),
        Some(session) => {
            let view = SignedIn {
                frame: Frame::new(&app.uris()),
                name: session.user_name.clone(),
                email: session.user_email.clone(),
                token: visitor.form_token(),
            };
            page(StatusCode::OK, &view, None)
        }
        None => form(
            &app,
            &visitor,
            (StatusCode::OK, None),
            (String::new(), return_to),
        ),
    }
}

fn form(
    app: &App,
    visitor: &Visitor,
    (status, error): (StatusCode, Option<String>),
    (email, return_to): (String, String),
) -> Response {
    let view = SignIn {
        frame: Frame::new(&app.uris()),
        error,
        email,
        return_to,
        token: visitor.form_token(),
    };
    visitor.remember(page(status, &view, None))
}

/// Signs in.
pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    from: ClientAddress,
    Address(address): Address,
    fields: Fields,
) -> Response {
    if !visitor.sent(fields.get("token")) {
        return not_from_here(&app);
    }
    let (email, password) = (fields.get("email").trim(), fields.get("password"));
    let return_to = local_path(fields.get("return_to")).unwrap_or_default();
    let again = |status, error: String| {
        let filled = (email.to_owned(), return_to.to_owned());
        form(&app, &visitor, (status, Some(error)), filled)
    };
    // no database takes NUL, and nobody's password is that long
    if email.contains('\0') || password.chars().count() > 1000 || email.len() > 1000 {
        return again(StatusCode::BAD_REQUEST, WRONG.to_owned());
    }
    let from = (&from, address);
    match sign_in(&app, (email, password), from, visitor.cookie.as_deref()).await {
        Ok(cookie) => {
            let here = app.uris().local("/sign_in");
            let next = if return_to.is_empty() {
                &here
            } else {
                return_to
            };
            visitor.signed_in(go_to(next), &cookie)
        }
        Err(SignInError::Wrong) => again(StatusCode::BAD_REQUEST, WRONG.to_owned()),
        Err(SignInError::TooMany(too_many)) => {
            let problem = Problem::guessed(too_many);
            let mut response = again(problem.status(), problem.message);
            let seconds = HeaderValue::from(too_many.retry_after);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
            response
        }
        Err(SignInError::Store(error)) => failed(&app, &error.into()),
        Err(error) => {
            tracing::error!(error = chain(&error), "nobody can sign in");
            failed(&app, &Problem::internal())
        }
    }
}

/// Signs out, and goes on to sign in as somebody else.
pub async fn sign_out(State(app): State<App>, visitor: Visitor, fields: Fields) -> Response {
    if !visitor.sent(fields.get("token")) {
        return not_from_here(&app);
    }
    if let Some(cookie) = &visitor.cookie {
        let command = SignOut { hash: hash(cookie) };
        if let Err(error) = app.store.unrecorded().write(command).await {
            return failed(&app, &error.into());
        }
    }
    let next = match local_path(fields.get("return_to")) {
        Some(path) => address(&app, path),
        None => app.uris().local("/sign_in"),
    };
    visitor.signed_out(go_to(&next))
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn nothing_leads_to_another_site() {
        for path in ["/", "/oauth/authorize?client_id=a&state=%2F%2Fb", "/a//b"] {
            assert_eq!(local_path(path), Some(path));
        }
        for other in [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            " //evil.example",
            "javascript:alert(1)",
        ] {
            assert_eq!(local_path(other), None, "{other}");
        }
    }
}
