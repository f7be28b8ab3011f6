//! Several nodes on one database, and what keeps tenants apart when a statement forgets to.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection, error::DatabaseError};
use support_core::{
    change::{ChangeSet, Claim, Conflict, Expect, Rejected, SealedChange},
    desk::Scope,
    model::{DeliveryStatus, EventBody, Inbox, Tenant, TenantId, Ticket},
    ports::{
        CommitStore, DeliveryReads, EventFilter, EventReads, MessageReads, StoreError, TenantReads, TicketReads, Upkeep,
    },
    testing::Samples,
};
use support_store_postgres::{PostgresConfig, PostgresStore};
use support_testkit::{Postgres, eventually};

async fn node(url: &str) -> PostgresStore {
    let config = PostgresConfig {
        max_connections: 4,
        ..PostgresConfig::new(url)
    };
    PostgresStore::open(config).await.unwrap()
}

fn founding(samples: &Samples, tenant: &Tenant, inbox: &Inbox) -> SealedChange {
    let mut change = ChangeSet::new(&Scope::system(tenant.id), samples.later());
    change.put_tenant(tenant.clone(), EventBody::TenantSaved);
    change.put_inbox(inbox.clone());
    change.seal(&samples.ids)
}

/// A tenant with one open ticket and a visitor.
async fn found(store: &PostgresStore, samples: &Samples) -> (TenantId, Ticket) {
    let (tenant, inbox) = (samples.tenant(), samples.inbox());
    let ticket = samples.ticket(inbox.id);
    let mut opening = ChangeSet::new(&Scope::system(tenant.id), samples.later());
    opening.put_visitor(samples.visitor());
    opening.open_ticket(ticket.clone());
    opening.append(&ticket, samples.question(&ticket));
    for change in [founding(samples, &tenant, &inbox), opening.seal(&samples.ids)] {
        let outcomes = store.commit(&[change]).await.unwrap();
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    }
    let stored = store.ticket(tenant.id, ticket.id).await.unwrap().unwrap();
    (tenant.id, stored)
}

