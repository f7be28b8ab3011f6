//! What a test tells the server to answer instead of the truth.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard};

/// A point of the dialogue with an answer of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The first line of a connection.
    Greeting,
    /// After credentials.
    Auth,
    /// After `MAIL FROM`.
    Mail,
    /// After `RCPT TO`.
    Recipient,
    /// After the whole content, where the server takes or refuses the mail.
    Content,
}

/// What happens at a stage instead of what would happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// This answer, code and text. After 421 the connection is closed, as the code says.
    Answer(String),
    /// No answer: the connection is closed. At [`Stage::Content`] the mail is kept all the same.
    Close,
    /// No answer, ever, on an open connection.
    Hang,
}

#[derive(Debug, Default)]
pub(super) struct Script(Mutex<Lines>);

#[derive(Debug, Default)]
struct Lines {
    once: BTreeMap<Stage, VecDeque<Act>>,
    always: BTreeMap<Stage, Act>,
    recipients: BTreeMap<String, String>,
    drops_in_content: usize,
}

impl Script {
    pub(super) fn once(&self, stage: Stage, act: Act) {
        self.lines().once.entry(stage).or_default().push_back(act);
    }

    pub(super) fn always(&self, stage: Stage, act: Act) {
        self.lines().always.insert(stage, act);
    }

    pub(super) fn recipient(&self, address: &str, answer: &str) {
        let address = address.to_ascii_lowercase();
        self.lines().recipients.insert(address, checked(answer));
    }

    pub(super) fn accept_recipient(&self, address: &str) {
        self.lines().recipients.remove(&address.to_ascii_lowercase());
    }

    pub(super) fn drop_in_content(&self, times: usize) {
        self.lines().drops_in_content += times;
    }

    pub(super) fn clear(&self) {
        *self.lines() = Lines::default();
    }

    pub(super) fn next(&self, stage: Stage) -> Option<Act> {
        let mut lines = self.lines();
        let queued = lines.once.get_mut(&stage).and_then(VecDeque::pop_front);
        queued.or_else(|| lines.always.get(&stage).cloned())
    }

    pub(super) fn next_for_recipient(&self, address: &str) -> Option<Act> {
        let scripted = self.lines().recipients.get(&address.to_ascii_lowercase()).cloned();
        scripted.map(Act::Answer).or_else(|| self.next(Stage::Recipient))
    }

    pub(super) fn take_drop_in_content(&self) -> bool {
        let mut lines = self.lines();
        let drops = lines.drops_in_content > 0;
        lines.drops_in_content -= usize::from(drops);
        drops
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap()
    }
}

/// The answer, if it can be one: a mistake in a test's script must not look like a mistake of the client.
pub(super) fn checked(answer: &str) -> String {
    let code = answer.get(..3).and_then(|code| code.parse::<u16>().ok());
    let is_answer = code.is_some_and(|code| (200..600).contains(&code)) && !answer.contains(['\r', '\n']);
    assert!(is_answer, "not an answer of SMTP: {answer:?}");
    answer.to_owned()
}
