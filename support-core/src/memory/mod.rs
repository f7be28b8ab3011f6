//! Every storage port in memory: for tests, demonstrations and first steps. Nothing outlives the
//! process; otherwise it keeps the same promises as the stores that last.

mod articles;
mod callbacks;
mod check;
mod commit;
mod deliveries;
mod erasure;
mod figures;
mod files;
mod presence;
mod reads;
mod search;
mod state;
mod tickets;
mod upkeep;
mod write;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use state::{State, TenantState};

use crate::{model::TenantId, ports::StoreError};

/// A store that keeps all in memory. Clones share what they keep.
///
/// ```
/// use support_core::{memory::MemoryStore, ports::TenantReads};
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new();
/// assert_eq!(store.only_tenant().await.unwrap(), None);
/// # });
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
}

impl MemoryStore {
    /// A store that has nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The state, also after a reader has panicked over it: writers never leave it half changed,
    /// since they check everything first.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `read` finds among all tenants.
    fn read<T>(&self, read: impl FnOnce(&State) -> T) -> Result<T, StoreError> {
        Ok(read(&self.lock()))
    }

    /// What `read` finds in `tenant`; nothing when there is no such tenant.
    fn read_in<T: Default>(&self, tenant: TenantId, read: impl FnOnce(&TenantState) -> T) -> Result<T, StoreError> {
        self.read(|state| state.of(tenant).map(read).unwrap_or_default())
    }
}
