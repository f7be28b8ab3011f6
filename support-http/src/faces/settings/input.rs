//! Changes to settings.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};
use support_core::{
    desk::{Change, ChannelChanges, MessengerChanges, SmsChanges, SmtpChanges, TelegramChanges, TenantChanges},
    model::{AssignmentSettings, Branding, Secret, TenantSettings, TlsMode},
};
use utoipa::ToSchema;

use super::{files::FilesInput, sla::SlaInput};
use crate::{extract::Object, wire::office_hours::OfficeHoursInput};

/// What is not named, what is named as null, and a value are three different things.
pub(in crate::faces) type Told<T> = Option<Option<T>>;

/// Keeps apart what is not named and what is named as null.
pub(in crate::faces) fn maybe<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Told<T>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Changes to settings; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SettingsInput {
    name: Option<String>,
    /// An IANA time zone.
    timezone: Option<String>,
    domains: Option<Vec<String>>,
    #[schema(value_type = Option<BrandingInput>)]
    branding: Option<Object<BrandingInput>>,
    #[schema(value_type = Option<AssignmentInput>)]
    assignment: Option<Object<AssignmentInput>>,
    /// A list, or one text with commas.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<Vec<String>>)]
    callback_email_to: Told<Addresses>,
    /// A list, or one text with commas.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<Vec<String>>)]
    callback_email_cc: Told<Addresses>,
    /// A list, or one text with commas.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<Vec<String>>)]
    log_request_email_to: Told<Addresses>,
    /// Null for the installation's mail server.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<SmtpInput>)]
    smtp: Told<Object<SmtpInput>>,
    /// Null for the installation's bot.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<TelegramInput>)]
    telegram: Told<Object<TelegramInput>>,
    /// Null for none.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<MessengerInput>)]
    messenger: Told<Object<MessengerInput>>,
    /// Null for none.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<SmsInput>)]
    sms: Told<Object<SmsInput>>,
    /// Such as `DE`.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<String>)]
    phone_region: Told<String>,
    /// A list, or one text with commas.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<Vec<String>>)]
    digest_unsubscribed: Told<Addresses>,
    /// Null for always open.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<OfficeHoursInput>)]
    office_hours: Told<Object<OfficeHoursInput>>,
    /// Null for no targets.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<SlaInput>)]
    sla: Told<Object<SlaInput>>,
    /// Null for what the installation says.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<FilesInput>)]
    files: Told<Object<FilesInput>>,
    /// Whether customers who left an address are asked by mail how they were helped.
    rating_by_mail: Option<bool>,
    /// Null to keep closed conversations for ever.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<u32>)]
    retention_days: Told<u32>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct BrandingInput {
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<String>)]
    name: Told<String>,
    /// `#rrggbb`.
    color: Option<String>,
    greeting: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssignmentInput {
    /// Whether tickets find agents without anybody choosing.
    automatic: Option<bool>,
    /// After how many seconds a ticket that its agent did not take up goes to somebody else, 10 to
    /// 86400; null for never.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<u32>)]
    accept_timeout_seconds: Told<u32>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SmtpInput {
    host: Option<String>,
    port: Option<u16>,
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<String>)]
    user: Told<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    password: SecretInput,
    /// `starttls` (or true), `tls`, `none` (or false).
    #[schema(value_type = Option<String>)]
    tls: Option<Protection>,
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<String>)]
    from_email: Told<String>,
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<String>)]
    from_name: Told<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TelegramInput {
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    bot_token: SecretInput,
    #[serde(default, deserialize_with = "text_or_number")]
    #[schema(value_type = Option<String>)]
    chat_id: Told<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    webhook_secret: SecretInput,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessengerInput {
    #[serde(default, deserialize_with = "text_or_number")]
    #[schema(value_type = Option<String>)]
    page_id: Told<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    page_token: SecretInput,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    app_secret: SecretInput,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    verify_token: SecretInput,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SmsInput {
    url: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    secret: SecretInput,
}

/// Mail addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Addresses(Vec<String>);

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Protection(TlsMode);

/// A secret as it is written: what is read of it, sent back, changes nothing.
#[derive(Debug, Clone, Default)]
pub(crate) enum SecretInput {
    #[default]
    Kept,
    Removed,
    Set(Secret),
}

impl SecretInput {
    fn change(self) -> Change<Secret> {
        match self {
            Self::Kept => None,
            Self::Removed => Some(None),
            Self::Set(secret) => Some(Some(secret)),
        }
    }
}

impl<'de> Deserialize<'de> for SecretInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = SecretInput;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text, null, or a boolean to leave it as it is")
            }

            fn visit_str<E: Error>(self, secret: &str) -> Result<SecretInput, E> {
                Ok(SecretInput::Set(Secret::presented(secret)))
            }

            fn visit_bool<E: Error>(self, _is_set: bool) -> Result<SecretInput, E> {
                Ok(SecretInput::Kept)
            }

            fn visit_unit<E: Error>(self) -> Result<SecretInput, E> {
                Ok(SecretInput::Removed)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl<'de> Deserialize<'de> for Addresses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Addresses;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list of addresses")
            }

            fn visit_str<E: Error>(self, list: &str) -> Result<Addresses, E> {
                Ok(Addresses(list.split(',').map(str::to_owned).collect()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Addresses, A::Error> {
                let mut addresses = Vec::new();
                while let Some(address) = list.next_element()? {
                    addresses.push(address);
                }
                Ok(Addresses(addresses))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl<'de> Deserialize<'de> for Protection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Protection;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("`starttls`, `tls` or `none`")
            }

            fn visit_str<E: Error>(self, mode: &str) -> Result<Protection, E> {
                mode.parse().map(Protection).map_err(E::custom)
            }

            fn visit_bool<E: Error>(self, is_protected: bool) -> Result<Protection, E> {
                Ok(Protection(if is_protected { TlsMode::StartTls } else { TlsMode::None }))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// Ids of chats and pages are numbers, which people write as such or as texts.
pub(super) fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Told<String>, D::Error> {
    struct Reader;
    impl Visitor<'_> for Reader {
        type Value = Told<String>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a string")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Told<String>, E> {
            Ok(Some(Some(text.to_owned())))
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Told<String>, E> {
            Ok(Some(Some(number.to_string())))
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Told<String>, E> {
            Ok(Some(Some(number.to_string())))
        }

        fn visit_unit<E: Error>(self) -> Result<Told<String>, E> {
            Ok(Some(None))
        }
    }
    deserializer.deserialize_any(Reader)
}

impl SettingsInput {
    /// The changes that are meant, to settings as they are.
    pub(super) fn changes(self, before: TenantSettings) -> TenantChanges {
        TenantChanges {
            name: self.name,
            timezone: self.timezone,
            domains: self.domains,
            is_active: None,
            settings: changed(before, self.branding, self.assignment, self.rating_by_mail),
            office_hours: self.office_hours.map(|hours| hours.map(|Object(hours)| hours.into())),
            retention_days: self.retention_days,
            sla: self.sla.map(|sla| sla.map(|Object(sla)| sla.into())),
            files: self.files.map(|files| files.map(|Object(files)| files.into())),
            channels: ChannelChanges {
                callback_email_to: self.callback_email_to.map(list),
                callback_email_cc: self.callback_email_cc.map(list),
                log_request_email_to: self.log_request_email_to.map(list),
                smtp: self.smtp.map(|smtp| smtp.map(|Object(smtp)| smtp.into())),
                telegram: self.telegram.map(telegram),
                messenger: self.messenger.map(messenger),
                sms: self.sms.map(|sms| sms.map(|Object(sms)| sms.into())),
                phone_region: self.phone_region,
                unsubscribed: self.digest_unsubscribed.map(list),
            },
        }
    }
}

fn list(addresses: Option<Addresses>) -> Vec<String> {
    addresses.map_or_else(Vec::new, |Addresses(list)| list)
}

fn changed(
    mut settings: TenantSettings,
    branding: Option<Object<BrandingInput>>,
    assignment: Option<Object<AssignmentInput>>,
    rating_by_mail: Option<bool>,
) -> Option<TenantSettings> {
    if branding.is_none() && assignment.is_none() && rating_by_mail.is_none() {
        return None;
    }
    settings.rating.by_mail = rating_by_mail.unwrap_or(settings.rating.by_mail);
    if let Some(Object(assignment)) = assignment {
        let before = settings.assignment;
        settings.assignment = AssignmentSettings {
            automatic: assignment.automatic.unwrap_or(before.automatic),
            accept_timeout_seconds: assignment
                .accept_timeout_seconds
                .unwrap_or(before.accept_timeout_seconds),
        };
    }
    if let Some(Object(BrandingInput { name, color, greeting })) = branding {
        settings.branding = Branding {
            name: name.unwrap_or(settings.branding.name),
            color: color.unwrap_or(settings.branding.color),
            greeting: greeting.unwrap_or(settings.branding.greeting),
        };
    }
    Some(settings)
}

impl From<SmtpInput> for SmtpChanges {
    fn from(smtp: SmtpInput) -> Self {
        Self {
            host: smtp.host,
            port: smtp.port,
            user: smtp.user,
            password: smtp.password.change(),
            tls: smtp.tls.map(|Protection(mode)| mode),
            from_email: smtp.from_email,
            from_name: smtp.from_name,
        }
    }
}

impl From<SmsInput> for SmsChanges {
    fn from(sms: SmsInput) -> Self {
        Self {
            url: sms.url,
            secret: sms.secret.change(),
        }
    }
}

/// Null removes all of it.
fn telegram(input: Option<Object<TelegramInput>>) -> TelegramChanges {
    input.map_or(
        TelegramChanges {
            bot_token: Some(None),
            chat_id: Some(None),
            webhook_secret: Some(None),
        },
        |Object(telegram)| TelegramChanges {
            bot_token: telegram.bot_token.change(),
            chat_id: telegram.chat_id,
            webhook_secret: telegram.webhook_secret.change(),
        },
    )
}

/// Null removes all of it.
fn messenger(input: Option<Object<MessengerInput>>) -> MessengerChanges {
    input.map_or(
        MessengerChanges {
            page_id: Some(None),
            page_token: Some(None),
            app_secret: Some(None),
            verify_token: Some(None),
        },
        |Object(messenger)| MessengerChanges {
            page_id: messenger.page_id,
            page_token: messenger.page_token.change(),
            app_secret: messenger.app_secret.change(),
            verify_token: messenger.verify_token.change(),
        },
    )
}
