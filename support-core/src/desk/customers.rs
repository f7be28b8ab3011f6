//! The known people of a tenant.

use super::{Desk, DeskError, Scope, lookup::require, retry::Committed};
use crate::{
    change::{ChangeSet, Claim, Expect},
    model::{Account, Actor, ApiScope, Contact, Customer, CustomerId, Input, LONGEST_NAME, Principal, Role},
    ports::{CustomerFilter, Page, PageRequest},
};

/// A customer to be added.
#[derive(Debug, Clone, Default)]
pub struct NewCustomer {
    /// Their name.
    pub name: Option<String>,
    /// Their address.
    pub email: Option<String>,
    /// Their number.
    pub phone: Option<String>,
    /// What the tenant's own system calls them.
    pub external_id: Option<String>,
    /// Their first password, if they shall log in with one; takes an address.
    pub password: Option<String>,
}

/// Changes to a customer. What is not named stays.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of `NewCustomer`")]
pub struct CustomerChanges {
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub external_id: Option<String>,
    pub password: Option<String>,
}

impl Desk {
    /// Adds a customer, with an account if they have a password.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins and servers that may,
    /// [`DeskError::Invalid`] with every bad field, [`DeskError::Conflict`] when the address or
    /// external id is somebody's.
    pub async fn create_customer(&self, scope: &Scope, new: NewCustomer) -> Result<Customer, DeskError> {
        may_keep_customers(scope)?;
        let mut input = Input::new();
        let contact = Contact {
            name: input.optional_line("name", new.name.as_deref(), LONGEST_NAME),
            email: input.optional_email("email", new.email.as_deref()),
            phone: input.optional_phone("phone", new.phone.as_deref()),
        };
        let external_id = input.optional_line("external_id", new.external_id.as_deref(), 200);
        if let Some(password) = &new.password {
            input.password("password", password);
            if contact.email.is_none() {
                input.refuse("email", "Whoever logs in needs an address");
            }
        }
        input.finish()?;
        let now = self.now();
        let customer = Customer {
            id: CustomerId::new(self.ids().uuid()),
            external_id,
            contact,
            version: 0,
            created_at: now,
            updated_at: now,
        };
        let password_hash = match &new.password {
            Some(password) => Some(self.hash_password(password).await?),
            None => None,
        };
        self.add_customer(scope, customer, password_hash).await
    }

    async fn add_customer(
        &self,
        scope: &Scope,
        customer: Customer,
        password_hash: Option<String>,
    ) -> Result<Customer, DeskError> {
        let (customer, password_hash) = (&customer, &password_hash);
        let committed = self
            .decide(scope, || async move {
                let mut change = ChangeSet::new(scope, customer.created_at);
                if let Some(external_id) = &customer.external_id {
                    change.expect(Expect::Free(Claim::ExternalId(external_id.clone())));
                }
                if let (Some(hash), Some(email)) = (password_hash, &customer.contact.email) {
                    change.expect(Expect::Free(Claim::AccountEmail(email.clone())));
                    change.put_account(Account {
                        principal: Principal::Customer(customer.id),
                        email: email.clone(),
                        password_hash: Some(hash.clone()),
                        tokens_valid_from: customer.created_at,
                        version: 0,
                    });
                }
                change.put_customer(customer.clone());
                self.commit(change).await
            })
            .await?;
        match committed {
            Committed::Now(_) => self.customer_record(scope, customer.id).await,
            Committed::Before(_) => self.repeated_customer(scope, customer).await,
        }
    }

    async fn repeated_customer(&self, scope: &Scope, customer: &Customer) -> Result<Customer, DeskError> {
        let people = &self.stores().people;
        let by_external_id = match &customer.external_id {
            Some(external_id) => people.customer_by_external_id(scope.tenant(), external_id).await?,
            None => None,
        };
        if let Some(found) = by_external_id {
            return Ok(found);
        }
        let email = customer.contact.email.as_deref().ok_or(DeskError::NotFound)?;
        let filter = CustomerFilter {
            text: Some(email.to_owned()),
            ..CustomerFilter::default()
        };
        let found = people
            .customers(scope.tenant(), &filter, PageRequest { number: 1, limit: 1 })
            .await?;
        found.items.into_iter().next().ok_or(DeskError::NotFound)
    }

