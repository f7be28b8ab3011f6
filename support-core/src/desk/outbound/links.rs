//! Links that prove by themselves what they are for, so that nothing has to be stored for them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::model::Secret;

/// What a signed text is good for, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::desk) enum Purpose {
    /// Opening one conversation.
    Conversation,
    /// Wanting no more digests.
    Unsubscribe,
    /// Choosing another password.
    PasswordReset,
    /// Belonging to one thread of mails.
    MailThread,
    /// Coming from Telegram.
    TelegramWebhook,
    /// Getting one file.
    File,
    /// Saying how one resolution was.
    Rating,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Conversation => "conversation",
            Self::Unsubscribe => "unsubscribe",
            Self::PasswordReset => "password-reset",
            Self::MailThread => "mail-thread",
            Self::TelegramWebhook => "telegram-webhook",
            Self::File => "file",
            Self::Rating => "rating",
        }
    }
}

/// Signs with the installation's key (HMAC-SHA256, RFC 2104).
#[derive(Debug, Clone)]
pub(super) struct Links {
    key: Secret,
}

/// Between the parts of what is signed; none of them can hold it.
const SEPARATOR: char = '\n';
/// The longest signed text that is looked at.
const LONGEST_TOKEN: usize = 2_000;

impl Links {
    pub(super) const fn new(key: Secret) -> Self {
        Self { key }
    }

    fn mac(&self, purpose: Purpose, payload: &str) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.reveal().as_bytes()).ok()?;
        mac.update(purpose.name().as_bytes());
        mac.update(&[0]);
        mac.update(payload.as_bytes());
        Some(mac)
    }

    /// A text that says `parts` and can't be made by anybody else.
    pub(super) fn sign(&self, purpose: Purpose, parts: &[&str]) -> String {
        let payload = parts.join(&SEPARATOR.to_string());
        let signature = self.mac(purpose, &payload).map(|mac| mac.finalize().into_bytes());
        format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(payload),
            URL_SAFE_NO_PAD.encode(signature.unwrap_or_default())
        )
    }

    /// What a text says that was signed for this purpose.
    pub(super) fn verify(&self, purpose: Purpose, token: &str) -> Option<Vec<String>> {
        if token.len() > LONGEST_TOKEN {
            return None;
        }
        let (payload, signature) = token.split_once('.')?;
        let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac(purpose, &payload)?.verify_slice(&signature).ok()?;
        Some(payload.split(SEPARATOR).map(str::to_owned).collect())
    }

    /// A short mark that can't be guessed: 128 bits in 32 hexadecimal digits.
    pub(super) fn mark(&self, purpose: Purpose, about: &str) -> String {
        let code = self.mac(purpose, about).map(|mac| mac.finalize().into_bytes());
        hex::encode(code.unwrap_or_default()).chars().take(32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_good_for_what_it_was_signed_for_only() {
        let links = Links::new(Secret::presented("key"));
        let token = links.sign(Purpose::Unsubscribe, &["tenant", "mara@mail.example"]);
        let parts = vec!["tenant".to_owned(), "mara@mail.example".to_owned()];
        assert_eq!(links.verify(Purpose::Unsubscribe, &token), Some(parts));
        assert_eq!(links.verify(Purpose::Conversation, &token), None);
        let other = Links::new(Secret::presented("another"));
        assert_eq!(other.verify(Purpose::Unsubscribe, &token), None);
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            if let Some(byte) = changed.get_mut(place) {
                *byte = if *byte == b'A' { b'B' } else { b'A' };
            }
            let changed = String::from_utf8(changed).unwrap_or_default();
            // The last character's unused bits may differ without any effect on what is decoded.
            if changed != token && place + 1 < token.len() {
                assert_eq!(links.verify(Purpose::Unsubscribe, &changed), None, "{changed}");
            }
        }
        assert_eq!(links.verify(Purpose::Unsubscribe, &"A".repeat(5_000)), None);
    }

    #[test]
    fn marks_differ_by_purpose_and_subject() {
        let links = Links::new(Secret::presented("key"));
        let mark = links.mark(Purpose::MailThread, "ticket");
        assert_eq!(mark.len(), 32);
        assert_eq!(mark, links.mark(Purpose::MailThread, "ticket"));
        assert_ne!(mark, links.mark(Purpose::TelegramWebhook, "ticket"));
        assert_ne!(mark, links.mark(Purpose::MailThread, "another"));
    }
}
