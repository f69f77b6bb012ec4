//! `dry_run` in the query: a write that is only tried. Operations that know it take [`DryRun`] and document the
//! parameter; all others refuse it.

use super::{classic::ClassicError, input, problem::Problem};
use crate::context::App;
use axum::{
    extract::{FromRequestParts, Request},
    http::{Method, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use std::collections::HashSet;
use utoipa::openapi::{OpenApi, RefOr, path::Parameter};

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

fn dry_run(query: &str) -> Result<DryRun, Problem> {
    let query = input::pairs(query);
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

    /// Who asks for a trial must not get the real thing: refused of every operation that writes and knows no trials.
    pub fn refuse(&self, path: &str, request: &Request) -> Option<Response> {
        let query = request.uri().query()?;
        if !self
            .untried
            .contains(&(request.method().clone(), path.to_owned()))
        {
            return None;
        }
        match dry_run(query) {
            Ok(DryRun(false)) => None,
            Ok(DryRun(true)) => {
                let message = "must not be true: this operation cannot be tried";
                let problem = Problem::parameter(PARAMETER, "not_allowed", message);
                Some(self.refusal(path, problem))
            }
            Err(problem) => Some(self.refusal(path, problem)),
        }
    }

    /// A refusal in the form that the path has.
    pub fn refusal(&self, path: &str, problem: Problem) -> Response {
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
