//! Visitors who prove to be known people, and those who only say so.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use support_core::{
    desk::Scope,
    model::{Requester, Role},
    ports::{CustomerFilter, PageRequest, TicketFilter, TicketPosition},
};

use crate::world::{Answer, Call, World};

fn signed(secret: &str, external_id: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(external_id.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

async fn secret_of(world: &World, tenant: &support_core::model::Tenant) -> String {
    let (_, admin) = world.agent_of(tenant, Role::Admin).await;
    let made = world
        .send("POST", "/api/v1/admin/settings/identity-secret", &admin, &json!({}))
        .await;
    made.expect(200)["data"]["secret"].as_str().unwrap().to_owned()
}

async fn say(world: &World, body: &Value) -> Answer {
    let call = Call::new("POST", "/api/v1/chat").header("x-tenant", "acme").json(body);
    world.call(call).await
}

async fn opened(world: &World) -> u64 {
    let (filter, position) = (TicketFilter::default(), TicketPosition::Page(1));
    let tickets = &world.desk.stores().tickets;
    tickets
        .tickets(world.acme.id, &filter, position, 1)
        .await
        .unwrap()
        .total
}

async fn known(world: &World) -> u64 {
    let page = PageRequest { number: 1, limit: 1 };
    let people = &world.desk.stores().people;
    let found = people.customers(world.acme.id, &CustomerFilter::default(), page).await;
    found.unwrap().total
}

#[tokio::test]
async fn whoever_proves_it_is_that_customer() {
    let world = World::new().await;
    let secret = secret_of(&world, &world.acme).await;
    let identity = json!({ "externalId": "user-7", "hash": signed(&secret, "user-7"), "name": "Robin", "email": "robin@mail.example" });
    let first = say(&world, &json!({ "message": "Hello", "identity": identity }))
        .await
        .expect(201);
    assert!(first["data"]["sessionId"].is_string());
    let second = say(&world, &json!({ "message": "Hello again", "identity": identity }))
        .await
        .expect(201);
    assert_eq!((opened(&world).await, known(&world).await), (2, 1));
    let customer = world
        .desk
        .stores()
        .people
        .customer_by_external_id(world.acme.id, "user-7")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(customer.contact.name.as_deref(), Some("Robin"));

    let session = first["data"]["sessionId"].clone();
    say(&world, &json!({ "sessionId": session, "message": "More" }))
        .await
        .expect(200);
    let read = format!("/api/v1/chat?sessionId={}", session.as_str().unwrap());
    let thread = world
        .call(Call::new("GET", &read).header("x-tenant", "acme"))
        .await
        .expect(200);
    assert_eq!(thread["data"]["messages"].as_array().unwrap().len(), 2);

    let scope = Scope::new(world.acme.id, support_core::model::Actor::Customer(customer.id));
    let own = world
        .desk
        .tickets(&scope, TicketFilter::default(), TicketPosition::Page(1), 10)
        .await
        .unwrap();
    let ids: Vec<String> = own.items.iter().map(|ticket| ticket.id.to_string()).collect();
    for opened in [&first, &second] {
        let id = opened["data"]["chatId"].as_str().unwrap();
        assert!(ids.iter().any(|own| own == id), "the portal shows it");
    }
}

#[tokio::test]
async fn whoever_cannot_prove_it_opens_nothing() {
    let world = World::new().await;
    let unset = json!({ "message": "Hello", "identity": { "externalId": "user-7", "hash": signed("", "user-7") } });
    say(&world, &unset).await.refused(401, "UNAUTHENTICATED");
    let secret = secret_of(&world, &world.acme).await;
    let theirs = secret_of(&world, &world.other).await;
    let good = signed(&secret, "user-7");
    let wrong = [
        (json!("user-7"), json!(signed("another secret", "user-7"))),
        (json!("user-7"), json!(signed(&theirs, "user-7"))),
        (json!("user-7"), json!(signed(&secret, "user-8"))),
        (json!("user-7"), json!(good.to_uppercase())),
        (json!("USER-7"), json!(good)),
        (json!("user-7"), json!(good[..62])),
        (json!("user-7"), json!(format!("{good}00"))),
        (json!("user-7"), json!("not hex")),
        (json!("user-7"), json!("")),
        (json!("user-7"), json!(null)),
        (json!(""), json!(signed(&secret, ""))),
        (json!(null), json!(good)),
    ];
    for (external_id, hash) in wrong {
        let identity = json!({ "externalId": external_id, "hash": hash });
        let answer = say(&world, &json!({ "message": "Hello", "identity": identity })).await;
        answer.refused(401, "UNAUTHENTICATED");
        let message = answer.json["error"]["message"].as_str().unwrap();
        assert!(message.contains("identity."), "{message}");
    }
    let blank = json!({ "externalId": " user-7", "hash": signed(&secret, " user-7") });
    let answer = say(&world, &json!({ "message": "Hello", "identity": blank })).await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.fields(), ["identity.externalId"]);
    assert_eq!((opened(&world).await, known(&world).await), (0, 0));
}

#[tokio::test]
async fn the_same_address_makes_nobody_a_customer() {
    let world = World::new().await;
    let secret = secret_of(&world, &world.acme).await;
    let identity = json!({ "externalId": "user-7", "hash": signed(&secret, "user-7"), "email": "robin@mail.example" });
    say(&world, &json!({ "message": "Hello", "identity": identity }))
        .await
        .expect(201);
    let stranger = json!({ "message": "Hello", "visitorEmail": "robin@mail.example" });
    let opened = say(&world, &stranger).await.expect(201);
    let id: support_core::model::TicketId = opened["data"]["chatId"].as_str().unwrap().parse().unwrap();
    let ticket = world
        .desk
        .stores()
        .tickets
        .ticket(world.acme.id, id)
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(ticket.requester, Requester::Visitor(_)));
    let elsewhere = json!({ "externalId": "user-7", "hash": signed(&secret, "user-7"), "email": "thief@mail.example", "name": "Thief" });
    say(&world, &json!({ "message": "Hello", "identity": elsewhere }))
        .await
        .expect(201);
    let customer = world
        .desk
        .stores()
        .people
        .customer_by_external_id(world.acme.id, "user-7")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        customer.contact.email.as_deref(),
        Some("robin@mail.example"),
        "what a page says changes no customer"
    );
}

