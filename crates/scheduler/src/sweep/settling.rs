//! What an attempt's end means for its sweep, and the fact that is kept of it.

use iago_sweep::{AttemptCause, AttemptFact, Fact, FailureFact};

use super::Sweep;
use crate::events::{End, Leased, Settled};
use crate::executions::Execution;
use crate::known::cost_of_failure;
use crate::spend::{Cost, Purpose};

impl Sweep {
    /// An attempt ended; its lease was `held` until now, or is long gone.
    ///
    /// What comes after the job has ended goes to the store as what it is: only the store can
    /// tell another execution, which cost calls of its own, from a message that came twice.
    pub(crate) fn settle(&mut self, settled: Settled, held: bool) -> Fact {
        let is_repeated = self.known.is_over(&settled.leased);
        self.count(&settled);
        let Settled { leased, calls, cost, end, .. } = settled;
        let Leased { term, job, attempt, .. } = leased;
        match end {
            // A failure gives way to an answer: what was paid for is never thrown away.
            End::Answered(fact, text) => {
                if !self.known.done.contains(job) {
                    self.estimates.learn(job, &fact.usage);
                    self.answered(job, fact.opens);
                }
                Fact::Result(fact, text)
            }
            // It came before, perhaps in an earlier round: the present one has an execution of its own.
            End::Failed(failure) if is_repeated => Fact::Failure(failure),
            End::Failed(failure) => {
                let round = self.known.round;
                if self.has_ended(job) {
                    self.note_execution(job, attempt);
                } else {
                    self.failed(job, attempt, failure.class, &failure.message);
                }
                Fact::Failure(FailureFact { round, ..failure })
            }
            End::Released => {
                // Under a lease that is gone, the job went back when the lease did.
                if held {
                    self.reopen(job, attempt);
                }
                let cause = AttemptCause::Released;
                Fact::Attempt(AttemptFact { job, term, attempt, cause, calls, cost })
            }
        }
    }

    /// Counts what an attempt cost, unless it was counted before.
    fn count(&mut self, settled: &Settled) {
        let Settled { leased, calls, cost, broken, end, .. } = settled;
        let (job, reserve) = (leased.job, self.shape().reserve(leased.job));
        let broken = self.shape().reserve_of_calls(job, *broken);
        let told = Cost::of(*cost, *calls, reserve);
        let (purpose, cost) = match end {
            End::Answered(..) if !self.known.done.contains(job) => {
                (self.known.purpose_of_answer(job), told)
            }
            End::Failed(failure) if self.has_ended(job) => {
                (Purpose::Late, cost_of_failure(failure, *cost, reserve))
            }
            End::Failed(failure) => (Purpose::Failed, cost_of_failure(failure, *cost, reserve)),
            End::Answered(..) | End::Released => (Purpose::Late, told),
        };
        self.known.account.count(Execution::of(leased), purpose, cost.with_broken(broken));
    }
}
