//! What is the file's own: several stores on it, reopening it, and finding it in disorder.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{collections::BTreeSet, path::Path};

use rusqlite::Connection;
use support_core::{
    change::{ChangeSet, Outcome, Rejected, SealedChange},
    desk::Scope,
    model::{EventBody, Tenant, TenantId, Ticket},
    ports::{
        CommitStore, EventFilter, EventReads, MessageReads, PageRequest, RecordOrder, StoreError, TenantReads,
        TicketReads,
    },
    testing::Samples,
};
use support_store_sqlite::{SqliteConfig, SqliteStore};
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

async fn open(folder: &TempDir) -> SqliteStore {
    SqliteStore::open(SqliteConfig::new(file(folder))).await.unwrap()
}

fn file(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("support.db")
}

/// The file without the store, for what a store would not do.
fn bare(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

fn change(samples: &Samples, tenant: TenantId) -> ChangeSet {
    ChangeSet::new(&Scope::system(tenant), samples.later())
}

fn founding(samples: &Samples, tenant: &Tenant) -> SealedChange {
    let mut change = change(samples, tenant.id);
    change.put_tenant(tenant.clone(), EventBody::TenantSaved);
    change.seal(&samples.ids)
}

/// Puts a tenant with one ticket into the store.
async fn found(store: &SqliteStore, samples: &Samples) -> (TenantId, Ticket) {
    let (tenant, inbox) = (samples.tenant(), samples.inbox());
    let ticket = samples.ticket(inbox.id);
    let mut change = change(samples, tenant.id);
    change.put_tenant(tenant.clone(), EventBody::TenantSaved);
    change.put_inbox(inbox);
    change.open_ticket(ticket.clone());
    commit(store, vec![change.seal(&samples.ids)]).await.remove(0).unwrap();
    let stored = store.ticket(tenant.id, ticket.id).await.unwrap().unwrap();
    (tenant.id, stored)
}

async fn commit(store: &SqliteStore, batch: Vec<SealedChange>) -> Vec<Outcome> {
    store.commit(&batch).await.unwrap()
}

async fn ask(store: &SqliteStore, samples: &Samples, tenant: TenantId, ticket: &Ticket) -> u64 {
    let question = samples.question(ticket);
    let id = question.id;
    let mut change = change(samples, tenant);
    change.append(ticket, question);
    let outcome = commit(store, vec![change.seal(&samples.ids)]).await.remove(0);
    outcome.unwrap().seq_of(id).unwrap()
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let (folder, samples) = (folder(), Samples::new());
    let store = open(&folder).await;
    let (tenant, ticket) = found(&store, &samples).await;
    ask(&store, &samples, tenant, &ticket).await;
    let stored = store.ticket(tenant, ticket.id).await.unwrap();
    let journal = store.events(tenant, 0, &EventFilter::default(), 100).await.unwrap();
    store.close().await;

    let reopened = open(&folder).await;
    assert_eq!(reopened.ticket(tenant, ticket.id).await.unwrap(), stored);
    let again = reopened.events(tenant, 0, &EventFilter::default(), 100).await.unwrap();
    assert_eq!(again, journal);
    assert_eq!(ask(&reopened, &samples, tenant, &ticket).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_that_start_at_once_on_a_new_file_all_work() {
    let folder = folder();
    let opening = (0..6).map(|_| {
        let config = SqliteConfig::new(file(&folder));
        tokio::spawn(async move { SqliteStore::open(config).await })
    });
    // Samples are shared, so that nothing is double.
    let samples = Samples::new();
    for store in opening.collect::<Vec<_>>() {
        let store = store.await.unwrap().unwrap();
        found(&store, &samples).await;
    }
    let page = PageRequest { number: 1, limit: 10 };
    let store = open(&folder).await;
    let tenants = store.tenants(RecordOrder::OLDEST_FIRST, page).await.unwrap();
    assert_eq!(tenants.total, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_on_one_file_number_one_thread_without_gap() {
    let (folder, samples) = (folder(), Samples::new());
    let stores = [open(&folder).await, open(&folder).await];
    let (tenant, ticket) = found(&stores[0], &samples).await;
    let asking = stores.iter().map(|store| {
        let (store, samples, ticket) = (store.clone(), samples.clone(), ticket.clone());
        tokio::spawn(async move {
            let mut given = Vec::new();
            for _ in 0..20 {
                given.push(ask(&store, &samples, tenant, &ticket).await);
            }
            given
        })
    });
    let mut given = BTreeSet::new();
    for asked in asking.collect::<Vec<_>>() {
        given.extend(asked.await.unwrap());
    }
    assert_eq!(given, (1..=40).collect());
    for store in &stores {
        let thread = store.messages(tenant, ticket.id, 0, 100, true).await.unwrap();
        assert_eq!(thread.len(), 40);
    }
}

#[tokio::test]
async fn of_two_tenants_that_want_one_domain_in_one_batch_the_second_is_refused() {
    let (folder, samples) = (folder(), Samples::new());
    let store = open(&folder).await;
    let (first, third) = (samples.tenant(), samples.tenant());
    let second = Tenant {
        domains: first.domains.clone(),
        ..samples.tenant()
    };
    let batch = [&first, &second, &third].map(|tenant| founding(&samples, tenant));
    let outcomes = commit(&store, batch.to_vec()).await;
    assert!(
        matches!(outcomes.as_slice(), [Ok(_), Err(Rejected::Conflict(_)), Ok(_)]),
        "{outcomes:?}"
    );
    assert_eq!(store.tenant(second.id).await.unwrap(), None);
    assert!(store.tenant(third.id).await.unwrap().is_some());
}

#[tokio::test]
async fn what_cannot_be_understood_is_called_inconsistent() {
    let (folder, samples) = (folder(), Samples::new());
    let store = open(&folder).await;
    let (tenant, ticket) = found(&store, &samples).await;
    let bare = bare(&file(&folder));
    for spoilt in [
        "set status = 'lost'",
        "set status = 'assigned', assignee_id = null",
        "set languages = '['",
    ] {
        bare.execute_batch(&format!("update tickets {spoilt}")).unwrap();
        let read = store.ticket(tenant, ticket.id).await;
        assert!(
            matches!(read, Err(StoreError::Inconsistent { table: "tickets", .. })),
            "{spoilt}: {read:?}"
        );
        bare.execute_batch("update tickets set status = 'open', languages = '[]'")
            .unwrap();
    }
    bare.close().unwrap();
    assert!(store.ticket(tenant, ticket.id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused() {
    let folder = folder();
    open(&folder).await.close().await;
    let bare = bare(&file(&folder));
    let statement = "insert into _support_migrations (version, description, checksum, applied_at)
        values (9999, 'from the future', x'00', 0)";
    bare.execute_batch(statement).unwrap();
    bare.close().unwrap();
    let opened = SqliteStore::open(SqliteConfig::new(file(&folder))).await;
    assert!(matches!(opened, Err(StoreError::Failed(_))), "{opened:?}");
}

#[tokio::test]
async fn a_file_that_was_made_by_other_steps_is_refused() {
    let folder = folder();
    open(&folder).await.close().await;
    let bare = bare(&file(&folder));
    bare.execute_batch("update _support_migrations set checksum = x'00'")
        .unwrap();
    bare.close().unwrap();
    let opened = SqliteStore::open(SqliteConfig::new(file(&folder))).await;
    assert!(matches!(opened, Err(StoreError::Failed(_))), "{opened:?}");
}

#[tokio::test]
async fn a_file_that_cannot_be_made_is_an_error() {
    let folder = folder();
    let path = folder.path().join("no such folder").join("support.db");
    let opened = SqliteStore::open(SqliteConfig::new(path)).await;
    assert!(opened.is_err());
}

#[tokio::test]
async fn a_closed_store_is_unavailable() {
    let folder = folder();
    let store = open(&folder).await;
    store.close().await;
    let samples = Samples::new();
    let read = store.tenant_by_slug("any").await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    let written = store.commit(&[founding(&samples, &samples.tenant())]).await;
    assert!(matches!(written, Err(StoreError::Unavailable(_))), "{written:?}");
}
