//! One connection: who may say what when (RFC 5321, 4954, 3207, 1870, 6152, 2920).

use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::content;
use super::mail::Mail;
use super::script::{Act, Stage};
use super::shared::{Refusal, Shared};
use super::wire::{Content, Stream, Wire};

const MOST_RECIPIENTS: usize = 100;

pub(super) struct Session {
    shared: Arc<Shared>,
    wire: Wire,
    encrypted: bool,
    introduced: bool,
    user: Option<String>,
    transaction: Option<Transaction>,
}

struct Transaction {
    from: String,
    eight_bit: bool,
    recipients: Vec<String>,
}

/// Whether the connection goes on after an answer.
#[derive(PartialEq, Eq)]
pub(super) enum Flow {
    Continue,
    Close,
    Encrypt,
}

impl Session {
    pub(super) fn new(shared: Arc<Shared>, stream: Box<dyn Stream>, encrypted: bool) -> Self {
        Self {
            shared,
            wire: Wire::new(stream),
            encrypted,
            introduced: false,
            user: None,
            transaction: None,
        }
    }

    pub(super) async fn greet(&mut self) -> io::Result<Flow> {
        if let Some(flow) = self
            .play(self.shared.script.next(Stage::Greeting), "connection")
            .await?
        {
            return Ok(if flow == Flow::Continue { Flow::Close } else { flow });
        }
        self.say("220 localhost ESMTP").await;
        Ok(Flow::Continue)
    }

    /// Closes the connection after what was said.
    pub(super) async fn close(self) -> io::Result<()> {
        self.wire.close().await
    }

