//! What a server's answers mean.

use std::error::Error as _;
use std::io;

use lettre::transport::smtp::Error;
use support_core::model::Secret;
use support_core::ports::{NotifyError, Sent};

use crate::mail::ComposedMail;

const LONGEST_REASON: usize = 300;

/// Why a recipient doesn't get a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// For now.
    Temporary(String),
    /// For good.
    Permanent(String),
    /// As nobody does over this route.
    Refused(String),
}

/// Where the dialogue was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Connecting, greeting, encryption.
    Opening,
    /// Credentials.
    SigningIn,
    /// The sender, or a single recipient, or the content.
    Mail,
    /// A recipient among several.
    OneOfSeveral,
}

/// What became of a mail: one entry for each of its recipients, none for those who have it.
#[derive(Debug)]
pub(super) struct Handover {
    pub(super) troubles: Vec<Option<Trouble>>,
    /// The server's words when it took the content.
    pub(super) answer: Option<String>,
}

impl Trouble {
    /// RFC 5321 §4.2.1; RFC 4954 §6 and RFC 3207 §4 for credentials and encryption.
    pub(super) fn of(error: &Error, stage: Stage) -> Self {
        let reason = reason(error);
        let Some(status) = error.status() else {
            let concerns_route = matches!(stage, Stage::Opening | Stage::SigningIn);
            return if concerns_route && (error.is_client() || breaks_tls(error)) {
                Self::Refused(reason)
            } else {
                Self::Temporary(reason)
            };
        };
        match u16::from(status) {
            400..500 => Self::Temporary(reason),
            530 | 534 | 535 | 538 => Self::Refused(reason),
            _ if stage == Stage::SigningIn => Self::Refused(reason),
            // What older servers say instead of 452 (RFC 5321 §4.5.3.1.10).
            552 if stage == Stage::OneOfSeveral => Self::Temporary(reason),
            _ => Self::Permanent(reason),
        }
    }

    /// Without a password that a server repeats.
    pub(super) fn without(self, password: &Secret) -> Self {
        let hide = |reason: String| match password.reveal() {
            "" => reason,
            password => reason.replace(password, "…"),
        };
        match self {
            Self::Temporary(reason) => Self::Temporary(hide(reason)),
            Self::Permanent(reason) => Self::Permanent(hide(reason)),
            Self::Refused(reason) => Self::Refused(hide(reason)),
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Temporary(reason) | Self::Permanent(reason) | Self::Refused(reason) => reason,
        }
    }
}

impl From<Trouble> for NotifyError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Temporary(reason) => Self::Temporary {
                reason,
                retry_after: None,
            },
            Trouble::Permanent(reason) => Self::Permanent { reason },
            Trouble::Refused(reason) => Self::Refused { reason },
        }
    }
}

/// Whether nothing more can be said on this connection.
pub(super) fn ends_connection(error: &Error) -> bool {
    error.status().is_none_or(|status| u16::from(status) == 421)
}

/// The one answer to all recipients' answers.
pub(super) fn conclude(mail: &ComposedMail, handover: Handover) -> Result<Sent, NotifyError> {
    let Handover { troubles, answer } = handover;
    let invalid = mail
        .invalid_recipients()
        .iter()
        .map(|_| Trouble::Permanent("not a valid address".to_owned()));
    let all = troubles.len() + mail.invalid_recipients().len();
    let has_any = troubles.iter().any(Option::is_none);
    let mut remaining = Vec::new();
    let (mut retried, mut lost) = (Vec::new(), invalid.collect::<Vec<_>>());
    for (recipient, trouble) in mail.recipients().iter().zip(troubles) {
        match trouble {
            Some(Trouble::Refused(reason)) if !has_any => return Err(NotifyError::Refused { reason }),
            Some(trouble @ (Trouble::Temporary(_) | Trouble::Refused(_))) => {
                remaining.push(recipient.given.clone());
                retried.push(trouble);
            }
            Some(trouble @ Trouble::Permanent(_)) => lost.push(trouble),
            None => {}
        }
    }
    if remaining.len() == all {
        let reason = said(&retried, all);
        return Err(NotifyError::Temporary {
            reason,
            retry_after: None,
        });
    }
    if !remaining.is_empty() {
        retried.append(&mut lost);
        let reason = said(&retried, all);
        return Err(NotifyError::Partly { reason, remaining });
    }
    if !has_any {
        return Err(NotifyError::Permanent {
            reason: said(&lost, all),
        });
    }
    let queued = answer.as_deref().and_then(queue_id);
    Ok(Sent {
        provider_id: Some(queued.unwrap_or_else(|| mail.message_id().to_owned())),
        response: answer,
        remark: (!lost.is_empty()).then(|| said(&lost, all)),
    })
}

