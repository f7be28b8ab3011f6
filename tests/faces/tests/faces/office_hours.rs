//! Office hours and promises as admins settle them, and what customers see of them.

use chrono::{NaiveDate, TimeDelta};
use serde_json::{Value, json};
use support_faces::{Chat, Kind, World, fields_of, on_both_stores, refused, refused_fields};
use support_testkit::{Api, eventually};

use crate::ways_out::{SOON, data};

on_both_stores!(
    hours_are_settled_read_back_and_removed,
    what_can_not_be_is_named_by_its_place,
    promises_are_settled_in_part_and_read_back,
    what_was_read_can_be_sent_back,
    a_department_has_its_own_hours_or_the_tenants,
    outside_office_hours_nobody_is_online,
    hours_are_settled_by_admins_for_their_tenant_alone,
);

const SETTINGS: &str = "/api/v1/admin/settings";
const DEPARTMENTS: &str = "/api/v1/admin/chat/departments";
const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

fn hours() -> Value {
    json!({
        "weekly": [
            { "day": "monday", "from": "09:00", "to": "18:00" },
            { "day": "friday", "from": "22:00", "to": "06:00" },
            { "day": "sunday", "from": "00:00", "to": "24:00" },
        ],
        "holidays": [{ "date": "2026-12-25", "name": "Christmas Day" }, { "date": "2027-01-01", "name": null }],
    })
}

fn always() -> Value {
    let weekly: Vec<Value> = DAYS
        .iter()
        .map(|day| json!({ "day": day, "from": "00:00", "to": "24:00" }))
        .collect();
    json!({ "weekly": weekly })
}

/// The day on which the server was set up, by its own clock.
async fn today(admin: &Api) -> NaiveDate {
    let departments = data(admin.get(DEPARTMENTS).await, 200);
    departments[0]["createdAt"].as_str().unwrap()[..10].parse().unwrap()
}

/// Closed for the greatest part of a year to come.
async fn closed(admin: &Api) -> Value {
    let today = today(admin).await;
    let day = |ahead: i64| json!({ "date": (today + TimeDelta::days(ahead)).to_string() });
    json!({ "weekly": always()["weekly"], "holidays": (-2..300).map(day).collect::<Vec<_>>() })
}

async fn set(admin: &Api, body: Value) -> Value {
    data(admin.put(SETTINGS, &body).await, 200)
}

async fn hours_are_settled_read_back_and_removed(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let before = data(admin.get(SETTINGS).await, 200);
    assert_eq!(before["officeHours"], Value::Null);
    let after = set(&admin, json!({ "officeHours": hours(), "timezone": "Europe/Berlin" })).await;
    assert_eq!(after["officeHours"], hours());
    assert_eq!(after["timezone"], "Europe/Berlin");
    assert_eq!(data(admin.get(SETTINGS).await, 200), after);
    let renamed = set(&admin, json!({ "name": "Renamed" })).await;
    assert_eq!(renamed["officeHours"], hours());
    let replaced = set(&admin, json!({ "officeHours": always() })).await;
    assert_eq!(replaced["officeHours"]["holidays"], json!([]));
    let removed = set(&admin, json!({ "officeHours": null })).await;
    assert_eq!(removed["officeHours"], Value::Null);
}

async fn what_can_not_be_is_named_by_its_place(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let wrong = json!({
        "timezone": "Mars/Olympus",
        "officeHours": {
            "weekly": [
                { "day": "monday", "from": "09:00", "to": "18:00" },
                { "day": "Montag", "from": "9:00", "to": "24:01" },
                { "from": "24:00" },
            ],
            "holidays": [{ "date": "2026-02-30" }, {}],
        },
        "sla": { "targets": { "high": { "firstResponseMinutes": 0, "resolutionMinutes": 525_601 }, "asap": null },
            "warnPercent": 101 },
    });
    refused_fields(
        &admin.put(SETTINGS, &wrong).await,
        &[
            "timezone",
            "officeHours.weekly[1].day",
            "officeHours.weekly[1].from",
            "officeHours.weekly[1].to",
            "officeHours.weekly[2].day",
            "officeHours.weekly[2].from",
            "officeHours.weekly[2].to",
            "officeHours.holidays[0].date",
            "officeHours.holidays[1].date",
            "sla.targets.high.firstResponseMinutes",
            "sla.targets.high.resolutionMinutes",
            "sla.targets.asap",
            "sla.warnPercent",
        ],
    );
    let interval = json!({ "day": "monday", "from": "09:00", "to": "18:00" });
    let many = json!({ "officeHours": { "weekly": vec![interval; 101] } });
    refused_fields(&admin.put(SETTINGS, &many).await, &["officeHours.weekly"]);
    let holidays = vec![json!({ "date": "2026-12-25" }); 401];
    let many = json!({ "officeHours": { "weekly": always()["weekly"], "holidays": holidays } });
    refused_fields(&admin.put(SETTINGS, &many).await, &["officeHours.holidays"]);
    refused_fields(
        &admin.put(SETTINGS, &json!({ "officeHours": {} })).await,
        &["officeHours.weekly"],
    );
    for (wrong, field) in [
        (json!({ "officeHours": [] }), "officeHours"),
        (
            json!({ "officeHours": { "weekly": [["monday"]] } }),
            "officeHours.weekly[0]",
        ),
        (json!({ "sla": { "targets": { "low": [] } } }), "sla.targets.low"),
        (
            json!({ "sla": { "targets": { "low": { "nextResponseMinutes": -1 } } } }),
            "sla.targets.low.nextResponseMinutes",
        ),
    ] {
        refused_fields(&admin.put(SETTINGS, &wrong).await, &[field]);
    }
    assert_eq!(data(admin.get(SETTINGS).await, 200)["officeHours"], Value::Null);
}

