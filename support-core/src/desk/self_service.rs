//! What customers do about themselves and their tickets.

use super::{
    CustomerChanges, Desk, DeskError, Scope,
    lookup::{FormerAssignee, TicketRef},
    tickets::Companions,
};
use crate::{
    model::{Actor, Customer, CustomerId, Input, Revision, Status, Ticket},
    ports::{TicketFilter, TicketPosition},
};

/// How a customer wants to be called and reached from now on. What is not named stays.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of `NewCustomer`")]
pub struct OwnContact {
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// How many tickets a customer has, counted as far as lists of tickets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnTickets {
    /// All.
    pub total: u64,
    /// Those that are not finished.
    pub unfinished: u64,
    /// Those that are resolved or closed.
    pub finished: u64,
}

/// States in which something is still to be done.
const UNFINISHED: [Status; 4] = [Status::Open, Status::Waiting, Status::Assigned, Status::Pending];
/// States in which nothing is.
const FINISHED: [Status; 2] = [Status::Resolved, Status::Closed];

impl Desk {
    /// Who the acting customer is.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than customers, [`DeskError::NotFound`].
    pub async fn own_profile(&self, scope: &Scope) -> Result<Customer, DeskError> {
        self.customer_record(scope, customer_of(scope)?).await
    }

    /// The acting customer changes how they are called and reached; `found` is what the caller
    /// found wrong already, to be refused with all that is wrong besides. Whoever logs in does so
    /// with the new address.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than customers, [`DeskError::Invalid`] with every bad
    /// field, [`DeskError::Conflict`] when somebody else logs in with that address.
    pub async fn update_own_profile(
        &self,
        scope: &Scope,
        contact: OwnContact,
        found: Input,
    ) -> Result<Customer, DeskError> {
        let OwnContact { name, email, phone } = contact;
        let changes = CustomerChanges {
            name,
            email,
            phone,
            ..CustomerChanges::default()
        };
        self.revise_customer(scope, customer_of(scope)?, changes, found).await
    }

    /// How many tickets the acting customer has.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than customers.
    pub async fn own_ticket_counts(&self, scope: &Scope) -> Result<OwnTickets, DeskError> {
        customer_of(scope)?;
        let unfinished = self.count_own(scope, &UNFINISHED).await?;
        let finished = self.count_own(scope, &FINISHED).await?;
        Ok(OwnTickets {
            total: unfinished.saturating_add(finished),
            unfinished,
            finished,
        })
    }

    async fn count_own(&self, scope: &Scope, statuses: &[Status]) -> Result<u64, DeskError> {
        let filter = TicketFilter {
            statuses: statuses.to_vec(),
            ..TicketFilter::default()
        };
        let found = self.tickets(scope, filter, TicketPosition::Page(1), 1).await?;
        Ok(found.total)
    }

    /// The customer opens their resolved ticket again.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Forbidden`] for others than customers,
    /// [`Rule::InvalidTransition`](super::Rule::InvalidTransition) unless it is resolved.
    pub async fn reopen_own_ticket(&self, scope: &Scope, ticket: impl Into<TicketRef>) -> Result<Ticket, DeskError> {
        customer_of(scope)?;
        self.refuse_blocked(scope, None, None).await?;
        let ticket: TicketRef = ticket.into();
        self.decide(scope, || async move {
            let ticket = self.ticket(scope, ticket).await?;
            if self.was_done(scope).await? {
                return Ok(ticket);
            }
            let (former, office) = self.assignee_and_office(scope.tenant(), &ticket).await?;
            let takes_it_back = ticket.assignee().filter(|_| former == FormerAssignee::There);
            let mut revision = Revision::of(ticket, self.now());
            revision.customer_reopened(former != FormerAssignee::Gone, office)?;
            let companions = Companions {
                takes_it_back,
                ..Companions::default()
            };
            self.commit_revision(scope, revision, companions).await
        })
        .await
    }
}

const fn customer_of(scope: &Scope) -> Result<CustomerId, DeskError> {
    match scope.actor() {
        Actor::Customer(customer) => Ok(*customer),
        _ => Err(DeskError::Forbidden),
    }
}
