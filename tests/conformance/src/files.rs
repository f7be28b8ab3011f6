//! Files: every field, who wins, what is left over, and what messages carry.

use std::sync::Arc;

use support_core::{
    change::{ChangeSet, Conflict, Record, Rejected},
    model::{ActorRef, AgentId, Dimensions, File, FileKind, FileState, Message, MessageKind, TenantId, Timestamp},
    ports::Store,
};

use crate::{
    roundtrip::{EDGES, TEXTS},
    world::{ALL, World},
};

impl World {
    /// Stores a file, and gives it back as it is stored.
    async fn keep_file(&self, file: File) -> File {
        let id = file.id;
        let mut change = self.change();
        change.save_file(file);
        self.commit(change).await;
        self.store.file(self.id(), id).await.unwrap().unwrap()
    }
}

fn states(world: &World) -> [FileState; 5] {
    let message = world.samples.question(&world.samples.ticket(world.inbox.id)).id;
    [
        FileState::Arriving,
        FileState::Loose,
        FileState::Attached {
            message,
            is_note: false,
        },
        FileState::Attached { message, is_note: true },
        FileState::Leaving,
    ]
}

/// Every field, told and not told, as it is added and as it is changed.
pub async fn every_field_of_a_file_comes_out_as_it_went_in(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let agent = ActorRef::Agent(AgentId::new(world.samples.agent().id.uuid()));
    for (place, state) in states(&world).into_iter().enumerate() {
        for (kind, text) in FileKind::ALL.iter().zip(TEXTS.into_iter().cycle()) {
            let file = File {
                kind: *kind,
                name: text.to_owned(),
                uploader: if place % 2 == 0 { agent } else { ActorRef::System },
                ticket: (place > 2).then(|| world.samples.ticket(world.inbox.id).id),
                dimensions: (place > 0).then_some(Dimensions {
                    width: u32::MAX,
                    height: 0,
                }),
                thumbnail_size: (place % 2 == 0).then_some(u64::try_from(i64::MAX).unwrap()),
                created_at: EDGES[place % EDGES.len()],
                state,
                ..world.samples.file()
            };
            let stored = world.keep_file(file.clone()).await;
            assert_eq!(stored, File { version: 1, ..file });
        }
    }
    let mut file = world.keep_file(world.samples.file()).await;
    for state in states(&world) {
        let changed = File {
            ticket: file.ticket.is_none().then(|| world.samples.ticket(world.inbox.id).id),
            size: file.size + 1,
            thumbnail_size: file.thumbnail_size.is_none().then_some(7),
            dimensions: file.dimensions.is_none().then_some(Dimensions { width: 1, height: 2 }),
            state,
            ..file
        };
        let version = changed.version + 1;
        file = world.keep_file(changed.clone()).await;
        assert_eq!(file, File { version, ..changed });
    }
}

/// Of two that take the same file one gets it, and nobody takes what is being removed.
pub async fn a_file_is_taken_once(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.open_sample().await;
    let file = world.keep_file(world.samples.file()).await;
    let taking = |file: &File| {
        let mut message = world.samples.question(&ticket);
        message.attachments.push(file.attachment());
        let mut change = world.change();
        change.attach_file(file.clone().attached_to(ticket.id, message.id, false));
        change.append(&ticket, message);
        change
    };
    let changed = |file: &File| Err(Rejected::Conflict(Conflict::Changed(Record::File(file.id))));
    let second = taking(&file);
    world.commit(taking(&file)).await;
    assert_eq!(world.try_commit(second).await, changed(&file));
    assert_eq!(world.try_commit(taking(&file)).await, changed(&file));
    assert_eq!(world.thread(ticket.id).await.len(), 1);

    let doomed = world.keep_file(world.samples.file()).await;
    let mut change = world.change();
    let state = FileState::Leaving;
    change.doom_file(File {
        state,
        ..doomed.clone()
    });
    world.commit(change).await;
    assert_eq!(world.try_commit(taking(&doomed)).await, changed(&doomed));
    let mut stale = world.change();
    stale.remove_file(&doomed);
    assert_eq!(world.try_commit(stale).await, changed(&doomed));
    let mut removal = world.change();
    removal.remove_file(&File {
        version: 2,
        ..doomed.clone()
    });
    world.commit(removal).await;
    assert_eq!(store.file(world.id(), doomed.id).await.unwrap(), None);

    let mut double = world.change();
    double.save_file(File {
        version: 0,
        ..file.clone()
    });
    let concurrent = Err(Rejected::Conflict(Conflict::Concurrent));
    assert_eq!(world.try_commit(double).await, concurrent);
}

