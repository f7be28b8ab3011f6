//! How letters read in a chat and in a text message: plain text, no markup.

use support_core::ports::{CallbackView, Letter, LetterKind, MessageView, TicketView};

use crate::split::{shortened, units};

/// What is shown of a subject, a name, a note.
const LONGEST_FIELD: usize = 200;
/// What is shown of one quoted message.
const LONGEST_QUOTE: usize = 1_000;
/// What an alert may have in all. One message, so that an answer to it always finds its ticket.
const LONGEST_ALERT: usize = 1_999;
const HINT: &str = "Reply to this message to answer.";

/// The letter for a chat, or none when it is not said in chats. A message itself is whole however
/// long it is; anything else is one message of a chat.
pub(crate) fn chat_text(letter: &Letter) -> Option<String> {
    let text = match letter.kind {
        LetterKind::ChannelMessage => return own_words(letter),
        LetterKind::TicketOpened => ticket_opened(letter)?,
        LetterKind::MessageAlert => message_alert(letter)?,
        LetterKind::CallbackRequested => callback("Callback requested", letter)?,
        LetterKind::CallbackReminder => callback("Callback due soon", letter)?,
        LetterKind::CallbackOverdue => callback("Callback overdue", letter)?,
        LetterKind::ChannelPaused => trouble("Channel paused", "It is tried again once its settings change.", letter),
        LetterKind::WebhookDisabled => trouble("Webhook switched off", "It is called again once it is on.", letter),
        LetterKind::RequestConfirmed | LetterKind::CallbackConfirmed | LetterKind::Test => return short_text(letter),
        LetterKind::OfflineDigest
        | LetterKind::AgentReplied
        | LetterKind::CustomerReplied
        | LetterKind::PasswordReset
        | LetterKind::Transcript
        | LetterKind::RatingRequested
        | LetterKind::JournalEvent => return None,
    };
    Some(shown(&text))
}

/// The letter for a text message, in as few words as can be, or none when it is not said there.
pub(crate) fn short_text(letter: &Letter) -> Option<String> {
    let company = field(&letter.tenant.name);
    let text = match letter.kind {
        LetterKind::ChannelMessage => return own_words(letter),
        LetterKind::CallbackConfirmed => {
            let callback = letter.callback.as_ref()?;
            let wish = match &callback.scheduled_at {
                Some(at) => format!("We will call {} at {at}.", field(&callback.contact_number)),
                None => format!("We will call {} as soon as we can.", field(&callback.contact_number)),
            };
            format!("{company}: your callback request has come in. {wish}")
        }
        LetterKind::CallbackReminder | LetterKind::CallbackOverdue => {
            let callback = letter.callback.as_ref()?;
            let number = field(&callback.contact_number);
            let at = callback.scheduled_at.as_ref().unwrap_or(&callback.requested_at);
            format!("{company}: callback to {number}, {at}. {}", callback.reference)
        }
        LetterKind::RequestConfirmed => {
            let ticket = letter.ticket.as_ref()?;
            format!(
                "{company}: your request {} has come in. We will get back to you.",
                ticket.number
            )
        }
        LetterKind::Test => format!("This is a test from {company}: the channel works."),
        _ => return None,
    };
    Some(shown(&text))
}

fn own_words(letter: &Letter) -> Option<String> {
    let message = letter.messages.last()?;
    Some(shown(&message.content))
}

fn ticket_opened(letter: &Letter) -> Option<String> {
    let ticket = letter.ticket.as_ref()?;
    let mut head = vec![
        format!("New ticket {}: {}", ticket.number, field(&ticket.subject)),
        format!("Company: {}", field(&letter.tenant.name)),
        format!("From: {}", requester(ticket)),
        format!("Channel: {}, priority: {}", ticket.channel, ticket.priority),
    ];
    head.extend(
        ticket
            .department
            .as_deref()
            .map(|name| format!("Team: {}", field(name))),
    );
    head.push(format!("Opened: {}", ticket.created_at));
    Some(alert(&head, letter))
}

