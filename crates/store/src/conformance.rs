//! What every store must do, as tests by name. An adapter runs all of them on a fresh, empty store
//! each:
//!
//! ```text
//! async fn fresh() -> (MyStore, Place) { .. }                   // the place lives as long as the case
//! async fn reopen(store: MyStore, place: &Place) -> MyStore { .. } // closed and opened again
//! iago_store::conformance_suite!(fresh, reopen);
//! ```
//!
//! A store that ends with its process leaves `reopen` out.

pub mod access;
pub mod baselines;
pub mod beginnings;
pub mod comparisons;
mod due;
mod facts;
pub mod failures;
pub mod holding;
pub mod leadership;
pub mod notices;
pub mod readings;
pub mod recovery;
pub mod reopening;
pub mod results;
pub mod retries;
pub mod runs;
pub mod schedules;
pub mod sweeps;
pub mod texts;
pub mod totals;
pub mod uses;

use std::future::Future;

/// Runs a case where tasks really run side by side.
pub fn run(case: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a machine that runs tests has two threads to give")
        .block_on(case);
}

/// Declares one `#[test]` for each promise of the port, of [`crate::Store`], [`crate::Access`]
/// and [`crate::Nights`].
#[macro_export]
macro_rules! conformance_suite {
    ($fresh:path) => {
        $crate::conformance_tests! { $fresh;
            sweeps:
                a_submitted_sweep_is_found,
                sweeps_of_one_name_come_newest_first,
                a_first_revision_has_number_zero,
                revisions_are_gapless,
                every_revision_keeps_its_plan,
                states_are_kept,
                a_sweep_stays_what_it_was_submitted_as,
                names_and_notes_come_back_whatever_they_hold,
                an_unknown_sweep_is_missing_everywhere;
            results:
                a_result_comes_back_as_it_was,
                the_first_result_stays_and_the_loser_is_an_attempt,
                one_batch_may_hold_a_job_twice,
                a_repeated_message_counts_once,
                a_repeated_loser_counts_once,
                a_refused_batch_writes_nothing,
                every_word_can_be_stored,
                extreme_numbers_come_back,
                an_empty_batch_is_accepted,
                sweeps_do_not_share_jobs,
                a_large_batch_is_stored_whole,
                concurrent_results_of_one_job_leave_one;
            failures:
                failures_are_kept_by_round,
                every_class_can_be_stored,
                a_second_failure_of_a_round_is_an_attempt,
                a_failure_after_a_result_is_an_attempt,
                a_result_after_a_failure_is_stored,
                attempts_come_in_order,
                a_repeated_attempt_counts_once;
            retries:
                retries_count_up,
                a_deposed_term_begins_no_round,
                retries_at_once_begin_a_round_each,
                failures_of_earlier_rounds_are_kept,
                a_failure_repeated_in_a_later_round_counts_once,
                a_failure_repeated_in_its_batch_with_another_round_counts_once,
                a_failure_repeated_after_its_retry_has_ended_counts_once,
                a_late_failure_repeated_in_a_later_round_stays_an_attempt;
            totals:
                a_fresh_sweep_adds_up_to_nothing,
                calls_add_up_over_results_failures_and_attempts,
                money_is_told_apart_by_what_it_went_to,
                answers_of_planted_behaviour_are_counted,
                an_unknown_cost_is_counted_as_unknown,
                an_estimate_counts_until_something_exact_arrives,
                absurd_usage_does_not_stop_the_sums;
            recovery:
                results_come_in_pages_without_gaps,
                recovery_tells_what_a_restart_must_know,
                a_page_may_be_empty,
                a_frontier_keeps_its_maximum,
                frontiers_are_kept_by_revision_and_pool;
            texts:
                texts_come_back_byte_for_byte,
                one_bad_row_never_blocks_its_batch,
                log_probabilities_stay_with_their_answers,
                texts_come_in_job_order_and_once,
                texts_of_unknown_jobs_are_left_out,
                too_many_texts_at_once_are_refused;
            readings:
                a_reading_comes_back_as_it_was,
                the_first_reading_of_a_job_stays,
                readings_come_in_pages_without_gaps,
                a_page_of_readings_may_be_empty,
                grammars_are_kept_apart,
                sweeps_do_not_share_readings,
                readings_change_no_result_and_no_sum,
                a_deposed_term_keeps_no_reading,
                a_refused_page_keeps_nothing,
                many_readings_are_kept_whole,
                readings_kept_at_once_leave_one_of_each;
            uses:
                a_use_comes_back_as_it_was,
                uses_come_in_order_of_time,
                uses_of_before_are_left_out,
                a_use_that_comes_twice_counts_twice,
                uses_belong_to_no_sweep,
                many_uses_are_kept_whole,
                a_deposed_term_notes_no_use;
            leadership:
                terms_grow,
                a_deposed_term_writes_nothing,
                a_deposed_term_submits_revises_and_controls_nothing,
                a_term_that_was_never_given_writes_nothing;
            holding:
                a_term_is_held_until_it_runs_out,
                a_term_is_held_against_its_own_name,
                a_term_that_ran_out_writes_until_it_is_followed,
                whoever_resigned_is_followed_at_once,
                a_renewed_term_is_held,
                a_term_that_ran_out_can_be_renewed,
                a_deposed_term_cannot_be_renewed,
                a_fresh_store_has_no_term_to_renew,
                of_those_who_ask_at_once_one_leads;
            access:
                a_granted_token_is_listed,
                every_scope_can_be_granted,
                tokens_are_listed_by_name,
                a_name_is_granted_once,
                a_revoked_token_has_nothing_left,
                an_unknown_token_cannot_be_revoked,
                a_token_lives_as_long_as_it_was_granted_for,
                the_audit_tells_the_newest_first,
                notes_come_back_whatever_they_hold;
            baselines:
                a_set_baseline_is_listed,
                baselines_are_listed_by_name,
                a_baseline_stays_at_its_revision,
                a_baseline_is_replaced_on_purpose_only,
                a_baseline_needs_its_revision,
                a_dropped_baseline_is_gone,
                baselines_ask_for_no_term,
                of_those_who_set_one_name_at_once_one_does;
            schedules:
                files_come_back_by_path,
                files_that_are_kept_stay,
                a_version_is_kept_for_good,
                schedules_in_force_are_given_by_name,
                runs_that_are_not_over_are_given_by_key,
                a_deposed_term_changes_no_night;
            runs:
                a_due_time_is_recorded_once,
                a_run_is_replaced_in_the_state_that_it_is_believed_to_have,
                a_change_sees_those_before_it,
                a_refused_record_leaves_all_others_written,
                a_verdict_stays_with_its_run,
                what_is_cancelled_takes_its_anchors_along,
                what_is_done_is_not_cancelled,
                a_run_without_a_sweep_cancels_nothing,
                runs_come_in_pages_the_latest_first,
                those_who_record_one_due_time_at_once_agree,
                changes_that_cross_come_through,
                those_who_replace_one_state_at_once_agree;
            beginnings:
                a_run_begins_with_its_sweeps,
                a_run_may_be_compared_with_nothing,
                a_run_begins_once,
                a_run_is_found_by_its_sweep,
                a_run_in_another_state_does_not_begin,
                an_unknown_run_does_not_begin,
                a_night_that_is_refused_leaves_nothing,
                those_who_begin_one_run_at_once_are_given_one_night;
            comparisons:
                a_comparison_is_found_from_both_of_its_sweeps,
                comparisons_come_by_name,
                a_comparison_that_is_there_is_given_again,
                another_baseline_of_a_name_takes_its_place,
                what_cannot_be_compared_leaves_nothing,
                those_who_compare_at_once_are_given_one_comparison;
            notices:
                messages_are_open_until_they_have_an_end,
                the_first_end_of_a_message_stays,
                messages_of_a_run_come_in_the_order_they_were_stored,
                a_message_is_stored_once,
                messages_come_back_as_they_were;
        }
    };
    ($fresh:path, $reopen:path) => {
        $crate::conformance_suite!($fresh);
        $crate::conformance_reopening_tests! { $fresh, $reopen;
            sweeps_survive_reopening,
            retries_survive_reopening,
            facts_survive_reopening,
            readings_survive_reopening,
            uses_survive_reopening,
            terms_grow_across_reopening,
            a_message_repeated_after_reopening_counts_once,
            tokens_and_audit_survive_reopening,
            nights_survive_reopening,
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! conformance_tests {
    ($fresh:path; $($group:ident: $($case:ident),+;)+) => {$($(
        #[test]
        fn $case() {
            $crate::conformance::run(async {
                let (store, _place) = $fresh().await;
                $crate::conformance::$group::$case(store).await;
            });
        }
    )+)+};
}

#[doc(hidden)]
#[macro_export]
macro_rules! conformance_reopening_tests {
    ($fresh:path, $reopen:path; $($case:ident,)+) => {$(
        #[test]
        fn $case() {
            $crate::conformance::run(async {
                let (store, place) = $fresh().await;
                let reopen = async |store| $reopen(store, &place).await;
                $crate::conformance::reopening::$case(store, reopen).await;
            });
        }
    )+};
}
