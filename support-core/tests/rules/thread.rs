//! Numbering and counting of a thread, against a look over all of it.

use proptest::prelude::*;
use support_core::{
    model::{InboxId, Message, MessageKind, Sender, SenderKind, Side, Thread, Timestamp},
    testing::Samples,
};
use uuid::Uuid;

fn said(kinds: &[(u8, bool)]) -> Vec<Message> {
    let samples = Samples::new();
    let ticket = samples.ticket(InboxId::new(Uuid::from_u128(1)));
    let mut thread = Vec::new();
    for (who, is_note) in kinds {
        let sender = match who % 4 {
            0 => Sender::Customer(ticket.requester),
            1 => Sender::Agent(None),
            2 => Sender::Bot,
            _ => Sender::System,
        };
        let mut message = samples.message(ticket.id, sender);
        if *is_note && sender.kind() != SenderKind::Customer {
            message.kind = MessageKind::Note;
        }
        thread.push(message);
    }
    thread
}

fn first_answer(messages: &[Message]) -> Option<Timestamp> {
    let asked = messages
        .iter()
        .position(|message| message.sender.kind() == SenderKind::Customer)?;
    let answers = messages[asked..].iter().filter(|message| message.is_public());
    answers
        .filter(|message| message.sender.kind() == SenderKind::Agent)
        .map(|message| message.created_at)
        .next()
}

fn unread(messages: &[Message], by: Side) -> usize {
    let public = messages.iter().filter(|message| message.is_public());
    public.filter(|message| message.side() == Some(by.other())).count()
}

proptest! {
    #[test]
    fn a_thread_counts_what_is_in_it(kinds in proptest::collection::vec(any::<(u8, bool)>(), 0..40)) {
        let messages = said(&kinds);
        let thread = messages.iter().fold(Thread::default(), Thread::with);
        let spoken = messages.iter().rfind(|message| message.is_public() && message.sender != Sender::System);
        let asked = messages.iter().find(|message| message.sender.kind() == SenderKind::Customer);
        prop_assert_eq!(thread, Thread {
            last_seq: messages.len() as u64,
            last_message_at: messages.last().map(|message| message.created_at),
            last_message_preview: spoken.map(|message| message.content.clone()),
            first_response_at: first_answer(&messages),
            first_customer_message_at: asked.map(|message| message.created_at),
            unread_by_agents: unread(&messages, Side::Agents) as u64,
            unread_by_customer: unread(&messages, Side::Customer) as u64,
            read_by_agents: 0,
            read_by_customer: 0,
        });
    }

    #[test]
    fn a_preview_is_at_most_120_whole_characters(content in "\\PC{0,200}") {
        let message = Message { content: content.clone(), ..said(&[(0, false)]).remove(0) };
        let preview = message.preview().unwrap();
        prop_assert!(content.starts_with(&preview));
        prop_assert_eq!(preview.chars().count(), content.chars().count().min(120));
    }
}

#[test]
fn what_the_software_tells_is_public_but_never_a_preview() {
    for told in said(&[(3, false)]) {
        assert!(told.is_public());
        assert_eq!((told.unread_by(), told.preview()), (None, None));
    }
}

#[test]
fn a_note_is_never_public_unread_or_shown() {
    for note in said(&[(1, true), (2, true), (3, true)]) {
        assert!(!note.is_public());
        assert_eq!((note.unread_by(), note.preview()), (None, None));
    }
}
