//! What was said in a conversation, as a file that somebody keeps.

use std::fmt::Write;

use chrono_tz::Tz;

use super::{Message, MessageKind, Ticket, named};

named! {
    /// How a transcript is written.
    TranscriptFormat {
        /// Plain text.
        Text = "text",
        /// A page.
        Html = "html",
        /// For programs.
        Json = "json",
    }
}

/// What was said in a conversation for all to see. Notes are never part of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcript {
    /// The name over the chat.
    pub company: String,
    /// In whose time zone times are shown.
    pub timezone: Tz,
    /// The conversation.
    pub ticket: Ticket,
    /// What was said, oldest first.
    pub messages: Vec<Message>,
    /// How many messages came before these.
    pub earlier_messages: u64,
}

impl Transcript {
    /// As plain text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n{}\n", self.title(), self.opened());
        if let Some(earlier) = self.earlier() {
            let _ = writeln!(text, "\n({earlier})");
        }
        for message in &self.messages {
            let said_at = message.created_at.shown(self.timezone);
            let _ = write!(
                text,
                "\n{}, {said_at}:\n{}\n",
                name_of(message),
                message.in_words().trim_end()
            );
        }
        text
    }

    /// As a page that loads nothing and runs nothing, whatever was said.
    #[must_use]
    pub fn to_html(&self) -> String {
        let title = escaped(&self.title());
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
             <style>{STYLE}</style>\n</head>\n<body>\n<h1 dir=\"auto\">{title}</h1>\n<p>{}</p>\n",
            escaped(&self.opened())
        );
        if let Some(earlier) = self.earlier() {
            let _ = writeln!(page, "<p>{earlier}</p>");
        }
        page.push_str("<ol>\n");
        for message in &self.messages {
            let _ = writeln!(
                page,
                "<li class=\"{}\">\n<p class=\"by\"><b dir=\"auto\">{}</b> <time datetime=\"{}\">{}</time></p>\n\
                 <p class=\"said\" dir=\"auto\">{}</p>\n</li>",
                class_of(message),
                escaped(name_of(message)),
                message.created_at,
                escaped(&message.created_at.shown(self.timezone)),
                escaped(&message.in_words())
            );
        }
        page.push_str("</ol>\n</body>\n</html>\n");
        page
    }

    fn title(&self) -> String {
        let Self { company, ticket, .. } = self;
        format!("{company}: {} {}", ticket.human_number(), ticket.subject)
    }

    fn opened(&self) -> String {
        format!("Opened {}", self.ticket.created_at.shown(self.timezone))
    }

    fn earlier(&self) -> Option<String> {
        match self.earlier_messages {
            0 => None,
            1 => Some("1 earlier message is not shown.".to_owned()),
            earlier => Some(format!("{earlier} earlier messages are not shown.")),
        }
    }
}

const STYLE: &str = "body{max-width:44rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}\
    h1{font-size:1.25rem}ol{list-style:none;padding:0}li{margin:0 0 1rem}p{margin:0}\
    .said{white-space:pre-wrap;overflow-wrap:anywhere}time,.told{color:#57606a}";

fn name_of(message: &Message) -> &str {
    if message.sender_name.is_empty() {
        message.sender.kind().as_str()
    } else {
        &message.sender_name
    }
}

fn class_of(message: &Message) -> &'static str {
    if message.kind == MessageKind::SystemNotification {
        "told"
    } else {
        message.sender.kind().as_str()
    }
}

/// Text as it stands in a page.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            character => safe.push(character),
        }
    }
    safe
}
