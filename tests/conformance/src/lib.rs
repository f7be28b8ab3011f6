//! What every store must do, as tests that run on any.
//!
//! ```
//! async fn fresh_store() -> impl support_core::ports::Store {
//!     support_core::memory::MemoryStore::new()
//! }
//! support_conformance::store_conformance!(fresh_store);
//! ```
//! makes one tokio test for each case around a function that gives a store with nothing in it.
//! When something must stay alive as long as the store, such as a folder, the function gives a
//! pair and the macro is told: `store_conformance!(guarded fresh_store)`. `Arc<dyn Store>` is a
//! store too. The calling crate needs tokio with `macros` and `rt-multi-thread`.
//!
//! What keeps the bytes of files, a `FileStore`, has a macro of its own, used in the same way:
//! `file_store_conformance!(guarded fresh_folder)`.
//!
//! Each case is also a function of its own, for stores that want one on its own.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this is a test suite: whatever does not hold fails the case"
)]

pub mod articles;
pub mod assignment;
pub mod callbacks;
pub mod calling;
pub mod commit;
pub mod concurrency;
pub mod deliveries;
pub mod delivery_reads;
pub mod erasure;
pub mod expectations;
pub mod figures;
pub mod file_stores;
pub mod files;
mod filling;
pub mod gathering;
pub mod holds;
pub mod lists;
pub mod ordering;
pub mod presence;
pub mod reads;
pub mod roundtrip;
pub mod search;
pub mod settling;
pub mod sorting;
pub mod tenancy;
pub mod visitors;
pub mod webhooks;
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

