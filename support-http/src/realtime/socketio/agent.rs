//! An agent's desk over `/agent`.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use support_core::{
    desk::Scope,
    model::{Actor, TenantId, TicketId},
};
use tokio::time::{Instant, sleep, sleep_until};
use uuid::Uuid;

use super::{
    connection::{Connection, Done},
    credentials::{Admitted, Credentials, admit_by_request},
    incoming::{Incoming, fields_of},
};
use crate::{
    error::ApiError,
    faces::auth::Session,
    realtime::{
        LONGEST_REPLAY,
        listener::Listener,
        proof::{Proof, give_sign_of_life, sign_of_life_every},
        queue::{Ending, Heard},
        replay::Reader,
        socket::Over,
    },
    wire::people::Colleagues,
};

/// How long an agent may take to prove who they are.
const AUTHENTICATION_LIMIT: Duration = Duration::from_secs(10);
/// How often they may fail to.
const MOST_FAILURES: u32 = 5;
/// How long what happens is held back for a client that may say at once where it left off, so that
/// it hears everything in order.
pub(super) const RESUME_LIMIT: Duration = Duration::from_millis(500);
/// How long is waited for a store that can't be asked.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// Tickets that one desk is shown to look at, at most.
const MOST_VIEWED: usize = 50;

/// An open desk.
pub(super) struct Desk {
    pub(super) connection: Connection,
    pub(super) reader: Reader,
    pub(super) tenant: TenantId,
    proof: Proof,
    /// What it is called among an agent's desks.
    id: Uuid,
    viewed: Vec<TicketId>,
    held_until: Option<Instant>,
    sign_of_life_at: Instant,
    needs_recheck: bool,
}

/// Serves an agent's connection until it ends.
pub(super) async fn serve(mut connection: Connection, auth: Option<Value>) {
    let entered = Box::pin(enter(&mut connection, auth)).await;
    let (admitted, last_event) = match entered {
        Ok(admitted) => admitted,
        Err(over) => return connection.close(over, "auth_error").await,
    };
    let mut desk = match Desk::open(connection, *admitted, last_event).await {
        Ok(desk) => desk,
        Err((connection, over)) => return connection.close(over, "auth_error").await,
    };
    let over = desk.go_on().await;
    desk.look_away().await;
    // It listens no more while it waits for its client to take the reason.
    desk.into_connection().close(over, "auth_error").await;
}

type Entered = (Box<Admitted>, Option<u64>);

/// Waits until somebody has proved to be an agent.
async fn enter(connection: &mut Connection, auth: Option<Value>) -> Result<Entered, Over> {
    let until = Instant::now() + AUTHENTICATION_LIMIT;
    let mut failures = 0;
    if let Some(entered) = greet(connection, auth).await? {
        return Ok(entered);
    }
    let shutdown = connection.state.shutdown().clone();
    loop {
        let mut incoming = tokio::select! {
            () = shutdown.cancelled() => return Err(Ending::ShuttingDown.into()),
            () = sleep_until(until) => return Err(Ending::NotAllowed.into()),
            incoming = connection.next() => incoming?,
        };
        if incoming.event != "authenticate" {
            let refused = Err(ApiError::unauthenticated());
            connection.answer(None, &incoming.reply, refused).await?;
            continue;
        }
        match admit(connection, &mut incoming).await {
            Ok((admitted, last_event)) => {
                connection
                    .answer(None, &incoming.reply, Ok(Done::silently(json!({}))))
                    .await?;
                return Ok((admitted, last_event));
            }
            Err(error) => {
                turn_away(connection, &error).await?;
                if incoming.reply.is_wanted() {
                    connection.answer(None, &incoming.reply, Err(error)).await?;
                }
                failures += 1;
            }
        }
        if failures >= MOST_FAILURES {
            return Err(Ending::NotAllowed.into());
        }
    }
}

/// What the connection itself brought: a token in its `auth`, or something in its headers that
/// the authenticator knows.
async fn greet(connection: &Connection, auth: Option<Value>) -> Result<Option<Entered>, Over> {
    let read = auth
        .as_ref()
        .filter(|auth| auth.is_object())
        .map(fields_of::<Credentials>);
    let admitted = match read {
        Some(Err(error)) => Err(error),
        Some(Ok((credentials, found))) if credentials.is_something() || !found.is_fine() => {
            let last_event = credentials.last_event_id.map(|last| last.0);
            let admitted = credentials.admit(&connection.state, connection.request(), found);
            admitted.await.map(|admitted| (Box::new(admitted), last_event))
        }
        other => {
            let last_event = other.and_then(Result::ok).and_then(|(auth, _)| auth.last_event_id);
            return match admit_by_request(&connection.state, connection.request()).await {
                Ok(admitted) => Ok(Some((Box::new(admitted), last_event.map(|last| last.0)))),
                // Whoever brought nothing may still do so.
                Err(_) => Ok(None),
            };
        }
    };
    match admitted {
        Ok(entered) => Ok(Some(entered)),
        Err(error) => {
            turn_away(connection, &error).await?;
            Ok(None)
        }
    }
}

