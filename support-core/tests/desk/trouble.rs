use std::time::Duration;

use support_core::{
    desk::FirstAdmin,
    desk::{
        ChannelChanges, InboundMessage, NewMessage, NewTenant, NewWebhook, Scope, SmtpChanges, Speaker, TenantChanges,
    },
    model::{Channel, DeliveryStatus, InboxKind, Principal, TenantId, TicketChannel, TlsMode},
    ports::{DeliveryFilter, NotifyError, PageRequest},
};

use crate::{
    office::{PASSWORD, eventually, id_of},
    post::PostOffice,
};

fn temporary() -> NotifyError {
    NotifyError::Temporary {
        reason: "451 try again".into(),
        retry_after: None,
    }
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_tried_again_by_the_schedule_under_the_same_id_and_then_given_up() {
    let post = PostOffice::open().await;
    post.mails.fail(Some(temporary()));
    post.chat_with_address().await;
    let mut mail = None;
    for _ in 0..2_000 {
        post.office.clock.advance(Duration::from_secs(3_600));
        // Longer than the worker rests between two looks.
        tokio::time::sleep(Duration::from_millis(600)).await;
        let owed = post.deliveries().await.into_iter();
        let mut mails = owed.filter(|owed| owed.notice.kind() == "request_confirmed");
        mail = mails.find(|mail| mail.status == DeliveryStatus::Dead);
        if mail.is_some() {
            break;
        }
    }
    let mail = mail.unwrap();
    post.mails.fail(None);
    assert_eq!((mail.status, mail.attempts), (DeliveryStatus::Dead, 11));
    assert_eq!(mail.last_error.as_deref(), Some("451 try again"));
    let tried = post.mails.tried();
    let ids: Vec<_> = tried.iter().filter(|out| out.id == mail.id).collect();
    assert_eq!(ids.len(), 11);

    let office = &post.office;
    office.desk.retry_delivery(&office.admin, mail.id).await.unwrap();
    eventually(|| async { post.mails.sent().iter().any(|out| out.id == mail.id).then_some(()) }).await;
    assert!(
        office.desk.retry_delivery(&office.admin, mail.id).await.is_err(),
        "sent"
    );
}

#[tokio::test(start_paused = true)]
async fn the_other_sides_wish_to_be_left_alone_is_heeded() {
    let post = PostOffice::open().await;
    post.telegram.answer(Err(NotifyError::Temporary {
        reason: "429".into(),
        retry_after: Some(Duration::from_secs(40)),
    }));
    post.chat_by(TicketChannel::Web, None).await;
    post.pass(Duration::from_secs(1)).await;
    post.chat_by(TicketChannel::Web, None).await;
    post.office.clock.advance(Duration::from_secs(30));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(post.telegram.tried().len(), 1);
    post.pass(Duration::from_secs(20)).await;
    assert_eq!(post.telegram.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_pause_the_channel_alarm_the_admins_and_end_with_other_credentials() {
    let post = PostOffice::open().await;
    let office = &post.office;
    post.telegram.answer(Err(NotifyError::Refused {
        reason: "401 Unauthorized".into(),
    }));
    post.chat_by(TicketChannel::Web, None).await;
    eventually(|| async { (post.telegram.tried().len() == 1).then_some(()) }).await;
    for _ in 0..3 {
        post.chat_by(TicketChannel::Web, None).await;
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(post.telegram.tried().len(), 1, "the others' attempts are not used up");
    let alarm = post
        .mails
        .sent()
        .into_iter()
        .find(|out| out.letter.kind.as_str() == "channel_paused");
    assert_eq!(alarm.unwrap().letter.problem.as_deref(), Some("401 Unauthorized"));
    let ada = Principal::Agent(id_of(&office.admin));
    let told = office
        .desk
        .stores()
        .notifications
        .notifications(office.tenant.id, ada, true, 10);
    assert!(told.await.unwrap().iter().any(|told| told.title.contains("telegram")));

    let changes = TenantChanges {
        channels: ChannelChanges {
            telegram: Some(support_core::desk::TelegramChanges {
                bot_token: Some(Some(support_core::model::Secret::presented("another"))),
                chat_id: Some(Some("-200".into())),
                ..Default::default()
            }),
            ..ChannelChanges::default()
        },
        ..TenantChanges::default()
    };
    office
        .desk
        .update_tenant(&office.admin, office.tenant.id, changes)
        .await
        .unwrap();
    eventually(|| async { (post.telegram.sent().len() == 4).then_some(()) }).await;
}

#[tokio::test(start_paused = true)]
async fn a_mail_server_that_hangs_holds_up_neither_other_channels_nor_other_tenants() {
    let post = PostOffice::open().await;
    let office = &post.office;
    post.mails.hang("hangs.example");
    let smtp = SmtpChanges {
        host: Some("hangs.example".into()),
        port: Some(25),
        tls: Some(TlsMode::None),
        ..SmtpChanges::default()
    };
    let changes = TenantChanges {
        channels: ChannelChanges {
            smtp: Some(Some(smtp)),
            ..ChannelChanges::default()
        },
        ..TenantChanges::default()
    };
    office
        .desk
        .update_tenant(&office.admin, office.tenant.id, changes)
        .await
        .unwrap();
    for _ in 0..100 {
        post.chat_with_address().await;
    }
    let system = Scope::system(TenantId::new(office.desk.ids().uuid()));
    let other = NewTenant {
        slug: "other".into(),
        name: "Other".into(),
        timezone: "UTC".into(),
        domains: vec![],
        admin: FirstAdmin {
            name: "Otto".into(),
            email: "otto@other.example".into(),
            password: PASSWORD.into(),
        },
    };
    office.desk.create_tenant(&system, other).await.unwrap();
    let began = tokio::time::Instant::now();
    office
        .desk
        .forgot_password("otto@other.example", Some("other"))
        .unwrap();
    eventually(|| async { (!post.mails.sent().is_empty()).then_some(()) }).await;
    eventually(|| async { (post.telegram.sent().len() == 100).then_some(()) }).await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_who_wants_no_more_is_left_alone_and_the_admins_hear_of_it() {
    let post = PostOffice::open().await;
    let office = &post.office;
    let new = NewWebhook {
        url: "https://crm.example/hook".into(),
        events: vec![],
        is_active: true,
    };
    let (webhook, _) = office.desk.create_webhook(&office.admin, new).await.unwrap();
    post.webhooks.answer(Err(NotifyError::Gone { reason: "410".into() }));
    post.chat_by(TicketChannel::Web, None).await;
    let disabled = eventually(|| async {
        let webhook = office.desk.webhook(&office.admin, webhook.id).await.unwrap();
        (!webhook.is_active).then_some(webhook)
    })
    .await;
    assert_eq!(disabled.disabled_reason.as_deref(), Some("410"));
    eventually(|| async { post.kinds_of_mails().contains(&"webhook_disabled").then_some(()) }).await;
    let tried = post.webhooks.tried().len();
    post.chat_by(TicketChannel::Web, None).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(post.webhooks.tried().len(), tried);
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_who_fails_for_days_is_switched_off() {
    let post = PostOffice::open().await;
    let office = &post.office;
    let new = NewWebhook {
        url: "https://crm.example/hook".into(),
        events: vec!["ticket_opened".into()],
        is_active: true,
    };
    let (webhook, _) = office.desk.create_webhook(&office.admin, new).await.unwrap();
    post.webhooks.fail(Some(temporary()));
    for _ in 0..4 {
        post.chat_by(TicketChannel::Web, None).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        post.pass(Duration::from_secs(2 * 24 * 3_600)).await;
    }
    let webhook = office.desk.webhook(&office.admin, webhook.id).await.unwrap();
    assert!(!webhook.is_active);
    assert!(webhook.failing_since.is_some());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_reach_its_reader_is_told_to_the_agent_once() {
    let post = PostOffice::open().await;
    let office = &post.office;
    let mara = office.available_agent("mara", &[], 5).await;
    let inbox = office
        .desk
        .channel_inbox(office.tenant.id, InboxKind::Messenger)
        .await
        .unwrap();
    let message = InboundMessage {
        inbox: inbox.id,
        channel: TicketChannel::Messenger,
        session: "psid".into(),
        sender_name: None,
        external_id: "mid-1".into(),
        content: "Hi".into(),
    };
    let ticket = office.desk.receive(office.tenant.id, message).await.unwrap();
    post.messenger.answer(Err(NotifyError::Permanent {
        reason: "outside the allowed window".into(),
    }));
    let words = NewMessage::text("Sorry for the wait");
    office.desk.post(&mara, ticket.id, words, Speaker::Own).await.unwrap();
    let lines = eventually(|| async {
        let lines = office.lines(ticket.id).await;
        lines
            .iter()
            .any(|line| line.contains("outside the allowed window"))
            .then_some(lines)
    })
    .await;
    assert!(lines.last().unwrap().starts_with("Your message did not reach"));
    let (visitor, ticket) = (office.visitor_of(&ticket), office.ticket(ticket.id).await);
    let seen = office.desk.messages(&visitor, &ticket, 0, 100).await.unwrap();
    assert!(seen.iter().all(|message| !message.content.contains("window")));
    let filter = DeliveryFilter {
        channel: Some(Channel::Messenger),
        ..DeliveryFilter::default()
    };
    let page = PageRequest { number: 1, limit: 10 };
    let owed = office.desk.deliveries(&office.admin, &filter, page).await.unwrap();
    assert_eq!(owed.items[0].status, DeliveryStatus::Dead);
    assert_eq!(post.messenger.tried().len(), 1);
}
