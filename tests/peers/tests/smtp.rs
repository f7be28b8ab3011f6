//! The mail server, talked to by lettre and, where lettre is too well-behaved, by hand.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::time::Duration;

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::{AsyncSmtpTransportBuilder as MailerBuilder, Error, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use support_peers::SmtpSink;
use support_peers::smtp::{Act, Stage};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const SOON: Duration = Duration::from_secs(10);

type Mailer = AsyncSmtpTransport<Tokio1Executor>;

fn mailer(sink: &SmtpSink) -> Mailer {
    Mailer::builder_dangerous("127.0.0.1").port(sink.port()).build()
}

fn message(to: &str, id: &str) -> Message {
    Message::builder()
        .from("Ünal <desk@example.org>".parse::<Mailbox>().unwrap())
        .to(to.parse().unwrap())
        .message_id(Some(format!("<{id}@example.org>")))
        .subject("Grüße an dich, und zwar so viele, dass die Zeile gefaltet werden muss: äöüß äöüß äöüß")
        .multipart(MultiPart::alternative_plain_html(
            ".eine Zeile mit Punkt\r\n.\r\nEnde".to_owned(),
            "<p>Ende &amp; aus</p>".to_owned(),
        ))
        .unwrap()
}

async fn send(mailer: &Mailer, to: &str, id: &str) -> Result<(), Error> {
    mailer.send(message(to, id)).await.map(|_| ())
}

/// Sends with a client that soon gives up. lettre's own timeout ends with the connecting.
async fn gives_up(sink: &SmtpSink) -> bool {
    let mailer = mailer(sink);
    let sending = send(&mailer, "ann@example.com", "1");
    tokio::time::timeout(Duration::from_millis(200), sending).await.is_err()
}

fn code(result: Result<(), Error>) -> String {
    result.unwrap_err().status().unwrap().to_string()
}

/// All the server says to this, until it closes or has said so many lines.
async fn said(sink: &SmtpSink, dialogue: &str) -> String {
    let mut stream = TcpStream::connect(sink.address()).await.unwrap();
    stream.write_all(dialogue.as_bytes()).await.unwrap();
    let mut said = String::new();
    tokio::time::timeout(SOON, stream.read_to_string(&mut said))
        .await
        .unwrap()
        .unwrap();
    said
}

const OPENING: &str = "EHLO me\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n";
const HEADERS: &str = "From: a@x\r\nTo: b@x\r\nDate: now\r\nSubject: s\r\nMessage-ID: <1@x>\r\nMIME-Version: 1.0\r\n";

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let sink = SmtpSink::start().await;
    send(&mailer(&sink), "Ann <ann@example.com>", "1").await.unwrap();

    let mail = sink
        .wait_for_mail(|mail| mail.recipients == ["ann@example.com"], SOON)
        .await;
    assert_eq!(mail.envelope_from, "desk@example.org");
    assert_eq!(
        mail.header("subject").unwrap(),
        "Grüße an dich, und zwar so viele, dass die Zeile gefaltet werden muss: äöüß äöüß äöüß"
    );
    assert_eq!(mail.header("From").unwrap(), "Ünal <desk@example.org>");
    assert_eq!(mail.message_id().as_deref(), Some("1@example.org"));
    assert_eq!(mail.text().unwrap(), ".eine Zeile mit Punkt\r\n.\r\nEnde");
    assert_eq!(mail.html().unwrap(), "<p>Ende &amp; aus</p>");
    assert!(mail.answered);
}

#[tokio::test]
async fn credentials_are_checked_in_both_mechanisms() {
    let sink = SmtpSink::builder().credentials("desk", "secret").start().await;
    assert_eq!(code(send(&mailer(&sink), "ann@example.com", "1").await), "530");
    for mechanism in [Mechanism::Plain, Mechanism::Login] {
        let mailer = |password: &str| {
            Mailer::builder_dangerous("127.0.0.1")
                .port(sink.port())
                .authentication(vec![mechanism])
                .credentials(Credentials::new("desk".to_owned(), password.to_owned()))
                .build()
        };
        assert_eq!(code(send(&mailer("wrong"), "ann@example.com", "1").await), "535");
        send(&mailer("secret"), "ann@example.com", "1").await.unwrap();
    }
    let mails = sink.mails();
    assert_eq!(mails.len(), 2);
    assert!(mails.iter().all(|mail| mail.user.as_deref() == Some("desk")));
    assert!(
        sink.refusals()
            .iter()
            .any(|refusal| refusal.answer.starts_with("535 5.7.8"))
    );
}

fn trusting(sink: &SmtpSink, tls: impl Fn(TlsParameters) -> Tls) -> MailerBuilder {
    let authority = Certificate::from_pem(sink.authority_pem().as_bytes()).unwrap();
    let parameters = TlsParameters::builder("localhost".to_owned()).add_root_certificate(authority);
    let parameters = parameters.certificate_store(CertificateStore::None).build().unwrap();
    Mailer::builder_dangerous("127.0.0.1")
        .port(sink.port())
        .tls(tls(parameters))
}

