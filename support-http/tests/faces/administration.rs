//! What admins, servers and operators do.

use serde_json::{Value, json};
use support_core::model::Role;

use crate::world::{Call, PASSWORD, World};

#[tokio::test]
async fn customers_are_added_found_changed_and_removed() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let kim = json!({"name": "Kim", "email": "Kim@Mail.example", "phone": "+49 30 1234567", "externalId": "crm-1"});
    let made = world.send("POST", "/api/customers", &admin, &kim).await.expect(201);
    assert_eq!(made["email"], "kim@mail.example");
    assert_eq!(made["externalId"], "crm-1");
    assert_eq!(made["createdAt"], "2023-11-14T22:13:20.000Z");
    assert!(made.get("password").is_none());
    world
        .send("POST", "/api/customers", &admin, &kim)
        .await
        .refused(409, "CONFLICT");

    let path = format!("/api/customers/{}", made["id"].as_str().unwrap());
    assert_eq!(world.get(&path, &admin).await.expect(200), made);
    let changed = world
        .send("PATCH", &path, &admin, &json!({"name": "Kim Lee"}))
        .await
        .expect(200);
    assert_eq!(
        (&changed["name"], &changed["phone"]),
        (&json!("Kim Lee"), &made["phone"])
    );

    let lee = json!({"name": "Lee", "email": "lee@mail.example"});
    world.send("POST", "/api/customers", &admin, &lee).await.expect(201);
    let found = world.get("/api/customers?q=kim&limit=1", &admin).await.expect(200);
    assert_eq!(found["customers"][0]["name"], "Kim Lee");
    let expected = json!({"currentPage": 1, "totalPages": 1, "totalItems": 1, "itemsPerPage": 1,
        "hasNextPage": false, "hasPrevPage": false});
    assert_eq!(found["pagination"], expected);
    let second = world.get("/api/customers?page=2&limit=1", &admin).await.expect(200);
    assert_eq!(second["pagination"]["hasPrevPage"], json!(true));

    world.call(Call::new("DELETE", &path).token(&admin)).await.expect(204);
    world.get(&path, &admin).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_customer_must_have_a_name_and_an_address() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let answer = world
        .send(
            "POST",
            "/api/customers",
            &admin,
            &json!({"phone": "call me", "password": "short"}),
        )
        .await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.fields(), ["name", "email", "phone", "password"]);
}

#[tokio::test]
async fn what_belongs_to_another_tenant_is_not_found() {
    let world = World::new().await;
    let (agent, admin) = world.agent(Role::Admin).await;
    let (_, stranger) = world.agent_of(&world.other, Role::Admin).await;
    let kim = json!({"name": "Kim", "email": "kim@mail.example"});
    let kim = world.send("POST", "/api/customers", &admin, &kim).await.expect(201);
    let bot = json!({"name": "Bot", "admin_email": "bot@acme.example"});
    let bot = world.send("POST", "/api/chatbots", &admin, &bot).await.expect(201);
    let departments = world.get("/api/v1/admin/chat/departments", &admin).await.expect(200);
    let key = json!({"name": "crm", "scopes": ["tickets"]});
    let key = world
        .send("POST", "/api/v1/admin/api-keys", &admin, &key)
        .await
        .expect(201);
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let (customer, chatbot) = (
        format!("/api/customers/{}", id(&kim)),
        format!("/api/chatbots/{}", id(&bot)),
    );
    let person = format!("/api/agents/{}", agent.id);
    let department = id(&departments["data"][0]);
    let team = "/api/v1/admin/chat/departments";
    let calls = [
        Call::new("GET", &customer),
        Call::new("PATCH", &customer).json(&json!({"name": "Mine"})),
        Call::new("DELETE", &customer),
        Call::new("GET", &chatbot),
        Call::new("PUT", &chatbot).json(&json!({"name": "Mine"})),
        Call::new("DELETE", &chatbot),
        Call::new("GET", &person),
        Call::new("PATCH", &person).json(&json!({"name": "Mine"})),
        Call::new("DELETE", &person),
        Call::new("PATCH", &format!("{person}/status")).json(&json!({"status": "offline"})),
        Call::new("PUT", team).json(&json!({"id": department, "name": "Mine"})),
        Call::new("DELETE", &format!("{team}?id={department}")),
        Call::new("DELETE", &format!("/api/v1/admin/api-keys?id={}", id(&key["data"]))),
    ];
    for call in calls {
        world.call(call.token(&stranger)).await.refused(404, "NOT_FOUND");
    }
    let lists = [
        "/api/customers",
        "/api/agents",
        "/api/chatbots",
        "/api/v1/admin/events?limit=100",
    ];
    for list in lists {
        let answer = world.get(list, &stranger).await;
        for own in [id(&kim), id(&bot), agent.id.to_string()] {
            assert!(!answer.text.contains(&own), "{list} shows {own}");
        }
    }
}

