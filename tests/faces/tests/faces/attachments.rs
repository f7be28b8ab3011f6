//! Files with messages: whose they are, where they are shown, and what a tenant lets in.

use reqwest::Method;
use serde_json::{Value, json};
use support_faces::{
    Chat, Kind, Request, World, fetch, form, got, on_both_stores, pdf, png, refused_fields, sending, text_of,
};
use support_testkit::{Answer, Api};

use crate::portal::{ME, TICKETS, agent_sets, customer, opened, path};

on_both_stores!(
    customers_send_files_with_tickets_and_messages,
    what_is_anothers_is_attached_to_nothing,
    a_file_meant_for_a_closed_ticket_goes_with_the_one_that_follows,
    requests_for_a_human_show_files_too,
    a_tenant_settles_what_may_be_sent_in,
    what_a_tenant_settles_has_bounds,
    images_have_small_pictures_for_whoever_may_see_them,
);

const OWN: &str = "/api/customers/me/attachments";
const SETTINGS: &str = "/api/v1/admin/settings";

async fn sent_in(api: &Api, path: &str, name: &str, content: &[u8]) -> String {
    let sent = got(sending(api, path, form(&[], name, content))).await;
    assert_eq!(sent.status, 201, "{}", sent.json());
    let sent = sent.json();
    text_of(sent.get("data").unwrap_or(&sent), "/id")
}

/// The names of what is attached.
fn names(shown: &Value) -> Vec<&str> {
    let attachments = shown["attachments"].as_array().unwrap();
    attachments
        .iter()
        .map(|file| file["filename"].as_str().unwrap())
        .collect()
}

async fn says(api: &Api, ticket: &Value, words: &str, ids: &[&str]) -> Answer {
    let body = json!({ "body": words, "attachmentIds": ids });
    api.post(&path(ticket, "/messages"), &body).await
}

async fn customers_send_files_with_tickets_and_messages(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let picture = png(320, 200);
    let photo = sent_in(&ada, OWN, "fire.png", &picture).await;
    let body = json!({ "title": "Fire", "description": "It burns", "attachmentIds": [photo] });
    let made = ada.post(TICKETS, &body).await.expect(201);
    assert_eq!(
        (names(&made), names(&made["messages"][0])),
        (vec!["fire.png"], vec!["fire.png"])
    );
    assert_eq!(made["messages"][0]["messageType"], "image");
    let file = &made["attachments"][0];
    assert_eq!(
        (
            &file["id"],
            &file["contentType"],
            &file["size"],
            &file["width"],
            &file["height"]
        ),
        (
            &json!(photo),
            &json!("image/png"),
            &json!(picture.len()),
            &json!(320),
            &json!(200)
        )
    );
    assert_eq!(fetch(&text_of(file, "/url")).await.bytes, picture);

    let (bill, note) = (
        sent_in(&ada, &path(&made, "/attachments"), "bill.pdf", &pdf(100)).await,
        sent_in(&ada, OWN, "more.pdf", &pdf(200)).await,
    );
    let said = says(&ada, &made, "", &[&bill, &note]).await.expect(201);
    assert_eq!(
        (names(&said), &said["messageType"], &said["body"]),
        (vec!["bill.pdf", "more.pdf"], &json!("file"), &json!(""))
    );
    let shown = ada.get(&path(&made, "")).await.expect(200);
    assert_eq!(names(&shown), ["fire.png", "bill.pdf", "more.pdf"]);
    let listed = ada.get(&path(&made, "/messages")).await.expect(200);
    assert_eq!(names(&listed[1]), ["bill.pdf", "more.pdf"]);
    let export = ada.get(&format!("{ME}/export")).await.expect(200);
    let exported = &export["tickets"][0]["messages"];
    assert_eq!(
        (names(&exported[0]), names(&exported[1])),
        (vec!["fire.png"], vec!["bill.pdf", "more.pdf"])
    );
    let theirs = admin
        .get(&format!("/api/tickets/{}", text_of(&made, "/id")))
        .await
        .expect(200);
    assert_eq!(
        names(&theirs["data"]["ticket"]["messages"][1]),
        ["bill.pdf", "more.pdf"]
    );

    // The same message again is the same message, and none other gets its files.
    let again = sent_in(&ada, OWN, "again.pdf", &pdf(300)).await;
    let body = json!({ "body": "See", "attachmentIds": [again], "clientMessageId": "c-1" });
    let first = ada.post(&path(&made, "/messages"), &body).await.expect(201);
    let second = ada.post(&path(&made, "/messages"), &body).await.expect(200);
    assert_eq!((&first["id"], names(&first)), (&second["id"], names(&second)));
    refused_fields(&says(&ada, &made, "Twice", &[&again]).await, &["attachmentIds"]);
    let body = json!({ "title": "Twice", "description": "It burns", "attachmentIds": [again] });
    refused_fields(&ada.post(TICKETS, &body).await, &["attachmentIds"]);
    let (many, wrong) = (vec![photo.as_str(); 11], json!({ "body": "x", "attachmentIds": "x" }));
    refused_fields(&says(&ada, &made, "Many", &many).await, &["attachmentIds"]);
    refused_fields(&ada.post(&path(&made, "/messages"), &wrong).await, &["attachmentIds"]);
}

