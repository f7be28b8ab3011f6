//! Who is told of callbacks by mail, when not everybody is named.

use support_core::model::Recipients;

fn addresses(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("{name}@mail.example")).collect()
}

fn named(to: &[&str], cc: &[&str], log: &[&str]) -> Recipients {
    Recipients {
        callback_email_to: addresses(to),
        callback_email_cc: addresses(cc),
        log_request_email_to: addresses(log),
    }
}

#[test]
fn a_tenants_own_recipients_come_before_the_installations() {
    let own = named(&["own"], &["copy"], &["log"]);
    let installations = named(&["theirs"], &["their-copy"], &["their-log"]);
    let told = own.of_callbacks(&installations);
    assert_eq!(told, (addresses(&["own"]), addresses(&["copy"])));
}

#[test]
fn whoever_is_named_for_callbacks_comes_before_those_for_requests() {
    for (own, installations, expected) in [
        (named(&[], &[], &["log"]), named(&["theirs"], &[], &[]), "theirs"),
        (named(&[], &[], &["log"]), named(&[], &[], &["their-log"]), "log"),
        (named(&[], &[], &[]), named(&[], &[], &["their-log"]), "their-log"),
        (named(&["own"], &[], &["log"]), named(&["theirs"], &[], &[]), "own"),
    ] {
        let (to, copies) = own.of_callbacks(&installations);
        assert_eq!((to, copies), (addresses(&[expected]), Vec::new()));
    }
}

#[test]
fn copies_are_asked_for_on_their_own() {
    let own = named(&["own"], &[], &[]);
    let told = own.of_callbacks(&named(&["theirs"], &["their-copy"], &[]));
    assert_eq!(told, (addresses(&["own"]), addresses(&["their-copy"])));
}

#[test]
fn nobody_gets_the_same_twice() {
    let own = named(&["a", "b"], &["b", "c"], &[]);
    let told = own.of_callbacks(&Recipients::default());
    assert_eq!(told, (addresses(&["a", "b"]), addresses(&["c"])));
}

#[test]
fn nobody_is_told_where_nobody_is_named() {
    let told = Recipients::default().of_callbacks(&Recipients::default());
    assert_eq!(told, (Vec::new(), Vec::new()));
}
