//! The write door: everything is checked first, so that writing cannot fail half-way.

use async_trait::async_trait;

use super::{MemoryStore, State, TenantState};
use crate::{
    change::{Outcome, Receipt, Rejected, RequestKey, SealedChange, SealedParts, Write},
    ports::{CommitStore, StoreError},
};

#[async_trait]
impl CommitStore for MemoryStore {
    async fn commit(&self, batch: &[SealedChange]) -> Result<Vec<Outcome>, StoreError> {
        let mut state = self.lock();
        Ok(batch.iter().map(|change| state.commit(change.parts())).collect())
    }
}

impl State {
    fn commit(&mut self, parts: &SealedParts) -> Outcome {
        let repeated = |tenant: &TenantState| tenant.repeated(parts.request.as_ref(), &parts.writes);
        if let Some(first) = self.of(parts.tenant).and_then(repeated) {
            return Err(Rejected::Duplicate(first));
        }
        if let Some(conflict) = self.conflict(parts) {
            return Err(Rejected::Conflict(conflict));
        }
        Ok(self.write(parts))
    }
}

impl TenantState {
    /// The first receipt, if all this was written before.
    fn repeated(&self, request: Option<&RequestKey>, writes: &[Write]) -> Option<Receipt> {
        let earlier = request.and_then(|request| self.requests.get(&request.key));
        if let Some(earlier) = earlier {
            return Some(earlier.stored.receipt.clone());
        }
        writes.iter().find_map(|write| self.repeated_message(write))
    }

    fn repeated_message(&self, write: &Write) -> Option<Receipt> {
        let Write::AppendMessage(message) = write else {
            return None;
        };
        let client_id = message.client_id.as_ref()?;
        let thread = &self.tickets.get(&message.ticket)?.messages;
        let first = thread.iter().find(|earlier| {
            earlier.client_id.as_ref() == Some(client_id)
                && earlier.sender.kind() == message.sender.kind()
                && earlier.sender.id() == message.sender.id()
        })?;
        Some(Receipt {
            first_event: 0,
            tickets: Vec::new(),
            messages: vec![(first.id, first.seq)],
        })
    }
}