    /// The customer whom the tenant's own system calls so, made or brought up to date: for
    /// minting tokens.
    ///
    /// # Errors
    /// As [`create_customer`](Self::create_customer).
    pub async fn customer_for_external_id(
        &self,
        scope: &Scope,
        external_id: &str,
        changes: CustomerChanges,
    ) -> Result<Customer, DeskError> {
        may_keep_customers(scope)?;
        let mut input = Input::new();
        let external_id = input.line("external_id", external_id, 1..=200);
        input.finish()?;
        let CustomerChanges {
            name,
            email,
            phone,
            external_id: _,
            password: _,
        } = changes;
        let known = self
            .stores()
            .people
            .customer_by_external_id(scope.tenant(), &external_id)
            .await?;
        let Some(known) = known else {
            let new = NewCustomer {
                name,
                email,
                phone,
                external_id: Some(external_id.clone()),
                password: None,
            };
            return match self.create_customer(scope, new).await {
                // Somebody else made them at the same moment.
                Err(DeskError::Conflict(reason)) => {
                    let found = self
                        .stores()
                        .people
                        .customer_by_external_id(scope.tenant(), &external_id)
                        .await?;
                    found.ok_or(DeskError::Conflict(reason))
                }
                created => created,
            };
        };
        if name.is_none() && email.is_none() && phone.is_none() {
            return Ok(known);
        }
        self.update_customer(
            scope,
            known.id,
            CustomerChanges {
                name,
                email,
                phone,
                ..CustomerChanges::default()
            },
        )
        .await
    }

    /// The customer whom an agent or server names for a ticket: by id, or by what the tenant's own
    /// system calls them. Whoever isn't known becomes known, for which it takes a name.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents and servers, [`DeskError::Invalid`].
    pub async fn customer_for_ticket(
        &self,
        scope: &Scope,
        named: &str,
        told: Contact,
    ) -> Result<CustomerId, DeskError> {
        require(scope, Role::Agent)?;
        let mut input = Input::new();
        let named = input.line("customer_id", named, 1..=200);
        let contact = Contact {
            name: input.optional_line("name", told.name.as_deref(), LONGEST_NAME),
            email: input.optional_email("email", told.email.as_deref()),
            phone: input.optional_phone("phone", told.phone.as_deref()),
        };
        input.finish()?;
        if let Some(known) = self.customer_named(scope, &named).await? {
            return Ok(known);
        }
        if contact.name.is_none() {
            return Err(DeskError::field("name", "Whoever is not known yet needs a name"));
        }
        let now = self.now();
        let customer = Customer {
            id: CustomerId::new(self.ids().uuid()),
            external_id: Some(named.clone()),
            contact,
            version: 0,
            created_at: now,
            updated_at: now,
        };
        // The request's key belongs to the ticket.
        let alone = Scope::new(scope.tenant(), scope.actor().clone());
        match self.add_customer(&alone, customer, None).await {
            Err(conflict @ DeskError::Conflict(_)) => {
                // Somebody else made them at the same moment.
                let known = self.customer_named(scope, &named).await?;
                known.ok_or(conflict)
            }
            added => Ok(added?.id),
        }
    }

    async fn customer_named(&self, scope: &Scope, named: &str) -> Result<Option<CustomerId>, DeskError> {
        let people = &self.stores().people;
        if let Ok(id) = named.parse()
            && let Some(known) = people.customer(scope.tenant(), id).await?
        {
            return Ok(Some(known.id));
        }
        let known = people.customer_by_external_id(scope.tenant(), named).await?;
        Ok(known.map(|known| known.id))
    }

    pub(super) async fn customer_record(&self, scope: &Scope, customer: CustomerId) -> Result<Customer, DeskError> {
        self.stores()
            .people
            .customer(scope.tenant(), customer)
            .await?
            .ok_or(DeskError::NotFound)
    }

    /// One customer.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`], [`DeskError::NotFound`].
    pub async fn customer(&self, scope: &Scope, customer: CustomerId) -> Result<Customer, DeskError> {
        may_keep_customers(scope)?;
        self.customer_record(scope, customer).await
    }

