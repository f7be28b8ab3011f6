//! Answers that agents have at hand.

use super::{CannedResponseId, Timestamp};

/// The most canned responses of one tenant.
pub const MOST_CANNED_RESPONSES: usize = 1_000;
/// The longest shortcut, in characters.
pub const LONGEST_SHORTCUT: usize = 50;

/// An answer that agents have at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedResponse {
    /// Its id.
    pub id: CannedResponseId,
    /// What agents type to get it, unique within the tenant.
    pub shortcut: String,
    /// What it is about.
    pub title: String,
    /// The words, with [placeholders](Placeholders).
    pub content: String,
    /// Counts changes.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What stands in for the placeholders of a canned response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placeholders<'a> {
    /// `{{customer.name}}`.
    pub customer_name: &'a str,
    /// `{{agent.name}}`.
    pub agent_name: &'a str,
    /// `{{ticket.number}}`.
    pub ticket_number: &'a str,
}

impl Placeholders<'_> {
    fn named(&self, name: &str) -> Option<&str> {
        match name {
            "customer.name" => Some(self.customer_name),
            "agent.name" => Some(self.agent_name),
            "ticket.number" => Some(self.ticket_number),
            _ => None,
        }
    }

    /// The words with everything filled in that is known; what is unknown stays as typed. What is
    /// filled in is not looked at again.
    ///
    /// ```
    /// use support_core::model::Placeholders;
    /// let known = Placeholders { customer_name: "Vera", agent_name: "Mara", ticket_number: "TKT-7" };
    /// let words = "Hi {{customer.name}}, {{ ticket.number }} is with {{boss.name}}.";
    /// assert_eq!(known.fill(words), "Hi Vera, TKT-7 is with {{boss.name}}.");
    /// ```
    #[must_use]
    pub fn fill(&self, words: &str) -> String {
        let mut filled = String::with_capacity(words.len());
        let mut rest = words;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            // `{{{customer.name}}` begins with a brace of its own.
            let braces = after.len() - after.trim_start_matches('{').len();
            let (extra, inner) = after.split_at(braces);
            filled.push_str(extra);
            let known = inner
                .split_once("}}")
                .and_then(|(name, following)| Some((self.named(name.trim())?, following)));
            match known {
                Some((value, following)) => {
                    filled.push_str(value);
                    rest = following;
                }
                None => {
                    filled.push_str("{{");
                    rest = inner;
                }
            }
        }
        filled.push_str(rest);
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::Placeholders;

    #[test]
    fn what_is_known_is_filled_in_and_all_else_stays_as_typed() {
        let known = Placeholders {
            customer_name: "{{agent.name}}",
            agent_name: "Mära",
            ticket_number: "TKT-1",
        };
        for (words, filled) in [
            ("", ""),
            ("No placeholder", "No placeholder"),
            ("{{agent.name}}{{ticket.number}}", "MäraTKT-1"),
            ("{{customer.name}}", "{{agent.name}}"),
            ("{{ agent.name\t}}!", "Mära!"),
            ("{{Agent.Name}} {{}} {{agent.name", "{{Agent.Name}} {{}} {{agent.name"),
            ("{{ {{agent.name}} }}", "{{ Mära }}"),
            ("{{{agent.name}}}", "{Mära}"),
            ("}} {{x}} {{agent.name}}", "}} {{x}} Mära"),
        ] {
            assert_eq!(known.fill(words), filled, "{words}");
        }
    }
}
