//! Mails over SMTP (RFC 5321).

mod connection;
mod pool;
mod verdict;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use lettre::transport::smtp::client::Certificate;
use support_core::model::{Channel, MailTemplate};
use support_core::ports::{
    LetterKind, MailTemplates, Notifier, NotifyError, Outgoing, Route, Sent, SmtpRoute, TemplateProblem,
};
use tokio::time::{Instant, timeout};

use self::pool::Pool;
use crate::mail::{ComposeError, ComposedMail};

/// How much an [`SmtpNotifier`] takes of time and connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmtpLimits {
    /// Until when a server must have answered. A cut at the very end means that it is not known
    /// whether the mail arrived; it goes again under the same id.
    pub answer: Duration,
    /// The most connections to one account at once.
    pub connections: usize,
    /// For how long a connection without work is kept.
    pub idle: Duration,
    /// The most accounts whose connections are kept.
    pub accounts: usize,
}

impl Default for SmtpLimits {
    /// 40 seconds, well below the 45 that [`Notifier::send`] has; 8 connections, kept
    /// for 30 seconds; 256 accounts.
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(40),
            connections: 8,
            idle: Duration::from_secs(30),
            accounts: 256,
        }
    }
}

/// Sends mails over the mail servers that routes name.
///
/// Connections are kept for the next mails to the same account, and closed when idle. All
/// recipients of a mail are named in one transaction; each has its own answer.
pub struct SmtpNotifier {
    templates: Arc<dyn MailTemplates>,
    limits: SmtpLimits,
    authorities: Vec<Certificate>,
    pools: Mutex<BTreeMap<String, KeptPool>>,
}

/// What was given as a certificate is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a certificate in PEM")]
pub struct NotACertificate;

struct KeptPool {
    pool: Arc<Pool>,
    used_at: Instant,
}

impl SmtpNotifier {
    /// With these words, and limits fit for workers.
    #[must_use]
    pub fn new(templates: Arc<dyn MailTemplates>) -> Self {
        Self::with_limits(templates, SmtpLimits::default())
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(templates: Arc<dyn MailTemplates>, limits: SmtpLimits) -> Self {
        Self {
            templates,
            limits,
            authorities: Vec::new(),
            pools: Mutex::default(),
        }
    }

    /// Trusts servers whose certificates come from this authority, besides those that the system
    /// trusts: for a mail server inside a company.
    ///
    /// # Errors
    /// [`NotACertificate`] when the text is none in PEM.
    pub fn trusting(mut self, authority_pem: &str) -> Result<Self, NotACertificate> {
        if !authority_pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(NotACertificate);
        }
        let authority = Certificate::from_pem(authority_pem.as_bytes()).map_err(|_| NotACertificate)?;
        self.authorities.push(authority);
        Ok(self)
    }

    async fn mail(&self, outgoing: &Outgoing, route: &SmtpRoute) -> Result<ComposedMail, NotifyError> {
        if !LetterKind::MAILS.contains(&outgoing.letter.kind) {
            return Err(permanent("there are no words for this by mail"));
        }
        let words = self.words(outgoing).await?;
        ComposedMail::new(outgoing, route, &words).map_err(|error| match error {
            // Nothing will be sent over this route before its sender is corrected.
            ComposeError::Sender => NotifyError::Refused {
                reason: error.to_string(),
            },
            ComposeError::NoRecipient | ComposeError::Format => permanent(&error.to_string()),
        })
    }

    /// The tenant's own words; the built-in ones when they don't work, since a mail in other words
    /// is better than none.
    async fn words(&self, outgoing: &Outgoing) -> Result<MailTemplate, NotifyError> {
        let kind = outgoing.letter.kind;
        if let Some(own) = outgoing.templates.get(kind.as_str()) {
            match self.own_words(own.clone(), outgoing).await {
                Ok(words) => return Ok(words),
                Err(problems) => warn_of(outgoing, &problems),
            }
        }
        let builtin = self.templates.builtin(kind);
        self.templates
            .render(&builtin, &outgoing.letter)
            .map_err(|_| permanent("the mail can't be put into words"))
    }

    /// Apart from other work: what tenants write may keep a thread busy for the better part of a
    /// second before it is stopped.
    async fn own_words(&self, own: MailTemplate, outgoing: &Outgoing) -> Result<MailTemplate, Vec<TemplateProblem>> {
        let (templates, letter) = (Arc::clone(&self.templates), outgoing.letter.clone());
        let rendering = tokio::task::spawn_blocking(move || templates.render(&own, &letter));
        rendering.await.unwrap_or_else(|_| Err(Vec::new()))
    }

    /// The connections to this account. The one used longest ago makes room for a new one.
    fn pool(&self, outgoing: &Outgoing, route: &SmtpRoute) -> Arc<Pool> {
        let now = Instant::now();
        let mut pools = self.pools();
        if let Some(kept) = pools.get_mut(&outgoing.route.fingerprint()) {
            kept.used_at = now;
            return Arc::clone(&kept.pool);
        }
        while pools.len() >= self.limits.accounts.max(1) {
            let oldest = pools.iter().min_by_key(|(_, kept)| kept.used_at);
            let Some(oldest) = oldest.map(|(fingerprint, _)| fingerprint.clone()) else {
                break;
            };
            pools.remove(&oldest);
        }
        let pool = Pool::new(route, self.limits, self.authorities.clone());
        let kept = KeptPool {
            pool: Arc::clone(&pool),
            used_at: now,
        };
        pools.insert(outgoing.route.fingerprint(), kept);
        pool
    }

    fn pools(&self) -> MutexGuard<'_, BTreeMap<String, KeptPool>> {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Notifier for SmtpNotifier {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    async fn send(&self, outgoing: &Outgoing) -> Result<Sent, NotifyError> {
        let Route::Smtp(route) = &outgoing.route else {
            return Err(permanent("this route leads to no mail server"));
        };
        let mail = self.mail(outgoing, route).await?;
        let pool = self.pool(outgoing, route);
        match timeout(self.limits.answer, pool.deliver(&mail)).await {
            Ok(Ok(handover)) => verdict::conclude(&mail, handover),
            Ok(Err(trouble)) => Err(trouble.into()),
            Err(_) => Err(NotifyError::Temporary {
                reason: format!("no answer within {} s", self.limits.answer.as_secs_f32()),
                retry_after: None,
            }),
        }
    }
}

/// Tells places only: what stands there may be personal.
fn warn_of(outgoing: &Outgoing, problems: &[TemplateProblem]) {
    let places: Vec<_> = problems.iter().map(|problem| (problem.part, problem.line)).collect();
    tracing::warn!(
        tenant = %outgoing.tenant,
        template = outgoing.letter.kind.as_str(),
        ?places,
        "a tenant's template does not work; the built-in one is used"
    );
}

fn permanent(reason: &str) -> NotifyError {
    NotifyError::Permanent {
        reason: reason.to_owned(),
    }
}
