//! Getting in, staying in, and being kept out.

use std::time::Duration;

use crate::world::{Call, PASSWORD, SECRET, World, settings};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use support_core::model::{Agent, ApiScope, Role};
use support_http::JwtSettings;

const PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIArgJR84K8jb825PWUxibFcMt+U/EY760yzwrFnEbI8m
-----END PRIVATE KEY-----";
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAmOB+JtwsqnlG92ikrhHT199HVCor4678sDzwUmmixC4=
-----END PUBLIC KEY-----";

/// The claims that a login would give this agent.
fn claims(world: &World, agent: &Agent) -> Value {
    let now = world.desk.now().millis() / 1_000;
    json!({
        "iss": "support", "aud": "support", "sub": agent.id, "role": agent.role, "tenant_id": world.acme.id,
        "jti": "01890000-0000-7000-8000-000000000001", "iat": now, "exp": now + 3_600,
    })
}

fn signed(claims: &Value, algorithm: Algorithm, key: &EncodingKey) -> String {
    encode(&Header::new(algorithm), claims, key).unwrap()
}

fn signed_by_secret(claims: &Value) -> String {
    signed(claims, Algorithm::HS256, &EncodingKey::from_secret(SECRET.as_bytes()))
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

#[tokio::test]
async fn a_login_gives_a_token_that_opens_the_callers_own_account() {
    let world = World::new().await;
    let login = world.login("first@acme.example", PASSWORD).await.expect(200);
    assert_eq!(login["user"]["email"], "first@acme.example");
    assert_eq!(login["user"]["role"], "admin");
    assert_eq!(login["user"]["tenantId"], json!(world.acme.id));
    assert!(login["user"].get("customerId").is_none());
    assert_eq!(login["expiresAt"], "2023-11-15T10:13:20.000Z");
    let me = world
        .get("/api/auth/me", login["token"].as_str().unwrap())
        .await
        .expect(200);
    assert_eq!(me["user"], login["user"]);
}

#[tokio::test]
async fn a_customer_logs_in_and_is_told_their_customer_id() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let kim = json!({"name": "Kim", "email": "kim@mail.example", "password": PASSWORD});
    let customer = world.send("POST", "/api/customers", &admin, &kim).await.expect(201);
    let login = world.login("kim@mail.example", PASSWORD).await.expect(200);
    assert_eq!(login["user"]["role"], "customer");
    assert_eq!(login["user"]["customerId"], customer["id"]);
}

#[tokio::test]
async fn wrong_logins_get_one_answer_whether_the_account_exists_or_not() {
    let world = World::new().await;
    let wrong = world.login("first@acme.example", "not the password").await;
    let unknown = world.login("nobody@acme.example", "not the password").await;
    wrong.refused(401, "UNAUTHENTICATED");
    assert_eq!(wrong.json, unknown.json);
    let body = json!({"email": "first@acme.example", "password": PASSWORD, "tenant": "nobodys"});
    let astray = world.call(Call::new("POST", "/api/auth/login").json(&body)).await;
    assert_eq!(wrong.json, astray.json);
}

#[tokio::test]
async fn a_login_names_all_missing_fields_at_once() {
    let world = World::new().await;
    let answer = world.call(Call::new("POST", "/api/auth/login").json(&json!({}))).await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.fields(), ["email", "password"]);
}

