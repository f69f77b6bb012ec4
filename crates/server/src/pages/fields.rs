//! What a form sends.

use crate::context::App;
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use std::collections::HashMap;

/// The fields of a form, each once.
#[derive(Debug, Default)]
pub struct Fields(HashMap<String, String>);

impl FromRequest<App> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Fields, Response> {
        let bytes = Bytes::from_request(request, app).await;
        Ok(Fields::read(&bytes.map_err(IntoResponse::into_response)?))
    }
}

impl Fields {
    fn read(bytes: &[u8]) -> Fields {
        Fields(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// What a field says; nothing where it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}
