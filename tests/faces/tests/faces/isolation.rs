//! Every documented call that names something by an id, made with ids of somebody else's: they are answered as ids that
//! nobody ever gave out, and nothing comes of it.
//!
//! The calls come from the specification the server gives of itself. One that names something of which this test
//! doesn't know whose it is fails it: [`called`] is where it has to be told.

#![expect(clippy::panic, reason = "a call nobody knows how to make is a failed test")]

mod call;
mod things;

use support_faces::{Kind, World, on_both_stores};
use support_testkit::{Answer, Api};

use self::{
    call::{Call, Given, Place, calls},
    things::{Things, Whose},
};

on_both_stores!(
    what_is_anothers_is_as_if_it_were_not_there,
    every_id_leads_somewhere_for_those_whose_it_is,
);

/// In every name and text of the tenant that others are after.
pub(super) const MARK: &str = "Onlymine";

/// What an id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Named {
    Ticket,
    Session,
    Request,
    Agent,
    Customer,
    Callback,
    AgentsNotification,
    CustomersNotification,
    File,
    FileUrl,
    Webhook,
    ApiKey,
    CannedResponse,
    Department,
    DepartmentSlug,
    Article,
    Slug,
    Chatbot,
    Delivery,
    Block,
    Tenant,
}

/// What an id of this name stands for in this call; none where the name is no id of anything that is kept.
///
/// # Panics
/// When nobody has said.
fn called(path: &str, given: &Given) -> Option<Named> {
    let named = match given.name.as_str() {
        "ticketId" | "chatId" => Named::Ticket,
        "request_id" => Named::Request,
        "sessionId" => Named::Session,
        "agentId" | "assignedTo" => Named::Agent,
        "customerId" => Named::Customer,
        "fileId" | "attachmentIds" => Named::File,
        "fileUrl" => Named::FileUrl,
        "notificationId" if path.starts_with("/api/agents") => Named::AgentsNotification,
        "notificationId" => Named::CustomersNotification,
        "department" | "departments" => Named::DepartmentSlug,
        "moveTo" => Named::Department,
        "chatbot_id" | "inbox_id" => Named::Chatbot,
        "slug" if given.place == Place::Path => Named::Slug,
        "id" => of_path(path)?,
        // Senders' own names for things, and names that aren't of this system.
        "clientMessageId" | "client_message_id" | "externalId" | "employeeId" | "session_id" => return None,
        // Places in a journal that is each reader's own, and of a socket's connection.
        "lastEventId" | "Last-Event-ID" | "sid" => return None,
        // Words, and what a journal of one's own is narrowed by.
        "query" | "name" | "slug" | "actor" | "subject" => return None,
        // Checked against the sender's kind alone: whoever writes is whoever calls.
        "senderId" => return None,
        _ if given.looks_like_an_id() => {
            panic!("whose is `{}` in {path}? Tell `called` what it stands for", given.name)
        }
        _ => return None,
    };
    Some(named)
}

fn of_path(path: &str) -> Option<Named> {
    const PATHS: [(&str, Named); 11] = [
        ("/api/customers/", Named::Customer),
        ("/api/chatbots/", Named::Chatbot),
        ("/api/v1/admin/callbacks/", Named::Callback),
        ("/api/v1/admin/blocks", Named::Block),
        ("/api/v1/admin/api-keys", Named::ApiKey),
        ("/api/v1/admin/canned-responses", Named::CannedResponse),
        ("/api/v1/admin/chat/departments", Named::Department),
        ("/api/v1/admin/chat/knowledge-base", Named::Article),
        ("/api/v1/admin/webhooks", Named::Webhook),
        ("/api/v1/admin/deliveries/", Named::Delivery),
        ("/api/v1/platform/tenants", Named::Tenant),
    ];
    let found = PATHS.iter().find(|(start, _)| path.starts_with(start));
    let (_, named) = found.unwrap_or_else(|| panic!("whose is `id` in {path}? Tell `of_path` what it stands for"));
    Some(*named)
}

impl Named {
    /// Whether people of the same tenant may know it or be told of it: then it is nothing to keep from them.
    fn is_kept_among_customers(self) -> bool {
        matches!(
            self,
            Self::Ticket
                | Self::Session
                | Self::Request
                | Self::Customer
                | Self::Callback
                | Self::AgentsNotification
                | Self::CustomersNotification
                | Self::File
                | Self::FileUrl
        )
    }
}

/// Somebody who is after what isn't theirs.
struct Thief<'w> {
    who: &'static str,
    api: Api,
    own: &'w Things,
    /// Whether they come in by the same tenant's door.
    is_neighbour: bool,
}

/// Calls where an id of nobody's leads to something new, or to an empty list, rather than to a refusal.
fn may_go_through(call: &Call, given: &Given) -> bool {
    let narrows_a_list = call.method == "GET" && given.place == Place::Query;
    // Whoever isn't known becomes known by that name.
    let becomes_known =
        (call.method.as_str(), call.path.as_str(), given.name.as_str()) == ("POST", "/api/tickets", "customerId");
    narrows_a_list || becomes_known
}

fn is_refused(call: &Call, given: &Given, answer: &Answer) -> bool {
    match answer.status {
        401 | 403 | 404 => true,
        // What is only referred to is a field that is wrong.
        400 => given.place != Place::Path && names_field(answer, &given.name),
        200..=299 => may_go_through(call, given),
        _ => false,
    }
}

