//! Text messages.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::json;
use support_core::{
    model::{Channel, Secret},
    ports::{Letter, LetterKind, Notifier as _, NotifyError, Outgoing, Route, Sent, SmsRoute},
};
use support_notify::{AddressGuard, SmsNotifier, SmsSender, TextMessage, WebhookSmsSender};
use support_peers::{WebhookReceiver, webhook::Answer};

use crate::outgoing::{delivery_id, impatience, letter, outgoing, permanent, refused, temporary, words};

const NUMBER: &str = "+4930901820";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";

fn notifier(allowed: &[&str]) -> SmsNotifier {
    let allowed = allowed.iter().map(|network| network.parse().unwrap()).collect();
    let sender = WebhookSmsSender::new(AddressGuard::new(allowed), impatience()).unwrap();
    SmsNotifier::new(Arc::new(sender))
}

fn over(url: &str, secret: Option<&str>, letter: Letter) -> Outgoing {
    let secret = secret.map(Secret::presented);
    let route = Route::Sms(SmsRoute {
        url: url.to_owned(),
        secret,
    });
    outgoing(route, NUMBER, letter)
}

/// What comes of a message that is answered so.
async fn answered(answer: Answer) -> Result<Sent, NotifyError> {
    let receiver = WebhookReceiver::start().await;
    receiver.answer_always(answer);
    let result = notifier(&["127.0.0.1/32"])
        .send(&over(&receiver.url(), Some(SECRET), words("hello")))
        .await;
    assert_eq!(
        receiver.received().len(),
        1,
        "it was called once, and no redirect followed"
    );
    result
}