#[tokio::test]
async fn agents_are_added_listed_changed_and_deactivated() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let mara = json!({"name": "Mara", "email": "mara@acme.example", "password": PASSWORD, "role": "agent",
        "department": "sales", "departments": ["general", "sales"], "skills": ["rust"], "languages": ["de", "en"]});
    let made = world.send("POST", "/api/agents", &admin, &mara).await.expect(201)["data"]["agent"].clone();
    assert_eq!(made["department"], "sales");
    assert_eq!(made["departments"], json!(["sales", "general"]));
    assert_eq!((&made["status"], &made["role"]), (&json!("offline"), &json!("agent")));
    assert_eq!(
        (&made["maxConcurrentTickets"], &made["activeTicketsCount"]),
        (&json!(5), &json!(0))
    );
    assert_eq!(made["agentId"], made["id"]);
    assert!(!made.to_string().contains("password"));

    let path = format!("/api/agents/{}", made["id"].as_str().unwrap());
    assert_eq!(world.get(&path, &admin).await.expect(200)["data"]["agent"], made);
    let found = world
        .get("/api/agents?department=sales&status=offline&isActive=true", &admin)
        .await
        .expect(200);
    assert_eq!(found["data"]["agents"], json!([made]));

    let change = json!({"role": "supervisor", "maxConcurrentTickets": 2, "departments": []});
    let changed = world.send("PATCH", &path, &admin, &change).await.expect(200)["data"]["agent"].clone();
    assert_eq!(
        (&changed["role"], &changed["departments"]),
        (&json!("supervisor"), &json!([]))
    );
    assert_eq!(
        (&changed["name"], &changed["skills"]),
        (&json!("Mara"), &json!(["rust"]))
    );
    world
        .send("PATCH", &path, &admin, &json!({"role": "platform"}))
        .await
        .refused(400, "VALIDATION_ERROR");
    world
        .send("POST", "/api/agents", &admin, &mara)
        .await
        .refused(409, "CONFLICT");

    let gone = world.call(Call::new("DELETE", &path).token(&admin)).await.expect(200);
    assert_eq!(gone["data"]["agent"]["isActive"], json!(false));
}

#[tokio::test]
async fn the_last_admin_stays() {
    let world = World::new().await;
    let login = world.login("first@acme.example", PASSWORD).await.expect(200);
    let path = format!("/api/agents/{}", login["user"]["id"].as_str().unwrap());
    let call = Call::new("DELETE", &path).token(login["token"].as_str().unwrap());
    world.call(call).await.refused(409, "CONFLICT");
}

