//! What every handler shares.

#[cfg(feature = "socketio")]
use std::sync::{OnceLock, Weak};
use std::{sync::Arc, time::Duration};

use ipnet::IpNet;
use support_core::{desk::Desk, model::TenantId};
use tokio_util::sync::CancellationToken;

#[cfg(feature = "socketio")]
use crate::realtime::SocketIoServer;
use crate::{
    auth::{Authenticator, DefaultAuthenticator},
    captcha::CaptchaVerifier,
    counters::Metrics,
    idempotency::InFlight,
    limits::{Limits, RateLimit},
    realtime::Hub,
    tokens::JwtSettings,
    wire::files::FileUrls,
};

/// How the faces behave, for the whole installation.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// How tokens are signed and checked.
    pub jwt: JwtSettings,
    /// Where people reach this installation, without a slash at the end.
    pub public_url: String,
    /// How often one caller may create something or try to log in.
    pub rate_limit: RateLimit,
    /// Messages that one conversation may send a minute; 0 switches the limit off.
    pub messages_per_minute: u32,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Web origins that may call; the tenants' domains when empty.
    pub cors_origins: Vec<String>,
    /// How long a call may take; live connections are not calls.
    pub request_timeout: Duration,
    /// The largest body of a call, in bytes.
    pub body_limit: usize,
    /// A challenge that has to be passed by whoever opens something without proving who they are.
    pub captcha: Option<Arc<dyn CaptchaVerifier>>,
}

impl HttpSettings {
    /// The defaults with these tokens.
    #[must_use]
    pub fn new(jwt: JwtSettings) -> Self {
        Self {
            jwt,
            public_url: "http://127.0.0.1:8080".to_owned(),
            rate_limit: RateLimit::default(),
            messages_per_minute: 60,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            request_timeout: Duration::from_secs(30),
            body_limit: 1024 * 1024,
            captcha: None,
        }
    }
}

/// What every handler shares. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SupportState(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    desk: Desk,
    settings: HttpSettings,
    authenticator: Arc<dyn Authenticator>,
    limits: Limits,
    in_flight: InFlight,
    metrics: Metrics,
    hub: Hub,
    #[cfg(feature = "socketio")]
    socketio: OnceLock<SocketIoServer>,
    shutdown: CancellationToken,
}

/// The same without keeping it alive.
#[cfg(feature = "socketio")]
#[derive(Debug, Clone)]
pub(crate) struct WeakState(Weak<Inner>);

#[cfg(feature = "socketio")]
impl WeakState {
    /// What is shared, unless nobody needs it any more.
    pub(crate) fn upgrade(&self) -> Option<SupportState> {
        self.0.upgrade().map(SupportState)
    }
}

impl SupportState {
    /// A desk with its faces, and tokens and API keys to get in. Starts tasks on the current tokio
    /// runtime, so it must be called inside one.
    #[must_use]
    pub fn new(desk: Desk, settings: HttpSettings) -> Self {
        let authenticator = DefaultAuthenticator::new(settings.jwt.clone());
        Self::with_authenticator(desk, settings, Arc::new(authenticator))
    }

    /// The same with a host's own way of telling who calls.
    #[must_use]
    pub fn with_authenticator(desk: Desk, settings: HttpSettings, authenticator: Arc<dyn Authenticator>) -> Self {
        let shutdown = CancellationToken::new();
        Self(Arc::new(Inner {
            limits: Limits::new(settings.rate_limit, settings.messages_per_minute),
            in_flight: InFlight::default(),
            metrics: Metrics::default(),
            hub: Hub::new(&desk, &shutdown),
            #[cfg(feature = "socketio")]
            socketio: OnceLock::new(),
            authenticator,
            desk,
            settings,
            shutdown,
        }))
    }

    /// The use cases.
    #[must_use]
    pub fn desk(&self) -> &Desk {
        &self.0.desk
    }

    /// The addresses of a tenant's files.
    pub(crate) fn file_urls(&self, tenant: TenantId) -> FileUrls<'_> {
        FileUrls::new(&self.0.desk, tenant)
    }

    /// How the faces behave.
    #[must_use]
    pub fn settings(&self) -> &HttpSettings {
        &self.0.settings
    }

    /// Cancelled when the host stops: live connections then tell their clients to reconnect, and end.
    #[must_use]
    pub fn shutdown(&self) -> &CancellationToken {
        &self.0.shutdown
    }

    pub(crate) fn authenticator(&self) -> &dyn Authenticator {
        &*self.0.authenticator
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn in_flight(&self) -> &InFlight {
        &self.0.in_flight
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.0.hub
    }

    /// What serves Socket.IO, begun when it is first asked for.
    #[cfg(feature = "socketio")]
    pub(crate) fn socketio(&self) -> &SocketIoServer {
        self.0.socketio.get_or_init(|| SocketIoServer::new(self))
    }

    #[cfg(feature = "socketio")]
    pub(crate) fn downgrade(&self) -> WeakState {
        WeakState(Arc::downgrade(&self.0))
    }
}
