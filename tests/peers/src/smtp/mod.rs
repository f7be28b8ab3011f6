//! A mail server that takes mail and delivers it to the test.

mod content;
mod encryption;
mod mail;
mod script;
mod session;
mod shared;
mod wire;

use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;

pub use self::mail::Mail;
pub use self::script::{Act, Stage};
pub use self::shared::Refusal;

use self::encryption::{Encryption, When};
use self::script::checked;
use self::session::{Flow, Session};
use self::shared::{Settings, Shared};
use self::wire::Stream;
use crate::listening::Listening;

const SIZE_LIMIT: usize = 25 * 1024 * 1024;

/// A mail server on this machine: real SMTP, answers as scripted, all mail kept for the test.
///
/// It is as strict as a careful public server: order of commands, bare line ends, line lengths, 8-bit content,
/// headers that must be there once.
///
/// ```no_run
/// # async fn example() {
/// use std::time::Duration;
/// use support_peers::smtp::{Act, SmtpSink, Stage};
///
/// let sink = SmtpSink::builder().credentials("desk", "secret").start().await;
/// sink.refuse_recipient("gone@example.com", "550 5.1.1 no such user");
/// sink.answer_once(Stage::Mail, Act::Answer("451 4.3.0 try later".to_owned()));
/// // … something sends mail to 127.0.0.1 and this port:
/// let port = sink.port();
///
/// let mail = sink
///     .wait_for_mail(|mail| mail.recipients == ["ann@example.com"], Duration::from_secs(5))
///     .await;
/// assert_eq!(mail.header("Subject").as_deref(), Some("Grüße"));
/// # }
/// ```
#[derive(Debug)]
pub struct SmtpSink {
    shared: Arc<Shared>,
    listening: Listening,
}

/// How a mail server is to be.
#[derive(Debug)]
pub struct SmtpSinkBuilder {
    settings: Settings,
    when: Option<When>,
    host: String,
    port: u16,
}

impl SmtpSinkBuilder {
    /// Takes mail only after these credentials, by AUTH PLAIN or LOGIN. Others get 535 5.7.8.
    #[must_use]
    pub fn credentials(mut self, user: &str, password: &str) -> Self {
        self.settings.credentials = Some((user.to_owned(), password.to_owned()));
        self
    }

    /// Offers STARTTLS, and neither credentials nor mail are taken before it.
    #[must_use]
    pub fn start_tls(mut self) -> Self {
        self.when = Some(When::Asked);
        self
    }

    /// Speaks TLS from the first byte, as on port 465.
    #[must_use]
    pub fn implicit_tls(mut self) -> Self {
        self.when = Some(When::AtOnce);
        self
    }

    /// The host the certificate is made out to: `localhost`, if not said.
    #[must_use]
    pub fn host(mut self, host: &str) -> Self {
        self.host = host.to_owned();
        self
    }

    /// Listens on this port, not on any free one: where a server was that has stopped.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The largest mail that is taken, in bytes; the size is announced (RFC 1870).
    #[must_use]
    pub fn size_limit(mut self, bytes: usize) -> Self {
        self.settings.size_limit = bytes;
        self
    }

    /// Counts mail and keeps none, for benches.
    #[must_use]
    pub fn count_only(mut self) -> Self {
        self.settings.count_only = true;
        self
    }

    /// Starts the server.
    pub async fn start(mut self) -> SmtpSink {
        self.settings.encryption = self.when.map(|when| Encryption::new(when, &self.host));
        let shared = Arc::new(Shared::new(self.settings));
        let for_connections = Arc::clone(&shared);
        let listening = Listening::start(self.port, move |stream| serve(Arc::clone(&for_connections), stream)).await;
        SmtpSink { shared, listening }
    }
}

impl SmtpSink {
    /// A server without encryption that takes mail from anybody.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A server that differs from that.
    #[must_use]
    pub fn builder() -> SmtpSinkBuilder {
        SmtpSinkBuilder {
            settings: Settings {
                credentials: None,
                size_limit: SIZE_LIMIT,
                count_only: false,
                encryption: None,
            },
            when: None,
            host: "localhost".to_owned(),
            port: 0,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// The port of 127.0.0.1 it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address().port()
    }

    /// Goes away: connections are refused when this is done. Gives the port, for a server that takes its place.
    pub async fn stop(self) -> u16 {
        self.listening.stop().await
    }

    /// The authority behind its certificate, in PEM: who trusts it can talk to the server by TLS.
    ///
    /// # Panics
    /// When the server has no TLS.
    #[must_use]
    pub fn authority_pem(&self) -> &str {
        let encryption = self.shared.settings.encryption.as_ref();
        &encryption.unwrap().authority_pem
    }

    /// The mails it took, in order.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.shared.mails.all()
    }

