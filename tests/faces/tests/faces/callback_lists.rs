//! Wishes to be phoned: lists, counts, other tenants, and the portal.

use serde_json::json;
use support_faces::{
    Chat, Kind, World, fields_of, id_of, is_time, is_uuid, on_both_stores, refused, refused_fields, text_of,
};

use crate::{
    callbacks::{LIST, made, path},
    ways_out::data,
};

on_both_stores!(
    another_tenants_callbacks_are_not_there,
    callbacks_are_listed_by_what_they_are,
    nothing_is_counted_where_nothing_is,
    what_happened_is_counted,
    customers_ask_for_calls_and_see_their_own,
);

async fn another_tenants_callbacks_are_not_there(kind: Kind) {
    let world = World::start(kind).await;
    let (one, two) = (world.tenant("one").await, world.tenant("two").await);
    let id = made(&one.public, "030 1234567").await;
    let stranger = &two.admin.api;
    for id in [id.as_str(), "0190b6a0-0000-7000-8000-000000000000", "7", "x"] {
        refused(&stranger.get(&path(id, "")).await, 404, "NOT_FOUND");
        refused(
            &stranger.patch(&path(id, ""), &json!({ "status": "failed" })).await,
            404,
            "NOT_FOUND",
        );
        let assign = json!({ "agentId": two.admin.id });
        refused(&stranger.patch(&path(id, "/assign"), &assign).await, 404, "NOT_FOUND");
        let attempt = json!({ "outcome": "reached" });
        refused(&stranger.post(&path(id, "/attempts"), &attempt).await, 404, "NOT_FOUND");
    }
    assert_eq!(data(stranger.get(LIST).await, 200)["callbacks"], json!([]));
    let own = data(one.admin.api.get(&path(&id, "")).await, 200);
    assert_eq!((&own["status"], &own["attempts"]), (&json!("pending"), &json!([])));
    refused(&world.public().get(LIST).await, 401, "UNAUTHENTICATED");
    refused(&world.operator().await.get(LIST).await, 403, "FORBIDDEN");
}

async fn callbacks_are_listed_by_what_they_are(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let agent = world.agent(&admin, "one").await;
    let mut ids = Vec::new();
    for number in ["030 1111111", "030 2222222", "030 3333333"] {
        ids.push(made(&public, number).await);
    }
    ids.reverse();
    let listed = async |query: &str| {
        let list = data(admin.get(&format!("{LIST}?{query}")).await, 200);
        let rows = list["callbacks"].as_array().unwrap().iter();
        rows.map(|row| text_of(row, "/id")).collect::<Vec<_>>()
    };
    assert_eq!(listed("status=&from=&to=&assignedTo=&page=&limit=").await, ids);
    assert_eq!(listed("limit=2").await, ids[..2]);
    assert_eq!(listed("limit=2&page=2").await, ids[2..]);
    data(
        admin.patch(&path(&ids[0], ""), &json!({ "status": "failed" })).await,
        200,
    );
    data(
        admin
            .patch(&path(&ids[1], "/assign"), &json!({ "agentId": agent.id }))
            .await,
        200,
    );
    assert_eq!(listed("status=failed").await, ids[..1]);
    assert_eq!(listed(&format!("assignedTo={}", agent.id)).await, ids[1..2]);
    let middle = data(admin.get(&path(&ids[1], "")).await, 200);
    let at = text_of(&middle, "/createdAt");
    assert_eq!(listed(&format!("from={at}")).await, ids[..2]);
    assert_eq!(listed(&format!("to={at}")).await, ids[2..]);
    let day = &at[..10];
    assert!(listed(&format!("from={day}")).await.starts_with(&ids[..2]));
    assert!(listed(&format!("to={day}")).await.ends_with(&ids[1..]));
    assert_eq!(listed("from=2000-01-01&to=2000-12-31").await, Vec::<String>::new());
    assert_eq!(listed("from=2000-01-01&to=2999-12-31").await, ids);
    refused_fields(
        &admin
            .get(&format!(
                "{LIST}?status=new&from=today&to=20260101&assignedTo=me&page=0&limit=101"
            ))
            .await,
        &["status", "from", "to", "assignedTo", "page", "limit"],
    );
}

async fn nothing_is_counted_where_nothing_is(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let empty = data(admin.get(&format!("{LIST}/stats")).await, 200);
    let daily = empty["daily"].as_array().unwrap();
    assert_eq!(daily.len(), 30);
    for day in daily {
        assert_eq!((&day["requests"], &day["resolved"]), (&json!(0), &json!(0)));
    }
    let expected = json!({
        "byStatus": { "pending": 0, "contacted": 0, "resolved": 0, "failed": 0 }, "daily": daily,
        "avgResponseHours": null, "resolutionRate": 0.0, "topEmployeeIds": [],
        "pendingByAge": { "underOneHour": 0, "underFourHours": 0, "underOneDay": 0, "older": 0 },
        "overdue": 0,
    });
    assert_eq!(empty, expected);
    for days in ["0", "367", "x", "-1"] {
        refused_fields(&admin.get(&format!("{LIST}/stats?days={days}")).await, &["days"]);
    }
}