/// The different reasons, and how many of all recipients they concern.
fn said(troubles: &[Trouble], all: usize) -> String {
    let mut reasons: Vec<&str> = troubles.iter().map(Trouble::reason).collect();
    reasons.dedup();
    let reasons = reasons.join("; ");
    if all == 1 {
        return shown(&reasons);
    }
    shown(&format!("{} of {all} recipients: {reasons}", troubles.len()))
}

fn reason(error: &Error) -> String {
    let mut innermost = error.source();
    while let Some(cause) = innermost.and_then(std::error::Error::source) {
        innermost = Some(cause);
    }
    let words = innermost.map_or_else(|| error.to_string(), ToString::to_string);
    match error.status() {
        Some(status) => shown(&format!("{status} {words}")),
        None if error.is_response() => shown(&format!("the connection ended or broke the protocol: {words}")),
        None => shown(&words),
    }
}

/// On one line, as long as a reason may be.
pub(super) fn shown(words: &str) -> String {
    let visible: String = words
        .chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect();
    let words = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(LONGEST_REASON).collect()
}

/// Certificates that don't verify, and peers that speak something else than TLS.
fn breaks_tls(error: &Error) -> bool {
    let mut cause = error.source();
    while let Some(current) = cause {
        let kind = current.downcast_ref::<io::Error>().map(io::Error::kind);
        if kind == Some(io::ErrorKind::InvalidData) {
            return true;
        }
        cause = current.source();
    }
    error.is_tls()
}

/// What widespread servers call a mail that they took: `queued as …` (Postfix), `id=…` (Exim),
/// `… Message accepted for delivery` (Sendmail).
fn queue_id(answer: &str) -> Option<String> {
    let after_mark = ["queued as ", " id="]
        .into_iter()
        .find_map(|mark| answer.split_once(mark).map(|(_, rest)| rest));
    let before_mark = || {
        let before = answer.strip_suffix(" Message accepted for delivery")?;
        before.rsplit(' ').next()
    };
    let is_of_id = |character: &char| character.is_ascii_alphanumeric() || "-_.".contains(*character);
    let found = after_mark.or_else(before_mark)?;
    let id: String = found.chars().take_while(is_of_id).take(100).collect();
    let id = id.trim_end_matches('.');
    (!id.is_empty()).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{queue_id, shown};

    #[test]
    fn queue_ids_of_widespread_servers_are_recognised() {
        assert_eq!(
            queue_id("250 2.0.0 Ok: queued as 4F3C21A7").as_deref(),
            Some("4F3C21A7")
        );
        assert_eq!(
            queue_id("250 OK id=1pXyZ1-0004Ab-Cd").as_deref(),
            Some("1pXyZ1-0004Ab-Cd")
        );
        let sendmail = "250 2.0.0 4ALD5b2x012345 Message accepted for delivery";
        assert_eq!(queue_id(sendmail).as_deref(), Some("4ALD5b2x012345"));
        assert_eq!(
            queue_id("250 2.6.0 <a@b> [InternalId=471] Queued mail for delivery"),
            None
        );
        assert_eq!(queue_id("250 2.0.0 mail taken"), None);
        assert_eq!(queue_id("250 queued as "), None);
    }

    #[test]
    fn reasons_are_short_and_on_one_line() {
        assert_eq!(shown("550 no\r\n such\u{7} user"), "550 no such user");
        assert_eq!(shown(&"x".repeat(1000)).len(), 300);
    }
}
