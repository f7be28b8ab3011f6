use support_core::{
    change::RequestKey,
    desk::{Continued, DeskError, NewMessage, Rule, Scope, Speaker, TicketChanges},
    model::{Actor, Role, Secret, SenderKind, Status},
};

use crate::office::{Office, at_once, id_of};

#[tokio::test]
async fn a_visitor_and_an_agent_talk_and_the_thread_tells_the_story() {
    let office = Office::open().await;
    let opened = office.chat(None).await;
    assert_eq!(opened.ticket.human_number(), "TKT-1");
    assert_eq!(opened.ticket.state.status(), Status::Waiting, "nobody is there yet");
    assert!(opened.ticket.is_offline);

    let answer = office
        .desk
        .post(&office.admin, opened.ticket.id, NewMessage::text(" Hi! "), Speaker::Own)
        .await
        .unwrap();
    assert_eq!(answer.message.content, "Hi!");
    assert_eq!(answer.ticket.assignee(), Some(id_of(&office.admin)));
    assert_eq!(office.lines(opened.ticket.id).await, ["Hello?", "Ada joined", "Hi!"]);
    let seqs: Vec<u64> = office
        .thread(opened.ticket.id)
        .await
        .iter()
        .map(|message| message.seq)
        .collect();
    assert_eq!(seqs, [1, 2, 3]);
}

#[tokio::test]
async fn the_secret_opens_the_conversation_and_only_in_its_tenant() {
    let office = Office::open().await;
    let opened = office.chat(None).await;
    let secret = opened.secret.unwrap();
    let found = office.desk.ticket_of_secret(office.tenant.id, &secret).await.unwrap();
    assert_eq!(found.id, opened.ticket.id);
    let other = support_core::model::TenantId::new(office.desk.ids().uuid());
    assert!(matches!(
        office.desk.ticket_of_secret(other, &secret).await,
        Err(DeskError::NotFound)
    ));
}

#[tokio::test]
async fn the_same_client_id_is_the_same_message() {
    let office = Office::open().await;
    let ticket = office.chat(None).await.ticket;
    let visitor = office.visitor_of(&ticket);
    let message = NewMessage {
        client_id: Some("m-1".into()),
        ..NewMessage::text("Once")
    };
    let first = office
        .desk
        .post(&visitor, ticket.id, message.clone(), Speaker::Own)
        .await
        .unwrap();
    let again = office
        .desk
        .post(&visitor, ticket.id, message.clone(), Speaker::Own)
        .await
        .unwrap();
    assert!(again.is_repeat);
    assert_eq!(again.message, first.message);
    let others = office
        .desk
        .post(&office.admin, ticket.id, message, Speaker::Own)
        .await
        .unwrap();
    assert!(!others.is_repeat, "another sender's id is another message");
}

#[tokio::test]
async fn a_request_with_a_key_opens_one_ticket_and_gives_a_secret_that_works() {
    let office = Office::open().await;
    let key = RequestKey {
        key: Secret::presented("key").hash(),
        fingerprint: Secret::presented("body").hash(),
    };
    let scope = Scope::new(office.tenant.id, Actor::Anyone).once(key);
    let new = office.new_chat(None).await;
    let first = office.desk.open_ticket(&scope, new.clone()).await.unwrap();
    let again = office.desk.open_ticket(&scope, new).await.unwrap();
    assert_eq!(again.ticket.id, first.ticket.id);
    assert_eq!(again.message, first.message);
    let secret = again.secret.unwrap();
    assert_eq!(
        office
            .desk
            .ticket_of_secret(office.tenant.id, &secret)
            .await
            .unwrap()
            .id,
        first.ticket.id
    );
}

fn key() -> RequestKey {
    RequestKey {
        key: Secret::presented("key").hash(),
        fingerprint: Secret::presented("body").hash(),
    }
}

