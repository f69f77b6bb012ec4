//! What is sent to register or edit an application.

use crate::api::{
    input::input,
    page::{Count, PageToken, Sort},
    personal_access_tokens::unknown_scopes,
    problem::Problem,
    scope_words::allowable,
    uri::Uri,
    value::{List, text::Text, words},
};
use domain::id::UserId;
use store::oauth_applications::{ApplicationKind, Environment, OAuthApplication};

words! {
    /// Where an application runs.
    pub enum KindWord {
        /// On a server, which can keep a secret.
        Web = "web",
        /// On a device of its user, which cannot: it needs PKCE.
        Native = "native",
    }
}

words! {
    /// Whether an application is tried out or used.
    pub enum EnvironmentWord {
        /// It is tried out: users may be sent back to their own machine without TLS.
        Sandbox = "sandbox",
        /// It is used.
        Production = "production",
    }
}

impl From<KindWord> for ApplicationKind {
    fn from(word: KindWord) -> ApplicationKind {
        match word {
            KindWord::Web => ApplicationKind::Web,
            KindWord::Native => ApplicationKind::Native,
        }
    }
}

impl From<EnvironmentWord> for Environment {
    fn from(word: EnvironmentWord) -> Environment {
        match word {
            EnvironmentWord::Sandbox => Environment::Sandbox,
            EnvironmentWord::Production => Environment::Production,
        }
    }
}

input! {
    /// A page of applications.
    pub struct ListApplications {
        /// Whose; the caller's by default.
        pub user: Option<Uri<UserId>>,
        /// Rows on a page, 20 by default.
        pub count: Count,
        /// Where the page begins, from an earlier answer.
        pub page_token: PageToken,
        /// `created_at:asc` (default) or `created_at:desc`.
        pub sort: Sort,
    }
}

/// Addresses to which users are sent back.
pub type RedirectUris = List<Text<1, 2_000>, 1, 50>;

/// Scopes that an application may ask for.
pub type Scopes = List<Text<1, 100>, 1, 100>;

input! {
    /// A new application of the caller.
    pub struct NewApplication {
        /// What users are told that it is called.
        pub name: Text<1, 255>,
        /// Where it runs. It never changes.
        pub kind: KindWord,
        /// `production` by default.
        pub environment: Option<EnvironmentWord>,
        /// Where users may be sent back to: https; http to their own machine of native applications and in the sandbox; of native applications also addresses of their own kind.
        pub redirect_uris: RedirectUris,
        /// What it may ask for.
        pub scopes: Scopes,
    }
    example {
        "name": "Calendar sync",
        "kind": "web",
        "redirect_uris": ["https://sync.example.com/oauth/callback"],
        "scopes": ["users:read", "scheduled_events:read"]
    }
}

input! {
    /// What changes of an application; what is left out stays.
    pub struct ApplicationChanges {
        /// What users are told that it is called.
        pub name: Option<Text<1, 255>>,
        /// Whether it is tried out or used.
        pub environment: Option<EnvironmentWord>,
        /// Where users may be sent back to.
        pub redirect_uris: Option<RedirectUris>,
        /// What it may ask for.
        pub scopes: Option<Scopes>,
    }
    example {"name": "Calendar sync", "environment": "production"}
}

/// Scopes, if each is one that an application can have.
pub fn scopes(scopes: Scopes) -> Result<Vec<String>, Problem> {
    let unknown = unknown_scopes(&scopes.0, &allowable());
    if unknown.is_empty() {
        Ok(texts(scopes))
    } else {
        Err(Problem::invalid(unknown))
    }
}

/// The texts of a list.
pub fn texts<const MAX: usize, const LEAST: usize, const MOST: usize>(
    list: List<Text<1, MAX>, LEAST, MOST>,
) -> Vec<String> {
    list.0.into_iter().map(|text| text.0).collect()
}

/// Changes whose scopes are known.
pub struct Checked {
    name: Option<String>,
    environment: Option<Environment>,
    redirect_uris: Option<Vec<String>>,
    scopes: Option<Vec<String>>,
}

impl ApplicationChanges {
    /// The changes, if their scopes are known.
    pub fn checked(self) -> Result<Checked, Problem> {
        Ok(Checked {
            name: self.name.map(|name| name.0),
            environment: self.environment.map(Environment::from),
            redirect_uris: self.redirect_uris.map(texts),
            scopes: self.scopes.map(scopes).transpose()?,
        })
    }
}

impl Checked {
    /// Writes the changes into an application.
    pub fn apply(&self, row: &mut OAuthApplication) {
        if let Some(name) = &self.name {
            row.name.clone_from(name);
        }
        if let Some(environment) = self.environment {
            row.environment = environment;
        }
        if let Some(uris) = &self.redirect_uris {
            row.redirect_uris.clone_from(uris);
        }
        if let Some(scopes) = &self.scopes {
            row.scopes.clone_from(scopes);
        }
    }
}
