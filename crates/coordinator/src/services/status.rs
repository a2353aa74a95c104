//! How sweeps stand: from the store, and from the loop where one is at work.

use iago_protocol::wire::{End, Progress, Spend, Status as Told};
use iago_report::Spending;
use iago_store::{READ_MAX, State, Store, StoreError, SweepHead};
use iago_sweep::{Digest, JobId, SweepId};
use tonic::Status;

use crate::desk::Desk;
use crate::inbox::Board;
use crate::spending::spending;
use crate::trouble::of_store;

/// Every sweep, the newest first; without sums, which would be a scan of each.
pub(crate) async fn all<S: Store>(store: &S, desk: &Desk) -> Result<Vec<Told>, Status> {
    let board = desk.board()?;
    let heads = store.sweeps().await.map_err(of_store)?;
    Ok(heads.into_iter().map(|head| of(head, &board)).collect())
}

/// One sweep, with its sums.
pub(crate) async fn one<S: Store>(store: &S, desk: &Desk, id: SweepId) -> Result<Told, Status> {
    let board = desk.board()?;
    let head = head(store, id).await?;
    let totals = store.totals(id).await.map_err(of_store)?;
    let plan = store.plan(id, head.revision).await.map_err(of_store)?;
    Ok(Told {
        plan: Digest::of(&plan).to_string(),
        results: totals.results,
        failures: totals.failures,
        calls: totals.calls(),
        spent_picodollars: totals.cost.0,
        unpriced: totals.unpriced,
        simulated: totals.simulated > 0,
        // Of a plan that only a later iago reads nobody here knows which stages grade.
        spend: serde_json::from_slice(&plan).ok().map(|plan| spend(spending(&totals, &plan))),
        ..of(head, &board)
    })
}

fn spend(Spending { models, judges, failed, late, abandoned, .. }: Spending) -> Spend {
    Spend {
        answered: models.0,
        judges: judges.0,
        failed: failed.0,
        late: late.0,
        abandoned: abandoned.0,
        ..Spend::default()
    }
}

/// A sweep's head, or that there is none.
pub(crate) async fn head<S: Store>(store: &S, id: SweepId) -> Result<SweepHead, Status> {
    let heads = store.sweeps().await.map_err(of_store)?;
    let found = heads.into_iter().find(|head| head.id == id);
    found.ok_or_else(|| Status::not_found(format!("there is no sweep {id} here")))
}

/// How a sweep ended that is not at work; `None` while it should be.
pub(crate) async fn last_word<S: Store>(
    store: &S,
    id: SweepId,
) -> Result<Option<Progress>, Status> {
    let head = head(store, id).await?;
    let failures = failed(store, &head).await.map_err(of_store)?;
    let mut last = Progress { failures, ..Progress::default() };
    match head.state {
        State::Running => return Ok(None),
        State::Done => last.set_end(End::Done),
        State::Cancelled => last.set_end(End::Cancelled),
        State::Paused(reason) => {
            last.set_end(End::Paused);
            last.end_reason = reason;
        }
    }
    Ok(Some(last))
}

/// Jobs that failed for good: in this round, and with no answer that came later all the same.
async fn failed<S: Store>(store: &S, head: &SweepHead) -> Result<u64, StoreError> {
    let failures = store.failures(head.id).await?;
    let of_round = failures.iter().filter(|failure| failure.round == head.round);
    let jobs: Vec<JobId> = of_round.map(|failure| failure.job).collect();
    let mut failed = jobs.len() as u64;
    for page in jobs.chunks(READ_MAX) {
        failed -= store.read(head.id, page).await?.len() as u64;
    }
    Ok(failed)
}

fn of(head: SweepHead, board: &Board) -> Told {
    let (state, reason) = match head.state {
        State::Running => ("running", String::new()),
        State::Paused(reason) => ("paused", reason),
        State::Done => ("done", String::new()),
        State::Cancelled => ("cancelled", String::new()),
    };
    Told {
        sweep: head.id.0,
        name: head.name,
        revision: head.revision,
        note: head.note,
        state: state.to_owned(),
        reason,
        created_ms: head.created_ms,
        kind: head.kind.word().to_owned(),
        progress: board.get(&head.id).cloned(),
        ..Told::default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use iago_store::{Kind, MemoryStore, Names, NewRevision, NewSweep};
    use iago_sweep::{Coordinate, Fact, Finish, Parse, ResultFact, Text, Usage};

    use super::*;

    fn answer(cell: u32, prompt: u32, simulated: bool) -> Fact {
        let at = Coordinate { cell, prompt, ..Coordinate::default() };
        let fact = ResultFact {
            job: JobId::pack(at).expect("it is in range"),
            term: 1,
            attempt: 1,
            finish: Finish::Stop,
            parse: Parse::Ok,
            label: None,
            opens: 0,
            decided: 0,
            usage: Usage::default(),
            cost: None,
            latency_ms: 1,
            calls: 1,
            throttles: 0,
            echoed_model: None,
            request: Digest::of(""),
            simulated,
        };
        Fact::Result(Box::new(fact), Text::default())
    }

    async fn sweep_of(store: &MemoryStore, term: u64) -> SweepId {
        let revision = NewRevision {
            number: 0,
            plan: Vec::new(),
            ask: Digest::of(""),
            analysis: Digest::of(""),
            note: String::new(),
            names: Names::default(),
        };
        let new = NewSweep { name: "sweep".to_owned(), revision, created_ms: 0, kind: Kind::Asked };
        store.submit(term, new).await.expect("it is kept")
    }

    async fn is_marked(store: &MemoryStore, sweep: SweepId) -> bool {
        one(store, &Desk::of_reader(), sweep).await.expect("it is read").simulated
    }

    /// Its endpoint may have had another address when the others of its cell were asked.
    #[tokio::test]
    async fn one_planted_answer_among_real_ones_marks_the_sweep() {
        let store = MemoryStore::default();
        let term = store.lead("one", Duration::ZERO).await.expect("nobody leads");
        let sweep = sweep_of(&store, term).await;
        let real = (0..3).flat_map(|cell| [answer(cell, 0, false), answer(cell, 7, false)]);
        store.append(sweep, term, real.collect()).await.expect("it is kept");
        assert!(!is_marked(&store, sweep).await);
        store.append(sweep, term, vec![answer(1, 5, true)]).await.expect("it is kept");
        assert!(is_marked(&store, sweep).await);
    }
}
