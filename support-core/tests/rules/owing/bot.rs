//! What is owed about tickets that a bot has.

use support_core::model::{Channel, EventBody, Notice, Office, Ticket, TicketState};

use super::{CHAT, Owed, Settled, emails, owed, shown};

impl Settled {
    fn held(&self, office: Office) -> Ticket {
        Ticket {
            state: TicketState::new(office),
            held_for_bot_until: Some(self.samples.later().plus(std::time::Duration::from_secs(60))),
            ..self.ticket()
        }
    }

    fn handed_over(&self, office: Office) -> (Ticket, Vec<Owed>) {
        let question = self.samples.question(&self.ticket());
        let ticket = Ticket {
            held_for_bot_until: None,
            ..self.held(office)
        };
        let body = EventBody::TicketHandedOver {
            ticket: ticket.id,
            since: Some(question.id),
        };
        let owed = self.owed(|change| change.update_ticket(ticket.clone(), [body]));
        (ticket, owed)
    }
}

#[test]
fn only_the_bot_is_told_of_a_question_in_a_ticket_that_it_has() {
    for office in [Office::Staffed, Office::Empty] {
        let settled = Settled::new();
        let ticket = settled.held(office);
        let question = settled.samples.question(&ticket);
        let asked = Notice::QuestionAsked {
            ticket: ticket.id,
            message: question.id,
        };
        let deliveries = settled.deliveries(|change| change.append(&ticket, question));
        assert!(deliveries.iter().all(|delivery| delivery.ticket == Some(ticket.id)));
        assert_eq!(shown(deliveries), [owed(Channel::Bot, "bot", asked)]);
    }
}

#[test]
fn the_team_is_told_of_a_question_when_the_bots_time_is_up_or_there_is_no_bot() {
    let mut settled = Settled::new();
    let ticket = settled.held(Office::Staffed);
    let lapsed = Ticket {
        held_for_bot_until: Some(settled.samples.later()),
        ..ticket.clone()
    };
    let tells_team = |settled: &Settled, ticket: &Ticket| {
        let question = settled.samples.question(ticket);
        let owed = settled.owed(|change| change.append(ticket, question));
        assert!(!owed.is_empty());
        owed.iter().all(|(channel, ..)| *channel != Channel::Bot)
    };
    assert!(tells_team(&settled, &lapsed));
    assert!(!tells_team(&settled, &ticket));
    settled.policy.has_responder = false;
    assert!(tells_team(&settled, &ticket));
}

#[test]
fn the_team_is_told_of_a_new_ticket_when_the_bot_leaves_it_to_them() {
    let settled = Settled::new();
    let ticket = settled.held(Office::Staffed);
    let confirmed = Notice::RequestConfirmed { ticket: ticket.id };
    let email = ticket.contact.email.clone().unwrap();
    let opening = settled.owed(|change| change.open_ticket(ticket));
    assert_eq!(opening, [owed(Channel::Email, &email, confirmed)]);

    let (ticket, told) = settled.handed_over(Office::Staffed);
    let opened = Notice::TicketOpened { ticket: ticket.id };
    let expected = [
        owed(Channel::Email, "inbox@shop.example", opened.clone()),
        owed(Channel::Telegram, CHAT, opened),
    ];
    assert_eq!(told, expected);
}

#[test]
fn who_is_not_there_gets_a_digest_of_what_the_bot_was_asked() {
    let settled = Settled::new();
    let (_, told) = settled.handed_over(Office::Empty);
    let kinds: Vec<_> = emails(told).iter().map(|(.., notice)| notice.kind()).collect();
    assert_eq!(kinds, ["ticket_opened", "offline_digest"]);
}
