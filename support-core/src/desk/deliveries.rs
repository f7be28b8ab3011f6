//! What is owed to the outside, for admins to look at.

use super::{Desk, DeskError, Rule, Scope, lookup::require};
use crate::{
    model::{Channel, Delivery, DeliveryId, Role, WebhookId},
    ports::{DeliveryFilter, Page, PageRequest},
};

impl Desk {
    /// Deliveries, newest first.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins.
    pub async fn deliveries(
        &self,
        scope: &Scope,
        filter: &DeliveryFilter,
        page: PageRequest,
    ) -> Result<Page<Delivery>, DeskError> {
        require(scope, Role::Admin)?;
        Ok(self.stores().owed.deliveries(scope.tenant(), filter, page).await?)
    }

    /// Deliveries to one webhook, newest first.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::NotFound`].
    pub async fn deliveries_of_webhook(
        &self,
        scope: &Scope,
        webhook: WebhookId,
        page: PageRequest,
    ) -> Result<Page<Delivery>, DeskError> {
        self.webhook(scope, webhook).await?;
        let filter = DeliveryFilter {
            channel: Some(Channel::Webhook),
            recipient: Some(webhook.to_string()),
            ..DeliveryFilter::default()
        };
        self.deliveries(scope, &filter, page).await
    }

    /// Sends again what was given up, or sooner what failed.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::NotFound`],
    /// [`Rule::NothingToRetry`].
    pub async fn retry_delivery(&self, scope: &Scope, delivery: DeliveryId) -> Result<Delivery, DeskError> {
        require(scope, Role::Admin)?;
        let tenant = scope.tenant();
        let before = self.stores().owed.delivery(tenant, delivery).await?;
        before.ok_or(DeskError::NotFound)?;
        if !self.stores().deliveries.revive(tenant, delivery, self.now()).await? {
            return Err(DeskError::Refused(Rule::NothingToRetry));
        }
        self.tell_owed();
        let after = self.stores().owed.delivery(tenant, delivery).await?;
        after.ok_or(DeskError::NotFound)
    }
}
