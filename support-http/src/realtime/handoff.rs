//! The conversation of a request for a human over a WebSocket.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{State, ws::WebSocketUpgrade},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use support_core::{
    desk::{Desk, DeskError, NewMessage, Scope, Speaker},
    model::{Actor, Ticket, TicketId},
};
use tokio::time::{Instant, sleep_until};

use super::{
    admission::{Admitted, admit, is_same_origin, not_found},
    frames::ServerFrame,
    hub::Seat,
    listener::{Form, Listener},
    proof::{Proof, ending_of, give_sign_of_life, requester_scope},
    queue::{Ending, Heard},
    replay::Reader,
    socket::{Over, Received, Socket, limited},
};
use crate::{
    client_address::ClientAddress,
    cors,
    error::ApiError,
    extract::{Path, Query},
    scope::{PublicTenant, origin},
    state::SupportState,
    wire::{files::FileUrls, handoff::handoff_status, messages::HandoffMessage},
};

/// Messages read from a thread at once.
const READ_AT_ONCE: u32 = 200;
/// Frames of any kind that a peer may send in one [`FLOOD_WINDOW`].
const MOST_FRAMES: u32 = 300;
/// The time in which they are counted.
const FLOOD_WINDOW: std::time::Duration = std::time::Duration::from_secs(10);

/// How a socket is asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct SocketQuery {
    token: Option<String>,
    after: Option<u64>,
}

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ClientFrame {
    Message {
        message: String,
        client_message_id: Option<String>,
    },
    Typing {
        is_typing: bool,
    },
    Read {
        up_to: u64,
    },
    Ping,
}

/// A conversation under way.
struct Conversation {
    state: SupportState,
    reader: Reader,
    proof: Proof,
    ticket: TicketId,
    frames: u32,
    counted_from: Instant,
    address: IpAddr,
}

/// Takes part in a conversation. Whoever may not is told so by the code that the socket is closed
/// with: 4401 not allowed, 4404 no such request.
#[utoipa::path(
    get, path = "/human-support/ws/{request_id}", tag = "human support",
    params(("request_id" = String, Path), ("token" = Option<String>, Query), ("after" = Option<u64>, Query)),
    responses((status = 101, description = "Frames of JSON text"), (status = 403, description = "A page of a foreign origin")),
)]
pub(crate) async fn socket(
    State(state): State<SupportState>,
    Path(request): Path<String>,
    Query(query): Query<SocketQuery>,
    tenant: Result<PublicTenant, ApiError>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    if let Some(origin) = origin(&headers)
        && !is_same_origin(&headers, origin)
        && !cors::is_allowed(&state, origin).await
    {
        return Err(ApiError::forbidden());
    }
    let admitted = Box::pin(admit(&state, &request, query.token, tenant.ok(), headers)).await;
    let after = query.after;
    Ok(limited(upgrade).on_upgrade(move |socket| converse(state, Socket::new(socket), admitted, address, after)))
}

async fn converse(
    state: SupportState,
    mut socket: Socket,
    admitted: Result<Box<Admitted>, Ending>,
    address: IpAddr,
    after: Option<u64>,
) {
    let begun = match admitted {
        Ok(admitted) => Box::pin(Conversation::begin(state, &mut socket, admitted, address, after)).await,
        Err(ending) => Err(ending.into()),
    };
    let over = match begun {
        Ok(mut conversation) => conversation.go_on(&mut socket).await,
        Err(over) => over,
    };
    socket.close(over).await;
}

