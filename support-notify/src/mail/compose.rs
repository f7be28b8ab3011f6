//! A mail's bytes.

use std::time::{Duration, SystemTime};

use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MessageBuilder, MultiPart, SinglePart};
use support_core::model::{MailTemplate, Timestamp};
use support_core::ports::{Outgoing, SmtpRoute};

use super::{clean, view};

const LONGEST_NAME: usize = 100;
const LONGEST_SUBJECT: usize = 200;

/// 9999-12-31T23:59:59Z, the last moment that a `Date` can tell.
const LAST_SECOND: u64 = 253_402_300_799;

/// Why there is no mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// The route's sender is no address.
    #[error("the sender's address is not valid")]
    Sender,
    /// None of the recipients is an address.
    #[error("no valid address")]
    NoRecipient,
    /// The parts don't make a mail.
    #[error("the mail can't be put together")]
    Format,
}

/// Somebody who is to get a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The address as the delivery names it.
    pub given: String,
    /// The address as a server understands it.
    pub(crate) address: Address,
}

/// A mail ready to be handed over: the envelope (RFC 5321) and the message (RFC 5322), the same
/// bytes on every attempt but for the date.
///
/// ```
/// use support_core::{model::MailTemplate, ports::{Outgoing, SmtpRoute}};
/// use support_notify::mail::{ComposeError, ComposedMail};
///
/// fn bytes(outgoing: &Outgoing, route: &SmtpRoute) -> Result<Vec<u8>, ComposeError> {
///     let words = MailTemplate { subject: "Hi".into(), text: "Hi".into(), html: "<p>Hi".into() };
///     Ok(ComposedMail::new(outgoing, route, &words)?.bytes().to_vec())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposedMail {
    message_id: String,
    from: Address,
    is_automatic_answer: bool,
    recipients: Vec<Recipient>,
    invalid: Vec<String>,
    message: String,
}

impl ComposedMail {
    /// Puts a mail together from its rendered parts.
    ///
    /// # Errors
    /// [`ComposeError`] when nobody could send it to anybody.
    pub fn new(outgoing: &Outgoing, route: &SmtpRoute, words: &MailTemplate) -> Result<Self, ComposeError> {
        let from = address(&route.from_email).ok_or(ComposeError::Sender)?;
        let (recipients, invalid) = recipients_of(outgoing);
        if recipients.is_empty() {
            return Err(ComposeError::NoRecipient);
        }
        let message_id = message_id(outgoing, from.domain());
        let builder = Message::builder()
            .from(Mailbox::new(display_name(&route.from_name), from.clone()))
            .date(date(outgoing.now))
            .message_id(Some(format!("<{message_id}>")))
            .subject(clean::one_line(&words.subject, LONGEST_SUBJECT));
        let builder = addressed(builder, outgoing, &recipients);
        let builder = automatic(threaded(builder, outgoing, from.domain()), outgoing);
        let message = builder
            .multipart(parts(outgoing, words))
            .map_err(|_| ComposeError::Format)?;
        Ok(Self {
            message_id,
            from,
            is_automatic_answer: outgoing.letter.kind.auto_submitted() == Some("auto-replied"),
            recipients,
            invalid,
            message: String::from_utf8(message.formatted()).map_err(|_| ComposeError::Format)?,
        })
    }

    /// Its id without angle brackets, the same on every attempt.
    #[must_use]
    pub fn message_id(&self) -> &str {
        &self.message_id
    }

    /// The envelope's sender. None is the null reverse-path of automatic answers, which are never
    /// answered themselves (RFC 3834 §3.3).
    #[must_use]
    pub fn envelope_from(&self) -> Option<&str> {
        self.reverse_path().map(AsRef::as_ref)
    }

    /// The envelope's recipients, each once.
    #[must_use]
    pub fn recipients(&self) -> &[Recipient] {
        &self.recipients
    }

    /// Recipients that are no addresses.
    #[must_use]
    pub fn invalid_recipients(&self) -> &[String] {
        &self.invalid
    }

    /// The message: headers and body, in ASCII, with CRLF at every line's end.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.message.as_bytes()
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn reverse_path(&self) -> Option<&Address> {
        (!self.is_automatic_answer).then_some(&self.from)
    }

    pub(crate) fn from(&self) -> &Address {
        &self.from
    }
}

fn recipients_of(outgoing: &Outgoing) -> (Vec<Recipient>, Vec<String>) {
    let (mut recipients, mut invalid) = (Vec::<Recipient>::new(), Vec::new());
    for given in &outgoing.recipients {
        match address(given) {
            Some(address) if recipients.iter().any(|known| known.address == address) => {}
            Some(address) => recipients.push(Recipient {
                given: given.clone(),
                address,
            }),
            None => invalid.push(given.clone()),
        }
    }
    (recipients, invalid)
}

