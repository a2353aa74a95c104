//! What a new leader holds back, and for how long.

use std::collections::BTreeSet;

use iago_scheduler::{Action, End, Event, Known, PauseReason, RouteId, Scheduler, Start, WorkerId};
use iago_sweep::{Coordinate, JobId, Money};

use crate::world::{
    A, B, SWEEP, answer, apply, assigned, connect, dispatch, hand_out, join, lead, leased, load,
    pools, settled, shape, start,
};

/// What a machine hands out in all when everything is answered, judges not being asked.
fn drive(machine: &mut Scheduler) -> (Vec<JobId>, Vec<Action>) {
    let (mut jobs, mut rest) = (Vec::new(), Vec::new());
    loop {
        let (handed_out, actions) = dispatch(machine);
        rest.extend(actions);
        if handed_out.is_empty() {
            return (jobs, rest);
        }
        for (worker, assigned) in handed_out {
            jobs.push(assigned.job);
            let settled = settled(&assigned, answer(assigned.job, 0), Some(Money::ZERO));
            rest.extend(apply(machine, Event::Settled(worker, settled)));
        }
    }
}

fn in_grace(known: Known) -> Scheduler {
    let mut machine = lead(1, pools(4));
    load(&mut machine, known, Start::AfterGrace);
    connect(&mut machine, 0);
    machine
}

#[test]
fn what_stands_behind_the_frontier_waits_and_then_goes_first() {
    let of = || shape(3000, 1, None, Money::ZERO);
    let mut whole = start(of());
    connect(&mut whole, 0);
    let in_pool = |jobs: Vec<JobId>| -> Vec<JobId> {
        jobs.into_iter().filter(|job| job.at().cell < 2).collect()
    };
    let order = in_pool(drive(&mut whole).0);
    let mut known = Known::new(of()).unwrap();
    known.frontier(A, 4096);
    known.frontier(B, 8192);
    let mut machine = in_grace(known);
    let (early, rest) = drive(&mut machine);
    assert_eq!(in_pool(early.clone()), order[4096..]);
    assert!(early.iter().all(|job| job.at().cell < 2), "all of the other pool is behind");
    assert!(rest.iter().all(|action| !matches!(action, Action::Finished(_))));
    apply(&mut machine, Event::GraceOver);
    let (late, rest) = drive(&mut machine);
    assert_eq!(in_pool(late.clone()), order[..4096]);
    assert_eq!(late.iter().chain(&early).collect::<BTreeSet<_>>().len(), 12_000);
    assert_eq!(rest.last(), Some(&Action::Finished(SWEEP)));
}

#[test]
fn what_is_adopted_meanwhile_does_not_go_out_again() {
    let of = || shape(20, 1, None, Money::ZERO);
    let mut before = start(of());
    connect(&mut before, 0);
    let held: Vec<_> = hand_out(&mut before).iter().map(leased).collect();
    let mut known = Known::new(of()).unwrap();
    [A, B].into_iter().for_each(|route| known.frontier(route, 4096));
    let mut machine = lead(2, pools(4));
    load(&mut machine, known, Start::AfterGrace);
    connect(&mut machine, 1);
    assert_eq!(hand_out(&mut machine), []);
    join(&mut machine, 0, held.clone());
    assert_eq!(machine.out_of(SWEEP), held.len() as u64);
    apply(&mut machine, Event::GraceOver);
    let jobs: BTreeSet<_> = held.iter().map(|leased| leased.job).collect();
    assert!(hand_out(&mut machine).iter().all(|assigned| !jobs.contains(&assigned.job)));
}

#[test]
fn judge_jobs_that_were_open_wait_and_those_opened_meanwhile_do_not() {
    let root =
        |prompt| JobId::pack(Coordinate { stage: 0, cell: 0, repeat: 0, prompt, vote: 0 }).unwrap();
    let mut known = Known::new(shape(2, 1, None, Money::ZERO)).unwrap();
    [A, B].into_iter().for_each(|route| known.frontier(route, 4096));
    known.answered(root(0), 2, None);
    let mut machine = lead(1, pools(4));
    load(&mut machine, known, Start::AfterGrace);
    let lease = |job| assigned(99, job, 1);
    join(&mut machine, 0, vec![leased(&lease(root(1)))]);
    assert_eq!(machine.counts(SWEEP)[1].known, 3);
    let result = settled(&lease(root(1)), answer(root(1), 2), None);
    apply(&mut machine, Event::Settled(WorkerId(0), result));
    let opened = hand_out(&mut machine);
    assert_eq!(opened.len(), 3);
    assert!(opened.iter().all(|assigned| assigned.job.at().prompt == 1));
    assert_eq!(machine.counts(SWEEP)[1].known, 6);
    apply(&mut machine, Event::GraceOver);
    let held_back = hand_out(&mut machine);
    let judged = held_back.iter().filter(|assigned| assigned.job.at().stage == 1);
    assert_eq!((judged.count(), held_back.len()), (3, 9));
}

