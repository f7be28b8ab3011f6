use std::net::IpAddr;

use support_core::{
    model::{Block, BlockKind, Blocklist, Caller, CustomerId, Requester, Timestamp, VisitorId, address_range},
    testing::Samples,
};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn block(kind: BlockKind, value: &str, expires_at: Option<Timestamp>) -> Block {
    Block {
        kind,
        value: value.to_owned(),
        expires_at,
        ..Samples::new().block()
    }
}

fn forbids(blocks: &[Block], address: &str) -> bool {
    let caller = Caller {
        address: Some(address.parse::<IpAddr>().unwrap()),
        ..Caller::default()
    };
    Blocklist::new(blocks).forbids(caller, NOW)
}

#[test]
fn a_range_holds_all_its_addresses_and_no_other() {
    let blocks = [
        block(BlockKind::Address, "203.0.113.0/24", None),
        block(BlockKind::Address, "198.51.100.7/32", None),
        block(BlockKind::Address, "2001:db8::/32", None),
    ];
    for inside in [
        "203.0.113.0",
        "203.0.113.255",
        "198.51.100.7",
        "2001:db8:1::1",
        "::ffff:203.0.113.9",
    ] {
        assert!(forbids(&blocks, inside), "{inside}");
    }
    for outside in ["203.0.112.255", "203.0.114.0", "198.51.100.8", "2001:db9::1"] {
        assert!(!forbids(&blocks, outside), "{outside}");
    }
}

#[test]
fn ranges_are_written_one_way_and_never_too_wide() {
    let kept = |text: &str| address_range(text).map(|range| range.to_string());
    for (typed, stored) in [
        ("203.0.113.9", "203.0.113.9/32"),
        ("203.0.113.9/24", "203.0.113.0/24"),
        ("::ffff:203.0.113.9", "203.0.113.9/32"),
        ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
        (" 10.0.0.0/8 ", "10.0.0.0/8"),
        ("2001:DB8::1/64", "2001:db8::/64"),
    ] {
        assert_eq!(kept(typed).as_deref(), Some(stored), "{typed}");
    }
    for bad in [
        "",
        "10.0.0.0/7",
        "0.0.0.0/0",
        "::/0",
        "2000::/3",
        "10.0.0.0/33",
        "localhost",
    ] {
        assert_eq!(kept(bad), None, "{bad}");
    }
}

#[test]
fn a_block_holds_until_its_time() {
    let later = NOW.plus(std::time::Duration::from_millis(1));
    assert!(forbids(
        &[block(BlockKind::Address, "203.0.113.9/32", Some(later))],
        "203.0.113.9"
    ));
    assert!(!forbids(
        &[block(BlockKind::Address, "203.0.113.9/32", Some(NOW))],
        "203.0.113.9"
    ));
    let both = [
        block(BlockKind::Address, "203.0.113.9/32", Some(NOW)),
        block(BlockKind::Address, "203.0.113.9/32", None),
    ];
    assert!(forbids(&both, "203.0.113.9"), "the longer one counts");
}

#[test]
fn people_and_mail_addresses_are_kept_out_by_themselves() {
    let visitor = VisitorId::new(Uuid::from_u128(1));
    let list = Blocklist::new(&[
        block(BlockKind::Visitor, &visitor.to_string(), None),
        block(BlockKind::Email, "pest@mail.example", None),
    ]);
    let by = |requester, email| {
        let caller = Caller {
            requester,
            email,
            address: None,
        };
        list.forbids(caller, NOW)
    };
    assert!(by(Some(Requester::Visitor(visitor)), None));
    assert!(by(None, Some("pest@mail.example")));
    let other = Requester::Customer(CustomerId::new(Uuid::from_u128(2)));
    assert!(!by(Some(other), Some("other@mail.example")));
    assert!(!by(None, None));
}
