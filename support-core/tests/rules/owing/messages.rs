//! What words owe.

use serde_json::json;
use support_core::{
    change::ORIGIN,
    model::{
        Assignment, Channel, Closing, Contact, Delivery, Message, MessageKind, Notice, Office, Resolution, Sender,
        Ticket, TicketChannel, TicketState,
    },
};

use super::{CHAT, DIGEST_DELAY, Owed, REPLY_DELAY, Settled, emails, owed, shown};

impl Settled {
    fn saying(&self, ticket: &Ticket, message: &Message) -> Vec<Delivery> {
        self.deliveries(|change| change.append(ticket, message.clone()))
    }

    fn said(&self, ticket: &Ticket, message: &Message) -> Vec<Owed> {
        shown(self.saying(ticket, message))
    }

    fn assignment(&self) -> Assignment {
        Assignment {
            agent: self.agent.id,
            at: self.samples.later(),
        }
    }

    fn waiting(&self) -> Ticket {
        Ticket {
            state: TicketState::new(Office::Empty),
            ..self.ticket()
        }
    }

    fn answer(&self, ticket: &Ticket) -> Message {
        self.samples.message(ticket.id, Sender::Agent(Some(self.agent.id)))
    }

    /// On a messenger, with an address left too.
    fn on(&self, channel: TicketChannel) -> Ticket {
        Ticket {
            channel,
            session: Some("4711".to_owned()),
            ..self.ticket()
        }
    }

    /// Every state, and whether somebody has the ticket.
    fn states(&self) -> Vec<(TicketState, bool)> {
        let (held, at) = (self.assignment(), self.samples.later());
        let resolution = Resolution {
            at,
            by: None,
            notes: None,
        };
        vec![
            (TicketState::Open, false),
            (TicketState::Waiting, false),
            (TicketState::Assigned(held), true),
            (TicketState::Pending(None), false),
            (TicketState::Pending(Some(held)), true),
            (TicketState::Resolved(Some(held), resolution), true),
            (TicketState::Closed(None, None, Closing { at, by: None }), false),
        ]
    }
}

#[test]
fn what_customers_write_while_nobody_is_there_is_gathered_in_a_digest() {
    let settled = Settled::new().without_chat();
    let ticket = settled.waiting();
    let first = settled.samples.question(&ticket);
    let digests = settled.saying(&ticket, &first);
    let notice = Notice::OfflineDigest {
        ticket: ticket.id,
        first: first.id,
    };
    assert_eq!(
        shown(digests.clone()),
        [owed(Channel::Email, "inbox@shop.example", notice)]
    );
    assert_eq!(digests[0].next_attempt_at, digests[0].created_at.plus(DIGEST_DELAY));
    assert_eq!(digests[0].ticket, Some(ticket.id));
    let again = settled.saying(&ticket, &settled.samples.question(&ticket));
    assert_eq!(again[0].key, digests[0].key, "said together");
    let other = settled.waiting();
    let elsewhere = settled.saying(&other, &settled.samples.question(&other));
    assert_ne!(elsewhere[0].key, digests[0].key);
}

