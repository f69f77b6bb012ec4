//! The OpenAPI document: what the code says of each operation, completed with what holds for all of them.

use super::{
    classic::ClassicErrorBody,
    oauth::error::OAuthErrorBody,
    problem::Problem,
    scope_words::{allowable, words},
};
use utoipa::{
    OpenApi,
    openapi::{
        self, ContentBuilder, HttpMethod, Ref, RefOr, Required, Response, ResponseBuilder,
        path::{Operation, ParameterBuilder, ParameterIn, PathItem},
        security::{
            AuthorizationCode, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes,
            SecurityRequirement, SecurityScheme,
        },
        server::ServerBuilder,
    },
};

/// What the document says before any operation.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Fasti",
        description = "An open scheduling server: set availability, show it, find when several people are free together, book without ever double-booking. Speaks the Calendly API v2; the operations under Classic are a minimal API of their own.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(Problem, ClassicErrorBody, OAuthErrorBody)),
    tags(
        (name = "Users", description = "The people of the organization"),
        (name = "Personal access tokens", description = "Tokens with scopes and expiry"),
        (name = "OAuth applications", description = "Applications that may act for users who allow it"),
        (name = "OAuth", description = "How applications get tokens: users are sent to `/oauth/authorize`, a page that asks them"),
        (name = "Organizations", description = "The organization and its members"),
        (name = "Groups", description = "Parts of the organization with administrators of their own"),
        (name = "Routing forms", description = "Forms that lead whoever fills them in to the right meeting"),
        (name = "Availability", description = "Set availability, show it, block time"),
        (name = "Overlaps", description = "When several people are free together"),
        (name = "Event types", description = "Kinds of meetings on offer, and when"),
        (name = "Webhooks", description = "What happens, told to whoever subscribed, and in a feed"),
        (name = "Activity log", description = "What was done, by whom and from where"),
        (name = "Outgoing communications", description = "The mails that were sent"),
        (name = "Scheduling links", description = "Links by which one meeting can be booked, once"),
        (name = "Scheduled events", description = "Book, reschedule, cancel, list"),
        (name = "Contacts", description = "People outside the organization, lists of them, and notes about them"),
        (name = "Meeting recaps", description = "What was said in meetings"),
        (name = "Data compliance", description = "Personal data, deleted for good"),
        (name = "Classic", description = "The smallest possible API: six POST operations, small numbers as ids"),
        (name = "Operations", description = "Health, readiness, metrics"),
    )
)]
pub struct Document;

/// Adds to a document what holds for every operation.
pub fn complete(mut document: openapi::OpenApi) -> openapi::OpenApi {
    document.servers = Some(vec![ServerBuilder::new().url("/").build()]);
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A personal access token"))
        .build();
    components.add_security_scheme("token", SecurityScheme::Http(bearer));
    components.add_security_scheme("oauth2", SecurityScheme::OAuth2(oauth()));
    components.responses.extend(shared_responses());
    for (path, item) in &mut document.paths.paths {
        complete_path(path, item);
    }
    document
}

/// How applications get a token.
fn oauth() -> OAuth2 {
    let scopes = allowable().into_iter().map(|scope| (scope, words(scope)));
    let scopes: Scopes = scopes.collect();
    let flow = AuthorizationCode::with_refresh_url(
        "/oauth/authorize",
        "/oauth/token",
        scopes,
        "/oauth/token",
    );
    OAuth2::with_description(
        [Flow::AuthorizationCode(flow)],
        "The token of an application that a user has allowed to act for them",
    )
}

fn complete_path(path: &str, item: &mut PathItem) {
    let operations = [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Patch, &mut item.patch),
        (HttpMethod::Delete, &mut item.delete),
    ];
    for (method, operation) in operations {
        if let Some(operation) = operation {
            complete_operation(path, &method, operation);
        }
    }
}

fn complete_operation(path: &str, method: &HttpMethod, operation: &mut Operation) {
    let has_tag = |wanted: &str| operation.tags.iter().flatten().any(|tag| tag == wanted);
    if has_tag("Operations") {
        refer(operation, &[TOO_SLOW, FAILED, BUSY]);
        return;
    }
    if has_tag("OAuth") {
        operation.security = Some(vec![SecurityRequirement::default()]);
        refer(operation, OAUTH);
        if *method == HttpMethod::Post {
            refer(operation, &[OAUTH_LARGE]);
        }
        return;
    }
    if path.ends_with("/cancellation")
        && let Some(RefOr::T(body)) = &mut operation.request_body
    {
        // there need not be a reason
        body.required = Some(Required::False);
    }
    let classic = has_tag("Classic");
    let needs_none = WITHOUT_TOKEN.contains(&path);
    let token = SecurityRequirement::new("token", Vec::<String>::new());
    operation.security = Some(if classic {
        // the operator may open the classic API to everyone
        vec![token, SecurityRequirement::default()]
    } else if needs_none {
        vec![SecurityRequirement::default()]
    } else {
        let allowed = SecurityRequirement::new("oauth2", Vec::<String>::new());
        vec![token, allowed]
    });
    if *method == HttpMethod::Post {
        let parameters = operation.parameters.get_or_insert_default();
        parameters.push(idempotency_key().into());
    }
    if classic {
        refer(operation, CLASSIC);
        return;
    }
    refer(
        operation,
        &[TOKEN, RIGHT, MISSING, TOO_SLOW, TOO_MANY, FAILED, BUSY],
    );
    if path != "/users/me" {
        refer(operation, &[INVALID]);
    }
    match method {
        HttpMethod::Post | HttpMethod::Patch => refer(operation, &[CONFLICT, LARGE]),
        HttpMethod::Delete => refer(operation, &[CONFLICT]),
        _ => refer(operation, &[LONG]),
    }
}

