//! Files: what may be sent in, who gets them, and what never comes through.

use reqwest::Method;
use serde_json::{Value, json};
use support_faces::{
    Chat, Kind, World, fetch, form, form_with_file_first, got, has_fields, is_uuid, on_both_stores, pdf, png, sending,
    text_of,
};
use support_testkit::Api;

on_both_stores!(
    a_visitor_sends_in_a_file_and_the_team_gets_it,
    only_what_is_what_it_says_comes_in,
    a_file_is_its_sessions_own_and_sent_once,
    nobody_else_gets_a_file,
    files_with_notes_stay_with_the_team,
    parts_of_a_file_can_be_had,
    customers_and_agents_send_in_files_too,
    what_was_cut_off_leaves_nothing,
);

const UPLOAD: &str = "/api/v1/chat/upload";

async fn upload(api: &Api, session: &str, name: &str, content: &[u8]) -> (u16, Value) {
    let body = form(&[("sessionId", session)], name, content);
    let answer = got(sending(api, UPLOAD, body)).await;
    (answer.status, answer.json())
}

async fn uploaded(api: &Api, session: &str, name: &str, content: &[u8]) -> Value {
    let (status, answer) = upload(api, session, name, content).await;
    assert_eq!(status, 200, "{answer}");
    answer["data"].clone()
}

