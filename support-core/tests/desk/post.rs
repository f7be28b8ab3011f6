//! An office with ways out that keep what they are given.

use std::{sync::Arc, time::Duration};

use support_core::{
    desk::{Desk, InstallationChannels, NewMessage, NewTicket, NewTicketRequester, OutboundSettings, Scope, Stores},
    memory::MemoryStore,
    model::{Actor, Channel, Contact, Delivery, InboxKind, Recipients, Secret, Ticket, TicketChannel, TlsMode},
    ports::{DeliveryFilter, PageRequest, SmtpRoute},
    testing::RecordingNotifier,
    workers::{run_deliveries, run_webhooks},
};
use tokio::task::JoinHandle;

use crate::office::{Office, eventually};

/// Ways out, and the workers that use them.
pub(crate) struct PostOffice {
    pub(crate) office: Office,
    pub(crate) mails: RecordingNotifier,
    pub(crate) telegram: RecordingNotifier,
    pub(crate) messenger: RecordingNotifier,
    pub(crate) webhooks: RecordingNotifier,
    workers: Vec<JoinHandle<()>>,
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        for worker in &self.workers {
            worker.abort();
        }
    }
}

pub(crate) const DIGEST_DELAY: Duration = Duration::from_secs(60);
pub(crate) const REPLY_DELAY: Duration = Duration::from_secs(120);

pub(crate) fn installation() -> InstallationChannels {
    InstallationChannels {
        smtp: Some(SmtpRoute {
            host: "mail.example".into(),
            port: 25,
            user: None,
            password: None,
            tls: TlsMode::None,
            from_email: "support@shop.example".into(),
            from_name: String::new(),
        }),
        telegram_api_url: "https://telegram.example".into(),
        telegram_token: Some(Secret::presented("bot")),
        telegram_chat: Some("-100".into()),
        messenger_api_url: "https://messenger.example".into(),
        own_tenant: "shop".into(),
        messenger_page_id: Some("page".into()),
        messenger_page_token: Some(Secret::presented("page-token")),
        messenger_app_secret: Some(Secret::presented("app")),
        messenger_verify_token: Some(Secret::presented("verify")),
        recipients: Recipients {
            callback_email_to: vec!["calls@shop.example".into()],
            callback_email_cc: vec!["boss@shop.example".into()],
            ..Recipients::default()
        },
    }
}

impl PostOffice {
    pub(crate) async fn open() -> Self {
        Self::with(installation()).await
    }

    pub(crate) async fn with(channels: InstallationChannels) -> Self {
        let mails = RecordingNotifier::new(Channel::Email);
        let telegram = RecordingNotifier::new(Channel::Telegram);
        let messenger = RecordingNotifier::new(Channel::Messenger);
        let webhooks = RecordingNotifier::new(Channel::Webhook);
        let settings = OutboundSettings {
            channels,
            digest_delay: DIGEST_DELAY,
            reply_delay: REPLY_DELAY,
            ..OutboundSettings::default()
        };
        let desk = Desk::builder_over(Stores::of(&Arc::new(MemoryStore::new())))
            .notifier(Arc::new(mails.clone()))
            .notifier(Arc::new(telegram.clone()))
            .notifier(Arc::new(messenger.clone()))
            .notifier(Arc::new(webhooks.clone()))
            .outbound(settings);
        let office = Office::with(desk).await;
        let desk = &office.desk;
        let workers = vec![
            tokio::spawn(run_deliveries(desk.clone(), std::future::pending())),
            tokio::spawn(run_webhooks(desk.clone(), std::future::pending())),
        ];
        Self {
            office,
            mails,
            telegram,
            messenger,
            webhooks,
            workers,
        }
    }

    /// A chat of somebody who left an address.
    pub(crate) async fn chat_with_address(&self) -> Ticket {
        self.chat_by(TicketChannel::Web, Some("vera@mail.example")).await
    }

    pub(crate) async fn chat_by(&self, channel: TicketChannel, email: Option<&str>) -> Ticket {
        let office = &self.office;
        let widget = office
            .desk
            .default_inbox(office.tenant.id, InboxKind::Widget)
            .await
            .unwrap();
        let visitor = NewTicketRequester::Visitor(Contact {
            name: Some("Vera".into()),
            email: email.map(str::to_owned),
            phone: None,
        });
        let mut new = NewTicket::new(widget.id, channel, visitor);
        new.message = Some(NewMessage::text("Hello?"));
        let anyone = Scope::new(office.tenant.id, Actor::Anyone);
        office.desk.open_ticket(&anyone, new).await.unwrap().ticket
    }

    pub(crate) async fn deliveries(&self) -> Vec<Delivery> {
        let page = PageRequest { number: 1, limit: 100 };
        let office = &self.office;
        let filter = DeliveryFilter::default();
        let found = office.desk.deliveries(&office.admin, &filter, page).await;
        found.unwrap().items
    }

    /// Waits until nothing is owed that is due.
    pub(crate) async fn all_quiet(&self) {
        let now = self.office.desk.now();
        eventually(|| async {
            let all = self.deliveries().await;
            let is_quiet = all.iter().all(|delivery| {
                let is_over =
                    delivery.sent_at.is_some() || delivery.status == support_core::model::DeliveryStatus::Dead;
                is_over
                    || (delivery.next_attempt_at > now
                        && delivery.status != support_core::model::DeliveryStatus::Sending)
            });
            is_quiet.then_some(())
        })
        .await;
    }

    /// Lets time pass, and what is due then be done.
    pub(crate) async fn pass(&self, time: Duration) {
        self.office.clock.advance(time);
        // The worker may be between two looks.
        tokio::time::sleep(Duration::from_millis(600)).await;
        self.all_quiet().await;
    }

    /// Kinds of the mails that were taken, in order.
    pub(crate) fn kinds_of_mails(&self) -> Vec<&'static str> {
        let sent = self.mails.sent();
        sent.iter().map(|outgoing| outgoing.letter.kind.as_str()).collect()
    }
}
