//! The address of a database, of which logs and people see no password.

use serde::{Serialize, Serializer};
use std::fmt;

/// The address of a database, whose password is never shown.
#[derive(Clone)]
pub struct DatabaseUrl(pub String);

impl DatabaseUrl {
    fn masked(&self) -> String {
        let Some((scheme, rest)) = self.0.split_once("://") else {
            return self.0.clone();
        };
        let rest = masked_query(rest);
        let Some((credentials, host)) = rest.rsplit_once('@') else {
            return format!("{scheme}://{rest}");
        };
        let user = credentials.split(':').next().unwrap_or_default();
        format!("{scheme}://{user}:***@{host}")
    }
}

/// An address whose query shows no password.
fn masked_query(address: &str) -> String {
    let Some((place, query)) = address.split_once('?') else {
        return address.to_owned();
    };
    let masked = |pair: &str| match pair.split_once('=') {
        Some((key, _)) if key.contains("password") => format!("{key}=***"),
        _ => pair.to_owned(),
    };
    let pairs: Vec<String> = query.split('&').map(masked).collect();
    format!("{place}?{}", pairs.join("&"))
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.masked())
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.masked())
    }
}