async fn admit(connection: &Connection, incoming: &mut Incoming) -> Result<Entered, ApiError> {
    let (credentials, found) = incoming.fields::<Credentials>()?;
    let last_event = credentials.last_event_id.map(|last| last.0);
    let admitted = credentials
        .admit(&connection.state, connection.request(), found)
        .await?;
    Ok((Box::new(admitted), last_event))
}

async fn turn_away(connection: &Connection, error: &ApiError) -> Result<(), Over> {
    let answer = error.acknowledgement();
    let bare = answer.get("error").unwrap_or(&answer);
    connection.tell(None, "auth_error", bare).await
}

impl Desk {
    /// Begins to listen, and tells the agent who they are.
    async fn open(
        connection: Connection,
        admitted: Admitted,
        last_event: Option<u64>,
    ) -> Result<Self, (Connection, Over)> {
        let Admitted { login, proof, issued } = admitted;
        let Some(agent) = login.scope.actor().agent().cloned() else {
            return Err((connection, Ending::NotAllowed.into()));
        };
        let tenant = login.scope.tenant();
        let hub = connection.state.hub();
        let Ok(seat) = hub.seat(tenant, Listener::desk(agent)).await else {
            return Err((connection, Ending::Unavailable.into()));
        };
        let directory = Arc::clone(hub.directory());
        let position = seat.position;
        let id = connection.state.desk().ids().uuid();
        let mut desk = Self {
            reader: Reader::new(seat, directory, position, 0),
            connection,
            tenant,
            proof,
            id,
            viewed: Vec::new(),
            held_until: last_event.is_none().then(|| Instant::now() + RESUME_LIMIT),
            sign_of_life_at: Instant::now(),
            // What changed between the check and this moment was told to nobody here.
            needs_recheck: true,
        };
        let greeted = desk.greet(&login.scope, issued, last_event).await;
        match greeted {
            Ok(()) => Ok(desk),
            Err(over) => Err((desk.connection, over)),
        }
    }

    fn into_connection(self) -> Connection {
        self.connection
    }

    async fn greet(&mut self, scope: &Scope, issued: Option<Session>, last_event: Option<u64>) -> Result<(), Over> {
        self.make_sure().await?;
        let own = match self.own_row(scope).await {
            Ok(own) => own,
            Err(_) => return Err(Ending::Unavailable.into()),
        };
        let position = self.reader.seat().position;
        let mut greeting = json!({ "agent": own, "lastEventId": position });
        if let (Some(greeting), Some(Session { token, expires_at, .. })) = (greeting.as_object_mut(), issued) {
            greeting.insert("token".to_owned(), token.into());
            greeting.insert("expiresAt".to_owned(), expires_at.into());
        }
        let listener = Arc::clone(&self.reader.seat().listener);
        self.connection.tell(Some(&listener), "auth_success", &greeting).await?;
        if let Some(last) = last_event {
            self.go_back(last).await?;
        }
        self.show_life();
        Ok(())
    }

    async fn own_row(&self, scope: &Scope) -> Result<Value, ApiError> {
        let agent = scope.actor().agent().ok_or_else(ApiError::forbidden)?;
        let desk = self.connection.state.desk();
        let found = desk.stores().people.agent(self.tenant, agent.id).await?;
        let found = found.ok_or_else(ApiError::unauthenticated)?;
        self.row(scope, found).await
    }

    /// An agent, as colleagues see them.
    pub(super) async fn row(&self, scope: &Scope, agent: support_core::model::Agent) -> Result<Value, ApiError> {
        let colleagues = Colleagues::of(self.connection.state.desk(), scope).await?;
        serde_json::to_value(colleagues.row(agent)).map_err(|error| ApiError::internal(error.to_string()))
    }

    /// Has everything after an event told again, in order; or has the client told to begin anew if
    /// that is longer ago than can be told. Answers whether it can.
    pub(super) async fn go_back(&mut self, last: u64) -> Result<bool, Over> {
        self.held_until = None;
        let end = self.reader.seat().heard_up_to();
        if last <= end && end - last <= LONGEST_REPLAY {
            self.reader.go_back(last);
            return Ok(true);
        }
        let listener = Arc::clone(&self.reader.seat().listener);
        let reset = json!({ "lastEventId": end });
        self.connection.tell(Some(&listener), "reset", &reset).await?;
        Ok(false)
    }

    async fn go_on(&mut self) -> Over {
        loop {
            if let Err(over) = self.step().await {
                return over;
            }
        }
    }

