//! The OpenAPI document: what the code says of each operation, completed with what holds for all of them.

use super::{classic::ClassicErrorBody, problem::Problem};
use utoipa::{
    OpenApi,
    openapi::{
        self, ContentBuilder, HttpMethod, Ref, RefOr, Required, ResponseBuilder,
        path::{Operation, ParameterBuilder, ParameterIn, PathItem},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
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
    components(schemas(Problem, ClassicErrorBody)),
    tags(
        (name = "Users", description = "The people of the organization"),
        (name = "Personal access tokens", description = "Tokens with scopes and expiry"),
        (name = "Organizations", description = "The organization and its members"),
        (name = "Availability", description = "Set availability, show it, block time"),
        (name = "Overlaps", description = "When several people are free together"),
        (name = "Event types", description = "Kinds of meetings on offer, and when"),
        (name = "Scheduled events", description = "Book, reschedule, cancel, list"),
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
    for (path, item) in &mut document.paths.paths {
        complete_path(path, item);
    }
    document
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
    let classic = operation.tags.iter().flatten().any(|tag| tag == "Classic");
    let open = operation
        .tags
        .iter()
        .flatten()
        .any(|tag| tag == "Operations");
    if open {
        add_errors(
            operation,
            "Problem",
            &[(408, TOO_SLOW), (500, FAILED), (503, BUSY)],
        );
        return;
    }
    operation.security = Some(vec![SecurityRequirement::new(
        "token",
        Vec::<String>::new(),
    )]);
    if classic {
        let errors = [
            (400, CANNOT),
            (401, TOKEN),
            (403, SCOPE),
            (408, TOO_SLOW),
            (413, LARGE),
            (422, MALFORMED),
            (500, FAILED),
            (503, BUSY),
        ];
        add_errors(operation, "ClassicErrorBody", &errors);
        return;
    }
    let mut errors = vec![
        (401, TOKEN),
        (403, RIGHT),
        (404, MISSING),
        (408, TOO_SLOW),
        (500, FAILED),
        (503, BUSY),
    ];
    if path != "/users/me" {
        errors.push((400, INVALID));
    }
    if matches!(method, HttpMethod::Post | HttpMethod::Patch) {
        errors.extend([(409, CONFLICT), (413, LARGE)]);
    }
    if *method == HttpMethod::Delete {
        errors.push((409, CONFLICT));
    }
    add_errors(operation, "Problem", &errors);
    if *method == HttpMethod::Post {
        operation
            .parameters
            .get_or_insert_default()
            .push(idempotency_key().into());
    }
}

const INVALID: &str = "Something is missing, malformed or out of range; `details` names all of it";
const CANNOT: &str = "It cannot be done, or the body is not JSON";
const MALFORMED: &str = "Something is missing, malformed or out of range";
const TOKEN: &str = "There is no valid token";
const RIGHT: &str = "The token's scopes or the user's role do not allow it";
const SCOPE: &str = "The token's scopes do not allow it";
const MISSING: &str = "There is no such resource in the organization";
const TOO_SLOW: &str = "The request took too long";
const CONFLICT: &str = "It exists already, is in use, or the time is taken";
const LARGE: &str = "The body is larger than the limit";
const FAILED: &str = "The server failed";
const BUSY: &str =
    "The server cannot take the request at the moment; `Retry-After` says when to try again";

fn add_errors(operation: &mut Operation, schema: &str, errors: &[(u16, &str)]) {
    for (status, description) in errors {
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(schema)))
            .build();
        let response = ResponseBuilder::new()
            .description(*description)
            .content("application/json", content)
            .build();
        operation
            .responses
            .responses
            .insert(status.to_string(), RefOr::T(response));
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
