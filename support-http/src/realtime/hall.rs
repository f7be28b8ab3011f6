//! One tenant's live connections, and what of its events they are told.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use support_core::{
    model::{ActingAgent, Agent, Audience, CustomerId, Event, EventBody, Principal, Side, TenantId, TicketId},
    ports::Signal,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    frames::{self, Rendered},
    listener::{Forms, Listener, Meaning},
    queue::{Ending, Frame},
    viewers::Viewers,
};

/// The connections of one tenant.
#[derive(Debug)]
pub(crate) struct Hall {
    pub(crate) tenant: TenantId,
    state: Mutex<State>,
    /// Ends the task that feeds it.
    pub(crate) closing: CancellationToken,
}

#[derive(Debug)]
struct State {
    /// The last event that everybody here was told of.
    position: u64,
    by_ticket: HashMap<TicketId, Vec<Arc<Listener>>>,
    by_customer: HashMap<CustomerId, Vec<Arc<Listener>>>,
    consoles: Vec<Arc<Listener>>,
    is_closed: bool,
}

impl Hall {
    pub(crate) fn new(tenant: TenantId, position: u64) -> Self {
        Self {
            tenant,
            state: Mutex::new(State {
                position,
                by_ticket: HashMap::new(),
                by_customer: HashMap::new(),
                consoles: Vec::new(),
                is_closed: false,
            }),
            closing: CancellationToken::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last event that everybody here was told of.
    pub(crate) fn position(&self) -> u64 {
        self.state().position
    }

    /// Nobody is told of an event, nor of those before it that were not told.
    pub(crate) fn pass_over(&self, seq: u64) {
        let mut state = self.state();
        state.position = state.position.max(seq);
    }

    /// Lets a listener in: everything after the position given back comes to its queue. None when
    /// the hall was closed at the same moment.
    pub(crate) fn enter(&self, listener: &Arc<Listener>) -> Option<u64> {
        let mut state = self.state();
        if state.is_closed {
            return None;
        }
        let listener = Arc::clone(listener);
        match (listener.ticket, listener.customer()) {
            (Some(ticket), _) => state.by_ticket.entry(ticket).or_default().push(listener),
            (None, Some(customer)) => state.by_customer.entry(customer).or_default().push(listener),
            (None, None) => state.consoles.push(listener),
        }
        Some(state.position)
    }

    /// Lets a listener out, and closes the hall behind the last one. Answers whether it is closed.
    pub(crate) fn leave(&self, listener: &Arc<Listener>) -> bool {
        let mut state = self.state();
        match (listener.ticket, listener.customer()) {
            (Some(ticket), _) => remove_from(&mut state.by_ticket, ticket, listener),
            (None, Some(customer)) => remove_from(&mut state.by_customer, customer, listener),
            (None, None) => remove(&mut state.consoles, listener),
        }
        if state.by_ticket.is_empty() && state.by_customer.is_empty() && state.consoles.is_empty() {
            state.is_closed = true;
            self.closing.cancel();
        }
        state.is_closed
    }

    /// How many listen.
    pub(crate) fn listeners(&self) -> usize {
        let state = self.state();
        state.all().count()
    }

    /// Makes a listener that has caught up a live one. If it missed something meanwhile: up to
    /// which event it has to catch up with that.
    pub(crate) fn go_live(&self, listener: &Listener) -> Option<u64> {
        let state = self.state();
        (!listener.queue.go_live()).then_some(state.position)
    }

    /// The forms in which anybody hears of an event.
    pub(crate) fn wanted(&self, event: &Event) -> Forms {
        self.state().wanted(event)
    }

    /// Tells everybody of an event, unless somebody came who needs a form that is not there.
    pub(crate) fn tell(&self, event: &Event, made: Forms, rendered: &Rendered) -> bool {
        let mut state = self.state();
        if !made.include(state.wanted(event)) {
            return false;
        }
        for listener in state.listeners_of(event) {
            match listener.meaning_of(event) {
                Meaning::Hears => {
                    if let Some(payload) = rendered.payload(listener.form) {
                        listener.queue.push(Frame {
                            event: Some(event.seq),
                            message: event.message.as_ref().map(|message| message.seq),
                            payload,
                        });
                    }
                }
                Meaning::Gone => listener.queue.end(Ending::NotFound),
                Meaning::Nothing => {}
            }
        }
        state.position = event.seq;
        true
    }

    /// Shows something ephemeral to everybody it concerns but those who did it.
    pub(crate) fn show(&self, signal: &Signal, viewers: &Viewers) {
        match signal {
            Signal::Typing { .. } => self.show_typing(signal),
            Signal::Viewing { .. } => self.show_viewers(signal, viewers),
            Signal::StreamOpened {
                customer,
                token,
                connection,
            } => self.hand_over_stream(*customer, *token, *connection),
            Signal::AskConnected { .. } | Signal::IsConnected { .. } => {}
        }
    }

    /// A token is good for one stream at a time: those that had it before end.
    fn hand_over_stream(&self, customer: CustomerId, token: Uuid, connection: Uuid) {
        let state = self.state();
        for listener in state.by_customer.get(&customer).into_iter().flatten() {
            if listener
                .pass
                .is_some_and(|pass| pass.token == token && pass.connection != connection)
            {
                listener.queue.end(Ending::NotAllowed);
            }
        }
    }

    /// Whether a customer has a stream open here with a token.
    pub(crate) fn has_stream(&self, customer: CustomerId, token: Uuid) -> bool {
        let state = self.state();
        let mut streams = state.by_customer.get(&customer).into_iter().flatten();
        streams.any(|listener| listener.pass.is_some_and(|pass| pass.token == token))
    }

    fn show_typing(&self, signal: &Signal) {
        let Signal::Typing {
            ticket,
            number,
            side,
            agent,
            name,
            assignee,
            department,
            is_typing,
        } = signal
        else {
            return;
        };
        let state = self.state();
        let mut frames = frames::Typing {
            ticket: *ticket,
            number: *number,
            side: *side,
            agent: *agent,
            name: name.as_deref(),
            is_typing: *is_typing,
            rendered: Rendered::default(),
        };
        let here = state.by_ticket.get(ticket).into_iter().flatten();
        for listener in here {
            let is_own_side = listener.side() == *side;
            let is_own = is_own_side && (*side == Side::Customer || listener.agent_id() == *agent);
            if !is_own {
                listener.queue.push(frames.frame(listener.form));
            }
        }
        for listener in &state.consoles {
            let Some(acting) = listener.acting() else { continue };
            if Some(acting.id) != *agent && listener.is_shown_typing(&acting, *side, *assignee, *department) {
                listener.queue.push(frames.frame(listener.form));
            }
        }
    }

    /// Agents who may see the ticket, and not only hear of it, so that nobody steps on another's toes.
    fn show_viewers(&self, signal: &Signal, viewers: &Viewers) {
        let Signal::Viewing {
            ticket,
            number,
            agent,
            assignee,
            department,
            ..
        } = signal
        else {
            return;
        };
        for listener in &self.state().consoles {
            let Some(acting) = listener.acting() else { continue };
            if acting.id == *agent || !acting.sees(*assignee, *department) {
                continue;
            }
            let others = viewers.of(self.tenant, *ticket, acting.id);
            if let Some(frame) = frames::viewing(listener.form, *ticket, *number, &others) {
                listener.queue.push(frame);
            }
        }
    }

    /// What has become of an agent reaches their connections at once: whoever may do something
    /// else than before has to come in anew, and other changes count from the next event on.
    pub(crate) fn agent_is_now(&self, agent: &Agent) {
        let acting = Arc::new(ActingAgent::from(agent));
        self.each(|listener| {
            let Some(before) = listener.acting().filter(|before| before.id == agent.id) else {
                return;
            };
            if agent.is_active && before.role == agent.role {
                listener.acts_as(&acting);
            } else {
                listener.queue.end(Ending::NotAllowed);
            }
        });
    }

    /// Some of a principal's tokens are void: their connections have to prove themselves again.
    pub(crate) fn recheck(&self, principal: Principal) {
        self.each(|listener| {
            if listener.is_of(principal) {
                listener.queue.ask_to_recheck();
            }
        });
    }

    /// Ends every connection.
    pub(crate) fn end_all(&self, ending: Ending) {
        self.each(|listener| listener.queue.end(ending));
    }

    fn each(&self, act: impl Fn(&Listener)) {
        for listener in self.state().all() {
            act(listener);
        }
    }

    /// What an event does to connections besides being told.
    pub(crate) fn obey(&self, event: &Event) {
        match event.body {
            EventBody::LoggedOut { principal } | EventBody::PasswordChanged { principal } => self.recheck(principal),
            // An admin may have given them another password.
            EventBody::AgentUpdated { agent } => self.recheck(Principal::Agent(agent)),
            EventBody::CustomerSaved { customer } | EventBody::CustomerRemoved { customer } => {
                self.recheck(Principal::Customer(customer));
            }
            EventBody::TenantDeactivated => self.end_all(Ending::NotAllowed),
            _ => {}
        }
    }
}

impl State {
    fn listeners_of(&self, event: &Event) -> impl Iterator<Item = &Arc<Listener>> {
        let Audience { ticket, customer, .. } = event.audience;
        let of_ticket = ticket.and_then(|ticket| self.by_ticket.get(&ticket));
        let of_customer = customer.and_then(|customer| self.by_customer.get(&customer));
        let of_one = of_ticket.into_iter().chain(of_customer).flatten();
        of_one.chain(&self.consoles)
    }

    fn all(&self) -> impl Iterator<Item = &Arc<Listener>> {
        let of_one = self.by_ticket.values().chain(self.by_customer.values()).flatten();
        of_one.chain(&self.consoles)
    }

    fn wanted(&self, event: &Event) -> Forms {
        let mut forms = Forms::default();
        for listener in self.listeners_of(event) {
            if !forms.include(Forms::only(listener.form)) && listener.meaning_of(event) == Meaning::Hears {
                forms.add(listener.form);
            }
        }
        forms
    }
}

fn remove_from<K: Copy + Eq + Hash>(places: &mut HashMap<K, Vec<Arc<Listener>>>, place: K, gone: &Arc<Listener>) {
    let Some(listeners) = places.get_mut(&place) else {
        return;
    };
    remove(listeners, gone);
    if listeners.is_empty() {
        places.remove(&place);
    }
}

fn remove(listeners: &mut Vec<Arc<Listener>>, gone: &Arc<Listener>) {
    if let Some(place) = listeners.iter().position(|listener| Arc::ptr_eq(listener, gone)) {
        listeners.swap_remove(place);
    }
    if listeners.capacity() > 64 && listeners.len() < listeners.capacity() / 4 {
        listeners.shrink_to_fit();
    }
}
