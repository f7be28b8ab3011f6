//! What a wish to be phoned owes.

use support_core::{
    change::ChangeSet,
    desk::Scope,
    model::{Actor, Callback, CallbackStatus, Channel, EventBody, Notice, NotificationKind, Principal},
};

use super::{CHAT, Owed, Settled, owed};

fn requesting(settled: &Settled, callback: Callback) -> Vec<Owed> {
    let id = callback.id;
    let deliveries = settled.deliveries(|change| {
        change.put_callback(callback, [EventBody::CallbackRequested { callback: id }]);
    });
    for delivery in &deliveries {
        assert_eq!((delivery.callback, delivery.ticket), (Some(id), None));
        assert_eq!(delivery.key, None, "at once");
    }
    super::shown(deliveries)
}

fn requested(callback: &Callback, copies: &[&str]) -> Notice {
    Notice::CallbackRequested {
        callback: callback.id,
        copies: copies.iter().map(|copy| (*copy).to_owned()).collect(),
    }
}

#[test]
fn the_team_is_told_by_mail_and_chat_and_the_requester_by_text_message() {
    let settled = Settled::new();
    let callback = settled.samples.callback();
    let number = callback.e164.clone().unwrap();
    let everybody = "a@shop.example, b@shop.example, c@shop.example";
    let expected = [
        owed(Channel::Email, everybody, requested(&callback, &["c@shop.example"])),
        owed(Channel::Telegram, CHAT, requested(&callback, &[])),
        owed(
            Channel::Sms,
            &number,
            Notice::CallbackConfirmed { callback: callback.id },
        ),
    ];
    assert_eq!(requesting(&settled, callback), expected);
}

#[test]
fn mail_goes_only_where_somebody_is_named() {
    let mut settled = Settled::new().with_mail_only();
    settled.policy.callback_cc.clear();
    let callback = settled.samples.callback();
    let to = owed(
        Channel::Email,
        "a@shop.example, b@shop.example",
        requested(&callback, &[]),
    );
    assert_eq!(requesting(&settled, callback.clone()), [to]);
    settled.policy.callback_to.clear();
    settled.policy.callback_cc = vec!["c@shop.example".to_owned()];
    assert_eq!(
        requesting(&settled, callback.clone()),
        [],
        "nobody gets a copy of nothing"
    );
    let settled = Settled::new().with_mail_only().without_mail();
    assert_eq!(requesting(&settled, callback), []);
}

#[test]
fn only_a_number_that_is_understood_gets_a_text_message() {
    let mut settled = Settled::new().without_mail().without_chat();
    let understood = settled.samples.callback();
    assert_eq!(requesting(&settled, understood.clone()).len(), 1);
    let typed = Callback {
        e164: None,
        ..settled.samples.callback()
    };
    assert_eq!(requesting(&settled, typed), []);
    settled.policy.sends_sms = false;
    assert_eq!(requesting(&settled, understood), []);
}

#[test]
fn what_becomes_of_a_callback_owes_nothing_by_itself() {
    let settled = Settled::new();
    let callback = Callback {
        version: 1,
        assigned_to: Some(settled.agent.id),
        ..settled.samples.callback()
    };
    let id = callback.id;
    for body in [
        EventBody::CallbackAssigned {
            callback: id,
            to: callback.assigned_to,
        },
        EventBody::CallbackStatusChanged {
            callback: id,
            from: CallbackStatus::Pending,
            to: CallbackStatus::Contacted,
        },
        EventBody::CallbackAttempted { callback: id },
        EventBody::CallbackUpdated { callback: id },
        EventBody::CallbackOverdue { callback: id },
    ] {
        let owed = settled.owed(|change| change.put_callback(callback.clone(), [body.clone()]));
        assert_eq!(owed, [], "{}", body.kind());
    }
}

#[test]
fn an_agent_is_told_inside_the_product_of_a_callback_they_were_given() {
    let settled = Settled::new();
    let callback = settled.samples.callback();
    let told = |scope: &Scope, to| {
        let mut change = ChangeSet::new(scope, settled.samples.later());
        let body = EventBody::CallbackAssigned {
            callback: callback.id,
            to,
        };
        change.put_callback(callback.clone(), [body]);
        change.seal(&settled.samples.ids).parts().notifications.clone()
    };
    let agent = settled.agent.id;
    let system = Scope::new(settled.tenant, Actor::System);
    let notifications = told(&system, Some(agent));
    assert_eq!(notifications.len(), 1);
    let notification = &notifications[0];
    assert_eq!(notification.recipient, Principal::Agent(agent));
    assert_eq!(notification.kind, NotificationKind::CallbackRequested);
    assert_eq!(notification.callback, Some(callback.id));
    assert_eq!(told(&system, None), [], "given to nobody");
}