fn message_alert(letter: &Letter) -> Option<String> {
    let ticket = letter.ticket.as_ref()?;
    let head = [
        format!("{}: {}", ticket.number, field(&ticket.subject)),
        format!("Company: {}", field(&letter.tenant.name)),
    ];
    Some(alert(&head, letter))
}

/// What is known, what was said, and how to answer; only what was said is cut short.
fn alert(head: &[String], letter: &Letter) -> String {
    let head = head.join("\n");
    let mut tail: Vec<&str> = letter.link.as_deref().into_iter().collect();
    tail.push(HINT);
    let tail = tail.join("\n");
    let mut quotes = Vec::new();
    if letter.earlier_messages > 0 {
        quotes.push(format!("({} earlier messages)", letter.earlier_messages));
    }
    quotes.extend(letter.messages.iter().map(quote));
    let room = LONGEST_ALERT.saturating_sub(units(&head) + units(&tail) + 4);
    let quotes = shortened(&quotes.join("\n"), room);
    let sections = [head.as_str(), quotes.as_str(), tail.as_str()];
    let sections: Vec<_> = sections.into_iter().filter(|section| !section.is_empty()).collect();
    sections.join("\n\n")
}

fn quote(message: &MessageView) -> String {
    let content = shortened(message.content.trim(), LONGEST_QUOTE);
    format!("{}: {content}", field(&message.sender_name))
}

fn requester(ticket: &TicketView) -> String {
    let ways = [&ticket.requester_email, &ticket.requester_phone];
    let ways: Vec<_> = ways.into_iter().flatten().map(|way| field(way)).collect();
    let name = field(&ticket.requester_name);
    if ways.is_empty() {
        return name;
    }
    format!("{name} ({})", ways.join(", "))
}

fn callback(title: &str, letter: &Letter) -> Option<String> {
    let callback = letter.callback.as_ref()?;
    let mut lines = vec![
        title.to_owned(),
        format!("Contact number: {}", contact_number(callback)),
        format!("Employee ID: {}", field(&callback.employee_id)),
        format!("Company: {}", field(&letter.tenant.name)),
        format!("Status: {}", callback.status),
        format!("Requested: {}", callback.requested_at),
    ];
    let more = [
        ("Wanted at", &callback.scheduled_at),
        ("Customer", &callback.customer_name),
        ("Assigned to", &callback.assigned_to),
        ("Notes", &callback.notes),
    ];
    for (name, value) in more {
        lines.extend(value.as_deref().map(|value| format!("{name}: {}", field(value))));
    }
    lines.push(String::new());
    lines.push(callback.reference.clone());
    lines.extend(letter.link.clone());
    Some(lines.join("\n"))
}

/// As typed, and as it can be dialled where that differs.
fn contact_number(callback: &CallbackView) -> String {
    let typed = field(&callback.contact_number);
    match &callback.e164 {
        Some(e164) if *e164 != typed => format!("{typed} ({e164})"),
        _ => typed,
    }
}

fn trouble(title: &str, outlook: &str, letter: &Letter) -> String {
    let mut lines = vec![title.to_owned(), format!("Company: {}", field(&letter.tenant.name))];
    lines.extend(
        letter
            .channel
            .as_deref()
            .map(|channel| format!("Channel: {}", field(channel))),
    );
    lines.extend(
        letter
            .problem
            .as_deref()
            .map(|problem| format!("Problem: {}", field(problem))),
    );
    lines.push(outlook.to_owned());
    lines.extend(letter.link.clone());
    lines.join("\n")
}

/// One line, so that what somebody typed can't pass for a line of ours.
fn field(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    shortened(&words.join(" "), LONGEST_FIELD)
}

/// Without control characters, which no chat shows and some refuse; lines end the one way.
fn shown(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept = text
        .chars()
        .filter(|letter| matches!(letter, '\n' | '\t') || !letter.is_control());
    kept.collect()
}