#[tokio::test]
async fn a_repeated_answer_is_the_answer_and_not_what_the_software_said_with_it() {
    let office = Office::open().await;
    let ticket = office.chat(None).await.ticket;
    let scope = office.admin.clone().once(key());
    let answer = NewMessage::text("Hi!");
    let first = office
        .desk
        .post(&scope, ticket.id, answer.clone(), Speaker::Own)
        .await
        .unwrap();
    let again = office.desk.post(&scope, ticket.id, answer, Speaker::Own).await.unwrap();
    assert!(again.is_repeat);
    assert_eq!(again.message, first.message);
    assert_eq!(office.lines(ticket.id).await, ["Hello?", "Ada joined", "Hi!"]);
}

#[tokio::test]
async fn a_repeated_change_of_status_is_the_same_change_and_no_refusal() {
    let office = Office::open().await;
    let ticket = office.chat(None).await.ticket;
    let resolved = TicketChanges {
        status: Some(Status::Resolved),
        ..TicketChanges::default()
    };
    let scope = office.admin.clone().once(key());
    let first = office
        .desk
        .update_ticket(&scope, ticket.id, resolved.clone())
        .await
        .unwrap();
    let again = office.desk.update_ticket(&scope, ticket.id, resolved).await.unwrap();
    assert_eq!(again, first);

    let ticket = office.chat(None).await.ticket;
    let visitor = office.visitor_of(&ticket).once(RequestKey {
        key: Secret::presented("another").hash(),
        ..key()
    });
    let first = office.desk.close_own_ticket(&visitor, ticket.id).await.unwrap();
    let again = office.desk.close_own_ticket(&visitor, ticket.id).await.unwrap();
    assert_eq!(again, first);
}

#[tokio::test]
async fn a_department_is_removed_by_a_request_with_a_key_whose_tickets_have_to_move() {
    let office = Office::open().await;
    let departments = office.desk.departments(&office.admin).await.unwrap();
    let id_of = |slug: &str| departments.iter().find(|found| found.slug == slug).unwrap().id;
    let tickets = [office.chat(Some("sales")).await, office.chat(Some("sales")).await];
    let scope = office.admin.clone().once(key());
    let removal = office
        .desk
        .remove_department(&scope, id_of("sales"), Some(id_of("general")));
    let limit = std::time::Duration::from_secs(5);
    tokio::time::timeout(limit, removal).await.unwrap().unwrap();
    for opened in tickets {
        assert_eq!(office.ticket(opened.ticket.id).await.department, Some(id_of("general")));
    }
    let left = office.desk.departments(&office.admin).await.unwrap();
    assert!(left.iter().all(|department| department.slug != "sales"));
}

#[tokio::test]
async fn notes_are_for_agents_only() {
    let office = Office::open().await;
    let ticket = office.chat(None).await.ticket;
    let visitor = office.visitor_of(&ticket);
    let note = NewMessage {
        is_note: true,
        ..NewMessage::text("A difficult one")
    };
    let posted = office
        .desk
        .post(&office.admin, ticket.id, note.clone(), Speaker::Own)
        .await
        .unwrap();
    assert_eq!(posted.ticket.assignee(), None, "a note takes no ticket");
    assert_eq!(posted.ticket.thread.last_message_preview.as_deref(), Some("Hello?"));
    let seen = office.desk.messages(&visitor, &posted.ticket, 0, 100).await.unwrap();
    assert!(seen.iter().all(|message| message.content != "A difficult one"));
    assert!(matches!(
        office.desk.post(&visitor, ticket.id, note, Speaker::Own).await,
        Err(DeskError::Forbidden)
    ));
}

#[tokio::test]
async fn a_customers_words_take_up_pending_and_reopen_resolved_and_are_refused_on_closed() {
    let office = Office::open().await;
    let mara = office.available_agent("mara", &[], 2).await;
    let ticket = office.chat(None).await.ticket;
    let visitor = office.visitor_of(&ticket);
    office.desk.join(&mara, ticket.id).await.unwrap();
    for (status, after) in [
        (Status::Pending, Status::Assigned),
        (Status::Resolved, Status::Assigned),
    ] {
        let changes = TicketChanges {
            status: Some(status),
            ..TicketChanges::default()
        };
        office
            .desk
            .update_ticket(&office.admin, ticket.id, changes)
            .await
            .unwrap();
        let posted = office
            .desk
            .post(&visitor, ticket.id, NewMessage::text("And?"), Speaker::Own)
            .await
            .unwrap();
        assert_eq!(posted.ticket.state.status(), after);
    }
    assert_eq!(office.ticket(ticket.id).await.reopened_count, 1);
    let changes = TicketChanges {
        status: Some(Status::Closed),
        ..TicketChanges::default()
    };
    office
        .desk
        .update_ticket(&office.admin, ticket.id, changes)
        .await
        .unwrap();
    let refused = office
        .desk
        .post(&visitor, ticket.id, NewMessage::text("And?"), Speaker::Own)
        .await;
    assert!(matches!(refused, Err(DeskError::Refused(Rule::TicketClosed))));
}

