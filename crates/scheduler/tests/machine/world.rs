//! A small sweep, and what can be said to the machine about it.

use iago_scheduler::{
    Action, Assigned, End, Event, Known, Leased, Limits, PoolId, Scheduler, Settled, Shape,
    StageShape, Start, WorkerId,
};
use iago_sweep::{
    Digest, FailureClass, FailureFact, Finish, JobId, Money, Parse, ResultFact, SweepId, Text,
    Usage,
};

pub(crate) const SWEEP: SweepId = SweepId(1);

/// A stage to answer, and one with three votes about it, over 2 models x 2 conditions.
pub(crate) fn shape(prompts: u32, repeats: u32, budget: Option<Money>, price: Money) -> Shape {
    let stage =
        |opener, votes, pools| StageShape { opener, votes, pools, reserve: vec![Some(price); 4] };
    Shape {
        seed: 7,
        revision: 0,
        prompts,
        repeats,
        ranks: Vec::new(),
        cell_models: vec![0, 0, 1, 1],
        caps: Vec::new(),
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
        cost: None,
        simulated: true,
    })
}

pub(crate) fn settled(assigned: &Assigned, end: End, cost: Option<Money>) -> Box<Settled> {
    Box::new(Settled { sequence: assigned.lease, leased: leased(assigned), calls: 1, cost, end })
}

/// The two pools, each with `concurrency` calls at once.
pub(crate) fn pools(concurrency: u32) -> Vec<(String, Limits)> {
    let limits = Limits { requests_per_minute: None, concurrency };
    vec![("a".into(), limits), ("b".into(), limits)]
}

pub(crate) fn start(shape: Shape) -> Scheduler {
    let mut machine = Scheduler::new(1, pools(4));
    load(&mut machine, Known::new(shape).expect("it is small"), Start::Now);
    machine
}

pub(crate) fn load(machine: &mut Scheduler, known: Known, start: Start) {
    machine.apply(Event::Loaded(SWEEP, Box::new(known), start), &mut Vec::new());
}

pub(crate) fn connect(machine: &mut Scheduler, worker: u64) {
    join(machine, worker, vec![]);
}

pub(crate) fn join(machine: &mut Scheduler, worker: u64, held: Vec<Leased>) {
    let pools = vec![PoolId(0), PoolId(1)];
    machine.apply(Event::Joined(WorkerId(worker), pools, held), &mut Vec::new());
    machine.apply(Event::Credit(WorkerId(worker), 1_000_000), &mut Vec::new());
}

pub(crate) fn apply(machine: &mut Scheduler, event: Event) -> Vec<Action> {
    let mut actions = Vec::new();
    machine.apply(event, &mut actions);
    actions
}

/// What is done after a batch: first what is handed out, then the rest.
pub(crate) fn dispatch(machine: &mut Scheduler) -> (Vec<(WorkerId, Assigned)>, Vec<Action>) {
    let (mut handed_out, mut rest, mut actions) = (Vec::new(), Vec::new(), Vec::new());
    machine.dispatch(&mut actions);
    for action in actions {
        if let Action::Assign(worker, assigned) = action {
            handed_out.push((worker, assigned));
        } else {
            rest.push(action);
        }
    }
    (handed_out, rest)
}

pub(crate) fn hand_out(machine: &mut Scheduler) -> Vec<Assigned> {
    dispatch(machine).0.into_iter().map(|(_, assigned)| assigned).collect()
}

/// The lease under which something was handed out in the first term.
pub(crate) fn leased(assigned: &Assigned) -> Leased {
    let Assigned { lease, sweep, job, attempt } = *assigned;
    Leased { lease, term: 1, sweep, job, attempt }
}
