//! Where calls to subscribers never go.

use std::{
    collections::VecDeque,
    io,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use serde_json::json;
use support_core::{
    model::Secret,
    ports::{Notifier as _, Outgoing, Route, WebhookRoute},
};
use support_notify::{AddressGuard, NameLookup, WebhookNotifier};
use support_peers::WebhookReceiver;

use crate::outgoing::{event, outgoing, patience, temporary};

const PUBLIC: &str = "93.184.216.34";

/// Answers in this order; the last answer stays.
struct Names(Mutex<VecDeque<Vec<IpAddr>>>);

#[async_trait]
impl NameLookup for Names {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let mut answers = self.0.lock().unwrap();
        if answers.len() > 1 {
            return Ok(answers.pop_front().unwrap());
        }
        let last = answers.front().cloned();
        last.ok_or_else(|| io::Error::other("no such name"))
    }
}

fn names(answers: &[&[&str]]) -> Arc<Names> {
    let parsed = answers
        .iter()
        .map(|answer| answer.iter().map(|address| address.parse().unwrap()).collect());
    Arc::new(Names(Mutex::new(parsed.collect())))
}

fn notifier(allowed: &[&str], answers: &[&[&str]]) -> WebhookNotifier {
    let allowed = allowed.iter().map(|network| network.parse().unwrap()).collect();
    let guard = AddressGuard::new(allowed).looking_up(names(answers));
    WebhookNotifier::new(guard, patience()).unwrap()
}

