//! `serve`: the server's life, from its first line to its last.

use clap::Command;
use support_core::workers::{run_deliveries, run_sweeps, run_webhooks};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::say;
use crate::{
    faces,
    listen::Front,
    settings::Settings,
    start::{Failure, Ready, ready},
};

pub(super) fn line() -> Command {
    Command::new("serve").about("Serve until SIGTERM or SIGINT (what is done without any sub-command)")
}

pub(super) async fn run(settings: &Settings) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    let ready = tokio::select! {
        ready = Box::pin(ready(settings)) => ready?,
        () = signals.next() => return Ok(()),
    };
    announce(settings, &ready)?;
    let Ready {
        store,
        support,
        listener,
        metrics,
        ..
    } = ready;

    let stop = CancellationToken::new();
    let workers = [
        tokio::spawn(run_sweeps(support.desk().clone(), stop.clone().cancelled_owned())),
        tokio::spawn(run_deliveries(support.desk().clone(), stop.clone().cancelled_owned())),
        tokio::spawn(run_webhooks(support.desk().clone(), stop.clone().cancelled_owned())),
    ];
    let mut fronts = Vec::new();
    if let Some(metrics) = metrics {
        fronts.push(Front::new(metrics, faces::metrics(support.clone())));
        fronts.push(Front::new(listener, faces::without_metrics(support.clone())));
    } else {
        fronts.push(Front::new(listener, faces::all(support.clone())));
    }
    let accepting: Vec<_> = fronts
        .into_iter()
        .map(|front| tokio::spawn(front.accept(stop.clone())))
        .collect();

    signals.next().await;
    tracing::info!("stopping: no more connections are accepted");
    stop.cancel();
    support.shutdown().cancel();
    let ending = async {
        for front in accepting {
            if let Ok(connections) = front.await {
                connections.finish().await;
            }
        }
        // What a round of the last moment leaves undone, the next start's first one does.
        for worker in workers {
            drop(worker.await);
        }
        store.close().await;
    };
    tokio::select! {
        ended = timeout(settings.shutdown_grace, ending) => match ended {
            Ok(()) => tracing::info!("stopped"),
            Err(_) => tracing::warn!("stopped with connections still open after SHUTDOWN_GRACE_S"),
        },
        () = signals.next() => tracing::warn!("stopped at once by a second signal"),
    }
    Ok(())
}

/// Tells people where the pages are, how to get in on a first start, and, in the last line, that
/// the server is ready.
fn announce(settings: &Settings, ready: &Ready) -> Result<(), Failure> {
    let pages = &ready.support.settings().public_url;
    if let Some(password) = &ready.admin_password {
        say(&format!("admin: {}", settings.admin.email))?;
        say(&format!("password: {} (shown only now)", password.reveal()))?;
    }
    say(&format!("widget: {pages}/"))?;
    say(&format!("console: {pages}/console"))?;
    if let Some(metrics) = &ready.metrics {
        say(&format!("metrics: http://{}/metrics", metrics.local_addr()?))?;
    }
    Ok(say(&format!("listening on http://{}", ready.listener.local_addr()?))?)
}

/// What asks the server to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
