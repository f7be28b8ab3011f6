//! What is refused from outside, and what comes through.

use proptest::prelude::*;
use serde_json::{Value, json};
use support_core::model::{Input, LARGEST_METADATA, Priority, domain_of, parse_human_number};

/// Whether a check lets its value through.
fn passes(check: impl FnOnce(&mut Input)) -> bool {
    let mut input = Input::new();
    check(&mut input);
    input.finish().is_ok()
}

#[test]
fn all_bad_fields_are_named_at_once_in_order() {
    let mut input = Input::new();
    input.text("subject", "", 1..=200);
    input.email("email", "nobody");
    let _ = input.one_of::<Priority>("priority", "very");
    input.text("fine", "fine", 1..=200);
    input.optional_phone("phone", Some("none"));
    let wrong = input.finish().unwrap_err();
    let fields: Vec<_> = wrong.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["subject", "email", "priority", "phone"]);
    assert_eq!(wrong[2].message, "`very` is not one of: low normal high urgent");
}

#[test]
fn addresses_that_mail_could_not_reach_are_refused() {
    for email in [
        "a@b.example",
        " Mara@Shop.Example ",
        "a.b+c@d-e.example",
        "me@localhost",
        "o'neil@x.example",
    ] {
        assert!(passes(|input| _ = input.email("email", email)), "{email}");
    }
    let long = format!("{}@b.example", "a".repeat(250));
    let refused = [
        "",
        " ",
        "a",
        "@b.example",
        "a@",
        "a@b",
        "a b@c.example",
        "a@b.example\nbcc: x@y.example",
        "a@b@c.example",
        "Mara <a@b.example>",
        "a@[127.0.0.1]",
        "a@b.example,c@d.example",
        "\u{0}a@b.example",
        "a@b..example",
        &long,
    ];
    for email in refused {
        assert!(!passes(|input| _ = input.email("email", email)), "{email:?}");
    }
}

#[test]
fn phones_have_digits_and_nothing_strange() {
    for phone in ["+49 (30) 12-34", "110", "(0)"] {
        assert!(
            passes(|input| _ = input.optional_phone("phone", Some(phone))),
            "{phone}"
        );
    }
    for phone in ["+", "()", "12a", "1+2", "++1", "1\n2", "٣٤", &"1".repeat(51)] {
        assert!(
            !passes(|input| _ = input.optional_phone("phone", Some(phone))),
            "{phone:?}"
        );
    }
    for phone in [None, Some(""), Some("  ")] {
        assert_eq!(Input::new().optional_phone("phone", phone), None);
    }
}

#[test]
fn controls_are_refused_but_for_tabs_and_line_breaks() {
    assert!(passes(|input| _ = input.text("text", "a\tb\r\nc", 1..=9)));
    for text in ["a\u{0}b", "a\u{1b}[31m", "a\u{7f}b", "a\u{85}b"] {
        assert!(!passes(|input| _ = input.text("text", text, 1..=9)), "{text:?}");
    }
    for line in ["a\nb", "a\rb", "a\tb"] {
        assert!(!passes(|input| _ = input.line("line", line, 1..=9)), "{line:?}");
    }
}

#[test]
fn metadata_is_an_object_of_at_most_16_kib() {
    let sized = |bytes: usize| json!({"k": "x".repeat(bytes - r#"{"k":""}"#.len())});
    for value in [None, Some(Value::Null), Some(json!({})), Some(sized(LARGEST_METADATA))] {
        assert!(passes(|input| assert!(input.metadata("metadata", value).is_object())));
    }
    for value in [json!([]), json!("text"), json!(1), sized(LARGEST_METADATA + 1)] {
        assert!(!passes(|input| _ = input.metadata("metadata", Some(value))));
    }
}

#[test]
fn lists_are_trimmed_and_without_doubles() {
    let given = [" vip ", "new", "vip"].map(str::to_owned);
    assert_eq!(Input::new().lines("tags", &given, 3), ["vip", "new"]);
    assert!(!passes(|input| _ = input.lines("tags", &given, 2)));
    assert!(!passes(|input| _ = input.lines("tags", &[String::new()], 2)));
    assert!(!passes(|input| _ = input.lines("tags", &["x".repeat(51)], 2)));
}

#[test]
fn an_origin_is_reduced_to_its_host() {
    for (origin, domain) in [
        ("https://Shop.Example:8443/", "shop.example"),
        ("shop.example", "shop.example"),
        ("http://user:secret@shop.example/path?q#f", "shop.example"),
        ("shop.example.", "shop.example"),
        ("  shop.example?x=http://other.example ", "shop.example"),
        ("http://localhost:3000", "localhost"),
        ("http://[::1]:8080/", "[::1]"),
        ("[::1]", "[::1]"),
        ("MÜNCHEN.example", "münchen.example"),
        ("null", "null"),
        ("", ""),
    ] {
        assert_eq!(domain_of(origin), domain, "{origin:?}");
    }
}

#[test]
fn a_human_number_is_read_as_it_is_written() {
    assert_eq!(parse_human_number("TKT-42"), Some(42));
    assert_eq!(parse_human_number("tkt-7"), Some(7));
    for text in [
        "TKT-",
        "TKT-0",
        "TKT-+1",
        "TKT--1",
        "TKT- 1",
        "TKT-1a",
        "42",
        "Tkt-1",
        "TKT-99999999999999999999",
    ] {
        assert_eq!(parse_human_number(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn a_text_is_let_through_when_its_trimmed_length_fits(text in "\\PC{0,12}", shortest in 0..4_usize, more in 0..6_usize) {
        let (length, mut input) = (shortest..=shortest + more, Input::new());
        let kept = input.text("text", &text, length.clone());
        prop_assert_eq!(&kept, text.trim());
        prop_assert_eq!(input.finish().is_ok(), length.contains(&kept.chars().count()));
    }

    #[test]
    fn no_text_makes_a_check_panic(text in any::<String>()) {
        let mut input = Input::new();
        input.line("line", &text, 1..=20);
        input.optional_line("line", Some(&text), 20);
        input.optional_email("email", Some(&text));
        input.optional_phone("phone", Some(&text));
        input.password("password", &text);
        input.slug("slug", &text);
        let _ = domain_of(&text);
        let _ = parse_human_number(&text);
    }

    #[test]
    fn whatever_passes_as_an_address_has_no_way_into_a_header(text in "[a-zA-Z0-9@. \\r\\n<>,;:\"]{1,30}") {
        let mut input = Input::new();
        let email = input.email("email", &text);
        if input.finish().is_ok() {
            let is_harmless = !email.contains(|c: char| c.is_whitespace() || c.is_control());
            prop_assert!(is_harmless && email == email.to_lowercase() && email.contains('@'), "{email:?}");
        }
    }

    #[test]
    fn a_slug_is_what_its_pattern_says(text in "[a-zA-Z0-9-]{0,66}") {
        let is_slug = (1..=63).contains(&text.len())
            && !text.contains(|c: char| c.is_ascii_uppercase())
            && !text.starts_with('-')
            && !text.ends_with('-');
        prop_assert_eq!(passes(|input| _ = input.slug("slug", &text)), is_slug);
    }

    #[test]
    fn a_domain_is_its_own_domain(host in "[a-z]{1,9}(\\.[a-z]{2,5}){1,3}", port in any::<u16>()) {
        prop_assert_eq!(domain_of(&format!("https://{host}:{port}/x")), host.clone());
        prop_assert_eq!(domain_of(&host), host);
    }
}
