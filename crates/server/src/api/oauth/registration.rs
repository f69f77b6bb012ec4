//! `POST /oauth/register`: an application registers itself (RFC 7591), as clients of MCP do.

use super::{
    NOT_KEPT,
    client::OAuthInput,
    error::{NotKept, OAuthError, OAuthErrorBody},
    split_scopes,
};
use crate::{
    api::{
        caller,
        client_address::ClientAddress,
        input::input,
        scope_words::allowable,
        value::{List, text::Text},
    },
    app::{
        attempts::{REGISTRATION, Try},
        oauth_applications::{AddApplication, ApplicationRefusal},
    },
    context::{App, fresh_id, fresh_secret},
};
use axum::{Json, extract::State, http::StatusCode};
use domain::id::OAuthApplicationId;
use serde::Serialize;
use store::{
    WriteError,
    oauth_applications::{ApplicationKind, Environment, NOBODYS, OAuthApplication},
};
use utoipa::ToSchema;

input! {
    /// An application about itself. What is not known here is ignored.
    pub struct ClientMetadata {
        /// Where users may be sent back to.
        pub redirect_uris: List<Text<1, 2_000>, 1, 50>,
        /// What users are told that it is called.
        pub client_name: Option<Text<1, 255>>,
        /// How it proves who it is: `client_secret_basic` by default, `client_secret_post`, or `none`.
        pub token_endpoint_auth_method: Option<Text<1, 100>>,
        /// `web` or `native`; by default native where it proves nothing or users are sent back to their own machine.
        pub application_type: Option<Text<1, 100>>,
        /// `authorization_code`, and `refresh_token`.
        pub grant_types: Option<List<Text<1, 100>, 0, 20>>,
        /// `code`.
        pub response_types: Option<List<Text<1, 100>, 0, 20>>,
        /// What it may ask for, with spaces between; everything by default.
        pub scope: Option<Text<1, 4_000>>,
    }
    example {
        "client_name": "An assistant",
        "redirect_uris": ["http://127.0.0.1/callback"],
        "token_endpoint_auth_method": "none"
    }
}

/// An application that has registered itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisteredClientBody {
    /// How it calls itself.
    pub client_id: String,
    /// When it was registered, in seconds since 1970.
    pub client_id_issued_at: i64,
    /// Proves that it is this application; only where it proves anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub client_secret: Option<String>,
    /// Always 0: the secret does not end; only where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub client_secret_expires_at: Option<i64>,
    /// What users are told that it is called.
    pub client_name: String,
    /// Where users may be sent back to.
    pub redirect_uris: Vec<String>,
    /// How it proves who it is.
    pub token_endpoint_auth_method: String,
    /// `web` or `native`.
    pub application_type: String,
    /// What it may exchange for tokens.
    pub grant_types: Vec<String>,
    /// What it gets from where users allow it.
    pub response_types: Vec<String>,
    /// What it may ask for, with spaces between.
    pub scope: String,
}

/// How an application can prove who it is.
pub const METHODS: [&str; 3] = ["none", "client_secret_basic", "client_secret_post"];

/// What an application can exchange for tokens.
pub const GRANT_TYPES: [&str; 2] = ["authorization_code", "refresh_token"];

fn invalid(description: impl Into<String>) -> OAuthError {
    OAuthError::new(
        StatusCode::BAD_REQUEST,
        "invalid_client_metadata",
        description,
    )
}

/// Register yourself
///
/// For applications that nobody has registered. The operator may have closed it, and it is limited for each address.
#[utoipa::path(post, path = "/oauth/register", tag = "OAuth", request_body = ClientMetadata, responses((status = 201, description = "Registered", body = RegisteredClientBody), (status = 400, description = "Something is missing or malformed, or is not possible here", body = OAuthErrorBody), (status = 403, description = "The operator registers applications", body = OAuthErrorBody), (status = 429, description = "More applications were registered from there than may be", body = OAuthErrorBody)))]
pub async fn register_oauth_client(
    State(app): State<App>,
    from: ClientAddress,
    input: OAuthInput<ClientMetadata>,
) -> Result<(StatusCode, NotKept, Json<RegisteredClientBody>), OAuthError> {
    if !app.config.oauth_registration {
        let description = "Applications are registered by users here, not by themselves.";
        let error = OAuthError::new(StatusCode::FORBIDDEN, "access_denied", description);
        return Err(error);
    }
    let method = method(&input.body)?;
    let secret = (method != "none").then(fresh_secret).transpose()?;
    let application = application(&app, input.body, secret.as_deref())?;
    let now = app.now();
    let counted = vec![REGISTRATION.by_name(&from.0, now)];
    let tried = app.store.unrecorded().write(Try { counted, now }).await;
    if let Some(too_many) = tried.map_err(crate::api::problem::Problem::from)? {
        let description = "Too many applications were registered from this address.";
        return Err(OAuthError::too_many(too_many, description));
    }
    let row = app
        .store
        .unrecorded()
        .write(AddApplication(application))
        .await;
    let row = row.map_err(|error| match error {
        WriteError::Refused(ApplicationRefusal::RedirectUri(index, bad)) => OAuthError::new(
            StatusCode::BAD_REQUEST,
            "invalid_redirect_uri",
            format!("redirect_uris[{index}] {bad}"),
        ),
        WriteError::Refused(ApplicationRefusal::Unknown) => OAuthError::invalid_client(),
        WriteError::Failed(failure) => failure.into(),
    })?;
    let body = registered(row, method, secret);
    Ok((StatusCode::CREATED, NOT_KEPT, Json(body)))
}