fn question(samples: &Samples, tenant: TenantId, ticket: &Ticket) -> SealedChange {
    let mut change = ChangeSet::new(&Scope::system(tenant), samples.later());
    change.append(ticket, samples.question(ticket));
    change.seal(&samples.ids)
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_nodes_start_at_once_on_a_fresh_database() {
    let server = Postgres::start().await;
    let url = server.database();
    let starting: Vec<_> = (0..10)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { node(&url).await })
        })
        .collect();
    let mut nodes = Vec::new();
    for start in starting {
        nodes.push(start.await.unwrap());
    }
    let samples = Samples::new();
    let (tenant, _) = found(nodes.first().unwrap(), &samples).await;
    for node in &nodes {
        node.ping().await.unwrap();
        assert!(node.tenant(tenant).await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_write_to_one_tenant_at_once_number_its_events_without_gap() {
    const BATCHES: usize = 20;
    const NODES: usize = 2;
    let server = Postgres::start().await;
    let url = server.database();
    let (first, second) = (node(&url).await, node(&url).await);
    let samples = Samples::new();
    let (tenant, ticket) = found(&first, &samples).await;
    let before = first.last_event(tenant).await.unwrap();

    let write = async |node: &PostgresStore| {
        for _ in 0..BATCHES {
            let batch = [question(&samples, tenant, &ticket), question(&samples, tenant, &ticket)];
            let outcomes = node.commit(&batch).await.unwrap();
            assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        }
    };
    tokio::join!(write(&first), write(&second));

    let written = (BATCHES * NODES * 2) as u64;
    let events = first.events(tenant, 0, &EventFilter::default(), 1_000).await.unwrap();
    let seqs: Vec<u64> = events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=before + written).collect::<Vec<_>>());
    let messages = second.messages(tenant, ticket.id, 0, 1_000, true).await.unwrap();
    let seqs: Vec<u64> = messages.iter().map(|message| message.seq).collect();
    assert_eq!(seqs, (1..=1 + written).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_tenants_that_take_one_domain_at_once_one_gets_it() {
    let server = Postgres::start().await;
    let url = server.database();
    let (first, second) = (node(&url).await, node(&url).await);
    let samples = Samples::new();
    let founding_with_domain = |others: usize| {
        let tenant = Tenant {
            domains: vec!["shop.example".to_owned()],
            ..samples.tenant()
        };
        let mut batch = vec![founding(&samples, &tenant, &samples.inbox())];
        batch.extend((0..others).map(|_| founding(&samples, &samples.tenant(), &samples.inbox())));
        batch
    };
    let (one, other) = (founding_with_domain(2), founding_with_domain(2));
    let (one, other) = tokio::join!(first.commit(&one), second.commit(&other));
    let outcomes: Vec<_> = one.unwrap().into_iter().chain(other.unwrap()).collect();
    let refused: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    let taken = Conflict::Taken(Claim::Domain("shop.example".to_owned()));
    assert!(
        // Which one it is depends on who came how early.
        matches!(refused.as_slice(), [Rejected::Conflict(conflict)]
            if *conflict == Conflict::Concurrent || *conflict == taken),
        "{refused:?}"
    );
}

#[tokio::test]
async fn of_a_batch_that_meets_somebody_elses_only_the_one_that_does_is_refused() {
    let server = Postgres::start().await;
    let store = node(&server.database()).await;
    let samples = Samples::new();
    let (tenant, ticket) = found(&store, &samples).await;
    let (neighbour, others) = found(&store, &samples).await;
    let taken = store.tenant(neighbour).await.unwrap().unwrap().slug;
    // Takes nothing for granted, so that only writing finds out: as when another node was quicker.
    let late = Tenant {
        slug: taken,
        ..samples.tenant()
    };
    let mut claiming = ChangeSet::new(&Scope::system(tenant), samples.later());
    claiming.expect(Expect::Free(Claim::DepartmentSlug("returns".to_owned())));
    claiming.append(&ticket, samples.question(&ticket));
    let batch = [
        claiming.seal(&samples.ids),
        question(&samples, neighbour, &others),
        founding(&samples, &late, &samples.inbox()),
        question(&samples, neighbour, &others),
    ];
    let outcomes = store.commit(&batch).await.unwrap();
    let refused: Vec<_> = outcomes.iter().map(Result::is_err).collect();
    assert_eq!(refused, [false, false, true, false], "{outcomes:?}");
}

/// A delivery that gathers, of a tenant.
fn gathering(samples: &Samples, tenant: TenantId, key: &str) -> SealedChange {
    let delivery = samples.delivery().gathering(key.to_owned(), Duration::ZERO);
    let mut change = ChangeSet::new(&Scope::system(tenant), samples.later());
    change.owe(delivery);
    change.seal(&samples.ids)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_just_being_taken_gathers_nothing_more() {
    let server = Postgres::start().await;
    let url = server.database();
    let store = node(&url).await;
    let samples = Samples::new();
    let (tenant, _) = found(&store, &samples).await;
    let owe = async |store: PostgresStore, change: SealedChange| {
        let outcomes = store.commit(&[change]).await.unwrap();
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    };
    owe(store.clone(), gathering(&samples, tenant, "answers")).await;

    // A worker of another node that has not committed yet.
    let mut worker = plain(&url, &format!("{{{tenant}}}")).await;
    let mut taking = worker.begin().await.unwrap();
    sqlx::raw_sql("update deliveries set status = 'sending', lease_token = gen_random_uuid(), lease_until = now()")
        .execute(&mut *taking)
        .await
        .unwrap();
    let owing = tokio::spawn(owe(store.clone(), gathering(&samples, tenant, "answers")));
    eventually(Duration::from_secs(5), || async {
        let mut onlooker = plain(&url, "").await;
        let waiting = "select exists (select 1 from pg_locks where not granted and transactionid is not null)";
        let is_waiting: bool = sqlx::query_scalar(waiting).fetch_one(&mut onlooker).await.unwrap();
        is_waiting.then_some(())
    })
    .await;
    taking.commit().await.unwrap();
    owing.await.unwrap();

    let owed = store.deliveries_with_key(tenant, "answers", 10).await.unwrap();
    let statuses: Vec<_> = owed.iter().map(|delivery| delivery.status).collect();
    assert_eq!(statuses, [DeliveryStatus::Queued, DeliveryStatus::Sending]);
}

/// A connection of the same plain role, as which a forgetful statement would run.
async fn plain(url: &str, tenants: &str) -> PgConnection {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let name = format!("set support.tenants = '{tenants}'");
    sqlx::raw_sql(AssertSqlSafe(name))
        .execute(&mut connection)
        .await
        .unwrap();
    connection
}

async fn tables(connection: &mut PgConnection) -> Vec<String> {
    let tables = "select table_name::text from information_schema.columns
        where table_schema = 'public' and column_name = 'tenant_id' order by 1";
    sqlx::query_scalar(tables).fetch_all(connection).await.unwrap()
}

async fn count(connection: &mut PgConnection, table: &str) -> i64 {
    let sql = AssertSqlSafe(format!("select count(*) from {table}"));
    sqlx::query_scalar(sql).fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn a_statement_without_a_tenant_sees_only_those_that_were_named() {
    let server = Postgres::start().await;
    let url = server.database();
    let store = node(&url).await;
    let samples = Samples::new();
    let (tenant, _) = found(&store, &samples).await;
    let (neighbour, _) = found(&store, &samples).await;

    let mut one = plain(&url, &format!("{{{tenant}}}")).await;
    let mut both = plain(&url, &format!("{{{tenant},{neighbour}}}")).await;
    let mut all = plain(&url, "*").await;
    let mut nobody = plain(&url, "").await;
    let mut unnamed = PgConnection::connect(&url).await.unwrap();
    for table in [
        "tenants",
        "tickets",
        "ticket_threads",
        "messages",
        "visitors",
        "tenant_counters",
    ] {
        assert_eq!(count(&mut one, table).await, 1, "{table}");
        assert_eq!(count(&mut both, table).await, 2, "{table}");
        assert_eq!(count(&mut all, table).await, 2, "{table}");
    }
    let tables = tables(&mut one).await;
    assert!(tables.len() >= 19, "{tables:?}");
    // Words are read together with their tickets alone.
    let words = "search_words w join tickets t on t.tenant_id = w.tenant_id and t.id = w.ticket_id";
    assert_eq!(count(&mut one, words).await, 2, "a head and a message");
    assert_eq!(count(&mut nobody, words).await, 0);
    for table in tables.into_iter().filter(|table| table != "search_words") {
        assert_eq!(count(&mut nobody, &table).await, 0, "{table}");
        assert_eq!(count(&mut unnamed, &table).await, 0, "{table}");
        let strangers = format!("select count(*) from {table} where tenant_id <> '{tenant}'");
        let strangers: i64 = sqlx::query_scalar(AssertSqlSafe(strangers))
            .fetch_one(&mut one)
            .await
            .unwrap();
        assert_eq!(strangers, 0, "{table}");
    }
}

#[tokio::test]
async fn a_statement_without_a_tenant_writes_only_to_those_that_were_named() {
    let server = Postgres::start().await;
    let url = server.database();
    let store = node(&url).await;
    let samples = Samples::new();
    let (tenant, _) = found(&store, &samples).await;
    let (neighbour, ticket) = found(&store, &samples).await;

    let mut one = plain(&url, &format!("{{{tenant}}}")).await;
    let changed = sqlx::raw_sql("update tickets set subject = 'changed'")
        .execute(&mut one)
        .await
        .unwrap();
    assert_eq!(changed.rows_affected(), 1);
    let removed = sqlx::raw_sql("delete from visitors").execute(&mut one).await.unwrap();
    assert_eq!(removed.rows_affected(), 1);
    let smuggled = format!(
        "insert into visitors (tenant_id, id, created_at, updated_at)
        values ('{neighbour}', gen_random_uuid(), now(), now())"
    );
    let refused = sqlx::raw_sql(AssertSqlSafe(smuggled))
        .execute(&mut one)
        .await
        .unwrap_err();
    assert_eq!(
        refused.as_database_error().and_then(DatabaseError::code).as_deref(),
        Some("42501")
    );

    let untouched = store.ticket(neighbour, ticket.id).await.unwrap().unwrap();
    assert_eq!(untouched.subject, ticket.subject);
    let mut neighbours = plain(&url, &format!("{{{neighbour}}}")).await;
    assert_eq!(count(&mut neighbours, "visitors").await, 1);
}

#[tokio::test]
async fn every_table_of_tenants_but_those_of_words_is_guarded_even_from_its_owner() {
    let server = Postgres::start().await;
    let url = server.database();
    let _store = node(&url).await;
    let mut connection = plain(&url, "").await;
    let unguarded = "select relname::text from pg_class
        join pg_attribute on attrelid = pg_class.oid and attname = 'tenant_id'
        where relkind = 'r' and relnamespace = 'public'::regnamespace and not (relrowsecurity and relforcerowsecurity)
            and relname not in ('search_words', 'article_words')";
    let unguarded: Vec<String> = sqlx::query_scalar(unguarded).fetch_all(&mut connection).await.unwrap();
    assert_eq!(unguarded, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_goes_on_when_its_database_comes_back() {
    let mut server = Postgres::start_own().await;
    let store = node(&server.database()).await;
    let samples = Samples::new();
    let (tenant, ticket) = found(&store, &samples).await;
    // Several connections that will be found broken.
    let asked = tokio::join!(
        store.last_event(tenant),
        store.last_event(tenant),
        store.last_event(tenant)
    );
    asked.0.unwrap();

    server.down().await;
    let refused = store.commit(&[question(&samples, tenant, &ticket)]).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));

    server.up().await;
    eventually(Duration::from_secs(10), || async { store.ping().await.ok() }).await;
    let outcomes = store.commit(&[question(&samples, tenant, &ticket)]).await.unwrap();
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
}