    async fn step(&mut self) -> Result<(), Over> {
        if self.needs_recheck {
            self.make_sure().await?;
        }
        let held_until = self.held_until;
        let every = self.sign_of_life_at;
        let listener = Arc::clone(&self.reader.seat().listener);
        tokio::select! {
            heard = self.reader.next(), if held_until.is_none() => self.hear(heard).await,
            ending = listener.queue.ended(), if held_until.is_some() => Err(ending.into()),
            incoming = self.connection.next() => Box::pin(self.attend(incoming?)).await,
            () = sleep_until(held_until.unwrap_or(every)), if held_until.is_some() => {
                self.held_until = None;
                Ok(())
            }
            () = sleep_until(every) => {
                if self.proof.is_expired(self.connection.state.desk().now()) {
                    return Err(Ending::NotAllowed.into());
                }
                self.show_life();
                Ok(())
            }
        }
    }

    async fn hear(&mut self, heard: Heard) -> Result<(), Over> {
        match heard {
            Heard::Frame(frame) => {
                let listener = Arc::clone(&self.reader.seat().listener);
                self.connection.pass_on(&listener, &frame.payload).await
            }
            Heard::Recheck => {
                self.needs_recheck = true;
                Ok(())
            }
            Heard::Ended(Ending::Unavailable) => {
                sleep(RETRY_AFTER).await;
                Ok(())
            }
            Heard::Ended(ending) => Err(ending.into()),
        }
    }

    /// Makes sure that the agent still may, as soon as the store can be asked; nothing is told before.
    async fn make_sure(&mut self) -> Result<(), Over> {
        loop {
            let (state, seat) = (&self.connection.state, self.reader.seat());
            match Box::pin(self.proof.recheck(state, seat)).await {
                Ok(()) => {
                    self.needs_recheck = false;
                    return Ok(());
                }
                Err(Ending::Unavailable) => tokio::select! {
                    () = sleep(RETRY_AFTER) => {}
                    ending = ended(&self.reader) => return Err(ending.into()),
                },
                Err(ending) => return Err(ending.into()),
            }
        }
    }

    /// Does what the client asks, in the name of the agent as they may act at this moment.
    async fn attend(&mut self, mut incoming: Incoming) -> Result<(), Over> {
        let listener = Arc::clone(&self.reader.seat().listener);
        let (state, seat) = (&self.connection.state, self.reader.seat());
        let done = match Box::pin(self.proof.recheck(state, seat)).await {
            Ok(()) => Box::pin(self.act(&mut incoming)).await?,
            Err(Ending::Unavailable) => Err(ApiError::unavailable(RETRY_AFTER)),
            Err(ending) => {
                let refused = Err(ApiError::unauthenticated());
                self.connection.answer(None, &incoming.reply, refused).await?;
                return Err(ending.into());
            }
        };
        self.connection.answer(Some(&listener), &incoming.reply, done).await
    }

    /// In whose name it is.
    pub(super) fn scope(&self) -> Result<Scope, ApiError> {
        let acting = self.reader.seat().listener.acting();
        let acting = acting.ok_or_else(ApiError::unauthenticated)?;
        Ok(Scope::new(self.tenant, Actor::Agent((*acting).clone())))
    }

    /// Shows colleagues that the agent looks at a ticket, or no longer does.
    pub(super) async fn look(
        &mut self,
        scope: &Scope,
        ticket: &support_core::model::Ticket,
        is_viewing: bool,
    ) -> Result<(), ApiError> {
        let desk = self.connection.state.desk().clone();
        desk.viewing(scope, ticket, self.id, is_viewing).await?;
        self.viewed.retain(|viewed| *viewed != ticket.id);
        if is_viewing {
            self.viewed.push(ticket.id);
        }
        if self.viewed.len() > MOST_VIEWED {
            let longest_ago = self.viewed.remove(0);
            if let Ok(ticket) = desk.ticket(scope, longest_ago).await {
                desk.viewing(scope, &ticket, self.id, false).await?;
            }
        }
        Ok(())
    }

    /// A desk that is closed shows nothing any more.
    async fn look_away(&mut self) {
        let Ok(scope) = self.scope() else { return };
        let desk = self.connection.state.desk().clone();
        for viewed in std::mem::take(&mut self.viewed) {
            // What can't be told now lapses by itself.
            if let Ok(ticket) = desk.ticket(&scope, viewed).await {
                drop(desk.viewing(&scope, &ticket, self.id, false).await);
            }
        }
    }

    fn show_life(&mut self) {
        let desk = self.connection.state.desk();
        let every = sign_of_life_every(desk);
        self.sign_of_life_at = Instant::now() + every;
        if let Some(agent) = self.reader.seat().listener.acting() {
            give_sign_of_life(desk, self.tenant, &agent);
        }
    }
}

async fn ended(reader: &Reader) -> Ending {
    reader.seat().listener.queue.ended().await
}