fn method(metadata: &ClientMetadata) -> Result<&'static str, OAuthError> {
    let wanted = metadata.token_endpoint_auth_method.as_ref();
    let wanted = wanted.map_or("client_secret_basic", |method| method.0.as_str());
    let known = METHODS.into_iter().find(|method| *method == wanted);
    known.ok_or_else(|| {
        let methods = METHODS.join(" ");
        invalid(format!(
            "token_endpoint_auth_method must be one of {methods}"
        ))
    })
}

fn application(
    app: &App,
    metadata: ClientMetadata,
    secret: Option<&str>,
) -> Result<OAuthApplication, OAuthError> {
    let all_of = |name: &str, wanted: &Option<List<Text<1, 100>, 0, 20>>, known: &[&str]| {
        let wanted = wanted.iter().flat_map(|wanted| &wanted.0);
        let mut unknown = wanted.filter(|word| !known.contains(&word.0.as_str()));
        match unknown.next() {
            None => Ok(()),
            Some(_) => Err(invalid(format!("{name} must be of {}", known.join(" ")))),
        }
    };
    all_of("grant_types", &metadata.grant_types, &GRANT_TYPES)?;
    all_of("response_types", &metadata.response_types, &["code"])?;
    let redirect_uris: Vec<String> = metadata
        .redirect_uris
        .0
        .into_iter()
        .map(|uri| uri.0)
        .collect();
    let allowable = allowable();
    let scopes = match metadata.scope {
        None => allowable.iter().map(ToString::to_string).collect(),
        Some(scope) => split_scopes(&scope.0),
    };
    if let Some(unknown) = scopes
        .iter()
        .position(|scope| !allowable.contains(&scope.as_str()))
    {
        return Err(invalid(format!("scope: number {} is unknown", unknown + 1)));
    }
    let now = app.now();
    Ok(OAuthApplication {
        organization_id: NOBODYS,
        id: OAuthApplicationId(fresh_id()),
        user_id: None,
        name: metadata
            .client_name
            .map_or_else(|| "An application".to_owned(), |name| name.0),
        kind: kind(metadata.application_type.as_ref(), secret, &redirect_uris)?,
        environment: Environment::Production,
        redirect_uris,
        scopes,
        client_id: fresh_secret()?,
        secret_hash: secret.map(caller::hash),
        webhook_signing_key: fresh_secret()?,
        created_at: now,
        updated_at: now,
    })
}

/// What an application says it is, or what it seems to be.
fn kind(
    said: Option<&Text<1, 100>>,
    secret: Option<&str>,
    redirect_uris: &[String],
) -> Result<ApplicationKind, OAuthError> {
    let is_remote = redirect_uris.iter().all(|uri| uri.starts_with("https://"));
    let Some(Text(said)) = said else {
        return Ok(match secret {
            Some(_) if is_remote => ApplicationKind::Web,
            _ => ApplicationKind::Native,
        });
    };
    let known = ApplicationKind::parse(said);
    known.ok_or_else(|| invalid("application_type must be one of web native"))
}

fn registered(row: OAuthApplication, method: &str, secret: Option<String>) -> RegisteredClientBody {
    RegisteredClientBody {
        client_id: row.client_id,
        client_id_issued_at: row.created_at.as_second(),
        client_secret_expires_at: secret.as_ref().map(|_| 0),
        client_secret: secret,
        client_name: row.name,
        redirect_uris: row.redirect_uris,
        token_endpoint_auth_method: method.to_owned(),
        application_type: row.kind.as_str().to_owned(),
        grant_types: GRANT_TYPES.map(str::to_owned).to_vec(),
        response_types: vec!["code".to_owned()],
        scope: row.scopes.join(" "),
    }
}
