//! Facts for the cases, each field with a value of its own, so that no two can be mixed up.

use std::time::Duration;

use iago_sweep::{
    AttemptCause, AttemptFact, Digest, Fact, FailureClass, FailureFact, Finish, Frontier, JobId,
    Label, Money, Parse, ReadingFact, ResultFact, SweepId, Text, Usage,
};

use crate::{Kind, Names, NewRevision, NewSweep, Store};

/// A job by its number.
pub(super) fn job(number: i64) -> JobId {
    JobId::from_number(number).expect("cases use numbers from 0")
}

/// A revision whose plan says which it is.
pub(super) fn revision(number: u32) -> NewRevision {
    NewRevision {
        number,
        plan: format!("{{\"plan\":{number}}}").into_bytes(),
        ask: Digest::of(format!("ask {number}")),
        analysis: Digest::of(format!("analysis {number}")),
        note: format!("note {number}"),
        names: names(number),
    }
}

/// One of each, with what databases refuse in it.
fn names(number: u32) -> Names {
    Names {
        stages: vec![format!("stage {number}")],
        cells: vec![(format!("model {number}"), "\0 '\u{2400}".to_owned())],
        prompts: vec![format!("prompt {number}"), "\0".to_owned()],
    }
}

/// A sweep to be submitted.
pub(super) fn sweep(name: &str) -> NewSweep {
    NewSweep {
        name: name.to_owned(),
        revision: revision(0),
        created_ms: 1_790_000_000_123,
        kind: Kind::Asked,
    }
}

/// Takes leadership for no time at all, so that the next one to lead deposes this one.
pub(super) async fn lead(store: &impl Store, holder: &str) -> u64 {
    store.lead(holder, Duration::ZERO).await.expect("a store that nobody holds takes a leader")
}

/// Takes leadership and submits a sweep: where most cases begin.
pub(super) async fn begin(store: &impl Store) -> (SweepId, u64) {
    let term = lead(store, "this case").await;
    let sweep = store.submit(term, sweep("a sweep")).await.expect("the leader submits");
    (sweep, term)
}

/// A result of attempt 1 in term 1.
pub(super) fn result(number: i64) -> ResultFact {
    ResultFact {
        job: job(number),
        term: 1,
        attempt: 1,
        finish: Finish::Stop,
        parse: Parse::Ok,
        label: None,
        opens: 0b10,
        decided: 0b110,
        usage: Usage { input: 501, cached_input: 102, cache_write: 53, output: 64, reasoning: 15 },
        cost: Some(Money(7_000_000)),
        latency_ms: 890,
        calls: 3,
        throttles: 2,
        echoed_model: Some("echoed".to_owned()),
        request: Digest::of(number.to_le_bytes()),
        simulated: true,
    }
}

/// A result with a text that names its job and attempt.
pub(super) fn answered(result: ResultFact) -> Fact {
    let text = text_of(&result);
    Fact::Result(Box::new(result), text)
}

/// The text that [`answered`] gives.
pub(super) fn text_of(result: &ResultFact) -> Text {
    let raw = format!("answer {} of {}", result.attempt, result.job);
    Text { raw, reasoning: None, altered: false, logprobs: None }
}

/// A failure of attempt 1 in term 1.
pub(super) fn failure(number: i64, round: u32) -> FailureFact {
    FailureFact {
        job: job(number),
        round,
        term: 1,
        attempt: 1,
        class: FailureClass::Exhausted,
        status: Some(503),
        message: "overloaded, said \"the endpoint\"".to_owned(),
        calls: 8,
        throttles: 1,
        cost: Some(Money(130)),
        simulated: false,
    }
}

/// An attempt in term 1.
pub(super) fn attempt(number: i64, attempt: u32, cause: AttemptCause) -> AttemptFact {
    let cost = Some(Money(11));
    AttemptFact { job: job(number), term: 1, attempt, cause, calls: 5, cost }
}

/// What a text came to under another grammar.
pub(super) fn reading(number: i64) -> ReadingFact {
    ReadingFact {
        job: job(number),
        grammar: Digest::of("another grammar"),
        parse: Parse::Ok,
        label: Some(Label::Word("yes".to_owned())),
        opens: 0b100,
        decided: 0b1100,
    }
}

/// A frontier fact.
pub(super) fn frontier(revision: u32, pool: &str, position: u64) -> Fact {
    Fact::Frontier(Frontier { revision, pool: pool.to_owned(), position })
}