async fn promises_are_settled_in_part_and_read_back(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let none = json!({ "firstResponseMinutes": null, "nextResponseMinutes": null, "resolutionMinutes": null });
    let nothing = json!({
        "targets": { "low": none, "normal": none, "high": none, "urgent": none }, "warnPercent": 80,
    });
    assert_eq!(data(admin.get(SETTINGS).await, 200)["sla"], nothing);
    let urgent = json!({ "firstResponseMinutes": 15, "nextResponseMinutes": 30, "resolutionMinutes": 240 });
    set(
        &admin,
        json!({ "sla": { "targets": { "urgent": urgent }, "warnPercent": 90 } }),
    )
    .await;
    let low = json!({ "sla": { "targets": { "low": { "resolutionMinutes": 525_600 } } } });
    let after = set(&admin, low).await;
    assert_eq!(after["sla"]["targets"]["urgent"], urgent);
    assert_eq!(after["sla"]["targets"]["low"]["resolutionMinutes"], 525_600);
    assert_eq!(after["sla"]["warnPercent"], 90);
    let fewer = json!({ "sla": { "targets": { "urgent": { "nextResponseMinutes": null }, "low": null } } });
    let after = set(&admin, fewer).await;
    let urgent = json!({ "firstResponseMinutes": 15, "nextResponseMinutes": null, "resolutionMinutes": 240 });
    assert_eq!(after["sla"]["targets"]["urgent"], urgent);
    assert_eq!(after["sla"]["targets"]["low"], none);
    assert_eq!(set(&admin, json!({ "sla": null })).await["sla"], nothing);
}

async fn what_was_read_can_be_sent_back(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let sla = json!({ "targets": { "high": { "firstResponseMinutes": 60 } }, "warnPercent": 75 });
    let read = set(&admin, json!({ "officeHours": hours(), "sla": sla })).await;
    let again = json!({ "officeHours": read["officeHours"], "sla": read["sla"], "timezone": read["timezone"] });
    assert_eq!(set(&admin, again).await, read);
}

async fn a_department_has_its_own_hours_or_the_tenants(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    set(&admin, json!({ "officeHours": always() })).await;
    let new = json!({ "name": "Returns", "slug": "returns", "officeHours": closed(&admin).await });
    let made = data(admin.post(DEPARTMENTS, &new).await, 201);
    assert_eq!(made["officeHours"]["weekly"], always()["weekly"]);
    let openings = async || {
        let rows = data(public.get("/api/v1/chat/departments").await, 200);
        let opening = |slug: &str| {
            let row = rows.as_array().unwrap().iter().find(|row| row["slug"] == slug);
            let opening = row.unwrap()["officeHours"].clone();
            assert_eq!(fields_of(&opening), ["isOpen", "nextOpening"].into());
            opening
        };
        (opening("sales"), opening("returns"))
    };
    let (sales, returns) = openings().await;
    assert_eq!(sales, json!({ "isOpen": true, "nextOpening": null }));
    assert_eq!(returns["isOpen"], false);
    let next = today(&admin).await + TimeDelta::days(300);
    assert_eq!(returns["nextOpening"], format!("{next}T00:00:00.000Z"));

    let id = &made["id"];
    let renamed = data(admin.put(DEPARTMENTS, &json!({ "id": id, "name": "Back" })).await, 200);
    assert_eq!(renamed["officeHours"], made["officeHours"]);
    let wrong = json!({ "id": id, "officeHours": { "weekly": [{ "day": "monday", "from": "x", "to": "18:00" }] } });
    refused_fields(&admin.put(DEPARTMENTS, &wrong).await, &["officeHours.weekly[0].from"]);
    let wrong = json!({ "name": "N", "slug": "n", "officeHours": { "weekly": [] } });
    refused_fields(&admin.post(DEPARTMENTS, &wrong).await, &["officeHours.weekly"]);
    let removed = json!({ "id": id, "officeHours": null });
    let removed = data(admin.put(DEPARTMENTS, &removed).await, 200);
    assert_eq!(removed["officeHours"], Value::Null);
    assert_eq!(openings().await.1, json!({ "isOpen": true, "nextOpening": null }));
}

async fn outside_office_hours_nobody_is_online(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let mara = world.agent(&admin, "mara").await;
    mara.goes_online().await;
    mara.sets_status("busy").await;
    let read = async |chat: &Chat| chat.read(&public).await;
    let open = Chat::open(&public, "Hello").await;
    assert_eq!(read(&open).await["adminOnline"], true);
    set(&admin, json!({ "officeHours": closed(&admin).await })).await;
    assert_eq!(read(&open).await["adminOnline"], false);
    let closed_chat = Chat::open(&public, "Anybody?").await;
    let chat = read(&closed_chat).await;
    assert_eq!(
        (&chat["status"], &chat["adminOnline"]),
        (&json!("WAITING"), &json!(false))
    );
    set(&admin, json!({ "officeHours": null })).await;
    eventually(SOON, async || {
        let chat = read(&closed_chat).await;
        (chat["status"] == "ACTIVE").then_some(())
    })
    .await;
    assert_eq!(read(&closed_chat).await["adminOnline"], true);
}

async fn hours_are_settled_by_admins_for_their_tenant_alone(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let body = json!({ "officeHours": hours() });
    refused(&world.public().put(SETTINGS, &body).await, 401, "UNAUTHENTICATED");
    let mara = world.agent(&admin, "mara").await;
    refused(&mara.api.put(SETTINGS, &body).await, 403, "FORBIDDEN");
    let acme = world.tenant("acme").await;
    set(&admin, body).await;
    assert_eq!(
        data(acme.admin.api.get(SETTINGS).await, 200)["officeHours"],
        Value::Null
    );
}
