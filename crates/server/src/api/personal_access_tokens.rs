//! `/personal_access_tokens`: tokens with scopes and expiry, shown once.

use super::{
    answer::{Resource, write_once},
    caller::{
        self, Caller, has_scope,
        scope::{self, TokensRead, TokensWrite},
    },
    input::input,
    page::{Collection, Count, PageToken, Sort, Sorted},
    problem::{Detail, Problem},
    request::{Input, Query},
    uri::{Id, Uri, Uris},
    value::{List, text::Text, time::Time},
};
use crate::{
    app::personal_access_tokens::{AddToken, RevokeToken, TokenRefusal},
    context::{App, fresh_id, fresh_secret},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::id::{TokenId, UserId};
use jiff::Timestamp;
use serde::Serialize;
use store::{
    personal_access_tokens::{self, PersonalAccessToken},
    users,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(
            list_personal_access_tokens,
            create_personal_access_token
        ))
        .routes(routes!(delete_personal_access_token))
}

/// A token, without its text.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenBody {
    /// The token's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// What its owner calls it.
    pub name: String,
    /// Whom it acts as.
    #[schema(format = "uri")]
    pub user: String,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Time,
    /// When it stops working.
    #[schema(required = true)]
    pub expires_at: Option<Time>,
}

impl TokenBody {
    fn new(token: PersonalAccessToken, uris: &Uris) -> TokenBody {
        TokenBody {
            uri: uris.of(token.id),
            name: token.name,
            user: uris.of(token.user_id),
            scopes: token.scopes,
            created_at: Time(token.created_at),
            expires_at: token.expires_at.map(Time),
        }
    }
}

/// A new token with its text, which is not shown again.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewTokenBody {
    /// The token.
    #[serde(flatten)]
    pub token: TokenBody,
    /// The text to send as `Authorization: Bearer …`.
    pub access_token: String,
}

impl From<TokenRefusal> for Problem {
    fn from(refusal: TokenRefusal) -> Problem {
        match refusal {
            TokenRefusal::UserIsResource => Problem::parameter(
                "user",
                "is_resource",
                "must be a person; a resource cannot sign in",
            ),
        }
    }
}

input! {
    /// A page of tokens.
    pub struct ListTokens {
        /// Whose tokens; the caller's by default.
        pub user: Option<Uri<UserId>>,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
        /// `created_at:asc` (default) or `created_at:desc`.
        pub sort: Sort,
    }
}

/// List tokens
#[utoipa::path(get, path = "/personal_access_tokens", tag = "Personal access tokens", params(ListTokens), responses((status = 200, description = "A page of tokens", body = Collection<TokenBody>)))]
async fn list_personal_access_tokens(
    State(app): State<App>,
    caller: Caller<TokensRead>,
    Query { query, target }: Query<ListTokens>,
) -> Result<Json<Collection<TokenBody>>, Problem> {
    let user = query.user.map_or(caller.user, |user| user.0);
    caller.must_act_for(user)?;
    let sorted = Sorted::parse(query.sort, &["created_at"])?;
    let request = sorted.request(query.count, query.page_token)?;
    let tx = app.store.read().await?;
    users::get_active(&tx, caller.organization, user)
        .await?
        .ok_or_else(Problem::not_found)?;
    let page = personal_access_tokens::list(&tx, caller.organization, user, &request).await?;
    let uris = app.uris();
    Ok(Json(sorted.collection(
        page,
        (&uris, &target),
        |token| (token.created_at, token.id.0),
        |token| TokenBody::new(token, &uris),
    )))
}

input! {
    /// A new token.
    pub struct NewToken {
        /// What to call it.
        pub name: Text<1, 255>,
        /// Whom it acts as, a person; the caller by default. Others need an administrator.
        pub user: Option<Uri<UserId>>,
        /// What it may be used for; what the caller's token may be used for by default, and never more.
        pub scopes: Option<List<Text<1, 100>, 1, 100>>,
        /// When it stops working: when the caller's token does by default, and never later.
        pub expires_at: Option<Time>,
    }
    example {"name": "calendar sync", "scopes": ["availability:read", "scheduled_events:read"], "expires_at": "2030-01-01T00:00:00Z"}
}

