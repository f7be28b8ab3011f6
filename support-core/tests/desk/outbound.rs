use std::time::Duration;

use support_core::{
    desk::{CallbackState, NewCallback, NewMessage, NewWebhook, Scope, Speaker},
    model::{Actor, DeliveryStatus, Role, TicketChannel},
    ports::{LetterKind, NotifyError, Sent},
    workers::run_sweeps,
};

use crate::{
    office::{eventually, id_of},
    post::{DIGEST_DELAY, PostOffice, REPLY_DELAY},
};

impl PostOffice {
    async fn request(&self, number: &str) -> CallbackState {
        let anyone = Scope::new(self.office.tenant.id, Actor::Anyone);
        let new = NewCallback {
            contact_number: number.into(),
            ..NewCallback::default()
        };
        self.office.desk.request_callback(&anyone, new).await.unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn a_callback_goes_to_mail_and_chat_at_once_and_tells_so() {
    let post = PostOffice::open().await;
    let state = post.request("+49 30 1234567").await;
    assert!(state.email.is_sent && state.telegram.is_sent);
    assert_eq!(state.callback.e164.as_deref(), Some("+49301234567"));
    let mail = post.mails.sent().pop().unwrap();
    assert_eq!(mail.recipients, ["calls@shop.example", "boss@shop.example"]);
    assert_eq!(mail.letter.copies, ["boss@shop.example"]);
    let told = mail.letter.callback.unwrap();
    assert_eq!(told.employee_id, "Not provided");
    assert_eq!(
        told.reference,
        format!("[Callback Request: {}|Tenant: shop]", state.callback.id)
    );
    assert_eq!(post.telegram.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_same_number_within_ten_minutes_is_the_same_wish() {
    let post = PostOffice::open().await;
    let first = post.request("+49 30 1234567").await;
    let second = post.request("+49301234567").await;
    assert!(second.is_repeat && second.email.is_sent);
    assert_eq!(second.callback.id, first.callback.id);
    assert_eq!(post.mails.sent().len(), 1);
    post.office.clock.advance(Duration::from_secs(601));
    assert!(!post.request("+49301234567").await.is_repeat);
    assert_eq!(post.mails.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_callback_tells_what_each_channel_said_and_waits_for_none_too_long() {
    let post = PostOffice::open().await;
    post.mails.hang("mail.example");
    post.telegram.answer(Err(NotifyError::Permanent {
        reason: "chat not found".into(),
    }));
    let began = tokio::time::Instant::now();
    let state = post.request("+49 30 1234567").await;
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    assert!(!state.email.is_sent && state.email.error.is_none());
    assert_eq!(state.telegram.error.as_deref(), Some("chat not found"));
}

#[tokio::test(start_paused = true)]
async fn a_visitor_who_left_an_address_is_told_that_their_request_came_in() {
    let post = PostOffice::open().await;
    let ticket = post.chat_with_address().await;
    post.all_quiet().await;
    let mail = post.mails.sent().pop().unwrap();
    assert_eq!(mail.letter.kind, LetterKind::RequestConfirmed);
    assert_eq!(mail.recipients, ["vera@mail.example"]);
    assert_eq!(mail.letter.ticket.unwrap().number, ticket.human_number());
    assert!(mail.letter.messages.is_empty(), "the address may be a stranger's");
}

#[tokio::test(start_paused = true)]
async fn what_comes_in_while_nobody_is_there_is_one_mail_and_the_next_waits() {
    let post = PostOffice::open().await;
    let ticket = post.chat_by(TicketChannel::Web, None).await;
    let visitor = post.office.visitor_of(&ticket);
    let say = async |words: &str| {
        let words = NewMessage::text(words);
        post.office
            .desk
            .post(&visitor, ticket.id, words, Speaker::Own)
            .await
            .unwrap();
    };
    say("Anybody there?").await;
    post.pass(DIGEST_DELAY / 2).await;
    assert_eq!(post.mails.sent().len(), 0);
    post.pass(DIGEST_DELAY / 2).await;
    let quoted = |place: usize| -> Vec<String> {
        let mail = &post.mails.sent()[place];
        assert_eq!(mail.letter.kind, LetterKind::OfflineDigest);
        assert_eq!(mail.recipients, ["ada@shop.example"]);
        assert!(mail.letter.unsubscribe.is_some());
        mail.letter
            .messages
            .iter()
            .map(|message| message.content.clone())
            .collect()
    };
    assert_eq!(quoted(0), ["Hello?", "Anybody there?"]);
    say("Still waiting").await;
    post.pass(DIGEST_DELAY).await;
    assert_eq!(post.mails.sent().len(), 1, "one mail in a quarter of an hour");
    say("Hm").await;
    post.pass(Duration::from_secs(900)).await;
    assert_eq!(quoted(1), ["Still waiting", "Hm"]);
    post.pass(Duration::from_secs(3_600)).await;
    assert_eq!(post.mails.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn whoever_wants_no_digests_gets_none() {
    let post = PostOffice::open().await;
    post.chat_by(TicketChannel::Web, None).await;
    post.pass(DIGEST_DELAY).await;
    let link = post.mails.sent().pop().unwrap().letter.unsubscribe.unwrap();
    let token = link.split("token=").nth(1).unwrap();
    assert_eq!(post.office.desk.unsubscribe(token).await.unwrap(), "ada@shop.example");
    assert!(post.office.desk.unsubscribe(&token.replace('.', "A.")).await.is_err());
    post.chat_by(TicketChannel::Web, None).await;
    post.pass(DIGEST_DELAY).await;
    assert_eq!(post.mails.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn answers_to_somebody_who_has_left_are_one_mail_after_a_silence() {
    let post = PostOffice::open().await;
    let mara = post.office.available_agent("mara", &[], 5).await;
    let ticket = post.chat_with_address().await;
    let answer = async |words: &str| {
        let words = NewMessage::text(words);
        post.office
            .desk
            .post(&mara, ticket.id, words, Speaker::Own)
            .await
            .unwrap();
    };
    answer("One").await;
    post.pass(REPLY_DELAY / 2).await;
    answer("Two").await;
    post.pass(REPLY_DELAY / 2).await;
    assert_eq!(post.kinds_of_mails(), ["request_confirmed"], "no silence yet");
    post.pass(REPLY_DELAY / 2).await;
    assert_eq!(post.kinds_of_mails(), ["request_confirmed", "agent_replied"]);
    let mail = post.mails.sent().pop().unwrap();
    let quoted: Vec<_> = mail
        .letter
        .messages
        .iter()
        .map(|message| message.content.as_str())
        .collect();
    assert_eq!(quoted, ["One", "Two"]);
    let confirmation = post.mails.sent().remove(0).letter.thread.unwrap();
    let thread = mail.letter.thread.unwrap();
    assert_eq!(thread.root, confirmation.root);
    assert!(confirmation.is_root && !thread.is_root);
    let token = mail.letter.link.unwrap();
    let token = token.split("token=").nth(1).unwrap();
    let secret = support_core::model::Secret::presented(token);
    let opened = post.office.desk.ticket_of_secret(post.office.tenant.id, &secret).await;
    assert_eq!(opened.unwrap().id, ticket.id);
}

#[tokio::test(start_paused = true)]
async fn answers_that_were_read_or_whose_reader_is_there_go_by_no_mail() {
    let post = PostOffice::open().await;
    let mara = post.office.available_agent("mara", &[], 5).await;
    let desk = &post.office.desk;
    let read = post.chat_with_address().await;
    let watched = post.chat_with_address().await;
    for ticket in [&read, &watched] {
        desk.post(&mara, ticket.id, NewMessage::text("Hi"), Speaker::Own)
            .await
            .unwrap();
    }
    let last = post.office.ticket(read.id).await.thread.last_seq;
    desk.mark_read(&post.office.visitor_of(&read), read.id, last)
        .await
        .unwrap();
    let connected = desk.connections().joined(post.office.tenant.id, watched.id);
    post.pass(REPLY_DELAY).await;
    assert_eq!(post.kinds_of_mails(), ["request_confirmed", "request_confirmed"]);
    drop(connected);
    post.pass(REPLY_DELAY).await;
    assert_eq!(post.mails.sent().pop().unwrap().letter.kind, LetterKind::AgentReplied);
}

#[tokio::test(start_paused = true)]
async fn an_agent_who_is_away_is_told_what_their_customer_writes() {
    let post = PostOffice::open().await;
    let mara = post.office.agent("mara", Role::Agent, &[], 5).await;
    let ticket = post.chat_by(TicketChannel::Web, None).await;
    let desk = &post.office.desk;
    let changes = support_core::desk::TicketChanges {
        assignee: Some(Some(id_of(&mara))),
        ..support_core::desk::TicketChanges::default()
    };
    desk.update_ticket(&post.office.admin, ticket.id, changes)
        .await
        .unwrap();
    // What the policy says of who is there may be a moment old.
    tokio::time::advance(Duration::from_secs(2)).await;
    let visitor = post.office.visitor_of(&ticket);
    desk.post(&visitor, ticket.id, NewMessage::text("Are you there?"), Speaker::Own)
        .await
        .unwrap();
    post.pass(REPLY_DELAY).await;
    let mail = post.mails.sent().pop().unwrap();
    assert_eq!(mail.letter.kind, LetterKind::CustomerReplied);
    assert_eq!(mail.recipients, ["mara@shop.example"]);
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_hears_in_order_what_happens_and_no_notes() {
    let post = PostOffice::open().await;
    let office = &post.office;
    let new = NewWebhook {
        url: "https://crm.example/hook".into(),
        events: vec!["ticket_opened".into(), "message_posted".into()],
        is_active: true,
    };
    let (webhook, secret) = office.desk.create_webhook(&office.admin, new).await.unwrap();
    assert!(secret.reveal().starts_with("whsec_"));
    assert_ne!(webhook.secret.sealed, secret.reveal());
    let ticket = post.chat_by(TicketChannel::Web, None).await;
    let note = NewMessage {
        is_note: true,
        ..NewMessage::text("Careful")
    };
    office
        .desk
        .post(&office.admin, ticket.id, note, Speaker::Own)
        .await
        .unwrap();
    let kinds = eventually(|| async {
        let sent = post.webhooks.sent();
        let kinds: Vec<_> = sent.iter().map(|out| out.letter.event.clone().unwrap().kind).collect();
        (kinds.len() >= 2).then_some(kinds)
    })
    .await;
    assert_eq!(kinds, ["ticket_opened", "message_posted"]);
    let event = post.webhooks.sent()[1].letter.event.clone().unwrap();
    assert_eq!(event.data["message"]["content"], "Hello?");
    assert_eq!(event.data["ticket"]["ticketId"], "TKT-1");
    post.pass(Duration::from_secs(5)).await;
    assert_eq!(post.webhooks.tried().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_way_to_another_password_is_good_once() {
    let post = PostOffice::open().await;
    let desk = &post.office.desk;
    desk.forgot_password("nobody@shop.example", None).unwrap();
    desk.forgot_password("ada@shop.example", None).unwrap();
    let mail = eventually(|| async { post.mails.sent().pop() }).await;
    assert_eq!(mail.letter.kind, LetterKind::PasswordReset);
    assert_eq!(mail.recipients, ["ada@shop.example"]);
    let link = mail.letter.link.unwrap();
    let token = link.split("token=").nth(1).unwrap();
    assert!(desk.reset_password(token, "short").await.is_err());
    desk.reset_password(token, "another horse").await.unwrap();
    let tenant = Some(post.office.tenant.id);
    assert!(desk.log_in(tenant, "ada@shop.example", "another horse").await.is_ok());
    assert!(desk.reset_password(token, "a third horse").await.is_err());
    assert_eq!(post.mails.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_way_to_another_password_closes_after_half_an_hour() {
    let post = PostOffice::open().await;
    post.office.desk.forgot_password("ada@shop.example", None).unwrap();
    let mail = eventually(|| async { post.mails.sent().pop() }).await;
    let link = mail.letter.link.unwrap();
    let token = link.split("token=").nth(1).unwrap().to_owned();
    post.office.clock.advance(Duration::from_secs(30 * 60));
    assert!(post.office.desk.reset_password(&token, "another horse").await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_scheduled_call_is_remembered_and_a_forgotten_one_is_escalated() {
    let post = PostOffice::open().await;
    let mara = post.office.available_agent("mara", &[], 5).await;
    let desk = &post.office.desk;
    let sweeping = tokio::spawn(run_sweeps(desk.clone(), std::future::pending()));
    let new = NewCallback {
        contact_number: "+49 30 1234567".into(),
        scheduled_at: Some(desk.now().plus(Duration::from_secs(3_600))),
        ..NewCallback::default()
    };
    let anyone = Scope::new(post.office.tenant.id, Actor::Anyone);
    let callback = desk.request_callback(&anyone, new).await.unwrap().callback;
    assert_eq!(callback.assigned_to, Some(id_of(&mara)));
    let told = || post.kinds_of_mails().len();
    post.office.clock.advance(Duration::from_secs(44 * 60));
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(told(), 1);
    post.office.clock.advance(Duration::from_secs(60));
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(post.kinds_of_mails(), ["callback_requested", "callback_reminder"]);
    assert_eq!(post.mails.sent()[1].recipients, ["mara@shop.example"]);
    post.office.clock.advance(Duration::from_secs(25 * 60 * 60));
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(post.kinds_of_mails()[2], "callback_overdue");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(told(), 3, "once");
    sweeping.abort();
}

#[tokio::test(start_paused = true)]
async fn a_recipient_who_is_refused_holds_up_no_other() {
    let post = PostOffice::open().await;
    post.mails.answer(Err(NotifyError::Partly {
        reason: "450 greylisted".into(),
        remaining: vec!["boss@shop.example".into()],
    }));
    post.mails.answer(Ok(Sent {
        provider_id: Some("queue-7".into()),
        ..Sent::default()
    }));
    let state = post.request("+49 30 1234567").await;
    assert!(!state.email.is_sent);
    post.pass(Duration::from_secs(10)).await;
    let tried = post.mails.tried();
    assert_eq!(tried[1].recipients, ["boss@shop.example"]);
    assert_eq!(tried[0].id, tried[1].id);
    let mail = post
        .deliveries()
        .await
        .into_iter()
        .find(|owed| owed.attempts == 2)
        .unwrap();
    assert_eq!(mail.status, DeliveryStatus::Sent);
    assert_eq!(mail.provider_id.as_deref(), Some("queue-7"));
}

#[tokio::test(start_paused = true)]
async fn callbacks_go_to_everybody_in_turn_as_they_come_and_as_they_have_waited() {
    let post = PostOffice::open().await;
    let waiting = [
        post.request("+49 30 1000001").await,
        post.request("+49 30 1000002").await,
    ];
    assert!(waiting.iter().all(|state| state.callback.assigned_to.is_none()));
    let mara = post.office.available_agent("mara", &[], 5).await;
    let joe = post.office.available_agent("joe", &[], 5).await;
    let tenant = post.office.tenant.id;
    eventually(|| async {
        post.office.desk.assign_waiting(tenant).await.unwrap();
        let given = post
            .office
            .desk
            .callback(&post.office.admin, waiting[1].callback.id)
            .await;
        given.unwrap().callback.assigned_to
    })
    .await;
    let mut turns = Vec::new();
    for number in 3..7 {
        post.office.clock.advance(Duration::from_secs(1));
        let state = post.request(&format!("+49 30 100000{number}")).await;
        turns.push(state.callback.assigned_to.unwrap());
    }
    assert_ne!(turns[0], turns[1]);
    assert_eq!([turns[0], turns[1]], [turns[2], turns[3]]);
    assert!(turns.contains(&id_of(&mara)) && turns.contains(&id_of(&joe)));
}