fn to(url: &str) -> Outgoing {
    let route = Route::Webhook(WebhookRoute {
        url: url.to_owned(),
        secrets: vec![Secret::presented("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
    });
    outgoing(route, "a webhook's id", event(json!({})))
}

/// Why an address is refused, by itself and as what a name leads to.
async fn refusal(address: &str) -> Option<String> {
    let bracketed = if address.contains(':') {
        format!("[{address}]")
    } else {
        address.to_owned()
    };
    let notifier = notifier(&[], &[&[address]]);
    let by_itself = notifier.accepts(&format!("https://{bracketed}/hook")).await;
    let by_name = notifier.accepts("https://hooks.example/").await;
    assert_eq!(by_itself, by_name, "{address}");
    by_itself.err()
}

#[tokio::test]
async fn special_addresses_are_refused_by_their_kind() {
    let table = [
        ("0.0.0.0", "unspecified"),
        ("0.1.2.3", "unspecified"),
        ("10.0.0.1", "private"),
        ("10.255.255.255", "private"),
        ("100.64.0.1", "carrier"),
        ("100.100.100.200", "carrier"),
        ("100.127.255.255", "carrier"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("168.63.129.16", "metadata"),
        ("169.254.169.254", "link-local"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.0.0.192", "reserved"),
        ("192.0.2.1", "documentation"),
        ("192.88.99.1", "6to4"),
        ("192.168.0.1", "private"),
        ("198.18.0.1", "benchmarking"),
        ("198.19.255.255", "benchmarking"),
        ("198.51.100.1", "documentation"),
        ("203.0.113.1", "documentation"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.255", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "broadcast"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("::127.0.0.1", "IPv4-compatible"),
        ("::5db8:d822", "IPv4-compatible"),
        ("::ffff:127.0.0.1", "IPv4-mapped"),
        ("::ffff:93.184.216.34", "IPv4-mapped"),
        ("::ffff:0:127.0.0.1", "reserved"),
        ("64:ff9b::7f00:1", "NAT64"),
        ("64:ff9b::5db8:d822", "NAT64"),
        ("64:ff9b:1::1", "NAT64"),
        ("100::1", "reserved"),
        ("2001::1", "Teredo"),
        ("2001:2::1", "reserved"),
        ("2001:20::1", "reserved"),
        ("2001:db8::1", "documentation"),
        ("2002:7f00:1::", "6to4"),
        ("2002:5db8:d822::1", "6to4"),
        ("3fff::1", "documentation"),
        ("4000::1", "reserved"),
        ("5f00::1", "reserved"),
        ("fc00::1", "unique-local"),
        ("fd00:ec2::254", "unique-local"),
        ("fe80::1", "link-local"),
        ("fec0::1", "reserved"),
        ("ff02::1", "multicast"),
    ];
    for (address, kind) in table {
        let refusal = refusal(address)
            .await
            .unwrap_or_else(|| panic!("{address} was accepted"));
        assert!(refusal.contains(kind), "{address}: {refusal}");
    }
}

#[tokio::test]
async fn the_addresses_beside_them_are_public() {
    let table = [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "168.63.129.15",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2606:2800:220:1::1",
        "2003::1",
        "3ffe::1",
    ];
    for address in table {
        assert_eq!(refusal(address).await, None, "{address}");
    }
}

#[tokio::test]
async fn every_way_to_write_an_address_is_seen_through() {
    let notifier = notifier(&[], &[&[PUBLIC]]);
    for host in [
        "2130706433",
        "0x7f000001",
        "0x7F.1",
        "017700000001",
        "127.1",
        "127.0.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "0",
        "%31%32%37.0.0.1",
        "１２７.０.０.１",
        "127。0。0。1",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "3232235777",
        "0xA9FEA9FE",
        "[64:ff9b::a9fe:a9fe]",
        "0x0",
        "①②⑦.0.0.1",
    ] {
        for url in [
            format!("http://{host}/"),
            format!("https://{host}:8443/x?y"),
            format!("HTTP:\\\\{host}\\"),
        ] {
            notifier.accepts(&url).await.unwrap_err();
            let (reason, _) = temporary(notifier.send(&to(&url)).await.unwrap_err());
            assert!(reason.contains("not public"), "{url}: {reason}");
        }
    }
}

#[tokio::test]
async fn only_plain_urls_of_the_web_are_accepted() {
    let notifier = notifier(&[], &[&[PUBLIC]]);
    for url in [
        "https://hooks.example/",
        "http://hooks.example",
        "https://hooks.example:25/a?b#c",
        "https://bücher.example/",
    ] {
        notifier.accepts(url).await.unwrap();
    }
    let long = format!("https://hooks.example/{}", "x".repeat(3_000));
    for (url, problem) in [
        ("", "not a URL"),
        ("hooks.example", "not a URL"),
        ("//hooks.example/", "not a URL"),
        ("https://", "not a URL"),
        ("https://exa mple/", "not a URL"),
        ("https://hooks.example:99999/", "not a URL"),
        ("http://1.2.3.4.5/", "not a URL"),
        ("http://256.0.0.1/", "not a URL"),
        ("http://[fe80::1%25eth0]/", "not a URL"),
        ("ftp://hooks.example/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("gopher://hooks.example/", "https://"),
        ("javascript:alert(1)", "https://"),
        ("unix:/run/docker.sock", "https://"),
        ("https://user@hooks.example/", "user name"),
        ("https://user:secret@hooks.example/", "user name"),
        ("https://:secret@hooks.example/", "user name"),
        ("http://93.184.216.34@127.0.0.1/", "user name"),
        (&long, "2048"),
    ] {
        let refusal = notifier.accepts(url).await.unwrap_err();
        assert!(refusal.contains(problem), "{url}: {refusal}");
        temporary(notifier.send(&to(url)).await.unwrap_err());
    }
}

#[tokio::test]
async fn the_operator_may_open_networks() {
    let notifier = notifier(&["10.1.0.0/16", "fd00:1::/32"], &[&["10.1.2.3"]]);
    for url in ["http://10.1.255.1/", "http://[fd00:1::5]/", "http://internal.example/"] {
        notifier.accepts(url).await.unwrap();
    }
    for url in [
        "http://10.2.0.1/",
        "http://[fd00:2::5]/",
        "http://[::ffff:10.1.0.1]/",
        "http://127.0.0.1/",
    ] {
        notifier.accepts(url).await.unwrap_err();
    }
}

#[tokio::test]
async fn one_wrong_address_spoils_a_name() {
    let mixed = notifier(&[], &[&[PUBLIC, "10.0.0.1"]]);
    mixed.accepts("https://hooks.example/").await.unwrap_err();
    let (reason, _) = temporary(mixed.send(&to("https://hooks.example/")).await.unwrap_err());
    assert!(reason.contains("not public"), "{reason}");
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_accepted_and_tried_later() {
    let unknown = notifier(&[], &[]);
    unknown.accepts("https://hooks.example/").await.unwrap();
    let (reason, _) = temporary(unknown.send(&to("https://hooks.example/")).await.unwrap_err());
    assert!(reason.contains("no such name"), "{reason}");
    temporary(
        notifier(&[], &[&[]])
            .send(&to("https://hooks.example/"))
            .await
            .unwrap_err(),
    );
}

#[tokio::test]
async fn a_name_that_turns_inside_after_it_was_accepted_is_not_called() {
    let receiver = WebhookReceiver::start().await;
    let url = receiver.url().replace("127.0.0.1", "hooks.example");
    let rebinding = notifier(&[], &[&[PUBLIC], &["127.0.0.1"]]);
    rebinding.accepts(&url).await.unwrap();
    let (reason, _) = temporary(rebinding.send(&to(&url)).await.unwrap_err());
    assert!(reason.contains("not public (loopback)"), "{reason}");
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn the_checked_address_is_the_one_that_is_called() {
    let receiver = WebhookReceiver::start().await;
    let url = receiver.url().replace("127.0.0.1", "hooks.example");
    // A second look would lead to nobody.
    let once = notifier(&["127.0.0.0/8"], &[&["127.0.0.1"], &["127.0.0.2"]]);
    once.send(&to(&url)).await.unwrap();
    let [call] = receiver.received().try_into().unwrap();
    assert!(call.header("host").unwrap().starts_with("hooks.example:"));
}

#[tokio::test]
async fn names_of_this_machine_lead_nowhere() {
    let receiver = WebhookReceiver::start().await;
    let notifier = WebhookNotifier::new(AddressGuard::new(Vec::new()), patience()).unwrap();
    let url = receiver.url().replace("127.0.0.1", "localhost");
    notifier.accepts(&url).await.unwrap_err();
    temporary(notifier.send(&to(&url)).await.unwrap_err());
    notifier.accepts(&receiver.url()).await.unwrap_err();
    temporary(notifier.send(&to(&receiver.url())).await.unwrap_err());
    assert!(receiver.received().is_empty());
}
