//! Posting to the app's webhook.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::{Client, redirect};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::event::Signed;
use crate::journal::Journal;

/// Meta wants an answer within this time.
const PATIENCE: Duration = Duration::from_secs(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// One attempt to post a body.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// What was posted.
    pub signed: Signed,
    /// The status of the answer, if there was one in time.
    pub status: Option<u16>,
}

#[derive(Debug)]
pub(super) struct Courier {
    client: Client,
    first_pause: Duration,
    url: Mutex<Option<String>>,
    running: Mutex<JoinSet<()>>,
    pub(super) deliveries: Arc<Journal<Delivery>>,
}

impl Courier {
    pub(super) fn new(first_pause: Duration) -> Self {
        let client = Client::builder().redirect(redirect::Policy::none()).timeout(PATIENCE);
        Self {
            client: client.build().unwrap(),
            first_pause,
            url: Mutex::default(),
            running: Mutex::default(),
            deliveries: Arc::default(),
        }
    }

    pub(super) fn set_url(&self, url: &str) {
        *self.url.lock().unwrap() = Some(url.to_owned());
    }

    pub(super) fn url(&self) -> Option<String> {
        self.url.lock().unwrap().clone()
    }

    /// Posts in the background until the answer is 200, as Meta does for hours.
    pub(super) fn deliver(&self, url: String, signed: Signed) {
        let (client, deliveries) = (self.client.clone(), Arc::clone(&self.deliveries));
        let mut pause = self.first_pause;
        self.running.lock().unwrap().spawn(async move {
            while attempt(&client, &url, &signed, &deliveries).await != Some(200) {
                sleep(pause).await;
                pause = LONGEST_PAUSE.min(pause * 2);
            }
        });
    }

    pub(super) async fn post(&self, url: &str, signed: &Signed) -> Option<u16> {
        attempt(&self.client, url, signed, &self.deliveries).await
    }

    pub(super) async fn subscribe(&self, url: &str, verify_token: &str, challenge: &str) -> bool {
        let query = [
            ("hub.mode", "subscribe"),
            ("hub.verify_token", verify_token),
            ("hub.challenge", challenge),
        ];
        let answer = self.client.get(url).query(&query).send().await.unwrap();
        answer.status() == 200 && answer.text().await.unwrap() == challenge
    }
}

async fn attempt(client: &Client, url: &str, signed: &Signed, deliveries: &Journal<Delivery>) -> Option<u16> {
    let request = client
        .post(url)
        .header("content-type", "application/json")
        .header("x-hub-signature-256", &signed.signature)
        .body(signed.body.clone());
    let status = request.send().await.ok().map(|answer| answer.status().as_u16());
    deliveries.push(Delivery {
        signed: signed.clone(),
        status,
    });
    status
}