fn wrong_fields(refusal: &Value) -> Vec<&str> {
    let details = refusal["error"]["details"].as_array().unwrap();
    details.iter().map(|detail| detail["field"].as_str().unwrap()).collect()
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

/// The path and query of an address.
fn path_of(url: &str) -> String {
    let place = url.find("/api/").unwrap();
    url[place..].to_owned()
}

async fn a_visitor_sends_in_a_file_and_the_team_gets_it(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "Look at this").await;
    let picture = png(640, 480);
    let file = uploaded(&public, &chat.session, "Grüße 1.png", &picture).await;
    has_fields(&file, &["url", "publicId", "fileName", "fileSize", "fileType"]);
    is_uuid(&file["publicId"]);
    assert_eq!(
        (&file["fileName"], &file["fileSize"], &file["fileType"]),
        (&json!("Grüße 1.png"), &json!(picture.len()), &json!("image/png"))
    );

    let url = text_of(&file, "/url");
    let said = json!({ "sessionId": chat.session, "messageType": "IMAGE", "fileUrl": url });
    let said = public.post("/api/v1/chat", &said).await.expect(200)["data"]["message"].clone();
    assert_eq!(
        (
            &said["message"],
            &said["messageType"],
            &said["fileName"],
            &said["fileSize"]
        ),
        (&json!(""), &json!("IMAGE"), &file["fileName"], &file["fileSize"])
    );
    for thread in [chat.read(&public).await, chat.read_as_agent(&admin).await] {
        let shown = thread["messages"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(shown["messageType"], "IMAGE");
        let got = fetch(&text_of(&shown, "/fileUrl")).await;
        assert_eq!((got.status, &got.bytes), (200, &picture));
        assert_eq!(got.header("content-type"), "image/png");
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert_eq!(
            got.header("content-disposition"),
            "inline; filename=\"Gr__e 1.png\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%201.png"
        );
        assert!(got.header("content-security-policy").contains("sandbox"));
        let tag = got.header("etag").to_owned();
        let again = public.request(Method::GET, &path_of(&text_of(&shown, "/fileUrl")));
        assert_eq!(support_faces::got(again.header("if-none-match", tag)).await.status, 304);
    }
    let by_name = chat.read_as_agent(&admin).await["chat"]["lastMessage"].clone();
    assert_eq!(by_name, file["fileName"]);

    let id = text_of(&file, "/publicId");
    let path = format!("/api/files/{id}");
    assert_eq!(admin.get(&path).await.status, 200);
    let as_visitor = format!("{path}?sessionId={}", chat.session);
    assert_eq!(public.get(&as_visitor).await.status, 200);
    assert_eq!(public.get(&path).await.status, 401);

    // Browsers send the fields in whatever order.
    let body = form_with_file_first(&[("sessionId", &chat.session)], "later.pdf", &pdf(300_000));
    let answer = got(sending(&public, UPLOAD, body)).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let late = answer.json()["data"].clone();
    assert_eq!(late["fileSize"], 300_000);
    let got = fetch(&text_of(&late, "/url")).await;
    assert_eq!((got.status, got.bytes.len()), (200, 300_000));
    assert!(got.header("content-disposition").starts_with("attachment; "));
}

async fn only_what_is_what_it_says_comes_in(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open(&public, "Hello").await;
    let page = b"<!doctype html><script>alert(1)</script>".as_slice();
    let drawing = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".as_slice();
    let picture = png(1, 1);
    for (name, content) in [
        ("page.html", page),
        ("page.png", page),
        ("drawing.svg", drawing),
        ("drawing.png", drawing),
        ("program.exe", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xFF\xFF\0\0".as_slice()),
        ("program.pdf", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xFF\xFF\0\0".as_slice()),
        ("picture.pdf", picture.as_slice()),
        ("picture.png.exe", picture.as_slice()),
        ("words.docx", b"PK\x03\x04 an archive of something else".as_slice()),
        ("notes", b"no picture".as_slice()),
    ] {
        let (status, answer) = upload(&public, &chat.session, name, content).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (415, &json!("UNSUPPORTED_MEDIA_TYPE")),
            "{name}"
        );
    }
    let (status, bomb) = upload(&public, &chat.session, "bomb.png", &png(30_000, 30_000)).await;
    assert_eq!(status, 400);
    assert_eq!(wrong_fields(&bomb), ["file"]);
    let (status, empty) = upload(&public, &chat.session, "empty.png", b"").await;
    assert_eq!((status, wrong_fields(&empty)), (400, vec!["file"]));

    for (given, kept) in [
        ("../../../etc/passwd.png", "passwd.png"),
        ("..\\\\..\\\\evil.png", "evil.png"),
        ("blob", "blob.png"),
    ] {
        assert_eq!(
            uploaded(&public, &chat.session, given, &picture).await["fileName"],
            kept
        );
    }
    let long = format!("{}.png", "n".repeat(300));
    let kept = text_of(&uploaded(&public, &chat.session, &long, &picture).await, "/fileName");
    assert!(kept.len() <= 200 && kept.ends_with("n.png"), "{kept}");

    let most = 5 * 1024 * 1024;
    assert_eq!(
        uploaded(&public, &chat.session, "most.pdf", &pdf(most)).await["fileSize"],
        most
    );
    for size in [most + 1, 8_000_000] {
        let (status, answer) = upload(&public, &chat.session, "more.pdf", &pdf(size)).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (413, &json!("PAYLOAD_TOO_LARGE")),
            "{size}"
        );
    }

    for session in ["", "nobody's"] {
        let (status, _) = upload(&public, session, "a.png", &picture).await;
        assert_eq!(status, if session.is_empty() { 400 } else { 404 });
    }
    let no_form = public.post(UPLOAD, &json!({ "sessionId": chat.session })).await;
    assert_eq!(no_form.status, 415);
    let broken = sending(&public, UPLOAD, b"------what".to_vec());
    assert_eq!(got(broken).await.status, 400);
    // A JPEG that was made somewhere.
    let exif = b"\xFF\xE1\x00\x16Exif\0\0GPS: 52.5 13.4".as_slice();
    let jpeg = |exif: &[u8]| {
        [
            b"\xFF\xD8".as_slice(),
            exif,
            b"\xFF\xDB\x00\x04\x00\x01\xFF\xDA\x00\x02scan\xFF\xD9",
        ]
        .concat()
    };
    let file = uploaded(&public, &chat.session, "there.jpg", &jpeg(exif)).await;
    assert_eq!(fetch(&text_of(&file, "/url")).await.bytes, jpeg(b""));
}

async fn a_file_is_its_sessions_own_and_sent_once(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let (chat, other) = (Chat::open(&public, "One").await, Chat::open(&public, "Other").await);
    let url = text_of(&uploaded(&public, &chat.session, "a.png", &png(1, 1)).await, "/url");
    let saying = |session: &str, url: &str, id: &str| json!({ "sessionId": session, "message": "Look", "fileUrl": url, "clientMessageId": id });
    let says = async |body: Value| public.post("/api/v1/chat", &body).await;
    assert_eq!(says(saying(&other.session, &url, "x")).await.status, 404);
    assert_eq!(
        says(saying(&chat.session, "https://evil.example/a.png", "x"))
            .await
            .status,
        400
    );
    let new = json!({ "message": "Look", "fileUrl": url });
    assert_eq!(public.post("/api/v1/chat", &new).await.status, 400);

    let first = says(saying(&chat.session, &url, "c-1")).await.expect(200);
    let again = says(saying(&chat.session, &url, "c-1")).await.expect(200);
    assert_eq!(first["data"]["message"]["id"], again["data"]["message"]["id"]);
    assert_eq!(again["data"]["message"]["fileName"], "a.png");
    let twice = says(saying(&chat.session, &url, "c-2")).await;
    assert_eq!(twice.status, 400);
    let without = json!({ "sessionId": chat.session, "message": "Look", "messageType": "FILE" });
    assert_eq!(public.post("/api/v1/chat", &without).await.status, 400);
}

async fn nobody_else_gets_a_file(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let acme = world.tenant("acme").await;
    let public = world.public().with_header("X-Tenant", "default");
    let (chat, other) = (Chat::open(&public, "One").await, Chat::open(&public, "Other").await);
    let file = uploaded(&public, &chat.session, "a.png", &png(1, 1)).await;
    let (url, id) = (text_of(&file, "/url"), text_of(&file, "/publicId"));
    let said = json!({ "sessionId": chat.session, "fileUrl": url });
    public.post("/api/v1/chat", &said).await.expect(200);

    let path = format!("/api/files/{id}");
    assert_eq!(admin.get(&path).await.status, 200);
    assert_eq!(acme.admin.api.get(&path).await.status, 404);
    assert_eq!(world.operator().await.get(&path).await.status, 404);
    assert_eq!(
        public.get(&format!("{path}?sessionId={}", other.session)).await.status,
        404
    );
    let customer = json!({ "name": "Kim", "email": "kim@mail.example", "password": "a long enough password" });
    admin.post("/api/customers", &customer).await.expect(201);
    let kim = world.public().login("kim@mail.example", "a long enough password").await;
    assert_eq!(kim.get(&path).await.status, 404);

    let signed = path_of(&url);
    assert_eq!(public.get(&signed).await.status, 200);
    let unknown = "00000000-0000-7000-8000-00000000dead";
    for edited in [
        signed.replace(&id, unknown),
        format!("{path}?token="),
        format!("{}x", signed.replace("token=", "token=A")),
        signed.split_once('.').unwrap().0.to_owned(),
    ] {
        assert_eq!(public.get(&edited).await.status, 404, "{edited}");
    }
    for odd in ["../secrets-key", "x", "%2e%2e%2fsecrets-key"] {
        assert_eq!(admin.get(&format!("/api/files/{odd}")).await.status, 404, "{odd}");
    }
    let theirs = Chat::open(&acme.public, "Hello").await;
    let stolen = json!({ "chatId": theirs.id, "message": "Look", "fileUrl": url });
    assert_eq!(acme.admin.api.post("/api/v1/admin/chat", &stolen).await.status, 404);
}

async fn files_with_notes_stay_with_the_team(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "Hello").await;
    let body = form(&[("chatId", &chat.id)], "internal.pdf", &pdf(100));
    let answer = got(sending(&admin, "/api/v1/admin/chat/upload", body)).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let file = answer.json()["data"].clone();
    let note = json!({ "chatId": chat.id, "message": "For us", "isNote": true, "fileUrl": file["url"] });
    let note = admin.post("/api/v1/admin/chat", &note).await.expect(201)["data"]["message"].clone();
    assert_eq!(
        (&note["fileName"], &note["messageType"]),
        (&json!("internal.pdf"), &json!("FILE"))
    );
    let path = format!("/api/files/{}", text_of(&file, "/publicId"));
    assert_eq!(admin.get(&path).await.status, 200);
    assert_eq!(
        public.get(&format!("{path}?sessionId={}", chat.session)).await.status,
        404
    );
    assert!(!chat.read(&public).await.to_string().contains("internal.pdf"));
}