/// What is allowed by a code in the body instead of a token.
const WITHOUT_TOKEN: [&str; 2] = [
    "/organizations/{organization_uuid}/invitations/{invitation_uuid}/acceptance",
    "/organizations/{organization_uuid}/invitations/{invitation_uuid}/declination",
];

/// An answer that many operations have: name, status, the schema of its body (empty: it has none), and when it is given.
type Shared = (&'static str, u16, &'static str, &'static str);

const INVALID: Shared = (
    "Invalid",
    400,
    "Problem",
    "Something is missing, malformed or out of range; `details` names all of it",
);
const TOKEN: Shared = ("NoToken", 401, "Problem", "There is no valid token");
const RIGHT: Shared = (
    "NotAllowed",
    403,
    "Problem",
    "The token's scopes or the user's role do not allow it",
);
const MISSING: Shared = (
    "NotFound",
    404,
    "Problem",
    "There is no such resource in the organization",
);
const TOO_SLOW: Shared = ("TooSlow", 408, "Problem", "The request took too long");
const CONFLICT: Shared = (
    "Conflict",
    409,
    "Problem",
    "It exists already, is in use, or the time is taken",
);
const LARGE: Shared = (
    "TooLarge",
    413,
    "Problem",
    "The body is larger than the limit",
);
const LONG: Shared = (
    "TooLong",
    414,
    "",
    "The address is longer than 65,534 bytes",
);
const TOO_MANY: Shared = (
    "TooMany",
    429,
    "Problem",
    "The user has sent too many requests within a minute; `Retry-After` says when to try again",
);
const FAILED: Shared = ("Failed", 500, "Problem", "The server failed");
const BUSY: Shared = (
    "Busy",
    503,
    "Problem",
    "The server cannot take the request at the moment; `Retry-After` says when to try again",
);

/// The same of the classic API, whose errors have their own body.
const CLASSIC: &[Shared] = &[
    (
        "ClassicRefused",
        400,
        "ClassicErrorBody",
        "It cannot be done, or the body is not JSON",
    ),
    (
        "ClassicNoToken",
        401,
        "ClassicErrorBody",
        "There is no valid token",
    ),
    (
        "ClassicNotAllowed",
        403,
        "ClassicErrorBody",
        "The token's scopes do not allow it",
    ),
    (
        "ClassicTooSlow",
        408,
        "ClassicErrorBody",
        "The request took too long",
    ),
    (
        "ClassicConflict",
        409,
        "ClassicErrorBody",
        "The Idempotency-Key came with another request before",
    ),
    (
        "ClassicTooLarge",
        413,
        "ClassicErrorBody",
        "The body is larger than the limit",
    ),
    (
        "ClassicMalformed",
        422,
        "ClassicErrorBody",
        "Something is missing, malformed or out of range",
    ),
    (
        "ClassicTooMany",
        429,
        "ClassicErrorBody",
        "The user has sent too many requests within a minute",
    ),
    (
        "ClassicFailed",
        500,
        "ClassicErrorBody",
        "The server failed",
    ),
    (
        "ClassicBusy",
        503,
        "ClassicErrorBody",
        "The server cannot take the request at the moment",
    ),
];

/// The same of OAuth, whose errors have their own body.
const OAUTH: &[Shared] = &[
    (
        "OAuthTooSlow",
        408,
        "OAuthErrorBody",
        "The request took too long",
    ),
    ("OAuthFailed", 500, "OAuthErrorBody", "The server failed"),
    (
        "OAuthBusy",
        503,
        "OAuthErrorBody",
        "The server cannot take the request at the moment",
    ),
];

const OAUTH_LARGE: Shared = (
    "OAuthTooLarge",
    413,
    "OAuthErrorBody",
    "The body is larger than the limit",
);

fn shared_responses() -> impl Iterator<Item = (String, RefOr<Response>)> {
    let general = [
        INVALID, TOKEN, RIGHT, MISSING, TOO_SLOW, CONFLICT, LARGE, LONG, TOO_MANY, FAILED, BUSY,
    ];
    general
        .into_iter()
        .chain(CLASSIC.iter().copied())
        .chain(OAUTH.iter().copied())
        .chain([OAUTH_LARGE])
        .map(|(name, _, schema, description)| {
            let mut response = ResponseBuilder::new().description(description);
            if !schema.is_empty() {
                let schema = Ref::from_schema_name(schema);
                let content = ContentBuilder::new().schema(Some(schema)).build();
                response = response.content("application/json", content);
            }
            (name.to_owned(), RefOr::T(response.build()))
        })
}

fn refer(operation: &mut Operation, answers: &[Shared]) {
    for (name, status, ..) in answers {
        let reference = RefOr::Ref(Ref::from_response_name(*name));
        operation
            .responses
            .responses
            .insert(status.to_string(), reference);
    }
}

fn idempotency_key() -> openapi::path::Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "A request that is sent again with the same key within 24 hours is answered as the first time and not carried out again",
        ))
        .schema(Some(
            openapi::ObjectBuilder::new()
                .schema_type(openapi::Type::String)
                .min_length(Some(1))
                .max_length(Some(255))
                .pattern(Some("^[!-~]+$")),
        ))
        .build()
}
