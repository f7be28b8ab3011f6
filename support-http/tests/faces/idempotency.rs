//! The same call again is not done again.

use serde_json::{Value, json};
use support_core::{
    change::RequestKey,
    model::{Role, Secret},
};

use crate::world::{Answer, Call, World};

fn customer(name: &str) -> Value {
    json!({"name": name, "email": "kim@mail.example"})
}

async fn create(world: &World, token: &str, key: &str, body: &Value) -> Answer {
    let call = Call::new("POST", "/api/customers")
        .token(token)
        .header("idempotency-key", key);
    world.call(call.json(body)).await
}

async fn count(world: &World, token: &str) -> Value {
    world.get("/api/customers", token).await.expect(200)["pagination"]["totalItems"].clone()
}

#[tokio::test]
async fn the_same_key_and_body_get_the_first_answer_again() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let first = create(&world, &admin, "\"key-1\"", &customer("Kim")).await;
    assert_eq!(first.header("idempotency-replayed"), None);
    let again = create(&world, &admin, "key-1", &customer("Kim")).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(first.expect(201), again.expect(201));
    assert_eq!(count(&world, &admin).await, json!(1));
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    create(&world, &admin, "key-1", &customer("Kim")).await.expect(201);
    let answer = create(&world, &admin, "key-1", &customer("Lee")).await;
    answer.refused(422, "IDEMPOTENCY_MISMATCH");
    assert_eq!(count(&world, &admin).await, json!(1));
}

#[tokio::test]
async fn a_key_belongs_to_its_caller_and_its_route() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let (_, colleague) = world.agent(Role::Admin).await;
    create(
        &world,
        &admin,
        "key-1",
        &json!({"name": "Kim", "email": "kim@mail.example"}),
    )
    .await
    .expect(201);
    create(
        &world,
        &colleague,
        "key-1",
        &json!({"name": "Lee", "email": "lee@mail.example"}),
    )
    .await
    .expect(201);
    let bot = json!({"name": "Bot", "admin_email": "bot@acme.example"});
    let call = Call::new("POST", "/api/chatbots")
        .token(&admin)
        .header("idempotency-key", "key-1");
    world.call(call.json(&bot)).await.expect(201);
    assert_eq!(count(&world, &admin).await, json!(2));
}

#[tokio::test]
async fn a_refused_call_may_be_tried_again_with_its_key() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    create(&world, &admin, "key-1", &json!({"name": "Kim"}))
        .await
        .refused(400, "VALIDATION_ERROR");
    create(&world, &admin, "key-1", &customer("Kim")).await.expect(201);
}

#[tokio::test]
async fn a_first_call_that_is_still_running_is_a_conflict() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    // Hashing the password gives the others the time to come.
    let body = json!({"name": "Kim", "email": "kim@mail.example", "password": "a long password"});
    let calls = (0..4).map(|_| create(&world, &admin, "key-1", &body));
    let answers = futures::future::join_all(calls).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "CONFLICT");
    }
    create(&world, &admin, "key-1", &body).await.expect(201);
    assert_eq!(count(&world, &admin).await, json!(1));
}

#[tokio::test]
async fn a_call_that_was_cut_off_after_its_commit_is_not_done_twice() {
    let world = World::new().await;
    let (admin, token) = world.agent(Role::Admin).await;
    let key = RequestKey {
        key: Secret::presented("a key").hash(),
        fingerprint: Secret::presented("a body").hash(),
    };
    let new = || support_core::desk::NewCustomer {
        external_id: Some("crm-1".to_owned()),
        ..Default::default()
    };
    let scope = world.scope(&admin).once(key.clone());
    let first = world.desk.create_customer(&scope, new()).await.unwrap();
    let again = world.desk.create_customer(&scope, new()).await.unwrap();
    assert_eq!(first.id, again.id);
    let stored = world
        .desk
        .stored_request(world.acme.id, &key.key)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.response, None);
    assert_eq!(count(&world, &token).await, json!(1));
}

#[tokio::test]
async fn a_key_has_between_1_and_255_characters() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    for key in ["", "\"\"", &"k".repeat(256)] {
        let answer = create(&world, &admin, key, &customer("Kim")).await;
        answer.refused(400, "VALIDATION_ERROR");
        assert_eq!(answer.fields(), ["Idempotency-Key"]);
    }
    create(&world, &admin, &"k".repeat(255), &customer("Kim"))
        .await
        .expect(201);
}

#[tokio::test]
async fn logins_are_made_anew_and_never_kept() {
    let world = World::new().await;
    let login = || {
        let body = json!({"email": "first@acme.example", "password": crate::world::PASSWORD});
        world.call(
            Call::new("POST", "/api/auth/login")
                .header("idempotency-key", "k")
                .json(&body),
        )
    };
    let (first, second) = (login().await.expect(200), login().await.expect(200));
    assert_ne!(first["token"], second["token"]);
}

#[tokio::test]
async fn a_key_shown_once_is_shown_again_to_whoever_repeats_the_call_and_never_lies_open() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let create = || {
        let call = Call::new("POST", "/api/v1/admin/api-keys")
            .token(&admin)
            .header("idempotency-key", "key-1");
        world.call(call.json(&json!({"name": "crm", "scopes": ["customers"]})))
    };
    let (first, again) = (create().await.expect(201), create().await.expect(201));
    assert_eq!(first, again);
    let secret = first["data"]["key"].as_str().unwrap();
    world.get("/api/customers", secret).await.expect(200);
    assert!(!format!("{:?}", world.store).contains(secret));
}
