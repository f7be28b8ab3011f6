//! The shop's bot: it answers from a short list of articles, and leaves to people what it does not
//! know. A language model would stand in the same place.

use async_trait::async_trait;
use serde::Deserialize;
use support_core::{
    model::{Message, SenderKind},
    ports::{Conversation, Responder, ResponderError, Response},
};

/// Said first when nobody is there to take over.
pub const CLOSED: &str = "Nobody of us is here right now, but perhaps I can help.";
/// Said when the bot knows no answer, once.
pub const PUZZLED: &str = "I am not sure what you mean. Could you put it differently?";
/// Said when people take over.
pub const HANDING_OVER: &str = "I'll get somebody who knows.";

/// Who asks for one of these wants no bot.
const PEOPLE: [&str; 5] = ["human", "agent", "person", "somebody", "operator"];

/// A bot that knows some articles.
#[derive(Debug, Deserialize)]
pub struct ShopBot {
    #[serde(rename = "article")]
    articles: Vec<Article>,
}

#[derive(Debug, Deserialize)]
struct Article {
    keywords: Vec<String>,
    answer: String,
}

impl ShopBot {
    /// A bot that knows the articles of a TOML text: see `articles.toml`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn reading(articles: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(articles)
    }

    /// The answer of the article that has most in common with a question.
    fn answer_to(&self, words: &[String]) -> Option<&str> {
        let in_common = |article: &Article| words.iter().filter(|word| article.keywords.contains(word)).count();
        let best = self.articles.iter().max_by_key(|article| in_common(article))?;
        (in_common(best) > 0).then_some(best.answer.as_str())
    }
}

#[async_trait]
impl Responder for ShopBot {
    async fn respond(&self, conversation: &Conversation) -> Result<Response, ResponderError> {
        let words = words_of(&conversation.question);
        if words.iter().any(|word| PEOPLE.contains(&word.as_str())) {
            return Ok(handing_over(conversation, "Wants to talk to a human."));
        }
        if let Some(answer) = self.answer_to(&words) {
            return Ok(saying(conversation, answer));
        }
        let mut said = conversation.said_by_bot();
        let was_puzzled = said.next_back().is_some_and(|last| last.content == PUZZLED);
        if was_puzzled {
            return Ok(handing_over(conversation, "Asked what the bot has no answer to."));
        }
        Ok(saying(conversation, PUZZLED))
    }
}

fn words_of(message: &Message) -> Vec<String> {
    let words = message.content.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// Words of the bot, after a greeting if nobody is there and they are its first.
fn saying(conversation: &Conversation, words: &str) -> Response {
    let is_first = conversation.said_by_bot().next().is_none();
    if is_first && !conversation.somebody_is_online {
        return Response::reply(CLOSED).saying(words);
    }
    Response::reply(words)
}

/// Leaves a conversation to people, with all that was asked.
fn handing_over(conversation: &Conversation, reason: &str) -> Response {
    let messages = conversation.messages.iter();
    let asked = messages.filter(|message| message.sender.kind() == SenderKind::Customer);
    let asked = asked.map(|message| format!("\n- {}", message.content));
    // A note holds 5,000 characters; the last questions say most.
    let mut summary = String::new();
    for question in asked.rev() {
        if summary.chars().count() + question.chars().count() > 4_500 {
            break;
        }
        summary.insert_str(0, &question);
    }
    Response::hand_over(format!("{reason}{summary}")).saying(HANDING_OVER)
}