async fn what_happened_is_counted(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let mut ids = Vec::new();
    for (number, employee) in [("030 1111111", "E-1"), ("030 2222222", "E-2"), ("030 3333333", "E-2")] {
        let body = json!({ "contactNumber": number, "employeeId": employee });
        let answer = public.post("/api/chat/callback-request", &body).await.expect(200);
        ids.push(id_of(&answer, "/requestId"));
    }
    for status in ["contacted", "resolved"] {
        data(admin.patch(&path(&ids[0], ""), &json!({ "status": status })).await, 200);
    }
    data(
        admin.patch(&path(&ids[1], ""), &json!({ "status": "failed" })).await,
        200,
    );
    let counted = data(admin.get(&format!("{LIST}/stats?days=2")).await, 200);
    assert_eq!(
        counted["byStatus"],
        json!({ "pending": 1, "contacted": 0, "resolved": 1, "failed": 1 })
    );
    let sum = |name: &str| -> u64 {
        let days = counted["daily"].as_array().unwrap().iter();
        days.filter_map(|day| day[name].as_u64()).sum()
    };
    assert_eq!((sum("requests"), sum("resolved")), (3, 1));
    assert_eq!(counted["resolutionRate"], json!(33.33));
    assert_eq!(counted["avgResponseHours"], json!(0.0));
    assert_eq!(
        counted["topEmployeeIds"],
        json!([{ "employeeId": "E-2", "count": 2 }, { "employeeId": "E-1", "count": 1 }])
    );
    assert_eq!(counted["pendingByAge"]["underOneHour"], 1);
}

async fn customers_ask_for_calls_and_see_their_own(kind: Kind) {
    const CALLS: &str = "/api/customers/me/calls";
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let customer = async |email: &str, phone: Option<&str>| {
        let body = json!({ "name": "Ada", "email": email, "phone": phone, "password": "a long enough password" });
        admin.post("/api/customers", &body).await.expect(201);
        public.login(email, "a long enough password").await
    };
    let ada = customer("ada@example.com", Some("030 1234567")).await;
    let bob = customer("bob@example.com", None).await;
    let asked = ada.post(CALLS, &json!({})).await.expect(201);
    let names = [
        "id",
        "status",
        "contactNumber",
        "ticketId",
        "scheduledAt",
        "note",
        "createdAt",
    ];
    assert_eq!(fields_of(&asked), names.into_iter().collect());
    assert_eq!(
        (&asked["status"], &asked["contactNumber"]),
        (&json!("pending"), &json!("030 1234567"))
    );
    is_uuid(&asked["id"]);
    is_time(&asked["createdAt"]);
    let body = json!({ "contactNumber": "030 7654321", "scheduledAt": "2099-01-01T09:00:00Z", "note": "Please" });
    let second = ada.post(CALLS, &body).await.expect(201);
    assert_eq!(
        (&second["note"], &second["scheduledAt"]),
        (&body["note"], &json!("2099-01-01T09:00:00.000Z"))
    );
    let list = ada.get(CALLS).await;
    assert_eq!(list.header("x-total-count"), Some("2"));
    assert_eq!(list.expect(200), json!([second, asked]));
    assert_eq!(bob.get(CALLS).await.expect(200), json!([]));
    let row = data(admin.get(&path(&id_of(&second, "/id"), "")).await, 200);
    is_uuid(&row["customerId"]);
    assert_eq!(row["notes"], "Please");

    refused_fields(&bob.post(CALLS, &json!({})).await, &["contactNumber"]);
    let wrong = json!({ "contactNumber": "12", "scheduledAt": "2020-01-01T00:00:00Z", "note": 7 });
    refused_fields(
        &bob.post(CALLS, &wrong).await,
        &["contactNumber", "scheduledAt", "note"],
    );
    let strangers = Chat::open(&public, "Hello").await;
    for ticket in [strangers.id.as_str(), &strangers.number, "TKT-999", "x"] {
        let body = json!({ "ticketId": ticket, "contactNumber": "030 5555555" });
        refused(&ada.post(CALLS, &body).await, 404, "NOT_FOUND");
    }
    assert_eq!(ada.post(CALLS, &body).await.expect(201)["id"], second["id"], "a repeat");
    let later = json!({ "contactNumber": "030 7654321", "scheduledAt": "2099-02-02T09:00:00Z" });
    assert_ne!(
        ada.post(CALLS, &later).await.expect(201)["id"],
        second["id"],
        "another time"
    );
    // The number is the same, the wish is not.
    let bobs = bob
        .post(CALLS, &json!({ "contactNumber": "030 7654321", "note": "Mine" }))
        .await
        .expect(201);
    assert_ne!(bobs["id"], second["id"]);
    assert_eq!(bob.get(CALLS).await.expect(200), json!([bobs]));
    for api in [&admin, &world.operator().await] {
        refused(&api.get(CALLS).await, 403, "FORBIDDEN");
        refused(&api.post(CALLS, &json!({})).await, 403, "FORBIDDEN");
    }
    refused(&public.get(CALLS).await, 401, "UNAUTHENTICATED");
}