#[test]
fn a_digest_goes_to_whoever_is_named_or_else_to_the_admins() {
    let mut settled = Settled::new().without_chat();
    let of_department = Ticket {
        department: Some(settled.department.id),
        ..settled.waiting()
    };
    let of_nobody = settled.waiting();
    let recipients = |settled: &Settled, ticket: &Ticket| {
        let owed = settled.said(ticket, &settled.samples.question(ticket));
        let recipients = owed.into_iter().map(|(_, recipient, _)| recipient);
        recipients.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(recipients(&settled, &of_department), "sales@shop.example");
    assert_eq!(recipients(&settled, &of_nobody), "inbox@shop.example");
    settled.policy.inboxes.clear();
    assert_eq!(recipients(&settled, &of_nobody), "ada@shop.example, bo@shop.example");
    settled.policy.unsubscribed = vec!["ada@shop.example".to_owned(), "sales@shop.example".to_owned()];
    assert_eq!(recipients(&settled, &of_nobody), "bo@shop.example");
    assert_eq!(recipients(&settled, &of_department), "", "whoever wants none gets none");
    settled.policy.unsubscribed.clear();
    let settled = settled.without_mail();
    assert_eq!(recipients(&settled, &of_nobody), "");
}

#[test]
fn there_is_a_digest_only_while_a_ticket_waits() {
    let settled = Settled::new();
    for (state, _) in settled.states() {
        let is_waiting = state == TicketState::Waiting;
        let ticket = Ticket {
            state,
            ..settled.ticket()
        };
        let question = settled.samples.question(&ticket);
        let owed = settled.said(&ticket, &question);
        let mut notices = owed.iter().map(|(_, _, notice)| notice);
        let is_digested = notices.any(|notice| matches!(notice, Notice::OfflineDigest { .. }));
        assert_eq!(is_digested, is_waiting, "{}", ticket.state.status());
    }
}

#[test]
fn the_chat_is_told_only_of_what_nobody_has() {
    let settled = Settled::new();
    for (state, is_held) in settled.states() {
        let ticket = Ticket {
            state,
            ..settled.ticket()
        };
        let question = settled.samples.question(&ticket);
        let alert = Notice::MessageAlert {
            ticket: ticket.id,
            message: question.id,
        };
        let alert = owed(Channel::Telegram, CHAT, alert);
        let is_told = settled.said(&ticket, &question).contains(&alert);
        assert_eq!(is_told, !is_held, "{}", ticket.state.status());
    }
    let settled = Settled::new().without_chat();
    let ticket = settled.ticket();
    assert_eq!(settled.said(&ticket, &settled.samples.question(&ticket)), []);
}

#[test]
fn what_opens_a_ticket_is_told_of_with_it() {
    let settled = Settled::new();
    let ticket = settled.samples.ticket(settled.inbox.id);
    let question = settled.samples.question(&ticket);
    let opened = settled.owed(|change| change.open_ticket(ticket.clone()));
    let with_words = settled.owed(|change| {
        change.open_ticket(ticket.clone());
        change.append(&ticket, question);
    });
    assert_eq!(with_words, opened);
}

#[test]
fn an_absent_agent_is_told_what_their_customer_wrote() {
    let mut settled = Settled::new();
    let ticket = Ticket {
        state: TicketState::Assigned(settled.assignment()),
        ..settled.ticket()
    };
    let question = settled.samples.question(&ticket);
    let told = settled.saying(&ticket, &question);
    let notice = Notice::CustomerReplied {
        ticket: ticket.id,
        first: question.id,
        agent: settled.agent.id,
    };
    assert_eq!(shown(told.clone()), [owed(Channel::Email, "mara@shop.example", notice)]);
    assert_eq!(told[0].next_attempt_at, told[0].created_at.plus(REPLY_DELAY));
    let again = settled.saying(&ticket, &settled.samples.question(&ticket));
    assert!(told[0].key.is_some());
    assert_eq!(again[0].key, told[0].key, "said together");

    settled.policy.absent_agents.clear();
    assert_eq!(settled.said(&ticket, &question), [], "they are there");
    let settled = Settled::new().without_mail();
    assert_eq!(settled.said(&ticket, &question), []);
}

#[test]
fn an_agents_answer_goes_to_the_address_that_was_left() {
    let settled = Settled::new();
    let ticket = settled.ticket();
    let answer = settled.answer(&ticket);
    let replied = settled.saying(&ticket, &answer);
    let notice = Notice::AgentReplied {
        ticket: ticket.id,
        first: answer.id,
    };
    let email = ticket.contact.email.clone().unwrap();
    assert_eq!(shown(replied.clone()), [owed(Channel::Email, &email, notice)]);
    assert_eq!(replied[0].next_attempt_at, replied[0].created_at.plus(REPLY_DELAY));
    let again = settled.saying(&ticket, &settled.answer(&ticket));
    assert!(replied[0].key.is_some());
    assert_eq!(again[0].key, replied[0].key, "said together");
    let other = settled.ticket();
    let elsewhere = settled.saying(&other, &settled.answer(&other));
    assert_ne!(elsewhere[0].key, replied[0].key);

    let nameless = Ticket {
        contact: Contact::default(),
        ..ticket.clone()
    };
    assert_eq!(settled.said(&nameless, &settled.answer(&nameless)), []);
    let settled = Settled::new().without_mail();
    assert_eq!(settled.said(&ticket, &answer), []);
}

#[test]
fn no_machine_answers_by_mail() {
    let settled = Settled::new();
    for ticket in [settled.ticket(), settled.waiting()] {
        for sender in [Sender::Bot, Sender::System] {
            let message = settled.samples.message(ticket.id, sender);
            assert_eq!(settled.said(&ticket, &message), []);
        }
    }
}

#[test]
fn notes_and_what_the_software_tells_owe_nothing() {
    let settled = Settled::new();
    let tickets = [
        settled.ticket(),
        settled.waiting(),
        settled.on(TicketChannel::Messenger),
        settled.on(TicketChannel::Telegram),
    ];
    for ticket in tickets {
        for kind in [MessageKind::Note, MessageKind::SystemNotification] {
            let message = Message {
                kind,
                ..settled.answer(&ticket)
            };
            assert_eq!(settled.said(&ticket, &message), [], "{kind}");
        }
    }
}

#[test]
fn whoever_wrote_by_a_messenger_is_answered_there() {
    let settled = Settled::new();
    for (ticket_channel, channel) in [
        (TicketChannel::Messenger, Channel::Messenger),
        (TicketChannel::Telegram, Channel::Telegram),
    ] {
        let ticket = settled.on(ticket_channel);
        for sender in [Sender::Agent(Some(settled.agent.id)), Sender::Agent(None), Sender::Bot] {
            let answer = settled.samples.message(ticket.id, sender);
            let deliveries = settled.saying(&ticket, &answer);
            assert!(deliveries.iter().all(|delivery| delivery.key.is_none()), "at once");
            assert!(deliveries.iter().all(|delivery| delivery.ticket == Some(ticket.id)));
            let notice = Notice::ChannelMessage {
                ticket: ticket.id,
                message: answer.id,
            };
            assert_eq!(shown(deliveries), [owed(channel, "4711", notice)]);
        }
        let said_there = Message {
            metadata: json!({ ORIGIN: channel.as_str() }),
            ..settled.answer(&ticket)
        };
        assert_eq!(settled.said(&ticket, &said_there), [], "it was said there by itself");
        let lost = Ticket {
            session: None,
            ..ticket
        };
        assert_eq!(settled.said(&lost, &settled.answer(&lost)), [], "never by mail");
    }
}

#[test]
fn a_messenger_that_was_taken_away_is_not_answered() {
    let mut settled = Settled::new();
    settled.policy.has_messenger = false;
    let on_messenger = settled.on(TicketChannel::Messenger);
    assert_eq!(settled.said(&on_messenger, &settled.answer(&on_messenger)), []);
    let on_telegram = settled.on(TicketChannel::Telegram);
    assert_eq!(settled.said(&on_telegram, &settled.answer(&on_telegram)).len(), 1);
    settled.policy.has_telegram = false;
    assert_eq!(settled.said(&on_telegram, &settled.answer(&on_telegram)), []);
}

#[test]
fn a_session_on_another_channel_is_no_address() {
    let settled = Settled::new();
    for channel in [TicketChannel::Web, TicketChannel::Chatbot, TicketChannel::Api] {
        let ticket = settled.on(channel);
        let answered = settled.said(&ticket, &settled.answer(&ticket));
        assert_eq!(emails(answered.clone()), answered);
        assert_eq!(answered.len(), 1, "{channel}");
    }
}
