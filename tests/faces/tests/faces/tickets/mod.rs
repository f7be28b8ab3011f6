//! Tickets as the live-chat desk calls them.

mod changes;
mod finding;
mod opening;
mod words;

use std::time::Duration;

use serde_json::{Value, json};
use support_faces::text_of;
use support_testkit::Api;

const SOON: Duration = Duration::from_secs(20);

const ROW: &[&str] = &[
    "id",
    "ticketId",
    "customerId",
    "status",
    "priority",
    "department",
    "subject",
    "channel",
    "assignedAgent",
    "customerInfo",
    "agentInfo",
    "tags",
    "metadata",
    "resolutionInfo",
    "unreadCount",
    "lastMessageAt",
    "closedAt",
    "closedBy",
    "createdAt",
    "updatedAt",
];
const MESSAGE: &[&str] = &[
    "id",
    "seq",
    "content",
    "sender",
    "senderId",
    "senderName",
    "timestamp",
    "read",
    "messageType",
    "metadata",
];

fn new_ticket(customer: &str) -> Value {
    json!({
        "customerId": customer,
        "customerInfo": {
            "name": "Vera", "email": "vera@mail.example", "phone": "+49 30 (123) 45-67",
            "userAgent": "Browser/1.0", "ipAddress": "192.0.2.7",
        },
        "subject": "No light", "department": "technical", "priority": "high", "initialMessage": "It went dark",
        "metadata": { "source": "mobile", "category": "devices", "subcategory": "lamps", "order": 7 },
    })
}

async fn open(api: &Api, customer: &str) -> Value {
    let made = api.post("/api/tickets", &new_ticket(customer)).await.expect(201);
    made["data"]["ticket"].clone()
}

async fn server(admin: &Api, public: &Api, scope: &str) -> Api {
    let body = json!({ "name": "Server", "scopes": [scope] });
    let made = admin.post("/api/v1/admin/api-keys", &body).await.expect(201);
    public.with_token(&text_of(&made, "/data/key"))
}

fn path(ticket: &Value, call: &str) -> String {
    format!("/api/tickets/{}{call}", ticket["ticketId"].as_str().unwrap())
}