impl Conversation {
    /// Tells where the conversation stands, and everything that was said after `after`.
    async fn begin(
        state: SupportState,
        socket: &mut Socket,
        admitted: Box<Admitted>,
        address: IpAddr,
        after: Option<u64>,
    ) -> Result<Self, Over> {
        let Admitted { scope, ticket, proof } = *admitted;
        let listener = match scope.actor() {
            Actor::Agent(agent) => Listener::agent(ticket.id, agent.clone()),
            _ => Listener::requester(ticket.id, ticket.requester, Form::Handoff),
        };
        let seat = state.hub().seat(scope.tenant(), listener).await;
        let seat = seat.map_err(|_| Ending::Unavailable)?;
        // What changed between the check and this moment was told to nobody here.
        proof.recheck(&state, &seat).await?;
        let ticket = state.desk().ticket(&scope, ticket.id).await.map_err(not_found)?;
        let greeting = ServerFrame::Connected {
            request_id: ticket.id.uuid(),
            status: handoff_status(ticket.state.status()),
            last_seq: ticket.thread.last_seq,
        };
        socket.tell(&seat.listener, &greeting).await?;
        let last_seq = ticket.thread.last_seq;
        let told = match after {
            Some(after) => replay(state.desk(), &scope, &ticket, after.min(last_seq), socket, &seat).await?,
            None => last_seq,
        };
        let position = seat.position;
        let directory = Arc::clone(state.hub().directory());
        let conversation = Self {
            reader: Reader::new(seat, directory, position, told),
            state,
            proof,
            ticket: ticket.id,
            frames: 0,
            counted_from: Instant::now(),
            address,
        };
        conversation.show_life();
        Ok(conversation)
    }

    async fn go_on(&mut self, socket: &mut Socket) -> Over {
        loop {
            if let Err(over) = self.step(socket).await {
                return over;
            }
        }
    }

    async fn step(&mut self, socket: &mut Socket) -> Result<(), Over> {
        let due_at = socket.due_at();
        tokio::select! {
            heard = self.reader.next() => match heard {
                Heard::Frame(frame) => socket.pass_on(frame, &mut self.reader).await,
                Heard::Recheck => Ok(Box::pin(self.proof.recheck(&self.state, self.reader.seat())).await?),
                Heard::Ended(ending) => Err(ending.into()),
            },
            received = socket.receive() => match received? {
                Received::Life => self.count(),
                Received::Binary => {
                    self.count()?;
                    let frame = refusal("VALIDATION_ERROR", "Frames are JSON text", None);
                    socket.tell(&self.reader.seat().listener, &frame).await
                }
                // Idle connections, which are most, need not hold room for what a frame leads to.
                Received::Text(text) => {
                    self.count()?;
                    Box::pin(self.hear(&text, socket)).await
                }
            },
            () = sleep_until(due_at) => {
                if self.proof.is_expired(self.state.desk().now()) {
                    return Err(Ending::NotAllowed.into());
                }
                socket.look_after(&self.reader.seat().listener).await?;
                self.show_life();
                Ok(())
            }
        }
    }

    /// Nobody needs this many frames; without limits on calls there is none here either.
    fn count(&mut self) -> Result<(), Over> {
        if self.counted_from.elapsed() >= FLOOD_WINDOW {
            self.counted_from = Instant::now();
            self.frames = 0;
        }
        self.frames = self.frames.saturating_add(1);
        let is_limited = self.state.settings().rate_limit.max_requests > 0;
        if is_limited && self.frames > MOST_FRAMES {
            return Err(Ending::TooFast.into());
        }
        Ok(())
    }

    fn show_life(&self) {
        let seat = self.reader.seat();
        if let Some(agent) = seat.listener.acting() {
            give_sign_of_life(self.state.desk(), seat.tenant(), &agent);
        }
    }

    /// In whose name frames are meant, as they may act at present, and the ticket as it stands.
    async fn present(&self) -> Result<(Scope, Ticket), DeskError> {
        let seat = self.reader.seat();
        if let Some(agent) = seat.listener.acting() {
            let scope = Scope::new(seat.tenant(), Actor::Agent((*agent).clone()));
            let ticket = self.state.desk().ticket(&scope, self.ticket).await?;
            return Ok((scope, ticket));
        }
        match &self.proof {
            Proof::Secret(secret) => {
                let ticket = self.state.desk().ticket_of_secret(seat.tenant(), secret).await?;
                let scope = requester_scope(seat.tenant(), &ticket).from_address(self.address);
                Ok((scope, ticket))
            }
            Proof::Login { .. } | Proof::Stream(_) => Err(DeskError::Unauthenticated),
        }
    }

