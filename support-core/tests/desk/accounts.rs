use std::time::Duration;

use support_core::{
    desk::{AgentChanges, DeskError, NewApiKey},
    model::{ApiScope, Principal, Role, Secret},
};

use crate::office::{Office, PASSWORD, at_once, id_of};

#[tokio::test]
async fn ten_failures_shut_an_address_out_whether_it_has_an_account_or_not() {
    for email in ["ada@shop.example", "nobody@shop.example"] {
        let office = Office::open().await;
        let tenant = Some(office.tenant.id);
        for _ in 0..10 {
            assert!(matches!(
                office.desk.log_in(tenant, email, "wrong").await,
                Err(DeskError::Unauthenticated)
            ));
        }
        let shut_out = office.desk.log_in(tenant, email, PASSWORD).await;
        assert!(
            matches!(shut_out, Err(DeskError::RateLimited { retry_after }) if retry_after == Duration::from_secs(900))
        );
        office.clock.advance(Duration::from_secs(901));
        let later = office.desk.log_in(tenant, email, PASSWORD).await;
        assert_eq!(later.is_ok(), email.starts_with("ada"));
    }
}

#[tokio::test]
async fn failures_that_come_at_once_are_counted_each() {
    let office = Office::open().await;
    let tenant = Some(office.tenant.id);
    let failing = (0..10).map(|_| async {
        let refused = office.desk.log_in(tenant, "ada@shop.example", "wrong").await;
        assert!(matches!(refused, Err(DeskError::Unauthenticated)), "{refused:?}");
        Ok(())
    });
    at_once(failing).await;
    let shut_out = office.desk.log_in(tenant, "ada@shop.example", PASSWORD).await;
    assert!(matches!(shut_out, Err(DeskError::RateLimited { .. })), "{shut_out:?}");
}

#[tokio::test]
async fn a_changed_password_makes_earlier_tokens_void() {
    let office = Office::open().await;
    let principal = Principal::Agent(id_of(&office.admin));
    let (token, issued_at) = (office.desk.ids().uuid(), office.desk.now());
    office
        .desk
        .identify_token(office.tenant.id, principal, token, issued_at)
        .await
        .unwrap();
    office.clock.advance(Duration::from_secs(5));
    office
        .desk
        .change_password(&office.admin, PASSWORD, "another horse")
        .await
        .unwrap();
    let void = office
        .desk
        .identify_token(office.tenant.id, principal, token, issued_at)
        .await;
    assert!(matches!(void, Err(DeskError::Unauthenticated)));
    office
        .desk
        .log_in(None, "ada@shop.example", "another horse")
        .await
        .unwrap();
}

#[tokio::test]
async fn whoever_stops_working_here_is_out_at_once() {
    let office = Office::open().await;
    let mara = office.agent("mara", Role::Agent, &[], 1).await;
    let issued_at = office.desk.now();
    office.desk.deactivate_agent(&office.admin, id_of(&mara)).await.unwrap();
    let void = office
        .desk
        .identify_token(
            office.tenant.id,
            Principal::Agent(id_of(&mara)),
            office.desk.ids().uuid(),
            issued_at,
        )
        .await;
    assert!(matches!(void, Err(DeskError::Unauthenticated)));
    assert!(matches!(
        office.desk.log_in(None, "mara@shop.example", PASSWORD).await,
        Err(DeskError::Unauthenticated)
    ));
}

#[tokio::test]
async fn the_last_admin_stays() {
    let office = Office::open().await;
    let changes = AgentChanges {
        role: Some(Role::Agent),
        ..AgentChanges::default()
    };
    let refused = office
        .desk
        .update_agent(&office.admin, id_of(&office.admin), changes)
        .await;
    assert!(matches!(refused, Err(DeskError::Conflict(_))));
}

#[tokio::test]
async fn an_address_has_one_account() {
    let office = Office::open().await;
    office.agent("mara", Role::Agent, &[], 1).await;
    let new = support_core::desk::NewCustomer {
        email: Some("Mara@shop.example".into()),
        password: Some(PASSWORD.into()),
        ..Default::default()
    };
    assert!(matches!(
        office.desk.create_customer(&office.admin, new).await,
        Err(DeskError::Conflict(_))
    ));
}

#[tokio::test]
async fn a_revoked_key_opens_nothing() {
    let office = Office::open().await;
    let new = NewApiKey {
        name: "CRM".into(),
        scopes: vec![ApiScope::Tickets],
    };
    let (key, secret) = office.desk.create_api_key(&office.admin, new).await.unwrap();
    let presented = Secret::presented(secret.reveal());
    assert_eq!(
        office.desk.identify_api_key(&presented).await.unwrap().tenant(),
        office.tenant.id
    );
    office.desk.revoke_api_key(&office.admin, key.id).await.unwrap();
    assert!(matches!(
        office.desk.identify_api_key(&presented).await,
        Err(DeskError::Unauthenticated)
    ));
}
