//! The suite over the store in memory: bare, and shared as `Arc<dyn Store>`.

use std::sync::Arc;

use support_core::{memory::MemoryStore, ports::Store};

mod bare {
    use super::MemoryStore;

    async fn fresh() -> MemoryStore {
        MemoryStore::new()
    }

    support_conformance::store_conformance!(fresh);
}

mod shared {
    use super::{Arc, MemoryStore, Store};

    async fn fresh() -> Arc<dyn Store> {
        Arc::new(MemoryStore::new())
    }

    support_conformance::store_conformance!(fresh);
}
