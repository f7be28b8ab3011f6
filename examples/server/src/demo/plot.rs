//! What becomes of a conversation before it is told.

use std::{collections::VecDeque, time::Duration};

use serde_json::{Map, Value};
use support_core::model::{
    Contact, MessageKind, Office, Priority, Requester, Source, Status, Thread, Ticket, TicketChannel, TicketId,
    TicketState, Timestamp, Visitor, VisitorId,
};

use super::{
    conversation::{Line, Speaker, Step, Story},
    days::{is_staffed, next_morning},
    dice::Dice,
    shop::{ROOM, Shop, somebody},
    words::{
        AGENT_LINES, BLAME, BOT_LINES, CUSTOMER_LINES, ESCALATIONS, NOTES, PRAISE, RESOLUTIONS, Subject, TOPICS, Topic,
    },
};

/// A question and an answer.
const LEAST_SAID: u64 = 2;
/// Seconds from one thing to the next.
const SOON: (u64, u64) = (15, 240);
const LATER: (u64, u64) = (300, 5_400);
/// Stars, by how often they are given.
const STARS: [(u64, u8); 5] = [(62, 5), (22, 4), (7, 3), (3, 2), (6, 1)];
const PRIORITIES: [(u64, Priority); 4] = [
    (25, Priority::Low),
    (60, Priority::Normal),
    (11, Priority::High),
    (4, Priority::Urgent),
];
const OF_VISITORS: [(u64, TicketChannel); 3] = [
    (70, TicketChannel::Web),
    (20, TicketChannel::Chatbot),
    (10, TicketChannel::Email),
];
const OF_CUSTOMERS: [(u64, TicketChannel); 3] = [
    (55, TicketChannel::Portal),
    (30, TicketChannel::Email),
    (15, TicketChannel::Api),
];

/// How a conversation is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Resolved,
    Closed,
    Unanswered,
    Going,
    Pending,
}

/// Makes up conversations, one after another.
#[derive(Debug)]
pub(crate) struct Plots {
    dice: Dice,
    /// Messages of people in a conversation, at most; half as many on average.
    most_said: u64,
    /// How many unfinished tickets each agent has.
    loads: Vec<u32>,
}

/// A conversation that is being made up.
struct Plot<'a> {
    subject: Subject,
    topic: &'static Topic,
    agent: Option<usize>,
    at: Timestamp,
    steps: VecDeque<(Timestamp, Step)>,
    dice: &'a mut Dice,
}

impl Plots {
    /// For conversations of `said` messages of people on average.
    pub(crate) fn new(shop: &Shop, said: u64, dice: Dice) -> Self {
        Self {
            dice,
            most_said: (said * 2).saturating_sub(LEAST_SAID).max(LEAST_SAID),
            loads: vec![0; shop.agents.len()],
        }
    }

    /// A conversation that begins at `at`; a late one may still be going on.
    pub(crate) fn story(&mut self, shop: &Shop, at: Timestamp, is_late: bool) -> Story {
        let Self { dice, most_said, loads } = self;
        let topic = TOPICS.get(dice.place(TOPICS.len())).unwrap_or(&TOPICS[0]);
        let department = shop.departments.get(topic.department).copied();
        let mut end = end(is_late, dice);
        let mut agent = agent_for(shop, department, dice);
        if matches!(end, End::Going | End::Pending) {
            agent = agent.filter(|agent| loads.get(*agent).is_some_and(|load| *load < ROOM - 2));
            match agent.and_then(|agent| loads.get_mut(agent)) {
                Some(load) => *load += 1,
                None => end = End::Unanswered,
            }
        }
        let (requester, contact, visitor) = requester(shop, at, dice);
        let subject = Subject::of(&contact, dice);
        let channels = if visitor.is_some() { &OF_VISITORS } else { &OF_CUSTOMERS };
        let channel = dice.weighed(channels, TicketChannel::Web);
        let office = Office::from_online(is_staffed(at));
        let ticket = Ticket {
            subject: subject.say(topic.subjects, dice),
            department,
            requester,
            contact,
            channel,
            is_offline: office == Office::Empty,
            state: TicketState::new(office),
            tags: tags(topic, dice),
            ..blank(shop, at, topic, channel, dice)
        };
        let said = dice.between(LEAST_SAID, *most_said);
        let mut plot = Plot {
            subject,
            topic,
            agent: agent.filter(|_| end != End::Unanswered),
            at,
            steps: VecDeque::new(),
            dice,
        };
        plot.begin(channel);
        plot.go_on(said);
        plot.end(end);
        let mut steps = plot.steps;
        // What lies ahead has not happened.
        steps.retain(|(at, _)| *at <= shop.now);
        Story {
            ticket,
            visitor,
            steps,
            messages: 0,
            is_unfinished: !matches!(end, End::Resolved | End::Closed),
        }
    }
}

