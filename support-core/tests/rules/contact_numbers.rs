//! Numbers to phone: what is refused, and which are the same.

use proptest::prelude::*;
use support_core::model::{Input, check_contact_number, e164, number_key};

const REQUIRED: &str = "Contact number is required";
const INVALID: &str = "Invalid contact number format";

/// The number as it is kept, or what is wrong with it.
fn checked(typed: &str) -> Result<String, String> {
    let mut input = Input::new();
    let number = check_contact_number(&mut input, "contact_number", typed);
    match input.finish() {
        Ok(()) => Ok(number),
        Err(wrong) => {
            assert_eq!(wrong.len(), 1, "one word about each field");
            assert_eq!(wrong[0].field, "contact_number");
            Err(wrong[0].message.clone())
        }
    }
}

#[test]
fn no_number_is_another_mistake_than_a_wrong_one() {
    for empty in ["", " ", "\t \n"] {
        assert_eq!(checked(empty), Err(REQUIRED.to_owned()), "{empty:?}");
    }
    let longest = "1".repeat(50);
    for fine in [
        "12345678",
        "+4930123456",
        "(030) 12 34-56-78",
        "- - 12345678 - -",
        "+(49)\t30\u{a0}123456",
        longest.as_str(),
    ] {
        assert_eq!(checked(fine), Ok(fine.to_owned()), "{fine:?}");
    }
    let too_long = "1".repeat(51);
    let long_with_plus = format!("+{}", "1".repeat(50));
    for wrong in [
        "1",
        "1234567",
        "+1234567",
        "-------------",
        "(((((((( ",
        "+",
        "phone me",
        "12345678a",
        "+49 30 123456 ext 7",
        "49+30123456",
        "++4930123456",
        "12345678+",
        "030.123.456.78",
        "030/12345678",
        "١٢٣٤٥٦٧٨",
        "1234567\u{0}8",
        "12345678\nBcc: x",
        too_long.as_str(),
        long_with_plus.as_str(),
    ] {
        assert_eq!(checked(wrong), Err(INVALID.to_owned()), "{wrong:?}");
    }
}

#[test]
fn a_number_is_kept_as_typed_but_for_blanks_around_it() {
    assert_eq!(checked("  +49 (30) 12-34 56 "), Ok("+49 (30) 12-34 56".to_owned()));
}

#[test]
fn a_number_without_a_country_code_needs_a_region() {
    assert_eq!(e164("030 1234567", Some("DE")).as_deref(), Some("+49301234567"));
    assert_eq!(e164("(030) 123-45 67", Some("DE")).as_deref(), Some("+49301234567"));
    assert_eq!(e164("030 1234567", None), None);
    assert_eq!(e164("020 7946 0958", Some("GB")).as_deref(), Some("+442079460958"));
}

#[test]
fn a_number_with_its_country_code_needs_none() {
    for region in [None, Some("DE"), Some("US"), Some("nowhere")] {
        let understood = e164("+49 30 1234567", region);
        assert_eq!(understood.as_deref(), Some("+49301234567"), "{region:?}");
    }
}

#[test]
fn what_is_no_number_anywhere_has_no_e164() {
    for (typed, region) in [
        ("0000 0000", Some("DE")),
        ("+999 12345678", None),
        ("12345678", Some("nowhere")),
        ("", Some("DE")),
        ("phone me", Some("DE")),
    ] {
        assert_eq!(e164(typed, region), None, "{typed:?}");
    }
}

#[test]
fn numbers_are_the_same_by_e164_or_else_by_their_digits() {
    assert_eq!(number_key("030 1234567", Some("+49301234567")), "+49301234567");
    assert_eq!(number_key("+49 30 123-45-67", Some("+49301234567")), "+49301234567");
    assert_eq!(number_key("(0000) 00-00", None), "00000000");
    assert_eq!(number_key("+0000 0000", None), "00000000");
}

/// The rule read naively.
fn is_fine(typed: &str) -> bool {
    let number = typed.trim();
    let allowed = |character: char| character.is_ascii_digit() || " \t\u{a0}-()".contains(character);
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let mut characters = number.chars();
    let first = characters.next();
    (8..=50).contains(&digits)
        && number.chars().count() <= 50
        && first.is_some_and(|first| first == '+' || allowed(first))
        && characters.all(allowed)
}

proptest! {
    #[test]
    fn a_number_is_fine_when_the_rule_says_so(typed in "[+0-9 ()a./-]{0,54}") {
        prop_assert_eq!(checked(&typed).is_ok(), is_fine(&typed), "{:?}", typed);
    }

    #[test]
    fn digits_with_what_people_put_between_them_are_fine(typed in "\\+?([0-9][ ()-]?){8,24}") {
        let trimmed = typed.trim().to_owned();
        prop_assert_eq!(checked(&typed), Ok(trimmed));
    }

    #[test]
    fn no_text_makes_the_check_fall(typed in ".*") {
        prop_assert_eq!(checked(&typed).is_ok(), is_fine(&typed));
    }

    #[test]
    fn what_is_understood_is_a_plus_and_digits(typed in "\\+?[0-9 ()-]{6,16}") {
        if let Some(number) = e164(&typed, Some("DE")) {
            let digits = number.strip_prefix('+').unwrap();
            prop_assert!(digits.chars().all(|character| character.is_ascii_digit()));
            prop_assert!(digits.len() <= 15, "ITU-T E.164 allows 15: {}", number);
            prop_assert_eq!(e164(&number, None), Some(number.clone()), "understood again");
        }
    }
}