/// Make a token
///
/// Its text is in this answer only. It never may be used for more than the token that makes it.
#[utoipa::path(post, path = "/personal_access_tokens", tag = "Personal access tokens", request_body = NewToken, responses((status = 201, description = "The new token with its text", body = Resource<NewTokenBody>)))]
async fn create_personal_access_token(
    State(app): State<App>,
    caller: Caller<TokensWrite>,
    input: Input<NewToken>,
) -> Result<Response, Problem> {
    let body = input.body;
    let now = app.now();
    let user_id = body.user.map_or(caller.user, |user| user.0);
    caller.may_act_as(&app, user_id).await?;
    let expires_at = expiry(&caller, body.expires_at, now)?;
    let scopes = match body.scopes {
        Some(scopes) => granted(&caller, scopes.0)?,
        None => caller.scopes.clone(),
    };
    let secret = fresh_secret()?;
    let command = AddToken {
        organization: caller.organization,
        hash: caller::hash(&secret),
        token: PersonalAccessToken {
            id: TokenId(fresh_id()),
            user_id,
            name: body.name.0,
            scopes,
            created_at: now,
            expires_at,
            revoked_at: None,
        },
    };
    // a kept answer would keep the token's text, so this request is never answered from memory
    let uris = app.uris();
    write_once(
        &app,
        (caller.sends(None), StatusCode::CREATED),
        command,
        move |token| {
            Ok(Resource {
                resource: NewTokenBody {
                    token: TokenBody::new(token, &uris),
                    access_token: secret.clone(),
                },
            })
        },
    )
    .await
}

/// When a new token stops working: not after the one that makes it.
fn expiry(
    caller: &Caller<TokensWrite>,
    wanted: Option<Time>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Problem> {
    let refuse = |code, message| Err(Problem::parameter("expires_at", code, message));
    match (wanted, caller.expires_at) {
        (Some(Time(at)), _) if at <= now => refuse("in_the_past", "must be in the future"),
        (Some(Time(at)), Some(end)) if end < at => refuse(
            "not_granted",
            "must not be later than the token of this request stops working",
        ),
        (Some(Time(at)), _) => Ok(Some(at)),
        (None, end) => Ok(end),
    }
}

/// That one of several scopes is none of these.
fn unknown_scope((index, wanted): (usize, &Text<1, 100>), known: &[&str]) -> Option<Detail> {
    let message = || format!("must be one of {}", known.join(" "));
    let is_known = known.contains(&wanted.0.as_str());
    (!is_known).then(|| Detail::new(format!("scopes[{index}]"), "unknown_value", message()))
}

/// What of a list is none of these scopes.
pub fn unknown_scopes(scopes: &[Text<1, 100>], known: &[&str]) -> Vec<Detail> {
    let scopes = scopes.iter().enumerate();
    scopes
        .filter_map(|scope| unknown_scope(scope, known))
        .collect()
}

fn granted(
    caller: &Caller<TokensWrite>,
    scopes: Vec<Text<1, 100>>,
) -> Result<Vec<String>, Problem> {
    let wrong = |(index, wanted): (usize, &Text<1, 100>)| {
        let more = || {
            let message = "is more than the token of this request may be used for";
            Detail::new(format!("scopes[{index}]"), "not_granted", message)
        };
        let is_more = !has_scope(&caller.scopes, &[&wanted.0]);
        unknown_scope((index, wanted), scope::ALL).or_else(|| is_more.then(more))
    };
    let details: Vec<Detail> = scopes.iter().enumerate().filter_map(wrong).collect();
    if details.is_empty() {
        Ok(scopes.into_iter().map(|scope| scope.0).collect())
    } else {
        Err(Problem::invalid(details))
    }
}

/// Revoke a token
#[utoipa::path(delete, path = "/personal_access_tokens/{uuid}", tag = "Personal access tokens", params(("uuid" = uuid::Uuid, Path)), responses((status = 204, description = "Revoked")))]
async fn delete_personal_access_token(
    State(app): State<App>,
    caller: Caller<TokensWrite>,
    Id(id): Id<TokenId>,
) -> Result<StatusCode, Problem> {
    let tx = app.store.read().await?;
    let token = personal_access_tokens::get(&tx, caller.organization, id).await?;
    drop(tx);
    let token = token
        .filter(|token| token.revoked_at.is_none())
        .ok_or_else(Problem::not_found)?;
    caller.may_act_as(&app, token.user_id).await?;
    let command = RevokeToken {
        organization: caller.organization,
        id,
        now: app.now(),
    };
    app.store.write(caller.by(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}