#[tokio::test]
async fn agents_choose_for_themselves_and_supervisors_for_all() {
    let world = World::new().await;
    let (agent, own) = world.agent(Role::Agent).await;
    let (_, colleague) = world.agent(Role::Agent).await;
    let (_, supervisor) = world.agent(Role::Supervisor).await;
    let path = format!("/api/agents/{}/status", agent.id);
    for (token, status) in [(&own, "available"), (&supervisor, "away")] {
        let chosen = world
            .send("PATCH", &path, token, &json!({"status": status}))
            .await
            .expect(200);
        assert_eq!(chosen["data"]["agent"]["status"], status);
    }
    world
        .send("PATCH", &path, &colleague, &json!({"status": "offline"}))
        .await
        .refused(403, "FORBIDDEN");
    let answer = world.send("PATCH", &path, &own, &json!({"status": "asleep"})).await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.fields(), ["status"]);
    world
        .send("PATCH", &path, &own, &json!({}))
        .await
        .refused(400, "VALIDATION_ERROR");
}

#[tokio::test]
async fn chatbots_are_bare_objects_in_snake_case() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let bot = json!({"name": "Bot", "admin_email": "bot@acme.example", "allowed_origins": ["https://shop.example"]});
    let made = world.send("POST", "/api/chatbots", &admin, &bot).await.expect(201);
    assert_eq!(made["admin_email"], "bot@acme.example");
    assert_eq!(made["allowed_origins"], json!(["https://shop.example"]));
    assert_eq!(world.get("/api/chatbots", &admin).await.expect(200), json!([made]));
    let path = format!("/api/chatbots/{}", made["id"].as_str().unwrap());
    let changed = world
        .send("PUT", &path, &admin, &json!({"name": "Robot"}))
        .await
        .expect(200);
    assert_eq!(
        (&changed["name"], &changed["admin_email"]),
        (&json!("Robot"), &made["admin_email"])
    );
    let answer = world.send("PUT", &path, &admin, &json!({"admin_email": ""})).await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.fields(), ["admin_email"]);
    world.call(Call::new("DELETE", &path).token(&admin)).await.expect(204);
    world.get(&path, &admin).await.refused(404, "NOT_FOUND");
    assert_eq!(world.get("/api/chatbots", &admin).await.expect(200), json!([]));
}

#[tokio::test]
async fn departments_are_managed_by_admins_and_chosen_from_by_visitors() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let path = "/api/v1/admin/chat/departments";
    let new = json!({"name": "Returns", "slug": "returns", "email": "returns@acme.example", "sortOrder": -1});
    let made = world.send("POST", path, &admin, &new).await.expect(201)["data"].clone();
    assert_eq!((&made["isActive"], &made["sortOrder"]), (&json!(true), &json!(-1)));
    world.send("POST", path, &admin, &new).await.refused(409, "CONFLICT");
    let listed = world.get(path, &admin).await.expect(200);
    assert_eq!(listed["data"][0], made);
    assert_eq!(listed["data"].as_array().unwrap().len(), 5);

    let choices = || world.call(Call::new("GET", "/api/v1/chat/departments").header("x-tenant", "acme"));
    let first = choices().await.expect(200)["data"][0].clone();
    assert_eq!(
        first,
        json!({"name": "Returns", "slug": "returns", "description": null,
            "officeHours": {"isOpen": true, "nextOpening": null}})
    );
    let change = json!({"id": made["id"], "isActive": false});
    let changed = world.send("PUT", path, &admin, &change).await.expect(200);
    assert_eq!(changed["data"]["isActive"], json!(false));
    assert_eq!(choices().await.expect(200)["data"].as_array().unwrap().len(), 4);

    let id = made["id"].as_str().unwrap();
    let remove = |query: String| world.call(Call::new("DELETE", &format!("{path}?{query}")).token(&admin));
    let answer = remove(format!("id={id}&moveTo={id}")).await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.fields(), ["moveTo"]);
    assert_eq!(remove(format!("id={id}")).await.expect(200)["data"]["id"], made["id"]);
    remove(format!("id={id}")).await.refused(404, "NOT_FOUND");
    let answer = remove(String::new()).await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.fields(), ["id"]);
}

