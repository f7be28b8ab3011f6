//! Answers that agents have at hand.

use super::{
    Desk, DeskError, Scope,
    lookup::{TicketRef, require},
};
use crate::{
    change::{ChangeSet, Claim, Expect},
    model::{
        CannedResponse, CannedResponseId, Input, LONGEST_MESSAGE, LONGEST_NAME, LONGEST_SHORTCUT,
        MOST_CANNED_RESPONSES, Placeholders, Role,
    },
};

/// A canned response to be added.
#[derive(Debug, Clone, Default)]
pub struct NewCannedResponse {
    /// What agents type to get it.
    pub shortcut: String,
    /// What it is about.
    pub title: String,
    /// The words.
    pub content: String,
}

/// Changes to a canned response. What is not named stays.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of `NewCannedResponse`")]
pub struct CannedResponseChanges {
    pub shortcut: Option<String>,
    pub title: Option<String>,
    pub content: Option<String>,
}

impl Desk {
    /// All canned responses, by shortcut.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents.
    pub async fn canned_responses(&self, scope: &Scope) -> Result<Vec<CannedResponse>, DeskError> {
        require(scope, Role::Agent)?;
        Ok(self.stores().canned_responses.canned_responses(scope.tenant()).await?)
    }

    /// All canned responses, by shortcut, each with its words filled in for one ticket.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents, [`DeskError::NotFound`] when the ticket
    /// isn't there or is none of the actor's business.
    pub async fn canned_responses_for(
        &self,
        scope: &Scope,
        ticket: impl Into<TicketRef>,
    ) -> Result<Vec<(CannedResponse, String)>, DeskError> {
        let responses = self.canned_responses(scope).await?;
        let ticket = self.ticket(scope, ticket).await?;
        let number = ticket.human_number();
        let placeholders = Placeholders {
            customer_name: ticket.requester_name(),
            agent_name: scope.actor().agent().map_or("Support", |agent| &agent.name),
            ticket_number: &number,
        };
        let rendered = responses.into_iter().map(|response| {
            let words = placeholders.fill(&response.content);
            (response, words)
        });
        Ok(rendered.collect())
    }

    /// Adds a canned response.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than supervisors, [`DeskError::Invalid`],
    /// [`DeskError::Conflict`] when the shortcut is another's or there are too many.
    pub async fn create_canned_response(
        &self,
        scope: &Scope,
        new: NewCannedResponse,
    ) -> Result<CannedResponse, DeskError> {
        self.create_canned_response_with(scope, new, Input::new()).await
    }

    /// As [`create_canned_response`](Self::create_canned_response), for callers who have found
    /// something wrong already: they are refused with that and with all that is wrong besides.
    ///
    /// # Errors
    /// As [`create_canned_response`](Self::create_canned_response).
    pub async fn create_canned_response_with(
        &self,
        scope: &Scope,
        new: NewCannedResponse,
        mut input: Input,
    ) -> Result<CannedResponse, DeskError> {
        require(scope, Role::Supervisor)?;
        let now = self.now();
        let response = CannedResponse {
            id: CannedResponseId::new(self.ids().uuid()),
            shortcut: shortcut(&mut input, &new.shortcut),
            title: input.line("title", &new.title, 1..=LONGEST_NAME),
            content: input.text("content", &new.content, 1..=LONGEST_MESSAGE),
            version: 0,
            created_at: now,
            updated_at: now,
        };
        input.finish()?;
        let known = self.canned_responses(scope).await?;
        if known.len() >= MOST_CANNED_RESPONSES {
            return Err(DeskError::Conflict(format!(
                "there can be no more than {MOST_CANNED_RESPONSES} canned responses"
            )));
        }
        let response = &response;
        self.decide(scope, || async move {
            let mut change = ChangeSet::new(scope, now);
            change.expect(Expect::Free(Claim::Shortcut(response.shortcut.clone())));
            change.put_canned_response(response.clone());
            self.commit(change).await
        })
        .await?;
        let known = self.canned_responses(scope).await?;
        let mut added = known.into_iter().filter(|known| known.shortcut == response.shortcut);
        added.next().ok_or(DeskError::NotFound)
    }

    /// Changes a canned response.
    ///
    /// # Errors
    /// As [`create_canned_response`](Self::create_canned_response), and [`DeskError::NotFound`].
    pub async fn update_canned_response(
        &self,
        scope: &Scope,
        id: CannedResponseId,
        changes: CannedResponseChanges,
    ) -> Result<CannedResponse, DeskError> {
        require(scope, Role::Supervisor)?;
        self.canned_response(scope, id).await?;
        let mut input = Input::new();
        let shortcut = changes.shortcut.as_deref().map(|text| shortcut(&mut input, text));
        let title = changes
            .title
            .as_deref()
            .map(|title| input.line("title", title, 1..=LONGEST_NAME));
        let content = changes
            .content
            .as_deref()
            .map(|content| input.text("content", content, 1..=LONGEST_MESSAGE));
        input.finish()?;
        let (shortcut, title, content) = (&shortcut, &title, &content);
        self.decide(scope, || async move {
            let before = self.canned_response(scope, id).await?;
            let after = CannedResponse {
                shortcut: shortcut.clone().unwrap_or_else(|| before.shortcut.clone()),
                title: title.clone().unwrap_or(before.title),
                content: content.clone().unwrap_or(before.content),
                updated_at: self.now(),
                ..before
            };
            let mut change = ChangeSet::new(scope, after.updated_at);
            if after.shortcut != before.shortcut {
                change.expect(Expect::Free(Claim::Shortcut(after.shortcut.clone())));
            }
            change.put_canned_response(after);
            self.commit(change).await
        })
        .await?;
        self.canned_response(scope, id).await
    }

    /// Removes a canned response.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than supervisors, [`DeskError::NotFound`].
    pub async fn remove_canned_response(&self, scope: &Scope, id: CannedResponseId) -> Result<(), DeskError> {
        require(scope, Role::Supervisor)?;
        self.decide(scope, || async move {
            let response = self.canned_response(scope, id).await?;
            let mut change = ChangeSet::new(scope, self.now());
            change.remove_canned_response(&response);
            self.commit(change).await
        })
        .await?;
        Ok(())
    }

    async fn canned_response(&self, scope: &Scope, id: CannedResponseId) -> Result<CannedResponse, DeskError> {
        let found = self.stores().canned_responses.canned_response(scope.tenant(), id);
        found.await?.ok_or(DeskError::NotFound)
    }
}

/// What is quick to type: lower-case letters, digits, `_` and `-`.
fn shortcut(input: &mut Input, text: &str) -> String {
    let shortcut = text.trim().to_lowercase();
    let is_quick = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || b"_-".contains(&letter);
    if !(1..=LONGEST_SHORTCUT).contains(&shortcut.len()) || !shortcut.bytes().all(is_quick) {
        let message = format!("Must be 1 to {LONGEST_SHORTCUT} lower-case letters, digits, `_` or `-`");
        input.refuse("shortcut", message);
    }
    shortcut
}
