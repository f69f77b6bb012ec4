//! `dry_run` in the query: a write that is only tried. Operations that know it take [`DryRun`] and document the
//! parameter; all others refuse it.

use super::{form, problem::Problem};
use crate::context::App;
use axum::{extract::FromRequestParts, http::request::Parts};
use serde_json::Value;

/// Whether a write is only tried: it is answered as it would be, and nothing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DryRun(pub bool);

impl FromRequestParts<App> for DryRun {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<DryRun, Problem> {
        dry_run(parts.uri.query().unwrap_or_default())
    }
}

/// The parameter of the query.
pub const PARAMETER: &str = "dry_run";

/// What a query says of it.
pub fn dry_run(query: &str) -> Result<DryRun, Problem> {
    let query = form::pairs(query);
    match query.get(PARAMETER).map(Value::as_str) {
        None | Some(Some("false" | "0")) => Ok(DryRun(false)),
        Some(Some("true" | "1")) => Ok(DryRun(true)),
        Some(_) => {
            let message = "must be true or false";
            Err(Problem::parameter(PARAMETER, "wrong_type", message))
        }
    }
}
