//! A customer's stream goes on at whichever node they reach.

use serde_json::{Value, json};
use support_faces::{Event, Events, text_of};
use support_testkit::{Api, Server};

use crate::installation::Installation;

const EVENTS: &str = "/api/customers/me/events";
const PASSWORD: &str = "a long enough password";

struct Customer(String);

impl Customer {
    async fn made(installation: &Installation) -> Self {
        let body = json!({ "name": "Ada", "email": "ada@customers.example", "password": PASSWORD });
        let admin = installation.near.admin_api().await;
        admin.post("/api/customers", &body).await.expect(201);
        Self(installation.near.api().token("ada@customers.example", PASSWORD).await)
    }

    fn at(&self, node: &Server) -> Api {
        node.api().with_token(&self.0)
    }

    async fn path(&self, node: &Server) -> String {
        let token = self.at(node).post("/api/customers/me/events/token", &json!({})).await;
        format!("{EVENTS}?token={}", text_of(&token.expect(200), "/token"))
    }

    async fn opens(&self, node: &Server, title: &str) -> Value {
        let body = json!({ "title": title, "description": title });
        self.at(node).post("/api/customers/me/tickets", &body).await.expect(201)
    }
}

fn is_about(event: &Event, title: &str) -> bool {
    event.name == "ticket_created" && event.data["ticket"]["title"] == title
}

#[tokio::test]
async fn a_stream_hears_of_the_other_node_and_is_taken_over_there() {
    let installation = Installation::start().await;
    let (near, far) = (&installation.near, &installation.far);
    let ada = Customer::made(&installation).await;
    // Given out by one node, opened at the other.
    let path = ada.path(near).await;
    let mut at_far = Events::open(&far.api(), &path).await;
    assert_eq!(at_far.next().await.name, "connected");
    ada.opens(near, "One").await;
    let heard = at_far.until(|event| is_about(event, "One")).await;
    let place = heard.iter().rev().find_map(|event| event.id.clone()).unwrap();
    ada.opens(far, "Two").await;
    // The browser reconnects to the first node before the second one notices.
    let again = near.api().with_header("Last-Event-ID", &place);
    let mut at_near = Events::open(&again, &path).await;
    let heard = at_near.until(|event| is_about(event, "Two")).await;
    let created: Vec<_> = heard.iter().filter(|event| event.name == "ticket_created").collect();
    assert_eq!(created.len(), 1, "none twice: {heard:?}");
    at_far.ends().await;
    ada.opens(far, "Three").await;
    at_near.until(|event| is_about(event, "Three")).await;
    // Logging out at one node ends streams at the other.
    ada.at(far).post("/api/auth/logout", &json!({})).await;
    at_near.ends().await;
}
