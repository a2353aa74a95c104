//! What workers deliver: from the end of an attempt to the facts that are kept of it.

use std::sync::Arc;

use iago_grading::{Opening, Said};
use iago_protocol::{Delivery, Outcome};
use iago_scheduler::{Action, End, Event, Leased, Settled, WorkerId};
use iago_store::{Nights, Store};
use iago_sweep::{
    AttemptCause, AttemptFact, Fact, FailureClass, FailureFact, JobId, Money, ResultFact, SweepId,
    Text,
};

use crate::driver::{Driver, Halt};
use crate::opening::decide;

impl<S: Store + Nights> Driver<S> {
    /// An attempt ended. What belongs to a sweep that is not at work is still kept, for when it is.
    pub(crate) async fn receive(
        &mut self,
        worker: WorkerId,
        delivery: Delivery,
        actions: &mut Vec<Action>,
    ) -> Result<(), Halt> {
        let sweep = delivery.sweep;
        if let Some(loaded) = self.sweeps.get_mut(&sweep) {
            loaded.calls += u64::from(delivery.calls);
            loaded.throttles += u64::from(delivery.throttles);
        }
        let mut settled = self.settle(delivery);
        if let End::Answered(fact, text) = &mut settled.end {
            self.read_anew(sweep, fact, text).await?;
        }
        if !self.scheduler.is_loaded(sweep) {
            self.late.insert(sweep);
            actions.push(Action::Record(sweep, fact_of(settled.clone())));
        }
        self.scheduler.apply(Event::Settled(worker, Box::new(settled)), actions);
        Ok(())
    }

    /// From a delivery to what the scheduler is told: the fact, with the stages that it opens.
    fn settle(&self, delivery: Delivery) -> Settled {
        let Delivery { sequence, lease, sweep, job, attempt, calls, cost, broken, .. } = delivery;
        let leased = Leased { lease: lease.sequence, term: lease.term, sweep, job, attempt };
        Settled { sequence, leased, calls, cost, broken, end: self.end_of(delivery) }
    }

    fn end_of(&self, mut delivery: Delivery) -> End {
        match std::mem::replace(&mut delivery.outcome, Outcome::Released) {
            Outcome::Answered {
                finish,
                parse,
                label,
                usage,
                latency_ms,
                echoed_model,
                request,
                text,
            } => {
                let said = Said { finish, parse, label: label.as_ref() };
                let Opening { opens, decided } = self.opening(delivery.sweep, delivery.job, &said);
                let fact = ResultFact {
                    job: delivery.job,
                    term: delivery.lease.term,
                    attempt: delivery.attempt,
                    finish,
                    parse,
                    label,
                    opens,
                    decided,
                    usage,
                    cost: delivery.cost,
                    latency_ms,
                    calls: delivery.calls,
                    throttles: delivery.throttles,
                    echoed_model,
                    request,
                    simulated: delivery.simulated,
                };
                End::Answered(Box::new(fact), text)
            }
            Outcome::Failed { class, status, message } => {
                End::Failed(failure_of(&delivery, class, status, message))
            }
            Outcome::Released => End::Released,
        }
    }

    /// What a result calls for, where its sweep is at work.
    fn opening(&self, sweep: SweepId, job: JobId, said: &Said<'_>) -> Opening {
        let loaded = self.sweeps.get(&sweep);
        loaded.map(|of| decide(of.reader(), job.at(), said)).unwrap_or_default()
    }

    /// A result of a stage whose texts are read anew may come from a worker that still has an earlier
    /// plan: what it opens follows today's, and what it was read as is kept beside it.
    async fn read_anew(
        &mut self,
        sweep: SweepId,
        fact: &mut ResultFact,
        text: &Text,
    ) -> Result<(), Halt> {
        let reader = self.sweeps.get(&sweep).map(|loaded| loaded.reader());
        let Some(reader) = reader.filter(|reader| reader.rereads(fact.job)) else {
            return Ok(());
        };
        let wanted = reader.texts_of(fact.job);
        let texts = if wanted == [fact.job] {
            vec![text.clone()]
        } else {
            self.texts(sweep, wanted).await?
        };
        let reader = self.sweeps.get(&sweep).map(|loaded| loaded.reader());
        if let Some(reading) = reader.and_then(|reader| reader.read(fact, &texts)) {
            (fact.opens, fact.decided) = (reading.opens, reading.decided);
            self.readings.entry(sweep).or_default().push(reading);
        }
        Ok(())
    }

    /// Stored texts, in the order of their jobs here, up to the first that is not there.
    async fn texts(&mut self, sweep: SweepId, jobs: Vec<JobId>) -> Result<Vec<Text>, Halt> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let asked: Arc<[JobId]> = jobs.clone().into();
        let ask = |store: Arc<S>| {
            let asked = Arc::clone(&asked);
            async move { store.read(sweep, &asked).await }
        };
        let texts = self.insist(ask).await?;
        let of = |job: &JobId| texts.iter().find(|(of, _)| of == job).map(|(_, text)| text.clone());
        Ok(jobs.iter().map_while(of).collect())
    }
}

fn failure_of(
    delivery: &Delivery,
    class: FailureClass,
    status: Option<u16>,
    message: String,
) -> FailureFact {
    let Delivery { lease, job, attempt, calls, throttles, cost, simulated, .. } = *delivery;
    FailureFact {
        job,
        round: 0,
        term: lease.term,
        attempt,
        class,
        status,
        message,
        calls,
        throttles,
        cost: cost_of_failure(class, cost, simulated),
        simulated,
    }
}

/// What a failure cost. A request that was refused is answered with nothing that is billed, and what
/// is planted costs nothing; of what broke off otherwise, only its worker can know.
fn cost_of_failure(class: FailureClass, told: Option<Money>, simulated: bool) -> Option<Money> {
    let is_free = simulated || class == FailureClass::Rejected;
    told.or(is_free.then_some(Money::ZERO))
}

/// The fact that an ended attempt is, where nobody knows its sweep.
fn fact_of(settled: Settled) -> Fact {
    let Settled { leased: Leased { term, job, attempt, .. }, calls, cost, end, .. } = settled;
    match end {
        End::Answered(fact, text) => Fact::Result(fact, text),
        End::Failed(failure) => Fact::Failure(failure),
        End::Released => {
            let cause = AttemptCause::Released;
            Fact::Attempt(AttemptFact { job, term, attempt, cause, calls, cost })
        }
    }
}
