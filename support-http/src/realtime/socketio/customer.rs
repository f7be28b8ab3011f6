//! A customer's or visitor's connection over `/customer`.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use support_core::{
    desk::Scope,
    model::{Actor, Secret, Tenant, TenantId, Ticket, TicketId},
};
use tokio::time::{Instant, sleep, sleep_until};

use super::{
    agent_verbs::unknown_event,
    connection::{Connection, Done},
    events::said_to_customer,
    incoming::Incoming,
};
use crate::{
    error::ApiError,
    realtime::{
        listener::{Form, Listener},
        proof::{Proof, requester_scope},
        queue::{Ending, Heard},
        replay::Reader,
        socket::Over,
    },
    scope::public_tenant,
    wire::tickets::MessageRow,
};

/// Messages that come with the greeting, the last ones.
const MESSAGES_AT_ONCE: u32 = 100;
/// Messages read from a thread at once.
const READ_AT_ONCE: u32 = 200;
/// How often is looked whether a login has run out.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// How long is waited for a store that can't be asked.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// How long somebody may be away without being gone: clients that lost a connection come back.
const GONE_AFTER: Duration = Duration::from_secs(5);

/// A conversation that the customer takes part in.
pub(super) struct Visit {
    pub(super) reader: Reader,
    pub(super) proof: Proof,
    pub(super) tenant: TenantId,
    pub(super) ticket: TicketId,
    pub(super) number: String,
}

/// Who the customer is in a conversation.
pub(super) struct Party {
    pub(super) scope: Scope,
    pub(super) proof: Proof,
}

/// An open connection.
pub(super) struct Caller {
    pub(super) connection: Connection,
    pub(super) visit: Option<Box<Visit>>,
    /// Until when what happens is held back for a client that may say where it left off.
    pub(super) held_until: Option<Instant>,
    look_at: Instant,
}

/// Serves a customer's connection until it ends.
pub(super) async fn serve(connection: Connection) {
    let mut caller = Caller {
        connection,
        visit: None,
        held_until: None,
        look_at: Instant::now() + LOOK_EVERY,
    };
    let over = caller.go_on().await;
    if over == Over::Because(Ending::ShuttingDown) {
        caller.visit = None;
    }
    caller.leave(GONE_AFTER);
    caller.connection.close(over, "error").await;
}

impl Caller {
    async fn go_on(&mut self) -> Over {
        loop {
            if let Err(over) = self.step().await {
                return over;
            }
        }
    }

    async fn step(&mut self) -> Result<(), Over> {
        let shutdown = self.connection.state.shutdown().clone();
        let (look_at, held_until) = (self.look_at, self.held_until);
        tokio::select! {
            heard = heard(self.visit.as_deref_mut()), if held_until.is_none() => Box::pin(self.hear(heard)).await,
            incoming = self.connection.next() => Box::pin(self.attend(incoming?)).await,
            () = sleep_until(held_until.unwrap_or(look_at)), if held_until.is_some() => {
                self.held_until = None;
                Ok(())
            }
            () = shutdown.cancelled() => Err(Ending::ShuttingDown.into()),
            () = sleep_until(look_at) => {
                self.look_at = Instant::now() + LOOK_EVERY;
                let now = self.connection.state.desk().now();
                match &self.visit {
                    Some(visit) if visit.proof.is_expired(now) => Err(Ending::NotAllowed.into()),
                    _ => Ok(()),
                }
            }
        }
    }

    async fn hear(&mut self, heard: Heard) -> Result<(), Over> {
        let Some(visit) = &self.visit else { return Ok(()) };
        match heard {
            Heard::Frame(frame) => {
                let listener = Arc::clone(&visit.reader.seat().listener);
                self.connection.pass_on(&listener, &frame.payload).await
            }
            Heard::Recheck => loop {
                let checked = Box::pin(visit.proof.recheck(&self.connection.state, visit.reader.seat())).await;
                match checked {
                    Ok(()) => return Ok(()),
                    Err(Ending::Unavailable) => sleep(RETRY_AFTER).await,
                    Err(ending) => return Err(ending.into()),
                }
            },
            Heard::Ended(Ending::Unavailable) => {
                sleep(RETRY_AFTER).await;
                Ok(())
            }
            Heard::Ended(ending) => Err(ending.into()),
        }
    }

    async fn attend(&mut self, mut incoming: Incoming) -> Result<(), Over> {
        let done = match incoming.event.as_str() {
            "customer_connect" => Box::pin(self.connect(&mut incoming)).await?,
            "customer_message" => Box::pin(self.say(&mut incoming)).await?,
            "customer_typing" => self.type_on(&mut incoming).await,
            "resume" => self.resume(&mut incoming).await?,
            "customer_disconnect" => {
                self.leave(Duration::ZERO);
                let done = Ok(Done::silently(json!({})));
                return self.connection.answer(None, &incoming.reply, done).await;
            }
            unknown => Err(unknown_event(unknown)),
        };
        let listener = self.listener();
        self.connection.answer(listener.as_ref(), &incoming.reply, done).await
    }

    pub(super) fn listener(&self) -> Option<Arc<Listener>> {
        let visit = self.visit.as_ref()?;
        Some(Arc::clone(&visit.reader.seat().listener))
    }

    /// The tenant that the connection was made to, as for public calls.
    pub(super) async fn tenant(&self) -> Result<Tenant, ApiError> {
        let mut request = self.connection.request();
        public_tenant(&mut request, &self.connection.state).await
    }