async fn what_is_anothers_is_attached_to_nothing(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let (ada, bob) = (
        customer(&world, &admin, "ada").await,
        customer(&world, &admin, "bob").await,
    );
    let (mine, other, bobs) = (
        opened(&ada, "Mine").await,
        opened(&ada, "Other").await,
        opened(&bob, "Bob's").await,
    );
    let acme = world.tenant("acme").await;
    let acmes = Chat::open(&acme.public, "Hello").await;
    let of_acme = sent_in(
        &acme.admin.api,
        &format!("/api/tickets/{}/attachments", acmes.id),
        "a.pdf",
        &pdf(10),
    )
    .await;
    let of_admin = format!("/api/tickets/{}/attachments", text_of(&mine, "/id"));
    let of_admin = sent_in(&admin, &of_admin, "a.pdf", &pdf(10)).await;
    let of_bob = sent_in(&bob, OWN, "b.pdf", &pdf(10)).await;
    let bob_said = sent_in(&bob, OWN, "c.pdf", &pdf(10)).await;
    says(&bob, &bobs, "Mine", &[&bob_said]).await.expect(201);
    for theirs in [
        of_bob.as_str(),
        &bob_said,
        &of_acme,
        &of_admin,
        "x",
        "00000000-0000-7000-8000-00000000dead",
    ] {
        assert_eq!(says(&ada, &mine, "Look", &[theirs]).await.status, 404, "{theirs}");
        let body = json!({ "title": "New", "description": "Look", "attachmentIds": [theirs] });
        assert_eq!(ada.post(TICKETS, &body).await.status, 404, "{theirs}");
    }
    let for_other = sent_in(&ada, &path(&other, "/attachments"), "o.pdf", &pdf(10)).await;
    refused_fields(&says(&ada, &mine, "Look", &[&for_other]).await, &["attachmentIds"]);
    // Nothing came of any of it, and the files are where they were.
    let list = ada.get(TICKETS).await;
    assert_eq!(list.header("x-total-count"), Some("2"));
    for (ticket, count) in [(&mine, 1), (&other, 1)] {
        assert_eq!(ada.get(&path(ticket, "")).await.expect(200)["messageCount"], count);
    }
    says(&ada, &other, "Here", &[&for_other]).await.expect(201);
    says(&bob, &bobs, "Here", &[&of_bob]).await.expect(201);
    assert_eq!(ada.get(&format!("/api/files/{of_bob}")).await.status, 404);
}

