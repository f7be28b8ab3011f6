//! Opening tickets.

use serde_json::Value;

use super::{
    Desk, DeskError, Scope,
    assignment::chosen_for,
    conversation::NewMessage,
    retry::{Attempt, Committed},
    uploads::Carried,
};
use crate::{
    change::{ChangeSet, Conflict},
    model::{
        Contact, CustomerId, Department, FileId, InboxId, Input, LONGEST_MESSAGE, LONGEST_NAME, LONGEST_SUBJECT,
        Message, MessageId, MessageKind, Office, Priority, Requester, Secret, Sender, Source, Thread, Ticket,
        TicketChannel, TicketId, TicketState, Timestamp, ToldVisit, Visitor, VisitorContext, VisitorId,
        somebody_is_online,
    },
};

/// Whose a new ticket is.
#[derive(Debug, Clone)]
pub enum NewTicketRequester {
    /// Somebody in a widget, with what they told of themselves.
    Visitor(Contact),
    /// Somebody who wrote before.
    KnownVisitor(VisitorId, Contact),
    /// A known person, with what was told for this ticket; what wasn't is taken from what is known.
    Customer(CustomerId, Contact),
    /// A known person in a widget, who goes on with the conversation by its secret.
    CustomerInWidget(CustomerId, Contact),
}

/// An entry of a conversation that a bot had before people were asked for.
#[derive(Debug, Clone)]
pub struct HistoryEntry {
    /// Whether the bot said it; else the customer did.
    pub by_bot: bool,
    /// What was said.
    pub content: String,
    /// When, as far as the bot knows.
    pub at: Option<Timestamp>,
}

/// How often opening a ticket tries to give it to somebody at once. When so many come in at the
/// same moment that others keep being quicker, it is opened for nobody and given out with what waits.
pub(super) const TRIES_TO_GIVE: u32 = 2;

/// The longest conversation that a bot may hand over, in entries.
const LONGEST_HISTORY: usize = 200;

/// A ticket to be opened.
#[derive(Debug, Clone)]
pub struct NewTicket {
    /// The entry point it came through.
    pub inbox: InboxId,
    /// The way it came in.
    pub channel: TicketChannel,
    /// The kind of program it was opened with.
    pub source: Source,
    /// Whose it is.
    pub requester: NewTicketRequester,
    /// What it is about; the first words of the message when not given.
    pub subject: Option<String>,
    /// The slug of the team it is for.
    pub department: Option<String>,
    /// How urgent it is.
    pub priority: Priority,
    /// What kind of matter it is.
    pub category: Option<String>,
    /// The same, finer.
    pub subcategory: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Skills all of which whoever gets it must have.
    pub required_skills: Vec<String>,
    /// Languages in which the requester would be answered best, as BCP 47 tags.
    pub languages: Vec<String>,
    /// The first message.
    pub message: Option<NewMessage>,
    /// What a bot and the customer said before.
    pub history: Vec<HistoryEntry>,
    /// What a chatbot calls the conversation; it has one unfinished ticket at a time.
    pub session: Option<String>,
    /// Custom data, a JSON object.
    pub metadata: Option<Value>,
    /// The closed ticket that it goes on from: what was sent in for that one may come with its
    /// first message.
    pub follows: Option<TicketId>,
    /// What is known of the visit beside what was said.
    pub visit: Option<ToldVisit>,
}

impl NewTicket {
    /// A ticket with nothing but its origin and requester.
    #[must_use]
    pub fn new(inbox: InboxId, channel: TicketChannel, requester: NewTicketRequester) -> Self {
        Self {
            inbox,
            channel,
            source: Source::Web,
            requester,
            subject: None,
            department: None,
            priority: Priority::Normal,
            category: None,
            subcategory: None,
            tags: Vec::new(),
            required_skills: Vec::new(),
            languages: Vec::new(),
            message: None,
            history: Vec::new(),
            session: None,
            metadata: None,
            follows: None,
            visit: None,
        }
    }
}

/// A ticket that was opened, now or before.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The ticket.
    pub ticket: Ticket,
    /// What opens this one conversation without a login; for visitors only. None when the
    /// conversation was open before: it was given out then.
    pub secret: Option<Secret>,
    /// The first message, if there was one.
    pub message: Option<Message>,
    /// Whether an unfinished ticket of the same session was there already.
    pub is_existing: bool,
    /// Whether somebody is there.
    pub somebody_is_online: bool,
}

/// A new ticket with everything checked and looked up but who gets it.
struct Draft {
    ticket: Ticket,
    visitor: Option<Visitor>,
    department: Option<Department>,
    secret: Option<Secret>,
    messages: Vec<Message>,
    first: Option<MessageId>,
    /// What the first message carries.
    files: Vec<FileId>,
    follows: Option<TicketId>,
    context: Option<VisitorContext>,
}

