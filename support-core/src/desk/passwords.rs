//! Choosing another password without the one that was forgotten.

use std::time::Duration;

use super::{Desk, DeskError, Scope, outbound::Purpose};
use crate::{
    change::ChangeSet,
    model::{Account, AgentId, Channel, CustomerId, Input, Notice, Principal, TenantId, Timestamp},
};

/// How long a way to choose another password is open.
const RESET_VALID: Duration = Duration::from_secs(30 * 60);

/// The most mails to one address in the time below, whoever asks for them.
const MOST_MAILS: u32 = 3;
/// For how long a mail that is not sent yet is enough: a part of its validity.
const GATHERED_FOR_MILLIS: i64 = 5 * 60 * 1_000;

impl Desk {
    /// Mails whoever has an account with this address a way to choose another password. Answers
    /// the same, as fast, whether anybody has: the search goes on by itself.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] when it is no address.
    pub fn forgot_password(&self, email: &str, tenant: Option<&str>) -> Result<(), DeskError> {
        let mut input = Input::new();
        let email = input.line("email", email, 1..=254).to_lowercase();
        input.finish()?;
        let (desk, tenant) = (self.clone(), tenant.map(str::to_owned));
        tokio::spawn(async move {
            if let Err(error) = desk.owe_reset(&email, tenant.as_deref()).await {
                tracing::warn!(%error, "a way to choose another password could not be sent");
            }
        });
        Ok(())
    }

    async fn owe_reset(&self, email: &str, slug: Option<&str>) -> Result<(), DeskError> {
        let tenants = match slug.map(str::trim).filter(|slug| !slug.is_empty()) {
            Some(slug) => {
                let tenant = self.stores().tenants.tenant_by_slug(slug).await?;
                tenant.map(|tenant| tenant.id).into_iter().collect()
            }
            None => self.stores().accounts.tenants_with_account(email).await?,
        };
        for tenant in tenants {
            self.owe_reset_in(tenant, email).await?;
        }
        Ok(())
    }

    async fn owe_reset_in(&self, tenant: TenantId, email: &str) -> Result<(), DeskError> {
        let Some(account) = self.stores().accounts.account_by_email(tenant, email).await? else {
            return Ok(());
        };
        let found = self.stores().tenants.tenant(tenant).await?;
        let sends_mail = found.is_some_and(|tenant| tenant.is_active && self.has_route(&tenant, Channel::Email));
        let may_act = self.identify(tenant, account.principal).await?.is_some();
        if !sends_mail || !may_act {
            tracing::warn!(%tenant, "somebody forgot their password, and no mail can be sent to them");
            return Ok(());
        }
        let scope = &Scope::system(tenant);
        let account = &account;
        self.decide(scope, || async move {
            let now = self.now();
            let notice = Notice::PasswordReset {
                principal: account.principal,
                expires_at: now.plus(RESET_VALID),
            };
            let mut change = ChangeSet::new(scope, now);
            let mail = self.mail_to(account.email.clone(), notice);
            let slot = now.millis().div_euclid(GATHERED_FOR_MILLIS);
            let key = format!("reset:{}:{slot}", account.email);
            let mails = self
                .stores()
                .owed
                .deliveries_with_key(scope.tenant(), &key, MOST_MAILS)
                .await?;
            if u32::try_from(mails.len()).is_ok_and(|count| count >= MOST_MAILS) {
                return Ok(());
            }
            change.owe(mail.gathering(key, Duration::ZERO));
            change.tell_password_reset(account.principal);
            self.commit(change).await?;
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// Changes a password by what was mailed for it, once, and makes earlier tokens void.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] when the token is not good, or no longer, or the password won't do.
    pub async fn reset_password(&self, token: &str, password: &str) -> Result<(), DeskError> {
        let mut input = Input::new();
        input.password("password", password);
        let named = self.named_by(token);
        if named.is_none() {
            input.refuse("token", "This link is not valid, or no longer");
        }
        input.finish()?;
        let Some(named) = named else {
            return Err(DeskError::NotFound);
        };
        let hash = &self.hash_password(password).await?;
        let (scope, named) = (&Scope::system(named.tenant), &named);
        self.decide(scope, || async move {
            let account = self.stores().accounts.account(named.tenant, named.principal).await?;
            let is_good = |account: &Account| account.password_mark() == named.mark;
            let Some(account) = account.filter(is_good) else {
                return Err(DeskError::field("token", "This link is not valid, or no longer").into());
            };
            let mut change = ChangeSet::new(scope, self.now());
            change.change_password(account.with_password(hash.clone(), change.at()));
            self.commit(change).await
        })
        .await?;
        Ok(())
    }

    fn named_by(&self, token: &str) -> Option<Named> {
        let parts = self.signed_parts(Purpose::PasswordReset, token)?;
        let [tenant, kind, id, expires_at, mark] = parts.as_slice() else {
            return None;
        };
        let principal = match kind.as_str() {
            "agent" => Principal::Agent(id.parse::<AgentId>().ok()?),
            "customer" => Principal::Customer(id.parse::<CustomerId>().ok()?),
            _ => return None,
        };
        let expires_at = Timestamp::from_millis(expires_at.parse().ok()?);
        (self.now() < expires_at).then_some(Named {
            tenant: tenant.parse().ok()?,
            principal,
            mark: mark.clone(),
        })
    }

    /// Whether a link takes some address off the digests: nothing is done yet.
    #[must_use]
    pub fn is_unsubscribe_link(&self, token: &str) -> bool {
        let parts = self.signed_parts(Purpose::Unsubscribe, token);
        parts.is_some_and(|parts| parts.len() == 2)
    }

    /// Takes an address off the digests, by the link that a digest had.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when the link is not good.
    pub async fn unsubscribe(&self, token: &str) -> Result<String, DeskError> {
        let parts = self
            .signed_parts(Purpose::Unsubscribe, token)
            .ok_or(DeskError::NotFound)?;
        let [tenant, email] = parts.as_slice() else {
            return Err(DeskError::NotFound);
        };
        let tenant: TenantId = tenant.parse().map_err(|_| DeskError::NotFound)?;
        let scope = &Scope::system(tenant);
        self.decide(scope, || async move {
            let mut tenant = self.tenant_of(scope).await?;
            if tenant.settings.unsubscribed.contains(email) {
                return Ok(());
            }
            tenant.settings.unsubscribed.push(email.clone());
            tenant.updated_at = self.now();
            let mut change = ChangeSet::new(scope, self.now());
            change.put_tenant(tenant, crate::model::EventBody::TenantSaved);
            self.commit(change).await?;
            Ok(())
        })
        .await?;
        self.forget_policy(scope.tenant());
        Ok(email.clone())
    }
}

struct Named {
    tenant: TenantId,
    principal: Principal,
    mark: String,
}
