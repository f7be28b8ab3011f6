//! Mail as it arrived.

use bytes::Bytes;
use mail_parser::{HeaderName, MessageParser, PartType};

/// A mail the server took.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The sender of the envelope, empty for the null reverse-path of automatic mail.
    pub envelope_from: String,
    /// The recipients of the envelope that were accepted.
    pub recipients: Vec<String>,
    /// The content as it was meant: without the dots that SMTP adds.
    pub raw: Bytes,
    /// Who had signed in, if anybody.
    pub user: Option<String>,
    /// Whether it came over TLS.
    pub encrypted: bool,
    /// False when the connection was closed instead of an answer, so that the client cannot know it arrived.
    pub answered: bool,
}

impl Mail {
    /// The first header of this name, unfolded and decoded (RFC 2047).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers(name).into_iter().next()
    }

    /// All headers of this name, unfolded and decoded (RFC 2047).
    #[must_use]
    pub fn headers(&self, name: &str) -> Vec<String> {
        // Without any header of its own the parser would fall back to its typed defaults.
        let parser = MessageParser::new()
            .header_text(HeaderName::Subject)
            .default_header_text();
        let Some(message) = parser.parse(&self.raw[..]) else {
            return Vec::new();
        };
        let named = message
            .headers()
            .iter()
            .filter(|header| header.name().eq_ignore_ascii_case(name));
        named
            .map(|header| header.value().as_text().unwrap_or_default().to_owned())
            .collect()
    }

    /// The text/plain part of the body, decoded.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let message = MessageParser::default().parse(&self.raw[..])?;
        message.text_bodies().find_map(|part| match &part.body {
            PartType::Text(text) => Some(text.to_string()),
            _ => None,
        })
    }

    /// The text/html part of the body, decoded.
    #[must_use]
    pub fn html(&self) -> Option<String> {
        let message = MessageParser::default().parse(&self.raw[..])?;
        message.html_bodies().find_map(|part| match &part.body {
            PartType::Html(html) => Some(html.to_string()),
            _ => None,
        })
    }

    /// The message's id, without angle brackets.
    #[must_use]
    pub fn message_id(&self) -> Option<String> {
        let id = self.header("Message-ID")?;
        Some(id.trim().trim_start_matches('<').trim_end_matches('>').to_owned())
    }
}
