//! A challenge that keeps programs from opening conversations, where a host plugs one in.

use std::{fmt::Debug, net::IpAddr, time::Duration};

use async_trait::async_trait;
use axum::http::StatusCode;

use crate::{client_address::Client, error::ApiError, state::SupportState};

/// The header that carries what the challenge's widget gave.
pub(crate) const TOKEN_HEADER: &str = "x-captcha-token";
/// The longest token that is looked at, in bytes: providers' have at most 2,048.
const LONGEST_TOKEN: usize = 4_096;
/// How long an answer of the provider is waited for.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// When callers are asked to try again while there is no answer.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The provider gave no answer that could be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the challenge could not be checked: {0}")]
pub struct CaptchaUnavailable(pub String);

/// Checks what a visitor's browser got for passing a challenge, such as Turnstile, hCaptcha or
/// reCAPTCHA.
///
/// It is asked before a chat, a request for a human, or a callback is opened by somebody who proved
/// nothing; never for what goes on, nor for customers who logged in or whose identity is signed.
/// Calls carry the token in `X-Captcha-Token`. One that is missing or refused is answered 403
/// `CAPTCHA_REQUIRED`. Without an answer within 5 seconds nobody is let through (503): a challenge
/// that opens whenever its provider is slow keeps nobody out. No verifier, no challenge.
///
/// ```
/// use std::{net::IpAddr, sync::Arc};
/// use support_http::{CaptchaUnavailable, CaptchaVerifier, HttpSettings, JwtSettings};
///
/// #[derive(Debug)]
/// struct OneWord;
///
/// #[async_trait::async_trait]
/// impl CaptchaVerifier for OneWord {
///     async fn verify(&self, token: &str, _address: IpAddr) -> Result<bool, CaptchaUnavailable> {
///         Ok(token == "please")
///     }
/// }
///
/// let mut settings = HttpSettings::new(JwtSettings::new("a secret of at least thirty-two bytes").unwrap());
/// settings.captcha = Some(Arc::new(OneWord));
/// ```
#[async_trait]
pub trait CaptchaVerifier: Send + Sync + Debug {
    /// Whether a token shows that a person at this address passed the challenge. A token is good
    /// once: whoever checks it sees to that.
    ///
    /// # Errors
    /// [`CaptchaUnavailable`] when the provider can't be asked.
    async fn verify(&self, token: &str, address: IpAddr) -> Result<bool, CaptchaUnavailable>;
}

impl Client {
    /// Whether this client may open something, as far as a challenge decides.
    ///
    /// # Errors
    /// [`ApiError`] 403 when it has not passed, 503 when that can't be told.
    pub(crate) async fn pass_challenge(&self, state: &SupportState) -> Result<(), ApiError> {
        let Some(verifier) = &state.settings().captcha else {
            return Ok(());
        };
        let is_token = |token: &&String| !token.is_empty() && token.len() <= LONGEST_TOKEN;
        let token = self.captcha.as_ref().filter(is_token).ok_or_else(required)?;
        match tokio::time::timeout(ANSWER_LIMIT, verifier.verify(token, self.address)).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(required()),
            Ok(Err(problem)) => {
                tracing::warn!(%problem, "nobody is let in who has to pass the challenge");
                Err(ApiError::unavailable(RETRY_AFTER))
            }
            Err(_) => {
                tracing::warn!("the challenge's provider does not answer: nobody is let in who has to pass it");
                Err(ApiError::unavailable(RETRY_AFTER))
            }
        }
    }
}

fn required() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "CAPTCHA_REQUIRED",
        "The challenge has to be passed first",
    )
}