/// The same for what keeps the bytes of files.
#[macro_export]
macro_rules! file_store_conformance {
    (guarded $factory:path) => {
        $crate::file_cases! { guarded $factory }
    };
    ($factory:path) => {
        $crate::file_cases! { plain $factory }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! file_cases {
    ($how:ident $factory:path) => {
        $crate::tests! { $how $factory;
            file_stores: what_is_written_is_read_back_whole_and_in_parts;
            file_stores: what_is_not_finished_is_not_there;
            file_stores: what_is_deleted_is_gone_and_its_neighbours_stay;
            file_stores: many_files_at_once_stay_apart;
        }
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
            commit: what_was_read_is_read_for_its_recipient_alone;
            commit: canned_responses_are_stored_as_they_are_and_listed_by_shortcut;
            commit: one_change_set_may_append_several_messages;
            commit: several_tenants_begin_in_one_batch;
            expectations: a_changed_record_refuses_who_read_it_before;
            expectations: a_missing_record_has_changed;
            expectations: a_taken_name_is_refused_until_it_is_let_go;
            expectations: a_name_taken_without_asking_is_refused;
            expectations: a_session_has_one_unfinished_ticket;
            expectations: the_latest_ticket_of_a_session_may_be_finished;
            expectations: an_agent_has_room_below_their_capacity;
            expectations: a_department_in_use_stays;
            expectations: removing_a_customer_leaves_their_tickets;
            figures: figures_are_those_of_the_models_rules;
            figures: figures_are_the_tenants_own;
            figures: an_alarm_is_told_of_once;
            files: every_field_of_a_file_comes_out_as_it_went_in;
            files: a_file_is_taken_once;
            files: files_left_over_come_oldest_first;
            files: attachments_come_out_as_they_went_in;
            files: files_are_found_by_what_they_are_for_and_by_who_sent_them;
            erasure: an_erased_ticket_is_nobodys_and_has_no_words;
            erasure: what_is_to_be_forgotten_is_found_until_it_is;
            erasure: a_person_is_forgotten_with_what_they_were_told;
            ordering: messages_are_numbered_without_gap;
            ordering: thread_counters_equal_the_models_rule;
            ordering: read_marks_only_move_forward;
            ordering: notes_are_read_only_when_asked_for;
            ordering: events_are_gap_free_and_carry_their_messages;
            ordering: events_are_chosen_by_cursor_ticket_and_kind;
            ordering: events_are_chosen_by_customer;
            ordering: words_and_marks_of_one_batch_take_effect_in_their_order;
            concurrency: many_writers_on_one_ticket_lose_and_double_nothing;
            concurrency: many_writers_on_many_tickets_lose_and_double_nothing;
            concurrency: a_reader_never_sees_an_event_appear_behind_its_cursor;
            concurrency: simultaneous_tickets_never_overfill_an_agent;
            concurrency: a_domain_claimed_by_many_at_once_goes_to_one;
            concurrency: workers_at_once_never_claim_the_same;
            concurrency: a_webhook_advanced_by_many_at_once_moves_once;
            concurrency: a_number_submitted_by_many_at_once_is_one_callback;
            concurrency: what_many_write_at_once_is_gathered_once;
            tenancy: another_tenant_reads_nothing_of_it;
            tenancy: another_tenant_changes_nothing_of_it;
            reads: tenants_are_found_by_slug_and_domain;
            reads: the_only_active_tenant_is_found_among_inactive_ones;
            reads: tenants_are_found_by_entry_point_and_page;
            reads: departments_and_inboxes_come_in_their_order;
            reads: agents_are_listed_by_name;
            reads: customers_are_searched_by_name_and_address;
            reads: accounts_are_found_by_person_and_address;
            reads: guards_and_keys_are_replaced_whole;
            reads: candidates_are_as_the_choice_sees_them;
            lists: a_ticket_is_listed_by_the_tags_it_has_now;
            lists: tickets_are_filtered_and_sorted_as_asked;
            lists: tickets_are_searched_by_words;
            lists: pages_and_places_cover_a_list_without_doubles;
            lists: places_hold_while_tickets_come_in;
            lists: unfinished_tickets_come_in_the_order_of_work;
            holds: what_the_bot_has_is_nobody_elses_until_its_time_is_up;
            deliveries: due_deliveries_are_claimed_oldest_first;
            deliveries: expired_lease_is_offered_again;
            deliveries: stale_token_settles_nothing;
            deliveries: a_failed_delivery_comes_back_at_its_time;
            deliveries: deliveries_to_one_recipient_about_one_ticket_keep_their_order;
            settling: each_lane_with_something_due_is_named_once;
            settling: a_claim_takes_from_its_lane_only;
            settling: a_sent_delivery_says_what_the_other_side_answered;
            settling: a_retry_may_go_to_another_recipient;
            settling: a_postponed_delivery_is_as_if_it_had_not_been_taken;
            settling: a_withdrawn_delivery_is_forgotten;
            settling: an_attempt_that_does_not_count_is_given_back;
            settling: only_dead_and_failed_deliveries_are_revived;
            settling: only_sent_deliveries_are_forgotten;
            gathering: what_was_revived_gathers_nothing;
            gathering: what_gathers_holds_back_only_its_own_key;
            gathering: what_is_queued_says_the_same_key_too;
            gathering: keys_gather_for_themselves;
            gathering: what_is_about_no_ticket_holds_nobody_back;
            gathering: order_about_a_ticket_holds_by_channel_and_recipient;
            delivery_reads: every_field_of_a_delivery_comes_out_as_it_went_in;
            delivery_reads: deliveries_are_filtered_and_paged_newest_first;
            delivery_reads: deliveries_of_callbacks_come_oldest_first;
            delivery_reads: deliveries_with_a_key_come_newest_first;
            delivery_reads: unfinished_deliveries_are_counted_over_all_tenants;
            presence: a_sign_of_life_makes_somebody_online;
            presence: the_silent_lapse_and_stay_unhandled;
            presence: tenants_with_somebody_online_are_listed_once;
            presence: what_has_served_its_time_is_forgotten;
            callbacks: every_field_of_a_callback_comes_out_as_it_went_in;
            callbacks: a_callback_is_new_once;
            callbacks: a_number_is_taken_while_it_is_young;
            callbacks: the_newest_callback_with_a_number_is_found;
            callbacks: callbacks_are_filtered_and_paged_newest_first;
            calling: callbacks_that_nobody_has_come_longest_due_first;
            calling: an_agents_unfinished_callbacks_come_oldest_first;
            calling: callbacks_to_remind_are_scheduled_and_have_an_agent;
            calling: overdue_callbacks_are_pending_and_not_yet_found;
            calling: overdue_callbacks_come_after_a_place;
            calling: pending_callbacks_are_counted_by_age;
            calling: callbacks_are_counted_by_quarters_of_an_hour;
            calling: the_ten_most_told_employee_ids_are_counted;
            webhooks: every_field_of_a_webhook_comes_out_as_it_went_in;
            webhooks: a_webhook_is_new_once;
            webhooks: a_webhooks_cursor_moves_apart_from_its_changes;
            webhooks: webhooks_behind_are_active_and_before_the_last_event;
            webhooks: removing_a_webhook_removes_what_is_owed_to_it;
            roundtrip: words_come_out_as_they_went_in;
            roundtrip: every_state_of_a_ticket_comes_out_as_it_went_in;
            roundtrip: every_field_of_a_ticket_comes_out_as_it_went_in;
            roundtrip: an_update_replaces_all_but_number_and_thread;
            roundtrip: people_and_places_come_out_as_they_went_in;
            roundtrip: cursors_beyond_all_numbers_find_nothing;
            assignment: whoever_is_not_online_has_no_room;
            assignment: whoever_is_online_and_not_away_is_there;
            assignment: whoever_leaves_finds_what_they_were_given_before;
            assignment: an_admin_may_go_while_another_is_left;
            assignment: two_admins_at_once_leave_one;
            assignment: tickets_to_accept_come_earliest_first;
            sorting: agents_come_in_every_order;
            sorting: customers_come_in_every_order;
            sorting: tenants_come_in_every_order;
            search: heads_are_found_by_all_their_words;
            search: messages_are_found_by_all_their_words;
            search: what_is_found_is_what_the_rule_of_words_says;
            search: a_head_is_found_by_its_present_words;
            search: a_search_finds_what_its_agent_may_see;
            search: found_places_come_with_what_stands_there;
            articles: articles_are_stored_as_they_are_and_listed_in_order;
            articles: a_slug_is_one_articles_of_its_language;
            articles: articles_are_found_by_all_their_words;
            articles: articles_with_the_words_above_their_text_come_first;
            articles: articles_found_are_those_that_the_rule_of_terms_says;
            articles: each_reader_has_one_vote_on_an_article;
            articles: views_of_articles_add_up;
            visitors: every_field_of_a_visit_comes_out_as_it_went_in;
            visitors: a_visit_is_replaced_whole;
            visitors: a_visit_to_no_ticket_is_refused;
            visitors: blocks_come_out_as_they_went_in_newest_first;
            visitors: a_removed_block_is_gone;
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

#[cfg(test)]
mod completeness {
    const SOURCES: [(&str, &str); 24] = [
        ("articles", include_str!("articles.rs")),
        ("assignment", include_str!("assignment.rs")),
        ("callbacks", include_str!("callbacks.rs")),
        ("calling", include_str!("calling.rs")),
        ("commit", include_str!("commit.rs")),
        ("concurrency", include_str!("concurrency.rs")),
        ("deliveries", include_str!("deliveries.rs")),
        ("delivery_reads", include_str!("delivery_reads.rs")),
        ("erasure", include_str!("erasure.rs")),
        ("expectations", include_str!("expectations.rs")),
        ("file_stores", include_str!("file_stores.rs")),
        ("files", include_str!("files.rs")),
        ("gathering", include_str!("gathering.rs")),
        ("lists", include_str!("lists.rs")),
        ("ordering", include_str!("ordering.rs")),
        ("presence", include_str!("presence.rs")),
        ("reads", include_str!("reads.rs")),
        ("roundtrip", include_str!("roundtrip.rs")),
        ("search", include_str!("search.rs")),
        ("settling", include_str!("settling.rs")),
        ("sorting", include_str!("sorting.rs")),
        ("tenancy", include_str!("tenancy.rs")),
        ("visitors", include_str!("visitors.rs")),
        ("webhooks", include_str!("webhooks.rs")),
    ];

    #[test]
    fn every_case_is_run_by_the_macro() {
        let suite = include_str!("lib.rs");
        for (family, source) in SOURCES {
            let cases = source.lines().filter_map(|line| line.strip_prefix("pub async fn "));
            for case in cases.filter_map(|line| line.split('(').next()) {
                assert!(
                    suite.contains(&format!("{family}: {case};")),
                    "{family}: {case} is not run"
                );
            }
        }
    }
}