impl Desk {
    /// Opens a ticket, gives it to an agent where that is automatic, and adds its first messages.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] with every bad field, [`DeskError::Forbidden`] for those who may not
    /// write.
    pub async fn open_ticket(&self, scope: &Scope, new: NewTicket) -> Result<Opened, DeskError> {
        self.open_ticket_with(scope, new, Input::new()).await
    }

    /// As [`open_ticket`](Self::open_ticket), for callers who have found something wrong already:
    /// they are refused with that and with all that is wrong besides.
    ///
    /// # Errors
    /// As [`open_ticket`](Self::open_ticket).
    pub async fn open_ticket_with(&self, scope: &Scope, new: NewTicket, found: Input) -> Result<Opened, DeskError> {
        let draft = &self.draft(scope, new, found).await?;
        let Ticket { requester, contact, .. } = &draft.ticket;
        self.refuse_blocked(scope, Some(*requester), contact.email.as_deref())
            .await?;
        let mut tries = 0;
        let opened = self
            .decide(scope, || {
                tries += 1;
                self.try_open(scope, draft, tries <= TRIES_TO_GIVE)
            })
            .await;
        match (opened, &draft.ticket.session) {
            // The session got a ticket at the same moment: that is the one.
            (Err(DeskError::Conflict(_)), Some(session)) => self
                .existing(scope, draft.ticket.inbox, session)
                .await?
                .ok_or_else(|| Conflict::Concurrent.into()),
            (opened, _) => opened,
        }
    }

    async fn existing(&self, scope: &Scope, inbox: InboxId, session: &str) -> Result<Option<Opened>, DeskError> {
        let Some(ticket) = self
            .stores()
            .tickets
            .unfinished_ticket_of_session(scope.tenant(), inbox, session)
            .await?
        else {
            return Ok(None);
        };
        let somebody_is_online = self.somebody_is_online(scope.tenant(), ticket.department).await?;
        Ok(Some(Opened {
            ticket,
            secret: None,
            message: None,
            is_existing: true,
            somebody_is_online,
        }))
    }

    async fn draft(&self, scope: &Scope, new: NewTicket, mut input: Input) -> Result<Draft, DeskError> {
        let NewTicket {
            inbox,
            channel,
            source,
            requester,
            subject,
            department,
            priority,
            category,
            subcategory,
            tags,
            required_skills,
            languages,
            message,
            history,
            session,
            metadata,
            follows,
            visit,
        } = new;
        let subject = input.optional_line("subject", subject.as_deref(), LONGEST_SUBJECT);
        let category = input.optional_line("category", category.as_deref(), 100);
        let subcategory = input.optional_line("subcategory", subcategory.as_deref(), 100);
        let session = input.optional_line("session_id", session.as_deref(), 200);
        let tags = input.lines("tags", &tags, 50);
        let required_skills = input.lines("skills", &required_skills, 50);
        let languages = input.lines("languages", &languages, 50);
        let metadata = input.metadata("metadata", metadata);
        let requester = check_requester(&mut input, requester);
        if let Some(message) = &message {
            message.check(&mut input, "message");
        }
        check_history(&mut input, &history);
        let department = match department.as_deref().map(str::trim).filter(|slug| !slug.is_empty()) {
            None => None,
            Some(slug) => match self.active_department(scope.tenant(), "department", slug).await {
                Ok(department) => Some(department),
                Err(error) => {
                    input.join(error)?;
                    None
                }
            },
        };
        input.finish()?;

        let now = self.now();
        let id = TicketId::new(self.ids().uuid());
        let (requester, contact, visitor, secret) = self.requester(scope, requester, now).await?;
        let subject = subject.unwrap_or_else(|| subject_of(message.as_ref()));
        let ticket = Ticket {
            id,
            number: 0,
            version: 0,
            inbox,
            channel,
            source,
            requester,
            contact,
            access: secret.as_ref().map(Secret::hash),
            session,
            subject,
            department: department.as_ref().map(|department| department.id),
            priority,
            category,
            subcategory,
            tags,
            required_skills,
            languages,
            state: TicketState::Open,
            escalation: None,
            rating: None,
            reopened_count: 0,
            is_offline: false,
            accept_by: None,
            passed_over: Vec::new(),
            held_for_bot_until: None,
            metadata,
            created_at: now,
            updated_at: now,
            thread: Thread::default(),
        };
        let mut messages: Vec<Message> = history
            .iter()
            .map(|entry| self.history_message(&ticket, entry, now))
            .collect();
        let files = message.as_ref().map(|message| message.attachments.clone());
        let first = message.map(|message| self.first_message(&ticket, message, now));
        let first_id = first.as_ref().map(|message| message.id);
        messages.extend(first);
        Ok(Draft {
            ticket,
            visitor,
            department,
            secret,
            messages,
            first: first_id,
            files: files.unwrap_or_default(),
            follows,
            context: visit
                .map(|visit| VisitorContext::of(visit, now))
                .filter(|context| !context.is_empty()),
        })
    }

