//! Where users of an application may be sent back to: nowhere else, or whoever lures them gets what is theirs.

use std::net::IpAddr;
use store::oauth_applications::{ApplicationKind, Environment, OAuthApplication};
use url::Url;

/// Why users cannot be sent back to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRedirectUri {
    /// It is no address.
    #[error("must be an absolute address without user, password and fragment")]
    Malformed,
    /// It is not protected on its way.
    #[error(
        "must begin with https; http is for this machine only, of a native application or in the sandbox"
    )]
    Insecure,
    /// It belongs to an application on the user's device.
    #[error("must begin with https; only a native application has an address of its own kind")]
    NotNative,
}

/// Addresses that are none of an application.
const NO_APPLICATIONS: [&str; 13] = [
    "about",
    "blob",
    "data",
    "file",
    "filesystem",
    "ftp",
    "intent",
    "javascript",
    "mailto",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// Checks an address to which users are sent back.
pub fn check(
    text: &str,
    kind: ApplicationKind,
    environment: Environment,
) -> Result<(), BadRedirectUri> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.contains('#');
    let url = Url::parse(text).map_err(|_malformed: url::ParseError| BadRedirectUri::Malformed)?;
    let has_user = !url.username().is_empty() || url.password().is_some();
    if !is_plain || has_user || text.contains('\\') {
        return Err(BadRedirectUri::Malformed);
    }
    let is_here = kind == ApplicationKind::Native || environment == Environment::Sandbox;
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&url) && is_here => Ok(()),
        "http" => Err(BadRedirectUri::Insecure),
        other if NO_APPLICATIONS.contains(&other) => Err(BadRedirectUri::Malformed),
        _ if kind == ApplicationKind::Native => Ok(()),
        _ => Err(BadRedirectUri::NotNative),
    }
}

/// Whether an address is one of the machine of whoever follows it.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(url::Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Whether a user may be sent back to an address: to one that is known letter by letter. On the user's own machine the
/// port does not matter to a native application, which takes the one that is free (RFC 8252 section 7.3).
pub fn may_return_to(application: &OAuthApplication, asked: &str) -> bool {
    let known = &application.redirect_uris;
    known.iter().any(|known| known == asked)
        || (application.kind == ApplicationKind::Native
            && known.iter().any(|known| differs_in_port_only(known, asked)))
}

fn differs_in_port_only(known: &str, asked: &str) -> bool {
    without_port(known).is_some_and(|known| Some(known) == without_port(asked))
}

/// What stands before and after the port of an address of this machine.
fn without_port(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("http://")?;
    let url = Url::parse(text).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none() && !text.contains('\\');
    if !is_plain || !is_loopback(&url) {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    Some((host, path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ApplicationKind::{Native, Web};
    use BadRedirectUri::{Insecure, Malformed, NotNative};
    use Environment::{Production, Sandbox};

    #[test]
    fn users_are_sent_back_over_tls_or_to_their_own_machine() {
        for (uri, kind, environment) in [
            ("https://app.example.com/back", Web, Production),
            ("https://app.example.com/back?a=b", Native, Production),
            ("http://localhost:3000/back", Web, Sandbox),
            ("http://127.0.0.1/back", Native, Production),
            ("http://[::1]:80/back", Native, Production),
            ("com.example.app:/back", Native, Production),
            ("cursor://anysphere/callback", Native, Production),
        ] {
            assert_eq!(check(uri, kind, environment), Ok(()), "{uri}");
        }
    }

    #[test]
    fn users_are_not_sent_anywhere_else() {
        for (uri, kind, expected) in [
            ("http://app.example.com/", Web, Insecure),
            ("http://localhost.example.com/", Web, Insecure),
            ("http://10.0.0.1/back", Native, Insecure),
            ("com.example.app:/back", Web, NotNative),
            ("javascript:alert(1)", Native, Malformed),
            ("data:text/html,x", Native, Malformed),
            ("https://app.example.com/#here", Web, Malformed),
            ("https://me@app.example.com/", Web, Malformed),
            ("https:\\\\app.example.com", Web, Malformed),
            ("https://app.example.com/a b", Web, Malformed),
            ("/back", Web, Malformed),
            ("", Web, Malformed),
        ] {
            assert_eq!(check(uri, kind, Sandbox), Err(expected), "{uri}");
        }
        let here = "http://localhost:3000/back";
        assert_eq!(check(here, Web, Production), Err(Insecure));
    }

    #[test]
    fn only_the_port_of_ones_own_machine_may_differ() {
        for (known, asked) in [
            ("http://127.0.0.1/back", "http://127.0.0.1:4711/back"),
            ("http://127.0.0.1:1/back", "http://127.0.0.1:2/back"),
            ("http://localhost:1/back", "http://localhost/back"),
            ("http://[::1]:1/back", "http://[::1]:2/back"),
            ("http://[::1]/back", "http://[::1]:2/back"),
        ] {
            assert!(differs_in_port_only(known, asked), "{known} {asked}");
        }
        let known = "http://127.0.0.1/back";
        for asked in [
            "http://127.0.0.1:4711/other",
            "http://127.0.0.1:4711/back?x",
            "http://localhost:4711/back",
            "http://127.0.0.1:80@evil.example/back",
            "http://127.0.0.1.evil.example/back",
            "https://127.0.0.1:2/back",
        ] {
            assert!(!differs_in_port_only(known, asked), "{asked}");
        }
        let (known, asked) = ("https://a.example/back", "https://a.example:2/back");
        assert!(!differs_in_port_only(known, asked));
    }
}
