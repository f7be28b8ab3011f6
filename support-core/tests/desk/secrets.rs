use std::sync::Arc;

use support_core::{
    desk::{ChannelChanges, Desk, NewWebhook, SmtpChanges, Stores, TelegramChanges, TenantChanges, Vault},
    memory::MemoryStore,
    model::{Channel, SealedSecret, Secret, TenantSettings},
    testing::RecordingNotifier,
};

use crate::office::Office;

const OLD: [u8; 32] = [1; 32];
const NEW: [u8; 32] = [2; 32];

async fn office_over(store: &Arc<MemoryStore>, keys: &[[u8; 32]]) -> Office {
    let desk = Desk::builder_over(Stores::of(store))
        .notifier(Arc::new(RecordingNotifier::new(Channel::Webhook)))
        .vault(Vault::new(keys));
    Office::with(desk).await
}

fn secrets() -> TenantChanges {
    TenantChanges {
        channels: ChannelChanges {
            smtp: Some(Some(SmtpChanges {
                host: Some("mail.example".into()),
                password: Some(Some(Secret::presented("smtp secret"))),
                ..SmtpChanges::default()
            })),
            telegram: Some(TelegramChanges {
                bot_token: Some(Some(Secret::presented("bot secret"))),
                ..TelegramChanges::default()
            }),
            ..ChannelChanges::default()
        },
        ..TenantChanges::default()
    }
}

impl Office {
    async fn settings(&self) -> TenantSettings {
        self.desk.tenant(&self.admin, self.tenant.id).await.unwrap().settings
    }

    async fn sealed(&self) -> Vec<SealedSecret> {
        let settings = self.settings().await;
        let webhook = self.desk.webhooks(&self.admin).await.unwrap().pop().unwrap();
        vec![
            settings.smtp.unwrap().password.unwrap(),
            settings.telegram.bot_token.unwrap(),
            webhook.secret,
        ]
    }

    fn opened_with(&self, keys: &[[u8; 32]], sealed: &[SealedSecret]) -> Vec<Option<String>> {
        let vault = Vault::new(keys);
        let open = |sealed| {
            vault
                .open(self.tenant.id, sealed)
                .map(|secret| secret.reveal().to_owned())
        };
        sealed.iter().map(open).collect()
    }
}

#[tokio::test]
async fn secrets_are_sealed_anew_with_the_first_key_so_that_the_old_one_can_go() {
    let store = Arc::new(MemoryStore::new());
    let office = office_over(&store, &[OLD]).await;
    office
        .desk
        .update_tenant(&office.admin, office.tenant.id, secrets())
        .await
        .unwrap();
    let new = NewWebhook {
        url: "https://crm.example".into(),
        ..NewWebhook::default()
    };
    let (_, webhook_secret) = office.desk.create_webhook(&office.admin, new).await.unwrap();
    let expected: Vec<_> = ["smtp secret", "bot secret", webhook_secret.reveal()]
        .map(|secret| Some(secret.to_owned()))
        .into();
    assert_eq!(office.opened_with(&[OLD], &office.sealed().await), expected);

    let rotating = Desk::builder_over(Stores::of(&store))
        .vault(Vault::new(&[NEW, OLD]))
        .build();
    assert_eq!(rotating.reseal_secrets().await.unwrap(), 1);
    assert_eq!(rotating.reseal_secrets().await.unwrap(), 0, "done");
    assert_eq!(office.opened_with(&[NEW], &office.sealed().await), expected);
    assert_eq!(office.opened_with(&[OLD], &office.sealed().await), [None, None, None]);
}

#[tokio::test]
async fn what_is_not_named_stays_and_what_is_named_as_nothing_goes() {
    let store = Arc::new(MemoryStore::new());
    let office = office_over(&store, &[OLD]).await;
    let update = async |changes: TenantChanges| {
        office
            .desk
            .update_tenant(&office.admin, office.tenant.id, changes)
            .await
    };
    update(secrets()).await.unwrap();
    let only_port = TenantChanges {
        channels: ChannelChanges {
            smtp: Some(Some(SmtpChanges {
                port: Some(2_525),
                ..SmtpChanges::default()
            })),
            ..ChannelChanges::default()
        },
        ..TenantChanges::default()
    };
    let settings = update(only_port).await.unwrap().settings;
    let smtp = settings.smtp.unwrap();
    assert_eq!((smtp.host.as_str(), smtp.port), ("mail.example", 2_525));
    assert!(smtp.password.is_some() && settings.telegram.bot_token.is_some());
    let nothing = TenantChanges {
        channels: ChannelChanges {
            smtp: Some(None),
            ..ChannelChanges::default()
        },
        ..TenantChanges::default()
    };
    assert_eq!(update(nothing).await.unwrap().settings.smtp, None);
}

#[tokio::test]
async fn bad_channels_are_refused_field_by_field_and_nothing_is_kept() {
    let store = Arc::new(MemoryStore::new());
    let office = office_over(&store, &[OLD]).await;
    let bad = TenantChanges {
        channels: ChannelChanges {
            callback_email_to: Some(vec!["nobody".into()]),
            smtp: Some(Some(SmtpChanges {
                port: Some(0),
                from_email: Some(Some("a@b\r\nBcc: c@d".into())),
                ..SmtpChanges::default()
            })),
            phone_region: Some(Some("Germany".into())),
            ..ChannelChanges::default()
        },
        ..TenantChanges::default()
    };
    let refused = office
        .desk
        .update_tenant(&office.admin, office.tenant.id, bad)
        .await
        .unwrap_err();
    let support_core::desk::DeskError::Invalid(fields) = refused else {
        unreachable!("{refused:?}");
    };
    let fields: Vec<_> = fields.iter().map(|wrong| wrong.field.as_str()).collect();
    let expected = [
        "callback_email_to",
        "smtp.host",
        "smtp.port",
        "smtp.from_email",
        "phone_region",
    ];
    assert_eq!(fields, expected);
    assert_eq!(office.settings().await, TenantSettings::default());
}