async fn a_file_meant_for_a_closed_ticket_goes_with_the_one_that_follows(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let first = opened(&ada, "First").await;
    let file = sent_in(&ada, &path(&first, "/attachments"), "late.pdf", &pdf(10)).await;
    agent_sets(&admin, &first, "closed").await;
    let said = says(&ada, &first, "It is back", &[&file]).await.expect(201);
    assert_eq!(
        (names(&said), &said["previousTicketId"]),
        (vec!["late.pdf"], &first["ticketId"])
    );
    assert_ne!(said["ticketId"], first["ticketId"]);
    assert_eq!(admin.get(&format!("/api/files/{file}")).await.status, 200);
}

async fn requests_for_a_human_show_files_too(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let request = Request::open(&world.public(), "s-1", "Help").await;
    let file = sent_in(
        &admin,
        &format!("/api/tickets/{}/attachments", request.id),
        "manual.pdf",
        &pdf(10),
    )
    .await;
    let body = json!({ "content": "", "sender": "agent", "messageType": "file", "attachmentIds": [file] });
    let messages = format!("/api/tickets/{}/messages", request.id);
    let said = admin.post(&messages, &body).await.expect(201);
    assert_eq!(names(&said["data"]["message"]), ["manual.pdf"]);
    let read = request.user.get(&request.path("/messages")).await.expect(200);
    let last = read.as_array().unwrap().last().unwrap();
    assert_eq!(names(last), ["manual.pdf"]);
    assert_eq!(fetch(&text_of(last, "/attachments/0/url")).await.bytes, pdf(10));
    let without = json!({ "content": "Look", "sender": "agent", "messageType": "image" });
    refused_fields(&admin.post(&messages, &without).await, &["attachmentIds"]);
}

async fn a_tenant_settles_what_may_be_sent_in(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let unsettled = json!({ "largestInWidget": null, "largest": null, "kinds": null });
    assert_eq!(admin.get(SETTINGS).await.expect(200)["data"]["files"], unsettled);
    let files = json!({ "largestInWidget": 2_000, "largest": 3_000, "kinds": [".PDF", "text/plain", "svg", "pdf"] });
    let kept = json!({ "largestInWidget": 2_000, "largest": 3_000, "kinds": ["pdf", "txt", "svg"] });
    let changed = admin.put(SETTINGS, &json!({ "files": files })).await.expect(200);
    assert_eq!(changed["data"]["files"], kept);
    admin
        .put(SETTINGS, &json!({ "name": "Something else" }))
        .await
        .expect(200);
    assert_eq!(admin.get(SETTINGS).await.expect(200)["data"]["files"], kept);

    let chat = Chat::open(&public, "Hello").await;
    let visitor = async |name: &str, content: &[u8]| {
        let body = form(&[("sessionId", &chat.session)], name, content);
        got(sending(&public, "/api/v1/chat/upload", body)).await
    };
    for (name, content, status) in [
        ("a.pdf", pdf(2_000), 200),
        ("a.pdf", pdf(2_001), 413),
        ("a.png", png(1, 1), 415),
        ("notes.txt", b"Words".to_vec(), 200),
    ] {
        assert_eq!(visitor(name, &content).await.status, status, "{name} {}", content.len());
    }
    // A drawing may hold scripts: it is kept where it is let in, and shown by no browser.
    let drawing = visitor(
        "a.svg",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    )
    .await;
    let got_back = fetch(&text_of(&drawing.json(), "/data/url")).await;
    assert!(
        got_back.header("content-disposition").starts_with("attachment; "),
        "{got_back:?}"
    );
    assert_eq!(got_back.header("x-content-type-options"), "nosniff");
    let agents = async |size| {
        let body = form(&[("chatId", &chat.id)], "a.pdf", &pdf(size));
        got(sending(&admin, "/api/v1/admin/chat/upload", body)).await.status
    };
    assert_eq!((agents(3_000).await, agents(3_001).await), (200, 413));
    // Another tenant has its own.
    let acme = world.tenant("acme").await;
    let theirs = Chat::open(&acme.public, "Hello").await;
    let body = form(&[("sessionId", &theirs.session)], "a.png", &png(1, 1));
    assert_eq!(
        got(sending(&acme.public, "/api/v1/chat/upload", body)).await.status,
        200
    );

    let one = json!({ "files": { "kinds": null } });
    let changed = admin.put(SETTINGS, &one).await.expect(200);
    assert_eq!(
        changed["data"]["files"],
        json!({ "largestInWidget": 2_000, "largest": 3_000, "kinds": null })
    );
    let changed = admin.put(SETTINGS, &json!({ "files": null })).await.expect(200);
    assert_eq!(changed["data"]["files"], unsettled);
}

