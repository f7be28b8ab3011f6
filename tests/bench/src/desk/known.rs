//! What a tenant has, to ask for.

use serde_json::{Value, json};
use support_testkit::Api;

use super::filling::Account;
use crate::Failure;

/// Things to ask for.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) departments: Vec<String>,
    pub(super) agents: Vec<String>,
    pub(super) customers: Vec<String>,
    pub(super) tickets: Vec<String>,
    /// Words that stand in hardly more than one ticket.
    pub(super) rare: Vec<String>,
    /// The last day on which a ticket was opened.
    pub(super) day: String,
    /// How many tickets there are.
    pub(super) size: u64,
}

impl Known {
    /// Looks around as an admin.
    pub(super) async fn learn(api: &Api) -> Result<Self, Failure> {
        let mut known = Self {
            departments: texts(api, "/api/v1/admin/chat/departments", "/data", "slug").await,
            agents: texts(api, "/api/agents?limit=100", "/data/agents", "id").await,
            ..Self::default()
        };
        for order in ["asc", "desc"] {
            for page in [1, 2, 3] {
                let path = format!("/api/tickets?limit=100&sortBy=createdAt&sortOrder={order}&page={page}");
                known.note(&api.get(&path).await.expect(200));
            }
        }
        let stats = api.get("/api/dashboard/stats").await.expect(200);
        known.size = stats
            .pointer("/data/totalTickets")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        let wanted = [
            &known.departments,
            &known.agents,
            &known.customers,
            &known.tickets,
            &known.rare,
        ];
        if wanted.iter().any(|texts| texts.is_empty()) {
            return Err(format!("the tenant lacks something to ask for: {known:?}").into());
        }
        Ok(known)
    }

    fn note(&mut self, list: &Value) {
        let tickets = list.pointer("/data/tickets").and_then(Value::as_array);
        for ticket in tickets.into_iter().flatten() {
            let text = |name: &str| ticket.get(name).and_then(Value::as_str).unwrap_or_default();
            let day = text("createdAt").get(..10).unwrap_or_default();
            if day > self.day.as_str() {
                day.clone_into(&mut self.day);
            }
            let order = text("subject").split(' ').find(|word| word.starts_with("R-"));
            self.rare
                .extend(order.map(|order| order.trim_end_matches('?').to_owned()));
            self.tickets.push(text("ticketId").to_owned());
            let customer = text("customerId");
            if !customer.is_empty() {
                self.customers.push(customer.to_owned());
            }
        }
    }

    /// Adds an agent of one department, who sees that department's tickets and no others'.
    pub(super) async fn employ(&self, api: &Api, member: &Account) {
        let departments: Vec<_> = self.departments.iter().take(1).collect();
        let body = json!({
            "name": "Member", "email": member.email, "password": member.password, "role": "agent",
            "departments": departments,
        });
        api.post("/api/agents", &body).await.expect(201);
    }
}

async fn texts(api: &Api, path: &str, list: &str, name: &str) -> Vec<String> {
    let answer = api.get(path).await.expect(200);
    let items = answer.pointer(list).and_then(Value::as_array);
    let texts = items.into_iter().flatten().filter_map(|item| item.get(name)?.as_str());
    texts.map(str::to_owned).collect()
}
