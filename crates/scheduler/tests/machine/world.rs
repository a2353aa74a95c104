//! A small sweep, and what can be said to the machine about it.

use iago_scheduler::{
    Assigned, End, Event, Known, Leased, PoolId, Scheduler, Settled, Shape, StageShape, WorkerId,
};
use iago_sweep::{
    Digest, FailureClass, FailureFact, Finish, JobId, Money, Parse, ResultFact, SweepId, Text,
    Usage,
};

pub(crate) const SWEEP: SweepId = SweepId(1);

/// A stage to answer, and one with three votes about it, over 2 models x 2 conditions.
pub(crate) fn shape(prompts: u32, repeats: u32, budget: Option<Money>, price: Money) -> Shape {
    let stage = |parent, votes, pools| StageShape { parent, votes, pools, reserve: vec![price; 4] };
    Shape {
        seed: 7,
        revision: 0,
        prompts,
        repeats,
        cell_models: vec![0, 0, 1, 1],
        stages: vec![
            stage(None, 1, vec![PoolId(0), PoolId(0), PoolId(1), PoolId(1)]),
            stage(Some(0), 3, vec![PoolId(0); 4]),
        ],
        budget,
    }
}

pub(crate) fn answer(job: JobId, opens: u64) -> End {
    let fact = ResultFact {
        job,
        term: 1,
        attempt: 1,
        finish: Finish::Stop,
        parse: Parse::Ok,
        label: None,
        opens,
        decided: 2,
        usage: Usage::default(),
        cost: None,
        latency_ms: 1,
        calls: 1,
        throttles: 0,
        echoed_model: None,
        request: Digest::of(""),
        simulated: true,
    };
    End::Answered(Box::new(fact), Text::default())
}

pub(crate) fn rejection(job: JobId) -> End {
    let (class, message) = (FailureClass::Rejected, "no such model".to_owned());
    End::Failed(FailureFact {
        job,
        round: 0,
        term: 1,
        attempt: 1,
        class,
        status: Some(400),
        message,
        calls: 1,
        throttles: 0,
        simulated: true,
    })
}

pub(crate) fn settled(assigned: &Assigned, end: End, cost: Option<Money>) -> Box<Settled> {
    let Assigned { lease, sweep, job, attempt } = *assigned;
    let leased = Leased { lease, term: 1, sweep, job, attempt };
    Box::new(Settled { sequence: lease, leased, calls: 1, cost, end })
}

pub(crate) fn start(shape: Shape) -> Scheduler {
    let mut machine = Scheduler::new(1, vec![("a".into(), 8), ("b".into(), 8)]);
    let known = Box::new(Known::new(shape).expect("it is small"));
    machine.apply(Event::Loaded(SWEEP, known), &mut Vec::new());
    machine
}

pub(crate) fn connect(machine: &mut Scheduler, worker: u64) {
    let pools = vec![PoolId(0), PoolId(1)];
    machine.apply(Event::Joined(WorkerId(worker), pools, vec![]), &mut Vec::new());
    machine.apply(Event::Credit(WorkerId(worker), 1_000_000), &mut Vec::new());
}
