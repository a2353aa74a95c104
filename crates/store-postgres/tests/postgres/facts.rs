//! Facts and sweeps for the tests.

use std::time::Duration;

use iago_store::{Kind, Names, NewRevision, NewSweep, Store};
use iago_store_postgres::PostgresStore;
use iago_sweep::{
    AttemptCause, AttemptFact, Coordinate, Digest, Fact, FailureClass, FailureFact, Finish, JobId,
    Money, Parse, ResultFact, SweepId, Text, Usage,
};

/// A sweep to be submitted.
pub(crate) fn new(name: &str) -> NewSweep {
    let revision = NewRevision {
        number: 0,
        plan: b"{}".to_vec(),
        ask: Digest::of("ask"),
        analysis: Digest::of("analysis"),
        note: "submitted".to_owned(),
        names: Names {
            stages: vec!["ask".to_owned(), "judge".to_owned()],
            cells: vec![
                ("a-model".to_owned(), "only".to_owned()),
                ("b-model".to_owned(), "only".to_owned()),
            ],
            prompts: vec!["p-0".to_owned(), "p-1".to_owned()],
        },
    };
    NewSweep { name: name.to_owned(), revision, created_ms: 1_790_000_000_123, kind: Kind::Asked }
}

/// Leads, and submits a sweep.
pub(crate) async fn begin(store: &PostgresStore) -> (SweepId, u64) {
    let term = store.lead("this test", Duration::ZERO).await.expect("a term");
    (store.submit(term, new("a sweep")).await.expect("submitted"), term)
}

pub(crate) fn job(number: i64) -> JobId {
    JobId::from_number(number).expect("from 0")
}

/// A job by stage, cell and prompt.
pub(crate) fn job_at(stage: u32, cell: u32, prompt: u32) -> JobId {
    let at = Coordinate { stage, cell, prompt, repeat: 3, vote: 2 };
    JobId::pack(at).expect("small")
}

pub(crate) fn result_of(job: JobId, attempt: u32) -> ResultFact {
    ResultFact {
        job,
        term: 1,
        attempt,
        finish: Finish::Stop,
        parse: Parse::Ok,
        label: None,
        opens: 0b10,
        decided: 0b110,
        usage: Usage { input: 500, output: 40, ..Usage::default() },
        cost: Some(Money(7_000_000_000)),
        latency_ms: 900,
        calls: 1,
        throttles: 0,
        echoed_model: None,
        request: Digest::of("body"),
        simulated: true,
    }
}

pub(crate) fn answered(result: ResultFact) -> Fact {
    let raw = format!("answer {} of {}", result.attempt, result.job);
    Fact::Result(Box::new(result), Text { raw, reasoning: None, altered: false, logprobs: None })
}

pub(crate) fn result(number: i64, attempt: u32) -> Fact {
    answered(result_of(job(number), attempt))
}

pub(crate) fn failure(number: i64, attempt: u32, round: u32) -> Fact {
    Fact::Failure(FailureFact {
        job: job(number),
        round,
        term: 1,
        attempt,
        class: FailureClass::Exhausted,
        status: Some(503),
        message: "overloaded".to_owned(),
        calls: 10,
        throttles: 1,
        cost: (attempt > 1).then_some(Money(7)),
        simulated: true,
    })
}

pub(crate) fn attempt(number: i64, attempt: u32, cause: AttemptCause) -> Fact {
    let (job, calls) = (job(number), 100);
    Fact::Attempt(AttemptFact { job, term: 1, attempt, cause, calls, cost: None })
}
