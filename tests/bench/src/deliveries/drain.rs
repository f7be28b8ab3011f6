//! A long queue of mails goes out.

use std::time::Duration;

use support_peers::SmtpSink;
use support_testkit::{Postgres, Store};
use tokio::time::{Instant, sleep};

use super::{owe, recipient, request, sending_to};
use crate::{
    Failure,
    http::{self, Connection},
    load::PATIENCE,
    messages::postmaster,
    options::{Plan, StoreKind},
    process::{Used, Watched},
};

/// How often it is looked how far it has come.
const LOOK: Duration = Duration::from_millis(20);
/// How long nothing may arrive before the bench gives up.
const STUCK: Duration = Duration::from_secs(120);

/// One drained queue.
#[derive(Debug)]
pub(crate) struct Drained {
    pub(crate) store: &'static str,
    pub(crate) owed: usize,
    pub(crate) seconds: f64,
    pub(crate) used: Used,
    /// Bytes held with nothing owed, with everything owed, while it went at least and at most, and after it.
    pub(crate) idle: u64,
    pub(crate) loaded: u64,
    pub(crate) least: u64,
    pub(crate) most: u64,
    pub(crate) end: u64,
    /// What one of the mails looks like.
    pub(crate) mail: Vec<u8>,
}

/// Lets a server owe everything while its mail server says nothing, and then lets it go.
pub(crate) async fn measure(plan: &Plan, store: StoreKind) -> Result<Drained, Failure> {
    let postgres = match store {
        StoreKind::Sqlite => None,
        StoreKind::Postgres => Some(Postgres::start_durable().await),
    };
    let data = postgres
        .as_ref()
        .map_or(Store::Sqlite, |postgres| Store::Postgres(postgres.database()));
    let sink = SmtpSink::start().await;
    let server = sending_to(sink.port()).store(data).start().await;
    let address = http::address(server.base())?;
    let watched = Watched {
        program: server.pid(),
        postgres: postgres.as_ref().map(postmaster).transpose()?,
    };

    let mail = sample(address, plan.owed, &sink).await?;
    let port = sink.stop().await;
    let sink = SmtpSink::builder().count_only().port(port).start().await;
    sink.hang(true);
    sleep(plan.settling).await;
    let idle = server.resident_memory();
    owe(address, plan.owed).await?;
    let loaded = server.resident_memory();

    sink.hang(false);
    let goal = u64::try_from(plan.owed)?;
    let (mut least, mut most) = (loaded, loaded);
    let (mut began, mut before) = (Instant::now(), watched.used()?);
    let (mut arrived, mut last_at) = (0, Instant::now());
    while arrived < goal {
        if arrived == 0 {
            (began, before) = (Instant::now(), watched.used()?);
        }
        sleep(LOOK).await;
        let now = server.resident_memory();
        (least, most) = (least.min(now), most.max(now));
        let accepted = sink.accepted();
        if accepted > arrived {
            (arrived, last_at) = (accepted, Instant::now());
        }
        if last_at.elapsed() > STUCK {
            return Err(format!("of {goal} mails {arrived} came").into());
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let used = watched.used()? - before;
    sleep(plan.settling).await;
    Ok(Drained {
        store: store.name(),
        owed: plan.owed,
        seconds,
        used,
        idle,
        loaded,
        least,
        most,
        end: server.resident_memory(),
        mail,
    })
}

/// One of the mails, as it goes over the wire.
async fn sample(address: std::net::SocketAddr, number: usize, sink: &SmtpSink) -> Result<Vec<u8>, Failure> {
    let mut connection = Connection::open(address).await?;
    let request = request(number, "Good morning, is anybody there?");
    connection.exchange(&request).await?.success()?;
    let mail = sink.wait_for_mail(|mail| mail.recipients == [recipient(number)], PATIENCE);
    Ok(mail.await.raw.to_vec())
}