    /// Talks until the connection ends, or is to be encrypted; then it is given back.
    pub(super) async fn talk(mut self) -> io::Result<Option<Box<dyn Stream>>> {
        loop {
            let command = match self.wire.command().await {
                Ok(Some(command)) => command,
                Ok(None) => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    self.refuse("", "500 5.5.2 not a line of SMTP").await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let flow = self.obey(&command).await?;
            if flow == Flow::Continue {
                continue;
            }
            if flow == Flow::Close {
                return self.close().await.map(|()| None);
            }
            self.wire.flush().await?;
            return Ok((flow == Flow::Encrypt).then(|| self.wire.into_stream()));
        }
    }

    async fn obey(&mut self, command: &str) -> io::Result<Flow> {
        let (verb, rest) = command.split_once(' ').unwrap_or((command, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => Ok(self.introduce(rest, true).await),
            "HELO" => Ok(self.introduce(rest, false).await),
            "STARTTLS" => Ok(self.start_tls(rest).await),
            "AUTH" => self.authenticate(rest).await,
            "MAIL" => self.mail(command, rest).await,
            "RCPT" => self.recipient(command, rest).await,
            "DATA" => self.data().await,
            "RSET" => {
                self.transaction = None;
                Ok(self.say("250 2.0.0 forgotten").await)
            }
            "NOOP" => Ok(self.say("250 2.0.0 nothing done").await),
            "VRFY" => Ok(self.say("252 2.1.5 send mail and see").await),
            "QUIT" => {
                self.say("221 2.0.0 bye").await;
                Ok(Flow::Close)
            }
            _ => Ok(self.refuse(verb, "502 5.5.1 unknown command").await),
        }
    }

    async fn introduce(&mut self, name: &str, extended: bool) -> Flow {
        if name.trim().is_empty() {
            return self.refuse("EHLO", "501 5.5.4 who are you?").await;
        }
        (self.introduced, self.transaction) = (true, None);
        if !extended {
            return self.say("250 localhost").await;
        }
        let mut lines = vec!["localhost".to_owned(), "PIPELINING".to_owned(), "8BITMIME".to_owned()];
        lines.push(format!("SIZE {}", self.shared.settings.size_limit));
        if self.must_encrypt() {
            lines.push("STARTTLS".to_owned());
        } else if self.shared.settings.credentials.is_some() {
            lines.push("AUTH PLAIN LOGIN".to_owned());
        }
        lines.push("ENHANCEDSTATUSCODES".to_owned());
        let last = lines.len() - 1;
        let lines = lines.iter().enumerate();
        let lines: Vec<_> = lines
            .map(|(at, line)| format!("250{}{line}", if at == last { ' ' } else { '-' }))
            .collect();
        self.say(&lines.join("\r\n")).await
    }

    fn must_encrypt(&self) -> bool {
        self.shared.offers_start_tls() && !self.encrypted
    }

    async fn start_tls(&mut self, rest: &str) -> Flow {
        if !rest.is_empty() {
            return self.refuse("STARTTLS", "501 5.5.4 STARTTLS has no parameters").await;
        }
        if !self.must_encrypt() {
            return self.refuse("STARTTLS", "503 5.5.1 not offered").await;
        }
        self.say("220 2.0.0 go on encrypted").await;
        Flow::Encrypt
    }

    async fn authenticate(&mut self, rest: &str) -> io::Result<Flow> {
        let Some(expected) = self.shared.settings.credentials.clone() else {
            return Ok(self.refuse("AUTH", "502 5.5.1 not offered").await);
        };
        if self.must_encrypt() {
            return Ok(self.refuse("AUTH", "538 5.7.11 encrypt first").await);
        }
        if !self.introduced || self.user.is_some() || self.transaction.is_some() {
            return Ok(self.refuse("AUTH", "503 5.5.1 not now").await);
        }
        let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
        let given = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => self.plain(initial).await?,
            "LOGIN" => self.login(initial).await?,
            _ => return Ok(self.refuse("AUTH", "504 5.5.4 unknown mechanism").await),
        };
        let Some(given) = given else {
            return Ok(self.refuse("AUTH", "501 5.5.2 no credentials").await);
        };
        if let Some(flow) = self.play(self.shared.script.next(Stage::Auth), "AUTH").await? {
            return Ok(flow);
        }
        if given != expected {
            return Ok(self.refuse("AUTH", "535 5.7.8 wrong credentials").await);
        }
        self.user = Some(given.0);
        Ok(self.say("235 2.7.0 welcome").await)
    }

    async fn plain(&mut self, initial: &str) -> io::Result<Option<(String, String)>> {
        let Some(response) = self.response("", initial).await? else {
            return Ok(None);
        };
        let mut fields = response.split('\0').skip(1).map(str::to_owned);
        Ok(fields.next().zip(fields.next()))
    }

    async fn login(&mut self, initial: &str) -> io::Result<Option<(String, String)>> {
        let Some(user) = self.response("Username:", initial).await? else {
            return Ok(None);
        };
        let password = self.response("Password:", "").await?;
        Ok(password.map(|password| (user, password)))
    }

    /// What the client answers to a challenge, or gave before it was asked.
    async fn response(&mut self, challenge: &str, initial: &str) -> io::Result<Option<String>> {
        let mut response = initial.to_owned();
        if initial.is_empty() {
            self.say(&format!("334 {}", STANDARD.encode(challenge))).await;
            response = self.wire.command().await?.unwrap_or_default();
        }
        let decoded = STANDARD.decode(response).ok();
        Ok(decoded.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    async fn mail(&mut self, command: &str, rest: &str) -> io::Result<Flow> {
        if self.must_encrypt() {
            return Ok(self.refuse(command, "530 5.7.0 STARTTLS first").await);
        }
        if self.shared.settings.credentials.is_some() && self.user.is_none() {
            return Ok(self.refuse(command, "530 5.7.0 authentication required").await);
        }
        if !self.introduced || self.transaction.is_some() {
            return Ok(self.refuse(command, "503 5.5.1 not now").await);
        }
        let Some((from, parameters)) = path(rest, "FROM:") else {
            return Ok(self.refuse(command, "501 5.1.7 not a sender's address").await);
        };
        let mut eight_bit = false;
        for parameter in parameters.split_ascii_whitespace() {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name.to_ascii_uppercase().as_str() {
                "SIZE"
                    if value
                        .parse()
                        .is_ok_and(|size: usize| size > self.shared.settings.size_limit) =>
                {
                    return Ok(self.refuse(command, "552 5.3.4 message too large").await);
                }
                "BODY" => eight_bit = value.eq_ignore_ascii_case("8BITMIME"),
                "SIZE" | "AUTH" => {}
                _ => return Ok(self.refuse(command, "555 5.5.4 unknown parameter").await),
            }
        }
        if let Some(flow) = self.play(self.shared.script.next(Stage::Mail), command).await? {
            return Ok(flow);
        }
        let (from, recipients) = (from.to_owned(), Vec::new());
        self.transaction = Some(Transaction {
            from,
            eight_bit,
            recipients,
        });
        Ok(self.say("250 2.1.0 sender ok").await)
    }

    async fn recipient(&mut self, command: &str, rest: &str) -> io::Result<Flow> {
        let Some(transaction) = &self.transaction else {
            return Ok(self.refuse(command, "503 5.5.1 MAIL first").await);
        };
        if transaction.recipients.len() >= MOST_RECIPIENTS {
            return Ok(self.refuse(command, "452 4.5.3 too many recipients").await);
        }
        let address = path(rest, "TO:").filter(|(address, parameters)| !address.is_empty() && parameters.is_empty());
        let Some((address, _)) = address else {
            return Ok(self.refuse(command, "501 5.1.3 not a recipient's address").await);
        };
        let scripted = self.shared.script.next_for_recipient(address);
        if let Some(flow) = self.play(scripted, command).await? {
            return Ok(flow);
        }
        if let Some(transaction) = &mut self.transaction {
            transaction.recipients.push(address.to_owned());
        }
        Ok(self.say("250 2.1.5 recipient ok").await)
    }

    async fn data(&mut self) -> io::Result<Flow> {
        let Some(transaction) = self
            .transaction
            .take_if(|transaction| !transaction.recipients.is_empty())
        else {
            return Ok(self.refuse("DATA", "503 5.5.1 no valid recipient").await);
        };
        self.say("354 go on, end with a dot").await;
        self.wire.flush().await?;
        if self.shared.script.take_drop_in_content() {
            self.wire.beginning_of_content().await?;
            return Ok(Flow::Close);
        }
        let content = self.wire.content(self.shared.settings.size_limit).await?;
        let act = self.shared.script.next(Stage::Content);
        let answered = act != Some(Act::Close);
        if let Some(flow) = self.play(act.filter(|_| answered), "DATA").await? {
            return Ok(flow);
        }
        let Content::Whole(content) = content else {
            return Ok(self.refuse("DATA", "552 5.3.4 message too large").await);
        };
        if let Some(refusal) = content::refusal(&content, transaction.eight_bit) {
            return Ok(self.refuse("DATA", &refusal).await);
        }
        self.shared.keep(Mail {
            envelope_from: transaction.from,
            recipients: transaction.recipients,
            raw: content.into(),
            user: self.user.clone(),
            encrypted: self.encrypted,
            answered,
        });
        if !answered {
            return Ok(Flow::Close);
        }
        Ok(self.say("250 2.0.0 mail taken").await)
    }

    /// Does what is scripted; nothing when the truth is to be told.
    async fn play(&mut self, act: Option<Act>, command: &str) -> io::Result<Option<Flow>> {
        match act {
            None => Ok(None),
            Some(Act::Answer(answer)) if answer.starts_with('2') => Ok(None),
            Some(Act::Answer(answer)) => Ok(Some(self.refuse(command, &answer).await)),
            Some(Act::Close) => Ok(Some(Flow::Close)),
            Some(Act::Hang) => {
                self.wire.ignore_until_closed().await?;
                Ok(Some(Flow::Close))
            }
        }
    }

    async fn refuse(&mut self, command: &str, answer: &str) -> Flow {
        self.shared.refusals.push(Refusal {
            command: command.to_owned(),
            answer: answer.to_owned(),
        });
        self.say(answer).await;
        if answer.starts_with("421") {
            Flow::Close
        } else {
            Flow::Continue
        }
    }

    async fn say(&mut self, line: &str) -> Flow {
        self.shared.hesitate().await;
        self.wire.say(line);
        Flow::Continue
    }
}

/// The address in `FROM:<…>` or `TO:<…>` and what follows it.
fn path<'a>(rest: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let (given, rest) = rest.split_at_checked(keyword.len())?;
    let rest = given.eq_ignore_ascii_case(keyword).then_some(rest)?;
    let (address, parameters) = rest.strip_prefix('<')?.split_once('>')?;
    let is_null = address.is_empty();
    let is_mailbox = address.rsplit_once('@').is_some_and(|(local, domain)| {
        let is_clean = address
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"<>,;".contains(&byte));
        !local.is_empty() && !domain.is_empty() && is_clean
    });
    (is_null || is_mailbox).then_some((address, parameters.trim()))
}
