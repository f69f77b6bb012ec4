//! Which addresses webhooks may be sent to: none inside the operator's own network, unless the operator says so.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// Why nothing is sent to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// It is not an `http` or `https` address with a host.
    #[error("must be an http or https address with a host, without user and password")]
    Malformed,
    /// It leads into a private network.
    #[error(
        "must not lead into a private network: not to loopback, link-local or private addresses"
    )]
    Private,
}

/// The address of a webhook in its parts. One whose host is a private address by its text is refused here; a name is looked
/// up when something is sent.
pub fn parse(text: &str, allow_private: bool) -> Result<Url, Forbidden> {
    let url = Url::parse(text).map_err(|_malformed: url::ParseError| Forbidden::Malformed)?;
    let has_user = !url.username().is_empty() || url.password().is_some();
    if !matches!(url.scheme(), "http" | "https") || has_user {
        return Err(Forbidden::Malformed);
    }
    let is_public = match url.host().ok_or(Forbidden::Malformed)? {
        Host::Ipv4(address) => is_public(address.into()),
        Host::Ipv6(address) => is_public(address.into()),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name != "localhost" && !name.ends_with(".localhost")
        }
    };
    if is_public || allow_private {
        Ok(url)
    } else {
        Err(Forbidden::Private)
    }
}

/// Whether an address is one of the public internet (the registries of RFC 6890).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded_v4(address) {
            Some(inside) => is_public_v4(inside),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_benchmark = a == 198 && (18..20).contains(&b);
    let is_protocol = (a, b, c) == (192, 0, 0);
    let is_reserved = a == 0 || a >= 240;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || is_shared
        || is_benchmark
        || is_protocol
        || is_reserved)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let first = address.segments()[0];
    let is_documentation = address.segments()[..2] == [0x2001, 0x0db8];
    // only 2000::/3 is given out
    first & 0xe000 == 0x2000 && !is_documentation
}

/// The IPv4 address that an IPv6 address stands for: mapped, compatible, of NAT64 or 6to4.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let pieces = address.segments();
    let at = |index: usize| {
        Ipv4Addr::from(u32::from(pieces[index]) << 16 | u32::from(pieces[index + 1]))
    };
    match pieces {
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some(at(6)),
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => Some(at(6)),
        [0x2002, ..] => Some(at(1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        let private = [
            "127.0.0.1",
            "127.8.8.8",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "0.1.2.3",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.0.8",
            "203.0.113.5",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "::7f00:1",
        ];
        for address in private {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        let public = [
            "8.8.8.8",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "198.20.0.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ];
        for address in public {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn addresses_are_read_as_browsers_read_them() {
        let refused = [
            ("ftp://example.com/", Forbidden::Malformed),
            ("example.com/hook", Forbidden::Malformed),
            ("https://ada:secret@example.com/", Forbidden::Malformed),
            ("https://", Forbidden::Malformed),
            ("", Forbidden::Malformed),
            ("http://127.0.0.1/", Forbidden::Private),
            ("http://0x7f.1/", Forbidden::Private),
            ("http://2130706433/", Forbidden::Private),
            ("http://[::1]:8080/", Forbidden::Private),
            ("http://localhost/", Forbidden::Private),
            ("http://LOCALHOST./", Forbidden::Private),
            ("http://a.localhost/", Forbidden::Private),
        ];
        for (text, why) in refused {
            assert_eq!(parse(text, false), Err(why), "{text}");
            assert_eq!(
                parse(text, true).is_ok(),
                why == Forbidden::Private,
                "{text}"
            );
        }
        assert!(parse("https://example.com/hook?key=1", false).is_ok());
    }
}
