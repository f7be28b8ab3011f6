//! Entry points.

use super::{Desk, DeskError, Scope, lookup::require};
use crate::{
    change::ChangeSet,
    model::{Inbox, InboxId, InboxKind, Input, LONGEST_NAME, Role, TenantId},
};

/// A chatbot to be added.
#[derive(Debug, Clone, Default)]
pub struct NewInbox {
    /// Its name.
    pub name: String,
    /// Who is told of its requests.
    pub admin_email: String,
    /// Web origins it may be used from.
    pub allowed_origins: Vec<String>,
}

/// Changes to a chatbot. What is not named stays.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of `NewInbox`")]
pub struct InboxChanges {
    pub name: Option<String>,
    pub admin_email: Option<String>,
    pub allowed_origins: Option<Vec<String>>,
}

impl Desk {
    /// The tenant's first active inbox of a kind: where what names none comes in.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when there is none.
    pub async fn default_inbox(&self, tenant: TenantId, kind: InboxKind) -> Result<Inbox, DeskError> {
        let inboxes = self.stores().inboxes.inboxes(tenant).await?;
        inboxes
            .into_iter()
            .find(|inbox| inbox.kind == kind && inbox.is_active)
            .ok_or(DeskError::NotFound)
    }

    /// An active chatbot by id, whoever asks.
    ///
    /// # Errors
    /// [`DeskError::NotFound`].
    pub async fn active_chatbot(&self, tenant: TenantId, inbox: InboxId) -> Result<Inbox, DeskError> {
        let found = self.stores().inboxes.inbox(tenant, inbox).await?;
        found
            .filter(|inbox| inbox.kind == InboxKind::Chatbot && inbox.is_active)
            .ok_or(DeskError::NotFound)
    }

    /// All active chatbots.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins.
    pub async fn chatbots(&self, scope: &Scope) -> Result<Vec<Inbox>, DeskError> {
        require(scope, Role::Admin)?;
        let inboxes = self.stores().inboxes.inboxes(scope.tenant()).await?;
        Ok(inboxes
            .into_iter()
            .filter(|inbox| inbox.kind == InboxKind::Chatbot && inbox.is_active)
            .collect())
    }

    /// One active chatbot.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::NotFound`].
    pub async fn chatbot(&self, scope: &Scope, inbox: InboxId) -> Result<Inbox, DeskError> {
        require(scope, Role::Admin)?;
        self.active_chatbot(scope.tenant(), inbox).await
    }

    /// Adds a chatbot.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::Invalid`] with every bad field.
    pub async fn create_chatbot(&self, scope: &Scope, new: NewInbox) -> Result<Inbox, DeskError> {
        require(scope, Role::Admin)?;
        let mut input = Input::new();
        let now = self.now();
        let inbox = Inbox {
            id: InboxId::new(self.ids().uuid()),
            kind: InboxKind::Chatbot,
            name: input.line("name", &new.name, 1..=LONGEST_NAME),
            admin_email: Some(input.email("admin_email", &new.admin_email)),
            allowed_origins: check_origins(&mut input, &new.allowed_origins),
            is_active: true,
            version: 0,
            created_at: now,
            updated_at: now,
        };
        input.finish()?;
        self.save_inbox(scope, &inbox).await?;
        self.active_chatbot(scope.tenant(), inbox.id).await
    }

    async fn save_inbox(&self, scope: &Scope, inbox: &Inbox) -> Result<(), DeskError> {
        self.decide(scope, || async move {
            let mut change = ChangeSet::new(scope, inbox.updated_at);
            change.put_inbox(inbox.clone());
            self.commit(change).await
        })
        .await?;
        Ok(())
    }

    /// Changes a chatbot.
    ///
    /// # Errors
    /// As [`create_chatbot`](Self::create_chatbot), and [`DeskError::NotFound`].
    pub async fn update_chatbot(
        &self,
        scope: &Scope,
        inbox: InboxId,
        changes: InboxChanges,
    ) -> Result<Inbox, DeskError> {
        let before = self.chatbot(scope, inbox).await?;
        let mut input = Input::new();
        let name = changes
            .name
            .as_deref()
            .map(|name| input.line("name", name, 1..=LONGEST_NAME));
        let admin_email = changes
            .admin_email
            .as_deref()
            .map(|email| input.email("admin_email", email));
        let allowed_origins = changes
            .allowed_origins
            .as_deref()
            .map(|origins| check_origins(&mut input, origins));
        input.finish()?;
        let after = Inbox {
            name: name.unwrap_or(before.name),
            admin_email: admin_email.or(before.admin_email),
            allowed_origins: allowed_origins.unwrap_or(before.allowed_origins),
            updated_at: self.now(),
            ..before
        };
        self.save_inbox(scope, &after).await?;
        self.active_chatbot(scope.tenant(), inbox).await
    }

    /// Shuts a chatbot's door; its tickets stay.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::NotFound`].
    pub async fn remove_chatbot(&self, scope: &Scope, inbox: InboxId) -> Result<(), DeskError> {
        let before = self.chatbot(scope, inbox).await?;
        self.save_inbox(
            scope,
            &Inbox {
                is_active: false,
                updated_at: self.now(),
                ..before
            },
        )
        .await
    }
}

fn check_origins(input: &mut Input, origins: &[String]) -> Vec<String> {
    if origins.len() > 100 {
        input.refuse("allowed_origins", "Must have at most 100 entries");
        return Vec::new();
    }
    origins
        .iter()
        .map(|origin| input.line("allowed_origins", origin, 1..=255))
        .collect()
}