#[tokio::test]
async fn mail_comes_encrypted_by_either_way_to_who_trusts_the_authority() {
    let asked = SmtpSink::builder()
        .credentials("desk", "secret")
        .start_tls()
        .start()
        .await;
    let at_once = SmtpSink::builder().implicit_tls().start().await;
    let secret = Credentials::new("desk".to_owned(), "secret".to_owned());
    let by_start_tls = trusting(&asked, Tls::Required).credentials(secret.clone()).build();
    send(&by_start_tls, "ann@example.com", "1").await.unwrap();
    let wrapped = trusting(&at_once, Tls::Wrapper).build();
    send(&wrapped, "ann@example.com", "1").await.unwrap();
    for sink in [&asked, &at_once] {
        assert!(sink.mails().first().unwrap().encrypted);
    }

    let in_clear = Mailer::builder_dangerous("127.0.0.1").port(asked.port()).build();
    assert_eq!(code(send(&in_clear, "ann@example.com", "1").await), "530");
    let login = "EHLO me\r\nAUTH PLAIN AGRlc2sAc2VjcmV0\r\nQUIT\r\n";
    assert!(said(&asked, login).await.contains("\r\n538 "));
    assert_eq!((asked.accepted(), at_once.accepted()), (1, 1));
}

#[tokio::test]
async fn a_certificate_for_another_host_is_seen_by_the_client() {
    let sink = SmtpSink::builder()
        .implicit_tls()
        .host("mail.example.org")
        .start()
        .await;
    let wrapped = trusting(&sink, Tls::Wrapper).build();
    send(&wrapped, "ann@example.com", "1").await.unwrap_err();
    assert_eq!(sink.accepted(), 0);
}

#[tokio::test]
async fn scripted_answers_come_once_or_always_and_leave_the_rest_alone() {
    let sink = SmtpSink::start().await;
    let mailer = mailer(&sink);
    sink.refuse_recipient("gone@example.com", "550 5.1.1 no such user");
    sink.answer_once(Stage::Mail, Act::Answer("450 4.2.0 greylisted".to_owned()));
    sink.answer_data_once("451 4.3.0 try later");

    assert_eq!(code(send(&mailer, "ann@example.com", "1").await), "450");
    assert_eq!(code(send(&mailer, "ann@example.com", "1").await), "451");
    assert_eq!(code(send(&mailer, "Gone@example.com", "2").await), "550");
    assert!(sink.mails().is_empty());
    send(&mailer, "ann@example.com", "1").await.unwrap();
    sink.accept_recipient("gone@example.com");
    send(&mailer, "gone@example.com", "2").await.unwrap();
    assert_eq!(sink.accepted(), 2);

    sink.answer_always(
        Stage::Recipient,
        Act::Answer("452 4.5.3 too many recipients".to_owned()),
    );
    assert_eq!(code(send(&mailer, "ann@example.com", "3").await), "452");
    assert_eq!(code(send(&mailer, "ann@example.com", "3").await), "452");
    sink.clear_script();
    send(&mailer, "ann@example.com", "3").await.unwrap();
}

#[tokio::test]
async fn a_refused_greeting_ends_the_connection() {
    let sink = SmtpSink::start().await;
    sink.answer_once(Stage::Greeting, Act::Answer("421 4.3.2 shutting down".to_owned()));
    assert_eq!(said(&sink, "EHLO me\r\n").await, "421 4.3.2 shutting down\r\n");
}

#[tokio::test]
async fn a_connection_closed_before_the_last_answer_leaves_the_mail_behind() {
    let sink = SmtpSink::start().await;
    sink.close_before_answer(1);
    assert!(
        send(&mailer(&sink), "ann@example.com", "1")
            .await
            .unwrap_err()
            .status()
            .is_none()
    );
    send(&mailer(&sink), "ann@example.com", "1").await.unwrap();
    let answered: Vec<_> = sink
        .mails()
        .iter()
        .map(|mail| (mail.message_id().unwrap(), mail.answered))
        .collect();
    assert_eq!(
        answered,
        [("1@example.org".to_owned(), false), ("1@example.org".to_owned(), true)]
    );
}

#[tokio::test]
async fn a_connection_dropped_amid_the_content_loses_the_mail() {
    let sink = SmtpSink::start().await;
    sink.drop_in_content(1);
    send(&mailer(&sink), "ann@example.com", "1").await.unwrap_err();
    assert_eq!(sink.accepted(), 0);
    send(&mailer(&sink), "ann@example.com", "1").await.unwrap();
    assert_eq!(sink.accepted(), 1);
}

