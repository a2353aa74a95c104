//! Start-up and recovery: from what the store has to what the scheduler must know.

use iago_grading::Grader;
use iago_scheduler::{Known, PoolId, Shape};
use iago_store::{Recovered, Store, StoreError};
use iago_sweep::{AttemptCause, SweepId};

/// Results in one page of the recovery stream.
const PAGE: usize = 10_000;

/// Reads a sweep's facts, in one of its retry rounds.
pub(crate) async fn load<S: Store>(
    store: &S,
    sweep: SweepId,
    mut known: Known,
    shape: &Shape,
    grader: &Grader,
    pools: &[String],
    round: u32,
) -> Result<Known, StoreError> {
    let mut after = None;
    loop {
        let page = store.recover(sweep, after, PAGE).await?;
        for fact in &page {
            known.answered(fact.job, opens(fact, grader, shape), fact.cost);
        }
        after = page.last().map(|fact| fact.job.number());
        if page.len() < PAGE {
            break;
        }
    }
    load_failures(store, sweep, &mut known, round).await?;
    for attempt in store.attempts(sweep).await? {
        known.spent(attempt.cost.unwrap_or_default());
        // Given up, it may still be under way; otherwise it has ended, and was told of.
        if attempt.cause != AttemptCause::Abandoned {
            known.ended(attempt.job, attempt.term, attempt.attempt);
        }
    }
    load_frontiers(store, sweep, &mut known, shape, pools).await?;
    Ok(known)
}

/// How far jobs may be out. An earlier revision walked in another order, so that what it handed out
/// may stand anywhere in this one's.
async fn load_frontiers<S: Store>(
    store: &S,
    sweep: SweepId,
    known: &mut Known,
    shape: &Shape,
    pools: &[String],
) -> Result<(), StoreError> {
    for frontier in store.frontiers(sweep).await? {
        let pool = pools.iter().zip(0..).find(|(name, _)| **name == frontier.pool);
        match pool {
            Some((_, number)) if frontier.revision == shape.revision => {
                known.frontier(PoolId(number), frontier.position);
            }
            Some(_) | None => known.everything_may_be_out(),
        }
    }
    Ok(())
}

/// The stages that a stored result opens. What was decided when it was stored stays decided; a
/// stage that was added since is decided now.
fn opens(fact: &Recovered, grader: &Grader, shape: &Shape) -> u64 {
    let every = u64::MAX.checked_shr(64 - u32::try_from(shape.stages.len()).unwrap_or(64));
    let undecided = every.unwrap_or(0) & !fact.decided;
    if undecided == 0 {
        return fact.opens;
    }
    fact.opens | (grader.opens(fact.job.at(), fact.finish, fact.parse).opens & undecided)
}

async fn load_failures<S: Store>(
    store: &S,
    sweep: SweepId,
    known: &mut Known,
    round: u32,
) -> Result<(), StoreError> {
    known.round(round);
    for failure in store.failures(sweep).await? {
        if failure.round == round {
            known.failed(failure.job);
        } else {
            known.ended(failure.job, failure.term, failure.attempt);
        }
    }
    Ok(())
}