async fn parts_of_a_file_can_be_had(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open(&public, "Hello").await;
    let content = pdf(600_000);
    let url = text_of(&uploaded(&public, &chat.session, "a.pdf", &content).await, "/url");
    let part = async |range: &str| got(public.request(Method::GET, &path_of(&url)).header("range", range)).await;
    for (range, place) in [
        ("bytes=0-9", 0..10),
        ("bytes=599990-", 599_990..600_000),
        ("bytes=-5", 599_995..600_000),
    ] {
        let got = part(range).await;
        assert_eq!((got.status, &got.bytes[..]), (206, &content[place.clone()]), "{range}");
        let told = format!("bytes {}-{}/600000", place.start, place.end - 1);
        assert_eq!(got.header("content-range"), told);
    }
    let beyond = part("bytes=600000-").await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, "bytes */600000"));
    let head = got(public.request(Method::HEAD, &path_of(&url))).await;
    assert_eq!((head.status, head.header("content-length")), (200, "600000"));
}

async fn customers_and_agents_send_in_files_too(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mara = world.agent(&admin, "mara").await;
    let customer = json!({ "name": "Kim", "email": "kim@mail.example", "password": "a long enough password" });
    let customer = admin.post("/api/customers", &customer).await.expect(201);
    let kim = world.public().login("kim@mail.example", "a long enough password").await;
    let body = || form(&[], "b.pdf", &pdf(6 * 1024 * 1024));
    let answer = got(sending(&kim, "/api/customers/me/attachments", body())).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    let file = answer.json();
    has_fields(&file, &["id", "filename", "url", "size", "contentType"]);
    assert_eq!(fetch(&text_of(&file, "/url")).await.status, 200);
    let mut too_large = pdf(10 * 1024 * 1024);
    too_large.push(b'x');
    let refused = got(sending(
        &kim,
        "/api/customers/me/attachments",
        form(&[], "c.pdf", &too_large),
    ))
    .await;
    assert_eq!(refused.status, 413);
    assert_eq!(
        got(sending(&mara.api, "/api/customers/me/attachments", body()))
            .await
            .status,
        403
    );
    assert_eq!(
        got(sending(&world.public(), "/api/customers/me/attachments", body()))
            .await
            .status,
        401
    );

    let id = text_of(&customer, "/id");
    let ticket = json!({ "customerId": id, "customerInfo": { "name": "Kim" }, "subject": "Help",
        "department": "general", "initialMessage": "Hello" });
    let ticket = admin.post("/api/tickets", &ticket).await.expect(201);
    let number = text_of(&ticket, "/data/ticket/ticketId");
    let own = format!("/api/customers/me/tickets/{number}/attachments");
    assert_eq!(got(sending(&kim, &own, body())).await.status, 201);
    assert_eq!(
        got(sending(&kim, &own.replace(&number, "TKT-999"), body()))
            .await
            .status,
        404
    );

    let attachments = format!("/api/tickets/{number}/attachments");
    let sent = got(sending(&admin, &attachments, form(&[], "a.png", &png(2, 3)))).await;
    assert_eq!(sent.status, 201, "{}", sent.json());
    let sent = sent.json()["data"].clone();
    assert_eq!((&sent["width"], &sent["height"]), (&json!(2), &json!(3)));
    let messages = format!("/api/tickets/{number}/messages");
    let reply = |ids: &[&str]| json!({ "content": "See here", "sender": "agent", "attachmentIds": ids });
    let theirs = text_of(&file, "/id");
    assert_eq!(admin.post(&messages, &reply(&[&theirs])).await.status, 404);
    assert_eq!(admin.post(&messages, &reply(&["x"])).await.status, 404);
    let id = text_of(&sent, "/id");
    assert_eq!(admin.post(&messages, &reply(&[&id, &id])).await.status, 400);
    let said = admin.post(&messages, &reply(&[&id])).await.expect(201)["data"]["message"].clone();
    assert_eq!(
        (&said["messageType"], &said["attachments"][0]["filename"]),
        (&json!("image"), &json!("a.png"))
    );
    assert_eq!(kim.get(&format!("/api/files/{id}")).await.status, 200);
}

async fn what_was_cut_off_leaves_nothing(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open(&public, "Hello").await;
    let whole = form(&[("sessionId", &chat.session)], "a.pdf", &pdf(2_000_000));
    let cut = whole[..1_500_000].to_vec();
    let answer = got(sending(&public, UPLOAD, cut)).await;
    assert_eq!(answer.status, 400, "{}", answer.json());
    assert_eq!(wrong_fields(&answer.json()), ["file"]);
    assert!(kept(&world).is_empty(), "{:?}", kept(&world));
    uploaded(&public, &chat.session, "a.pdf", &pdf(2_000_000)).await;
    assert_eq!(kept(&world).len(), 1);
}
