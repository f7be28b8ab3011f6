//! The same mails by lettre's pooled client alone: nothing is stored, put into words or settled.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor, address::Envelope, transport::smtp::PoolConfig,
};
use support_peers::SmtpSink;
use tokio::{task::JoinSet, time::Instant};

use super::recipient;
use crate::{Failure, options::Plan};

/// As many as the server has under way for one tenant, over as many connections.
const UNDER_WAY: usize = 16;
const CONNECTIONS: u32 = 8;

/// Sends as many mails of this content as the server owed; how many went in a second.
pub(crate) async fn measure(plan: &Plan, mail: &[u8]) -> Result<f64, Failure> {
    let sink = SmtpSink::builder().count_only().start().await;
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(sink.port())
        .pool_config(PoolConfig::new().max_size(CONNECTIONS))
        .build();
    let from: Address = "support@shop.example".parse()?;
    let mail: Arc<[u8]> = mail.into();
    let next = Arc::new(AtomicUsize::new(0));
    let count = plan.owed;
    let began = Instant::now();
    let mut senders = JoinSet::new();
    for _ in 0..UNDER_WAY {
        let (transport, from, mail, next) = (transport.clone(), from.clone(), Arc::clone(&mail), Arc::clone(&next));
        senders.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return Ok::<_, Failure>(());
                }
                let envelope = Envelope::new(Some(from.clone()), vec![recipient(number).parse()?])?;
                transport.send_raw(&envelope, &mail).await?;
            }
        });
    }
    while let Some(sent) = senders.join_next().await {
        sent??;
    }
    let seconds = began.elapsed().as_secs_f64();
    if sink.accepted() != u64::try_from(count)? {
        return Err(format!("of {count} mails {} came", sink.accepted()).into());
    }
    Ok(as_number(count) / seconds)
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^52")]
fn as_number(count: usize) -> f64 {
    count as f64
}
