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
    /// What the calls of it cost that told of it, answered or not; `None` where none did, or where a
    /// price is not known.
    pub(crate) cost: Option<Money>,
    /// Calls that ended without a word on their cost, after the endpoint may have seen them.
    pub(crate) broken: u32,
    pub(crate) simulated: bool,
}

impl Spent {
    /// What an attempt has counted.
    pub(crate) fn counted(counts: &Counts) -> Self {
        let (calls, throttles) = (counts.calls(), counts.throttles());
        let (cost, simulated) = (counts.cost(), counts.is_simulated());
        Self { calls, throttles, cost, broken: counts.broken(), simulated }
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

    /// It did not start, or not again: the job goes back, unless it can never be done.
    pub(crate) fn unstarted(unstarted: Unstarted, spent: Spent) -> Self {
        let blocked = match unstarted {
            Unstarted::Draining | Unstarted::Declined => None,
            Unstarted::Blocked(why) => Some(why),
            Unstarted::Refused(message) => {
                let class = FailureClass::Rejected;
                return Self::new(Outcome::Failed { class, status: None, message }, spent);
            }
        };
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
    let blocked = blocked.map(|reason| {
        let pool = bench.route.names()[0].clone();
        PoolBlock { pool, reason }
    });
    Attempted { delivery, blocked }
}

/// What is sent of a job; its place among the others is given later.
pub(crate) fn deliver(held: &Held, outcome: Outcome, spent: Spent) -> Delivery {
    let Held { lease, sweep, job, attempt } = *held;
    let Spent { calls, throttles, cost, broken, simulated } = spent;
    // What called nobody cost nothing, whatever its price would have been.
    let cost = if calls == 0 { Some(Money::ZERO) } else { cost };
    Delivery {
        sequence: 0,
        lease,
        sweep,
        job,
        attempt,
        calls,
        throttles,
        cost,
        broken,
        simulated,
        outcome,
    }
}
