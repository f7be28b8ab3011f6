//! Visits, and who may not write.

use std::sync::Arc;

use support_core::{
    change::{Conflict, Record, Rejected},
    model::{Block, BlockKind, TicketId, VisitedPage, VisitorContext},
    ports::Store,
};

use crate::{
    roundtrip::{EDGES, TEXTS},
    world::World,
};

async fn keep(world: &World, ticket: TicketId, context: &VisitorContext) {
    let mut change = world.change();
    change.put_visitor_context(ticket, context.clone());
    world.commit(change).await;
}

/// A visit comes out as it went in, in any script and at the edges of time.
pub async fn every_field_of_a_visit_comes_out_as_it_went_in(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.open_sample().await.id;
    assert_eq!(store.visitor_context(world.id(), ticket).await.unwrap(), None);
    keep(&world, ticket, &VisitorContext::default()).await;
    let empty = store.visitor_context(world.id(), ticket).await.unwrap();
    assert_eq!(empty, Some(VisitorContext::default()));
    for (place, text) in TEXTS.into_iter().enumerate() {
        let page = VisitedPage {
            url: format!("https://shop.example/{text}"),
            title: Some(text.to_owned()),
            at: EDGES[place % EDGES.len()],
        };
        let context = VisitorContext {
            page: Some(page.clone()),
            referrer: Some(text.to_owned()),
            language: Some(text.to_owned()),
            user_agent: Some(text.to_owned()),
            address: Some("2001:db8::7".parse().unwrap()),
            pages: vec![
                VisitedPage {
                    title: None,
                    ..page.clone()
                },
                page,
            ],
        };
        keep(&world, ticket, &context).await;
        assert_eq!(store.visitor_context(world.id(), ticket).await.unwrap(), Some(context));
    }
}

/// What is known of a visit is what was last said of it, and each ticket has its own.
pub async fn a_visit_is_replaced_whole(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let (one, other) = (world.open_sample().await.id, world.open_sample().await.id);
    let (first, second) = (world.samples.visitor_context(), world.samples.visitor_context());
    let mut change = world.change();
    change.put_visitor_context(one, VisitorContext::default());
    change.put_visitor_context(one, first.clone());
    change.put_visitor_context(other, second.clone());
    world.commit(change).await;
    assert_eq!(store.visitor_context(world.id(), one).await.unwrap(), Some(first));
    assert_eq!(store.visitor_context(world.id(), other).await.unwrap(), Some(second));
}

/// A visit belongs to a ticket that is there.
pub async fn a_visit_to_no_ticket_is_refused(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.samples.ticket(world.inbox.id).id;
    let mut change = world.change();
    change.put_visitor_context(ticket, world.samples.visitor_context());
    let refused = world.try_commit(change).await;
    let changed = Conflict::Changed(Record::Ticket(ticket));
    assert_eq!(refused, Err(Rejected::Conflict(changed)));
}

/// Blocks of every kind come out as they went in, newest first, and are replaced by id.
pub async fn blocks_come_out_as_they_went_in_newest_first(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let mut added: Vec<Block> = Vec::new();
    for (place, text) in TEXTS.into_iter().enumerate() {
        let block = Block {
            kind: BlockKind::ALL[place % BlockKind::ALL.len()],
            value: text.to_owned(),
            reason: (place % 2 == 0).then(|| text.to_owned()),
            expires_at: (place % 3 == 0).then(|| EDGES[place % EDGES.len()]),
            created_by: (place % 2 == 1).then(|| world.samples.agent().id),
            ..world.samples.block()
        };
        let mut change = world.change();
        change.put_block(block.clone());
        world.commit(change).await;
        added.insert(0, block);
    }
    assert_eq!(store.blocks(world.id()).await.unwrap(), added);
    added[0].reason = Some("still a pest".to_owned());
    added[0].expires_at = None;
    let mut change = world.change();
    change.put_block(added[0].clone());
    world.commit(change).await;
    assert_eq!(store.blocks(world.id()).await.unwrap(), added);
}

/// Who was blocked and is not any more is on no list.
pub async fn a_removed_block_is_gone(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let (one, other) = (world.samples.block(), world.samples.block());
    let mut change = world.change();
    change.put_block(one.clone());
    change.put_block(other.clone());
    world.commit(change).await;
    let mut change = world.change();
    change.remove_block(one.id);
    // Removing what is gone is no mistake.
    change.forget_block(world.samples.block().id);
    world.commit(change).await;
    assert_eq!(store.blocks(world.id()).await.unwrap(), [other]);
}
