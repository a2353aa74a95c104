//! The law behind the books: however messages are repeated, reordered and cut into batches, each
//! execution's calls are counted once.

use std::collections::BTreeSet;
use std::time::Duration;

use iago_store::{Kind, MemoryStore, Names, NewRevision, NewSweep, Store, Totals};
use iago_sweep::{
    AttemptCause, AttemptFact, Digest, Fact, FailureClass, FailureFact, Finish, JobId, Money,
    Parse, ResultFact, Text, Usage,
};
use proptest::prelude::*;
use proptest::sample::Index;

/// How one execution really ended.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Answered,
    Failed { round: u32 },
    Released,
    NeverHeardOf,
}

#[derive(Clone, Debug)]
struct Run {
    job: i64,
    attempt: u32,
    end: End,
    calls: u32,
    /// Its worker was given up, with this guess of its calls.
    given_up: Option<u32>,
}

proptest! {
    #[test]
    fn every_execution_counts_once(
        runs in any_runs(),
        repeats in prop::collection::vec((any::<Index>(), 0..2u32), 0..20),
        order in any::<u64>(),
        cut in 1..5usize,
    ) {
        let messages: Vec<Fact> = runs.iter().flat_map(messages_of).collect();
        let again = repeats.iter().filter(|_| !messages.is_empty());
        let again = again.map(|(at, round)| in_round(at.get(&messages).clone(), *round));
        let deliveries = shuffle(messages.iter().cloned().chain(again).collect(), order);
        let mut totals = Totals::default();
        iago_store::conformance::run(async { totals = deliver(&deliveries, cut).await; });

        let calls: u64 = runs.iter().map(|run| u64::from(calls_known(run))).sum();
        prop_assert_eq!(totals.calls(), calls);
        let answered: BTreeSet<i64> =
            runs.iter().filter(|run| run.end == End::Answered).map(|run| run.job).collect();
        prop_assert_eq!(totals.results, answered.len() as u64);
    }
}

async fn deliver(deliveries: &[Fact], cut: usize) -> Totals {
    let store = MemoryStore::default();
    let revision = NewRevision {
        number: 0,
        plan: vec![],
        ask: Digest::of("ask"),
        analysis: Digest::of("analysis"),
        note: String::new(),
        names: Names::default(),
    };
    let new = NewSweep { name: "a sweep".to_owned(), revision, created_ms: 0, kind: Kind::Asked };
    let term = store.lead("this test", Duration::ZERO).await.expect("a term");
    let sweep = store.submit(term, new).await.expect("submitted");
    for batch in deliveries.chunks(cut) {
        // A new leader for every batch: what is stored does not depend on who stores it.
        let term = store.lead("this test", Duration::ZERO).await.expect("a term");
        store.append(sweep, term, batch.to_vec()).await.expect("appended");
    }
    store.totals(sweep).await.expect("totals")
}

fn calls_known(run: &Run) -> u32 {
    match run.end {
        End::NeverHeardOf => run.given_up.unwrap_or(0),
        End::Answered | End::Failed { .. } | End::Released => run.calls,
    }
}

fn any_runs() -> impl Strategy<Value = Vec<Run>> {
    let end = prop_oneof![
        Just(End::Answered),
        (0..2u32).prop_map(|round| End::Failed { round }),
        Just(End::Released),
        Just(End::NeverHeardOf),
    ];
    let run = (0..3i64, end, 1..100u32, prop::option::of(1..100u32));
    prop::collection::vec(run, 0..12).prop_map(|runs| {
        (1..)
            .zip(runs)
            .map(|(attempt, (job, end, calls, given_up))| Run {
                job,
                attempt,
                end,
                calls,
                given_up,
            })
            .collect()
    })
}

fn messages_of(run: &Run) -> Vec<Fact> {
    let given_up = run.given_up.map(|guess| attempt(run, AttemptCause::Abandoned, guess));
    let end = match run.end {
        End::Answered => Some(answer(run)),
        End::Failed { round } => Some(failure(run, round)),
        End::Released => Some(attempt(run, AttemptCause::Released, run.calls)),
        End::NeverHeardOf => None,
    };
    given_up.into_iter().chain(end).collect()
}

fn job(run: &Run) -> JobId {
    JobId::from_number(run.job).expect("from 0")
}

fn answer(run: &Run) -> Fact {
    let result = ResultFact {
        job: job(run),
        term: 1,
        attempt: run.attempt,
        finish: Finish::Stop,
        parse: Parse::Ok,
        label: None,
        opens: 0,
        decided: 0,
        usage: Usage::default(),
        cost: Some(Money::ZERO),
        latency_ms: 1,
        calls: run.calls,
        throttles: 0,
        echoed_model: None,
        request: Digest::of("body"),
        simulated: true,
    };
    Fact::Result(Box::new(result), Text::default())
}

fn failure(run: &Run, round: u32) -> Fact {
    Fact::Failure(FailureFact {
        job: job(run),
        round,
        term: 1,
        attempt: run.attempt,
        class: FailureClass::Exhausted,
        status: None,
        message: String::new(),
        calls: run.calls,
        throttles: 0,
        cost: None,
        simulated: true,
    })
}

/// Sent again, a failure is stamped with the round of that moment.
fn in_round(fact: Fact, round: u32) -> Fact {
    if let Fact::Failure(failure) = fact {
        return Fact::Failure(FailureFact { round, ..failure });
    }
    fact
}

fn attempt(run: &Run, cause: AttemptCause, calls: u32) -> Fact {
    let (job, attempt) = (job(run), run.attempt);
    Fact::Attempt(AttemptFact { job, term: 1, attempt, cause, calls, cost: None })
}

/// An order that is a function of its seed.
fn shuffle(facts: Vec<Fact>, seed: u64) -> Vec<Fact> {
    let mut keyed: Vec<_> =
        (0u64..).zip(facts).map(|(at, fact)| (Digest::of_value(&(seed, at)), fact)).collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, fact)| fact).collect()
}
