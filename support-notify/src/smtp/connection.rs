//! One dialogue with a mail server.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use support_core::model::{Secret, TlsMode};
use support_core::ports::SmtpRoute;
use tokio::time::timeout;

use super::verdict::{Handover, Stage, Trouble, ends_connection, shown};
use crate::mail::ComposedMail;

/// For each address of a server's, so that one that is dead leaves time for the next.
const CONNECTING: Duration = Duration::from_secs(10);

/// A server that hasn't answered on a kept connection by then is asked on a new one.
const WAKING: Duration = Duration::from_secs(5);

const LEAVING: Duration = Duration::from_secs(5);

/// A server, and who signs in there.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) host: String,
    port: u16,
    pub(super) tls: TlsMode,
    credentials: Option<(String, Secret)>,
}

impl Account {
    pub(super) fn of(route: &SmtpRoute) -> Self {
        Self {
            host: route.host.clone(),
            port: route.port,
            tls: route.tls,
            credentials: route.user.clone().zip(route.password.clone()),
        }
    }

    /// Whether a password would cross a network that anybody may listen to.
    fn tells_password(&self) -> bool {
        self.credentials.is_some() && self.tls == TlsMode::None && !is_loopback(&self.host)
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.map_or_else(
        |_| host.eq_ignore_ascii_case("localhost"),
        |address| address.is_loopback(),
    )
}

/// A connection on which mails can be handed over.
pub(super) struct Connection {
    smtp: AsyncSmtpConnection,
    /// Whether it has waited for this mail, so that the server may have closed it.
    pub(super) is_kept: bool,
}

/// Whether a connection is good for another mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// It is.
    Usable,
    /// It is not.
    Over,
    /// It was over before the mail was spoken of: the server closes what is idle.
    WasOver,
}

impl Connection {
    pub(super) async fn open(account: &Account, tls: Option<TlsParameters>) -> Result<Self, Trouble> {
        if account.tells_password() {
            let reason = "a password is not sent over a connection without encryption";
            return Err(Trouble::Refused(reason.to_owned()));
        }
        let (wrapping, upgrading) = match account.tls {
            TlsMode::Tls => (tls, None),
            TlsMode::StartTls => (None, tls),
            TlsMode::None => (None, None),
        };
        let hello = ClientId::default();
        let server = (account.host.as_str(), account.port);
        let opening = |error: Error| Trouble::of(&error, Stage::Opening);
        let mut smtp = AsyncSmtpConnection::connect_tokio1(server, Some(CONNECTING), &hello, wrapping, None)
            .await
            .map_err(opening)?;
        if let Some(tls) = upgrading {
            smtp.starttls(tls, &hello).await.map_err(opening)?;
        }
        if let Some((user, password)) = &account.credentials {
            let credentials = Credentials::new(user.clone(), password.reveal().to_owned());
            smtp.auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
                .await
                .map_err(|error| Trouble::of(&error, Stage::SigningIn).without(password))?;
        }
        Ok(Self { smtp, is_kept: false })
    }

    /// Hands a mail over to all its recipients in one transaction (RFC 5321 §3.3). Those who are
    /// refused don't keep it from the others.
    pub(super) async fn hand_over(&mut self, mail: &ComposedMail) -> (Handover, After) {
        let mut troubles = vec![None; mail.recipients().len()];
        if let Err(error) = self.begin(mail).await {
            let after = match after(error.as_ref()) {
                After::Over if self.is_kept => After::WasOver,
                after => after,
            };
            let trouble = error.map_or_else(no_answer, |error| Trouble::of(&error, Stage::Mail));
            return (failed(troubles, &trouble), after);
        }
        if let Err(error) = self.name_recipients(mail, &mut troubles).await {
            return (failed(troubles, &Trouble::of(&error, Stage::Mail)), After::Over);
        }
        if troubles.iter().all(Option::is_some) {
            return (Handover { troubles, answer: None }, self.reset().await);
        }
        match self.say_content(mail).await {
            Ok(response) => {
                let answer = Some(words_of(&response));
                (Handover { troubles, answer }, After::Usable)
            }
            Err(error) => {
                let after = if ends_connection(&error) {
                    After::Over
                } else {
                    self.reset().await
                };
                (failed(troubles, &Trouble::of(&error, Stage::Mail)), after)
            }
        }
    }

