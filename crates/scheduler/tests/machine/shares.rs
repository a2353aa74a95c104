//! How a pool is divided, and what follows from it for dispatch.

use iago_scheduler::{Action, Event, Known, Limits, PoolId, Scheduler, Start, WorkerId};
use iago_sweep::Money;

use crate::world::{apply, dispatch, lead, load, shape};

const POOL: PoolId = PoolId(0);

fn limited(concurrency: u32) -> Scheduler {
    let limits = Limits { concurrency };
    let mut machine = lead(1, vec![("a".into(), limits), ("b".into(), limits)]);
    let known = Known::new(shape(1000, 1, None, Money::ZERO)).expect("it is small");
    load(&mut machine, known, Start::Now);
    machine
}

fn join(machine: &mut Scheduler, worker: u64) -> Vec<(u64, u32)> {
    slices(apply(machine, Event::Joined(WorkerId(worker), vec![POOL], vec![])))
}

/// Who is told of which concurrency, in order.
fn slices(actions: Vec<Action>) -> Vec<(u64, u32)> {
    let slice = |action| {
        let Action::Slice(worker, POOL, share) = action else { return None };
        Some((worker.0, share.concurrency))
    };
    actions.into_iter().filter_map(slice).collect()
}

fn give_credit(machine: &mut Scheduler, worker: u64, jobs: u64) {
    apply(machine, Event::Credit(WorkerId(worker), jobs));
}

/// How many assignments go out to each worker.
fn handed_out(machine: &mut Scheduler, worker: u64) -> usize {
    dispatch(machine).0.iter().filter(|(to, _)| to.0 == worker).count()
}

#[test]
fn who_has_to_give_is_told_before_anybody_gets_more() {
    let mut machine = limited(5);
    assert_eq!(join(&mut machine, 7), [(7, 5)]);
    assert_eq!(join(&mut machine, 3), [(7, 2), (3, 3)]);
    assert_eq!(join(&mut machine, 5), [(3, 2), (7, 1), (5, 2)]);
    assert_eq!(slices(apply(&mut machine, Event::Left(WorkerId(3)))), [(5, 3), (7, 2)]);
}

#[test]
fn one_that_is_away_keeps_its_share_and_is_told_when_it_returns() {
    let mut machine = limited(6);
    join(&mut machine, 1);
    join(&mut machine, 2);
    assert_eq!(apply(&mut machine, Event::Away(WorkerId(1))), []);
    assert_eq!(join(&mut machine, 3), [(2, 2), (3, 1)], "three are still in use elsewhere");
    assert_eq!(join(&mut machine, 1), [(1, 2), (3, 2)]);
    assert_eq!(join(&mut machine, 1), [(1, 2)], "told even though nothing has changed");
}

#[test]
fn one_that_drains_keeps_its_share_until_it_has_left() {
    let mut machine = limited(4);
    join(&mut machine, 1);
    join(&mut machine, 2);
    assert_eq!(apply(&mut machine, Event::Leaving(WorkerId(1))), []);
    assert_eq!(slices(apply(&mut machine, Event::Left(WorkerId(1)))), [(2, 4)]);
}

#[test]
fn no_slot_is_nothing_to_do() {
    let mut machine = limited(1);
    for worker in [1, 2] {
        join(&mut machine, worker);
        give_credit(&mut machine, worker, 1000);
    }
    assert!(dispatch(&mut machine).0.iter().all(|(worker, _)| worker.0 == 1));
}

#[test]
fn what_may_be_used_is_divided_anew_beside_those_who_cannot_hear() {
    let mut machine = limited(6);
    join(&mut machine, 1);
    join(&mut machine, 2);
    let mut use_up_to = |most| slices(apply(&mut machine, Event::Usable(POOL, most)));
    assert_eq!(use_up_to(9), [(1, 5), (2, 4)]);
    assert_eq!(use_up_to(1), [(1, 1), (2, 0)]);
    assert_eq!(use_up_to(6), [(1, 3), (2, 3)]);
    apply(&mut machine, Event::Away(WorkerId(1)));
    let mut use_up_to = |most| slices(apply(&mut machine, Event::Usable(POOL, most)));
    assert_eq!(use_up_to(4), [(2, 1)], "three are in use elsewhere");
    assert_eq!(use_up_to(2), [(2, 0)], "and more than there are");
    assert_eq!(join(&mut machine, 1), [(1, 1), (2, 1)]);
}

#[test]
fn every_worker_has_a_window_of_its_own() {
    let mut machine = limited(40);
    for worker in [1, 2] {
        join(&mut machine, worker);
        give_credit(&mut machine, worker, 1000);
    }
    let (handed_out, _) = dispatch(&mut machine);
    let to = |worker| handed_out.iter().filter(|(to, _)| to.0 == worker).count();
    assert_eq!((to(1), to(2)), (40, 40));
    apply(&mut machine, Event::Left(WorkerId(1)));
    assert_eq!(self::handed_out(&mut machine, 2), 40, "eighty with one worker");
}

#[test]
fn the_worker_with_the_most_room_is_next() {
    let mut machine = limited(40);
    join(&mut machine, 1);
    give_credit(&mut machine, 1, 30);
    assert_eq!(handed_out(&mut machine, 1), 30);
    join(&mut machine, 2);
    give_credit(&mut machine, 2, 1000);
    give_credit(&mut machine, 1, 1000);
    let (handed_out, _) = dispatch(&mut machine);
    assert!(handed_out[..30].iter().all(|(worker, _)| worker.0 == 2));
    assert_eq!(handed_out.len(), 50);
}

#[test]
fn blocked_pools_are_tried_again_once_a_person_has_acted() {
    let mut machine = limited(40);
    join(&mut machine, 1);
    join(&mut machine, 2);
    give_credit(&mut machine, 1, 1000);
    apply(&mut machine, Event::PoolBlocked(POOL, "401".into()));
    apply(&mut machine, Event::Away(WorkerId(2)));
    assert_eq!(slices(apply(&mut machine, Event::Unblock)), [(1, 20)], "the other cannot hear");
    let known = Known::new(shape(1000, 1, None, Money::ZERO)).expect("it is small");
    load(&mut machine, known, Start::Now);
    assert_eq!(handed_out(&mut machine, 1), 40);
}
