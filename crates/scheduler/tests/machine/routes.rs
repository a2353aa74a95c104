//! Jobs that draw from several pools at once.

use iago_scheduler::{
    Action, Assigned, End, Event, Known, Limits, PauseReason, PoolId, Scheduler, Shape, Start,
    WorkerId,
};
use iago_sweep::{Fact, Money};

use crate::world::{
    A, B, BOTH, SWEEP, answer, apply, connect, dispatch, hand_out, lead, load, pools, settled,
    shape,
};

/// Two cells of each pool alone, or of both.
fn sweep(first: iago_scheduler::RouteId, second: iago_scheduler::RouteId) -> Shape {
    let mut shape = shape(200, 1, None, Money::ZERO);
    shape.stages[0].routes = vec![first, first, second, second];
    shape
}

fn at_work(concurrency: u32, shape: Shape) -> Scheduler {
    let mut machine = lead(1, pools(concurrency));
    load(&mut machine, Known::new(shape).expect("it is small"), Start::Now);
    machine
}

fn out(machine: &Scheduler) -> Vec<u32> {
    machine.out().map(|(_, out, _)| out).collect()
}

fn end(machine: &mut Scheduler, worker: WorkerId, assigned: &Assigned) {
    let answered = settled(assigned, answer(assigned.job, 0), Some(Money::ZERO));
    apply(machine, Event::Settled(worker, answered));
}

#[test]
fn a_job_counts_in_every_pool_of_its_route() {
    let mut machine = at_work(4, sweep(BOTH, BOTH));
    connect(&mut machine, 0);
    let handed_out = hand_out(&mut machine);
    assert_eq!((handed_out.len(), out(&machine)), (20, vec![20, 20]));
    assert!(handed_out.iter().all(|assigned| assigned.route == BOTH));
    end(&mut machine, WorkerId(0), &handed_out[0]);
    assert_eq!(out(&machine), [19, 19]);
    // Whoever comes back with none of them had none.
    connect(&mut machine, 0);
    assert_eq!(out(&machine), [0, 0]);
    assert_eq!(hand_out(&mut machine).len(), 20);
}

#[test]
fn only_who_serves_all_pools_takes_a_job_of_them() {
    let mut machine = at_work(4, sweep(BOTH, B));
    apply(&mut machine, Event::Joined(WorkerId(0), vec![PoolId(1)], vec![]));
    apply(&mut machine, Event::Credit(WorkerId(0), 1_000));
    assert!(hand_out(&mut machine).iter().all(|assigned| assigned.route == B));
    connect(&mut machine, 1);
    let (to_both, _) = dispatch(&mut machine);
    assert!(to_both.iter().any(|(_, assigned)| assigned.route == BOTH));
    assert!(to_both.iter().all(|(to, assigned)| assigned.route != BOTH || to.0 == 1));
}

#[test]
fn a_blocked_pool_holds_up_only_routes_that_contain_it() {
    let mut machine = at_work(4, sweep(A, BOTH));
    connect(&mut machine, 0);
    apply(&mut machine, Event::PoolBlocked(PoolId(1), "401".into()));
    let mut asked = 0;
    loop {
        let (handed_out, rest) = dispatch(&mut machine);
        asked += handed_out.len();
        assert!(handed_out.iter().all(|(_, assigned)| assigned.route == A));
        for (worker, assigned) in &handed_out {
            end(&mut machine, *worker, assigned);
        }
        if handed_out.is_empty() {
            let blocked = PauseReason::Blocked { pool: PoolId(1), why: "401".into() };
            assert_eq!(rest, [Action::Paused(SWEEP, blocked)]);
            break;
        }
    }
    assert_eq!(asked, 400);
}

#[test]
fn routes_that_share_a_pool_take_turns_for_its_room() {
    let mut machine = at_work(1, sweep(A, BOTH));
    connect(&mut machine, 0);
    let mut out = hand_out(&mut machine);
    let mut of_both = 0;
    for _ in 0..100 {
        end(&mut machine, WorkerId(0), &out.remove(0));
        let next = hand_out(&mut machine);
        of_both += next.iter().filter(|assigned| assigned.route == BOTH).count();
        out.extend(next);
    }
    assert_eq!(of_both, 50, "one by one");
}

/// Two routes want the first pool, and a third one, which wants another, is served in between.
#[test]
fn what_is_served_elsewhere_in_between_costs_no_route_its_turn() {
    let limits = Limits { concurrency: 1 };
    let mut machine = Scheduler::new(1, ["a", "b", "c"].map(|name| (name.into(), limits)).into());
    let elsewhere = machine.route(vec![PoolId(1)]);
    let [alone, with_c] = [vec![PoolId(0)], vec![PoolId(0), PoolId(2)]].map(|of| machine.route(of));
    let mut shape = shape(200, 1, None, Money::ZERO);
    (shape.stages[0].routes, shape.stages[1].routes) =
        (vec![elsewhere, alone, with_c, with_c], vec![alone; 4]);
    load(&mut machine, Known::new(shape).expect("it is small"), Start::Now);
    apply(&mut machine, Event::Joined(WorkerId(0), (0..3).map(PoolId).collect(), vec![]));
    apply(&mut machine, Event::Credit(WorkerId(0), 1_000_000));
    let mut out = hand_out(&mut machine);
    let mut next = Vec::new();
    for turn in 0..80 {
        let ends = |of: &Assigned| (of.route == elsewhere) == (turn % 2 == 0);
        let pick = out.iter().position(ends).expect("both pools are full");
        end(&mut machine, WorkerId(0), &out.remove(pick));
        let handed_out = hand_out(&mut machine);
        next.extend(handed_out.iter().map(|assigned| assigned.route));
        out.extend(handed_out);
    }
    let count = |route| next.iter().filter(|of| **of == route).count();
    assert_eq!([elsewhere, alone, with_c].map(count), [40, 20, 20]);
}

#[test]
fn frontiers_are_kept_by_the_names_of_routes() {
    let mut machine = at_work(4, sweep(A, BOTH));
    connect(&mut machine, 0);
    let name = |action| {
        let Action::Record(SWEEP, Fact::Frontier(fact)) = action else { return None };
        Some(fact.pool)
    };
    let names: Vec<_> = dispatch(&mut machine).1.into_iter().filter_map(name).collect();
    assert_eq!(names, ["a", "a+b"]);
    assert_eq!(machine.find_route("a+b"), Some(BOTH));
    assert_eq!(machine.route(vec![PoolId(0), PoolId(1), PoolId(0)]), BOTH);
    assert_eq!((machine.route_name(BOTH), machine.find_route("b+a")), ("a+b", None));
}

/// One slot in each pool, in the hands of two workers: neither could take a job of both.
#[test]
fn shares_of_several_pools_come_into_the_same_hands() {
    let mut machine = at_work(1, sweep(BOTH, BOTH));
    for (worker, pool) in [(1, 0), (2, 1)] {
        apply(&mut machine, Event::Joined(WorkerId(worker), vec![PoolId(pool)], vec![]));
    }
    for worker in [1, 2] {
        connect(&mut machine, worker);
    }
    let (handed_out, _) = dispatch(&mut machine);
    assert_eq!(handed_out.len(), 17);
    assert!(handed_out.iter().all(|(to, _)| to.0 == handed_out[0].0.0));
    for (worker, assigned) in &handed_out {
        let released = settled(assigned, End::Released, Some(Money::ZERO));
        apply(&mut machine, Event::Settled(*worker, released));
    }
    assert_eq!(hand_out(&mut machine).len(), 17);
}