#[tokio::test]
async fn a_login_can_name_its_tenant() {
    let world = World::new().await;
    let login = |tenant: &str| {
        let body = json!({"email": "first@other.example", "password": PASSWORD, "tenant": tenant});
        world.call(Call::new("POST", "/api/auth/login").json(&body))
    };
    let found = login("other").await.expect(200);
    assert_eq!(found["user"]["tenantId"], json!(world.other.id));
    login("acme").await.refused(401, "UNAUTHENTICATED");
    login("\u{0}").await.refused(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn ten_failures_lock_an_address_out_for_a_quarter_of_an_hour() {
    let world = World::new().await;
    for _ in 0..10 {
        world
            .login("first@acme.example", "not the password")
            .await
            .refused(401, "UNAUTHENTICATED");
    }
    let locked = world.login("first@acme.example", PASSWORD).await;
    locked.refused(429, "RATE_LIMITED");
    assert_eq!(locked.header("retry-after"), Some("900"));
    world.clock.advance(Duration::from_secs(15 * 60));
    world.login("first@acme.example", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn calls_without_a_good_credential_are_not_authenticated() {
    let world = World::new().await;
    for credential in [
        "",
        "Bearer",
        "Bearer ",
        "Basic Zmlyc3Q6c2VjcmV0",
        "Bearer nonsense",
        "Bearer a.b.c",
        "Bearer sk_unknown",
    ] {
        let answer = world
            .call(Call::new("GET", "/api/auth/me").header("authorization", credential))
            .await;
        answer.refused(401, "UNAUTHENTICATED");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
}

#[tokio::test]
async fn a_token_is_taken_only_if_everything_about_it_is_right() {
    let world = World::new().await;
    let (agent, _) = world.agent(Role::Agent).await;
    let good = claims(&world, &agent);
    let now = good["iat"].as_i64().unwrap();
    world.get("/api/auth/me", &signed_by_secret(&good)).await.expect(200);

    let another_secret = EncodingKey::from_secret(b"another secret of at least 32 bytes");
    let secret = EncodingKey::from_secret(SECRET.as_bytes());
    let public_as_secret = EncodingKey::from_secret(PUBLIC_KEY.as_bytes());
    let forged = [
        ("another secret", signed(&good, Algorithm::HS256, &another_secret)),
        ("another algorithm", signed(&good, Algorithm::HS512, &secret)),
        (
            "a public key as secret",
            signed(&good, Algorithm::HS256, &public_as_secret),
        ),
        ("no algorithm", unsigned(&good)),
        (
            "another issuer",
            signed_by_secret(&with(good.clone(), "iss", json!("another"))),
        ),
        (
            "another audience",
            signed_by_secret(&with(good.clone(), "aud", json!("another"))),
        ),
        ("expired", signed_by_secret(&with(good.clone(), "exp", json!(now)))),
        (
            "from the future",
            signed_by_secret(&with(good.clone(), "iat", json!(now + 3_000))),
        ),
        (
            "not yet good",
            signed_by_secret(&with(good.clone(), "nbf", json!(now + 3_000))),
        ),
        (
            "somebody unknown",
            signed_by_secret(&with(good.clone(), "sub", json!(world.acme.id))),
        ),
        (
            "another tenant",
            signed_by_secret(&with(good.clone(), "tenant_id", json!(world.other.id))),
        ),
        (
            "no tenant",
            signed_by_secret(&with(good.clone(), "tenant_id", Value::Null)),
        ),
        ("no expiry", signed_by_secret(&with(good.clone(), "exp", Value::Null))),
    ];
    for (what, token) in forged {
        let answer = world.get("/api/auth/me", &token).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.text);
    }
}

/// The token with `alg: none` and no signature.
fn unsigned(claims: &Value) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    format!("{header}.{}.", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

#[tokio::test]
async fn the_role_in_a_token_gives_nobody_more_than_they_have() {
    let world = World::new().await;
    let (agent, _) = world.agent(Role::Agent).await;
    let claimed = signed_by_secret(&with(claims(&world, &agent), "role", json!("admin")));
    assert_eq!(
        world.get("/api/auth/me", &claimed).await.expect(200)["user"]["role"],
        "agent"
    );
    world.get("/api/customers", &claimed).await.refused(403, "FORBIDDEN");
    let customer = signed_by_secret(&with(claims(&world, &agent), "role", json!("customer")));
    world.get("/api/auth/me", &customer).await.refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn tokens_of_another_issuer_are_taken_by_its_public_key_and_no_other_algorithm() {
    let mut settings = settings();
    settings.jwt = JwtSettings::new(SECRET).unwrap().public_key(PUBLIC_KEY).unwrap();
    let world = World::with(settings).await;
    let (agent, own) = world.agent(Role::Agent).await;
    let mut foreign = claims(&world, &agent);
    foreign["jti"] = json!("not a uuid");
    let key = EncodingKey::from_ed_pem(PRIVATE_KEY.as_bytes()).unwrap();
    let token = signed(&foreign, Algorithm::EdDSA, &key);
    world.get("/api/auth/me", &token).await.expect(200);
    world.get("/api/auth/me", &own).await.expect(200);
    let confused = signed(
        &foreign,
        Algorithm::HS256,
        &EncodingKey::from_secret(PUBLIC_KEY.as_bytes()),
    );
    world
        .get("/api/auth/me", &confused)
        .await
        .refused(401, "UNAUTHENTICATED");
    world
        .call(Call::new("POST", "/api/auth/logout").token(&token))
        .await
        .expect(204);
    world.get("/api/auth/me", &token).await.refused(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn unusable_keys_are_refused_at_the_start() {
    assert!(JwtSettings::new("short").is_err());
    assert!(JwtSettings::new(SECRET).unwrap().public_key("no key").is_err());
}

#[tokio::test]
async fn a_token_ends_after_twelve_hours_and_a_renewed_one_later() {
    let world = World::new().await;
    let (_, token) = world.agent(Role::Agent).await;
    world.clock.advance(Duration::from_secs(11 * 3_600));
    let renewed = world
        .call(Call::new("POST", "/api/auth/refresh").token(&token))
        .await
        .expect(200);
    world.clock.advance(Duration::from_secs(3_600));
    world.get("/api/auth/me", &token).await.refused(401, "UNAUTHENTICATED");
    world
        .get("/api/auth/me", renewed["token"].as_str().unwrap())
        .await
        .expect(200);
}

#[tokio::test]
async fn logging_out_ends_that_token_only() {
    let world = World::new().await;
    let (agent, token) = world.agent(Role::Agent).await;
    let second = world.token(world.acme.id, &agent);
    world
        .call(Call::new("POST", "/api/auth/logout").token(&token))
        .await
        .expect(204);
    world.get("/api/auth/me", &token).await.refused(401, "UNAUTHENTICATED");
    world.get("/api/auth/me", &second).await.expect(200);
}

#[tokio::test]
async fn a_new_password_ends_all_earlier_tokens_and_gives_a_new_one() {
    let world = World::new().await;
    let (agent, token) = world.agent(Role::Agent).await;
    let earlier = world.token(world.acme.id, &agent);
    let change = |current: &str, new: &str| json!({"currentPassword": current, "newPassword": new});

    let answer = world
        .send(
            "POST",
            "/api/auth/password",
            &token,
            &change("wrong one", "another long one"),
        )
        .await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.fields(), ["currentPassword"]);
    let answer = world
        .send("POST", "/api/auth/password", &token, &change(PASSWORD, "short"))
        .await;
    assert_eq!(answer.fields(), ["newPassword"]);

    world.clock.advance(Duration::from_secs(1));
    let answer = world
        .send(
            "POST",
            "/api/auth/password",
            &token,
            &change(PASSWORD, "another long one"),
        )
        .await;
    let renewed = answer.expect(200);
    for void in [&token, &earlier] {
        world.get("/api/auth/me", void).await.refused(401, "UNAUTHENTICATED");
    }
    world
        .get("/api/auth/me", renewed["token"].as_str().unwrap())
        .await
        .expect(200);
    world
        .login(&agent.email, PASSWORD)
        .await
        .refused(401, "UNAUTHENTICATED");
    world.login(&agent.email, "another long one").await.expect(200);
}

#[tokio::test]
async fn the_token_that_changed_the_password_is_void_within_the_same_second() {
    let world = World::new().await;
    let (_, token) = world.agent(Role::Agent).await;
    let change = json!({"currentPassword": PASSWORD, "newPassword": "another long one"});
    world
        .send("POST", "/api/auth/password", &token, &change)
        .await
        .expect(200);
    world.get("/api/auth/me", &token).await.refused(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn whoever_stops_working_here_is_out_at_once() {
    let world = World::new().await;
    let (agent, token) = world.agent(Role::Agent).await;
    let (_, admin) = world.agent(Role::Admin).await;
    let path = format!("/api/agents/{}", agent.id);
    world.call(Call::new("DELETE", &path).token(&admin)).await.expect(200);
    world.get("/api/auth/me", &token).await.refused(401, "UNAUTHENTICATED");
    world
        .login(&agent.email, PASSWORD)
        .await
        .refused(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_server_mints_tokens_for_its_customers() {
    let world = World::new().await;
    let key = world.api_key(&[ApiScope::Customers]).await;
    let kim = json!({"externalId": "crm-1", "name": "Kim", "email": "kim@mail.example"});
    let first = world
        .send("POST", "/api/auth/customer-token", &key, &kim)
        .await
        .expect(200);
    let me = world
        .get("/api/auth/me", first["token"].as_str().unwrap())
        .await
        .expect(200);
    assert_eq!(me["user"]["customerId"], first["customerId"]);
    assert_eq!(me["user"]["name"], "Kim");

    let renamed = json!({"externalId": "crm-1", "name": "Kim Lee"});
    let again = world
        .send("POST", "/api/auth/customer-token", &key, &renamed)
        .await
        .expect(200);
    assert_eq!(again["customerId"], first["customerId"]);
    let me = world
        .get("/api/auth/me", again["token"].as_str().unwrap())
        .await
        .expect(200);
    assert_eq!(me["user"]["name"], "Kim Lee");
    assert_eq!(me["user"]["email"], "kim@mail.example");

    let answer = world
        .send("POST", "/api/auth/customer-token", &key, &json!({"email": "rubbish"}))
        .await;
    answer.refused(400, "VALIDATION_ERROR");
    let (_, admin) = world.agent(Role::Admin).await;
    world
        .send("POST", "/api/auth/customer-token", &admin, &kim)
        .await
        .refused(403, "FORBIDDEN");
    let tickets = world.api_key(&[ApiScope::Tickets]).await;
    world
        .send("POST", "/api/auth/customer-token", &tickets, &kim)
        .await
        .refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn a_key_is_shown_once_opens_what_its_scopes_say_and_can_be_made_void() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let new = json!({"name": "crm", "scopes": ["customers"]});
    let made = world
        .send("POST", "/api/v1/admin/api-keys", &admin, &new)
        .await
        .expect(201);
    let key = made["data"]["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("sk_"));
    assert!(key.ends_with(made["data"]["lastCharacters"].as_str().unwrap()));
    let listed = world.get("/api/v1/admin/api-keys", &admin).await;
    assert!(!listed.text.contains(&key));
    assert_eq!(listed.json["data"][0]["id"], made["data"]["id"]);

    world.get("/api/customers", &key).await.expect(200);
    world.get("/api/agents", &key).await.refused(403, "FORBIDDEN");
    world.get("/api/auth/me", &key).await.refused(403, "FORBIDDEN");

    let void = format!("/api/v1/admin/api-keys?id={}", made["data"]["id"].as_str().unwrap());
    world.call(Call::new("DELETE", &void).token(&admin)).await.expect(200);
    world.get("/api/customers", &key).await.refused(401, "UNAUTHENTICATED");
    world
        .call(Call::new("DELETE", &void).token(&admin))
        .await
        .refused(404, "NOT_FOUND");

    let answer = world
        .send(
            "POST",
            "/api/v1/admin/api-keys",
            &admin,
            &json!({"scopes": ["everything"]}),
        )
        .await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.fields(), ["name", "scopes"]);
}
