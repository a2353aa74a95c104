//! Failures by round, and attempts.

use iago_sweep::{AttemptCause, AttemptFact, Fact, FailureClass, FailureFact};

use super::facts::{answered, attempt, begin, failure, job, result};
use crate::{Appended, Store};

/// Each retry round may fail once; they come by job and round.
pub async fn failures_are_kept_by_round<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let second =
        FailureFact { attempt: 2, status: None, cost: None, simulated: true, ..failure(1, 1) };
    let failures = [failure(1, 0), second, failure(7, 0)];
    let facts = failures.iter().rev().cloned().map(Fact::Failure).collect();
    let appended = store.append(sweep, term, facts).await.expect("appended");
    assert_eq!(appended, [Appended::Stored; 3]);
    assert_eq!(store.failures(sweep).await.expect("failures"), failures);
}

/// With messages that databases refuse.
pub async fn every_class_can_be_stored<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let message = "\0 \u{2400}\u{2410} \u{1f9ea} '\"".to_owned();
    let failures: Vec<FailureFact> = (0..)
        .zip(FailureClass::ALL)
        .map(|(number, class)| FailureFact {
            class: *class,
            message: message.clone(),
            status: Some(u16::MAX),
            ..failure(number, u32::MAX)
        })
        .collect();
    let facts = failures.iter().cloned().map(Fact::Failure).collect();
    store.append(sweep, term, facts).await.expect("appended");
    assert_eq!(store.failures(sweep).await.expect("failures"), failures);
}

/// The first one of a round stays.
pub async fn a_second_failure_of_a_round_is_an_attempt<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let late = FailureFact { attempt: 2, calls: 6, ..failure(1, 0) };
    let facts = vec![Fact::Failure(failure(1, 0)), Fact::Failure(late)];
    let appended = store.append(sweep, term, facts).await.expect("appended");
    assert_eq!(appended, [Appended::Stored, Appended::Duplicate]);
    assert_eq!(store.failures(sweep).await.expect("failures"), [failure(1, 0)]);
    assert_eq!(store.attempts(sweep).await.expect("attempts"), [too_late(1, 2, 6)]);
}

/// A job that has an answer did not end without one.
pub async fn a_failure_after_a_result_is_an_attempt<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let late = Fact::Failure(FailureFact { attempt: 2, ..failure(1, 0) });
    let facts = vec![answered(result(1)), late.clone(), late];
    let appended = store.append(sweep, term, facts).await.expect("appended");
    assert_eq!(appended, [Appended::Stored, Appended::Duplicate, Appended::Repeated]);
    assert_eq!(store.failures(sweep).await.expect("failures"), []);
    assert_eq!(store.attempts(sweep).await.expect("attempts"), [too_late(1, 2, 8)]);
}

/// A paid answer is kept, even if its job was given up meanwhile.
pub async fn a_result_after_a_failure_is_stored<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let late = FailureFact { attempt: 2, ..failure(1, 0) };
    let facts = vec![Fact::Failure(late.clone()), answered(result(1))];
    let appended = store.append(sweep, term, facts).await.expect("appended");
    assert_eq!(appended, [Appended::Stored; 2]);
    assert_eq!(store.results(sweep, None, 2).await.expect("recovered"), [result(1)]);
    assert_eq!(store.failures(sweep).await.expect("failures"), [late]);
}

/// By job, term and attempt, with every cause.
pub async fn attempts_come_in_order<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let attempts = [
        attempt(1, 1, AttemptCause::Abandoned),
        attempt(1, 2, AttemptCause::Released),
        AttemptFact { term: 2, cost: None, ..attempt(1, 1, AttemptCause::Duplicate) },
        attempt(9, 1, AttemptCause::Released),
    ];
    let facts = attempts.iter().rev().cloned().map(Fact::Attempt).collect();
    let appended = store.append(sweep, term, facts).await.expect("appended");
    assert_eq!(appended, [Appended::Stored; 4]);
    assert_eq!(store.attempts(sweep).await.expect("attempts"), attempts);
}

/// Also between batches.
pub async fn a_repeated_attempt_counts_once<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let released = Fact::Attempt(attempt(1, 1, AttemptCause::Released));
    store.append(sweep, term, vec![released.clone()]).await.expect("appended");
    let again = store.append(sweep, term, vec![released]).await.expect("appended");
    assert_eq!(again, [Appended::Repeated]);
    assert_eq!(store.totals(sweep).await.expect("totals").calls(), 5);
}

/// What a failure leaves that came too late.
fn too_late(number: i64, attempt: u32, calls: u32) -> AttemptFact {
    let cause = AttemptCause::Duplicate;
    AttemptFact { job: job(number), term: 1, attempt, cause, calls, cost: failure(number, 0).cost }
}
