//! A small sweep, and what can be said to the machine about it.

use iago_scheduler::{
    Action, Assigned, End, Event, Known, Leased, Limits, PoolId, RouteId, Scheduler, Settled,
    Shape, StageShape, Start, WorkerId,
};
use iago_sweep::{
    AttemptCause, AttemptFact, Digest, FailureClass, FailureFact, Finish, JobId, Money, Need,
    Parse, ResultFact, SweepId, Text, Usage,
};

pub(crate) const SWEEP: SweepId = SweepId(1);

/// The first pool alone, the second, and both at once.
pub(crate) const A: RouteId = RouteId(0);
pub(crate) const B: RouteId = RouteId(1);
pub(crate) const BOTH: RouteId = RouteId(2);

/// A stage to answer, and one with three votes about it, over 2 models x 2 conditions.
pub(crate) fn shape(prompts: u32, repeats: u32, budget: Option<Money>, price: Money) -> Shape {
    let stage = |opener: Option<u32>, votes, routes| StageShape {
        opener,
        votes,
        grades: opener.is_some(),
        routes,
        needs: vec![Need { input: 10, output: 10 }; 4],
        reserve: vec![Some(price); 4],
        reserve_of_call: vec![Some(price); 4],
    };
    Shape {
        seed: 7,
        revision: 0,
        prompts,
        repeats,
        ranks: Vec::new(),
        cell_models: vec![0, 0, 1, 1],
        caps: Vec::new(),
        stages: vec![stage(None, 1, vec![A, A, B, B]), stage(Some(0), 3, vec![A; 4])],
        budget,
        weight: 1,
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
    End::Failed(failure(job, 0))
}

/// The end of a first execution, in a retry round.
pub(crate) fn failure(job: JobId, round: u32) -> FailureFact {
    let (class, message) = (FailureClass::Rejected, "no such model".to_owned());
    FailureFact {
        job,
        round,
        term: 1,
        attempt: 1,
        class,
        status: Some(400),
        message,
        calls: 1,
        throttles: 0,
        cost: None,
        simulated: true,
    }
}

pub(crate) fn settled(assigned: &Assigned, end: End, cost: Option<Money>) -> Box<Settled> {
    let (sequence, leased) = (assigned.lease, leased(assigned));
    Box::new(Settled { sequence, leased, calls: 1, cost, broken: 0, end })
}

/// The two pools, each with `concurrency` calls at once.
pub(crate) fn pools(concurrency: u32) -> Vec<(String, Limits)> {
    let limits = Limits { concurrency };
    vec![("a".into(), limits), ("b".into(), limits)]
}

/// The pools of a route.
pub(crate) fn pools_of(route: RouteId) -> Vec<PoolId> {
    match route {
        A => vec![PoolId(0)],
        B => vec![PoolId(1)],
        _ => vec![PoolId(0), PoolId(1)],
    }
}

/// A machine with two pools, and the routes [`A`], [`B`] and [`BOTH`].
pub(crate) fn lead(term: u64, pools: Vec<(String, Limits)>) -> Scheduler {
    let mut machine = Scheduler::new(term, pools);
    for route in [A, B, BOTH] {
        assert_eq!(machine.route(pools_of(route)), route);
    }
    machine
}

pub(crate) fn start(shape: Shape) -> Scheduler {
    let mut machine = lead(1, pools(4));
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
    let Assigned { lease, sweep, job, attempt, .. } = *assigned;
    Leased { lease, term: 1, sweep, job, attempt }
}

/// What a worker of the first term has of a job, of which nobody here remembers that it was handed
/// out.
pub(crate) fn assigned(lease: u64, job: JobId, attempt: u32) -> Assigned {
    let need = Need { input: 1, output: 1 };
    Assigned { lease, sweep: SWEEP, job, attempt, route: A, need, cost_most: None }
}

/// An attempt of the first term that has ended elsewhere.
pub(crate) fn released(job: JobId, attempt: u32) -> AttemptFact {
    let cause = AttemptCause::Released;
    AttemptFact { job, term: 1, attempt, cause, calls: 0, cost: None }
}