async fn said(letter: Letter) -> String {
    let receiver = WebhookReceiver::start().await;
    notifier(&["127.0.0.1/32"])
        .send(&over(&receiver.url(), None, letter))
        .await
        .unwrap();
    let [call] = receiver.received().try_into().unwrap();
    call.json().get("text").unwrap().as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_message_is_handed_over_signed() {
    let receiver = WebhookReceiver::start().await;
    receiver.secret(SECRET);
    receiver.answer_always(Answer::status(202).body(r#"{"id":"SM-1"}"#));
    let message = over(&receiver.url(), Some(SECRET), words("Grüße 😀 مرحبا"));
    let sent = notifier(&["127.0.0.1/32"]).send(&message).await.unwrap();
    assert_eq!(sent.provider_id.as_deref(), Some("SM-1"));

    let [call] = receiver.received().try_into().unwrap();
    assert_eq!(call.verified, Some(true));
    assert_eq!(call.id(), delivery_id().to_string());
    assert_eq!(call.timestamp(), message.now.millis() / 1_000);
    let expected = json!({ "to": NUMBER, "text": "Grüße 😀 مرحبا", "id": delivery_id() });
    assert_eq!(call.json(), expected);
}

#[tokio::test]
async fn without_a_secret_nothing_is_signed() {
    let receiver = WebhookReceiver::start().await;
    notifier(&["127.0.0.1/32"])
        .send(&over(&receiver.url(), None, words("hello")))
        .await
        .unwrap();
    let [call] = receiver.received().try_into().unwrap();
    assert_eq!(call.header("webhook-signature"), None);

    let wrong = notifier(&["127.0.0.1/32"])
        .send(&over(&receiver.url(), Some("not base64!"), words("hello")))
        .await;
    refused(wrong.unwrap_err());
}

#[tokio::test]
async fn customers_are_told_in_few_words() {
    let callback = said(letter(LetterKind::CallbackConfirmed)).await;
    let expected = "Acme & Söhne: your callback request has come in. We will call 030 901820 as soon as we can.";
    assert_eq!(callback, expected);
    let request = said(letter(LetterKind::RequestConfirmed)).await;
    assert_eq!(
        request,
        "Acme & Söhne: your request TKT-7 has come in. We will get back to you."
    );
    assert_eq!(
        said(letter(LetterKind::Test)).await,
        "This is a test from Acme & Söhne: the channel works."
    );
    let reminder = said(letter(LetterKind::CallbackReminder)).await;
    assert!(reminder.contains("030 901820") && reminder.contains("[Callback Request: c-1|Tenant: acme]"));
    assert_eq!(said(words("a\u{0}b\r\nc ")).await, "ab\nc");
}

#[tokio::test]
async fn answers_tell_what_may_still_come() {
    for status in [400, 404, 410, 422] {
        permanent(answered(Answer::status(status)).await.unwrap_err());
    }
    for status in [401, 403] {
        refused(answered(Answer::status(status)).await.unwrap_err());
    }
    for status in [301, 304, 408, 409, 429, 500, 503] {
        let (reason, pause) = temporary(
            answered(Answer::status(status).header("retry-after", "3"))
                .await
                .unwrap_err(),
        );
        assert!(reason.starts_with(&format!("HTTP {status}")), "{reason}");
        assert_eq!(pause.map(|pause| pause.as_secs()), Some(3));
    }
    temporary(answered(Answer::redirect("http://127.0.0.1:1/")).await.unwrap_err());
    temporary(answered(Answer::hang()).await.unwrap_err());
    temporary(answered(Answer::close()).await.unwrap_err());
}

#[tokio::test]
async fn an_answer_is_trusted_with_an_id_at_most() {
    let huge = answered(Answer::status(200).huge_body(200 * 1024 * 1024))
        .await
        .unwrap();
    assert_eq!(huge.provider_id, None);
    let long = json!({ "id": "x".repeat(1_000) }).to_string();
    for (body, id) in [
        (r#"{"id":17}"#, Some("17")),
        (r#"{"id":{"a":1}}"#, None),
        (r#"{"id":""}"#, None),
        (r#"{"id":"a\nb"}"#, None),
        ("[1]", None),
        ("OK", None),
        (long.as_str(), None),
    ] {
        let sent = answered(Answer::status(200).body(body.to_owned())).await.unwrap();
        assert_eq!(sent.provider_id.as_deref(), id, "{body}");
    }
}

#[tokio::test]
async fn the_own_network_is_not_called() {
    let receiver = WebhookReceiver::start().await;
    for url in [receiver.url(), receiver.url().replace("127.0.0.1", "localhost")] {
        let (reason, _) = temporary(notifier(&[]).send(&over(&url, None, words("hello"))).await.unwrap_err());
        assert!(reason.contains("not public"), "{reason}");
    }
    assert!(receiver.received().is_empty());
}

#[derive(Default)]
struct Provider(Mutex<Vec<TextMessage>>);

#[async_trait]
impl SmsSender for Provider {
    async fn send(&self, _: &SmsRoute, message: &TextMessage) -> Result<Sent, NotifyError> {
        self.0.lock().unwrap().push(message.clone());
        Ok(Sent::default())
    }
}

#[tokio::test]
async fn a_host_brings_its_own_provider() {
    let provider = Arc::new(Provider::default());
    let notifier = SmsNotifier::new(provider.clone());
    assert_eq!(notifier.channel(), Channel::Sms);
    notifier
        .send(&over("https://provider.example", None, words("hello")))
        .await
        .unwrap();
    for letter in [
        words(" \u{0} "),
        letter(LetterKind::TicketOpened),
        letter(LetterKind::PasswordReset),
    ] {
        permanent(
            notifier
                .send(&over("https://provider.example", None, letter))
                .await
                .unwrap_err(),
        );
    }
    let nobody = Outgoing {
        recipients: Vec::new(),
        ..over("https://provider.example", None, words("hello"))
    };
    permanent(notifier.send(&nobody).await.unwrap_err());

    let messages = provider.0.lock().unwrap();
    let [message] = messages.as_slice() else {
        panic!("one message was to be sent: {messages:?}");
    };
    assert_eq!((message.to.as_str(), message.text.as_str()), (NUMBER, "hello"));
    let shown = format!("{message:?}");
    assert!(!shown.contains("hello") && !shown.contains(NUMBER), "{shown}");
}