#[test]
fn after_an_extension_all_of_it_waits() {
    let mut known = Known::new(shape(5, 1, None, Money::ZERO)).unwrap();
    known.everything_may_be_out();
    assert_eq!(known.possibly_in_flight(), 20);
    let mut machine = in_grace(known);
    assert_eq!(dispatch(&mut machine), (vec![], vec![]));
    apply(&mut machine, Event::GraceOver);
    assert_eq!(drive(&mut machine).0.len(), 20);
}

#[test]
fn a_sweep_without_open_jobs_need_not_wait() {
    let mut known = Known::new(shape(1, 1, None, Money::ZERO)).unwrap();
    for cell in 0..4 {
        let at = Coordinate { stage: 0, cell, repeat: 0, prompt: 0, vote: 0 };
        known.answered(JobId::pack(at).unwrap(), 0, None);
    }
    let mut machine = in_grace(known);
    assert_eq!(dispatch(&mut machine).1, [Action::Finished(SWEEP)]);
}

#[test]
fn a_budget_is_kept_for_what_may_be_in_flight() {
    let of = |budget| {
        let mut known = Known::new(shape(3000, 1, Some(Money(budget)), Money(1))).unwrap();
        [A, B].into_iter().for_each(|route| known.frontier(route, 4096));
        known
    };
    let mut machine = in_grace(of(2 * 4096));
    assert_eq!(dispatch(&mut machine), (vec![], vec![]), "neither handed out nor given up");
    apply(&mut machine, Event::GraceOver);
    let (jobs, rest) = drive(&mut machine);
    assert_eq!(jobs.len(), 12_000, "what costs nothing after all leaves the budget as it was");
    assert_eq!(rest.last(), Some(&Action::Finished(SWEEP)));
    let mut machine = in_grace(of(2 * 4096 + 3));
    assert_eq!(hand_out(&mut machine).len(), 3);
}

#[test]
fn a_new_loading_does_not_cut_the_grace_short() {
    let of = || shape(20, 1, None, Money::ZERO);
    let mut known = Known::new(of()).unwrap();
    [A, B].into_iter().for_each(|route| known.frontier(route, 4096));
    let mut machine = in_grace(known.clone());
    load(&mut machine, known.clone(), Start::Now);
    assert_eq!(hand_out(&mut machine), []);
    apply(&mut machine, Event::GraceOver);
    assert!(!hand_out(&mut machine).is_empty());
    // Once it is over, it is over for what is loaded later as well.
    let mut later = lead(1, pools(4));
    apply(&mut later, Event::GraceOver);
    load(&mut later, known, Start::AfterGrace);
    connect(&mut later, 0);
    assert!(!hand_out(&mut later).is_empty());
}

#[test]
fn only_what_is_known_to_have_come_back_goes_out_meanwhile() {
    let mut known = Known::new(shape(20, 1, None, Money::ZERO)).unwrap();
    known.everything_may_be_out();
    let mut machine = in_grace(known.clone());
    let at = |number: i64| assigned(9, JobId::from_number(number << 6).unwrap(), 1);
    // Whoever gave this back is not the only one who could be at work on it.
    let released = settled(&at(0), End::Released, None);
    apply(&mut machine, Event::Settled(WorkerId(0), released));
    assert_eq!(hand_out(&mut machine), []);
    join(&mut machine, 0, vec![leased(&at(1))]);
    let released = settled(&at(1), End::Released, None);
    apply(&mut machine, Event::Settled(WorkerId(0), released));
    load(&mut machine, known, Start::Now);
    let handed_out = hand_out(&mut machine);
    assert_eq!(
        handed_out.iter().map(|of| (of.job, of.attempt)).collect::<Vec<_>>(),
        [(at(1).job, 2)]
    );
}

#[test]
fn a_pause_is_told_even_in_the_grace() {
    let mut known = Known::new(shape(20, 1, None, Money::ZERO)).unwrap();
    known.everything_may_be_out();
    let mut machine = in_grace(known);
    apply(&mut machine, Event::Pause(SWEEP, "ann".into()));
    let paused = Action::Paused(SWEEP, PauseReason::Asked("ann".into()));
    assert_eq!(dispatch(&mut machine).1, [paused]);
}

#[test]
fn a_route_without_a_frontier_beside_others_is_noticed() {
    let known = |routes: &[RouteId]| {
        let mut known = Known::new(shape(4, 1, None, Money::ZERO)).unwrap();
        routes.iter().for_each(|route| known.frontier(*route, 4096));
        known.lacks_frontiers()
    };
    assert!(!known(&[]), "nothing was handed out");
    assert!(known(&[A]) && known(&[B]));
    assert!(!known(&[A, B]));
}
