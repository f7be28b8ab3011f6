//! Ratings by visitors, and statistics of what happened.

use serde_json::json;
use support_faces::{Chat, Kind, World, has_fields, on_both_stores, refused, refused_fields};

on_both_stores!(
    a_chat_is_rated_once_it_is_over_and_once_only,
    words_find_tickets_wherever_they_stand,
    all_that_is_wrong_with_a_rating_is_told_at_once,
    statistics_of_nothing_are_zeros_and_nulls,
    statistics_tell_what_happened,
    a_span_must_make_sense,
    a_table_holds_no_formula,
);

const ANALYTICS: &str = "/api/v1/admin/chat/analytics";

async fn a_chat_is_rated_once_it_is_over_and_once_only(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "Hello").await;
    let rating = json!({ "sessionId": chat.session, "rating": 4, "comment": "Good" });
    refused(&public.post("/api/v1/chat/rate", &rating).await, 409, "CONFLICT");
    chat.agent_sets(&admin, &json!({ "status": "RESOLVED" })).await;
    let rated = public.post("/api/v1/chat/rate", &rating).await.expect(200);
    assert_eq!(rated["data"]["rating"], 4);
    assert_eq!(rated["data"]["comment"], "Good");
    refused(&public.post("/api/v1/chat/rate", &rating).await, 409, "ALREADY_RATED");
    assert_eq!(chat.read(&public).await["rating"], 4);

    chat.visitor_says(&public, "Still broken").await;
    refused(&public.post("/api/v1/chat/rate", &rating).await, 409, "CONFLICT");
    chat.agent_sets(&admin, &json!({ "status": "RESOLVED" })).await;
    let anew = json!({ "sessionId": chat.session, "rating": 5 });
    public.post("/api/v1/chat/rate", &anew).await.expect(200);
    let statistics = admin.get(ANALYTICS).await.expect(200)["data"].clone();
    assert_eq!(
        statistics["ratingDistribution"],
        json!({ "1": 0, "2": 0, "3": 0, "4": 0, "5": 1 })
    );
    assert_eq!(statistics["topRatedChats"][0]["chatId"], chat.id);
    let with = async |stars: u8| {
        admin
            .get(&format!("/api/v1/admin/chat?rating={stars}"))
            .await
            .expect(200)["data"]
            .clone()
    };
    assert_eq!(with(5).await["chats"][0]["rating"], 5);
    assert_eq!(with(4).await["chats"], json!([]), "the latest counts");
    let other = json!({ "sessionId": "nobody's", "rating": 5 });
    refused(&public.post("/api/v1/chat/rate", &other).await, 404, "NOT_FOUND");
}

