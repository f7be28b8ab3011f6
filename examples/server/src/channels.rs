//! The ways out that the reference server has.

use std::{io, sync::Arc};

use support_core::{
    desk::{DeskBuilder, Vault},
    model::Secret,
    ports::RandomIds,
};
use support_notify::{
    AddressGuard, HttpTimeouts, MessengerNotifier, SmsNotifier, SmtpNotifier, TelegramNotifier, Templates,
    WebhookNotifier, WebhookSmsSender,
};

use crate::{
    settings::{ChannelSettings, Database, Settings, jwt_secret, secrets_keys},
    start::Failure,
};

/// Gives a desk its ways out, and what keeps secrets and signs links.
///
/// # Errors
/// [`Failure`] when keys can't be kept or no HTTP client can be made.
pub(crate) fn equip(desk: DeskBuilder, settings: &Settings, public_url: &str) -> Result<DeskBuilder, Failure> {
    let keys = secrets_keys(settings, &RandomIds)?;
    if settings.secrets_keys.is_none() && matches!(settings.database, Database::Postgres(_)) {
        tracing::warn!("SECRETS_KEY is generated and kept on this node: nodes that share a database need the same one");
    }
    let desk = with_notifiers(desk, &settings.channels)?
        .vault(Vault::new(&keys))
        .link_key(link_key(&jwt_secret(settings, &RandomIds)?))
        .outbound(settings.channels.outbound(public_url));
    Ok(desk)
}

fn with_notifiers(desk: DeskBuilder, channels: &ChannelSettings) -> io::Result<DeskBuilder> {
    let timeouts = HttpTimeouts::default();
    let guard = AddressGuard::new(channels.webhook_allowed.clone());
    let templates = Arc::new(Templates::new());
    let sms = WebhookSmsSender::new(guard.clone(), timeouts)?;
    let desk = desk
        .mail_templates(templates.clone())
        .notifier(Arc::new(TelegramNotifier::new(timeouts)?))
        .notifier(Arc::new(MessengerNotifier::new(timeouts)?))
        .notifier(Arc::new(WebhookNotifier::new(guard, timeouts)?))
        .notifier(Arc::new(SmsNotifier::new(Arc::new(sms))));
    Ok(if channels.is_mail_enabled() {
        desk.notifier(Arc::new(SmtpNotifier::new(templates)))
    } else {
        desk
    })
}

/// Made from the secret that all nodes share, and of no use for making tokens.
fn link_key(jwt_secret: &Secret) -> Secret {
    let hash = Secret::presented(format!("links {}", jwt_secret.reveal())).hash();
    Secret::presented(hash.as_str())
}
