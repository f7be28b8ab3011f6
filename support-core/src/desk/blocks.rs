//! Keeping out whoever is not to write.

use std::{sync::Arc, time::Duration};

use super::{Desk, DeskError, Scope, TicketRef, lookup::require};
use crate::{
    change::ChangeSet,
    model::{
        Actor, Block, BlockId, BlockKind, Blocklist, Caller, Input, LONGEST_BLOCK_REASON, MOST_BLOCKS, Requester, Role,
        TenantId, Timestamp, address_range,
    },
};

/// Other nodes may block somebody; this one forgets at once what it changes itself.
pub(super) const BLOCKLISTS_KEPT: Duration = Duration::from_secs(1);
pub(super) const BLOCKLISTS: usize = 1_024;

/// Who is to be kept out.
#[derive(Debug, Clone)]
pub enum BlockTarget {
    /// Whoever's ticket this is, over whichever channel they write.
    RequesterOf(TicketRef),
    /// Everybody at an address (`203.0.113.7`) or in a range of them (`203.0.113.0/24`).
    Address(String),
    /// Whoever says that this is their mail address.
    Email(String),
}

/// A block to be made.
#[derive(Debug, Clone)]
pub struct NewBlock {
    /// Who is to be kept out.
    pub target: BlockTarget,
    /// Why, for the team.
    pub reason: Option<String>,
    /// Until when; for good when none.
    pub expires_at: Option<Timestamp>,
}

impl Desk {
    /// All that hold now, newest first.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents.
    pub async fn blocks(&self, scope: &Scope) -> Result<Vec<Block>, DeskError> {
        require(scope, Role::Agent)?;
        let now = self.now();
        let mut blocks = self.stores().people.blocks(scope.tenant()).await?;
        blocks.retain(|block| block.holds(now));
        Ok(blocks)
    }

    /// Keeps somebody out, within a second on all nodes. Whoever is kept out already is so with
    /// this reason and until this time from now on.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than supervisors, [`DeskError::Invalid`],
    /// [`DeskError::NotFound`] for a ticket that isn't there, [`DeskError::Conflict`] when there
    /// are too many.
    pub async fn block(&self, scope: &Scope, new: NewBlock, mut input: Input) -> Result<Block, DeskError> {
        require(scope, Role::Supervisor)?;
        let now = self.now();
        let reason = input.optional_line("reason", new.reason.as_deref(), LONGEST_BLOCK_REASON);
        if new.expires_at.is_some_and(|end| end <= now) {
            input.refuse("expires_at", "Must not be in the past");
        }
        let (kind, value) = self.blocked_value(scope, new.target, &mut input).await?;
        input.finish()?;
        let made = &Block {
            id: BlockId::new(self.ids().uuid()),
            kind,
            value,
            reason,
            expires_at: new.expires_at,
            created_by: scope.actor().agent().map(|agent| agent.id),
            created_at: now,
        };
        let block = self
            .decide(scope, || async move {
                let known = self.stores().people.blocks(scope.tenant()).await?;
                let same = known
                    .iter()
                    .find(|known| (known.kind, &known.value) == (made.kind, &made.value));
                let block = Block {
                    id: same.map_or(made.id, |same| same.id),
                    ..made.clone()
                };
                let mut change = ChangeSet::new(scope, now);
                let (left, expired): (Vec<&Block>, Vec<&Block>) = known
                    .iter()
                    .filter(|known| known.id != block.id)
                    .partition(|known| known.holds(now));
                if left.len() >= MOST_BLOCKS {
                    let problem = format!("there can be no more than {MOST_BLOCKS} blocks");
                    return Err(DeskError::Conflict(problem).into());
                }
                for expired in expired {
                    change.forget_block(expired.id);
                }
                change.put_block(block.clone());
                self.commit(change).await?;
                Ok(block)
            })
            .await?;
        self.blocklists().forget(&scope.tenant());
        Ok(block)
    }

    async fn blocked_value(
        &self,
        scope: &Scope,
        target: BlockTarget,
        input: &mut Input,
    ) -> Result<(BlockKind, String), DeskError> {
        Ok(match target {
            BlockTarget::RequesterOf(ticket) => {
                let ticket = self.ticket(scope, ticket).await?;
                (BlockKind::Visitor, ticket.requester.uuid().to_string())
            }
            BlockTarget::Email(email) => (BlockKind::Email, input.email("email", &email)),
            BlockTarget::Address(address) => {
                let range = address_range(&address);
                if range.is_none() {
                    input.refuse("address", "Must be an IP address or a range such as 203.0.113.0/24");
                }
                (
                    BlockKind::Address,
                    range.map(|range| range.to_string()).unwrap_or_default(),
                )
            }
        })
    }

    /// Lets somebody in again.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than supervisors, [`DeskError::NotFound`].
    pub async fn unblock(&self, scope: &Scope, block: BlockId) -> Result<(), DeskError> {
        require(scope, Role::Supervisor)?;
        self.decide(scope, || async move {
            let known = self.stores().people.blocks(scope.tenant()).await?;
            if self.was_done(scope).await? {
                return Ok(());
            }
            if known.iter().all(|known| known.id != block) {
                return Err(DeskError::NotFound.into());
            }
            let mut change = ChangeSet::new(scope, self.now());
            change.remove_block(block);
            self.commit(change).await?;
            Ok(())
        })
        .await?;
        self.blocklists().forget(&scope.tenant());
        Ok(())
    }

    /// Whether somebody is kept out, as of a moment ago.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn is_blocked(&self, tenant: TenantId, caller: Caller<'_>) -> Result<bool, DeskError> {
        let list = match self.blocklists().recall(&tenant) {
            Some(list) => list,
            None => {
                let blocks = self.stores().people.blocks(tenant).await?;
                let list = Arc::new(Blocklist::new(&blocks));
                self.blocklists().remember(tenant, Arc::clone(&list));
                list
            }
        };
        Ok(list.forbids(caller, self.now()))
    }

    /// Refuses customers, visitors and strangers who are kept out. The team and servers are never.
    pub(super) async fn refuse_blocked(
        &self,
        scope: &Scope,
        requester: Option<Requester>,
        email: Option<&str>,
    ) -> Result<(), DeskError> {
        let acting = match scope.actor() {
            Actor::Anyone => None,
            Actor::Visitor { requester, .. } => Some(*requester),
            Actor::Customer(customer) => Some(Requester::Customer(*customer)),
            _ => return Ok(()),
        };
        let caller = Caller {
            requester: requester.or(acting),
            email,
            address: scope.address(),
        };
        if self.is_blocked(scope.tenant(), caller).await? {
            return Err(DeskError::Forbidden);
        }
        Ok(())
    }
}