async fn words_find_tickets_wherever_they_stand(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let body = json!({ "message": "My teapot leaks", "visitorName": "Zoë Quill" });
    let teapot = Chat::open_with(&public, &body).await;
    teapot.agent_notes(&admin, "Known porcelain flaw").await;
    Chat::open(&public, "Something else").await;
    let found = async |query: &str| {
        let found = admin.get(&format!("/api/tickets/search/{query}")).await.expect(200)["data"].clone();
        let tickets = found["tickets"].as_array().unwrap().clone();
        assert_eq!(found["pagination"]["totalItems"], tickets.len());
        tickets
            .iter()
            .map(|ticket| ticket["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    for query in [
        "teapot",
        "LEAKS",
        "teap",
        "zoe",
        "quill%20teapot",
        "porcelain",
        &teapot.number,
    ] {
        assert_eq!(found(query).await, [teapot.id.as_str()], "{query}");
    }
    for query in ["teapotx", "%22", "*", "NEAR(", "%25", "nothing%20teapot"] {
        assert!(found(query).await.is_empty(), "{query}");
    }
    let long = "(".repeat(150);
    assert!(found(&long).await.is_empty());
    refused_fields(
        &admin.get(&format!("/api/tickets/search/{}", "x".repeat(201))).await,
        &["query"],
    );
    refused(&public.get("/api/tickets/search/teapot").await, 401, "UNAUTHENTICATED");
}

async fn all_that_is_wrong_with_a_rating_is_told_at_once(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "Hello").await;
    chat.agent_sets(&admin, &json!({ "status": "RESOLVED" })).await;
    for stars in [
        json!(0),
        json!(6),
        json!(-1),
        json!(4.5),
        json!("five"),
        json!(null),
        json!([5]),
    ] {
        let body = json!({ "sessionId": chat.session, "rating": stars });
        refused_fields(&public.post("/api/v1/chat/rate", &body).await, &["rating"]);
    }
    let body = json!({ "sessionId": chat.session, "rating": 9, "comment": "x".repeat(2_001) });
    refused_fields(&public.post("/api/v1/chat/rate", &body).await, &["rating", "comment"]);
    refused_fields(
        &public.post("/api/v1/chat/rate", &json!({})).await,
        &["sessionId", "rating"],
    );
    assert_eq!(chat.read(&public).await["rating"], json!(null), "nothing was kept");
}

async fn statistics_of_nothing_are_zeros_and_nulls(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let data = admin.get(&format!("{ANALYTICS}?days=3")).await.expect(200)["data"].clone();
    has_fields(
        &data,
        &[
            "summary",
            "departmentStats",
            "dailyVolume",
            "ratingDistribution",
            "topRatedChats",
            "agentStats",
        ],
    );
    let summary = &data["summary"];
    for zero in ["totalChats", "activeChats", "waitingChats", "resolvedChats"] {
        assert_eq!(summary[zero], 0, "{zero}");
    }
    for null in [
        "avgRating",
        "csat",
        "avgResponseTime",
        "avgFirstResponseTime",
        "avgResolutionTime",
    ] {
        assert_eq!(summary[null], json!(null), "{null}");
    }
    assert_eq!(summary["resolutionRate"], 0.0);
    let days = data["dailyVolume"].as_object().unwrap();
    assert_eq!(days.len(), 3, "days without chats are there too: {days:?}");
    assert!(days.values().all(|count| *count == 0));
}

async fn statistics_tell_what_happened(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let mara = world.agent(&admin, "Mara").await;
    let body = json!({ "message": "How much is it?", "department": "sales" });
    let sold = Chat::open_with(&public, &body).await;
    sold.agent_notes(&admin, "Let me look").await;
    sold.agent_says(&admin, "Five").await;
    sold.visitor_says(&public, "Thank you").await;
    sold.agent_sets(&admin, &json!({ "status": "RESOLVED" })).await;
    let rating = json!({ "sessionId": sold.session, "rating": 5 });
    public.post("/api/v1/chat/rate", &rating).await.expect(200);
    let open = Chat::open(&public, "Anybody there?").await;
    open.agent_sets(&admin, &json!({ "assignedTo": mara.id })).await;

    let data = admin.get(ANALYTICS).await.expect(200)["data"].clone();
    let summary = &data["summary"];
    assert_eq!(summary["totalChats"], 2);
    assert_eq!(summary["activeChats"], 1);
    assert_eq!(summary["resolvedChats"], 1);
    assert_eq!(summary["resolutionRate"], 50.0);
    assert_eq!(summary["avgRating"], 5.0);
    assert_eq!(summary["csat"], 100.0);
    assert_eq!(summary["avgMessagesPerChat"], 2.0, "notes and system lines don't count");
    assert_eq!(summary["responseTime"]["count"], 1);
    assert!(summary["avgFirstResponseTime"].is_number() && summary["avgResolutionTime"].is_number());
    assert_eq!(
        summary["responseTime"]["inOfficeHours"],
        json!(null),
        "no hours are set"
    );
    assert_eq!(data["departmentStats"]["sales"]["count"], 1);
    assert_eq!(data["departmentStats"]["sales"]["resolved"], 1);
    let agents = data["agentStats"].as_array().unwrap();
    let hers = agents.iter().find(|row| row["agentId"] == mara.id).unwrap();
    assert_eq!(
        (hers["name"].as_str(), hers["handled"].as_i64()),
        (Some("Mara"), Some(1))
    );

    let of =
        async |query: &str| admin.get(&format!("{ANALYTICS}?{query}")).await.expect(200)["data"]["summary"].clone();
    assert_eq!(of("department=sales").await["totalChats"], 1);
    assert_eq!(of("department=finance").await["totalChats"], 0);
    assert_eq!(of("department=nothing").await["totalChats"], 0);
    assert_eq!(of(&format!("agentId={}", mara.id)).await["totalChats"], 1);
    assert_eq!(
        of(&format!("agentId={}&department=sales", mara.id)).await["totalChats"],
        0
    );
    assert_eq!(of("from=2020-01-01&to=2020-12-31").await["totalChats"], 0);

    open.agent_sets(&admin, &json!({ "department": "finance", "priority": "urgent" }))
        .await;
    assert_eq!(
        of("department=finance").await["totalChats"],
        1,
        "it counts where it is now"
    );
    let data = admin.get(ANALYTICS).await.expect(200)["data"].clone();
    assert_eq!(
        data["byPriority"],
        json!({ "low": 0, "normal": 1, "high": 0, "urgent": 1 })
    );
}

async fn a_span_must_make_sense(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    for (query, field) in [
        ("days=0", "days"),
        ("days=many", "days"),
        ("from=yesterday", "from"),
        ("from=2026-02-30", "from"),
        ("to=2026-1-1", "to"),
        ("from=2026-02-02&to=2026-02-01", "to"),
        ("from=1000-01-01&to=2026-02-01", "from"),
        ("agentId=mara", "agentId"),
        ("format=pdf", "format"),
    ] {
        refused_fields(&admin.get(&format!("{ANALYTICS}?{query}")).await, &[field]);
    }
    refused(&world.public().get(ANALYTICS).await, 401, "UNAUTHENTICATED");
}

async fn a_table_holds_no_formula(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let body = json!({ "message": "=HYPERLINK(\"http://evil.example\")", "visitorName": "+SUM(1)" });
    let chat = Chat::open_with(&public, &body).await;
    chat.agent_sets(&admin, &json!({ "status": "RESOLVED" })).await;
    let rating = json!({ "sessionId": chat.session, "rating": 1, "comment": "@evil, \"quoted\"\n=1+1" });
    public.post("/api/v1/chat/rate", &rating).await.expect(200);
    let table = admin.get(&format!("{ANALYTICS}?format=csv")).await;
    assert_eq!(table.status, 200);
    assert!(
        table.text.starts_with("section,name,metric,value\r\n"),
        "{}",
        table.text
    );
    assert!(table.text.contains("summary,,totalChats,1\r\n"), "{}", table.text);
    for formula in [",=HYPERLINK", ",\"=HYPERLINK", ",+SUM", ",@evil", ",\"@evil"] {
        assert!(!table.text.contains(formula), "{formula} in {}", table.text);
    }
}
