//! Wishes to be phoned, in all states.

use std::time::Duration;

use serde_json::{Map, Value};
use support_core::{
    change::{ChangeSet, SealedChange},
    desk::{DeskError, Scope},
    model::{Actor, AttemptOutcome, CallAttempt, Callback, CallbackId, CallbackStatus, EventBody, Timestamp, e164},
};

use super::{
    dice::Dice,
    shop::{Shop, somebody},
    words::{CALLBACK_NOTES, Subject},
};

const HOUR: u64 = 3_600;
/// How callbacks of the past have ended.
const ENDS: [(u64, CallbackStatus); 4] = [
    (60, CallbackStatus::Resolved),
    (15, CallbackStatus::Contacted),
    (15, CallbackStatus::Failed),
    (10, CallbackStatus::Pending),
];
/// What came of tries that reached nobody.
const IN_VAIN: [(u64, AttemptOutcome); 4] = [
    (50, AttemptOutcome::NoAnswer),
    (25, AttemptOutcome::Voicemail),
    (20, AttemptOutcome::Busy),
    (5, AttemptOutcome::WrongNumber),
];

/// All that happens to one wish, each change on top of the one before it.
///
/// # Errors
/// [`DeskError`] for a step that there isn't.
pub(super) fn callback(shop: &Shop, at: Timestamp, dice: &mut Dice) -> Result<Vec<SealedChange>, DeskError> {
    let is_recent = shop.now.since(at) < Duration::from_secs(12 * HOUR);
    let end = if is_recent {
        CallbackStatus::Pending
    } else {
        dice.weighed(&ENDS, CallbackStatus::Resolved)
    };
    let mut wish = wish(shop, at, dice);
    if is_recent && dice.happens(500) {
        let ahead = dice.between(2 * HOUR, 30 * HOUR);
        wish.scheduled_at = Some(shop.now.plus(Duration::from_secs(ahead)));
    }
    let id = wish.id;
    let actor = wish.customer.map_or(Actor::Anyone, Actor::Customer);
    let mut changes = vec![change(
        shop,
        actor,
        at,
        &mut wish,
        [EventBody::CallbackRequested { callback: id }],
    )];
    let agent = dice.place(shop.agents.len());
    let Some(agent) = shop.agents.get(agent).filter(|_| !is_recent) else {
        return Ok(changes);
    };
    let mut at = at.plus(Duration::from_secs(dice.between(60, HOUR)));
    wish.assigned_to = Some(agent.id);
    let given = EventBody::CallbackAssigned {
        callback: id,
        to: wish.assigned_to,
    };
    changes.push(change(shop, Actor::System, at, &mut wish, [given]));
    if end == CallbackStatus::Pending {
        return Ok(changes);
    }
    let tried = |outcome, at| CallAttempt {
        at,
        by: Some(agent.id),
        outcome,
        notes: None,
    };
    let acting = || Actor::Agent(agent.into());
    let attempted = EventBody::CallbackAttempted { callback: id };
    let in_vain = dice.between(u64::from(end == CallbackStatus::Failed), 2);
    for _ in 0..in_vain {
        at = at
            .plus(Duration::from_secs(dice.between(HOUR / 4, 3 * HOUR)))
            .min(shop.now);
        wish.attempt(tried(dice.weighed(&IN_VAIN, AttemptOutcome::NoAnswer), at))?;
        changes.push(change(shop, acting(), at, &mut wish, [attempted.clone()]));
    }
    at = at.plus(Duration::from_secs(dice.between(60, HOUR))).min(shop.now);
    let moved = |from, to| EventBody::CallbackStatusChanged { callback: id, from, to };
    if end == CallbackStatus::Failed {
        wish.set_status(end, Some(agent.id), at)?;
        changes.push(change(
            shop,
            acting(),
            at,
            &mut wish,
            [moved(CallbackStatus::Pending, end)],
        ));
        return Ok(changes);
    }
    wish.attempt(tried(AttemptOutcome::Reached, at))?;
    let bodies = [attempted, moved(CallbackStatus::Pending, CallbackStatus::Contacted)];
    changes.push(change(shop, acting(), at, &mut wish, bodies));
    if end == CallbackStatus::Resolved {
        at = at.plus(Duration::from_secs(dice.between(60, HOUR))).min(shop.now);
        wish.set_status(end, Some(agent.id), at)?;
        changes.push(change(
            shop,
            acting(),
            at,
            &mut wish,
            [moved(CallbackStatus::Contacted, end)],
        ));
    }
    Ok(changes)
}

fn wish(shop: &Shop, at: Timestamp, dice: &mut Dice) -> Callback {
    let subject = Subject::of(&somebody(dice), dice);
    let customer = shop.customers.get(dice.place(shop.customers.len()));
    let number = format!("+49 30 {}", dice.between(20_000_000, 79_999_999));
    let mut wish = Callback {
        id: CallbackId::new(dice.id(at)),
        e164: e164(&number, None),
        contact_number: number,
        employee_id: None,
        customer: customer.filter(|_| dice.happens(600)).map(|(customer, _)| *customer),
        ticket: None,
        status: CallbackStatus::Pending,
        scheduled_at: None,
        assigned_to: None,
        notes: Some(subject.say(&CALLBACK_NOTES, dice)),
        contacted_at: None,
        contacted_by: None,
        resolved_at: None,
        attempts: Vec::new(),
        reminded_at: None,
        overdue_at: None,
        escalated_at: None,
        metadata: Value::Object(Map::new()),
        version: 0,
        created_at: at,
        updated_at: at,
    };
    wish.promise(shop.policy.terms.calendars.of(None), at);
    wish
}

fn change(
    shop: &Shop,
    actor: Actor,
    at: Timestamp,
    wish: &mut Callback,
    bodies: impl IntoIterator<Item = EventBody>,
) -> SealedChange {
    wish.updated_at = at;
    let mut change = ChangeSet::new(&Scope::new(shop.tenant, actor), at);
    change.put_callback(wish.clone(), bodies);
    wish.version += 1;
    change.seal_as_past(shop.policy.terms.clone())
}
