//! From owing to arrival in Telegram, while the mail server works and while it says nothing.

use std::time::Duration;

use support_peers::{SmtpSink, TelegramApi};
use support_testkit::{Postgres, Store};
use tokio::time::Instant;

use super::{request, sending_to};
use crate::{
    Failure,
    http::{self, Connection},
    load::{PATIENCE, Quantiles},
    options::{Plan, StoreKind},
};

const TOKEN: &str = "123456:bench";
const CHAT: &str = "-100200300";

/// How long alerts took: with a mail server that works, and with a dead one.
pub(crate) async fn measure(plan: &Plan, store: StoreKind) -> Result<[Quantiles; 2], Failure> {
    let postgres = match store {
        StoreKind::Sqlite => None,
        StoreKind::Postgres => Some(Postgres::start_durable().await),
    };
    let data = postgres
        .as_ref()
        .map_or(Store::Sqlite, |postgres| Store::Postgres(postgres.database()));
    let (sink, telegram) = (SmtpSink::start().await, TelegramApi::start(TOKEN).await);
    let server = sending_to(sink.port())
        .store(data)
        .setting("TELEGRAM_BOT_TOKEN", TOKEN)
        .setting("TELEGRAM_CHAT_ID", CHAT)
        .setting("TELEGRAM_API_URL", &telegram.base())
        .start()
        .await;
    let mut connection = Connection::open(http::address(server.base())?).await?;
    let alive = alerts(&mut connection, &telegram, 0, plan.alerts).await?;
    sink.hang(true);
    let dead = alerts(&mut connection, &telegram, plan.alerts, plan.alerts).await?;
    Ok([alive, dead])
}

/// Each request owes a mail and an alert; the time from the request to the alert.
async fn alerts(
    connection: &mut Connection,
    telegram: &TelegramApi,
    first: usize,
    count: usize,
) -> Result<Quantiles, Failure> {
    let mut took = Vec::with_capacity(count);
    for number in first..first + count {
        let mark = format!("alert-{number}-of-all");
        let request = request(number, &mark);
        let began = Instant::now();
        connection.exchange(&request).await?.success()?;
        telegram.wait_for_sent(|sent| sent.text.contains(&mark), PATIENCE).await;
        took.push(began.elapsed());
    }
    took.retain(|took| *took > Duration::ZERO);
    Ok(Quantiles::of(took))
}
