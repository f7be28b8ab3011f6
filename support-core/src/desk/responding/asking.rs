//! Putting a customer's question to the bot.

use std::{convert::Infallible, sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use super::{Responding, concluding::answer_mark};
use crate::{
    desk::{Attempted, Desk, DeskError, Scope, short},
    model::{
        Actor, Calendar, Channel, Delivery, Message, MessageId, MessageKind, Notice, SenderKind, TenantId, Ticket,
        TicketId,
    },
    ports::{Conversation, Leased, NotifyError, ResponderError, Response, Sent, Settled},
};

/// How far back the bot sees, in entries of the thread.
const LOOKED_BACK: u64 = 50;
/// Entries that may have come in while it was looked.
const LOOKED_AHEAD: u64 = 50;
/// How often it is shown that the bot thinks, which lapses after twice as long.
const TYPING_INTERVAL: Duration = Duration::from_secs(3);

/// What a question is worth by now.
enum Question {
    /// It is to be put to the bot.
    Open(Arc<Conversation>),
    /// It was answered before.
    Answered,
    /// Nobody waits for the bot's answer to it.
    Moot,
}

impl Desk {
    /// Puts a question that is held under a lease to the bot, once, and does what it says. When it
    /// has no answer, people take over.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked: the lease then runs out, and people take over.
    pub(in crate::desk) async fn answer(&self, leased: Leased, held_until: Instant) -> Result<Attempted, DeskError> {
        let Leased { lease, delivery } = leased;
        let settled = self.respond(lease.tenant, &delivery).await?;
        self.settle_delivery(lease, settled, held_until).await?;
        Ok(Attempted::Nothing)
    }

    async fn respond(&self, tenant: TenantId, delivery: &Delivery) -> Result<Settled, DeskError> {
        let Notice::QuestionAsked { ticket, message } = delivery.notice else {
            return Ok(Settled::Withdrawn);
        };
        let sent = || Settled::Sent {
            at: self.now(),
            provider_id: None,
            remark: None,
        };
        let conversation = match self.question(tenant, ticket, message).await? {
            Question::Open(conversation) => conversation,
            Question::Answered => return Ok(sent()),
            Question::Moot => return Ok(Settled::Withdrawn),
        };
        let response = match self.responding() {
            None => Err(ResponderError("there is no responder".to_owned())),
            // Whatever it was that made a node die, it is not to make all others die too.
            Some(_) if delivery.attempts > 1 => Err(ResponderError("asking it before came to no end".to_owned())),
            Some(_) if !conversation.ticket.is_held_for_bot(self.now()) => {
                Err(ResponderError("its time was up before it was asked".to_owned()))
            }
            Some(responding) => self.ask(responding, Arc::clone(&conversation)).await,
        };
        let outcome = response.as_ref().map(|_| Sent::default());
        let outcome = outcome.map_err(|error| NotifyError::Permanent {
            reason: short(&error.to_string()),
        });
        self.count_attempt(Channel::Bot, &outcome);
        let (response, failure) = match response {
            Ok(response) => (response, None),
            Err(error) => {
                tracing::warn!(%tenant, %ticket, %error, "the bot has no answer: people take over");
                (Response::silent(), Some(short(&error.to_string())))
            }
        };
        let is_said = self.conclude(tenant, &conversation, response).await?;
        Ok(match failure {
            Some(reason) => Settled::Dead { reason },
            None if is_said => sent(),
            None => Settled::Withdrawn,
        })
    }

    async fn question(&self, tenant: TenantId, ticket: TicketId, asked: MessageId) -> Result<Question, DeskError> {
        let stores = self.stores();
        let found = stores.tickets.ticket(tenant, ticket).await?;
        let Some(ticket) = found.filter(|ticket| ticket.held_for_bot_until.is_some()) else {
            return Ok(Question::Moot);
        };
        let whose = stores.tenants.tenant(tenant).await?;
        let Some(whose) = whose.filter(|tenant| tenant.is_active) else {
            return Ok(Question::Moot);
        };
        let messages = self.said_lately(tenant, &ticket).await?;
        let Some(question) = messages.iter().find(|message| message.id == asked).cloned() else {
            return Ok(Question::Moot);
        };
        let mut later = messages.iter().filter(|message| message.seq > question.seq);
        // The newer one is owed to the bot too, and is answered with all that was asked before.
        if later.any(|message| message.sender.kind() == SenderKind::Customer) {
            return Ok(Question::Moot);
        }
        let mark = answer_mark(question.id);
        let is_answer = |message: &Message| {
            let id = message.client_id.as_deref();
            message.sender.kind() == SenderKind::Bot && id.is_some_and(|id| id.starts_with(&mark))
        };
        if messages.iter().any(is_answer) {
            return Ok(Question::Answered);
        }
        let department = match ticket.department {
            Some(department) => stores.departments.department(tenant, department).await?,
            None => None,
        };
        Ok(Question::Open(Arc::new(Conversation {
            tenant,
            somebody_is_online: self.somebody_is_online(tenant, ticket.department).await?,
            opens_at: Calendar::of(&whose, department.as_ref()).next_opening(self.now()),
            department,
            ticket,
            messages,
            question,
        })))
    }

    /// What people and the bot said last in a ticket, oldest first.
    pub(super) async fn said_lately(&self, tenant: TenantId, ticket: &Ticket) -> Result<Vec<Message>, DeskError> {
        let after = ticket.thread.last_seq.saturating_sub(LOOKED_BACK);
        let limit = u32::try_from(LOOKED_BACK + LOOKED_AHEAD).unwrap_or(u32::MAX);
        let stores = self.stores();
        let mut messages = stores.messages.messages(tenant, ticket.id, after, limit, false).await?;
        messages.retain(|message| message.kind != MessageKind::SystemNotification);
        Ok(messages)
    }

    /// Asks the bot for as long as it may think, which its customer sees.
    async fn ask(&self, responding: &Responding, conversation: Arc<Conversation>) -> Result<Response, ResponderError> {
        let scope = Scope::new(conversation.tenant, Actor::Bot);
        let ticket = &conversation.ticket;
        let now = self.now();
        let left = ticket
            .held_for_bot_until
            .map(|until| until.since(now))
            .unwrap_or_default();
        let patience = responding.settings.patience.min(left);
        // A task of its own, so that neither its panic nor its blocking is the worker's.
        let mut asked = JoinSet::new();
        let (responder, asking) = (Arc::clone(&responding.responder), Arc::clone(&conversation));
        asked.spawn(async move { responder.respond(&asking).await });
        let answer = tokio::select! {
            answer = timeout(patience, asked.join_next()) => answer,
            never = self.show_thinking(&scope, ticket) => match never {},
        };
        // What is not shown lapses by itself.
        let _ = self.typing(&scope, ticket, false).await;
        match answer {
            Ok(Some(Ok(answer))) => answer.and_then(Response::checked),
            Ok(Some(Err(_)) | None) => Err(ResponderError("it panicked".to_owned())),
            Err(_) => Err(ResponderError(format!("no answer within {} ms", patience.as_millis()))),
        }
    }

    async fn show_thinking(&self, scope: &Scope, ticket: &Ticket) -> Infallible {
        loop {
            let _ = self.typing(scope, ticket, true).await;
            sleep(TYPING_INTERVAL).await;
        }
    }
}
