//! A large team that claims requests from one queue, by being given them and by taking them, while
//! more keep coming; and the proof from the journal that nobody got what somebody else had, nobody
//! had more than they may at any moment, and nothing was left over.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::{StreamExt, stream};
use serde_json::{Value, json};
use support_core::model::Timestamp;
use support_testkit::{Api, Server, Store, eventually};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

const PASSWORD: &str = "a long enough password";
/// How many are hired at once: passwords are meant to cost time.
const HIRED_AT_ONCE: usize = 8;
/// How long the team may need for what is left when nothing comes any more.
const PATIENCE: Duration = Duration::from_secs(300);
/// How often everybody gives a sign of life.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// How long people look at what they have before they do something.
const THOUGHT: Duration = Duration::from_secs(2);
const EVENTS_AT_ONCE: usize = 100;

/// How much goes on.
#[derive(Debug, Clone, Copy)]
pub struct Crowd {
    /// Agents, half of whom are given requests and half of whom take them.
    pub agents: usize,
    /// Requests each of them may have at once.
    pub capacity: usize,
    /// People who ask for help at the same time, one request after another.
    pub visitors: usize,
    /// Requests that wait already when the team comes.
    pub waiting: usize,
    /// How long requests keep coming after that.
    pub coming: Duration,
}

/// What came of it.
#[derive(Debug)]
pub struct Claimed {
    /// Requests made, each of which somebody got.
    pub requests: usize,
    /// How many of them agents took themselves.
    pub taken: usize,
    /// How often an agent wanted to take what somebody else had got a moment before.
    pub outrun: u64,
    /// The most that any agent had at once.
    pub most_at_once: usize,
    /// How long each request waited for somebody.
    pub waited: Vec<Duration>,
    /// How long it took from when the team came until everything was handed out.
    pub took: Duration,
}

/// Starts a node of many: a token of one is good at all of them.
pub async fn node(store: Store) -> Server {
    Server::builder()
        .store(store)
        .setting("JWT_SECRET", "the same secret of all nodes, long enough")
        .start()
        .await
}

#[derive(Debug, Clone)]
struct Claimer {
    id: String,
    api: Api,
}

#[derive(Debug, Default)]
struct Going {
    stop: AtomicBool,
    outrun: AtomicU64,
}

/// Lets the crowd at the nodes, and proves from the journal that nothing went wrong.
///
/// # Panics
/// When something did.
pub async fn claim(nodes: &[&Server], crowd: Crowd) -> Claimed {
    let admin = nodes[0].admin_api().await;
    let apis: Vec<Api> = nodes.iter().map(|node| node.api()).collect();
    let team = hire(&admin, &apis, crowd).await;
    let mut requests = ask(&apis, crowd.waiting).await;
    let going = Arc::new(Going::default());
    let mut working = JoinSet::new();
    for (place, claimer) in team.iter().enumerate() {
        let (claimer, going) = (claimer.clone(), Arc::clone(&going));
        if is_given(place) {
            working.spawn(async move {
                claimer.comes(place).await;
                serve_what_is_given(&claimer, &going).await;
                BTreeSet::new()
            });
        } else {
            working.spawn(async move {
                claimer.comes(place).await;
                take_from_the_queue(&claimer, place, crowd.capacity, &going).await
            });
        }
    }
    let began = Instant::now();
    requests.extend(keep_asking(&apis, crowd).await);
    eventually(PATIENCE, || async {
        let left = admin.get("/human-support/requests/pending?limit=1").await.expect(200);
        left.as_array().is_some_and(Vec::is_empty).then_some(())
    })
    .await;
    let took = began.elapsed();
    going.stop.store(true, Ordering::Relaxed);
    let mut taken = BTreeSet::new();
    while let Some(done) = working.join_next().await {
        for request in done.unwrap() {
            assert!(taken.insert(request.clone()), "two were told that they took {request}");
        }
    }
    let journal = Journal::read(&admin).await;
    let (waited, most_at_once) = journal.prove(&requests, &taken, crowd.capacity);
    Claimed {
        requests: requests.len(),
        taken: taken.len(),
        outrun: going.outrun.load(Ordering::Relaxed),
        most_at_once,
        waited,
        took,
    }
}

