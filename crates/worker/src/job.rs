//! One attempt at one job, by whatever means the job needs, and what is delivered of it.

use iago_protocol::{Assignment, Delivery, Held, Outcome};
use iago_sweep::{FailureClass, Money};

use crate::ask::ask;
use crate::bench::{Bench, Means, Unstarted};
use crate::counts::Counts;
use crate::external::run_program;
use crate::local::score;

/// How an attempt ended, and whether its pool turned out to be blocked.
pub(crate) struct Attempted {
    pub(crate) delivery: Delivery,
    pub(crate) blocked: Option<PoolBlock>,
}

/// A pool that needs a person, and why.
pub(crate) struct PoolBlock {
    pub(crate) pool: String,
    pub(crate) reason: String,
}

/// How the work at a job ended.
pub(crate) struct Ending {
    pub(crate) outcome: Outcome,
    pub(crate) spent: Spent,
    /// Why the pool is blocked, where it is.
    pub(crate) blocked: Option<String>,
}

/// What an attempt used up. A score makes no calls and costs nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    pub(crate) calls: u32,
    pub(crate) throttles: u32,
    /// `None` where no price is known, or none for what was done.
    pub(crate) cost: Option<Money>,
    pub(crate) simulated: bool,
}

impl Spent {
    /// What an attempt has counted, whose answers have no price that anybody knows.
    pub(crate) fn without_prices(counts: &Counts) -> Self {
        let (calls, throttles) = (counts.calls(), counts.throttles());
        Self { calls, throttles, cost: None, simulated: counts.is_simulated() }
    }
}

impl Ending {
    pub(crate) fn new(outcome: Outcome, spent: Spent) -> Self {
        Self { outcome, spent, blocked: None }
    }

    /// It can never be done, and nothing was tried.
    pub(crate) fn rejected(message: String) -> Self {
        let class = FailureClass::Rejected;
        Self::new(Outcome::Failed { class, status: None, message }, Spent::default())
    }

    /// The job goes back.
    pub(crate) fn released(Unstarted { blocked }: Unstarted, spent: Spent) -> Self {
        Self { outcome: Outcome::Released, spent, blocked }
    }
}

/// Runs an attempt to its end.
pub(crate) async fn attempt(bench: Bench, mut assignment: Assignment) -> Attempted {
    let ending = match &bench.means {
        Means::Endpoint(endpoint) => Box::pin(ask(&bench, endpoint, &assignment)).await,
        Means::Code => score(&bench, &mut assignment).await,
        Means::Program(program) => run_program(&bench, program, &assignment).await,
    };
    let Ending { outcome, spent, blocked } = ending;
    let delivery = deliver(&assignment.held(), outcome, spent);
    let blocked = blocked.map(|reason| PoolBlock { pool: bench.pool_name, reason });
    Attempted { delivery, blocked }
}

/// What is sent of a job; its place among the others is given later.
pub(crate) fn deliver(held: &Held, outcome: Outcome, spent: Spent) -> Delivery {
    let Held { lease, sweep, job, attempt } = *held;
    let Spent { calls, throttles, cost, simulated } = spent;
    // What called nobody cost nothing, whatever its price would have been.
    let cost = if calls == 0 { Some(Money::ZERO) } else { cost };
    let sequence = 0;
    Delivery { sequence, lease, sweep, job, attempt, calls, throttles, cost, simulated, outcome }
}