    /// In whose name events are meant, and the ticket as it stands.
    pub(super) async fn present(&self) -> Result<(Scope, Ticket), ApiError> {
        let visit = self.visit.as_ref().ok_or_else(not_connected)?;
        let state = &self.connection.state;
        match &visit.proof {
            Proof::Secret(secret) => {
                let ticket = state.desk().ticket_of_secret(visit.tenant, secret).await?;
                Ok((requester_scope(visit.tenant, &ticket), ticket))
            }
            Proof::Login { headers, token, .. } => {
                let login = state
                    .authenticator()
                    .authenticate(state.desk(), headers, token.as_deref())
                    .await?;
                if !matches!(login.scope.actor(), Actor::Customer(_)) || login.scope.tenant() != visit.tenant {
                    return Err(ApiError::unauthenticated());
                }
                let ticket = state.desk().ticket(&login.scope, visit.ticket).await?;
                Ok((login.scope, ticket))
            }
            // A stream hears and says nothing.
            Proof::Stream(_) => Err(ApiError::unauthenticated()),
        }
    }

    /// Takes a place in a conversation, and tells the customer where it stands.
    pub(super) async fn enter(
        &mut self,
        party: Party,
        ticket: TicketId,
        session: Option<&Secret>,
    ) -> Result<Result<Value, ApiError>, Over> {
        let Party { scope, proof } = party;
        let state = self.connection.state.clone();
        let opened = async {
            let ticket = state.desk().ticket(&scope, ticket).await?;
            let listener = Listener::requester(ticket.id, ticket.requester, Form::Customer);
            let seat = state.hub().seat(scope.tenant(), listener).await?;
            // What was said between the two is in the thread by now.
            let ticket = state.desk().ticket(&scope, ticket.id).await?;
            let after = ticket.thread.last_seq.saturating_sub(u64::from(MESSAGES_AT_ONCE));
            let messages = state.desk().messages(&scope, &ticket, after, MESSAGES_AT_ONCE).await?;
            Ok::<_, ApiError>((ticket, seat, messages))
        };
        let (ticket, seat, messages) = match opened.await {
            Ok(opened) => opened,
            Err(error) => return Ok(Err(error)),
        };
        if let Err(ending) = proof.recheck(&state, &seat).await {
            return match ending {
                Ending::Unavailable => Ok(Err(ApiError::unavailable(RETRY_AFTER))),
                ending => Err(ending.into()),
            };
        }
        let told = messages.last().map_or(ticket.thread.last_seq, |message| message.seq);
        let position = seat.position;
        let directory = Arc::clone(state.hub().directory());
        let number = ticket.human_number();
        let urls = state.file_urls(scope.tenant());
        let messages: Vec<MessageRow<'_>> = messages
            .iter()
            .map(|message| MessageRow::for_customer(message, Some(&ticket.thread), &urls))
            .collect();
        let greeting = json!({
            "ticketId": &number,
            "sessionId": session.map(Secret::reveal),
            "status": ticket.state.status(),
            "messages": messages,
        });
        self.leave(GONE_AFTER);
        self.visit = Some(Box::new(Visit {
            reader: Reader::new(seat, directory, position, told),
            proof,
            tenant: scope.tenant(),
            ticket: ticket.id,
            number,
        }));
        Ok(Ok(greeting))
    }

    /// Tells everything of the thread after `after`, in order.
    pub(super) async fn replay(&mut self, after: u64) -> Result<Result<u64, ApiError>, Over> {
        let (scope, ticket) = match self.present().await {
            Ok(present) => present,
            Err(error) => return Ok(Err(error)),
        };
        let Some(visit) = &mut self.visit else {
            return Ok(Err(not_connected()));
        };
        let listener = Arc::clone(&visit.reader.seat().listener);
        let mut told = after.min(ticket.thread.last_seq);
        loop {
            let desk = self.connection.state.desk();
            let messages = match desk.messages(&scope, &ticket, told, READ_AT_ONCE).await {
                Ok(messages) => messages,
                Err(error) => return Ok(Err(error.into())),
            };
            for message in &messages {
                let urls = self.connection.state.file_urls(scope.tenant());
                for (name, data) in said_to_customer(&visit.number, message, &urls).parts() {
                    self.connection.tell(Some(&listener), name, data).await?;
                }
                told = message.seq;
            }
            if messages.len() < READ_AT_ONCE as usize {
                break;
            }
        }
        visit.reader.told_up_to(told);
        self.held_until = None;
        Ok(Ok(told))
    }

    /// Leaves the conversation, if there is one. Agents are told, unless the customer comes back
    /// before that or is connected elsewhere.
    pub(super) fn leave(&mut self, told_after: Duration) {
        let Some(visit) = self.visit.take() else { return };
        let (tenant, ticket) = (visit.tenant, visit.ticket);
        drop(visit);
        let desk = self.connection.state.desk().clone();
        tokio::spawn(async move {
            sleep(told_after).await;
            if desk.requester_is_connected(tenant, ticket, None).await {
                return;
            }
            let told = async {
                let ticket = desk.ticket(&Scope::system(tenant), ticket).await?;
                let scope = requester_scope(tenant, &ticket);
                desk.customer_disconnected(&scope, ticket.id).await
            };
            if let Err(error) = told.await {
                tracing::debug!(%error, "that a customer left could not be told");
            }
        });
    }
}

/// The refusal of what needs a conversation.
pub(super) fn not_connected() -> ApiError {
    ApiError::conflict("Send customer_connect first")
}

async fn heard(visit: Option<&mut Visit>) -> Heard {
    match visit {
        Some(visit) => visit.reader.next().await,
        None => std::future::pending().await,
    }
}
