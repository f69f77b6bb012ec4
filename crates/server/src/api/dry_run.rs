//! `dry_run` in the query: a write that is only tried. Operations that know it take [`DryRun`] and document the
//! parameter; all others refuse it.

use super::{classic::ClassicError, input, problem::Problem};
use crate::context::App;
use axum::{
    extract::{FromRequestParts, MatchedPath, Request},
    http::{Method, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::Value;
use std::{collections::HashSet, sync::Arc};
use utoipa::openapi::{OpenApi, RefOr, path::Parameter};

/// Whether a write is only tried: it is answered as it would be, and nothing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DryRun(pub bool);

impl FromRequestParts<App> for DryRun {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<DryRun, Problem> {
        dry_run(parts)
    }
}

/// The parameter of the query.
pub const PARAMETER: &str = "dry_run";

fn dry_run(parts: &Parts) -> Result<DryRun, Problem> {
    let query = input::pairs(parts.uri.query().unwrap_or_default());
    match query.get(PARAMETER).map(Value::as_str) {
        None | Some(Some("false" | "0")) => Ok(DryRun(false)),
        Some(Some("true" | "1")) => Ok(DryRun(true)),
        Some(_) => {
            let message = "must be true or false";
            Err(Problem::parameter(PARAMETER, "wrong_type", message))
        }
    }
}

/// What the documentation says of operations.
#[derive(Clone, Debug, Default)]
pub struct Trials {
    /// Those that write and cannot be tried.
    untried: HashSet<(Method, String)>,
    /// The paths whose errors are those of the classic API.
    classic: HashSet<String>,
}

impl Trials {
    /// Reads the documentation.
    pub fn documented(document: &OpenApi) -> Trials {
        let mut trials = Trials::default();
        for (path, item) in &document.paths.paths {
            let writing = [
                (Method::POST, &item.post),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ];
            for (method, operation) in writing {
                let Some(operation) = operation else { continue };
                if !operation.parameters.iter().flatten().any(is_dry_run) {
                    trials.untried.insert((method, path.clone()));
                }
                if operation.tags.iter().flatten().any(|tag| tag == "Classic") {
                    trials.classic.insert(path.clone());
                }
            }
        }
        trials
    }

    fn refusal(&self, path: &str, problem: Problem) -> Response {
        if self.classic.contains(path) {
            ClassicError::from(problem).into_response()
        } else {
            problem.into_response()
        }
    }
}

fn is_dry_run(parameter: &RefOr<Parameter>) -> bool {
    match parameter {
        RefOr::T(parameter) => parameter.name == PARAMETER,
        RefOr::Ref(_) => false,
    }
}

/// Who asks for a trial must not get the real thing: refused of every operation that writes and knows no trials.
pub async fn refuse_others(trials: Arc<Trials>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.extensions.get::<MatchedPath>();
    let path = path
        .map(|path| path.as_str().to_owned())
        .unwrap_or_default();
    let operation = (parts.method.clone(), path);
    if !trials.untried.contains(&operation) {
        return next.run(Request::from_parts(parts, body)).await;
    }
    match dry_run(&parts) {
        Ok(DryRun(false)) => next.run(Request::from_parts(parts, body)).await,
        Ok(DryRun(true)) => {
            let message = "must not be true: this operation cannot be tried";
            let problem = Problem::parameter(PARAMETER, "not_allowed", message);
            trials.refusal(&operation.1, problem)
        }
        Err(problem) => trials.refusal(&operation.1, problem),
    }
}
