use support_core::model::{LONGEST_PAGE_TITLE, MOST_VISITED_PAGES, Timestamp, ToldPage, ToldVisit, VisitorContext};

fn page(url: &str) -> ToldPage {
    ToldPage {
        url: url.to_owned(),
        ..ToldPage::default()
    }
}

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn urls(context: &VisitorContext) -> Vec<&str> {
    context.pages.iter().map(|page| page.url.as_str()).collect()
}

#[test]
fn pages_stand_in_the_order_in_which_they_were_seen() {
    let at = |millis| Some(Timestamp::from_millis(millis));
    let told = ToldVisit {
        pages: vec![
            ToldPage {
                at: at(20),
                ..page("https://a.example/2")
            },
            ToldPage {
                at: at(10),
                ..page("https://a.example/1")
            },
        ],
        page: Some(page("https://a.example/3")),
        ..ToldVisit::default()
    };
    let context = VisitorContext::of(told, NOW);
    assert_eq!(
        urls(&context),
        ["https://a.example/1", "https://a.example/2", "https://a.example/3"]
    );
    assert_eq!(context.page.as_ref(), context.pages.last());
}

#[test]
fn nobody_was_on_a_page_in_the_future() {
    let told = ToldVisit {
        page: Some(ToldPage {
            at: Some(Timestamp::from_millis(i64::MAX)),
            ..page("https://a.example/")
        }),
        ..ToldVisit::default()
    };
    assert_eq!(VisitorContext::of(told, NOW).pages[0].at, NOW);
}

#[test]
fn only_addresses_of_the_web_are_kept() {
    let long = format!("https://a.example/{}", "x".repeat(2_000));
    for bad in [
        "",
        "/cart",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://a.example/a b",
        "http://a\u{0}",
        &long,
    ] {
        let told = ToldVisit {
            page: Some(page(bad)),
            referrer: Some(bad.to_owned()),
            pages: vec![page(bad)],
            ..ToldVisit::default()
        };
        assert!(VisitorContext::of(told, NOW).is_empty(), "{bad}");
    }
    for good in [
        "http://localhost:3000/#/cart",
        "HTTPS://A.example/?q=%20",
        " https://a.example ",
    ] {
        let told = ToldVisit {
            page: Some(page(good)),
            ..ToldVisit::default()
        };
        assert_eq!(urls(&VisitorContext::of(told, NOW)), [good.trim()]);
    }
}

#[test]
fn what_is_kept_has_bounds() {
    let mut context = VisitorContext::default();
    for place in 0..MOST_VISITED_PAGES * 2 {
        let told = ToldPage {
            title: Some("ü".repeat(1_000)),
            ..page(&format!("https://a.example/{place}"))
        };
        context = context.moved_to(told, NOW);
    }
    assert_eq!(context.pages.len(), MOST_VISITED_PAGES);
    assert_eq!(context.pages[0].url, format!("https://a.example/{MOST_VISITED_PAGES}"));
    let titles = context.pages.iter().filter_map(|page| page.title.as_ref());
    assert!(
        titles
            .map(|title| title.chars().count())
            .all(|length| length == LONGEST_PAGE_TITLE)
    );
}
