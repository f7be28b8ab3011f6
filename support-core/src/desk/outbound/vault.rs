//! Keeping tenants' secrets so that the database alone doesn't tell them.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use sha2::{Digest, Sha256};

use crate::{
    model::{SealedSecret, Secret, TenantId},
    ports::Ids,
};

const NONCE_LENGTH: usize = 24;

/// Seals with the first of its keys and opens with any, so that keys can be rotated.
/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03); what is sealed for one tenant opens for no other.
#[derive(Clone)]
pub struct Vault {
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: String,
    cipher: XChaCha20Poly1305,
}

impl Vault {
    /// A vault with these keys, the one that seals first. Without any it opens nothing, and what
    /// it seals nobody opens.
    #[must_use]
    pub fn new(keys: &[[u8; 32]]) -> Self {
        let keys = keys.iter().map(|key| Key {
            id: hex::encode(Sha256::digest(key)).chars().take(8).collect(),
            cipher: XChaCha20Poly1305::new(key.into()),
        });
        Self { keys: keys.collect() }
    }

    /// A vault with a key that nobody else has: what it seals is lost with it.
    #[must_use]
    pub fn passing(ids: &dyn Ids) -> Self {
        Self::new(&[Sha256::digest(ids.secret("").reveal()).into()])
    }

    /// Seals a tenant's secret. None when the vault has no key.
    #[must_use]
    pub fn seal(&self, tenant: TenantId, secret: &Secret, ids: &dyn Ids) -> Option<SealedSecret> {
        let key = self.keys.first()?;
        let random = Sha256::digest(ids.secret("").reveal());
        let nonce: [u8; NONCE_LENGTH] = random.get(..NONCE_LENGTH)?.try_into().ok()?;
        let owner = tenant.uuid();
        let payload = Payload {
            msg: secret.reveal().as_bytes(),
            aad: owner.as_bytes(),
        };
        let ciphertext = key.cipher.encrypt(&XNonce::from(nonce), payload).ok()?;
        Some(SealedSecret {
            key_id: key.id.clone(),
            sealed: STANDARD_NO_PAD.encode([nonce.as_slice(), &ciphertext].concat()),
        })
    }

    /// Opens a tenant's secret. None when no key of the vault's opens it.
    #[must_use]
    pub fn open(&self, tenant: TenantId, sealed: &SealedSecret) -> Option<Secret> {
        let key = self.keys.iter().find(|key| key.id == sealed.key_id)?;
        let bytes = STANDARD_NO_PAD.decode(&sealed.sealed).ok()?;
        let (nonce, ciphertext) = bytes.split_at_checked(NONCE_LENGTH)?;
        let nonce: [u8; NONCE_LENGTH] = nonce.try_into().ok()?;
        let owner = tenant.uuid();
        let payload = Payload {
            msg: ciphertext,
            aad: owner.as_bytes(),
        };
        let opened = key.cipher.decrypt(&XNonce::from(nonce), payload).ok()?;
        String::from_utf8(opened).ok().map(Secret::presented)
    }

    /// Whether a secret is sealed with the key that seals now.
    #[must_use]
    pub fn is_current(&self, sealed: &SealedSecret) -> bool {
        self.keys.first().is_some_and(|key| key.id == sealed.key_id)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.keys.iter().map(|key| &key.id).collect();
        formatter.debug_struct("Vault").field("keys", &ids).finish()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use uuid::Uuid;

    use super::*;
    use crate::ports::RandomIds;

    const OLD: [u8; 32] = [1; 32];
    const NEW: [u8; 32] = [2; 32];

    fn tenant(number: u128) -> TenantId {
        TenantId::new(Uuid::from_u128(number))
    }

    #[test]
    fn what_is_sealed_opens_for_its_tenant_only() {
        let vault = Vault::new(&[OLD]);
        let sealed = vault.seal(tenant(1), &Secret::presented("top"), &RandomIds).unwrap();
        assert!(!sealed.sealed.contains("top"));
        assert_eq!(vault.open(tenant(1), &sealed).unwrap().reveal(), "top");
        assert_eq!(vault.open(tenant(2), &sealed), None);
        let again = vault.seal(tenant(1), &Secret::presented("top"), &RandomIds).unwrap();
        assert_ne!(again, sealed, "the same secret looks different each time");
    }

    #[test]
    fn a_former_key_still_opens_and_another_does_not() {
        let sealed = Vault::new(&[OLD])
            .seal(tenant(1), &Secret::presented("top"), &RandomIds)
            .unwrap();
        let rotated = Vault::new(&[NEW, OLD]);
        assert_eq!(rotated.open(tenant(1), &sealed).unwrap().reveal(), "top");
        assert!(!rotated.is_current(&sealed));
        assert_eq!(Vault::new(&[NEW]).open(tenant(1), &sealed), None);
        let resealed = rotated.seal(tenant(1), &Secret::presented("top"), &RandomIds).unwrap();
        assert!(Vault::new(&[NEW]).open(tenant(1), &resealed).is_some());
    }

    #[test]
    fn what_was_tampered_with_does_not_open() {
        let vault = Vault::new(&[OLD]);
        let sealed = vault.seal(tenant(1), &Secret::presented("top"), &RandomIds).unwrap();
        for broken in ["", "!", "AAAA", &sealed.sealed[2..]] {
            let broken = SealedSecret {
                sealed: broken.to_owned(),
                ..sealed.clone()
            };
            assert_eq!(vault.open(tenant(1), &broken), None);
        }
        assert!(
            Vault::new(&[])
                .seal(tenant(1), &Secret::presented("top"), &RandomIds)
                .is_none()
        );
    }
}
