//! From where a request came: for the activity log, and to count what is tried without a token.

use crate::context::App;
use axum::{extract::FromRequestParts, http::request::Parts};
use std::{convert::Infallible, net::IpAddr};

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The address from which a request came: what the operator's proxy says, or the other end of the connection.
pub fn of(parts: &Parts, app: &App) -> Option<IpAddr> {
    let told = app.config.client_address_header.as_deref();
    let told = told.and_then(|name| parts.headers.get_all(name).iter().next_back());
    // what stands before the last comma was written by whoever sent it
    let told = told
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next()?.trim().parse().ok());
    told.or_else(|| parts.extensions.get().map(|Peer(address)| *address))
}

/// The address of a client who needs no token.
#[derive(Clone, Copy, Debug)]
pub struct Address(pub Option<IpAddr>);

impl FromRequestParts<App> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Address, Infallible> {
        Ok(Address(of(parts, app)))
    }
}

/// The place from which a request came. Of IPv6 the network counts, of which one place has as many addresses as it likes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub String);

impl FromRequestParts<App> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let address = of(parts, app);
        Ok(address.map_or_else(ClientAddress::unknown, ClientAddress::of))
    }
}

impl ClientAddress {
    fn unknown() -> ClientAddress {
        ClientAddress(String::new())
    }

    fn of(address: IpAddr) -> ClientAddress {
        match address.to_canonical() {
            IpAddr::V4(address) => ClientAddress(address.to_string()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                ClientAddress(format!("{a:x}:{b:x}:{c:x}:{d:x}"))
            }
        }
    }
}