    /// A part of the list of customers.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`].
    pub async fn customers(
        &self,
        scope: &Scope,
        filter: &CustomerFilter,
        page: PageRequest,
    ) -> Result<Page<Customer>, DeskError> {
        may_keep_customers(scope)?;
        Ok(self.stores().people.customers(scope.tenant(), filter, page).await?)
    }

    /// Changes a customer. A new password makes their tokens void.
    ///
    /// # Errors
    /// As [`create_customer`](Self::create_customer), and [`DeskError::NotFound`].
    pub async fn update_customer(
        &self,
        scope: &Scope,
        customer: CustomerId,
        changes: CustomerChanges,
    ) -> Result<Customer, DeskError> {
        may_keep_customers(scope)?;
        self.revise_customer(scope, customer, changes, Input::new()).await
    }

    /// Changes a customer, whoever may do so, unless something was found wrong already.
    pub(super) async fn revise_customer(
        &self,
        scope: &Scope,
        customer: CustomerId,
        changes: CustomerChanges,
        mut input: Input,
    ) -> Result<Customer, DeskError> {
        self.customer_record(scope, customer).await?;
        let name = input.optional_line("name", changes.name.as_deref(), LONGEST_NAME);
        let email = input.optional_email("email", changes.email.as_deref());
        let phone = input.optional_phone("phone", changes.phone.as_deref());
        let external_id = input.optional_line("external_id", changes.external_id.as_deref(), 200);
        if let Some(password) = &changes.password {
            input.password("password", password);
        }
        input.finish()?;
        let password_hash = match &changes.password {
            Some(password) => Some(self.hash_password(password).await?),
            None => None,
        };
        let revise = |mut customer: Customer| {
            let contact = &mut customer.contact;
            contact.name = name.clone().or(contact.name.take());
            contact.email = email.clone().or(contact.email.take());
            contact.phone = phone.clone().or(contact.phone.take());
            customer.external_id = external_id.clone().or(customer.external_id);
            customer
        };
        let (revise, password_hash) = (&revise, &password_hash);
        self.decide(scope, || async move {
            let before = self.customer_record(scope, customer).await?;
            let now = self.now();
            let mut after = revise(before.clone());
            after.updated_at = now;
            let mut change = ChangeSet::new(scope, now);
            if let Some(external_id) = after
                .external_id
                .as_ref()
                .filter(|_| after.external_id != before.external_id)
            {
                change.expect(Expect::Free(Claim::ExternalId(external_id.clone())));
            }
            self.revise_account(scope, &mut change, &after, password_hash.as_ref())
                .await?;
            change.put_customer(after);
            self.commit(change).await
        })
        .await?;
        self.customer_record(scope, customer).await
    }

    /// Keeps a customer's account in step with their address and password.
    async fn revise_account(
        &self,
        scope: &Scope,
        change: &mut ChangeSet,
        after: &Customer,
        password_hash: Option<&String>,
    ) -> Result<(), DeskError> {
        let Some(email) = after.contact.email.clone() else {
            return if password_hash.is_some() {
                Err(DeskError::field("email", "Whoever logs in needs an address"))
            } else {
                Ok(())
            };
        };
        let principal = Principal::Customer(after.id);
        let account = self.stores().accounts.account(scope.tenant(), principal).await?;
        if account.is_none() && password_hash.is_none() {
            return Ok(());
        }
        let account = account.unwrap_or(Account {
            principal,
            email: String::new(),
            password_hash: None,
            tokens_valid_from: change.at(),
            version: 0,
        });
        if account.email == email && password_hash.is_none() {
            return Ok(());
        }
        if account.email != email {
            change.expect(Expect::Free(Claim::AccountEmail(email.clone())));
        }
        let tokens_valid_from = if password_hash.is_some() {
            change.at()
        } else {
            account.tokens_valid_from
        };
        change.put_account(Account {
            email,
            password_hash: password_hash.cloned().or(account.password_hash.clone()),
            tokens_valid_from,
            ..account
        });
        Ok(())
    }
}

fn may_keep_customers(scope: &Scope) -> Result<(), DeskError> {
    let is_server = matches!(scope.actor(), Actor::ApiKey { scopes, .. } if scopes.contains(&ApiScope::Customers));
    if is_server { Ok(()) } else { require(scope, Role::Admin) }
}
