//! The knowledge base: who keeps it, what everybody finds in it, and what readers say of it.

use serde_json::{Value, json};
use support_faces::{Kind, World, has_fields, id_of, is_time, on_both_stores, refused, refused_fields};
use support_testkit::Api;

on_both_stores!(
    supervisors_keep_articles_and_agents_read_them,
    everybody_finds_what_is_published,
    searches_can_not_be_made_to_fail,
    an_article_is_read_in_the_language_that_is_understood,
    readers_have_one_vote_each,
    votes_and_suggestions_are_limited_by_address,
    what_is_shown_is_safe,
    a_message_is_answered_by_suggestions,
    customers_search_in_their_portal,
    each_tenant_has_its_own_articles,
    a_new_tenant_has_six_samples_once,
);

const ADMIN: &str = "/api/v1/admin/chat/knowledge-base";
const PUBLIC: &str = "/api/v1/chat/knowledge-base";

/// A world whose samples are gone.
async fn empty(kind: Kind) -> (World, Api) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    clear(&admin).await;
    (world, admin)
}

async fn clear(admin: &Api) {
    for row in rows(admin, ADMIN).await {
        let id = id_of(&row, "/id");
        admin.delete(&format!("{ADMIN}?id={id}")).await.expect(200);
    }
}

async fn rows(api: &Api, path: &str) -> Vec<Value> {
    let listed = api.get(path).await.expect(200);
    listed["data"].as_array().unwrap().clone()
}

async fn slugs(api: &Api, path: &str) -> Vec<String> {
    let rows = rows(api, path).await;
    rows.iter()
        .map(|row| row["slug"].as_str().unwrap().to_owned())
        .collect()
}

/// Adds a published article with these fields.
async fn publish(admin: &Api, fields: &Value) -> Value {
    let mut body = json!({ "title": "Title", "content": "Content", "isPublished": true });
    if let (Value::Object(body), Value::Object(fields)) = (&mut body, fields) {
        body.extend(fields.clone());
    }
    admin.post(ADMIN, &body).await.expect(201)["data"].clone()
}