    /// How many mails it took, also when it keeps none.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.shared.accepted()
    }

    /// What it answered with anything but success, in order.
    #[must_use]
    pub fn refusals(&self) -> Vec<Refusal> {
        self.shared.refusals.all()
    }

    /// The first mail that fits, now or within the limit.
    ///
    /// # Panics
    /// When there is none; the message names the line that waited.
    #[track_caller]
    pub fn wait_for_mail(&self, fits: impl Fn(&Mail) -> bool, limit: Duration) -> impl Future<Output = Mail> {
        let caller = Location::caller();
        self.shared.mails.wait_for(fits, limit, "mail", caller)
    }

    /// The first refusal that fits, now or within the limit.
    ///
    /// # Panics
    /// When there is none; the message names the line that waited.
    #[track_caller]
    pub fn wait_for_refusal(&self, fits: impl Fn(&Refusal) -> bool, limit: Duration) -> impl Future<Output = Refusal> {
        let caller = Location::caller();
        self.shared.refusals.wait_for(fits, limit, "refusal", caller)
    }

    /// Does this the next time the dialogue gets there; several calls queue up. An answer of 2xx means: as usual.
    pub fn answer_once(&self, stage: Stage, act: Act) {
        self.shared.script.once(stage, verified(act));
    }

    /// Does this whenever the dialogue gets there and nothing else is queued.
    pub fn answer_always(&self, stage: Stage, act: Act) {
        self.shared.script.always(stage, verified(act));
    }

    /// Refuses the next mail after its content.
    pub fn answer_data_once(&self, answer: &str) {
        self.answer_once(Stage::Content, Act::Answer(answer.to_owned()));
    }

    /// Answers this to `RCPT TO` of this address from now on.
    pub fn refuse_recipient(&self, address: &str, answer: &str) {
        self.shared.script.recipient(address, answer);
    }

    /// Takes mail for this address again.
    pub fn accept_recipient(&self, address: &str) {
        self.shared.script.accept_recipient(address);
    }

    /// Keeps the next mails and closes the connection instead of the last answer: their senders cannot know.
    pub fn close_before_answer(&self, times: usize) {
        for _ in 0..times {
            self.answer_once(Stage::Content, Act::Close);
        }
    }

    /// Closes the connection amid the content of the next mails, which are lost.
    pub fn drop_in_content(&self, times: usize) {
        self.shared.script.drop_in_content(times);
    }

    /// Accepts connections and says nothing at all, as a host that is dead behind its address; until told otherwise.
    pub fn hang(&self, hang: bool) {
        self.shared.set_hanging(hang);
    }

    /// How long every answer takes from now on.
    pub fn latency(&self, latency: Duration) {
        self.shared.set_latency(latency);
    }

    /// How many connections there have been.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.shared.connections()
    }

    /// The most connections that were open at once.
    #[must_use]
    pub fn max_concurrent(&self) -> usize {
        self.shared.most_open()
    }

    /// Forgets all mails and refusals, and the count.
    pub fn clear(&self) {
        self.shared.clear();
    }

    /// Forgets what is scripted.
    pub fn clear_script(&self) {
        self.shared.script.clear();
    }
}

fn verified(act: Act) -> Act {
    match act {
        Act::Answer(answer) => Act::Answer(checked(&answer)),
        other => other,
    }
}

async fn serve(shared: Arc<Shared>, stream: TcpStream) {
    let _open = shared.open();
    // What ends a connection is the client's to know; the server goes on.
    let _ended = converse(&shared, stream).await;
}

async fn converse(shared: &Arc<Shared>, stream: TcpStream) -> io::Result<()> {
    let (mut stream, mut encrypted): (Box<dyn Stream>, _) = (Box::new(stream), false);
    let encryption = shared.settings.encryption.as_ref();
    if let Some(at_once) = encryption.filter(|encryption| encryption.when == When::AtOnce) {
        (stream, encrypted) = (at_once.encrypt(stream).await?, true);
    }
    let mut session = Session::new(Arc::clone(shared), stream, encrypted);
    if session.greet().await? == Flow::Close {
        return session.close().await;
    }
    let clear = session.talk().await?;
    let Some((clear, encryption)) = clear.zip(encryption) else {
        return Ok(());
    };
    let stream = encryption.encrypt(clear).await?;
    let session = Session::new(Arc::clone(shared), stream, true);
    session.talk().await.map(|_| ())
}
