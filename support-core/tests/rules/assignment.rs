//! The choice of an agent, against striking candidates out one rule at a time.

use chrono_tz::Tz;
use proptest::prelude::*;
use support_core::{
    model::{
        Agent, AgentId, Availability, Calendar, Candidate, Department, DepartmentId, OfficeHours, Timestamp, Wanted,
        choose, in_order, somebody_is_online,
    },
    testing::Samples,
};
use uuid::Uuid;

const WORDS: [&str; 3] = ["de", "en", "fr"];
const TAGS: [&str; 6] = ["de", "DE-at", "de-CH", "en", "en-GB", "pt-BR"];

fn words(bits: u8) -> Vec<String> {
    let places = (0..3).filter(|place| bits & (1 << place) != 0);
    places.map(|place| WORDS[place].to_owned()).collect()
}

fn tags(bits: u8) -> Vec<String> {
    let places = (0..6).filter(|place| bits & (1 << place) != 0);
    places.map(|place| TAGS[place].to_owned()).collect()
}

fn language(tag: &str) -> String {
    tag[..2].to_lowercase()
}

fn department(number: u8) -> DepartmentId {
    DepartmentId::new(Uuid::from_u128(u128::from(number)))
}

prop_compose! {
    fn candidate()(
        id in 1..50_u128,
        departments in proptest::collection::vec(0..3_u8, 0..3),
        (skills, languages) in (0..8_u8, 0..64_u8),
        (open_tickets, capacity) in (0..5_u32, 0..6_u32),
        availability in proptest::sample::select(vec![Availability::Available, Availability::Available, Availability::Busy, Availability::Away, Availability::Offline]),
        is_active in proptest::bool::weighted(0.9),
        is_online in proptest::bool::weighted(0.8),
        assigned in proptest::option::of(0..3_i64),
    ) -> Candidate {
        Candidate {
            agent: Agent {
                id: AgentId::new(Uuid::from_u128(id)),
                departments: departments.into_iter().map(department).collect(),
                skills: words(skills),
                languages: tags(languages),
                max_concurrent_tickets: capacity,
                availability,
                is_active,
                ..Samples::new().agent()
            },
            is_online,
            open_tickets,
            last_assigned_at: assigned.map(Timestamp::from_millis),
        }
    }
}

prop_compose! {
    fn wanted()(
        team in proptest::option::of(0..3_u8),
        skills in 0..4_u8,
        languages in 0..64_u8,
        passed_over in proptest::collection::vec(1..50_u128, 0..4),
    ) -> Wanted {
        Wanted {
            department: team.map(department),
            skills: words(skills),
            languages: tags(languages),
            passed_over: passed_over.into_iter().map(|id| AgentId::new(Uuid::from_u128(id))).collect(),
        }
    }
}

/// Keeps those for whom `measure` is smallest.
fn keep_smallest<T: PartialOrd + Copy>(left: &mut Vec<&Candidate>, measure: impl Fn(&Candidate) -> T) {
    let measures: Vec<_> = left.iter().map(|candidate| measure(candidate)).collect();
    let smallest = measures
        .iter()
        .copied()
        .reduce(|least, next| if next < least { next } else { least });
    left.retain(|candidate| Some(measure(candidate)) == smallest);
}

fn struck_out<'a>(candidates: &'a [Candidate], wanted: &Wanted) -> Vec<&'a Candidate> {
    let mut left: Vec<_> = candidates.iter().collect();
    left.retain(|candidate| candidate.agent.is_active && candidate.is_online);
    left.retain(|candidate| candidate.agent.availability == Availability::Available);
    left.retain(|candidate| candidate.open_tickets < candidate.agent.max_concurrent_tickets);
    if let Some(department) = wanted.department {
        left.retain(|candidate| candidate.agent.departments.contains(&department));
    }
    for skill in &wanted.skills {
        left.retain(|candidate| candidate.agent.skills.contains(skill));
    }
    left.retain(|candidate| !wanted.passed_over.contains(&candidate.agent.id));
    let most = |left: &mut Vec<&'a Candidate>, is_spoken: fn(&str, &str) -> bool| {
        keep_smallest(left, |candidate| {
            let speaks = |tag: &&String| candidate.agent.languages.iter().any(|own| is_spoken(own, tag));
            -i64::try_from(wanted.languages.iter().filter(speaks).count()).unwrap()
        });
    };
    most(&mut left, |own, tag| language(own) == language(tag));
    most(&mut left, |own, tag| own.to_lowercase() == tag.to_lowercase());
    keep_smallest(&mut left, |candidate| {
        f64::from(candidate.open_tickets) / f64::from(candidate.agent.max_concurrent_tickets)
    });
    keep_smallest(&mut left, |candidate| {
        candidate.last_assigned_at.map_or(i64::MIN, Timestamp::millis)
    });
    keep_smallest(&mut left, |candidate| candidate.agent.id);
    left
}

