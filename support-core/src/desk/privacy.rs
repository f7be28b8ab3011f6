//! What is kept of people: handing all of it out, and erasing it.
//!
//! Erasing goes a conversation at a time, however many there are: what was begun is remembered, so
//! that any node goes on with it after a crash. What was done is not done again, since an erased
//! conversation is nobody's.

use std::time::Duration;

use super::{Desk, DeskError, Scope, lookup::require, tickets::Companions};
use crate::{
    change::ChangeSet,
    model::{
        Actor, ActorRef, CustomerId, Erasure, EventBody, File, Requester, Revision, Role, TenantId, Ticket, VisitorId,
        number_key,
    },
    ports::{ErasureReads, PageRequest, RecordOrder, RecordSort, SortOrder},
};

/// Conversations, files or callbacks that are looked at in one go.
const AT_ONCE: u32 = 50;
/// How long a day is.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Tenants looked at in one go.
const TENANTS_AT_ONCE: u32 = 100;

impl Desk {
    /// What a customer may see of themselves, for an admin who hands it out to them: everything is
    /// read as if they did it, so that it holds nothing but their own, and no notes.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::NotFound`].
    pub async fn in_the_eyes_of(&self, scope: &Scope, customer: CustomerId) -> Result<Scope, DeskError> {
        require(scope, Role::Admin)?;
        let customer = self.customer_record(scope, customer).await?.id;
        self.note_access(scope, EventBody::CustomerExported { customer })
            .await?;
        Ok(Scope::new(scope.tenant(), Actor::Customer(customer)))
    }