#[tokio::test]
async fn a_refused_change_changes_nothing_at_all() {
    let office = Office::open().await;
    let ticket = office.chat(None).await.ticket;
    let before = office.ticket(ticket.id).await;
    let changes = TicketChanges {
        priority: Some(support_core::model::Priority::Urgent),
        status: Some(Status::Assigned),
        department: Some(Some("nowhere".into())),
        ..TicketChanges::default()
    };
    assert!(matches!(
        office.desk.update_ticket(&office.admin, ticket.id, changes).await,
        Err(DeskError::Invalid(_))
    ));
    assert_eq!(office.ticket(ticket.id).await, before);
}

#[tokio::test]
async fn read_marks_move_forward_and_count_what_they_marked() {
    let office = Office::open().await;
    let ticket = office.chat(None).await.ticket;
    let visitor = office.visitor_of(&ticket);
    for words in ["One", "Two"] {
        office
            .desk
            .post(&visitor, ticket.id, NewMessage::text(words), Speaker::Own)
            .await
            .unwrap();
    }
    assert_eq!(office.ticket(ticket.id).await.thread.unread_by_agents, 3);
    assert_eq!(office.desk.mark_read(&office.admin, ticket.id, 2).await.unwrap(), 2);
    assert_eq!(
        office.desk.mark_read(&office.admin, ticket.id, 1).await.unwrap(),
        0,
        "marks never move back"
    );
    assert_eq!(office.ticket(ticket.id).await.thread.unread_by_agents, 1);
}

#[tokio::test]
async fn strangers_find_nothing() {
    let office = Office::open().await;
    let (own, other) = (office.chat(None).await.ticket, office.chat(None).await.ticket);
    let visitor = office.visitor_of(&own);
    let refused = office
        .desk
        .post(&visitor, other.id, NewMessage::text("Hi"), Speaker::Own)
        .await;
    assert!(matches!(refused, Err(DeskError::NotFound)));
    let sales = office.agent("sam", Role::Agent, &["sales"], 3).await;
    let technical = office.chat(Some("technical")).await.ticket;
    assert!(matches!(
        office.desk.ticket(&sales, technical.id).await,
        Err(DeskError::NotFound)
    ));
    assert!(matches!(
        office.desk.join(&sales, technical.id).await,
        Err(DeskError::NotFound)
    ));
}

#[tokio::test]
async fn joining_what_somebody_else_has_is_for_supervisors() {
    let office = Office::open().await;
    let ticket = office.chat(None).await.ticket;
    let (mara, ben) = (
        office.agent("mara", Role::Agent, &[], 3).await,
        office.agent("ben", Role::Agent, &[], 3).await,
    );
    let supervisor = office.agent("sue", Role::Supervisor, &[], 3).await;
    office.desk.join(&mara, ticket.id).await.unwrap();
    assert!(matches!(
        office.desk.join(&ben, ticket.id).await,
        Err(DeskError::Refused(Rule::AlreadyAssigned))
    ));
    let taken = office.desk.join(&supervisor, ticket.id).await.unwrap();
    assert_eq!(taken.assignee(), Some(id_of(&supervisor)));
}

