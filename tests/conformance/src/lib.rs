//! What every store must do, as tests that run on any.
//!
//! ```ignore
//! async fn fresh_store() -> impl support_core::ports::Store { … }
//! support_conformance::store_conformance!(fresh_store);
//! ```
//! makes one tokio test for each case around a function that gives a store with nothing in it.
//! When something must stay alive as long as the store, such as a folder, the function gives a
//! pair and the macro is told: `store_conformance!(guarded fresh_store)`. `Arc<dyn Store>` is a
//! store too. The calling crate needs tokio with `macros` and `rt-multi-thread`.
//!
//! Each case is also a function of its own, for stores that want one on its own.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this is a test suite: whatever does not hold fails the case"
)]

pub mod commit;
pub mod ordering;
mod world;

/// One `#[tokio::test]` for each case, on stores made by a function: see the crate's page.
#[macro_export]
macro_rules! store_conformance {
    (guarded $factory:path) => {
        $crate::cases! { guarded $factory }
    };
    ($factory:path) => {
        $crate::cases! { plain $factory }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! made_by {
    (guarded $factory:path) => {
        $factory().await
    };
    (plain $factory:path) => {
        ($factory().await, ())
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! cases {
    ($how:ident $factory:path) => {
        $crate::tests! { $how $factory;
            commit: commits_all_or_nothing;
            commit: conflict_leaves_no_trace_and_neighbours_commit;
            commit: outcomes_keep_their_positions;
            commit: an_empty_batch_is_committed;
            commit: repeated_client_id_gives_the_first_message;
            commit: repeated_request_key_gives_the_first_receipt;
            commit: poison_change_fails_alone;
            commit: words_for_a_missing_ticket_leave_no_trace;
            commit: ticket_numbers_are_gap_free_in_order_of_creation;
            commit: notifications_are_stored_with_what_they_tell_of;
            commit: one_change_set_may_append_several_messages;
            ordering: messages_are_numbered_without_gap;
            ordering: thread_counters_equal_the_models_rule;
            ordering: read_marks_only_move_forward;
            ordering: notes_are_read_only_when_asked_for;
            ordering: events_are_gap_free_and_carry_their_messages;
            ordering: events_are_chosen_by_cursor_ticket_and_kind;
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! tests {
    ($how:ident $factory:path; $($family:ident: $case:ident;)*) => {
        $(
            #[::tokio::test(flavor = "multi_thread")]
            async fn $case() {
                let (store, _guard) = $crate::made_by!($how $factory);
                $crate::$family::$case(::std::sync::Arc::new(store)).await;
            }
        )*
    };
}