    /// Erases a customer, or a visitor, with everything they said and sent in: their conversations
    /// become nobody's and have no words any more, and only what is counted stays. Goes through
    /// with it, also when whoever asked for it goes away; after a crash any node
    /// [goes on](Self::finish_erasures).
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::NotFound`].
    pub async fn erase_person(&self, scope: &Scope, person: uuid::Uuid) -> Result<(), DeskError> {
        require(scope, Role::Admin)?;
        let requester = self.person(scope, person).await?;
        let erasure = Erasure {
            requester,
            asked_at: self.now(),
        };
        self.decide(scope, || async move {
            let mut change = ChangeSet::new(scope, self.now());
            change.ask_erasure(erasure);
            self.commit(change).await
        })
        .await?;
        let (desk, scope) = (self.clone(), Scope::new(scope.tenant(), scope.actor().clone()));
        self.see_through(async move { desk.go_through_with(&scope, requester).await })
            .await
    }

    /// Goes on with erasing people that was begun and not ended, on whatever node.
    ///
    /// # Errors
    /// [`DeskError`] when a store can't be asked.
    pub async fn finish_erasures(&self) -> Result<(), DeskError> {
        for (tenant, erasure) in self.erasure_reads().erasures(AT_ONCE).await? {
            self.go_through_with(&Scope::system(tenant), erasure.requester).await?;
        }
        Ok(())
    }

    /// Erases, in every tenant that settled for how long they are kept, conversations that have
    /// been closed for longer; of each tenant so many at most. Answers how many that were.
    ///
    /// # Errors
    /// [`DeskError`] when a store can't be asked.
    pub async fn apply_retention(&self, most: u32) -> Result<u64, DeskError> {
        let mut erased = 0;
        let oldest_first = RecordOrder {
            sort: RecordSort::CreatedAt,
            order: SortOrder::Ascending,
        };
        for number in 1.. {
            let page = PageRequest {
                number,
                limit: TENANTS_AT_ONCE,
            };
            let tenants = self.stores().tenants.tenants(oldest_first, page).await?.items;
            let is_last = tenants.len() < TENANTS_AT_ONCE as usize;
            for tenant in tenants {
                if let Some(days) = tenant.settings.retention_days {
                    erased += self.forget_closed(tenant.id, days, most).await?;
                }
            }
            if is_last {
                break;
            }
        }
        if erased > 0 {
            self.stores().upkeep.wipe().await?;
        }
        Ok(erased)
    }

    async fn forget_closed(&self, tenant: TenantId, days: u32, most: u32) -> Result<u64, DeskError> {
        let scope = Scope::system(tenant);
        let before = self.now().minus(DAY * days);
        let mut erased = 0;
        while erased < u64::from(most) {
            let limit = AT_ONCE.min(most.saturating_sub(u32::try_from(erased).unwrap_or(most)));
            let old = self.erasure_reads().tickets_to_forget(tenant, before, limit).await?;
            let is_last = old.len() < limit as usize;
            for ticket in old {
                let requester = ticket.requester;
                self.erase_ticket(&scope, ticket).await?;
                self.forget_stranger(&scope, requester).await?;
                erased += 1;
            }
            if is_last {
                break;
            }
        }
        Ok(erased)
    }

    /// A visitor is only kept for the sake of their conversations.
    async fn forget_stranger(&self, scope: &Scope, requester: Requester) -> Result<(), DeskError> {
        let Requester::Visitor(_) = requester else {
            return Ok(());
        };
        let left = self.erasure_reads().tickets_of_requester(scope.tenant(), requester, 1);
        if left.await?.is_empty() {
            self.forget(scope, requester).await?;
        }
        Ok(())
    }

    /// Who has this id: a customer, or a visitor.
    async fn person(&self, scope: &Scope, id: uuid::Uuid) -> Result<Requester, DeskError> {
        let people = &self.stores().people;
        let (customer, visitor) = (CustomerId::new(id), VisitorId::new(id));
        if people.customer(scope.tenant(), customer).await?.is_some() {
            return Ok(Requester::Customer(customer));
        }
        let visitor = people
            .visitor(scope.tenant(), visitor)
            .await?
            .ok_or(DeskError::NotFound)?;
        Ok(Requester::Visitor(visitor.id))
    }

    async fn go_through_with(&self, scope: &Scope, requester: Requester) -> Result<(), DeskError> {
        let tenant = scope.tenant();
        loop {
            let tickets = self.erasure_reads().tickets_of_requester(tenant, requester, AT_ONCE);
            let tickets = tickets.await?;
            if tickets.is_empty() {
                break;
            }
            for ticket in tickets {
                self.erase_ticket(scope, ticket).await?;
            }
        }
        self.remove_loose_files(scope, requester).await?;
        if let Requester::Customer(customer) = requester {
            self.erase_callbacks(scope, customer).await?;
        }
        self.forget(scope, requester).await?;
        Ok(self.stores().upkeep.wipe().await?)
    }

    /// Erases a conversation, and ends it first if it goes on.
    async fn erase_ticket(&self, scope: &Scope, ticket: Ticket) -> Result<(), DeskError> {
        let (tenant, id) = (scope.tenant(), ticket.id);
        if ticket.state.closing().is_none() {
            self.close_for_good(scope, &ticket).await?;
        }
        loop {
            let files = self.stores().files.files_of_ticket(tenant, id, AT_ONCE).await?;
            if files.is_empty() {
                break;
            }
            self.remove_files(scope, files).await?;
        }
        let requester = ticket.requester;
        self.decide(scope, || async move {
            let ticket = self.any_ticket(tenant, id.into()).await?;
            if ticket.requester != requester {
                // Somebody else was quicker.
                return Ok(());
            }
            let mut change = ChangeSet::new(scope, self.now());
            change.erase_ticket(ticket, VisitorId::new(self.ids().uuid()));
            self.commit(change).await.map(drop)
        })
        .await
    }

    async fn close_for_good(&self, scope: &Scope, ticket: &Ticket) -> Result<(), DeskError> {
        let id = ticket.id;
        self.decide(scope, || async move {
            let ticket = self.any_ticket(scope.tenant(), id.into()).await?;
            if ticket.state.closing().is_some() {
                return Ok(());
            }
            let mut revision = Revision::of(ticket, self.now());
            revision.close(scope.actor().agent().map(|agent| agent.id))?;
            let closed = self.commit_revision(scope, revision, Companions::default()).await;
            closed.map(drop)
        })
        .await
    }

    async fn remove_loose_files(&self, scope: &Scope, requester: Requester) -> Result<(), DeskError> {
        let uploader = match requester {
            Requester::Customer(customer) => ActorRef::Customer(customer),
            Requester::Visitor(visitor) => ActorRef::Visitor(visitor),
        };
        loop {
            let files = &self.stores().files;
            let files = files.loose_files_of(scope.tenant(), uploader, AT_ONCE).await?;
            if files.is_empty() {
                return Ok(());
            }
            self.remove_files(scope, files).await?;
        }
    }

    /// Bytes go before what is known of them, so that nothing is left that nobody finds.
    async fn remove_files(&self, scope: &Scope, files: Vec<File>) -> Result<(), DeskError> {
        let store = self.files().store.clone();
        let store =
            store.ok_or_else(|| DeskError::Internal("files are kept, and no store for them is set up".to_owned()))?;
        for file in files {
            self.remove_file(scope, &*store, file).await?;
        }
        Ok(())
    }

    async fn erase_callbacks(&self, scope: &Scope, customer: CustomerId) -> Result<(), DeskError> {
        let known = self.stores().people.customer(scope.tenant(), customer).await?;
        let phone = known.and_then(|known| known.contact.phone);
        let region = self.tenant_of(scope).await?.settings.phone_region;
        let number = phone.map(|phone| {
            let e164 = crate::model::e164(&phone, region.as_deref());
            number_key(&phone, e164.as_deref())
        });
        loop {
            let found = self
                .erasure_reads()
                .callbacks_to_forget(scope.tenant(), customer, number.clone(), AT_ONCE)
                .await?;
            if found.is_empty() {
                return Ok(());
            }
            for callback in found {
                let id = callback.id;
                self.decide(scope, || async move {
                    let callback = self.stores().callbacks.callback(scope.tenant(), id).await?;
                    let mut change = ChangeSet::new(scope, self.now());
                    change.erase_callback(callback.ok_or(DeskError::NotFound)?);
                    self.commit(change).await
                })
                .await?;
            }
        }
    }

    /// The end of it: who they were.
    async fn forget(&self, scope: &Scope, requester: Requester) -> Result<(), DeskError> {
        self.decide(scope, || async move {
            let mut change = ChangeSet::new(scope, self.now());
            let people = &self.stores().people;
            match requester {
                Requester::Customer(customer) => match people.customer(scope.tenant(), customer).await? {
                    Some(known) => change.forget_customer(&known),
                    None => change.end_erasure(requester),
                },
                Requester::Visitor(visitor) => match people.visitor(scope.tenant(), visitor).await? {
                    Some(known) => change.forget_visitor(visitor, known.contact.email.as_ref()),
                    None => change.end_erasure(requester),
                },
            }
            self.commit(change).await.map(drop)
        })
        .await
    }

    fn erasure_reads(&self) -> &dyn ErasureReads {
        &*self.stores().erasures
    }
}
