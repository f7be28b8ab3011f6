//! Who is given what by what they can, and what happens to what nobody takes up.

use std::time::Duration;

use serde_json::{Value, json};
use support_faces::{Chat, Kind, Request, World, on_both_stores, refused, refused_fields};
use support_testkit::eventually;

on_both_stores!(
    those_who_could_be_given_a_chat_are_named_in_their_order,
    a_visitors_language_finds_who_speaks_it,
    needed_skills_find_who_has_them,
    a_chat_that_is_not_taken_up_goes_on,
);

const SOON: Duration = Duration::from_secs(20);
const AVAILABLE: &str = "/api/agents/available/for-assignment";

fn names(answer: &Value) -> Vec<&str> {
    let agents = answer["data"]["availableAgents"].as_array().unwrap();
    assert_eq!(answer["data"]["totalAvailable"], agents.len());
    agents.iter().map(|agent| agent["name"].as_str().unwrap()).collect()
}

async fn those_who_could_be_given_a_chat_are_named_in_their_order(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mut people = Vec::new();
    for (name, fields) in [
        ("mara", json!({ "department": "technical", "skills": ["rust", "sql"] })),
        ("ben", json!({ "department": "technical", "skills": ["rust"] })),
        ("sam", json!({ "department": "sales", "languages": ["fr-CA"] })),
        ("nora", json!({ "department": "technical" })),
    ] {
        people.push(world.agent_with(&admin, name, &fields).await);
    }
    assert_eq!(names(&admin.get(AVAILABLE).await.expect(200)), Vec::<&str>::new());
    for person in &people[..3] {
        person.goes_online().await;
    }
    let chat = Chat::open_with(&world.public(), &json!({ "message": "Hi", "department": "technical" })).await;
    let given = chat.read_as_agent(&admin).await["chat"]["assignedTo"]["name"].clone();
    let asked = async |query: &str| admin.get(&format!("{AVAILABLE}?{query}")).await.expect(200);
    let technical = asked("department=technical").await;
    let free = if given == "mara" { "ben" } else { "mara" };
    assert_eq!(
        names(&technical),
        [free, given.as_str().unwrap()],
        "the less busy one first"
    );
    assert_eq!(names(&asked("skills=rust&skills=sql").await), ["mara"]);
    assert_eq!(names(&asked("skills=rust,%20sql&department=").await), ["mara"]);
    assert_eq!(names(&asked("skills=cooking").await), Vec::<&str>::new());
    assert_eq!(names(&asked("languages=fr").await)[0], "sam");
    let row = &technical["data"]["availableAgents"][1];
    assert_eq!(
        (&row["activeTicketsCount"], &row["status"]),
        (&json!(1), &json!("available"))
    );

    refused_fields(
        &admin.get(&format!("{AVAILABLE}?department=nowhere")).await,
        &["department"],
    );
    refused_fields(&admin.get(&format!("{AVAILABLE}?skills=a%00b")).await, &["skills"]);
    refused(&world.public().get(AVAILABLE).await, 401, "UNAUTHENTICATED");
}

async fn a_visitors_language_finds_who_speaks_it(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    for (name, language) in [("mara", "de"), ("ben", "en-GB"), ("cleo", "pt-PT")] {
        let fields = json!({ "languages": [language], "maxConcurrentTickets": 50 });
        world.agent_with(&admin, name, &fields).await.goes_online().await;
    }
    let assignee = async |chat: &Chat| chat.read_as_agent(&admin).await["chat"]["assignedTo"]["name"].clone();
    let german = public.with_header("Accept-Language", "de-AT,de;q=0.9,en;q=0.8");
    for _ in 0..3 {
        assert_eq!(assignee(&Chat::open(&german, "Hallo").await).await, "mara");
        let told = Chat::open_with(&german, &json!({ "message": "Olá", "language": "pt-BR" })).await;
        assert_eq!(
            assignee(&told).await,
            "cleo",
            "what is told counts more than the browser"
        );
    }
    let chat = Chat::open(&german, "Hallo").await;
    assert_eq!(chat.read_as_agent(&admin).await["chat"]["languages"], json!(["de-AT"]));
    let body = json!({ "session_id": "s-1", "initial_message": "Hello", "language": "EN-us" });
    let request = Request::open_with(&public, &body).await;
    let row = admin
        .get(&format!("/api/v1/admin/chat/{}", request.id))
        .await
        .expect(200);
    assert_eq!(row["data"]["chat"]["assignedTo"]["name"], "ben");

    let wrong = json!({ "message": "", "language": "not a language" });
    refused_fields(&public.post("/api/v1/chat", &wrong).await, &["message", "language"]);
    let wrong = json!({ "session_id": "s-2", "initial_message": "Hello", "language": 7 });
    refused_fields(&public.post("/human-support/request", &wrong).await, &["language"]);
}

async fn needed_skills_find_who_has_them(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ben = world.agent_with(&admin, "ben", &json!({ "skills": ["refunds"] })).await;
    let chat = Chat::open(&world.public(), "My money!").await;
    let changed = chat
        .agent_sets(&admin, &json!({ "skills": ["refunds"], "languages": ["en"] }))
        .await;
    assert_eq!(changed["data"]["chat"]["skills"], json!(["refunds"]));
    let mara = world.agent(&admin, "mara").await;
    mara.goes_online().await;
    ben.goes_online().await;
    let given = async || {
        let assignee = chat.read_as_agent(&admin).await["chat"]["assignedTo"]["name"].clone();
        assignee.is_string().then_some(assignee)
    };
    assert_eq!(eventually(SOON, given).await, "ben");
    let body = json!({ "chatId": chat.id, "skills": [""], "languages": ["x".repeat(51)] });
    let refusal = admin.patch("/api/v1/admin/chat", &body).await;
    refused_fields(&refusal, &["skills", "languages"]);
}

async fn a_chat_that_is_not_taken_up_goes_on(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let settings = json!({ "assignment": { "acceptTimeoutSeconds": 10 } });
    let changed = admin.put("/api/v1/admin/settings", &settings).await.expect(200);
    assert_eq!(
        changed["data"]["assignment"],
        json!({ "automatic": true, "acceptTimeoutSeconds": 10 })
    );
    let mara = world.agent(&admin, "mara").await;
    mara.goes_online().await;
    let public = world.public();
    let (left, taken) = (Chat::open(&public, "Hello?").await, Chat::open(&public, "Hi?").await);
    taken.agent_says(&mara.api, "I am here").await;
    let ben = world.agent(&admin, "ben").await;
    ben.goes_online().await;
    let assignee = async |chat: &Chat| chat.read(&public).await["assignedTo"]["name"].clone();
    let passed_on = async || (assignee(&left).await == "ben").then_some(());
    eventually(SOON, passed_on).await;
    assert_eq!(assignee(&taken).await, "mara");
    let thread = left.read(&public).await;
    let said: Vec<_> = thread["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["message"])
        .collect();
    assert_eq!(
        said,
        ["Hello?", "You are now talking to mara", "You are now talking to ben"],
        "the visitor sees no notes"
    );
}