/// What no message carries is found once it is old enough, of all tenants, oldest first.
pub async fn files_left_over_come_oldest_first(store: Arc<dyn Store>) {
    let (world, now) = (World::found(&store).await, Timestamp::from_millis(1_000_000));
    let neighbour = world.neighbour().await;
    let mut wanted = Vec::new();
    for (place, state) in (0_u64..).zip(states(&world)) {
        for (number, tenant) in [&neighbour, &world].into_iter().enumerate() {
            let age = 10 * (place + 1) + u64::try_from(number).unwrap();
            let file = File {
                created_at: now.minus(std::time::Duration::from_millis(age)),
                state,
                ..tenant.samples.file()
            };
            let stored = tenant.keep_file(file).await;
            if !matches!(state, FileState::Attached { .. }) {
                wanted.push((tenant.id(), stored));
            }
        }
    }
    wanted.sort_by_key(|(_, file)| file.created_at);
    let left = async |before: Timestamp, limit| store.files_left_over(before, limit).await.unwrap();
    assert_eq!(left(now, ALL).await, wanted);
    assert_eq!(left(now, 2).await, wanted[..2]);
    let ids = |found: &[(TenantId, File)]| found.iter().map(|(_, file)| file.id).collect::<Vec<_>>();
    let oldest = wanted[0].1.created_at;
    assert_eq!(ids(&left(wanted[1].1.created_at, ALL).await), [wanted[0].1.id]);
    assert!(left(oldest, ALL).await.is_empty());
}

/// What a message carries is read with it, wherever it is read.
pub async fn attachments_come_out_as_they_went_in(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.open_sample().await;
    let files = TEXTS.map(|name| File {
        name: name.to_owned(),
        ..world.samples.file()
    });
    let bare = File {
        dimensions: None,
        thumbnail_size: None,
        ..world.samples.file()
    };
    let carried = [Vec::new(), files.to_vec(), vec![bare]];
    let mut written = Vec::new();
    let mut changes: Vec<ChangeSet> = Vec::new();
    for (seq, files) in (1..).zip(carried) {
        let message = Message {
            attachments: files.iter().map(File::attachment).collect(),
            kind: MessageKind::File,
            content: String::new(),
            ..world.samples.question(&ticket)
        };
        let mut change = world.change();
        change.append(&ticket, message.clone());
        changes.push(change);
        written.push(Message { seq, ..message });
    }
    for outcome in world.commit_batch(changes).await {
        outcome.unwrap();
    }
    assert_eq!(world.thread(ticket.id).await, written);
    let last = written.last().unwrap();
    let one = store.message(world.id(), ticket.id, last.id).await.unwrap();
    assert_eq!(one.as_ref(), Some(last));
    let journal = world.journal().await;
    let told: Vec<_> = journal.into_iter().filter_map(|event| event.message).collect();
    assert!(told.iter().map(AsRef::as_ref).eq(&written));
    let preview = world.ticket(ticket.id).await.thread.last_message_preview;
    assert_eq!(preview.as_ref(), Some(&last.attachments[0].name));
}

/// What a conversation has, and what somebody sent in that no message carries: nobody else's.
pub async fn files_are_found_by_what_they_are_for_and_by_who_sent_them(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let (ticket, other) = (world.open_sample().await.id, world.open_sample().await.id);
    let ada = ActorRef::Customer(world.samples.customer().id);
    let (mut of_ticket, mut loose) = (Vec::new(), Vec::new());
    for (place, state) in (1_i64..).zip(states(&world)) {
        for (about, uploader) in [(Some(ticket), ada), (Some(other), ActorRef::System), (None, ada)] {
            let file = File {
                ticket: about,
                uploader,
                state,
                created_at: Timestamp::from_millis(1_000_000 - place),
                ..world.samples.file()
            };
            let stored = world.keep_file(file).await;
            of_ticket.extend((about == Some(ticket)).then(|| stored.clone()));
            let is_loose = !matches!(state, FileState::Attached { .. });
            loose.extend((uploader == ada && is_loose).then_some(stored));
        }
    }
    of_ticket.sort_by_key(|file| (file.created_at, file.id));
    loose.sort_by_key(|file| (file.created_at, file.id));
    let found = store.files_of_ticket(world.id(), ticket, ALL).await.unwrap();
    assert_eq!(found, of_ticket);
    let found = store.loose_files_of(world.id(), ada, ALL).await.unwrap();
    assert_eq!(found, loose);
    assert_eq!(
        store.files_of_ticket(world.id(), ticket, 2).await.unwrap(),
        of_ticket[..2]
    );
    assert_eq!(store.loose_files_of(world.id(), ada, 2).await.unwrap(), loose[..2]);
    assert!(
        store
            .files_of_ticket(neighbour.id(), ticket, ALL)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(store.loose_files_of(neighbour.id(), ada, ALL).await.unwrap().is_empty());
}