    async fn hear(&mut self, text: &str, socket: &mut Socket) -> Result<(), Over> {
        let listener = Arc::clone(&self.reader.seat().listener);
        match serde_json::from_str::<ClientFrame>(text) {
            Ok(ClientFrame::Ping) => socket.tell(&listener, &ServerFrame::Pong).await,
            Ok(ClientFrame::Message {
                message,
                client_message_id,
            }) => {
                self.accept(message, client_message_id.as_deref(), socket, &listener)
                    .await
            }
            Ok(ClientFrame::Typing { is_typing }) => {
                let shown = self.type_on(is_typing).await;
                report(shown, None, socket, &listener).await
            }
            Ok(ClientFrame::Read { up_to }) => {
                let marked = self.mark_read(up_to).await;
                report(marked, None, socket, &listener).await
            }
            Err(error) if error.is_data() => {
                let frame = refusal("VALIDATION_ERROR", "There is no such frame", None);
                socket.tell(&listener, &frame).await
            }
            Err(_) => {
                let frame = refusal("MALFORMED_JSON", "Frames are JSON text", None);
                socket.tell(&listener, &frame).await
            }
        }
    }

    async fn accept(
        &self,
        message: String,
        client_message_id: Option<&str>,
        socket: &mut Socket,
        listener: &Arc<Listener>,
    ) -> Result<(), Over> {
        let is_requester = listener.acting().is_none();
        if is_requester && self.state.limits().message(self.ticket).is_err() {
            return Err(Ending::TooFast.into());
        }
        let new = NewMessage {
            client_id: client_message_id.map(str::to_owned),
            ..NewMessage::text(message)
        };
        let posted = async {
            let (scope, ticket) = self.present().await?;
            self.state.desk().post_to(&scope, ticket, new, Speaker::Own).await
        };
        match posted.await {
            Ok(posted) => {
                let ack = ServerFrame::Ack {
                    client_message_id,
                    id: posted.message.id.uuid(),
                    seq: posted.message.seq,
                };
                socket.tell(listener, &ack).await
            }
            Err(error) => report(Err(error), client_message_id, socket, listener).await,
        }
    }

    async fn type_on(&self, is_typing: bool) -> Result<(), DeskError> {
        let (scope, ticket) = self.present().await?;
        self.state.desk().typing(&scope, &ticket, is_typing).await
    }

    async fn mark_read(&self, up_to: u64) -> Result<(), DeskError> {
        let (scope, _) = self.present().await?;
        self.state.desk().mark_read(&scope, self.ticket, up_to).await?;
        Ok(())
    }
}

/// Tells everything of the thread after `after`. Answers the last message that was told.
async fn replay(
    desk: &Desk,
    scope: &Scope,
    ticket: &Ticket,
    after: u64,
    socket: &mut Socket,
    seat: &Seat,
) -> Result<u64, Over> {
    let mut told = after;
    loop {
        let messages = desk
            .messages(scope, ticket, told, READ_AT_ONCE)
            .await
            .map_err(|error| ending_of(&error))?;
        let Some(last) = messages.last() else {
            return Ok(told);
        };
        told = last.seq;
        let is_all = messages.len() < READ_AT_ONCE as usize;
        let urls = FileUrls::new(desk, scope.tenant());
        let frames = messages
            .iter()
            .map(|message| ServerFrame::Message(HandoffMessage::new(message, &urls)).text())
            .collect();
        socket.tell_all(&seat.listener, frames).await?;
        if is_all {
            return Ok(told);
        }
    }
}

/// Tells the peer of what could not be done.
async fn report(
    done: Result<(), DeskError>,
    client_message_id: Option<&str>,
    socket: &mut Socket,
    listener: &Arc<Listener>,
) -> Result<(), Over> {
    let error = match done {
        Ok(()) => return Ok(()),
        Err(DeskError::NotFound) => return Err(Ending::NotFound.into()),
        Err(DeskError::Unauthenticated) => return Err(Ending::NotAllowed.into()),
        Err(error) => error,
    };
    if let DeskError::Internal(cause) = &error {
        tracing::error!(cause, "a frame could not be handled");
    }
    let error = ApiError::from(error);
    let message = error
        .details()
        .first()
        .map_or(error.message(), |detail| &detail.message);
    socket
        .tell(listener, &refusal(error.code(), message, client_message_id))
        .await
}

const fn refusal<'a>(code: &'a str, message: &'a str, client_message_id: Option<&'a str>) -> ServerFrame<'a> {
    ServerFrame::Error {
        code,
        message,
        client_message_id,
    }
}
