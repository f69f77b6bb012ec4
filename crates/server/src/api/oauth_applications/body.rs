//! What is shown of applications.

use super::input::{EnvironmentWord, KindWord};
use crate::api::{uri::Uris, value::time::Time};
use serde::Serialize;
use store::oauth_applications::{ApplicationKind, Environment, OAuthApplication};
use utoipa::ToSchema;

/// An application, without its secrets.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationBody {
    /// The application's URI.
    #[schema(format = "uri")]
    pub uri: String,
    /// What users are told that it is called.
    pub name: String,
    /// Where it runs.
    pub kind: KindWord,
    /// Whether it is tried out or used.
    pub environment: EnvironmentWord,
    /// Where users may be sent back to.
    pub redirect_uris: Vec<String>,
    /// What it may ask for.
    pub scopes: Vec<String>,
    /// How it calls itself.
    pub client_id: String,
    /// Whose it is.
    #[schema(required = true, format = "uri")]
    pub user: Option<String>,
    /// When it was added.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

impl ApplicationBody {
    /// What is shown of an application.
    pub fn new(row: OAuthApplication, uris: &Uris) -> ApplicationBody {
        ApplicationBody {
            uri: uris.of(row.id),
            name: row.name,
            kind: match row.kind {
                ApplicationKind::Web => KindWord::Web,
                ApplicationKind::Native => KindWord::Native,
            },
            environment: match row.environment {
                Environment::Sandbox => EnvironmentWord::Sandbox,
                Environment::Production => EnvironmentWord::Production,
            },
            redirect_uris: row.redirect_uris,
            scopes: row.scopes,
            client_id: row.client_id,
            user: row.user_id.map(|user| uris.of(user)),
            created_at: Time(row.created_at),
            updated_at: Time(row.updated_at),
        }
    }
}

/// A new application with its secrets, which are not shown again.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewApplicationBody {
    /// The application.
    #[serde(flatten)]
    pub application: ApplicationBody,
    /// Proves that it is this application; none of a native one, which cannot keep it.
    #[schema(required = true)]
    pub client_secret: Option<String>,
    /// Signs the webhooks that it asks for.
    pub webhook_signing_key: String,
}

/// An application with its new secret, which is not shown again.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationWithSecretBody {
    /// The application.
    #[serde(flatten)]
    pub application: ApplicationBody,
    /// Proves that it is this application.
    pub client_secret: String,
}
