//! Where a call comes from.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, connect_info::MockConnectInfo},
    http::{HeaderMap, header, request::Parts},
};
use ipnet::IpNet;
use serde_json::{Value, json};
use support_core::model::ToldVisit;

use crate::{captcha::TOKEN_HEADER, state::SupportState};

/// The longest name of a program that is kept, in characters.
const LONGEST_USER_AGENT: usize = 500;

/// The client's address: the connection's own, or behind trusted proxies the last one in
/// `X-Forwarded-For` that is none of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// Where a request comes from.
    pub(crate) fn of(parts: &Parts, state: &SupportState) -> Self {
        let served = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let mocked = parts.extensions.get::<MockConnectInfo<SocketAddr>>();
        let peer = served
            .map(|ConnectInfo(address)| address.ip())
            .or_else(|| mocked.map(|MockConnectInfo(address)| address.ip()))
            .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        Self(client(peer, &parts.headers, &state.settings().trusted_proxies))
    }
}

/// The program that calls, and from where.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) address: IpAddr,
    pub(crate) user_agent: Option<String>,
    /// What it got for passing a challenge.
    pub(crate) captcha: Option<String>,
}

impl Client {
    /// What a request tells of the program that makes it.
    pub(crate) fn of(parts: &Parts, state: &SupportState) -> Self {
        let ClientAddress(address) = ClientAddress::of(parts, state);
        let user_agent = parts.headers.get(header::USER_AGENT);
        let user_agent = user_agent.and_then(|agent| agent.to_str().ok());
        let user_agent = user_agent.map(|agent| agent.chars().take(LONGEST_USER_AGENT).collect());
        let captcha = parts.headers.get(TOKEN_HEADER).and_then(|token| token.to_str().ok());
        Self {
            address,
            user_agent,
            captcha: captcha.map(str::to_owned),
        }
    }

    /// As tickets keep it among their custom data, for agents only.
    pub(crate) fn metadata(&self) -> Value {
        json!({ "userAgent": self.user_agent, "ipAddress": self.address })
    }

    /// What is known of a visit by that alone.
    pub(crate) fn visit(self) -> ToldVisit {
        ToldVisit {
            user_agent: self.user_agent,
            address: Some(self.address),
            ..ToldVisit::default()
        }
    }
}

impl FromRequestParts<SupportState> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &SupportState) -> Result<Self, Infallible> {
        Ok(Self::of(parts, state))
    }
}

impl FromRequestParts<SupportState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &SupportState) -> Result<Self, Infallible> {
        Ok(Self::of(parts, state))
    }
}

fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut nearest = peer.to_canonical();
    if !is_trusted(nearest) {
        return nearest;
    }
    let lists: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    for hop in lists.iter().rev().flat_map(|list| list.rsplit(',')) {
        // Whatever stands before an unreadable entry was not written by a trusted proxy.
        let Some(address) = hop_address(hop.trim()) else {
            return nearest;
        };
        nearest = address;
        if !is_trusted(address) {
            return address;
        }
    }
    nearest
}

/// An entry, which some proxies write with the port.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let address = hop
        .parse::<IpAddr>()
        .or_else(|_| hop.parse::<SocketAddr>().map(|address| address.ip()))
        .or_else(|_| hop.trim_start_matches('[').trim_end_matches(']').parse());
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn seen(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for list in forwarded {
            headers.append("x-forwarded-for", list.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn without_trusted_proxies_nobody_can_claim_another_address() {
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9");
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"], &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn behind_trusted_proxies_the_last_untrusted_hop_is_the_client() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(seen("10.0.0.1", &["198.51.100.1"], &trusted), "198.51.100.1");
        assert_eq!(
            seen("10.0.0.1", &["6.6.6.6, 198.51.100.1, 10.0.0.2"], &trusted),
            "198.51.100.1"
        );
        assert_eq!(seen("10.0.0.1", &["6.6.6.6", "198.51.100.1"], &trusted), "198.51.100.1");
        assert_eq!(
            seen("::ffff:10.0.0.1", &["[2001:db8::7]:4711"], &trusted),
            "2001:db8::7"
        );
        assert_eq!(seen("10.0.0.1", &["198.51.100.1, rubbish"], &trusted), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[], &trusted), "10.0.0.1");
    }
}