proptest! {
    #[test]
    fn the_choice_is_who_is_left_after_every_rule(
        candidates in proptest::collection::vec(candidate(), 0..8),
        wanted in wanted(),
    ) {
        let left = struck_out(&candidates, &wanted);
        let chosen = choose(&candidates, &wanted);
        prop_assert_eq!(chosen.is_some(), !left.is_empty());
        if let Some(chosen) = chosen {
            prop_assert!(left.contains(&chosen), "{:?} is not among {:?}", chosen, left);
        }
    }

    #[test]
    fn the_choice_does_not_depend_on_the_order_of_the_list(
        mut candidates in proptest::collection::vec(candidate(), 0..8),
        wanted in wanted(),
    ) {
        let chosen = choose(&candidates, &wanted).map(|candidate| candidate.agent.id);
        candidates.reverse();
        prop_assert_eq!(choose(&candidates, &wanted).map(|candidate| candidate.agent.id), chosen);
    }

    #[test]
    fn the_order_is_that_of_choosing_again_and_again(
        candidates in proptest::collection::vec(candidate(), 0..8),
        wanted in wanted(),
    ) {
        let mut candidates = candidates;
        candidates.sort_by_key(|candidate| candidate.agent.id);
        candidates.dedup_by_key(|candidate| candidate.agent.id);
        let ordered: Vec<_> = in_order(&candidates, &wanted).into_iter().map(|one| one.agent.id).collect();
        let mut left = candidates.clone();
        let mut chosen = Vec::new();
        while let Some(next) = choose(&left, &wanted).map(|one| one.agent.id) {
            chosen.push(next);
            left.retain(|one| one.agent.id != next);
        }
        prop_assert_eq!(ordered, chosen);
    }

    #[test]
    fn somebody_is_online_while_one_of_the_team_is_there_and_not_away(
        candidates in proptest::collection::vec(candidate(), 0..6),
        team in proptest::option::of(0..3_u8),
    ) {
        let team = team.map(department);
        let is_there = |candidate: &&Candidate| {
            candidate.is_online
                && candidate.agent.is_active
                && !matches!(candidate.agent.availability, Availability::Away | Availability::Offline)
                && team.is_none_or(|team| candidate.agent.departments.contains(&team))
        };
        let expected = candidates.iter().any(|candidate| is_there(&candidate));
        let now = Timestamp::from_millis(0);
        let always = Calendar::new(Tz::UTC, None).into();
        prop_assert_eq!(somebody_is_online(&candidates, team, &always, now), expected);
        let never = Calendar::new(Tz::UTC, Some(&OfficeHours::default())).into();
        prop_assert!(!somebody_is_online(&candidates, team, &never, now));
    }
}

#[test]
fn nobody_is_chosen_for_a_team_without_agents() {
    let samples = Samples::new();
    let Department { id, .. } = samples.department();
    let candidate = Candidate {
        agent: samples.agent(),
        is_online: true,
        open_tickets: 0,
        last_assigned_at: None,
    };
    let wanted = Wanted {
        department: Some(id),
        ..Wanted::default()
    };
    assert_eq!(choose(std::slice::from_ref(&candidate), &wanted), None);
    assert_eq!(
        choose(std::slice::from_ref(&candidate), &Wanted::default()),
        Some(&candidate)
    );
}
