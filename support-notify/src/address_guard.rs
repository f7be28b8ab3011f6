//! Where calls to URLs of others must not go: into the installation's own network.
//!
//! Tenants name these URLs, so without a guard they could make the server ask what only the server
//! can reach (OWASP API7:2023, ASVS 1.3.6, Standard Webhooks "SSRF").

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

const LONGEST_URL: usize = 2_048;

/// What the registries of special addresses (RFC 6890 and its successors) keep from the public
/// Internet, and one public address by which a cloud's machines reach their host.
const SPECIAL_V4: [(Ipv4Net, &str); 17] = [
    (net4([0, 0, 0, 0], 8), "unspecified"),
    (net4([10, 0, 0, 0], 8), "private"),
    (net4([100, 64, 0, 0], 10), "shared by a carrier's customers"),
    (net4([127, 0, 0, 0], 8), "loopback"),
    (net4([168, 63, 129, 16], 32), "a cloud's metadata"),
    (net4([169, 254, 0, 0], 16), "link-local"),
    (net4([172, 16, 0, 0], 12), "private"),
    (net4([192, 0, 0, 0], 24), "reserved"),
    (net4([192, 0, 2, 0], 24), "documentation"),
    (net4([192, 88, 99, 0], 24), "a 6to4 relay"),
    (net4([192, 168, 0, 0], 16), "private"),
    (net4([198, 18, 0, 0], 15), "benchmarking"),
    (net4([198, 51, 100, 0], 24), "documentation"),
    (net4([203, 0, 113, 0], 24), "documentation"),
    (net4([224, 0, 0, 0], 4), "multicast"),
    (net4([255, 255, 255, 255], 32), "broadcast"),
    (net4([240, 0, 0, 0], 4), "reserved"),
];

/// Of IPv6 only `2000::/3` is public at all; this names what else there is, and what of the public
/// part is special. Addresses that carry an IPv4 address are refused whatever they carry.
const SPECIAL_V6: [(Ipv6Net, &str); 13] = [
    (net6([0, 0, 0, 0, 0, 0, 0, 0], 128), "unspecified"),
    (net6([0, 0, 0, 0, 0, 0, 0, 1], 128), "loopback"),
    (net6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96), "IPv4-mapped"),
    (net6([0, 0, 0, 0, 0, 0, 0, 0], 96), "IPv4-compatible"),
    (net6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 32), "NAT64"),
    (net6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), "Teredo"),
    (net6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), "reserved"),
    (net6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), "documentation"),
    (net6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), "6to4"),
    (net6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), "documentation"),
    (net6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), "unique-local"),
    (net6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "link-local"),
    (net6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "multicast"),
];
const PUBLIC_V6: Ipv6Net = net6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

const fn net4([a, b, c, d]: [u8; 4], length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn net6([a, b, c, d, e, f, g, h]: [u16; 8], length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), length)
}

fn special(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => SPECIAL_V4
            .iter()
            .find(|(net, _)| net.contains(&address))
            .map(|(_, kind)| *kind),
        IpAddr::V6(address) => SPECIAL_V6
            .iter()
            .find(|(net, _)| net.contains(&address))
            .map(|(_, kind)| *kind)
            .or_else(|| (!PUBLIC_V6.contains(&address)).then_some("reserved")),
    }
}

/// How names become addresses.
#[async_trait]
pub trait NameLookup: Send + Sync {
    /// All addresses of a host.
    ///
    /// # Errors
    /// When there are none, or nobody could tell.
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The operating system's way.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

#[async_trait]
impl NameLookup for SystemLookup {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// Decides which addresses may be called, and makes sure that exactly those are.
#[derive(Clone)]
pub struct AddressGuard {
    allowed: Arc<[IpNet]>,
    lookup: Arc<dyn NameLookup>,
}

impl fmt::Debug for AddressGuard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AddressGuard")
            .field("allowed", &self.allowed)
            .finish_non_exhaustive()
    }
}

impl AddressGuard {
    /// Lets through what is public, and these networks.
    ///
    /// A machine that reaches IPv4 by NAT64 alone has to allow `64:ff9b::/96`; its gateway then has
    /// to keep private IPv4 addresses out.
    #[must_use]
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self {
            allowed: allowed.into(),
            lookup: Arc::new(SystemLookup),
        }
    }

    /// The same, asking `lookup` for addresses.
    #[must_use]
    pub fn looking_up(mut self, lookup: Arc<dyn NameLookup>) -> Self {
        self.lookup = lookup;
        self
    }

    /// Reads a URL and refuses what no call may go to. A host that is a name says nothing yet:
    /// its addresses are checked when they are known.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(&self, url: &str) -> Result<Url, String> {
        if url.len() > LONGEST_URL {
            return Err(format!("The URL is longer than {LONGEST_URL} characters."));
        }
        let url = Url::parse(url).map_err(|error| format!("This is not a URL: {error}."))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("The URL has to begin with https:// or http://.".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("The URL must not contain a user name or a password.".to_owned());
        }
        match url.host() {
            None => return Err("The URL names no host.".to_owned()),
            Some(Host::Domain(_)) => {}
            Some(Host::Ipv4(address)) => self.check(address.into())?,
            Some(Host::Ipv6(address)) => self.check(address.into())?,
        }
        Ok(url)
    }

    /// [`parse`](Self::parse), and the addresses of its host. A name that nobody knows right now
    /// is accepted, since it is looked up again for every call.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub async fn accepts(&self, url: &str, limit: Duration) -> Result<(), String> {
        let url = self.parse(url)?;
        let Some(Host::Domain(host)) = url.host() else {
            return Ok(());
        };
        let Ok(Ok(addresses)) = tokio::time::timeout(limit, self.lookup.addresses(host)).await else {
            return Ok(());
        };
        self.check_all(&addresses)
    }

    fn check(&self, address: IpAddr) -> Result<(), String> {
        if self.allowed.iter().any(|net| net.contains(&address)) {
            return Ok(());
        }
        special(address).map_or(Ok(()), |kind| {
            Err(format!("The URL leads to an address that is not public ({kind})."))
        })
    }

    /// One wrong address spoils a name: whoever mixes them wants one to slip through.
    fn check_all(&self, addresses: &[IpAddr]) -> Result<(), String> {
        addresses.iter().try_for_each(|address| self.check(*address))
    }

    async fn resolved(self, host: String) -> io::Result<Vec<IpAddr>> {
        let addresses = self.lookup.addresses(&host).await?;
        self.check_all(&addresses)
            .map_err(|refusal| io::Error::new(io::ErrorKind::PermissionDenied, refusal))?;
        if addresses.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
        }
        Ok(addresses)
    }
}

/// The client connects to what comes from here and asks nobody else, so that a name can't lead
/// elsewhere between the check and the call.
impl Resolve for AddressGuard {
    fn resolve(&self, name: Name) -> Resolving {
        let resolved = self.clone().resolved(name.as_str().to_owned());
        Box::pin(async move {
            let addresses = resolved.await?;
            let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}
