//! What an application asks of a user, by the address to which it sent them.

use crate::{
    api::{caller::has_scope, oauth::split_scopes, scope_words::allowable},
    app::oauth_applications::redirect_uris::may_return_to,
    context::App,
};
use std::collections::HashMap;
use store::{
    StoreError,
    oauth_applications::{self, OAuthApplication},
};
use url::Url;

/// What is asked.
#[derive(Debug)]
pub struct Asked {
    /// Who asks.
    pub application: OAuthApplication,
    /// Where the user goes back to.
    pub redirect_uri: String,
    /// What the application wants to hear again.
    pub state: Option<String>,
    /// What for.
    pub scopes: Vec<String>,
    /// With which it will prove that it asked (RFC 7636).
    pub challenge: Option<String>,
}

/// Why nothing is asked.
#[derive(Debug)]
pub enum NotAsked {
    /// It is not known where the user should go back to.
    Unknown(&'static str),
    /// The application asks for something that cannot be, and is told.
    Refused {
        redirect_uri: String,
        state: Option<String>,
        error: &'static str,
        description: &'static str,
    },
    /// The database failed.
    Failed(StoreError),
}

impl From<StoreError> for NotAsked {
    fn from(error: StoreError) -> NotAsked {
        NotAsked::Failed(error)
    }
}

/// What scopes mean that an application is for everything it may have, as of old.
const EVERYTHING: &str = "default";

/// No state is longer, in bytes.
const LONGEST_STATE: usize = 4096;

/// The parameters of a query. One that comes twice, or says nothing, is told apart from one that is there.
struct Parameters(HashMap<String, Vec<String>>);

impl Parameters {
    fn read(query: &str) -> Parameters {
        let mut all: HashMap<String, Vec<String>> = HashMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
            if !value.is_empty() {
                all.entry(name).or_default().push(value);
            }
        }
        Parameters(all)
    }

    fn take(&mut self, name: &str) -> Result<Option<String>, Twice> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(mut values) if values.len() == 1 => Ok(values.pop()),
            Some(_) => Err(Twice),
        }
    }
}

/// A parameter came more than once.
struct Twice;

type Wrong = (&'static str, &'static str);

const fn malformed(description: &'static str) -> Wrong {
    ("invalid_request", description)
}

impl From<Twice> for Wrong {
    fn from(_: Twice) -> Wrong {
        malformed("A parameter was sent more than once.")
    }
}

impl Asked {
    /// Reads what is asked.
    pub async fn read(app: &App, query: &str) -> Result<Asked, NotAsked> {
        let mut parameters = Parameters::read(query);
        let (application, redirect_uri) = known(app, &mut parameters).await?;
        let (state, asked) = match parameters.take("state") {
            Ok(Some(state)) if state.len() > LONGEST_STATE => {
                (None, Err(malformed("The state is too long.")))
            }
            Ok(state) => (state, asked(&application, &mut parameters)),
            Err(twice) => (None, Err(twice.into())),
        };
        match asked {
            Ok((scopes, challenge)) => Ok(Asked {
                application,
                redirect_uri,
                state,
                scopes,
                challenge,
            }),
            Err((error, description)) => Err(NotAsked::Refused {
                redirect_uri,
                state,
                error,
                description,
            }),
        }
    }

    /// Where the user goes on to, in short.
    pub fn destination(&self) -> String {
        let url = Url::parse(&self.redirect_uri).ok();
        let host = url.as_ref().and_then(Url::host_str);
        match (host, url.as_ref().map(Url::scheme)) {
            (Some(host), Some("http" | "https")) => host.to_owned(),
            (_, Some(scheme)) => format!("{scheme}:"),
            _ => self.redirect_uri.clone(),
        }
    }
}

/// The application, and an address of its that it names.
async fn known(
    app: &App,
    parameters: &mut Parameters,
) -> Result<(OAuthApplication, String), NotAsked> {
    let missing = "The address that led here does not name an application that is known here.";
    let elsewhere = "The address that led here wants to lead on to where this application is not. Nobody was told anything.";
    let client_id = parameters.take("client_id").ok().flatten();
    let client_id = client_id.ok_or(NotAsked::Unknown(missing))?;
    if client_id.contains('\0') {
        return Err(NotAsked::Unknown(missing));
    }
    let tx = app.store.read().await?;
    let application = oauth_applications::by_client_id(&tx, &client_id).await?;
    let application = application.ok_or(NotAsked::Unknown(missing))?;
    let redirect_uri = parameters.take("redirect_uri").ok().flatten();
    match redirect_uri.filter(|uri| may_return_to(&application, uri)) {
        Some(redirect_uri) => Ok((application, redirect_uri)),
        None => Err(NotAsked::Unknown(elsewhere)),
    }
}

/// Scopes and challenge.
fn asked(
    application: &OAuthApplication,
    parameters: &mut Parameters,
) -> Result<(Vec<String>, Option<String>), Wrong> {
    match parameters.take("response_type")?.as_deref() {
        Some("code") => {}
        None => return Err(malformed("response_type must be filled.")),
        Some(_) => {
            let description = "response_type must be code.";
            return Err(("unsupported_response_type", description));
        }
    }
    if !matches!(
        parameters.take("response_mode")?.as_deref(),
        None | Some("query")
    ) {
        return Err(malformed("response_mode must be query."));
    }
    let method = parameters.take("code_challenge_method")?;
    let challenge = match (parameters.take("code_challenge")?, method.as_deref()) {
        (None, None) if !application.needs_challenge() => None,
        (None, _) => return Err(malformed("code_challenge must be filled.")),
        (Some(challenge), Some("S256")) if is_challenge(&challenge) => Some(challenge),
        (Some(_), Some("S256")) => {
            let description = "code_challenge must be a SHA-256 in Base64 without padding.";
            return Err(malformed(description));
        }
        (Some(_), _) => return Err(malformed("code_challenge_method must be S256.")),
    };
    Ok((scopes(application, parameters)?, challenge))
}

/// 256 bits in the letters of RFC 4648 section 5.
fn is_challenge(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() == 43 && text.bytes().all(is_letter)
}

fn scopes(
    application: &OAuthApplication,
    parameters: &mut Parameters,
) -> Result<Vec<String>, Wrong> {
    let Some(wanted) = parameters.take("scope")? else {
        return Ok(application.scopes.clone());
    };
    let mut scopes = split_scopes(&wanted);
    if scopes == [EVERYTHING] {
        return Ok(application.scopes.clone());
    }
    scopes.sort_unstable();
    scopes.dedup();
    let allowable = allowable();
    let may_ask = |scope: &String| {
        allowable.contains(&scope.as_str()) && has_scope(&application.scopes, &[scope])
    };
    if !scopes.is_empty() && scopes.iter().all(may_ask) {
        Ok(scopes)
    } else {
        let description = "A scope is unknown, or none that this application may ask for.";
        Err(("invalid_scope", description))
    }
}
