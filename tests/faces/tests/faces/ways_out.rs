//! A server whose mail and alerts go to peers of the test.

use std::time::Duration;

use serde_json::Value;
use support_faces::{Kind, World};
use support_peers::{SmtpSink, TelegramApi};
use support_testkit::{Answer, Api};

pub(crate) const BOT: &str = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
pub(crate) const TEAM_CHAT: i64 = -100_123_456;
pub(crate) const TEAM: &str = "team@example.com";
/// How long something may take that happens by itself.
pub(crate) const SOON: Duration = Duration::from_secs(15);

/// A server with the installation's own mail server, bot and team.
pub(crate) struct WaysOut {
    pub(crate) world: World,
    pub(crate) mail: SmtpSink,
    pub(crate) telegram: TelegramApi,
}

impl WaysOut {
    pub(crate) async fn start(kind: Kind, settings: &[(&str, &str)]) -> Self {
        let mail = SmtpSink::start().await;
        let telegram = TelegramApi::start(BOT).await;
        let (port, base, chat) = (mail.port().to_string(), telegram.base(), TEAM_CHAT.to_string());
        let mut all = vec![
            ("SMTP_SERVER", "127.0.0.1"),
            ("SMTP_PORT", port.as_str()),
            ("SMTP_USE_TLS", "none"),
            ("FROM_EMAIL", "desk@example.com"),
            ("CALLBACK_EMAIL_TO", TEAM),
            ("TELEGRAM_BOT_TOKEN", BOT),
            ("TELEGRAM_CHAT_ID", chat.as_str()),
            ("TELEGRAM_API_URL", base.as_str()),
        ];
        all.extend(settings);
        Self {
            world: World::with(kind, &all).await,
            mail,
            telegram,
        }
    }

    pub(crate) fn public(&self) -> Api {
        self.world.public()
    }

    pub(crate) async fn admin(&self) -> Api {
        self.world.admin().await
    }
}

/// Asks to be phoned.
pub(crate) async fn wish(public: &Api, number: &str) -> Answer {
    let body = serde_json::json!({ "contactNumber": number });
    public.post("/api/chat/callback-request", &body).await
}

/// What an enveloped answer holds.
#[track_caller]
pub(crate) fn data(answer: Answer, status: u16) -> Value {
    let whole = answer.expect(status);
    assert_eq!(whole["success"], true, "{whole}");
    whole["data"].clone()
}