    /// Makes room for another mail after one that was not taken.
    async fn reset(&mut self) -> After {
        match self.smtp.command(Rset).await {
            Ok(_) => After::Usable,
            Err(_) => After::Over,
        }
    }

    /// Says who sends. None when there was no answer on a connection that was kept.
    async fn begin(&mut self, mail: &ComposedMail) -> Result<(), Option<Error>> {
        let sender = mail.reverse_path().cloned();
        let is_null = sender.is_none();
        let answer = self.smtp.command(Mail::new(sender, Vec::new()));
        let answer = if self.is_kept {
            timeout(WAKING, answer).await.map_err(|_| None)?
        } else {
            answer.await
        };
        match answer {
            Ok(_) => Ok(()),
            // Relays that know their senders by address take no mail without one.
            Err(error) if is_null && error.is_permanent() => {
                let sender = Mail::new(Some(mail.from().clone()), Vec::new());
                self.smtp.command(sender).await.map(drop).map_err(Some)
            }
            Err(error) => Err(Some(error)),
        }
    }

    /// Fails when nothing more can be said.
    async fn name_recipients(&mut self, mail: &ComposedMail, troubles: &mut [Option<Trouble>]) -> Result<(), Error> {
        let stage = if troubles.len() > 1 {
            Stage::OneOfSeveral
        } else {
            Stage::Mail
        };
        for (recipient, trouble) in mail.recipients().iter().zip(troubles) {
            let command = Rcpt::new(recipient.address.clone(), Vec::new());
            match self.smtp.command(command).await {
                Ok(_) => {}
                Err(error) if ends_connection(&error) => return Err(error),
                Err(error) => *trouble = Some(Trouble::of(&error, stage)),
            }
        }
        Ok(())
    }

    async fn say_content(&mut self, mail: &ComposedMail) -> Result<Response, Error> {
        self.smtp.command(Data).await?;
        self.smtp.command(Content(mail.message())).await
    }

    /// Takes leave, as a client should (RFC 5321 §4.1.1.10).
    pub(super) async fn close(mut self) {
        let _silent = timeout(LEAVING, self.smtp.abort()).await;
    }
}

fn after(error: Option<&Error>) -> After {
    match error {
        Some(error) if !ends_connection(error) => After::Usable,
        _ => After::Over,
    }
}

fn no_answer() -> Trouble {
    Trouble::Temporary("no answer on a connection that was kept".to_owned())
}

/// The trouble of all that have none of their own.
fn failed(troubles: Vec<Option<Trouble>>, trouble: &Trouble) -> Handover {
    let troubles = troubles.into_iter().map(|own| own.or_else(|| Some(trouble.clone())));
    Handover {
        troubles: troubles.collect(),
        answer: None,
    }
}

fn words_of(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    shown(&format!("{} {}", response.code(), lines.join(" ")))
}

/// A message as it goes over the wire: lines that begin with a dot get another one, and one dot
/// alone ends it (RFC 5321 §4.5.2). All in one piece: the end in a packet of its own would wait for
/// the server's delayed acknowledgement of the rest.
struct Content<'a>(&'a str);

impl fmt::Display for Content<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.0.split_inclusive("\r\n") {
            if line.starts_with('.') {
                formatter.write_str(".")?;
            }
            formatter.write_str(line)?;
        }
        if !self.0.ends_with("\r\n") {
            formatter.write_str("\r\n")?;
        }
        formatter.write_str(".\r\n")
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, is_loopback};

    #[test]
    fn dots_at_the_beginning_of_lines_are_doubled() {
        assert_eq!(
            Content(".a\r\n..\r\nb.\r\n.").to_string(),
            "..a\r\n...\r\nb.\r\n..\r\n.\r\n"
        );
        assert_eq!(Content("a\r\n").to_string(), "a\r\n.\r\n");
    }

    #[test]
    fn only_this_machine_is_loopback() {
        assert!(
            ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "LocalHost"]
                .into_iter()
                .all(is_loopback)
        );
        assert!(
            !["10.0.0.1", "localhost.example.com", "mail", "127.0.0.1.example.com"]
                .into_iter()
                .any(is_loopback)
        );
    }
}