fn end(is_late: bool, dice: &mut Dice) -> End {
    if is_late && dice.happens(650) {
        let unfinished = [(30, End::Unanswered), (50, End::Going), (20, End::Pending)];
        return dice.weighed(&unfinished, End::Going);
    }
    dice.weighed(&[(96, End::Resolved), (4, End::Closed)], End::Resolved)
}

fn agent_for(shop: &Shop, department: Option<support_core::model::DepartmentId>, dice: &mut Dice) -> Option<usize> {
    let of_department = |place: &usize| {
        let departments = shop.agents.get(*place).map(|agent| &agent.departments);
        departments.is_some_and(|departments| department.is_some_and(|department| departments.contains(&department)))
    };
    let colleagues: Vec<usize> = (0..shop.agents.len()).filter(of_department).collect();
    if colleagues.is_empty() {
        return (!shop.agents.is_empty()).then(|| dice.place(shop.agents.len()));
    }
    colleagues.get(dice.place(colleagues.len())).copied()
}

fn requester(shop: &Shop, at: Timestamp, dice: &mut Dice) -> (Requester, Contact, Option<Visitor>) {
    if dice.happens(350)
        && let Some((customer, contact)) = shop.customers.get(dice.place(shop.customers.len()))
    {
        return (Requester::Customer(*customer), contact.clone(), None);
    }
    let contact = somebody(dice);
    let visitor = Visitor {
        id: VisitorId::new(dice.id(at)),
        contact: contact.clone(),
        created_at: at,
        updated_at: at,
    };
    (Requester::Visitor(visitor.id), contact, Some(visitor))
}

fn tags(topic: &Topic, dice: &mut Dice) -> Vec<String> {
    let kept = topic.tags.iter().filter(|_| dice.happens(700));
    let mut tags: Vec<String> = kept.map(|tag| (*tag).to_owned()).collect();
    if dice.happens(20) {
        tags.push("vip".to_owned());
    }
    tags
}

/// A ticket whose requester, subject and state are still to be said.
fn blank(shop: &Shop, at: Timestamp, topic: &Topic, channel: TicketChannel, dice: &mut Dice) -> Ticket {
    let id = TicketId::new(dice.id(at));
    let is_own_page = matches!(channel, TicketChannel::Web | TicketChannel::Portal);
    Ticket {
        id,
        number: 0,
        version: 0,
        inbox: if is_own_page { shop.widget } else { shop.api },
        channel,
        source: if is_own_page { Source::Web } else { Source::Api },
        requester: Requester::Visitor(VisitorId::new(id.uuid())),
        contact: Contact::default(),
        // Nobody holds the secret of a conversation that was made up.
        access: None,
        session: None,
        subject: String::new(),
        department: None,
        priority: dice.weighed(&PRIORITIES, Priority::Normal),
        category: Some(topic.category.to_owned()),
        subcategory: Some(topic.subcategory.to_owned()),
        tags: Vec::new(),
        required_skills: Vec::new(),
        languages: vec!["en".to_owned()],
        state: TicketState::Open,
        escalation: None,
        rating: None,
        reopened_count: 0,
        is_offline: false,
        accept_by: None,
        held_for_bot_until: None,
        passed_over: Vec::new(),
        metadata: Value::Object(Map::new()),
        created_at: at,
        updated_at: at,
        thread: Thread::default(),
    }
}

