//! What the documentation says of operations, which is how requests are treated before they reach them.

use super::{
    classic::ClassicError,
    dry_run::{DryRun, PARAMETER, dry_run},
    oauth::error::OAuthError,
    problem::Problem,
};
use axum::{
    body::HttpBody,
    extract::Request,
    http::Method,
    response::{IntoResponse, Response},
};
use std::collections::HashSet;
use utoipa::openapi::{OpenApi, RefOr, path::Parameter};

/// What the documentation says of operations.
#[derive(Clone, Debug, Default)]
pub struct Operations {
    /// Those that write and cannot be tried.
    untried: HashSet<(Method, String)>,
    /// Those that take a body.
    with_body: HashSet<(Method, String)>,
    /// The paths whose errors are those of the classic API.
    classic: HashSet<String>,
    /// The paths whose errors are those of OAuth.
    oauth: HashSet<String>,
}

impl Operations {
    /// Reads the documentation.
    pub fn documented(document: &OpenApi) -> Operations {
        let mut operations = Operations::default();
        for (path, item) in &document.paths.paths {
            let all = [
                (Method::GET, &item.get),
                (Method::POST, &item.post),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ];
            for (method, operation) in all {
                let Some(operation) = operation else { continue };
                for tag in operation.tags.iter().flatten() {
                    match tag.as_str() {
                        "Classic" => operations.classic.insert(path.clone()),
                        "OAuth" => operations.oauth.insert(path.clone()),
                        _ => false,
                    };
                }
                if method.is_safe() {
                    continue;
                }
                if operation.request_body.is_some() {
                    operations.with_body.insert((method.clone(), path.clone()));
                }
                if !operation.parameters.iter().flatten().any(is_dry_run) {
                    operations.untried.insert((method, path.clone()));
                }
            }
        }
        operations
    }

    /// Who asks for a trial must not get the real thing: refused of every operation that writes and knows no operations.
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

    /// Whether what is asked is known only when the body has come.
    pub fn waits_for_body(&self, path: &str, request: &Request) -> bool {
        if request.body().is_end_stream() {
            return false;
        }
        let operation = (request.method().clone(), path.to_owned());
        self.with_body.contains(&operation)
    }

    /// A refusal in the form that the path has.
    pub fn refusal(&self, path: &str, problem: Problem) -> Response {
        if self.classic.contains(path) {
            ClassicError::from(problem).into_response()
        } else if self.oauth.contains(path) {
            OAuthError::from(problem).into_response()
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