#[tokio::test]
async fn a_server_that_hangs_says_nothing_until_it_recovers() {
    let sink = SmtpSink::start().await;
    sink.hang(true);
    assert!(gives_up(&sink).await);
    sink.hang(false);
    sink.answer_once(Stage::Content, Act::Hang);
    assert!(gives_up(&sink).await);
    send(&mailer(&sink), "ann@example.com", "1").await.unwrap();
    assert_eq!(sink.accepted(), 1);
}

#[tokio::test]
async fn a_pipelined_dialogue_is_answered_in_order() {
    let sink = SmtpSink::start().await;
    let dialogue = format!("{OPENING}{HEADERS}\r\n..dot\r\n.\r\nRSET\r\nQUIT\r\n");
    let said = said(&sink, &dialogue).await;
    let codes: Vec<_> = said.lines().map(|line| &line[..4]).collect();
    let expected = [
        "220 ", "250-", "250-", "250-", "250-", "250 ", "250 ", "250 ", "354 ", "250 ", "250 ", "221 ",
    ];
    assert_eq!(codes, expected);
    let mails = sink.mails();
    assert!(mails.first().unwrap().raw.ends_with(b"\r\n\r\n.dot\r\n"));
}

#[tokio::test]
async fn commands_out_of_order_and_broken_mail_are_refused() {
    let sink = SmtpSink::builder().size_limit(2000).start().await;
    let long = "x".repeat(999);
    let much = "x\r\n".repeat(700);
    let twice = format!("{HEADERS}From: c@x\r\n\r\nhello\r\n");
    let cases = [
        ("MAIL FROM:<a@x>\r\n".to_owned(), "503 "),
        ("EHLO me\r\nRCPT TO:<a@x>\r\n".to_owned(), "503 "),
        (
            "EHLO me\r\nMAIL FROM:<a@x>\r\nDATA\r\n".to_owned(),
            "503 5.5.1 no valid",
        ),
        ("EHLO me\r\nMAIL FROM:<a@x> SIZE=2001\r\n".to_owned(), "552 5.3.4"),
        ("EHLO me\r\nMAIL FROM:a@x\r\n".to_owned(), "501 5.1.7"),
        ("EHLO me\nNOOP\r\n".to_owned(), "500 5.5.2"),
        (format!("{OPENING}{HEADERS}\r\nbare\nline\r\n.\r\n"), "550 5.6.11"),
        (
            format!("{OPENING}{HEADERS}\r\nsmuggled\n.\r\nMAIL FROM:<a@x>\r\n.\r\n"),
            "550 5.6.11",
        ),
        (format!("{OPENING}{HEADERS}\r\nä\r\n.\r\n"), "554 5.6.3"),
        (format!("{OPENING}Subject: s\r\n\r\nhello\r\n.\r\n"), "554 5.6.0"),
        (format!("{OPENING}{twice}.\r\n"), "554 5.6.0"),
        (format!("{OPENING}{long}\r\n.\r\n"), "554 5.6.0 line longer"),
        (format!("{OPENING}{HEADERS}\r\n{much}.\r\n"), "552 5.3.4"),
    ];
    for (dialogue, answer) in cases {
        let said = said(&sink, &format!("{dialogue}QUIT\r\n")).await;
        assert!(said.contains(&format!("\r\n{answer}")), "{dialogue:?} got {said}");
    }
    assert_eq!(sink.accepted(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_mails_at_once_are_counted_over_few_connections() {
    let sink = SmtpSink::builder().count_only().start().await;
    let pool = PoolConfig::new().max_size(8);
    let mailer = Mailer::builder_dangerous("127.0.0.1")
        .port(sink.port())
        .pool_config(pool)
        .build();
    let mut sending = tokio::task::JoinSet::new();
    for number in 0..8 {
        let mailer = mailer.clone();
        sending.spawn(async move {
            for mail in 0..50 {
                send(&mailer, "ann@example.com", &format!("{number}-{mail}"))
                    .await
                    .unwrap();
            }
        });
    }
    sending.join_all().await;
    assert_eq!(sink.accepted(), 400);
    assert!(sink.mails().is_empty());
    assert!((1..=20).contains(&sink.max_concurrent()), "{}", sink.max_concurrent());
    assert!(sink.connections() < 100, "{}", sink.connections());
}

#[tokio::test]
async fn a_server_that_stopped_refuses_connections_until_another_takes_its_port() {
    let sink = SmtpSink::start().await;
    let mailer = mailer(&sink);
    send(&mailer, "ann@example.com", "1").await.unwrap();
    let port = sink.stop().await;
    send(&mailer, "ann@example.com", "2").await.unwrap_err();
    let sink = SmtpSink::builder().port(port).start().await;
    send(&mailer, "ann@example.com", "2").await.unwrap();
    assert_eq!(sink.accepted(), 1);
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let sink = SmtpSink::start().await;
    let address = sink.address();
    let mut stream = TcpStream::connect(address).await.unwrap();
    drop(sink);
    let mut rest = Vec::new();
    // Closed or reset: both are an end.
    let _end = tokio::time::timeout(SOON, stream.read_to_end(&mut rest)).await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
