//! What a new ticket owes.

use support_core::{
    change::{ChangeSet, Policy},
    desk::Scope,
    model::{Channel, Contact, EventBody, Notice, Ticket, TicketChannel},
};

use super::{CHAT, Owed, Settled, emails, owed};

fn opening(settled: &Settled, ticket: Ticket) -> Vec<Owed> {
    settled.owed(|change| change.open_ticket(ticket))
}

/// As they come, before the store has them.
fn new_ticket(settled: &Settled) -> Ticket {
    settled.samples.ticket(settled.inbox.id)
}

#[test]
fn nothing_leaves_unless_it_was_settled() {
    let settled = Settled::new();
    let ticket = new_ticket(&settled);
    let fill = |change: &mut ChangeSet| {
        change.open_ticket(ticket.clone());
        change.append(&ticket, settled.samples.question(&ticket));
        let callback = settled.samples.callback();
        let body = EventBody::CallbackRequested { callback: callback.id };
        change.put_callback(callback, [body]);
    };
    let scope = Scope::system(settled.tenant);
    let mut change = ChangeSet::new(&scope, settled.samples.later());
    fill(&mut change);
    let sealed = change.seal(&settled.samples.ids);
    assert_eq!(sealed.parts().deliveries, []);
    let mut change = ChangeSet::new(&scope, settled.samples.later());
    fill(&mut change);
    let sealed = change.seal_under(&Policy::default(), &settled.samples.ids);
    assert_eq!(sealed.parts().deliveries, []);
    assert!(!settled.owed(fill).is_empty());
}

#[test]
fn the_team_the_requester_and_the_chat_are_told() {
    let settled = Settled::new();
    let ticket = new_ticket(&settled);
    let id = ticket.id;
    let email = ticket.contact.email.clone().unwrap();
    let deliveries = settled.deliveries(|change| change.open_ticket(ticket));
    assert!(deliveries.iter().all(|delivery| delivery.ticket == Some(id)));
    assert!(deliveries.iter().all(|delivery| delivery.key.is_none()), "at once");
    let expected = [
        owed(Channel::Email, &email, Notice::RequestConfirmed { ticket: id }),
        owed(
            Channel::Email,
            "inbox@shop.example",
            Notice::TicketOpened { ticket: id },
        ),
        owed(Channel::Telegram, CHAT, Notice::TicketOpened { ticket: id }),
    ];
    assert_eq!(super::shown(deliveries), expected);
}

#[test]
fn without_mail_only_the_chat_is_told() {
    let settled = Settled::new().without_mail();
    let ticket = new_ticket(&settled);
    let opened = Notice::TicketOpened { ticket: ticket.id };
    assert_eq!(opening(&settled, ticket), [owed(Channel::Telegram, CHAT, opened)]);
    let nothing = Settled::new().without_mail().without_chat();
    assert_eq!(opening(&nothing, new_ticket(&nothing)), []);
}

#[test]
fn the_departments_address_comes_before_the_entry_points() {
    let settled = Settled::new();
    let of_department = |department| Ticket {
        department,
        contact: Contact::default(),
        ..new_ticket(&settled)
    };
    let nameless = settled.samples.department().id;
    for (department, recipient) in [
        (Some(settled.department.id), "sales@shop.example"),
        (Some(nameless), "inbox@shop.example"),
        (None, "inbox@shop.example"),
    ] {
        let ticket = of_department(department);
        let opened = Notice::TicketOpened { ticket: ticket.id };
        let mails = emails(opening(&settled, ticket));
        assert_eq!(mails, [owed(Channel::Email, recipient, opened)]);
    }
    let ticket = of_department(None);
    let nobody = Settled::new().without_inbox_address();
    assert_eq!(emails(opening(&nobody, ticket)), [], "nobody is named");
}

#[test]
fn only_who_left_an_address_gets_a_confirmation() {
    let settled = Settled::new().without_inbox_address().with_mail_only();
    let without = Ticket {
        contact: Contact {
            email: None,
            ..settled.samples.contact()
        },
        ..new_ticket(&settled)
    };
    assert_eq!(opening(&settled, without), []);
    let with = new_ticket(&settled);
    let confirmed = Notice::RequestConfirmed { ticket: with.id };
    let email = with.contact.email.clone().unwrap();
    assert_eq!(opening(&settled, with), [owed(Channel::Email, &email, confirmed)]);
}

#[test]
fn whoever_wrote_by_a_messenger_gets_no_confirmation_by_mail() {
    let settled = Settled::new().without_inbox_address().with_mail_only();
    for channel in TicketChannel::ALL.iter().copied() {
        let ticket = Ticket {
            channel,
            ..new_ticket(&settled)
        };
        let is_told = !matches!(channel, TicketChannel::Messenger | TicketChannel::Telegram);
        let count = usize::from(is_told);
        assert_eq!(opening(&settled, ticket).len(), count, "{channel}");
    }
}
