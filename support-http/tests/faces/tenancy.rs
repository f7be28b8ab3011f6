//! Which tenant a public call is meant for, and which pages may call.

use serde_json::json;
use support_core::{
    desk::{Desk, NewDepartment, Scope},
    memory::MemoryStore,
    model::Role,
};
use support_http::{SupportState, router};

use crate::world::{Answer, Call, World, settings};

type Headers<'h> = &'h [(&'h str, &'h str)];

/// Public calls answer with a department that only their tenant has.
async fn world() -> World {
    let world = World::new().await;
    for tenant in [&world.acme, &world.other] {
        let new = NewDepartment {
            name: format!("Only {}", tenant.slug),
            slug: format!("only-{}", tenant.slug),
            sort_order: Some(-1),
            ..NewDepartment::default()
        };
        world
            .desk
            .create_department(&Scope::system(tenant.id), new)
            .await
            .unwrap();
    }
    world
}

async fn departments(world: &World, headers: Headers<'_>, query: &str) -> Answer {
    let call = Call::new("GET", &format!("/api/v1/chat/departments{query}"));
    let call = headers
        .iter()
        .fold(call, |call, (name, value)| call.header(name, value));
    world.call(call).await
}

#[tokio::test]
async fn a_public_call_finds_its_tenant() {
    let world = world().await;
    let found: [(Headers<'_>, &str, &str); 8] = [
        (
            &[("x-widget-domain", "https://Shop.Example:8443/cart")],
            "",
            "only-acme",
        ),
        (
            &[("x-widget-domain", "other.example"), ("origin", "https://shop.example")],
            "",
            "only-other",
        ),
        (&[("origin", "https://shop.example")], "", "only-acme"),
        (
            &[("origin", "https://shop.example"), ("x-tenant", "other")],
            "",
            "only-acme",
        ),
        (
            &[("origin", "https://nobodys.example"), ("x-tenant", "other")],
            "",
            "only-other",
        ),
        (&[("origin", "null"), ("x-tenant", "other")], "", "only-other"),
        (&[("x-tenant", "acme")], "", "only-acme"),
        (&[], "?tenant=other", "only-other"),
    ];
    for (headers, query, slug) in found {
        let answer = departments(&world, headers, query).await.expect(200);
        assert_eq!(answer["data"][0]["slug"], slug, "{headers:?}{query}");
    }
}

#[tokio::test]
async fn a_public_call_that_is_meant_for_nobody_is_told_so() {
    let world = world().await;
    let nobodys: [Headers<'_>; 4] = [
        &[],
        &[("origin", "https://nobodys.example")],
        &[("x-tenant", "nobodys")],
        &[("x-widget-domain", "nobodys.example")],
    ];
    for headers in nobodys {
        departments(&world, headers, "").await.refused(404, "TENANT_NOT_FOUND");
    }
    departments(&world, &[], "?tenant=%00")
        .await
        .refused(404, "TENANT_NOT_FOUND");
}

#[tokio::test]
async fn a_single_tenant_gets_every_public_call() {
    let desk = Desk::builder(MemoryStore::new()).build();
    let app = router(SupportState::new(desk.clone(), settings()));
    let call = Call::new("GET", "/api/v1/chat/departments").header("origin", "https://nobodys.example");
    call.clone().to(&app).await.refused(404, "TENANT_NOT_FOUND");
    let new = support_core::desk::NewTenant {
        slug: "default".to_owned(),
        name: "Default".to_owned(),
        timezone: "UTC".to_owned(),
        domains: Vec::new(),
        admin: support_core::desk::FirstAdmin {
            name: "First".to_owned(),
            email: "first@default.example".to_owned(),
            password: crate::world::PASSWORD.to_owned(),
        },
    };
    let nobody = Scope::system(support_core::model::TenantId::new(uuid::Uuid::nil()));
    desk.create_tenant(&nobody, new).await.unwrap();
    let answer = call.to(&app).await;
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("https://nobodys.example")
    );
    assert_eq!(answer.expect(200)["data"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_shut_tenant_is_nobody() {
    let world = world().await;
    let (_, operator) = world.agent(Role::Platform).await;
    let (_, admin) = world.agent_of(&world.other, Role::Admin).await;
    let path = format!("/api/v1/platform/tenants?id={}", world.other.id);
    world
        .call(Call::new("DELETE", &path).token(&operator))
        .await
        .expect(200);
    departments(&world, &[("x-tenant", "other")], "")
        .await
        .refused(404, "TENANT_NOT_FOUND");
    world.get("/api/auth/me", &admin).await.refused(401, "UNAUTHENTICATED");
    world
        .login("first@other.example", crate::world::PASSWORD)
        .await
        .refused(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn pages_of_the_tenants_domains_may_call_and_others_may_not() {
    let world = world().await;
    for (origin, is_allowed) in [
        ("https://shop.example", true),
        ("https://shop.example:8443", true),
        ("https://other.example", true),
        ("http://127.0.0.1:8080", true),
        ("https://nobodys.example", false),
        ("https://shop.example.evil.example", false),
        ("null", false),
    ] {
        let answer = departments(&world, &[("origin", origin), ("x-tenant", "acme")], "").await;
        let allowed = answer.header("access-control-allow-origin");
        assert_eq!(allowed, is_allowed.then_some(origin), "{origin}");
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert!(answer.header("vary").unwrap().to_lowercase().contains("origin"));
    }
}

#[tokio::test]
async fn browsers_may_ask_beforehand() {
    let world = world().await;
    let ask = |origin: &str| {
        let call = Call::new("OPTIONS", "/api/customers")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,content-type,idempotency-key,x-tenant",
            );
        world.call(call)
    };
    let answer = ask("https://shop.example").await;
    assert!(answer.status.is_success());
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("https://shop.example")
    );
    let headers = answer.header("access-control-allow-headers").unwrap();
    assert!(
        headers.contains("idempotency-key") && headers.contains("authorization"),
        "{headers}"
    );
    assert!(answer.header("access-control-allow-methods").unwrap().contains("PATCH"));
    let answer = ask("https://nobodys.example").await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn configured_origins_stand_in_for_the_tenants_domains() {
    let mut settings = settings();
    settings.cors_origins = vec!["https://App.example".to_owned()];
    let world = World::with(settings).await;
    for (origin, is_allowed) in [("https://app.example", true), ("https://shop.example", false)] {
        let answer = world.call(Call::new("GET", "/healthz").header("origin", origin)).await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            is_allowed.then_some(origin)
        );
    }
}

#[tokio::test]
async fn refusals_can_be_read_by_the_page_that_called() {
    let world = world().await;
    let call = Call::new("POST", "/api/auth/login").header("origin", "https://shop.example");
    let answer = world.call(call.json(&json!({}))).await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("https://shop.example")
    );
    let exposed = answer.header("access-control-expose-headers").unwrap();
    assert!(
        exposed.contains("x-request-id") && exposed.contains("retry-after"),
        "{exposed}"
    );
}
