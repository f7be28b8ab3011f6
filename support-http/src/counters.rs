//! What is counted, and how Prometheus reads it.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::http::{Method, StatusCode};
use support_core::model::{Channel, DeliveryStatus};

/// The upper ends of the latency buckets, in milliseconds.
const BUCKETS: [u64; 10] = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 5_000];

#[derive(Debug, Default)]
struct Latency {
    /// How many took at most as long as the bucket says and longer than the one before.
    counts: [u64; BUCKETS.len()],
    total: u64,
    sum: Duration,
}

/// Calls by method, route and status.
type Calls = BTreeMap<(String, String, u16), Latency>;

/// What is counted in this process.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    calls: Mutex<Calls>,
}

impl Metrics {
    /// Counts a call to a route, which is a pattern and not an address.
    pub(crate) fn count(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let key = (method.to_string(), route.to_owned(), status.as_u16());
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let latency = calls.entry(key).or_default();
        latency.total += 1;
        latency.sum += took;
        let millis = u64::try_from(took.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX);
        if let Some((_, count)) = BUCKETS.iter().zip(&mut latency.counts).find(|(end, _)| millis <= **end) {
            *count += 1;
        }
    }

    /// Prometheus' text format, version 0.0.4, with what others count.
    pub(crate) fn text(&self, others: &Others) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _never = self.write(&mut text, others.live_connections);
        let _never = others.write(&mut text);
        text
    }

    fn write(&self, text: &mut String, live_connections: usize) -> std::fmt::Result {
        writeln!(text, "# HELP support_http_request_seconds How long calls took.")?;
        writeln!(text, "# TYPE support_http_request_seconds histogram")?;
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        for ((method, route, status), latency) in &*calls {
            let labels = format!("method=\"{method}\",route=\"{}\",status=\"{status}\"", escaped(route));
            let mut below = 0;
            for (end, count) in BUCKETS.iter().zip(latency.counts) {
                below += count;
                let end = Duration::from_millis(*end).as_secs_f64();
                writeln!(
                    text,
                    "support_http_request_seconds_bucket{{{labels},le=\"{end}\"}} {below}"
                )?;
            }
            let (total, sum) = (latency.total, latency.sum.as_secs_f64());
            writeln!(
                text,
                "support_http_request_seconds_bucket{{{labels},le=\"+Inf\"}} {total}"
            )?;
            writeln!(text, "support_http_request_seconds_sum{{{labels}}} {sum}")?;
            writeln!(text, "support_http_request_seconds_count{{{labels}}} {total}")?;
        }
        writeln!(
            text,
            "# HELP support_live_connections WebSockets and event streams open now."
        )?;
        writeln!(text, "# TYPE support_live_connections gauge")?;
        writeln!(text, "support_live_connections {live_connections}")
    }
}

/// What is counted elsewhere.
#[derive(Debug)]
pub(crate) struct Others {
    /// WebSockets and event streams open now.
    pub(crate) live_connections: usize,
    /// Attempts to deliver: channel, outcome, how many.
    pub(crate) attempts: Vec<(Channel, &'static str, u64)>,
    /// What is owed in the whole installation; none when the store could not be asked.
    pub(crate) owed: Option<Vec<(Channel, DeliveryStatus, u64)>>,
}

impl Others {
    fn write(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "# HELP support_deliveries_total Attempts to deliver that this process made, and what came of them."
        )?;
        writeln!(text, "# TYPE support_deliveries_total counter")?;
        for (channel, outcome, count) in &self.attempts {
            writeln!(
                text,
                "support_deliveries_total{{channel=\"{channel}\",outcome=\"{outcome}\"}} {count}"
            )?;
        }
        let Some(owed) = &self.owed else {
            return Ok(());
        };
        writeln!(
            text,
            "# HELP support_deliveries_owed Deliveries that are not finished, in the whole installation."
        )?;
        writeln!(text, "# TYPE support_deliveries_owed gauge")?;
        for (channel, status, count) in owed {
            writeln!(
                text,
                "support_deliveries_owed{{channel=\"{channel}\",status=\"{status}\"}} {count}"
            )?;
        }
        Ok(())
    }
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