#[tokio::test]
async fn a_chat_becomes_the_customers_who_proves_it_later() {
    let world = World::new().await;
    let secret = secret_of(&world, &world.acme).await;
    let opened = say(&world, &json!({ "message": "Hello" })).await.expect(201);
    let session = opened["data"]["sessionId"].clone();
    let claim = |id: &str, hash: String| json!({ "sessionId": session, "message": "It is me", "identity": { "externalId": id, "hash": hash } });
    say(&world, &claim("user-7", signed(&secret, "user-8")))
        .await
        .refused(401, "UNAUTHENTICATED");
    say(&world, &claim("user-7", signed(&secret, "user-7")))
        .await
        .expect(200);
    say(&world, &claim("user-7", signed(&secret, "user-7")))
        .await
        .expect(200);
    say(&world, &claim("user-8", signed(&secret, "user-8")))
        .await
        .refused(404, "NOT_FOUND");
    let id: support_core::model::TicketId = opened["data"]["chatId"].as_str().unwrap().parse().unwrap();
    let ticket = world
        .desk
        .stores()
        .tickets
        .ticket(world.acme.id, id)
        .await
        .unwrap()
        .unwrap();
    let customer = world
        .desk
        .stores()
        .people
        .customer_by_external_id(world.acme.id, "user-7")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ticket.requester, Requester::Customer(customer.id));
    say(&world, &json!({ "sessionId": session, "message": "More" }))
        .await
        .expect(200);
}

#[tokio::test]
async fn another_secret_makes_the_former_one_void() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let shown = world.get("/api/v1/admin/settings", &admin).await.expect(200);
    assert_eq!(shown["data"]["identitySecret"], json!(false));
    let former = secret_of(&world, &world.acme).await;
    let shown = world.get("/api/v1/admin/settings", &admin).await;
    assert!(!shown.text.contains(&former));
    assert_eq!(shown.expect(200)["data"]["identitySecret"], json!(true));
    let present = secret_of(&world, &world.acme).await;
    assert_ne!(former, present);
    let as_signed_by =
        |secret: &str| json!({ "message": "Hello", "identity": { "externalId": "u", "hash": signed(secret, "u") } });
    say(&world, &as_signed_by(&former))
        .await
        .refused(401, "UNAUTHENTICATED");
    say(&world, &as_signed_by(&present)).await.expect(201);
}
