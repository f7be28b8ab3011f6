//! The suite over a store that fails every few calls, behind one that asks again; and what is left
//! to do when an answer is lost.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use async_trait::async_trait;
use support_core::{
    change::{ChangeSet, Outcome, Rejected, RequestKey},
    desk::Scope,
    for_every_storage_port,
    memory::MemoryStore,
    model::{EventBody, Tenant},
    ports::{
        AccountReads, ArticleReads, AssignmentReads, CallbackReads, CannedResponseReads, CommitStore, DeliveryQueue,
        DeliveryReads, DepartmentReads, ErasureReads, EventReads, FigureReads, FileReads, Ids, InboxReads,
        MessageReads, NotificationReads, PeopleReads, PresenceStore, RequestReads, SearchReads, StoreError,
        TenantReads, TicketReads, Upkeep, WebhookReads,
    },
    testing::{Fault, FaultyStore, Samples},
};

/// Asks again whenever the store is unavailable, as the desk does.
struct Insisting<S>(S);

fn again<T: Clone>(argument: &T) -> T {
    argument.clone()
}

macro_rules! insist {
    ($port:ident { $($method:ident($($argument:ident: $type:ty),* $(,)?) -> $answer:ty;)* }) => {
        #[async_trait]
        impl<S: $port> $port for Insisting<S> {
            $(async fn $method(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                loop {
                    let answer = self.0.$method($(again(&$argument)),*).await;
                    if !matches!(answer, Err(StoreError::Unavailable(_))) {
                        return answer;
                    }
                }
            })*
        }
    };
}

for_every_storage_port!(insist);

async fn failing_every_third_call() -> Insisting<FaultyStore<MemoryStore>> {
    let store = FaultyStore::new(MemoryStore::new());
    store.fail_every(3);
    Insisting(store)
}

support_conformance::store_conformance!(failing_every_third_call);

/// A store told to fail, and a tenant with a request to be founded in it.
fn founding() -> (FaultyStore<MemoryStore>, Samples, Tenant, RequestKey) {
    let samples = Samples::new();
    let (key, fingerprint) = (samples.ids.secret("").hash(), samples.ids.secret("").hash());
    let tenant = samples.tenant();
    let store = FaultyStore::new(MemoryStore::new());
    (store, samples, tenant, RequestKey { key, fingerprint })
}

async fn found(
    store: &impl CommitStore,
    samples: &Samples,
    tenant: &Tenant,
    request: &RequestKey,
) -> Result<Outcome, StoreError> {
    let scope = Scope::system(tenant.id).once(request.clone());
    let mut change = ChangeSet::new(&scope, samples.later());
    change.put_tenant(tenant.clone(), EventBody::TenantSaved);
    let mut outcomes = store.commit(&[change.seal(&samples.ids)]).await?;
    Ok(outcomes.pop().unwrap())
}

#[tokio::test]
async fn a_call_that_fails_before_the_store_changes_nothing() {
    let (store, samples, tenant, request) = founding();
    store.fail_next("commit", Fault::Before);
    let answer = found(&store, &samples, &tenant, &request).await;
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    assert_eq!(store.tenant(tenant.id).await.unwrap(), None);
    assert!(found(&store, &samples, &tenant, &request).await.unwrap().is_ok());
    assert_eq!(store.calls(), 3);
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_found_again_by_its_key() {
    let (store, samples, tenant, request) = founding();
    store.fail_next("commit", Fault::AnswerLost);
    let answer = found(&store, &samples, &tenant, &request).await;
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    assert!(store.tenant(tenant.id).await.unwrap().is_some());
    let again = found(&store, &samples, &tenant, &request).await.unwrap();
    let Err(Rejected::Duplicate(receipt)) = again else {
        unreachable!("a repeated request is a duplicate: {again:?}");
    };
    let stored = store.request(tenant.id, &request.key).await.unwrap().unwrap();
    assert_eq!(stored.receipt, receipt);
}

#[tokio::test]
async fn only_the_named_method_fails_and_only_as_often_as_told() {
    let (store, samples, tenant, request) = founding();
    store.fail_next("tenant", Fault::Before);
    store.fail_next("tenant", Fault::AnswerLost);
    found(&store, &samples, &tenant, &request).await.unwrap().unwrap();
    assert!(store.tenant_by_slug(&tenant.slug).await.unwrap().is_some());
    assert!(store.tenant(tenant.id).await.is_err());
    assert!(store.tenant(tenant.id).await.is_err());
    assert!(store.tenant(tenant.id).await.unwrap().is_some());
    assert_eq!(
        store.inner().tenant(tenant.id).await.unwrap().unwrap().slug,
        tenant.slug
    );
}