impl Plot<'_> {
    fn wait(&mut self, (least, most): (u64, u64)) {
        let millis = self.dice.between(least * 1_000, most * 1_000);
        self.at = self.at.plus(Duration::from_millis(millis));
    }

    fn then(&mut self, step: Step) {
        self.steps.push_back((self.at, step));
    }

    fn line(&mut self, speaker: Speaker, lines: &[&'static str]) -> Line {
        let text = match speaker {
            Speaker::Customer => self.subject.ask(lines, self.dice),
            Speaker::Agent(_) | Speaker::Bot => self.subject.say(lines, self.dice),
        };
        Line {
            speaker,
            kind: MessageKind::Text,
            text,
        }
    }

    fn begin(&mut self, channel: TicketChannel) {
        let mut said = vec![self.line(Speaker::Customer, self.topic.questions)];
        if channel == TicketChannel::Chatbot {
            said.push(self.line(Speaker::Bot, &BOT_LINES));
        }
        let is_given = is_staffed(self.at) && self.dice.happens(700);
        let given_to = self.agent.filter(|_| is_given);
        self.then(Step::Open { said, given_to });
        let Some(agent) = self.agent.filter(|_| given_to.is_none()) else {
            return;
        };
        if !is_staffed(self.at) {
            self.at = next_morning(self.at);
        }
        self.wait((20, 2_700));
        self.then(Step::Join(agent));
    }

    fn go_on(&mut self, said: u64) {
        let Some(agent) = self.agent else {
            return;
        };
        let is_quick = self.dice.happens(800);
        let mut speaker = Speaker::Agent(agent);
        for place in 1..said {
            self.wait(if is_quick { SOON } else { LATER });
            let mut line = match speaker {
                Speaker::Customer => self.line(speaker, &CUSTOMER_LINES),
                _ if place < 4 || self.dice.happens(250) => self.line(speaker, self.topic.answers),
                _ => self.line(speaker, &AGENT_LINES),
            };
            if matches!(speaker, Speaker::Agent(_)) && place > 1 && self.dice.happens(50) {
                line.text = self.subject.say(&NOTES, self.dice);
                line.kind = MessageKind::Note;
            }
            self.then(Step::Say(line));
            // Mostly the other one answers.
            if self.dice.happens(780) {
                speaker = match speaker {
                    Speaker::Customer => Speaker::Agent(agent),
                    _ => Speaker::Customer,
                };
            }
        }
        if self.dice.happens(25) {
            self.wait(SOON);
            let reason = self.dice.word(&ESCALATIONS);
            self.then(Step::Escalate {
                by: Some(agent),
                reason,
            });
        }
    }

    fn end(&mut self, end: End) {
        match end {
            End::Unanswered | End::Going => {}
            End::Pending => {
                self.wait(SOON);
                self.go(Status::Pending);
            }
            End::Closed => {
                self.wait(LATER);
                self.go(Status::Closed);
            }
            End::Resolved => {
                self.wait((60, 1_800));
                self.go(Status::Resolved);
                if self.dice.happens(450) {
                    self.wait((60, 14_400));
                    self.rate();
                }
                if self.dice.happens(250) {
                    self.wait((86_400, 259_200));
                    self.agent = None;
                    self.go(Status::Closed);
                }
            }
        }
    }

    fn go(&mut self, to: Status) {
        let is_noted = to == Status::Resolved && self.dice.happens(600);
        let notes = is_noted.then(|| self.dice.word(&RESOLUTIONS).to_owned());
        self.then(Step::Move {
            to,
            by: self.agent,
            notes,
        });
    }

    fn rate(&mut self) {
        let stars = self.dice.weighed(&STARS, 5);
        let words: &[&'static str] = if stars >= 4 { &PRAISE } else { &BLAME };
        let is_said = self.dice.happens(400);
        let comment = is_said.then(|| self.dice.word(words).to_owned());
        self.then(Step::Rate { stars, comment });
    }
}
