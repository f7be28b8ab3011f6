//! Files that are made to do harm: by what they are, by what they are called, by how they come.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use support_faces::{Chat, Kind, World, fetch, form, got, on_both_stores, pdf, png, sending, text_of};
use support_testkit::{Api, eventually};
use tokio::{io::AsyncWriteExt, net::TcpStream};

on_both_stores!(
    what_is_two_things_at_once_is_served_as_neither_page_nor_program,
    names_lead_nowhere,
    what_a_form_says_of_its_file_counts_for_nothing,
    forms_without_end_are_refused,
    a_cut_connection_leaves_nothing,
    an_edited_address_opens_nothing,
);

const UPLOAD: &str = "/api/v1/chat/upload";
const SOON: Duration = Duration::from_secs(20);

async fn upload(api: &Api, session: &str, name: &str, content: &[u8]) -> (u16, Value) {
    let answer = got(sending(api, UPLOAD, form(&[("sessionId", session)], name, content))).await;
    (answer.status, answer.json())
}

/// What lies where the server keeps files.
fn kept(world: &World) -> Vec<String> {
    let folder = world.server().folder().join("data/files");
    let tenants = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = tenants.flat_map(|tenant| std::fs::read_dir(tenant).unwrap());
    files
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

async fn what_is_two_things_at_once_is_served_as_neither_page_nor_program(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open(&public, "Hello").await;
    let script = b"<html><script>alert(1)</script></html>".as_slice();
    let archive = b"PK\x03\x04\x14\0\0\0\0\0META-INF/MANIFEST.MF".as_slice();
    for (name, start, rest, content_type) in [
        ("a.gif", b"GIF89a\x01\0\x01\0/*\0".as_slice(), script, "image/gif"),
        ("a.png", png(1, 1).as_slice(), script, "image/png"),
        (
            "a.jpg",
            b"\xFF\xD8\xFF\xE0\0\x04JF\xFF\xD9....".as_slice(),
            archive,
            "image/jpeg",
        ),
        ("a.pdf", b"%PDF-1.7\n".as_slice(), script, "application/pdf"),
        ("b.pdf", b"%PDF-1.7\n".as_slice(), archive, "application/pdf"),
    ] {
        let both = [start, rest].concat();
        let (status, answer) = upload(&public, &chat.session, name, &both).await;
        assert_eq!(status, 200, "{name}: {answer}");
        let served = fetch(&text_of(&answer, "/data/url")).await;
        assert_eq!(served.header("content-type"), content_type, "{name}");
        assert_eq!(served.header("x-content-type-options"), "nosniff");
        assert_eq!(served.header("content-security-policy"), "default-src 'none'; sandbox");
        let is_shown = served.header("content-disposition").starts_with("inline");
        assert_eq!(is_shown, content_type.starts_with("image/"), "{name}");
        for other in ["a.html", "a.jar", "a.js", "a.svg", "a.exe", "a.docx"] {
            let (status, _) = upload(&public, &chat.session, other, &both).await;
            assert_eq!(status, 415, "{name} as {other}");
        }
    }
    // What begins in front of what it claims to be is not that.
    for (name, content) in [
        ("a.pdf", [b" ".as_slice(), &pdf(100)].concat()),
        ("a.png", [script, &png(1, 1)].concat()),
        ("a.gif", b"gif89a".to_vec()),
        ("a.jpg", b"\xFF\xD8".to_vec()),
        ("a.png", b"\x89PNG".to_vec()),
    ] {
        let (status, answer) = upload(&public, &chat.session, name, &content).await;
        assert_eq!(status, 415, "{name}: {answer}");
    }
    let (status, bomb) = upload(&public, &chat.session, "bomb.png", &png(30_000, 30_000)).await;
    assert_eq!((status, &bomb["error"]["details"][0]["field"]), (400, &json!("file")));
}

async fn names_lead_nowhere(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open(&public, "Hello").await;
    let before = kept(&world).len();
    let bidi = "invoice\u{202E}gnp.png";
    let long = format!("{}.png", "ä".repeat(300));
    let names = [
        "../../../../etc/cron.d/evil.png",
        "/etc/passwd.png",
        "C:\\\\Windows\\\\evil.png",
        "....//....//evil.png",
        "%2e%2e%2fevil.png",
        ".png",
        "con.png",
        "a'; drop table files; --.png",
        "<script>alert(1)</script>.png",
        bidi,
        &long,
    ];
    for name in names {
        let (status, answer) = upload(&public, &chat.session, name, &png(1, 1)).await;
        assert_eq!(status, 200, "{name}: {answer}");
        let called = text_of(&answer, "/data/fileName");
        assert!(called.ends_with(".png") && called.chars().count() <= 200, "{called}");
        let is_odd = |character: char| character.is_control() || "/\\<>:\"|?*\u{202E}".contains(character);
        assert!(!called.contains(is_odd), "{called:?}");
        let served = fetch(&text_of(&answer, "/data/url")).await;
        let told = served.header("content-disposition");
        assert!(
            told.starts_with("inline; filename=\"") && !told.contains("..%2F"),
            "{told}"
        );
    }
    // Control characters can't stand in a form's head.
    for name in ["a\0.html\0.png", "a\u{1}b.png", "a\u{7f}b.png"] {
        let (status, answer) = upload(&public, &chat.session, name, &png(1, 1)).await;
        assert_eq!(status, 400, "{name:?}: {answer}");
    }
    // Bytes lie under names of the server's own choice.
    let own = |name: &String| {
        name.chars()
            .all(|character| character.is_ascii_alphanumeric() || "-_".contains(character))
    };
    let now = kept(&world);
    assert!(now.len() >= before + names.len() && now.iter().all(own), "{now:?}");
}

/// A form whose file is said to be of this type.
fn form_with_type(session: &str, name: &str, content_type: &str, content: &[u8]) -> Vec<u8> {
    let said = format!("Content-Type: {content_type}\r\n");
    let whole = form(&[("sessionId", session)], name, content);
    let usual = b"Content-Type: application/octet-stream\r\n";
    let place = whole.windows(usual.len()).position(|window| window == usual).unwrap();
    [&whole[..place], said.as_bytes(), &whole[place + usual.len()..]].concat()
}

async fn what_a_form_says_of_its_file_counts_for_nothing(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open(&public, "Hello").await;
    let page = b"<!doctype html><script>alert(1)</script>".as_slice();
    for (name, content_type, content, expected) in [
        ("a.png", "text/html", png(1, 1), 200),
        ("a.png", "image/svg+xml", png(1, 1), 200),
        ("a.png", "image/png", page.to_vec(), 415),
        ("a.html", "image/png", page.to_vec(), 415),
        ("a.pdf", "image/png", png(1, 1), 415),
    ] {
        let body = form_with_type(&chat.session, name, content_type, &content);
        let answer = got(sending(&public, UPLOAD, body)).await;
        assert_eq!(answer.status, expected, "{name} {content_type}: {}", answer.json());
        if expected == 200 {
            let served = fetch(&text_of(&answer.json(), "/data/url")).await;
            assert_eq!(served.header("content-type"), "image/png");
        }
    }
}

async fn forms_without_end_are_refused(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open(&public, "Hello").await;
    let long = "x".repeat(100_000);
    let many: Vec<(String, String)> = (0..1_000)
        .map(|number| (format!("f{number}"), "x".to_owned()))
        .collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    for (what, body, expected) in [
        (
            "a long text",
            form(&[("sessionId", &long)], "a.png", &png(1, 1)),
            vec![413],
        ),
        ("many texts", form(&many, "a.png", &png(1, 1)), vec![400]),
        (
            "no end",
            b"------what-separates-the-fields\r\n".repeat(10_000),
            vec![400],
        ),
        (
            "a head without end",
            [b"------what-separates-the-fields\r\nX: ".as_slice(), long.as_bytes()].concat(),
            vec![400],
        ),
        ("nothing", Vec::new(), vec![400]),
    ] {
        let answer = got(sending(&public, UPLOAD, body)).await;
        assert!(
            expected.contains(&answer.status),
            "{what}: {} {}",
            answer.status,
            answer.json()
        );
    }
    assert!(kept(&world).is_empty());
    assert_eq!(upload(&public, &chat.session, "a.png", &png(1, 1)).await.0, 200);
}

async fn a_cut_connection_leaves_nothing(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open(&public, "Hello").await;
    let address = world
        .socket_url("")
        .trim_start_matches("ws://")
        .trim_end_matches('/')
        .to_owned();
    let whole = form(&[("sessionId", &chat.session)], "a.pdf", &pdf(4_000_000));
    let head = format!(
        "POST {UPLOAD} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\n\
        Content-Type: multipart/form-data; boundary=----what-separates-the-fields\r\n\r\n",
        whole.len()
    );
    for half in [whole.len() / 2, whole.len() - 10] {
        let mut connection = TcpStream::connect(&address).await.unwrap();
        connection.write_all(head.as_bytes()).await.unwrap();
        connection.write_all(&whole[..half]).await.unwrap();
        // It has begun to be kept before it is cut.
        eventually(SOON, async || (!kept(&world).is_empty()).then_some(())).await;
        drop(connection);
        eventually(SOON, async || kept(&world).is_empty().then_some(())).await;
    }
    assert_eq!(upload(&public, &chat.session, "a.pdf", &pdf(100)).await.0, 200);
    assert_eq!(kept(&world).len(), 1);
}

/// The same text with one sign of it exchanged for another.
fn edited(text: &str, place: usize) -> String {
    let mut signs: Vec<char> = text.chars().collect();
    signs[place] = if signs[place] == 'A' { 'B' } else { 'A' };
    signs.into_iter().collect()
}

async fn an_edited_address_opens_nothing(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open(&public, "Hello").await;
    let mine = upload(&public, &chat.session, "mine.png", &png(1, 1)).await.1;
    let other = upload(&public, &chat.session, "other.png", &png(2, 2)).await.1;
    let (url, id) = (text_of(&mine, "/data/url"), text_of(&mine, "/data/publicId"));
    let (_, token) = url.split_once("?token=").unwrap();
    let get = async |path: String| got(public.request(Method::GET, &path)).await.status;
    for what in ["", "/thumbnail"] {
        let path = |token: &str| format!("/api/files/{id}{what}?token={token}");
        for place in 0..token.len() {
            // The last sign of a token may have bits that mean nothing.
            if place + 1 < token.len() {
                assert_eq!(get(path(&edited(token, place))).await, 404, "{what} {place}");
            }
        }
        assert_eq!(get(path(&token[..token.len() - 1])).await, 404);
        let others = format!("/api/files/{}{what}?token={token}", text_of(&other, "/data/publicId"));
        assert_eq!(get(others).await, 404, "a token is for one file");
    }
    assert_eq!(get(format!("/api/files/{id}?token={token}")).await, 200);
}