#[tokio::test]
async fn presence_tells_who_is_online() {
    let world = World::new().await;
    let (agent, token) = world.agent(Role::Agent).await;
    let path = "/api/v1/admin/presence";
    assert_eq!(
        world.get(path, &token).await.expect(200)["data"],
        json!({"onlineAdmins": [], "count": 0})
    );
    let here = json!({"isOnline": true, "department": "sales", "socketId": "ignored"});
    let told = world.send("POST", path, &token, &here).await.expect(200)["data"]["presence"].clone();
    let expected = json!({"userId": agent.id, "isOnline": true, "lastSeenAt": "2023-11-14T22:13:20.000Z",
        "department": "sales", "user": {"name": agent.name, "email": agent.email, "role": "agent"}});
    assert_eq!(told, expected);
    let online = world.get(path, &token).await.expect(200)["data"].clone();
    assert_eq!(online, json!({"onlineAdmins": [expected], "count": 1}));
    let left = world
        .send("POST", path, &token, &json!({"isOnline": false}))
        .await
        .expect(200);
    assert_eq!(left["data"]["presence"]["isOnline"], json!(false));
    assert_eq!(world.get(path, &token).await.expect(200)["data"]["count"], json!(0));
    let answer = world.send("POST", path, &token, &json!({})).await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.fields(), ["isOnline"]);
}

#[tokio::test]
async fn settings_are_changed_in_parts() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let path = "/api/v1/admin/settings";
    let before = world.get(path, &admin).await.expect(200)["data"].clone();
    assert_eq!(
        (&before["slug"], &before["timezone"]),
        (&json!("acme"), &json!("Europe/Berlin"))
    );
    assert_eq!(
        before["assignment"],
        json!({"automatic": true, "acceptTimeoutSeconds": null})
    );
    let part = json!({"branding": {"name": "Acme", "color": "#AA00ff"}, "assignment": {"automatic": false, "acceptTimeoutSeconds": 60}});
    let after = world.send("PUT", path, &admin, &part).await.expect(200)["data"].clone();
    assert_eq!(after["branding"]["greeting"], before["branding"]["greeting"]);
    assert_eq!(
        (&after["branding"]["name"], &after["branding"]["color"]),
        (&json!("Acme"), &json!("#AA00ff"))
    );
    assert_eq!(
        after["assignment"],
        json!({"automatic": false, "acceptTimeoutSeconds": 60})
    );
    assert_eq!(
        (&after["name"], &after["domains"]),
        (&before["name"], &before["domains"])
    );
    let part = json!({"branding": {"name": null}, "name": "Acme Ltd", "domains": ["https://New.example"]});
    let after = world.send("PUT", path, &admin, &part).await.expect(200)["data"].clone();
    assert_eq!(
        (&after["branding"]["name"], &after["name"]),
        (&Value::Null, &json!("Acme Ltd"))
    );
    assert_eq!(after["domains"], json!(["new.example"]));

    let answer = world
        .send("PUT", path, &admin, &json!({"branding": {"color": "red"}}))
        .await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.fields(), ["branding.color"]);
    for seconds in [9, 86_401, 0] {
        let part = json!({"assignment": {"acceptTimeoutSeconds": seconds}});
        let answer = world.send("PUT", path, &admin, &part).await;
        answer.refused(400, "VALIDATION_ERROR");
        assert_eq!(answer.fields(), ["assignment.acceptTimeoutSeconds"]);
    }
    let part = json!({"assignment": {"acceptTimeoutSeconds": null}});
    let after = world.send("PUT", path, &admin, &part).await.expect(200)["data"].clone();
    assert_eq!(
        after["assignment"],
        json!({"automatic": false, "acceptTimeoutSeconds": null})
    );
    let answer = world
        .send("PUT", path, &admin, &json!({"timezone": "Mars/Olympus"}))
        .await;
    assert_eq!(answer.fields(), ["timezone"]);
    let claimed = json!({"domains": ["other.example"]});
    world.send("PUT", path, &admin, &claimed).await.refused(409, "CONFLICT");
}