#[tokio::test]
async fn a_bots_history_becomes_messages_of_bot_and_customer() {
    let office = Office::open().await;
    let mut new = office.new_chat(None).await;
    let said = |by_bot, content: &str| support_core::desk::HistoryEntry {
        by_bot,
        content: content.into(),
        at: None,
    };
    new.history = vec![said(false, "Refund?"), said(true, "I can't do that.")];
    let opened = office
        .desk
        .open_ticket(&Scope::new(office.tenant.id, Actor::Anyone), new)
        .await
        .unwrap();
    let senders: Vec<SenderKind> = office
        .thread(opened.ticket.id)
        .await
        .iter()
        .map(|message| message.sender.kind())
        .collect();
    assert_eq!(senders, [SenderKind::Customer, SenderKind::Bot, SenderKind::Customer]);
}

#[tokio::test]
async fn one_session_of_a_chatbot_has_one_unfinished_ticket_even_at_once() {
    let office = Office::open().await;
    let mut new = office.new_chat(None).await;
    new.session = Some("s-1".into());
    let scope = Scope::new(office.tenant.id, Actor::Anyone);
    let opened = at_once((0..16).map(|_| office.desk.open_ticket(&scope, new.clone()))).await;
    let ids: std::collections::HashSet<_> = opened.iter().map(|opened| opened.ticket.id).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(opened.iter().filter(|opened| !opened.is_existing).count(), 1);
}

#[tokio::test]
async fn a_conversation_remembered_from_a_moment_ago_is_never_written_to_as_it_was_then() {
    let office = Office::open().await;
    let opened = office.chat(None).await;
    let (ticket, secret) = (opened.ticket, opened.secret.unwrap());
    let visitor = office.visitor_of(&ticket);
    let say = async |words: &str| {
        let ticket = office.desk.ticket_to_write_to(office.tenant.id, &secret).await.unwrap();
        office
            .desk
            .post_to(&visitor, ticket, NewMessage::text(words), Speaker::Own)
            .await
    };
    say("One").await.unwrap();
    let closed = TicketChanges {
        status: Some(Status::Closed),
        ..TicketChanges::default()
    };
    office
        .desk
        .update_ticket(&office.admin, ticket.id, closed)
        .await
        .unwrap();
    assert!(matches!(say("Two").await, Err(DeskError::Refused(Rule::TicketClosed))));
    let reopened = TicketChanges {
        status: Some(Status::Open),
        ..TicketChanges::default()
    };
    office
        .desk
        .update_ticket(&office.admin, ticket.id, reopened)
        .await
        .unwrap();
    assert_eq!(say("Three").await.unwrap().message.content, "Three");
}

#[tokio::test]
async fn words_to_a_closed_ticket_open_another_that_names_it_once_however_often_they_come() {
    let office = Office::open().await;
    let first = office.chat(None).await.ticket;
    let customer = office.visitor_of(&first);
    let said = |content: &str, id: &str| NewMessage {
        client_id: Some(id.into()),
        ..NewMessage::text(content)
    };
    let before = office
        .desk
        .post_or_follow(&customer, first.clone(), said("In time", "1"))
        .await;
    assert!(matches!(before.unwrap(), Continued::Same(_)));
    for status in [Status::Resolved, Status::Closed] {
        let changes = TicketChanges {
            status: Some(status),
            ..TicketChanges::default()
        };
        office
            .desk
            .update_ticket(&office.admin, first.id, changes)
            .await
            .unwrap();
    }
    let closed = office.ticket(first.id).await;
    let repeated = office
        .desk
        .post_or_follow(&customer, closed.clone(), said("In time", "1"))
        .await;
    assert!(
        matches!(repeated.unwrap(), Continued::Same(_)),
        "it was said before the end"
    );

    let mut successors = Vec::new();
    for _ in 0..2 {
        // As whoever read the ticket before it was closed.
        let continued = office
            .desk
            .post_or_follow(&customer, first.clone(), said("Too late", "2"))
            .await;
        match continued.unwrap() {
            Continued::Successor(opened) => successors.push(opened),
            Continued::Same(posted) => panic!("{posted:?}"),
        }
    }
    assert_eq!(successors[0].ticket.id, successors[1].ticket.id);
    assert!(successors.iter().all(|opened| opened.secret.is_some()));
    let next = office.ticket(successors[0].ticket.id).await;
    assert_eq!(next.requester, first.requester);
    assert_eq!(next.metadata["previousTicket"], first.human_number());
    assert_eq!(office.lines(next.id).await, ["Too late"]);
}
