//! Visitors who prove to be known people.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{CustomerChanges, Desk, DeskError, Scope, TicketRef, lookup::require};
use crate::{
    change::ChangeSet,
    model::{Actor, Contact, CustomerId, EventBody, Input, Requester, Role, Secret, Tenant, Ticket},
};

/// The longest external id, in characters.
const LONGEST_EXTERNAL_ID: usize = 200;

/// Who somebody in a widget says they are, and what shall prove it.
#[derive(Clone)]
pub struct ClaimedIdentity {
    /// What the host application calls them.
    pub external_id: String,
    /// The HMAC-SHA256 of that id's UTF-8 bytes with the tenant's secret, as lower-case hex.
    pub hash: String,
    /// How to reach them, as the page says. The proof is about the id alone, so this is taken for
    /// their ticket, and for a customer who becomes known by it, never for one who is known.
    pub contact: Contact,
}

impl std::fmt::Debug for ClaimedIdentity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ClaimedIdentity").finish_non_exhaustive()
    }
}

impl Desk {
    /// Makes another secret with which the host application signs its users' ids. What was signed
    /// with the former one proves nothing from then on.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins.
    pub async fn rotate_identity_secret(&self, scope: &Scope) -> Result<Secret, DeskError> {
        require(scope, Role::Admin)?;
        let secret = self.ids().secret("");
        let sealed = &self.seal_secret(scope.tenant(), &secret)?;
        self.decide(scope, || async move {
            let mut tenant = self.tenant_of(scope).await?;
            tenant.settings.identity.secret = Some(sealed.clone());
            tenant.updated_at = self.now();
            let mut change = ChangeSet::new(scope, self.now());
            change.put_tenant(tenant, EventBody::TenantSaved);
            self.commit(change).await
        })
        .await?;
        self.public_tenants().forget_all();
        Ok(secret)
    }

    /// The customer whom a visitor proved to be. Whoever wasn't known becomes known by it.
    ///
    /// Nobody is ever taken for a customer for any other reason, such as the same mail address.
    ///
    /// # Errors
    /// [`DeskError::Unauthenticated`] when it is not proven, [`DeskError::Invalid`] for an id or a
    /// contact that can't be kept.
    pub async fn identify_visitor(&self, tenant: &Tenant, claim: &ClaimedIdentity) -> Result<CustomerId, DeskError> {
        if !self.is_proven(tenant, claim) {
            return Err(DeskError::Unauthenticated);
        }
        let mut input = Input::new();
        let external_id = input.line("external_id", &claim.external_id, 1..=LONGEST_EXTERNAL_ID);
        if external_id != claim.external_id {
            // Cut to another's id it would be theirs.
            input.refuse("external_id", "Must neither begin nor end with a blank");
        }
        input.finish()?;
        let people = &self.stores().people;
        if let Some(known) = people.customer_by_external_id(tenant.id, &external_id).await? {
            return Ok(known.id);
        }
        let Contact { name, email, phone } = claim.contact.clone();
        let changes = CustomerChanges {
            name,
            email,
            phone,
            ..CustomerChanges::default()
        };
        let scope = Scope::system(tenant.id);
        let made = self.customer_for_external_id(&scope, &external_id, changes).await?;
        Ok(made.id)
    }

    fn is_proven(&self, tenant: &Tenant, claim: &ClaimedIdentity) -> bool {
        let sealed = tenant.settings.identity.secret.as_ref();
        let Some(secret) = sealed.and_then(|sealed| self.vault().open(tenant.id, sealed)) else {
            return false;
        };
        let is_lower = claim
            .hash
            .bytes()
            .all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit));
        let (Ok(hash), Ok(mut mac)) = (
            hex::decode(&claim.hash),
            Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()),
        ) else {
            return false;
        };
        mac.update(claim.external_id.as_bytes());
        // In the same time wherever they differ, and false for any other length.
        is_lower && !claim.external_id.is_empty() && mac.verify_slice(&hash).is_ok()
    }

    /// The visitor of a conversation proved to be a customer: the ticket is theirs from now on, and
    /// they find it in the portal.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when it is another customer's, [`DeskError::Forbidden`] for others
    /// than whoever's conversation it is.
    pub async fn claim_ticket(
        &self,
        scope: &Scope,
        ticket: impl Into<TicketRef>,
        customer: CustomerId,
        told: Contact,
    ) -> Result<Ticket, DeskError> {
        if !matches!(scope.actor(), Actor::Visitor { .. }) {
            return Err(DeskError::Forbidden);
        }
        let id = self.ticket(scope, ticket).await?.id;
        let told = &told;
        self.decide(scope, || async move {
            let ticket = self.ticket(scope, id).await?;
            match ticket.requester {
                Requester::Customer(known) if known == customer => return Ok(ticket),
                Requester::Customer(_) => return Err(DeskError::NotFound.into()),
                Requester::Visitor(_) => {}
            }
            let known = self.customer_record(scope, customer).await?.contact;
            let own = ticket.contact.clone();
            let claimed = Ticket {
                requester: Requester::Customer(customer),
                contact: Contact {
                    name: own.name.or_else(|| told.name.clone()).or(known.name),
                    email: own.email.or_else(|| told.email.clone()).or(known.email),
                    phone: own.phone.or_else(|| told.phone.clone()).or(known.phone),
                },
                updated_at: self.now(),
                ..ticket
            };
            // The request's key belongs to what is said with it.
            let mut change = ChangeSet::new(&scope.apart(), self.now());
            change.identify_ticket(claimed, customer);
            self.commit(change).await?;
            let ticket = self.any_ticket(scope.tenant(), id.into()).await?;
            if let Some(access) = &ticket.access {
                self.open_conversations().forget(&(scope.tenant(), access.clone()));
            }
            Ok(ticket)
        })
        .await
    }
}
