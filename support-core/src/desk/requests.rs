//! Requests that may come again with the same key.

use super::{Desk, DeskError, Scope, retry::Committed};
use crate::{
    change::{ChangeSet, RequestKey},
    model::{SecretHash, TenantId},
    ports::StoredRequest,
};

impl Desk {
    /// What an earlier request with this key led to.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn stored_request(&self, tenant: TenantId, key: &SecretHash) -> Result<Option<StoredRequest>, DeskError> {
        Ok(self.stores().requests.request(tenant, key).await?)
    }

    /// Claims something that can be had once, for as long as requests with a key are remembered.
    /// Answers whether nobody had it before.
    ///
    /// # Errors
    /// [`DeskError`] when it can't be written.
    pub async fn claim_once(&self, tenant: TenantId, key: &SecretHash) -> Result<bool, DeskError> {
        let request = RequestKey {
            key: key.clone(),
            fingerprint: key.clone(),
        };
        let first = Scope::system(tenant).once(request);
        let claimed = ChangeSet::new(&first, self.now());
        let committed = self.decide(&first, || self.commit(claimed.clone())).await?;
        Ok(matches!(committed, Committed::Now(_)))
    }

    /// Whether the request that a scope is of was done before, so that deciding it anew would only
    /// find its own traces.
    pub(super) async fn was_done(&self, scope: &Scope) -> Result<bool, DeskError> {
        match scope.request() {
            Some(request) => Ok(self.stored_request(scope.tenant(), &request.key).await?.is_some()),
            None => Ok(false),
        }
    }

    /// Remembers what a request was answered. Most are known by then, since what they changed was
    /// committed with their key; the others become known here.
    ///
    /// # Errors
    /// [`DeskError`] when it can't be written.
    pub async fn store_response(
        &self,
        tenant: TenantId,
        request: &RequestKey,
        status: u16,
        body: String,
    ) -> Result<(), DeskError> {
        let scope = Scope::system(tenant);
        if self.stored_request(tenant, &request.key).await?.is_none() {
            let first = scope.clone().once(request.clone());
            let known = ChangeSet::new(&first, self.now());
            self.decide(&first, || self.commit(known.clone())).await?;
        }
        let mut change = ChangeSet::new(&scope, self.now());
        change.store_response(request.key.clone(), status, body);
        self.decide(&scope, || self.commit(change.clone())).await?;
        Ok(())
    }
}