async fn supervisors_keep_articles_and_agents_read_them(kind: Kind) {
    let (world, admin) = empty(kind).await;
    let mara = world.agent(&admin, "mara").await;
    let sue = world.agent_with(&admin, "sue", &json!({ "role": "supervisor" })).await;
    let new = json!({
        "title": "Où est mon colis ?", "content": "Look *here*.", "category": "Parcels & Post",
        "tags": ["delivery", "delivery", " post "], "language": "FR-ca", "sortOrder": 3,
    });
    let made = sue.api.post(ADMIN, &new).await.expect(201)["data"].clone();
    has_fields(
        &made,
        &[
            "id",
            "title",
            "slug",
            "content",
            "category",
            "tags",
            "language",
            "isPublished",
            "sortOrder",
            "views",
            "helpfulCount",
            "unhelpfulCount",
            "createdAt",
            "updatedAt",
        ],
    );
    is_time(&made["createdAt"]);
    assert_eq!(made["slug"], "ou-est-mon-colis");
    assert_eq!(made["tags"], json!(["delivery", "post"]));
    assert_eq!(
        (&made["language"], &made["isPublished"]),
        (&json!("fr-CA"), &json!(false))
    );
    let again = sue.api.post(ADMIN, &new).await.expect(201);
    assert_eq!(
        again["data"]["slug"], "ou-est-mon-colis-2",
        "a slug that was not chosen gives way"
    );
    let chosen = json!({ "title": "T", "content": "C", "slug": "ou-est-mon-colis", "language": "fr-CA" });
    refused(&sue.api.post(ADMIN, &chosen).await, 409, "CONFLICT");
    let translated = json!({ "title": "T", "content": "C", "slug": "ou-est-mon-colis", "language": "de" });
    let translated = sue.api.post(ADMIN, &translated).await.expect(201)["data"].clone();
    let other = json!({ "title": "退款", "content": "C", "sortOrder": -1 });
    let other = sue.api.post(ADMIN, &other).await.expect(201)["data"].clone();
    assert!(other["slug"].as_str().unwrap().starts_with("article-"), "{other}");

    let listed = mara.api.get(ADMIN).await.expect(200);
    assert_eq!(
        (&listed["data"][0], &listed["data"][2]),
        (&other, &made),
        "in their order"
    );
    assert_eq!(listed["pagination"]["totalItems"], 4);
    let narrowed = format!("{ADMIN}?category=parcels%20post&language=fr&isPublished=false&limit=1");
    let narrowed = mara.api.get(&narrowed).await.expect(200);
    assert_eq!(narrowed["data"], json!([made]));
    assert_eq!(narrowed["pagination"]["totalItems"], 2);
    let wrong = format!("{ADMIN}?isPublished=perhaps&language=x&page=0");
    refused_fields(&mara.api.get(&wrong).await, &["isPublished", "language", "page"]);

    for body in [json!({}), new.clone()] {
        refused(&mara.api.post(ADMIN, &body).await, 403, "FORBIDDEN");
        refused(&mara.api.put(ADMIN, &body).await, 403, "FORBIDDEN");
    }
    let id = id_of(&made, "/id");
    refused(&mara.api.delete(&format!("{ADMIN}?id={id}")).await, 403, "FORBIDDEN");
    refused(&world.public().get(ADMIN).await, 401, "UNAUTHENTICATED");

    refused_fields(&sue.api.post(ADMIN, &json!({})).await, &["title", "content"]);
    let wrong = json!({
        "title": "x".repeat(201), "slug": "Not A Slug", "content": 7, "category": "!!!", "tags": ["x".repeat(51)],
        "language": "english (UK)", "isPublished": "yes", "sortOrder": "first",
    });
    let all = [
        "title",
        "slug",
        "content",
        "category",
        "tags",
        "language",
        "isPublished",
        "sortOrder",
    ];
    refused_fields(&sue.api.post(ADMIN, &wrong).await, &all);
    let long = json!({ "title": "T", "content": "x".repeat(100_001) });
    refused_fields(&sue.api.post(ADMIN, &long).await, &["content"]);
    let many: Vec<String> = (0..21).map(|place| format!("tag {place}")).collect();
    let many = json!({ "title": "T", "content": "C", "tags": many });
    refused_fields(&sue.api.post(ADMIN, &many).await, &["tags"]);

    let change = json!({ "id": id, "title": "Suivi", "category": null, "isPublished": true });
    let changed = sue.api.put(ADMIN, &change).await.expect(200)["data"].clone();
    assert_eq!((&changed["title"], &changed["slug"]), (&json!("Suivi"), &made["slug"]));
    assert_eq!(
        (&changed["category"], &changed["isPublished"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(
        (&changed["content"], &changed["tags"]),
        (&made["content"], &made["tags"])
    );
    let taken = json!({ "id": id, "language": "de" });
    refused(&sue.api.put(ADMIN, &taken).await, 409, "CONFLICT");
    refused_fields(&sue.api.put(ADMIN, &json!({})).await, &["id"]);
    refused_fields(
        &sue.api.put(ADMIN, &json!({ "id": id, "title": " " })).await,
        &["title"],
    );
    let nobody = json!({ "id": uuid::Uuid::now_v7(), "title": "t" });
    refused(&sue.api.put(ADMIN, &nobody).await, 404, "NOT_FOUND");

    sue.api.delete(&format!("{ADMIN}?id={id}")).await.expect(200);
    refused(&sue.api.delete(&format!("{ADMIN}?id={id}")).await, 404, "NOT_FOUND");
    refused_fields(&sue.api.delete(ADMIN).await, &["id"]);
    let freed = json!({ "id": id_of(&translated, "/id"), "language": "fr-CA" });
    sue.api.put(ADMIN, &freed).await.expect(200);
}

async fn everybody_finds_what_is_published(kind: Kind) {
    let (world, admin) = empty(kind).await;
    let public = world.public();
    assert_eq!(rows(&public, PUBLIC).await, Vec::<Value>::new());
    publish(
        &admin,
        &json!({ "title": "Invoices", "slug": "invoices", "category": "Billing", "sortOrder": 2 }),
    )
    .await;
    let content = "Long ago somebody asked where the **invoice** of last month is.";
    publish(
        &admin,
        &json!({ "title": "Where is it?", "slug": "where", "content": content, "sortOrder": 1 }),
    )
    .await;
    publish(
        &admin,
        &json!({ "title": "Money", "slug": "money", "tags": ["invoice"], "category": "billing" }),
    )
    .await;
    let draft = publish(
        &admin,
        &json!({ "title": "Invoice draft", "slug": "draft", "isPublished": false }),
    )
    .await;

    assert_eq!(
        slugs(&public, PUBLIC).await,
        ["money", "where", "invoices"],
        "in their order"
    );
    assert_eq!(
        slugs(&public, &format!("{PUBLIC}?category=BILLING")).await,
        ["money", "invoices"]
    );
    assert_eq!(
        slugs(&public, &format!("{PUBLIC}?category=none")).await,
        Vec::<String>::new()
    );
    assert_eq!(slugs(&public, &format!("{PUBLIC}?limit=1")).await, ["money"]);
    let found = rows(&public, &format!("{PUBLIC}?q=INVOIC")).await;
    for row in &found {
        has_fields(
            row,
            &[
                "id", "title", "slug", "category", "snippet", "content", "html", "score", "language", "tags",
            ],
        );
    }
    let order: Vec<_> = found.iter().map(|row| row["slug"].as_str().unwrap()).collect();
    assert_eq!(order, ["invoices", "money", "where"], "titles before tags before texts");
    let scores: Vec<_> = found.iter().map(|row| row["score"].as_u64().unwrap()).collect();
    assert!(
        scores[0] > scores[1] && scores[1] > scores[2] && scores[2] > 0,
        "{scores:?}"
    );
    assert_eq!(found[2]["content"], content);
    let snippet = found[2]["snippet"].as_str().unwrap();
    assert!(
        snippet.contains("invoice of last month") && !snippet.contains('*'),
        "{snippet}"
    );
    assert_eq!(
        slugs(&public, &format!("{PUBLIC}?q=last%20month%20inv")).await,
        ["where"]
    );
    assert_eq!(
        slugs(&public, &format!("{PUBLIC}?q=invoice&category=billing")).await,
        ["invoices", "money"]
    );
    assert_eq!(
        slugs(&public, &format!("{PUBLIC}?q=mont%20last")).await,
        Vec::<String>::new()
    );

    let one = public.get(&format!("{PUBLIC}/where")).await.expect(200)["data"].clone();
    has_fields(
        &one,
        &[
            "id",
            "title",
            "slug",
            "category",
            "tags",
            "language",
            "content",
            "html",
            "views",
            "helpfulCount",
            "unhelpfulCount",
            "createdAt",
            "updatedAt",
        ],
    );
    assert_eq!(one["views"], 1);
    public.get(&format!("{PUBLIC}/where")).await.expect(200);
    let listed = rows(&admin, ADMIN).await;
    let views = |slug: &str| listed.iter().find(|row| row["slug"] == slug).unwrap()["views"].clone();
    assert_eq!((views("where"), views("money")), (json!(2), json!(0)));
    for path in [
        format!("{PUBLIC}/draft"),
        format!("{PUBLIC}/nothing"),
        format!("{PUBLIC}/Where"),
    ] {
        refused(&public.get(&path).await, 404, "NOT_FOUND");
    }
    let rated = public
        .post(&format!("{PUBLIC}/draft/feedback"), &json!({ "helpful": true }))
        .await;
    refused(&rated, 404, "NOT_FOUND");

    let id = id_of(&draft, "/id");
    admin
        .put(ADMIN, &json!({ "id": id, "isPublished": true }))
        .await
        .expect(200);
    assert_eq!(slugs(&public, &format!("{PUBLIC}?q=draft")).await, ["draft"]);
    admin
        .put(ADMIN, &json!({ "id": id, "title": "Other", "isPublished": false }))
        .await
        .expect(200);
    assert_eq!(slugs(&public, &format!("{PUBLIC}?q=draft")).await, Vec::<String>::new());
    refused_fields(
        &public.get(&format!("{PUBLIC}?limit=0&language=x")).await,
        &["limit", "language"],
    );
}

async fn searches_can_not_be_made_to_fail(kind: Kind) {
    let (world, admin) = empty(kind).await;
    let public = world.public();
    publish(&admin, &json!({ "title": "Near and far", "slug": "near" })).await;
    let parentheses = "%28%29".repeat(5_000);
    let hostile = [
        "%22",
        "*",
        "NEAR%28",
        "%25",
        "%00",
        "%27",
        "%5C",
        "%29",
        "%28",
        "a%00b",
        "OR",
        "AND%20NOT",
        "near:",
        "-near",
        "%7B%7D",
        "^near",
        "near%22%20OR%20%22",
        "%F0%9F%98%80",
        "%FF%FE",
        "_",
        ":*",
        "%26%7C%21",
        &parentheses,
    ];
    for query in hostile {
        let answer = public.get(&format!("{PUBLIC}?q={query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        assert!(answer.json["data"].is_array());
        let answer = public.get(&format!("/api/v1/chat/suggestions?message={query}")).await;
        assert!([200, 400].contains(&answer.status), "{query}: {}", answer.text);
        let answer = public.get(&format!("{PUBLIC}?q=near&category={query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        let answer = public.get(&format!("{PUBLIC}/{query}")).await;
        assert!([400, 404].contains(&answer.status), "{query}: {}", answer.text);
    }
    let long = "near ".repeat(2_000).replace(' ', "%20");
    assert_eq!(
        slugs(&public, &format!("{PUBLIC}?q={long}")).await,
        ["near"],
        "what is too long is cut"
    );
    assert_eq!(slugs(&public, &format!("{PUBLIC}?q=NEAR%28")).await, ["near"]);
}

async fn an_article_is_read_in_the_language_that_is_understood(kind: Kind) {
    let (world, admin) = empty(kind).await;
    for (language, title) in [
        ("en", "Refund money"),
        ("de", "Refund Geld"),
        ("pt-BR", "Refund dinheiro"),
    ] {
        publish(
            &admin,
            &json!({ "slug": "refunds", "language": language, "title": title }),
        )
        .await;
    }
    publish(
        &admin,
        &json!({ "slug": "only-german", "language": "de", "title": "Refund nur hier" }),
    )
    .await;
    let asking = |languages: &str| world.public().with_header("Accept-Language", languages);
    let read = async |api: &Api, query: &str| {
        let read = api.get(&format!("{PUBLIC}/refunds{query}")).await.expect(200);
        read["data"]["language"].as_str().unwrap().to_owned()
    };
    assert_eq!(read(&asking("pt;q=0.5,de-AT"), "").await, "de");
    assert_eq!(read(&asking("pt"), "").await, "pt-BR");
    assert_eq!(read(&asking("de"), "?language=pt-PT").await, "pt-BR");
    assert_eq!(read(&asking("sv, *"), "").await, "en", "the first that was written");
    refused_fields(
        &world.public().get(&format!("{PUBLIC}/refunds?language=1")).await,
        &["language"],
    );

    let found = async |api: &Api, query: &str| {
        let rows = rows(api, &format!("{PUBLIC}?q=refund{query}")).await;
        let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        let mut found: Vec<_> = rows
            .iter()
            .map(|row| (text(row, "slug"), text(row, "language")))
            .collect();
        found.sort();
        found
    };
    let pair = |slug: &str, language: &str| (slug.to_owned(), language.to_owned());
    let both = |language: &str| vec![pair("only-german", "de"), pair("refunds", language)];
    assert_eq!(
        found(&asking("pt-BR"), "").await,
        both("pt-BR"),
        "one translation of each"
    );
    assert_eq!(found(&asking("de"), "").await, both("de"));
    assert_eq!(found(&asking("de"), "&language=en").await, [pair("refunds", "en")]);
    assert_eq!(
        found(&asking("de"), "&language=sv").await,
        both("de"),
        "where there is nothing, others will do"
    );
}

async fn readers_have_one_vote_each(kind: Kind) {
    let world = World::with(
        kind,
        &[
            ("TRUSTED_PROXIES", "127.0.0.0/8,::1/128"),
            ("RATE_LIMIT_MAX_REQUESTS", "0"),
        ],
    )
    .await;
    let admin = world.admin().await;
    let from = |address: &str| world.public().with_header("X-Forwarded-For", address);
    let path = format!("{PUBLIC}/refunds/feedback");
    let vote = async |address: &str, helpful: bool| {
        let voted = from(address)
            .post(&path, &json!({ "helpful": helpful }))
            .await
            .expect(200);
        let count = |name: &str| voted["data"][name].as_u64().unwrap();
        (count("helpfulCount"), count("unhelpfulCount"))
    };
    assert_eq!(vote("203.0.113.1", true).await, (1, 0));
    assert_eq!(vote("203.0.113.2", false).await, (1, 1));
    for _ in 0..5 {
        assert_eq!(vote("203.0.113.1", true).await, (1, 1), "no address counts twice");
    }
    assert_eq!(vote("203.0.113.1", false).await, (0, 2), "but may change its mind");
    assert_eq!(vote("2001:db8::1", true).await, (1, 2));
    assert_eq!(vote("2001:db8::2", true).await, (1, 2), "a whole network is one reader");
    let listed = rows(&admin, ADMIN).await;
    let row = listed.iter().find(|row| row["slug"] == "refunds").unwrap();
    assert_eq!((&row["helpfulCount"], &row["unhelpfulCount"]), (&json!(1), &json!(2)));

    let public = world.public();
    refused_fields(&public.post(&path, &json!({})).await, &["helpful"]);
    refused_fields(&public.post(&path, &json!({ "helpful": "yes" })).await, &["helpful"]);
    let nowhere = public
        .post(&format!("{PUBLIC}/nothing/feedback"), &json!({ "helpful": true }))
        .await;
    refused(&nowhere, 404, "NOT_FOUND");
}

async fn votes_and_suggestions_are_limited_by_address(kind: Kind) {
    let world = World::with(
        kind,
        &[("RATE_LIMIT_MAX_REQUESTS", "3"), ("RATE_LIMIT_WINDOW", "600000")],
    )
    .await;
    let public = world.public();
    for helpful in [true, false, true] {
        public
            .post(&format!("{PUBLIC}/refunds/feedback"), &json!({ "helpful": helpful }))
            .await
            .expect(200);
    }
    let over = public
        .post(&format!("{PUBLIC}/refunds/feedback"), &json!({ "helpful": true }))
        .await;
    refused(&over, 429, "RATE_LIMITED");
    let suggestions = "/api/v1/chat/suggestions?message=refund";
    let mut answered = 0;
    let over = loop {
        let answer = public.get(suggestions).await;
        if answer.status != 200 {
            break answer;
        }
        answered += 1;
        assert!(answered < 200, "suggestions without limit");
    };
    assert!(answered >= 60, "only {answered}");
    refused(&over, 429, "RATE_LIMITED");
    public.get(&format!("{PUBLIC}?q=refund")).await.expect(200);
}

async fn what_is_shown_is_safe(kind: Kind) {
    let (world, admin) = empty(kind).await;
    let content = "# Hi\n\n<script>alert(1)</script>\n\n**b** <img src=x onerror=alert(1)> \
        [bad](javascript:alert(1)) [good](https://example.com)";
    publish(
        &admin,
        &json!({ "slug": "hostile", "title": "<b>T</b>", "content": content }),
    )
    .await;
    let public = world.public();
    let shown = [
        public.get(&format!("{PUBLIC}/hostile")).await.expect(200)["data"].clone(),
        rows(&public, PUBLIC).await[0].clone(),
        rows(&public, &format!("{PUBLIC}?q=good")).await[0].clone(),
    ];
    for row in shown {
        let html = row["html"].as_str().unwrap();
        for sign in ["<script", "onerror", "javascript:", "<img"] {
            assert!(!html.contains(sign), "{html}");
        }
        let good = "<a href=\"https://example.com\" rel=\"noopener nofollow\">good</a>";
        assert!(
            html.contains("<h1>Hi</h1>") && html.contains("<strong>b</strong>") && html.contains(good),
            "{html}"
        );
        assert_eq!(
            (&row["content"], &row["title"]),
            (&json!(content), &json!("<b>T</b>")),
            "as written"
        );
    }
}

async fn a_message_is_answered_by_suggestions(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let suggested = async |message: &str| slugs(&public, &format!("/api/v1/chat/suggestions?message={message}")).await;
    assert_eq!(
        suggested("hello%20I%20forgot%20my%20password%20again").await,
        ["reset-your-password"]
    );
    assert_eq!(suggested("When%20will%20I%20get%20my%20REFUND%3F").await, ["refunds"]);
    assert_eq!(suggested("xyzzy").await, Vec::<String>::new());
    assert_eq!(suggested("%3F%21").await, Vec::<String>::new());
    let many = "/api/v1/chat/suggestions?message=chat%20refund%20password%20invoice%20request%20ticket%20login";
    assert_eq!(slugs(&public, many).await.len(), 3);
    assert_eq!(slugs(&public, &format!("{many}&limit=1")).await.len(), 1);
    refused_fields(&public.get("/api/v1/chat/suggestions").await, &["message"]);
    let wrong = "/api/v1/chat/suggestions?message=%20&limit=x&language=1";
    refused_fields(&public.get(wrong).await, &["message", "limit", "language"]);
    let nobody = public.with_header("X-Tenant", "nobody");
    refused(&nobody.get(many).await, 404, "TENANT_NOT_FOUND");
}

async fn customers_search_in_their_portal(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let password = "a long enough password";
    let new = json!({ "name": "Vera", "email": "vera@example.com", "password": password });
    admin.post("/api/customers", &new).await.expect(201);
    let vera = world.public().login("vera@example.com", password).await;
    let path = "/api/customers/me/kb";
    let found = vera.get(&format!("{path}?q=passw")).await.expect(200);
    assert_eq!(found[0]["slug"], "reset-your-password");
    has_fields(
        &found[0],
        &["id", "title", "slug", "category", "snippet", "content", "html", "score"],
    );
    assert_eq!(vera.get(path).await.expect(200).as_array().unwrap().len(), 6);
    refused_fields(&vera.get(&format!("{path}?limit=101")).await, &["limit"]);
    refused(&world.public().get(path).await, 401, "UNAUTHENTICATED");
    refused(&admin.get(path).await, 403, "FORBIDDEN");
}

async fn each_tenant_has_its_own_articles(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let one = world.tenant("one").await;
    let made = publish(&admin, &json!({ "title": "Unheard of", "slug": "unheard-of" })).await;
    let id = id_of(&made, "/id");
    let theirs = &one.admin.api;
    assert_eq!(
        rows(&one.public, &format!("{PUBLIC}?q=unheard")).await,
        Vec::<Value>::new()
    );
    refused(&one.public.get(&format!("{PUBLIC}/unheard-of")).await, 404, "NOT_FOUND");
    refused(&theirs.delete(&format!("{ADMIN}?id={id}")).await, 404, "NOT_FOUND");
    refused(
        &theirs.put(ADMIN, &json!({ "id": id, "title": "x" })).await,
        404,
        "NOT_FOUND",
    );
    publish(theirs, &json!({ "title": "Theirs", "slug": "unheard-of" })).await;
    let read = one.public.get(&format!("{PUBLIC}/unheard-of")).await.expect(200);
    assert_eq!(
        (&read["data"]["title"], &read["data"]["views"]),
        (&json!("Theirs"), &json!(1))
    );
    let own = world.public().with_header("X-Tenant", "default");
    let read = own.get(&format!("{PUBLIC}/unheard-of")).await.expect(200);
    assert_eq!(
        (&read["data"]["title"], &read["data"]["views"]),
        (&json!("Unheard of"), &json!(1))
    );
}

async fn a_new_tenant_has_six_samples_once(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let samples = rows(&admin, ADMIN).await;
    assert_eq!(samples.len(), 6);
    assert!(samples.iter().all(|row| row["isPublished"] == true));
    let one = world.tenant("one").await;
    assert_eq!(rows(&one.public, PUBLIC).await.len(), 6);
    clear(&one.admin.api).await;
    assert_eq!(rows(&one.public, PUBLIC).await, Vec::<Value>::new());
    let id = id_of(&samples[0], "/id");
    let change = json!({ "id": id, "title": "Ours now" });
    assert_eq!(admin.put(ADMIN, &change).await.expect(200)["data"]["title"], "Ours now");
}
