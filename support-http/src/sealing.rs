//! Keeping answers so that only whoever repeats the call can read them.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    error::Unspecified,
    hmac,
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

use crate::tokens::JwtSettings;

/// Seals the answer to one call. The key is made from the installation's secret and from what
/// the caller sent, and neither is stored: answers hold credentials that are shown once, and who
/// reads the store must not find them there.
pub(crate) struct Seal(RandomizedNonceKey);

impl Seal {
    /// The seal of a call with this idempotency key, told apart by `call`.
    pub(crate) fn of(jwt: &JwtSettings, call: &str, idempotency_key: &str) -> Result<Self, Unspecified> {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, jwt.secret());
        let key = hmac::sign(&secret, format!("answer {call} {idempotency_key}").as_bytes());
        RandomizedNonceKey::new(&AES_256_GCM, key.as_ref()).map(Self)
    }

    /// The answer as it is stored.
    pub(crate) fn close(&self, answer: &str) -> Result<String, Unspecified> {
        let mut sealed = answer.as_bytes().to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::empty(), &mut sealed)?;
        let mut stored = nonce.as_ref().to_vec();
        stored.extend(sealed);
        Ok(STANDARD_NO_PAD.encode(stored))
    }

    /// The answer as it was given; nothing when it was sealed otherwise.
    pub(crate) fn open(&self, stored: &str) -> Option<String> {
        let mut stored = STANDARD_NO_PAD.decode(stored).ok()?;
        let (nonce, sealed) = stored.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let answer = self.0.open_in_place(nonce, Aad::empty(), sealed).ok()?;
        String::from_utf8(answer.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn seal(secret: &str, call: &str, key: &str) -> Seal {
        Seal::of(&JwtSettings::new(secret).unwrap(), call, key).unwrap()
    }

    const SECRET: &str = "a secret of at least thirty-two bytes";

    #[test]
    fn only_the_same_call_opens_what_was_closed() {
        let closed = seal(SECRET, "call", "key").close("the answer").unwrap();
        assert!(!closed.contains("answer"));
        assert_eq!(seal(SECRET, "call", "key").open(&closed).unwrap(), "the answer");
        assert_eq!(seal(SECRET, "call", "another").open(&closed), None);
        assert_eq!(seal(SECRET, "another", "key").open(&closed), None);
        assert_eq!(
            seal("another secret of at least 32 bytes", "call", "key").open(&closed),
            None
        );
        assert_eq!(seal(SECRET, "call", "key").open("rubbish!"), None);
        assert_eq!(seal(SECRET, "call", "key").open(""), None);
    }
}