#[tokio::test]
async fn operators_manage_tenants_and_see_nothing_of_them() {
    let world = World::new().await;
    let (_, operator) = world.agent(Role::Platform).await;
    let path = "/api/v1/platform/tenants";
    let new = json!({"slug": "third", "name": "Third", "timezone": "America/Lima", "domains": ["third.example"],
        "admin": {"name": "Ada", "email": "ada@third.example", "password": PASSWORD}});
    let made = world.send("POST", path, &operator, &new).await.expect(201)["data"]["tenant"].clone();
    assert_eq!((&made["slug"], &made["isActive"]), (&json!("third"), &json!(true)));
    world.send("POST", path, &operator, &new).await.refused(409, "CONFLICT");
    let answer = world.send("POST", path, &operator, &json!({"slug": "No!"})).await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(
        answer.fields(),
        ["slug", "name", "admin.name", "admin.email", "admin.password"]
    );

    let listed = world
        .get("/api/v1/platform/tenants?limit=2&page=2", &operator)
        .await
        .expect(200)["data"]
        .clone();
    assert_eq!(listed["tenants"], json!([made]));
    assert_eq!(listed["pagination"]["totalItems"], json!(3));
    let change = json!({"id": made["id"], "name": "The third"});
    let changed = world.send("PATCH", path, &operator, &change).await.expect(200);
    assert_eq!(changed["data"]["tenant"]["name"], "The third");
    let ada = world.login("ada@third.example", PASSWORD).await.expect(200);
    assert_eq!(ada["user"]["role"], "admin");

    let shut = format!("{path}?id={}", made["id"].as_str().unwrap());
    let shut = world
        .call(Call::new("DELETE", &shut).token(&operator))
        .await
        .expect(200);
    assert_eq!(shut["data"]["tenant"]["isActive"], json!(false));
    let unknown = json!({"id": "00000000-0000-7000-8000-00000000dead"});
    world
        .send("PATCH", path, &operator, &unknown)
        .await
        .refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn the_journal_tells_admins_who_did_what_a_part_at_a_time() {
    let world = World::new().await;
    let (admin, token) = world.agent(Role::Admin).await;
    let kim = json!({"name": "Kim", "email": "kim@mail.example"});
    let kim = world.send("POST", "/api/customers", &token, &kim).await.expect(201);
    world
        .call(Call::new("POST", "/api/auth/logout").token(&world.token(world.acme.id, &admin)))
        .await
        .expect(204);

    let only = world
        .get("/api/v1/admin/events?kind=customer_saved", &token)
        .await
        .expect(200)["data"]
        .clone();
    let event = &only["events"][0];
    assert_eq!(event["payload"], json!({"customer": kim["id"]}));
    assert_eq!(event["actor"], json!({"kind": "agent", "id": admin.id}));
    assert_eq!(only["nextCursor"], Value::Null);

    let mut seen = Vec::new();
    let mut cursor = json!("");
    while let Some(place) = cursor.as_str() {
        let path = format!("/api/v1/admin/events?limit=2&cursor={place}");
        let part = world.get(&path, &token).await.expect(200)["data"].clone();
        seen.extend(
            part["events"]
                .as_array()
                .unwrap()
                .iter()
                .map(|event| event["seq"].as_u64().unwrap()),
        );
        cursor = part["nextCursor"].clone();
    }
    let expected: Vec<u64> = (1..=u64::try_from(seen.len()).unwrap()).collect();
    assert!(seen.len() >= 3);
    assert_eq!(seen, expected);
    for wrong in ["after=-1", "after=99999999999999999999", "cursor=x", "limit=0"] {
        world
            .get(&format!("/api/v1/admin/events?{wrong}"), &token)
            .await
            .refused(400, "VALIDATION_ERROR");
    }
}
