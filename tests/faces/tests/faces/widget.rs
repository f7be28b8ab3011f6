//! What a widget learns before anybody says anything.

use serde_json::{Value, json};
use support_faces::{Kind, World, on_both_stores, refused};

on_both_stores!(a_widget_is_told_how_it_looks_who_is_there_and_what_it_may_send,);

async fn a_widget_is_told_how_it_looks_who_is_there_and_what_it_may_send(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let told = async || public.get("/api/v1/chat/widget").await.expect(200)["data"].clone();

    let usual = told().await;
    assert_eq!(usual["greeting"], "Hi! How can we help?");
    assert_eq!(usual["officeHours"], Value::Null);
    assert_eq!(usual["upload"]["maxBytes"], 5 * 1024 * 1024);
    let types = usual["upload"]["contentTypes"].as_array().unwrap();
    assert!(types.contains(&json!("image/png")) && !types.contains(&json!("image/svg+xml")));
    let teams = usual["departments"].as_array().unwrap();
    assert!(
        teams
            .iter()
            .any(|team| team["slug"] == "sales" && team["name"] == "Sales")
    );
    assert_eq!(usual["adminOnline"], false);

    let branding = json!({ "name": "Acme Care", "color": "#aa3300", "greeting": "Good day" });
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let weekly = days.map(|day| json!({ "day": day, "from": "00:00", "to": "24:00" }));
    let settings = json!({ "branding": branding, "officeHours": { "weekly": weekly } });
    admin.put("/api/v1/admin/settings", &settings).await.expect(200);
    let own = told().await;
    assert_eq!(
        (&own["name"], &own["color"], &own["greeting"]),
        (&json!("Acme Care"), &json!("#aa3300"), &json!("Good day"))
    );
    assert_eq!(own["officeHours"], json!({ "isOpen": true, "nextOpening": null }));

    admin
        .post("/api/v1/admin/presence", &json!({ "isOnline": true }))
        .await
        .expect(200);
    let shown = serde_json::to_string(&told().await).unwrap();
    assert!(!shown.contains('@'), "addresses are nobody's business: {shown}");

    let nowhere = world.public().with_header("x-tenant", "nobody");
    refused(&nowhere.get("/api/v1/chat/widget").await, 404, "TENANT_NOT_FOUND");
}
