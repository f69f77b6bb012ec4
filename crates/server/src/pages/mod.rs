//! Pages for people: signing in, and what applications may do for them. They work without scripts, and no other site can
//! put them into a frame, fill their forms or read where they lead.
//!
//! Each page is a view, a template of the same name and handlers. A view has what is shown, ready to show.

pub mod authorize;
mod fields;
pub mod sign_in;
mod view;
pub mod visitor;

use crate::context::App;
use axum::{
    Router,
    http::header,
    response::IntoResponse,
    routing::{get, post},
};

/// The routes of the pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/sign_in", get(sign_in::show).post(sign_in::submit))
        .route("/sign_out", post(sign_in::sign_out))
        .route(
            "/oauth/authorize",
            get(authorize::show).post(authorize::decide),
        )
        .route(STYLE, get(style))
}

/// Where the pages' style is.
const STYLE: &str = "/assets/pages.css";

async fn style() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, include_str!("pages.css"))
}

#[cfg(test)]
mod tests {
    use super::{authorize, sign_in, view};

    #[test]
    fn every_page_has_a_language_a_title_and_labels_and_nothing_that_runs() {
        let mut pages = view::samples();
        pages.extend(sign_in::samples());
        pages.extend(authorize::samples());
        assert_eq!(pages.len(), 5);
        for page in pages {
            assert!(
                page.starts_with("<!doctype html>\n<html lang=\"en\">"),
                "{page}"
            );
            assert!(
                page.contains("<title>") && !page.contains("<title></title>"),
                "{page}"
            );
            for running in ["<script", "style=", "onclick", "javascript:"] {
                assert!(!page.contains(running), "{running} in {page}");
            }
            for input in page.split("<input").skip(1) {
                let is_hidden = input.contains("type=\"hidden\"");
                let id = input
                    .split("id=\"")
                    .nth(1)
                    .and_then(|rest| rest.split('"').next());
                let has_label = id.is_some_and(|id| page.contains(&format!("<label for=\"{id}\"")));
                assert!(is_hidden || has_label, "{input}");
            }
        }
    }
}