    async fn requester(
        &self,
        scope: &Scope,
        requester: NewTicketRequester,
        now: Timestamp,
    ) -> Result<(Requester, Contact, Option<Visitor>, Option<Secret>), DeskError> {
        match requester {
            NewTicketRequester::Visitor(contact) => {
                let visitor = Visitor {
                    id: VisitorId::new(self.ids().uuid()),
                    contact: contact.clone(),
                    created_at: now,
                    updated_at: now,
                };
                Ok((
                    Requester::Visitor(visitor.id),
                    contact,
                    Some(visitor),
                    Some(self.ids().secret("")),
                ))
            }
            NewTicketRequester::KnownVisitor(visitor, contact) => {
                Ok((Requester::Visitor(visitor), contact, None, Some(self.ids().secret(""))))
            }
            NewTicketRequester::CustomerInWidget(id, told) => {
                let customer = NewTicketRequester::Customer(id, told);
                let (requester, contact, ..) = Box::pin(self.requester(scope, customer, now)).await?;
                Ok((requester, contact, None, Some(self.ids().secret(""))))
            }
            NewTicketRequester::Customer(id, told) => {
                let known = self.stores().people.customer(scope.tenant(), id).await?;
                let known = known
                    .ok_or_else(|| DeskError::field("customer_id", "There is no such customer"))?
                    .contact;
                let contact = Contact {
                    name: told.name.or(known.name),
                    email: told.email.or(known.email),
                    phone: told.phone.or(known.phone),
                };
                Ok((Requester::Customer(id), contact, None, None))
            }
        }
    }

    fn history_message(&self, ticket: &Ticket, entry: &HistoryEntry, now: Timestamp) -> Message {
        let sender = if entry.by_bot {
            Sender::Bot
        } else {
            Sender::Customer(ticket.requester)
        };
        let sender_name = if entry.by_bot {
            "Bot".to_owned()
        } else {
            ticket.requester_name().to_owned()
        };
        let metadata = serde_json::json!({ "imported": true });
        self.opening_message(
            ticket,
            sender,
            sender_name,
            entry.content.trim().to_owned(),
            None,
            metadata,
            entry.at.unwrap_or(now).min(now),
        )
    }

