//! What holds whatever the world does.

use std::collections::{BTreeMap, BTreeSet};

use iago_scheduler::{
    Action, Assigned, End, Event, Known, PauseReason, PoolId, Scheduler, Shape, StageShape, Start,
    WorkerId,
};
use iago_sweep::{Fact, JobId, Money};

use crate::world::{
    A, SWEEP, answer, connect, lead, load, pools, rejection, settled, shape, start,
};

/// Runs a machine until nothing is out, answering every job with `end`.
fn run(
    machine: &mut Scheduler,
    cost: Option<Money>,
    end: impl Fn(JobId) -> End,
) -> (u64, Vec<Action>) {
    let (mut assigned, mut rest, mut inbox) = (0, Vec::new(), Vec::new());
    loop {
        let mut actions = Vec::new();
        for job in std::mem::take(&mut inbox) {
            machine.apply(
                Event::Settled(WorkerId(0), settled(&job, end(job.job), cost)),
                &mut actions,
            );
        }
        machine.dispatch(&mut actions);
        for action in actions {
            match action {
                Action::Assign(_, job) => inbox.push(job),
                other @ (Action::Record(..)
                | Action::Slice(..)
                | Action::Acknowledge(..)
                | Action::Finished(_)
                | Action::Reopened(_)
                | Action::Paused(..)
                | Action::Cancelled(_)
                | Action::Drained) => rest.push(other),
            }
        }
        assigned += inbox.len() as u64;
        if inbox.is_empty() {
            return (assigned, rest);
        }
    }
}

#[test]
fn a_cell_that_is_rejected_every_time_pauses_the_sweep_early() {
    let mut machine = start(shape(1000, 5, None, Money::ZERO));
    connect(&mut machine, 0);
    let end = |job: JobId| if job.at().cell == 2 { rejection(job) } else { answer(job, 0) };
    let (assigned, rest) = run(&mut machine, None, end);
    assert!(assigned < 200, "{assigned} jobs of 20,000 were burnt");
    let Some(Action::Paused(_, PauseReason::Rejections { cell: 2, why, .. })) = rest.last() else {
        panic!("{:?}", rest.last());
    };
    assert_eq!(why, "no such model");
}

#[test]
fn the_budget_is_never_exceeded_even_by_what_is_in_flight() {
    let (price, budget) = (Money(10), Money(1005));
    let mut machine = start(shape(1000, 1, Some(budget), price));
    connect(&mut machine, 0);
    let (assigned, rest) = run(&mut machine, Some(price), |job| answer(job, 0));
    assert_eq!(assigned, 100);
    assert_eq!(machine.spent(SWEEP).total(), Money(1000));
    assert_eq!(rest.last(), Some(&Action::Paused(SWEEP, PauseReason::Budget)));
}

#[test]
fn a_blocked_pool_holds_up_no_other_and_burns_nothing() {
    let mut machine = start(shape(100, 1, None, Money::ZERO));
    connect(&mut machine, 0);
    machine.apply(Event::PoolBlocked(PoolId(0), "401".into()), &mut Vec::new());
    let (assigned, rest) = run(&mut machine, None, |job| answer(job, 0));
    assert_eq!(assigned, 200, "the other pool's half");
    let blocked = PauseReason::Blocked { pool: PoolId(0), why: "401".into() };
    assert_eq!(rest.last(), Some(&Action::Paused(SWEEP, blocked)));
    assert!(rest.iter().all(|action| !matches!(action, Action::Record(_, Fact::Failure(_)))));
}

#[test]
fn nothing_is_handed_out_beyond_a_committed_frontier() {
    let mut machine = start(shape(3000, 1, None, Money::ZERO));
    connect(&mut machine, 0);
    let mut frontier: BTreeMap<String, u64> = BTreeMap::new();
    let mut out: BTreeMap<u32, u64> = BTreeMap::new();
    let mut inbox: Vec<Assigned> = Vec::new();
    loop {
        let mut actions = Vec::new();
        for job in std::mem::take(&mut inbox) {
            machine.apply(
                Event::Settled(WorkerId(0), settled(&job, answer(job.job, 0), None)),
                &mut actions,
            );
        }
        machine.dispatch(&mut actions);
        for action in &actions {
            if let Action::Record(_, Fact::Frontier(fact)) = action {
                frontier.insert(fact.pool.clone(), fact.position);
            }
        }
        for action in actions {
            if let Action::Assign(_, job) = action {
                let pool = job.job.at().cell / 2;
                *out.entry(pool).or_default() += 1;
                let name = if pool == 0 { "a" } else { "b" };
                assert!(out[&pool] <= frontier[name]);
                inbox.push(job);
            }
        }
        if inbox.is_empty() {
            break;
        }
    }
    assert_eq!(out.values().sum::<u64>(), 12_000);
}

#[test]
fn work_goes_on_where_the_store_says_it_stopped() {
    let mut known = Known::new(shape(50, 2, None, Money::ZERO)).unwrap();
    let mut machine = start(shape(50, 2, None, Money::ZERO));
    connect(&mut machine, 0);
    let (_, rest) = run(&mut machine, None, |job| answer(job, u64::from(job.at().stage == 0) * 2));
    let mut results = Vec::new();
    for action in rest {
        if let Action::Record(_, Fact::Result(fact, _)) = action {
            results.push(*fact);
        }
    }
    let stored: BTreeSet<JobId> = results.iter().take(700).map(|fact| fact.job).collect();
    for fact in results.iter().filter(|fact| stored.contains(&fact.job)) {
        known.answered(fact.job, fact.opens, None);
    }
    let mut again = lead(1, pools(4));
    load(&mut again, known, Start::Now);
    connect(&mut again, 0);
    let (assigned, rest) =
        run(&mut again, None, |job| answer(job, u64::from(job.at().stage == 0) * 2));
    assert_eq!(assigned, (results.len() - stored.len()) as u64);
    assert_eq!(rest.last(), Some(&Action::Finished(SWEEP)));
}

#[test]
fn a_million_jobs_cost_no_memory_until_they_end() {
    let shape = shape(250_000, 1, None, Money::ZERO);
    let [root, ..] = &shape.stages[..] else { panic!("it has stages") };
    let stage = StageShape { routes: vec![A; 4], ..root.clone() };
    let shape = Shape { stages: vec![stage], ..shape };
    let mut machine = start(shape);
    connect(&mut machine, 0);
    let (assigned, _) = run(&mut machine, None, |job| answer(job, 0));
    assert_eq!(assigned, 1_000_000);
}
