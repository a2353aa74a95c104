//! What an attempt's end means for its sweep, and the fact that is kept of it.

use iago_sweep::{AttemptCause, AttemptFact, Fact, FailureFact};

use super::Sweep;
use crate::events::{End, Leased, Settled};

impl Sweep {
    /// An attempt ended; its lease was `held` until now, or is long gone. Its cost may be counted
    /// already.
    ///
    /// What comes after the job has ended goes to the store as what it is: only the store can
    /// tell another execution, which cost calls of its own, from a message that came twice.
    pub(crate) fn settle(&mut self, settled: Settled, held: bool, is_counted: bool) -> Fact {
        let Settled { leased, calls, cost, end, .. } = settled;
        let Leased { term, job, attempt, .. } = leased;
        let is_repeated = self.known.is_over(&leased);
        if !is_counted && !is_repeated {
            self.known.spent(cost.unwrap_or_default());
        }
        match end {
            // A failure gives way to an answer: what was paid for is never thrown away.
            End::Answered(fact, text) => {
                if !self.known.done.contains(job) {
                    self.answered(job, fact.opens);
                }
                Fact::Result(fact, text)
            }
            // Of an earlier round: the present one has an execution of its own to come.
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
}