    fn first_message(&self, ticket: &Ticket, message: NewMessage, now: Timestamp) -> Message {
        let metadata = message
            .metadata
            .filter(Value::is_object)
            .unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        let client_id = message
            .client_id
            .map(|id| id.trim().to_owned())
            .filter(|id| !id.is_empty());
        let content = message.content.trim().to_owned();
        self.opening_message(
            ticket,
            Sender::Customer(ticket.requester),
            ticket.requester_name().to_owned(),
            content,
            client_id,
            metadata,
            now,
        )
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "they are the parts of a message, each given once by two callers"
    )]
    fn opening_message(
        &self,
        ticket: &Ticket,
        sender: Sender,
        sender_name: String,
        content: String,
        client_id: Option<String>,
        metadata: Value,
        created_at: Timestamp,
    ) -> Message {
        let id = MessageId::new(self.ids().uuid());
        Message {
            id,
            ticket: ticket.id,
            seq: 0,
            sender,
            sender_name,
            kind: MessageKind::Text,
            content,
            attachments: Vec::new(),
            client_id,
            metadata,
            created_at,
        }
    }

    async fn try_open(&self, scope: &Scope, draft: &Draft, try_to_give: bool) -> Result<Opened, Attempt> {
        if let Some(session) = &draft.ticket.session
            && let Some(existing) = self.existing(scope, draft.ticket.inbox, session).await?
        {
            return Ok(existing);
        }
        let candidates = self.candidates(scope.tenant()).await?;
        let department = draft.ticket.department;
        let calendars = self.calendars(scope.tenant()).await?;
        let is_online = somebody_is_online(&candidates, department, &calendars, self.now());
        let office = Office::from_online(is_online);
        let mut ticket = draft.ticket.clone();
        ticket.state = TicketState::new(office);
        ticket.is_offline = !is_online;
        ticket.held_for_bot_until = self.hold_of_new(scope.actor(), &ticket, &draft.messages, office);

        let mut change = ChangeSet::new(scope, ticket.created_at);
        if let Some(visitor) = &draft.visitor {
            change.put_visitor(visitor.clone());
        }
        if let Some(department) = &draft.department {
            change.expect_unchanged_department(department);
        }
        change.open_ticket(ticket.clone());
        let mut first = None;
        if let Some(context) = &draft.context {
            change.put_visitor_context(ticket.id, context.clone());
        }
        for message in &draft.messages {
            let files = if Some(message.id) == draft.first {
                draft.files.as_slice()
            } else {
                &[]
            };
            let carried = Carried {
                files,
                follows: draft.follows,
            };
            let message = self.with_files(scope, &mut change, message.clone(), carried).await?;
            if Some(message.id) == draft.first {
                first = Some(message.clone());
            }
            change.append(&ticket, message);
        }
        let settings = self.tenant_of(scope).await?.settings.assignment;
        let chosen = chosen_for(&ticket, &candidates, settings).filter(|_| ticket.held_for_bot_until.is_none());
        if let (Some(candidate), true) = (chosen, try_to_give) {
            self.give(&mut change, ticket, &candidate.agent, settings)?;
        }
        let committed = self.commit(change).await?;
        if chosen.is_some() && !try_to_give {
            self.assign_waiting_soon(scope.tenant());
        }
        self.opened(scope, draft, first, committed, is_online).await
    }

    async fn opened(
        &self,
        scope: &Scope,
        draft: &Draft,
        first: Option<Message>,
        committed: Committed,
        somebody_is_online: bool,
    ) -> Result<Opened, Attempt> {
        let receipt = committed.receipt();
        let (id, _) = *receipt
            .tickets
            .first()
            .ok_or_else(|| DeskError::Internal("a ticket without a number".to_owned()))?;
        let mut ticket = self.any_ticket(scope.tenant(), id.into()).await?;
        let secret = match &committed {
            Committed::Now(_) => draft.secret.clone(),
            // The first answer may never have arrived, and its secret is not kept: give a new one.
            Committed::Before(_) if draft.secret.is_some() => {
                let secret = self.ids().secret("");
                ticket.access = Some(secret.hash());
                let mut change = ChangeSet::new(&Scope::system(scope.tenant()), self.now());
                change.update_ticket(ticket.clone(), []);
                self.commit(change).await?;
                Some(secret)
            }
            Committed::Before(_) => None,
        };
        let message = match (first, &committed) {
            (None, _) => None,
            (Some(first), Committed::Now(receipt)) => {
                let seq = receipt.seq_of(first.id).unwrap_or_default();
                Some(Message { seq, ..first })
            }
            (Some(_), Committed::Before(receipt)) => match receipt.messages.get(draft.messages.len().saturating_sub(1))
            {
                Some((message, _)) => self.stores().messages.message(scope.tenant(), id, *message).await?,
                None => None,
            },
        };
        Ok(Opened {
            ticket,
            secret,
            message,
            is_existing: false,
            somebody_is_online,
        })
    }
}

fn check_requester(input: &mut Input, requester: NewTicketRequester) -> NewTicketRequester {
    let mut check = |contact: Contact| Contact {
        name: input.optional_line("name", contact.name.as_deref(), LONGEST_NAME),
        email: input.optional_email("email", contact.email.as_deref()),
        phone: input.optional_phone("phone", contact.phone.as_deref()),
    };
    match requester {
        NewTicketRequester::Visitor(contact) => NewTicketRequester::Visitor(check(contact)),
        NewTicketRequester::KnownVisitor(visitor, contact) => NewTicketRequester::KnownVisitor(visitor, check(contact)),
        NewTicketRequester::Customer(id, contact) => NewTicketRequester::Customer(id, check(contact)),
        NewTicketRequester::CustomerInWidget(id, contact) => NewTicketRequester::CustomerInWidget(id, check(contact)),
    }
}

fn check_history(input: &mut Input, history: &[HistoryEntry]) {
    if history.len() > LONGEST_HISTORY {
        input.refuse("history", format!("Must have at most {LONGEST_HISTORY} entries"));
        return;
    }
    for (place, entry) in history.iter().enumerate() {
        input.text(
            &format!("history[{place}].content"),
            &entry.content,
            1..=LONGEST_MESSAGE,
        );
    }
}

/// The first line of the first words, for lists.
fn subject_of(message: Option<&NewMessage>) -> String {
    let words = message.map(|message| message.content.trim()).unwrap_or_default();
    let line: String = words
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|character| !character.is_control())
        .take(80)
        .collect();
    if line.is_empty() {
        "New conversation".to_owned()
    } else {
        line
    }
}