/// A field may be named by what it is a part of: one department by all of them.
fn names_field(answer: &Answer, name: &str) -> bool {
    let details = answer.json["error"]["details"].as_array();
    let is_it = |field: &str| field.starts_with(name) || name.starts_with(field);
    details.is_some_and(|details| details.len() == 1 && details[0]["field"].as_str().is_some_and(is_it))
}

async fn last_event(admin: &Api) -> u64 {
    let mut after = 0;
    loop {
        let path = format!("/api/v1/admin/events?limit=100&after={after}");
        let events = admin.get(&path).await.expect(200);
        let rows = events["data"]["events"].as_array().unwrap().clone();
        let Some(last) = rows.last() else {
            return after;
        };
        after = last["seq"].as_u64().unwrap();
    }
}

async fn what_is_anothers_is_as_if_it_were_not_there(kind: Kind) {
    let world = World::with(kind, &things::SETTINGS).await;
    let (mine, theirs) = (world.tenant("mine").await, world.tenant("theirs").await);
    let own = Things::made(&world, &mine, MARK).await;
    let others = Things::made(&world, &theirs, "Other").await;
    let neighbour = things::neighbour(&world, &mine, &own).await;
    let nobody = Things::of_nobody();
    let thieves = [
        Thief {
            who: "another tenant's admin",
            api: others.admin.clone(),
            own: &others,
            is_neighbour: false,
        },
        Thief {
            who: "another tenant's customer",
            api: others.customer.clone(),
            own: &others,
            is_neighbour: false,
        },
        Thief {
            who: "another tenant's visitor",
            api: others.visitor.clone(),
            own: &others,
            is_neighbour: false,
        },
        Thief {
            who: "another tenant's server",
            api: others.server.clone(),
            own: &others,
            is_neighbour: false,
        },
        Thief {
            who: "another tenant's admin at this tenant's door",
            api: others.admin.with_header("X-Tenant", &mine.slug),
            own: &others,
            is_neighbour: true,
        },
        Thief {
            who: "another customer",
            api: neighbour.customer.clone(),
            own: &neighbour,
            is_neighbour: true,
        },
        Thief {
            who: "another visitor",
            api: neighbour.visitor.clone(),
            own: &neighbour,
            is_neighbour: true,
        },
    ];
    let specification = world.public().get("/openapi.json").await.expect(200);
    let calls = calls(&specification);
    let before = last_event(&own.admin).await;
    let mut wrong = Vec::new();
    let mut made = 0_u32;
    for call in &calls {
        for given in &call.given {
            // A new one gets an id of its own, whatever the body says.
            let is_new = call.method == "POST" && given.name == "id" && given.place == Place::Body;
            let Some(named) = called(&call.path, given).filter(|_| !is_new) else {
                continue;
            };
            for thief in &thieves {
                if thief.is_neighbour && !named.is_kept_among_customers() {
                    continue;
                }
                made += 1;
                let unknown = call.made(&thief.api, given, &nobody, thief.own).await;
                // A session is a secret: whoever has it is whose it is. Neighbours only know what it belongs to.
                let aim = if thief.is_neighbour && named == Named::Session {
                    own.knowing_tickets()
                } else {
                    own.clone()
                };
                let stolen = call.made(&thief.api, given, &aim, thief.own).await;
                let told = |what: &str| {
                    format!(
                        "{} {} with {} of `{}`: {what}: {} {} (unknown: {} {})",
                        call.method,
                        call.path,
                        thief.who,
                        given.name,
                        stolen.status,
                        stolen.text,
                        unknown.status,
                        unknown.text
                    )
                };
                if !is_refused(call, given, &stolen) {
                    wrong.push(told("is not refused"));
                }
                if stolen.text.contains(MARK) {
                    wrong.push(told("tells of it"));
                }
                let is_new = (200..=299).contains(&stolen.status);
                if stolen.status != unknown.status || !is_new && plain(&stolen, &aim) != plain(&unknown, &nobody) {
                    wrong.push(told("differs from what is not there"));
                }
            }
        }
        let now = last_event(&own.admin).await;
        if now != before {
            wrong.push(format!("{} {} left something in the journal", call.method, call.path));
            break;
        }
    }
    assert!(made > 400, "only {made} calls");
    assert!(wrong.is_empty(), "{} of {made}:\n{}", wrong.len(), wrong.join("\n"));
}

/// An answer without the id that was asked for.
fn plain(answer: &Answer, aim: &Things) -> String {
    let mut text = answer.text.clone();
    for id in aim.all() {
        text = text.replace(id.as_str(), "…");
    }
    text
}

async fn every_id_leads_somewhere_for_those_whose_it_is(kind: Kind) {
    let world = World::with(kind, &things::SETTINGS).await;
    let mine = world.tenant("mine").await;
    let own = Things::made(&world, &mine, MARK).await;
    let specification = world.public().get("/openapi.json").await.expect(200);
    for call in calls(&specification) {
        let leads = call
            .given
            .iter()
            .find(|given| given.place != Place::Body && called(&call.path, given).is_some());
        // Only images that were made small have one.
        let is_thumbnail = call.path.ends_with("/thumbnail");
        let Some(given) = leads.filter(|_| call.method == "GET" && !call.is_socket() && !is_thumbnail) else {
            continue;
        };
        let mut heard = Vec::new();
        for whose in [
            Whose::Admin,
            Whose::Agent,
            Whose::Customer,
            Whose::Visitor,
            Whose::Operator,
        ] {
            let status = call.status(own.api(whose), given, &own).await;
            heard.push((whose, status));
        }
        assert!(
            heard.iter().any(|(_, status)| *status == 200),
            "{} {}: {heard:?}",
            call.method,
            call.path
        );
    }
}
