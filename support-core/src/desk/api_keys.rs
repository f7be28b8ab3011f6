//! Servers' credentials.

use super::{Desk, DeskError, Scope, lookup::require};
use crate::{
    change::ChangeSet,
    model::{ApiKey, ApiKeyId, ApiScope, Input, LONGEST_NAME, Role, Secret},
};

/// A key to be made.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// What it is for.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<ApiScope>,
}

/// What every key begins with.
const PREFIX: &str = "sk_";

impl Desk {
    /// Makes a key, and gives it out this once.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::Invalid`].
    pub async fn create_api_key(&self, scope: &Scope, new: NewApiKey) -> Result<(ApiKey, Secret), DeskError> {
        require(scope, Role::Admin)?;
        let mut input = Input::new();
        let name = input.line("name", &new.name, 1..=LONGEST_NAME);
        if new.scopes.is_empty() {
            input.refuse("scopes", "A key needs at least one scope");
        }
        input.finish()?;
        let secret = self.ids().secret(PREFIX);
        let text = secret.reveal();
        let key = ApiKey {
            id: ApiKeyId::new(self.ids().uuid()),
            name,
            hash: secret.hash(),
            last_characters: text.get(text.len().saturating_sub(4)..).unwrap_or_default().to_owned(),
            scopes: new.scopes,
            created_at: self.now(),
            revoked_at: None,
        };
        self.save_api_key(scope, &key).await?;
        Ok((key, secret))
    }

    async fn save_api_key(&self, scope: &Scope, key: &ApiKey) -> Result<(), DeskError> {
        self.decide(scope, || async move {
            let mut change = ChangeSet::new(scope, self.now());
            change.put_api_key(key.clone());
            self.commit(change).await
        })
        .await?;
        Ok(())
    }

    /// All keys that are not void.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins.
    pub async fn api_keys(&self, scope: &Scope) -> Result<Vec<ApiKey>, DeskError> {
        require(scope, Role::Admin)?;
        let keys = self.stores().accounts.api_keys(scope.tenant()).await?;
        Ok(keys.into_iter().filter(|key| key.revoked_at.is_none()).collect())
    }

    /// Makes a key void at once.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::NotFound`].
    pub async fn revoke_api_key(&self, scope: &Scope, key: ApiKeyId) -> Result<(), DeskError> {
        let key = self
            .api_keys(scope)
            .await?
            .into_iter()
            .find(|known| known.id == key)
            .ok_or(DeskError::NotFound)?;
        self.save_api_key(
            scope,
            &ApiKey {
                revoked_at: Some(self.now()),
                ..key
            },
        )
        .await
    }
}
