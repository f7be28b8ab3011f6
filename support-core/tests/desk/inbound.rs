use std::time::Duration;

use support_core::{
    desk::{InboundMessage, NewMessage, Speaker, TicketChanges},
    model::{InboxId, InboxKind, SenderKind, Side, Status, Ticket, TicketChannel},
};

use crate::{office::at_once, post::PostOffice};

impl PostOffice {
    async fn messenger_inbox(&self) -> InboxId {
        let office = &self.office;
        let inbox = office.desk.channel_inbox(office.tenant.id, InboxKind::Messenger);
        inbox.await.unwrap().id
    }

    async fn said(&self, id: &str, words: &str) -> InboundMessage {
        InboundMessage {
            inbox: self.messenger_inbox().await,
            channel: TicketChannel::Messenger,
            session: "psid-1".into(),
            sender_name: Some("Vera".into()),
            external_id: id.into(),
            content: words.into(),
        }
    }

    async fn receive(&self, id: &str, words: &str) -> Ticket {
        let message = self.said(id, words).await;
        self.office.desk.receive(self.office.tenant.id, message).await.unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_opens_a_conversation_and_the_next_continues_it() {
    let post = PostOffice::open().await;
    let ticket = post.receive("m1", "Hello").await;
    let same = post.receive("m2", "Anybody?").await;
    assert_eq!(same.id, ticket.id);
    assert_eq!(post.receive("m1", "Hello").await.id, ticket.id, "a repeat");
    assert_eq!(post.office.lines(ticket.id).await, ["Hello", "Anybody?"]);
    assert_eq!(ticket.channel, TicketChannel::Messenger);
    assert_eq!(ticket.requester_name(), "Vera");
}

#[tokio::test(start_paused = true)]
async fn the_first_messages_at_the_same_moment_are_one_conversation() {
    let post = PostOffice::open().await;
    let mut messages = Vec::new();
    for number in 0..10 {
        // Each comes twice.
        let id = format!("m{}", number / 2);
        messages.push(post.said(&id, &id).await);
    }
    let office = &post.office;
    let tickets = at_once(
        messages
            .into_iter()
            .map(|message| office.desk.receive(office.tenant.id, message)),
    )
    .await;
    assert!(tickets.iter().all(|ticket| ticket.id == tickets[0].id));
    let mut lines = office.lines(tickets[0].id).await;
    lines.sort();
    assert_eq!(lines, ["m0", "m1", "m2", "m3", "m4"]);
}

#[tokio::test(start_paused = true)]
async fn after_a_closed_conversation_a_new_one_begins_that_names_it() {
    let post = PostOffice::open().await;
    let first = post.receive("m1", "Hello").await;
    let closed = TicketChanges {
        status: Some(Status::Closed),
        ..TicketChanges::default()
    };
    let office = &post.office;
    office
        .desk
        .update_ticket(&office.admin, first.id, closed)
        .await
        .unwrap();
    let second = post.receive("m2", "Me again").await;
    assert_ne!(second.id, first.id);
    assert_eq!(second.requester, first.requester);
    assert_eq!(office.ticket(second.id).await.metadata["previousTicket"], "TKT-1");
    assert_eq!(post.receive("m1", "Hello").await.id, second.id);
    assert_eq!(
        office.lines(second.id).await,
        ["Me again"],
        "an old repeat says nothing anew"
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_team_answered_elsewhere_is_an_agents_message_and_goes_out_no_second_time() {
    let post = PostOffice::open().await;
    let ticket = post.receive("m1", "Hello").await;
    let office = &post.office;
    let echo = post.said("m2", "Hi from the phone").await;
    office.desk.receive_answer(office.tenant.id, echo).await.unwrap();
    let thread = office.thread(ticket.id).await;
    assert_eq!(thread.last().unwrap().sender.kind(), SenderKind::Agent);
    let words = NewMessage::text("Hi from the desk");
    office
        .desk
        .post(&office.admin, ticket.id, words, Speaker::Own)
        .await
        .unwrap();
    post.all_quiet().await;
    let sent = post.messenger.sent();
    let words: Vec<_> = sent.iter().map(|out| out.letter.messages[0].content.as_str()).collect();
    assert_eq!(words, ["Hi from the desk"]);
    assert_eq!(sent[0].recipients, ["psid-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_reply_in_the_teams_chat_reaches_the_customer() {
    let post = PostOffice::open().await;
    let ticket = post.receive("m1", "Hello").await;
    let office = &post.office;
    let reply = InboundMessage {
        sender_name: Some("Mara".into()),
        ..post.said("tg:7", "On its way").await
    };
    let desk = &office.desk;
    desk.receive_team_reply(office.tenant.id, ticket.id.into(), reply.clone())
        .await
        .unwrap();
    desk.receive_team_reply(office.tenant.id, ticket.id.into(), reply)
        .await
        .unwrap();
    let thread = office.thread(ticket.id).await;
    let answers: Vec<_> = thread
        .iter()
        .filter(|line| line.sender.kind() == SenderKind::Agent)
        .collect();
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].sender_name, "Mara");
    post.all_quiet().await;
    assert_eq!(post.messenger.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_read_mark_in_time_marks_what_came_before_it() {
    let post = PostOffice::open().await;
    let ticket = post.receive("m1", "Hello").await;
    let office = &post.office;
    let (desk, tenant) = (&office.desk, office.tenant.id);
    for words in ["One", "Two"] {
        office.clock.advance(Duration::from_secs(10));
        desk.post(&office.admin, ticket.id, NewMessage::text(words), Speaker::Own)
            .await
            .unwrap();
    }
    let inbox = post.messenger_inbox().await;
    let before_two = desk.now().minus(Duration::from_secs(5));
    desk.mark_up_to(tenant, inbox, "psid-1", before_two, true)
        .await
        .unwrap();
    assert_eq!(office.ticket(ticket.id).await.thread.unread_by(Side::Customer), 1);
    desk.mark_up_to(tenant, inbox, "psid-1", desk.now(), true)
        .await
        .unwrap();
    assert_eq!(office.ticket(ticket.id).await.thread.unread_by(Side::Customer), 0);
    desk.mark_up_to(tenant, inbox, "nobody", desk.now(), true)
        .await
        .unwrap();
}