async fn what_a_tenant_settles_has_bounds(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let before = admin.get(SETTINGS).await.expect(200)["data"]["files"].clone();
    let most = 100 * 1024 * 1024;
    for (files, fields) in [
        (
            json!({ "largestInWidget": 1_023, "largest": most + 1, "kinds": [] }),
            vec!["files.largestInWidget", "files.largest", "files.kinds"],
        ),
        (json!({ "largest": -1 }), vec!["files.largest"]),
        (
            json!({ "largest": 0, "kinds": ["pdf", "exe"] }),
            vec!["files.largest", "files.kinds"],
        ),
        (json!({ "kinds": "pdf" }), vec!["files.kinds"]),
    ] {
        refused_fields(&admin.put(SETTINGS, &json!({ "files": files })).await, &fields);
    }
    assert_eq!(admin.get(SETTINGS).await.expect(200)["data"]["files"], before);
    let bounds = json!({ "files": { "largestInWidget": 1_024, "largest": most } });
    admin.put(SETTINGS, &bounds).await.expect(200);
    let mara = world.agent(&admin, "mara").await;
    assert_eq!(mara.api.put(SETTINGS, &bounds).await.status, 403);
}

/// A white PNG of 400 by 300 points, every bit of it valid.
const WHITE: &str = "\
    89504e470d0a1a0a0000000d49484452000001900000012c0100000000c5ccd86f000000474944415478daedcba10100000c\
    0220ff7f5a2f5858874efa164551144551144551144551144551144551144551144551144551144551144551144551144551\
    1445511445516e03b12360cf5c3a26d40000000049454e44ae426082";

async fn images_have_small_pictures_for_whoever_may_see_them(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let (ada, bob) = (
        customer(&world, &admin, "ada").await,
        customer(&world, &admin, "bob").await,
    );
    let digits = |place: usize| u8::from_str_radix(&WHITE[place..place + 2], 16).unwrap();
    let white: Vec<u8> = (0..WHITE.len()).step_by(2).map(digits).collect();
    let photo = sent_in(&ada, OWN, "white.png", &white).await;
    let ticket = opened(&ada, "Look").await;
    let said = says(&ada, &ticket, "White", &[&photo]).await.expect(201);
    let shown = &said["attachments"][0];
    let small = fetch(&text_of(shown, "/thumbnailUrl")).await;
    assert_eq!((small.status, small.header("content-type")), (200, "image/png"));
    assert!(small.header("content-disposition").starts_with("inline; "), "{small:?}");
    assert_eq!(small.header("x-content-type-options"), "nosniff");
    let side = |place: usize| u32::from_be_bytes(small.bytes[place..place + 4].try_into().unwrap());
    assert_eq!((side(16), side(20)), (320, 240));
    assert_ne!(
        small.header("etag"),
        fetch(&text_of(shown, "/url")).await.header("etag")
    );
    let path = format!("/api/files/{photo}/thumbnail");
    for (who, api, status) in [
        ("its sender", &ada, 200),
        ("an agent", &admin, 200),
        ("another customer", &bob, 404),
        ("another tenant", &world.tenant("acme").await.admin.api, 404),
        ("nobody", &world.public(), 401),
    ] {
        assert_eq!(got(api.request(Method::GET, &path)).await.status, status, "{who}");
    }
    let paper = sent_in(&ada, OWN, "a.pdf", &pdf(10)).await;
    let paper = format!("/api/files/{paper}/thumbnail");
    assert_eq!(ada.get(&paper).await.status, 404);
}
