//! Connections kept for the next mail.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use lettre::transport::smtp::client::{Certificate, TlsParameters};
use support_core::model::TlsMode;
use support_core::ports::SmtpRoute;
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::{Instant, sleep};

use super::SmtpLimits;
use super::connection::{Account, After, Connection};
use super::verdict::{Handover, Trouble};
use crate::mail::ComposedMail;

/// The connections to one account: at most so many at once, and those without work kept a while.
///
/// lettre's own pool bounds only what it keeps, starts tasks when dropped, which panics outside a
/// runtime, and tells a refused recipient only by failing the whole mail.
pub(super) struct Pool {
    account: Account,
    authorities: Vec<Certificate>,
    places: Semaphore,
    idle: Duration,
    parked: Mutex<Parked>,
    tls: OnceCell<TlsParameters>,
}

#[derive(Default)]
struct Parked {
    connections: Vec<(Connection, Instant)>,
    is_swept: bool,
}

impl Pool {
    pub(super) fn new(route: &SmtpRoute, limits: SmtpLimits, authorities: Vec<Certificate>) -> Arc<Self> {
        Arc::new(Self {
            account: Account::of(route),
            authorities,
            places: Semaphore::new(limits.connections.clamp(1, Semaphore::MAX_PERMITS)),
            idle: limits.idle,
            parked: Mutex::default(),
            tls: OnceCell::new(),
        })
    }

    /// Hands a mail over, on a connection that was kept or on a new one.
    pub(super) async fn deliver(self: &Arc<Self>, mail: &ComposedMail) -> Result<Handover, Trouble> {
        // Nobody closes the semaphore.
        let _place = self
            .places
            .acquire()
            .await
            .map_err(|error| Trouble::Temporary(error.to_string()))?;
        if let Some(kept) = self.kept()
            && let Some(handover) = self.hand_over(kept, mail).await
        {
            return Ok(handover);
        }
        let connection = Connection::open(&self.account, self.tls().await?).await?;
        let ended = || Trouble::Temporary("the connection ended at once".to_owned());
        self.hand_over(connection, mail).await.ok_or_else(ended)
    }

    /// None when the connection was over before it was used.
    async fn hand_over(self: &Arc<Self>, mut connection: Connection, mail: &ComposedMail) -> Option<Handover> {
        let (handover, after) = connection.hand_over(mail).await;
        match after {
            After::Usable => self.park(connection),
            After::Over => {}
            After::WasOver => return None,
        }
        Some(handover)
    }

    /// The trusted certificates are read once; the file system may be slow.
    async fn tls(&self) -> Result<Option<TlsParameters>, Trouble> {
        if self.account.tls == TlsMode::None {
            return Ok(None);
        }
        let made = self.tls.get_or_try_init(|| async {
            let mut builder = TlsParameters::builder(self.account.host.clone());
            for authority in &self.authorities {
                builder = builder.add_root_certificate(authority.clone());
            }
            let made = tokio::task::spawn_blocking(move || builder.build()).await;
            match made {
                Ok(Ok(tls)) => Ok(tls),
                Ok(Err(error)) => Err(Trouble::Refused(error.to_string())),
                Err(error) => Err(Trouble::Temporary(error.to_string())),
            }
        });
        made.await.cloned().map(Some)
    }

    fn kept(&self) -> Option<Connection> {
        let mut parked = self.parked();
        let (mut connection, since) = parked.connections.pop()?;
        connection.is_kept = true;
        // The last one is the one used last: when it is too old, all are, and swept soon.
        (since.elapsed() < self.idle).then_some(connection)
    }

    fn park(self: &Arc<Self>, connection: Connection) {
        let mut parked = self.parked();
        parked.connections.push((connection, Instant::now()));
        if !parked.is_swept {
            parked.is_swept = true;
            tokio::spawn(sweep(Arc::downgrade(self), self.idle));
        }
    }

    /// Those that have been idle for too long, and whether there are others to be swept later.
    fn take_idle(&self) -> (Vec<Connection>, bool) {
        let mut parked = self.parked();
        let idle: Vec<_> = parked
            .connections
            .extract_if(.., |(_, since)| since.elapsed() >= self.idle)
            .collect();
        parked.is_swept = !parked.connections.is_empty();
        let idle = idle.into_iter().map(|(connection, _)| connection);
        (idle.collect(), parked.is_swept)
    }

    fn parked(&self) -> MutexGuard<'_, Parked> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes idle connections until there are none.
async fn sweep(pool: Weak<Pool>, pause: Duration) {
    loop {
        sleep(pause).await;
        let Some(pool) = pool.upgrade() else { return };
        let (idle, has_others) = pool.take_idle();
        drop(pool);
        for connection in idle {
            connection.close().await;
        }
        if !has_others {
            return;
        }
    }
}
