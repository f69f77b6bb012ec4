//! `/oauth/authorize`: a user is asked whether an application may act for them, and goes back to it with the answer.
//!
//! Whoever asks for an unknown application, or to be sent back to where it is not, is told so here and sent nowhere: it
//! would be an open door (RFC 9700 section 4.11). All else that is wrong is told to the application.

mod asked;

use super::{
    fields::Fields,
    sign_in,
    view::{Frame, failed, go_to, not_from_here, page, refusal},
    visitor::Visitor,
};
use crate::{
    api::{caller::hash, client_address::Address, problem::Problem, scope_words::words},
    app::{
        oauth_grants::{Allow, ApplicationGone, CODE_LASTS},
        sessions,
    },
    context::{App, fresh_id, fresh_long_code},
};
use askama::Template;
use asked::{Asked, NotAsked};
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use domain::id::OAuthGrantId;
use std::net::IpAddr;
use store::{
    WriteError,
    oauth_applications::NOBODYS,
    oauth_grants::{Code, Grant},
    sessions::Session,
};

/// The question whether an application may act for a user.
#[derive(Template)]
#[template(path = "authorize.html")]
struct Authorize {
    frame: Frame,
    application: String,
    /// Whether nobody has registered it but itself.
    is_unknown: bool,
    user_name: String,
    user_email: String,
    /// What it asks for, in words.
    scopes: Vec<&'static str>,
    /// Where the user goes on to.
    destination: String,
    action: String,
    token: String,
}

#[cfg(test)]
pub(super) fn samples() -> Vec<String> {
    let view = Authorize {
        frame: Frame::new(&crate::api::uri::Uris::new("https://meet.example.com")),
        application: "Calendar sync".to_owned(),
        is_unknown: true,
        user_name: "Ada".to_owned(),
        user_email: "ada@example.com".to_owned(),
        scopes: vec![words("users:read")],
        destination: "sync.example.com".to_owned(),
        action: "/oauth/authorize?client_id=x".to_owned(),
        token: "token".to_owned(),
    };
    vec![view.render().unwrap_or_default()]
}

/// Sends the browser back to the application.
fn back(app: &App, redirect_uri: &str, state: Option<&str>, said: &[(&str, &str)]) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(said);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    // who it comes from (RFC 9207)
    query.append_pair("iss", app.uris().base());
    let separator = match redirect_uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    go_to(&format!("{redirect_uri}{separator}{}", query.finish()))
}

fn not_asked(app: &App, wrong: NotAsked) -> Response {
    match wrong {
        NotAsked::Unknown(message) => {
            let title = "This application cannot be allowed anything";
            refusal(app, StatusCode::BAD_REQUEST, (title, message))
        }
        NotAsked::Refused {
            redirect_uri,
            state,
            error,
            description,
        } => {
            let said = [("error", error), ("error_description", description)];
            back(app, &redirect_uri, state.as_deref(), &said)
        }
        NotAsked::Failed(error) => failed(app, &error.into()),
    }
}

fn here(app: &App, query: &str) -> String {
    app.uris().local(&format!("/oauth/authorize?{query}"))
}

/// Asks the user, who must sign in before.
pub async fn show(State(app): State<App>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let asked = match Asked::read(&app, &query).await {
        Ok(asked) => asked,
        Err(wrong) => return not_asked(&app, wrong),
    };
    let here = here(&app, &query);
    let Some(session) = &visitor.session else {
        return go_to(&sign_in::address(&app, &here));
    };
    let view = Authorize {
        frame: Frame::new(&app.uris()),
        is_unknown: asked.application.organization_id == NOBODYS,
        destination: asked.destination(),
        scopes: asked.scopes.iter().map(|scope| words(scope)).collect(),
        application: asked.application.name.clone(),
        user_name: session.user_name.clone(),
        user_email: session.user_email.clone(),
        action: here,
        token: visitor.form_token(),
    };
    let (scheme, _) = asked.redirect_uri.split_once(':').unwrap_or_default();
    page(StatusCode::OK, &view, Some(scheme))
}

/// Takes the user's answer.
pub async fn decide(
    State(app): State<App>,
    visitor: Visitor,
    Address(address): Address,
    RawQuery(query): RawQuery,
    fields: Fields,
) -> Response {
    let query = query.unwrap_or_default();
    let asked = match Asked::read(&app, &query).await {
        Ok(asked) => asked,
        Err(wrong) => return not_asked(&app, wrong),
    };
    let Some(session) = &visitor.session else {
        return go_to(&sign_in::address(&app, &here(&app, &query)));
    };
    if !visitor.sent(fields.get("token")) {
        return not_from_here(&app);
    }
    let said = match fields.get("decision") {
        "allow" => match allow(&app, (session, address), &asked).await {
            Ok(code) => vec![("code", code)],
            Err(problem) => return failed(&app, &problem),
        },
        _ => vec![
            ("error", "access_denied".to_owned()),
            ("error_description", "The user did not allow it.".to_owned()),
        ],
    };
    let said: Vec<(&str, &str)> = said
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    back(&app, &asked.redirect_uri, asked.state.as_deref(), &said)
}

/// Notes what the user allows; the answer is the code that says so.
async fn allow(
    app: &App,
    (session, address): (&Session, Option<IpAddr>),
    asked: &Asked,
) -> Result<String, Problem> {
    let code = fresh_long_code()?;
    let now = app.now();
    let command = Allow {
        organization: asked.application.organization_id,
        hash: hash(&code),
        code: Code {
            id: fresh_id(),
            redirect_uri: asked.redirect_uri.clone(),
            code_challenge: asked.challenge.clone(),
            expires_at: now + CODE_LASTS,
            used_at: None,
            grant: Grant {
                organization_id: session.organization_id,
                id: OAuthGrantId(fresh_id()),
                user_id: session.user_id,
                application_id: asked.application.id,
                scopes: asked.scopes.clone(),
                created_at: now,
                revoked_at: None,
            },
        },
    };
    let of = (session.organization_id, session.user_id);
    let by = sessions::by(app, of, address).await?;
    let by = by.ok_or_else(Problem::no_permission)?;
    match app.store.write(by, command).await {
        Ok(()) => Ok(code),
        Err(WriteError::Refused(ApplicationGone)) => Err(Problem::not_found()),
        Err(WriteError::Failed(failure)) => Err(failure.into()),
    }
}
