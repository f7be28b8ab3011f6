use support_core::{
    desk::{DeskError, NewMessage, NewRating, Rule, Speaker, TenantChanges, TicketChanges},
    model::{NotRateable, RatingSettings, Status, TenantSettings, Ticket, TicketChannel},
    ports::LetterKind,
};

use crate::post::PostOffice;

impl PostOffice {
    async fn set(&self, ticket: &Ticket, status: Status) {
        let changes = TicketChanges {
            status: Some(status),
            ..TicketChanges::default()
        };
        let desk = &self.office.desk;
        desk.update_ticket(&self.office.admin, ticket.id, changes)
            .await
            .unwrap();
        self.all_quiet().await;
    }

    /// The tokens of the mails that asked for a rating, in order.
    fn asked(&self) -> Vec<String> {
        let sent = self.mails.sent();
        let asking = sent
            .iter()
            .filter(|mail| mail.letter.kind == LetterKind::RatingRequested);
        asking
            .map(|mail| {
                let link = mail.letter.link.clone().unwrap();
                link.split("/rate#token=").nth(1).unwrap().to_owned()
            })
            .collect()
    }
}

fn stars(stars: i64) -> NewRating {
    NewRating { stars, comment: None }
}

#[tokio::test(start_paused = true)]
async fn whoever_left_an_address_is_asked_once_for_each_resolution() {
    let post = PostOffice::open().await;
    let desk = &post.office.desk;
    let ticket = post.chat_with_address().await;
    post.set(&ticket, Status::Resolved).await;
    let first = post.asked();
    assert_eq!(first.len(), 1);
    let mail = post.mails.sent().pop().unwrap();
    assert_eq!(mail.recipients, ["vera@mail.example"]);
    let told = mail.letter.ticket.unwrap();
    assert_eq!(
        told.subject, "Your conversation with Shop",
        "nobody of the team took part: the address may be a stranger's"
    );

    let asked = desk.asked_rating(&first[0]).await.unwrap();
    assert_eq!((asked.number, asked.rating), (ticket.human_number(), None));
    let given = desk.rate_by_link(&first[0], stars(4), None).await.unwrap();
    assert_eq!(given.stars, 4);
    let again = desk.rate_by_link(&first[0], stars(1), None).await;
    let already = Rule::NotRateable(NotRateable::AlreadyRated);
    assert!(matches!(again, Err(DeskError::Refused(rule)) if rule == already));

    post.set(&ticket, Status::Open).await;
    post.set(&ticket, Status::Resolved).await;
    let second = post.asked();
    assert_eq!(second.len(), 2, "another resolution is asked about anew");
    desk.rate_by_link(&second[1], stars(5), None).await.unwrap();
    let of_first = desk.asked_rating(&second[0]).await.unwrap().rating.unwrap();
    let of_second = desk.asked_rating(&second[1]).await.unwrap().rating.unwrap();
    assert_eq!(
        (of_first.stars, of_second.stars),
        (4, 5),
        "each link answers for what it was"
    );
}

#[tokio::test(start_paused = true)]
async fn a_link_to_what_was_opened_again_rates_nothing() {
    let post = PostOffice::open().await;
    let ticket = post.chat_with_address().await;
    post.set(&ticket, Status::Resolved).await;
    let token = post.asked().pop().unwrap();
    let desk = &post.office.desk;
    for status in [Status::Open, Status::Resolved] {
        post.set(&ticket, status).await;
        let refused = desk.rate_by_link(&token, stars(1), None).await;
        assert!(matches!(refused, Err(DeskError::Conflict(_))), "{refused:?}");
        assert_eq!(desk.asked_rating(&token).await.unwrap().rating, None);
    }
    for bad in ["", "rubbish", &format!("{token}A"), &token.replace('.', "A.")] {
        let unknown = desk.asked_rating(bad).await;
        assert!(matches!(unknown, Err(DeskError::NotFound)), "{bad}");
    }
    post.office
        .clock
        .advance(std::time::Duration::from_secs(61 * 24 * 60 * 60));
    assert!(matches!(desk.asked_rating(&token).await, Err(DeskError::NotFound)));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_who_left_no_address_or_writes_elsewhere() {
    let post = PostOffice::open().await;
    for ticket in [
        post.chat_by(TicketChannel::Web, None).await,
        post.chat_by(TicketChannel::Telegram, Some("vera@mail.example")).await,
    ] {
        post.set(&ticket, Status::Resolved).await;
    }
    assert_eq!(post.asked().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_may_ask_nobody() {
    let post = PostOffice::open().await;
    let desk = &post.office.desk;
    let settings = TenantSettings {
        rating: RatingSettings { by_mail: false },
        ..post.office.tenant.settings.clone()
    };
    let changes = TenantChanges {
        settings: Some(settings),
        ..TenantChanges::default()
    };
    desk.update_tenant(&post.office.admin, post.office.tenant.id, changes)
        .await
        .unwrap();
    let ticket = post.chat_with_address().await;
    post.set(&ticket, Status::Resolved).await;
    assert_eq!(post.asked().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_subject_is_told_once_somebody_of_the_team_answered() {
    let post = PostOffice::open().await;
    let mara = post.office.available_agent("mara", &[], 5).await;
    let ticket = post.chat_with_address().await;
    let answer = NewMessage::text("Here you are");
    post.office
        .desk
        .post(&mara, ticket.id, answer, Speaker::Own)
        .await
        .unwrap();
    post.set(&ticket, Status::Resolved).await;
    let mail = post.mails.sent().pop().unwrap();
    assert_eq!(mail.letter.ticket.unwrap().subject, "Hello?");
    let token = post.asked().pop().unwrap();
    let asked = post.office.desk.asked_rating(&token).await.unwrap();
    assert_eq!(asked.subject, "Hello?");
    assert!(asked.agent.is_some());
}
