//! Who may not write.

use std::{collections::HashMap, net::IpAddr};

use ipnet::{IpNet, Ipv4Net};

use super::{AgentId, BlockId, Requester, Timestamp, named};

/// The most blocks of one tenant.
pub const MOST_BLOCKS: usize = 1_000;
/// The longest reason, in characters.
pub const LONGEST_BLOCK_REASON: usize = 500;
/// The widest ranges of addresses that may be blocked: whoever blocks more blocks a continent.
const WIDEST: (u8, u8) = (8, 16);

named! {
    /// What a block is about.
    BlockKind {
        /// One visitor or customer, wherever they come from.
        Visitor = "visitor",
        /// Everybody at an address or in a range of them.
        Address = "address",
        /// Whoever says that this is their mail address.
        Email = "email",
    }
}

/// That somebody may open and write nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its id.
    pub id: BlockId,
    /// What it is about.
    pub kind: BlockKind,
    /// A visitor's or customer's id, a range of addresses (`203.0.113.0/24`), or a lower-cased
    /// mail address.
    pub value: String,
    /// Why, for the team.
    pub reason: Option<String>,
    /// Until when; for good when none.
    pub expires_at: Option<Timestamp>,
    /// Who decided it; none when a server did.
    pub created_by: Option<AgentId>,
    /// Since when.
    pub created_at: Timestamp,
}

impl Block {
    /// Whether it still holds.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        holds(self.expires_at, now)
    }
}

fn holds(expires_at: Option<Timestamp>, now: Timestamp) -> bool {
    expires_at.is_none_or(|end| now < end)
}

/// A range of addresses as it is kept: `203.0.113.7` is `203.0.113.7/32`. None when it is none, or
/// wider than anybody should block.
///
/// ```
/// use support_core::model::address_range;
/// assert_eq!(address_range("203.0.113.9/24").unwrap().to_string(), "203.0.113.0/24");
/// assert_eq!(address_range("0.0.0.0/0"), None);
/// ```
#[must_use]
pub fn address_range(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let range = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address.to_canonical()),
        Err(_) => canonical(text.parse().ok()?),
    };
    let (widest_v4, widest_v6) = WIDEST;
    let is_narrow = match range {
        IpNet::V4(range) => range.prefix_len() >= widest_v4,
        IpNet::V6(range) => range.prefix_len() >= widest_v6,
    };
    is_narrow.then(|| range.trunc())
}

/// Callers' addresses are told apart by what they are, not by how they are written.
fn canonical(range: IpNet) -> IpNet {
    const MAPPED: u8 = 96;
    match (range.addr().to_canonical(), range) {
        (IpAddr::V4(address), IpNet::V6(range)) => {
            let length = range.prefix_len().checked_sub(MAPPED);
            let mapped = length.and_then(|length| Ipv4Net::new(address, length).ok());
            mapped.map_or(IpNet::V6(range), IpNet::V4)
        }
        _ => range,
    }
}

/// Who calls, as far as blocks ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct Caller<'a> {
    /// The visitor or customer.
    pub requester: Option<Requester>,
    /// What they say their address is, lower-cased.
    pub email: Option<&'a str>,
    /// Where they call from.
    pub address: Option<IpAddr>,
}

/// A tenant's blocks, put so that asking costs the same however many there are: ranges are looked
/// up by the lengths of their prefixes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Blocklist {
    people: HashMap<String, Option<Timestamp>>,
    emails: HashMap<String, Option<Timestamp>>,
    ranges: HashMap<IpNet, Option<Timestamp>>,
    /// The lengths of prefixes that there are, for each kind of address.
    lengths: (Vec<u8>, Vec<u8>),
}

impl Blocklist {
    /// All of a tenant's blocks.
    #[must_use]
    pub fn new(blocks: &[Block]) -> Self {
        let mut list = Self::default();
        for block in blocks {
            list.add(block);
        }
        list
    }

    fn add(&mut self, block: &Block) {
        match block.kind {
            BlockKind::Visitor => keep_longest(&mut self.people, block.value.clone(), block.expires_at),
            BlockKind::Email => keep_longest(&mut self.emails, block.value.clone(), block.expires_at),
            BlockKind::Address => {
                let Some(range) = address_range(&block.value) else {
                    return;
                };
                let lengths = match range {
                    IpNet::V4(_) => &mut self.lengths.0,
                    IpNet::V6(_) => &mut self.lengths.1,
                };
                if !lengths.contains(&range.prefix_len()) {
                    lengths.push(range.prefix_len());
                }
                keep_longest(&mut self.ranges, range, block.expires_at);
            }
        }
    }

    /// Whether somebody may open and write nothing now.
    #[must_use]
    pub fn forbids(&self, caller: Caller<'_>, now: Timestamp) -> bool {
        let is_in = |until: Option<&Option<Timestamp>>| until.is_some_and(|until| holds(*until, now));
        let person = caller.requester.map(|requester| requester.uuid().to_string());
        let is_person = person.is_some_and(|person| is_in(self.people.get(&person)));
        let is_email = caller.email.is_some_and(|email| is_in(self.emails.get(email)));
        let is_address = caller.address.map(|address| address.to_canonical());
        is_person
            || is_email
            || is_address.is_some_and(|address| self.around(address).any(|range| is_in(self.ranges.get(&range))))
    }

    /// The ranges that an address could be blocked by.
    fn around(&self, address: IpAddr) -> impl Iterator<Item = IpNet> {
        let lengths = match address {
            IpAddr::V4(_) => &self.lengths.0,
            IpAddr::V6(_) => &self.lengths.1,
        };
        lengths
            .iter()
            .filter_map(move |length| IpNet::new(address, *length).ok())
            .map(|range| range.trunc())
    }
}

fn keep_longest<K: std::hash::Hash + Eq>(
    kept: &mut HashMap<K, Option<Timestamp>>,
    key: K,
    expires_at: Option<Timestamp>,
) {
    kept.entry(key)
        .and_modify(|known| *known = (*known).zip(expires_at).map(|(known, other)| known.max(other)))
        .or_insert(expires_at);
}