/// An address that can stand in an envelope and in a header without SMTPUTF8 (RFC 6531), which
/// few servers offer: its domain in punycode, its local part in ASCII.
fn address(text: &str) -> Option<Address> {
    let is_plain = text
        .chars()
        .all(|character| !character.is_control() && !" <>\u{2028}\u{2029}".contains(character));
    if !is_plain || text.len() > 320 {
        return None;
    }
    let (local, domain) = text.rsplit_once('@')?;
    if !local.is_ascii() {
        return None;
    }
    if domain.is_ascii() {
        return Address::new(local, domain).ok();
    }
    match url::Host::parse(domain).ok()? {
        url::Host::Domain(domain) => Address::new(local, domain).ok(),
        url::Host::Ipv4(_) | url::Host::Ipv6(_) => None,
    }
}

fn display_name(name: &str) -> Option<String> {
    let name = clean::one_line(name, LONGEST_NAME);
    (!name.is_empty()).then_some(name)
}

fn date(now: Timestamp) -> SystemTime {
    let seconds = u64::try_from(now.millis() / 1000).unwrap_or(0).min(LAST_SECOND);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// The root of a thread has the thread's id, so that all that refers to the thread refers to it.
fn message_id(outgoing: &Outgoing, domain: &str) -> String {
    match &outgoing.letter.thread {
        Some(thread) if thread.is_root => format!("{}@{domain}", id_part(&thread.root)),
        _ => format!("{}.mail@{domain}", outgoing.id),
    }
}

/// What may stand in a message's id without quotes (RFC 5322 §3.2.3, dot-atom, without oddities).
fn id_part(text: &str) -> String {
    let allowed = |character: &char| character.is_ascii_alphanumeric() || "-_.".contains(*character);
    text.chars().filter(allowed).take(200).collect()
}

fn addressed(mut builder: MessageBuilder, outgoing: &Outgoing, recipients: &[Recipient]) -> MessageBuilder {
    let is_copy = |recipient: &&Recipient| outgoing.letter.copies.contains(&recipient.given);
    let copies: Vec<_> = recipients.iter().filter(is_copy).collect();
    let mut to: Vec<_> = recipients.iter().filter(|recipient| !is_copy(recipient)).collect();
    let only_copies = to.is_empty();
    if only_copies {
        // There must be a `To`; those of the first attempt have the mail and are not known here.
        to.clone_from(&copies);
    }
    let name = match recipients {
        [_] => outgoing.letter.recipient_name.as_deref().and_then(display_name),
        _ => None,
    };
    for recipient in to {
        builder = builder.to(Mailbox::new(name.clone(), recipient.address.clone()));
    }
    for copy in copies.into_iter().filter(|_| !only_copies) {
        builder = builder.cc(Mailbox::new(None, copy.address.clone()));
    }
    builder
}

fn threaded(builder: MessageBuilder, outgoing: &Outgoing, domain: &str) -> MessageBuilder {
    match &outgoing.letter.thread {
        Some(thread) if !thread.is_root => {
            let root = format!("<{}@{domain}>", id_part(&thread.root));
            builder.in_reply_to(root.clone()).references(root)
        }
        _ => builder,
    }
}

fn automatic(mut builder: MessageBuilder, outgoing: &Outgoing) -> MessageBuilder {
    if let Some(value) = outgoing.letter.kind.auto_submitted() {
        builder = with(builder, "Auto-Submitted", value.to_owned());
        builder = with(builder, "X-Auto-Response-Suppress", "All".to_owned());
    }
    if let Some(link) = outgoing
        .letter
        .unsubscribe
        .as_deref()
        .filter(|link| view::is_link(link))
    {
        // RFC 8058.
        builder = with(builder, "List-Unsubscribe", format!("<{link}>"));
        builder = with(
            builder,
            "List-Unsubscribe-Post",
            "List-Unsubscribe=One-Click".to_owned(),
        );
    }
    builder
}

fn with(builder: MessageBuilder, name: &'static str, value: String) -> MessageBuilder {
    builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value))
}

fn parts(outgoing: &Outgoing, words: &MailTemplate) -> MultiPart {
    // Quoted-printable writes `=` as `=3D`, so that no text can contain the boundary.
    let boundary = format!("=_{}", outgoing.id.uuid().simple());
    MultiPart::alternative()
        .boundary(boundary)
        .singlepart(part(ContentType::TEXT_PLAIN, &words.text))
        .singlepart(part(ContentType::TEXT_HTML, &words.html))
}

fn part(kind: ContentType, text: &str) -> SinglePart {
    SinglePart::builder()
        .header(kind)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(text.to_owned())
}
