//! What subscribers are told, and what stays inside.

use support_core::{
    model::{
        ALL_EVENTS, ActorRef, Audience, CallbackId, CallbackStatus, Event, EventBody, MessageId, Principal, Priority,
        Side, Status, TicketId, Visibility, Webhook,
    },
    testing::Samples,
};
use uuid::Uuid;

const TICKET: TicketId = TicketId::new(Uuid::from_u128(1));
const CALLBACK: CallbackId = CallbackId::new(Uuid::from_u128(2));

fn listening(events: &[&str]) -> Webhook {
    Webhook {
        events: events.iter().map(|kind| (*kind).to_owned()).collect(),
        ..Samples::new().webhook()
    }
}

fn event(body: EventBody, visibility: Visibility) -> Event {
    let samples = Samples::new();
    Event {
        seq: 1,
        at: samples.later(),
        actor: ActorRef::System,
        audience: Audience {
            visibility,
            ..Audience::agents()
        },
        body,
        message: None,
    }
}

fn posted(visibility: Visibility) -> Event {
    let message = MessageId::new(Uuid::from_u128(3));
    event(
        EventBody::MessagePosted {
            ticket: TICKET,
            message,
        },
        visibility,
    )
}

fn outside() -> Vec<EventBody> {
    vec![
        EventBody::TicketOpened {
            ticket: TICKET,
            status: Status::Open,
            priority: Priority::Normal,
        },
        EventBody::MessagesRead {
            ticket: TICKET,
            side: Side::Agents,
            up_to: 1,
        },
        EventBody::TicketTagged { ticket: TICKET },
        EventBody::CallbackRequested { callback: CALLBACK },
        EventBody::CallbackStatusChanged {
            callback: CALLBACK,
            from: CallbackStatus::Pending,
            to: CallbackStatus::Contacted,
        },
    ]
}

#[test]
fn a_subscriber_hears_of_the_kinds_it_named() {
    for body in outside() {
        for visibility in [Visibility::Customer, Visibility::Agents] {
            let event = event(body.clone(), visibility);
            let kind = body.kind();
            assert!(listening(&[kind]).hears(&event), "{kind}");
            assert!(listening(&["message_posted", kind]).hears(&event), "{kind}");
            assert!(listening(&[ALL_EVENTS]).hears(&event), "{kind}");
            assert!(!listening(&["message_posted"]).hears(&event), "{kind}");
            assert!(!listening(&[]).hears(&event), "{kind}");
        }
    }
}

#[test]
fn whoever_is_switched_off_hears_nothing() {
    for body in outside() {
        let off = Webhook {
            is_active: false,
            ..listening(&[ALL_EVENTS, body.kind()])
        };
        assert!(!off.hears(&event(body, Visibility::Customer)));
    }
}

#[test]
fn what_agents_note_among_themselves_stays_inside() {
    for named in ["message_posted", ALL_EVENTS] {
        let webhook = listening(&[named]);
        assert!(webhook.hears(&posted(Visibility::Customer)));
        assert!(!webhook.hears(&posted(Visibility::Agents)), "a note");
        assert!(!webhook.hears(&posted(Visibility::Admins)));
    }
}

#[test]
fn what_admins_alone_may_know_stays_inside() {
    let principal = Principal::Agent(Samples::new().agent().id);
    let inside = [
        EventBody::TenantSaved,
        EventBody::LoginFailed,
        EventBody::LoggedIn { principal },
        EventBody::PasswordResetRequested { principal },
    ];
    for body in inside.into_iter().chain(outside()) {
        let kind = body.kind();
        let event = event(body, Visibility::Admins);
        assert!(!listening(&[kind]).hears(&event), "{kind}");
        assert!(!listening(&[ALL_EVENTS]).hears(&event), "{kind}");
    }
}