/// Every other agent is available and given requests; the rest are busy, and take them.
const fn is_given(place: usize) -> bool {
    place.is_multiple_of(2)
}

async fn hire(admin: &Api, nodes: &[Api], crowd: Crowd) -> Vec<Claimer> {
    let hired = stream::iter(0..crowd.agents).map(|place| async move {
        let email = format!("agent-{place}@example.com");
        let body = json!({
            "name": format!("Agent {place}"), "email": email, "password": PASSWORD, "role": "agent",
            "maxConcurrentTickets": crowd.capacity,
        });
        let made = admin.post("/api/agents", &body).await.expect(201);
        let id = made["data"]["agent"]["id"].as_str().unwrap().to_owned();
        let api = nodes[(place / 2) % nodes.len()].login(&email, PASSWORD).await;
        Claimer { id, api }
    });
    hired.buffered(HIRED_AT_ONCE).collect().await
}

impl Claimer {
    async fn comes(&self, place: usize) {
        self.gives_a_sign_of_life().await;
        let status = json!({ "status": if is_given(place) { "available" } else { "busy" } });
        let path = format!("/api/agents/{}/status", self.id);
        self.api.patch(&path, &status).await.expect(200);
    }

    async fn gives_a_sign_of_life(&self) {
        let body = json!({ "isOnline": true });
        self.api.post("/api/v1/admin/presence", &body).await.expect(200);
    }

    async fn resolves(&self, request: &str) {
        let path = format!("/human-support/requests/{request}/resolve");
        self.api.post(&path, &json!({})).await.expect(200);
    }
}

/// Asks so often for help; answers the ids of the requests.
async fn ask(nodes: &[Api], count: usize) -> BTreeSet<String> {
    let asked = stream::iter(0..count).map(|number| ask_once(&nodes[number % nodes.len()], format!("early-{number}")));
    asked.buffer_unordered(HIRED_AT_ONCE).collect().await
}

async fn ask_once(api: &Api, session: String) -> String {
    let body = json!({ "session_id": session, "initial_message": "Anybody there?" });
    let made = api.post("/human-support/request", &body).await.expect(201);
    made["request_id"].as_str().unwrap().to_owned()
}

/// Asks for help again and again until the time is over; answers the ids of all requests.
async fn keep_asking(nodes: &[Api], crowd: Crowd) -> BTreeSet<String> {
    let until = Instant::now() + crowd.coming;
    let mut asking = JoinSet::new();
    for visitor in 0..crowd.visitors {
        let api = nodes[visitor % nodes.len()].clone();
        asking.spawn(async move {
            let mut requests = Vec::new();
            while Instant::now() < until {
                let session = format!("session-{visitor}-{}", requests.len());
                requests.push(ask_once(&api, session).await);
            }
            requests
        });
    }
    let mut all = BTreeSet::new();
    while let Some(requests) = asking.join_next().await {
        all.extend(requests.unwrap());
    }
    all
}

/// Resolves the oldest of what an agent was given, again and again.
async fn serve_what_is_given(claimer: &Claimer, going: &Going) {
    let mut last_sign = Instant::now();
    while !going.stop.load(Ordering::Relaxed) {
        let mine = "/api/v1/admin/chat?assignedTo=me&status=ACTIVE&limit=1&sortBy=createdAt&sortOrder=asc";
        let mine = claimer.api.get(mine).await.expect(200);
        if let Some(oldest) = mine["data"]["chats"][0]["chatId"].as_str() {
            claimer.resolves(oldest).await;
        }
        keep_alive(claimer, &mut last_sign).await;
        sleep(THOUGHT).await;
    }
}

/// Takes what it finds in the queue, never more at once than it may have; answers what it took.
async fn take_from_the_queue(claimer: &Claimer, place: usize, capacity: usize, going: &Going) -> BTreeSet<String> {
    let (mut taken, mut held) = (BTreeSet::new(), Vec::<String>::new());
    let mut last_sign = Instant::now();
    while !going.stop.load(Ordering::Relaxed) {
        if held.len() == capacity {
            claimer.resolves(&held.remove(0)).await;
        }
        let queue = "/human-support/requests/pending?limit=3";
        let queue = claimer.api.get(queue).await.expect(200);
        let queue = queue.as_array().unwrap();
        if !queue.is_empty() {
            let wanted = queue[place % queue.len()]["request_id"].as_str().unwrap().to_owned();
            let path = format!("/human-support/requests/{wanted}/join");
            let answer = claimer.api.post(&path, &json!({})).await;
            match answer.status {
                200 => {
                    taken.insert(wanted.clone());
                    held.push(wanted);
                }
                409 => drop(going.outrun.fetch_add(1, Ordering::Relaxed)),
                _ => drop(answer.expect(200)),
            }
        }
        keep_alive(claimer, &mut last_sign).await;
        sleep(THOUGHT).await;
    }
    taken
}

async fn keep_alive(claimer: &Claimer, last_sign: &mut Instant) {
    if last_sign.elapsed() > HEARTBEAT {
        claimer.gives_a_sign_of_life().await;
        *last_sign = Instant::now();
    }
}

/// What the journal tells of who had what, in its order.
struct Journal(BTreeMap<u64, Value>);

impl Journal {
    async fn read(admin: &Api) -> Self {
        let mut events = BTreeMap::new();
        for kind in [
            "ticket_opened",
            "ticket_assigned",
            "ticket_unassigned",
            "ticket_status_changed",
        ] {
            let mut after = 0;
            loop {
                let path = format!("/api/v1/admin/events?kind={kind}&limit={EVENTS_AT_ONCE}&after={after}");
                let found = admin.get(&path).await.expect(200);
                let found = found["data"]["events"].as_array().unwrap().clone();
                let is_last = found.len() < EVENTS_AT_ONCE;
                for event in found {
                    after = event["seq"].as_u64().unwrap();
                    events.insert(after, event);
                }
                if is_last {
                    break;
                }
            }
        }
        Self(events)
    }

    /// Lives through the journal once more: each request was got once, by the agent who was told so
    /// if one took it, and nobody ever had more than they may. Answers how long each waited, and
    /// the most that anybody had at once.
    fn prove(&self, requests: &BTreeSet<String>, taken: &BTreeSet<String>, capacity: usize) -> (Vec<Duration>, usize) {
        let mut opened = BTreeMap::new();
        let mut holders: BTreeMap<String, String> = BTreeMap::new();
        let mut load: BTreeMap<String, usize> = BTreeMap::new();
        let (mut joined, mut waited, mut most_at_once) = (BTreeSet::new(), Vec::new(), 0);
        for event in self.0.values() {
            let ticket = event["ticketId"].as_str().unwrap().to_owned();
            let at = time_of(event);
            assert_ne!(event["kind"], "ticket_unassigned", "nobody let go of anything: {event}");
            match event["kind"].as_str().unwrap() {
                "ticket_opened" => drop(opened.insert(ticket, at)),
                "ticket_assigned" => {
                    assert_eq!(event["payload"]["from"], Value::Null, "taken from somebody: {event}");
                    let agent = event["payload"]["to"].as_str().unwrap().to_owned();
                    if event["actor"]["kind"] == "agent" {
                        assert_eq!(event["actor"]["id"], json!(agent), "{event}");
                        joined.insert(ticket.clone());
                    }
                    let load = load.entry(agent.clone()).or_default();
                    *load += 1;
                    assert!(*load <= capacity, "too much at once: {event}");
                    most_at_once = most_at_once.max(*load);
                    let since = opened[&ticket];
                    waited.push(Duration::from_millis(u64::try_from(at - since).unwrap_or_default()));
                    assert_eq!(holders.insert(ticket, agent), None, "claimed twice: {event}");
                }
                "ticket_status_changed" if event["payload"]["to"] == "resolved" => {
                    *load.get_mut(&holders[&ticket]).unwrap() -= 1;
                }
                _ => {}
            }
        }
        let opened: BTreeSet<String> = opened.into_keys().collect();
        assert_eq!(&opened, requests, "requests are lost or doubled");
        let claimed: BTreeSet<String> = holders.into_keys().collect();
        assert_eq!(&claimed, requests, "nobody got some");
        assert_eq!(
            &joined, taken,
            "who was told that they took something did, and nobody else"
        );
        (waited, most_at_once)
    }
}

fn time_of(event: &Value) -> i64 {
    event["at"].as_str().unwrap().parse::<Timestamp>().unwrap().millis()
}
