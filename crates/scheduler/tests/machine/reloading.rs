//! Sweeps that are paused, cancelled, extended, tried again, and forgotten.

use std::collections::BTreeSet;

use iago_scheduler::{
    Action, Assigned, End, Event, Known, PauseReason, Scheduler, Start, WorkerId,
};
use iago_sweep::{JobId, Money};

use crate::world::{
    SWEEP, answer, apply, assigned, connect, dispatch, hand_out, lead, load, rejection, settled,
    shape, start,
};

fn known(prompts: u32) -> Known {
    Known::new(shape(prompts, 1, None, Money::ZERO)).expect("it is small")
}

fn settle(machine: &mut Scheduler, assigned: &Assigned, end: End) {
    apply(machine, Event::Settled(WorkerId(0), settled(assigned, end, None)));
}

fn asked() -> Action {
    Action::Paused(SWEEP, PauseReason::Asked("ann".into()))
}

fn pause(machine: &mut Scheduler) {
    apply(machine, Event::Pause(SWEEP, "ann".into()));
}

#[test]
fn what_is_out_stays_out_and_what_came_back_keeps_its_number() {
    let mut machine = start(shape(3, 1, None, Money::ZERO));
    connect(&mut machine, 0);
    let out = hand_out(&mut machine);
    assert_eq!(out.len(), 12);
    pause(&mut machine);
    settle(&mut machine, &out[0], End::Released);
    settle(&mut machine, &out[1], rejection(out[1].job));
    // More prompts, and the failed ones again.
    load(&mut machine, known(4), Start::Now);
    assert_eq!(machine.out_of(SWEEP), 10);
    let again = hand_out(&mut machine);
    let twice: BTreeSet<_> = again.iter().filter(|of| of.attempt == 2).map(|of| of.job).collect();
    assert_eq!(twice, BTreeSet::from([out[0].job, out[1].job]));
    assert!(again.iter().all(|of| of.attempt == 2 || of.job.at().prompt == 3));
    assert_eq!(again.len(), 6);
    for assigned in out[2..].iter().chain(&again) {
        settle(&mut machine, assigned, answer(assigned.job, 0));
    }
    assert_eq!(dispatch(&mut machine).1, [Action::Finished(SWEEP)]);
    let count = machine.counts(SWEEP)[0];
    assert_eq!((count.done, count.known), (16, 16));
}

#[test]
fn a_pause_waits_for_what_is_out_and_loses_none_of_it() {
    let mut machine = start(shape(30, 1, None, Money::ZERO));
    connect(&mut machine, 0);
    let out = hand_out(&mut machine);
    pause(&mut machine);
    for assigned in &out {
        assert_eq!(dispatch(&mut machine), (vec![], vec![]));
        settle(&mut machine, assigned, answer(assigned.job, 2));
    }
    assert_eq!(dispatch(&mut machine), (vec![], vec![asked()]));
    assert_eq!(dispatch(&mut machine), (vec![], vec![]), "said once");
    assert_eq!(machine.counts(SWEEP)[0].done, out.len() as u64);
    let mut resumed = known(30);
    out.iter().for_each(|assigned| resumed.answered(assigned.job, 0, None));
    load(&mut machine, resumed, Start::Now);
    assert!(!hand_out(&mut machine).is_empty());
}

#[test]
fn a_cancellation_wins_over_a_pause_before_and_after_it_took_hold() {
    for pauses_first in [true, false] {
        let mut machine = start(shape(30, 1, None, Money::ZERO));
        connect(&mut machine, 0);
        let out = hand_out(&mut machine);
        if pauses_first {
            pause(&mut machine);
        }
        apply(&mut machine, Event::Cancel(SWEEP));
        pause(&mut machine);
        assert_eq!(dispatch(&mut machine), (vec![], vec![]));
        out.iter().for_each(|assigned| settle(&mut machine, assigned, End::Released));
        assert_eq!(dispatch(&mut machine), (vec![], vec![Action::Cancelled(SWEEP)]));
        apply(&mut machine, Event::Cancel(SWEEP));
        assert_eq!(dispatch(&mut machine), (vec![], vec![]));
    }
    let mut machine = start(shape(30, 1, None, Money::ZERO));
    pause(&mut machine);
    assert_eq!(dispatch(&mut machine).1, [asked()]);
    apply(&mut machine, Event::Cancel(SWEEP));
    assert_eq!(dispatch(&mut machine).1, [Action::Cancelled(SWEEP)]);
    load(&mut machine, known(30), Start::Now);
    connect(&mut machine, 0);
    assert!(!hand_out(&mut machine).is_empty());
}

#[test]
fn a_pause_that_finds_nothing_open_is_an_end() {
    let mut machine = start(shape(1, 1, None, Money::ZERO));
    connect(&mut machine, 0);
    let out = hand_out(&mut machine);
    pause(&mut machine);
    out.iter().for_each(|assigned| settle(&mut machine, assigned, answer(assigned.job, 0)));
    assert_eq!(dispatch(&mut machine).1, [Action::Finished(SWEEP)]);
    pause(&mut machine);
    apply(&mut machine, Event::Cancel(SWEEP));
    assert_eq!(dispatch(&mut machine).1, []);
}

#[test]
fn a_sweep_at_rest_takes_deliveries_and_hands_out_nothing() {
    let mut machine = lead(1, crate::world::pools(4));
    load(&mut machine, known(2), Start::AtRest);
    connect(&mut machine, 0);
    let job = JobId::from_number(0).unwrap();
    let late = assigned(1, job, 1);
    settle(&mut machine, &late, answer(job, 0));
    assert_eq!(dispatch(&mut machine), (vec![], vec![]));
    assert_eq!(machine.counts(SWEEP)[0].done, 1);
}

#[test]
fn leases_of_a_forgotten_sweep_count_again_once_it_is_loaded() {
    let mut machine = start(shape(3, 1, None, Money::ZERO));
    connect(&mut machine, 0);
    let out = hand_out(&mut machine);
    machine.forget(SWEEP);
    assert!(!machine.is_loaded(SWEEP));
    assert_eq!(machine.out().map(|(_, out, _)| out).sum::<u32>(), 0);
    load(&mut machine, known(3), Start::Now);
    assert_eq!((machine.is_loaded(SWEEP), machine.out_of(SWEEP)), (true, out.len() as u64));
    assert_eq!(hand_out(&mut machine), []);
}

#[test]
fn numbers_of_executions_go_on_where_a_forgotten_sweep_left_off() {
    let mut machine = start(shape(1, 1, None, Money::ZERO));
    connect(&mut machine, 0);
    for round in 1..4 {
        let out = hand_out(&mut machine);
        assert_eq!(out.iter().map(|of| of.attempt).collect::<Vec<_>>(), [round; 4]);
        apply(&mut machine, Event::Cancel(SWEEP));
        out.iter().for_each(|assigned| settle(&mut machine, assigned, End::Released));
        assert_eq!(dispatch(&mut machine).1, [Action::Cancelled(SWEEP)]);
        machine.forget(SWEEP);
        load(&mut machine, known(1), Start::Now);
    }
}

#[test]
fn what_was_set_aside_gets_a_new_chance_in_the_next_round() {
    let mut machine = start(shape(1, 1, None, Money::ZERO));
    for worker in 0..2 {
        connect(&mut machine, worker);
        assert_eq!(hand_out(&mut machine).len(), 4);
        apply(&mut machine, Event::Left(WorkerId(worker)));
    }
    assert_eq!(machine.counts(SWEEP)[0].failed, 4);
    let mut next_round = known(1);
    next_round.round(1);
    load(&mut machine, next_round, Start::Now);
    connect(&mut machine, 2);
    let third = hand_out(&mut machine);
    assert!(third.iter().all(|assigned| assigned.attempt == 4), "the third is the failure's");
    apply(&mut machine, Event::Left(WorkerId(2)));
    assert_eq!(machine.counts(SWEEP)[0].failed, 0, "one loss in this round");
}

/// A judge's jobs are out, come back, or are lost; then the answer is read as one that opens none.
#[test]
fn what_came_back_does_not_go_out_again_if_nothing_opens_it_any_more() {
    for wanted in [0, 2] {
        let mut machine = start(shape(1, 1, None, Money::ZERO));
        connect(&mut machine, 0);
        let roots = hand_out(&mut machine);
        let opens = |of: &Assigned| if of.job == roots[0].job { 2 } else { 0 };
        roots.iter().for_each(|of| settle(&mut machine, of, answer(of.job, opens(of))));
        let votes = hand_out(&mut machine);
        assert_eq!(votes.len(), 3);
        pause(&mut machine);
        settle(&mut machine, &votes[0], End::Released);
        let mut anew = known(1);
        let opens = |of: &Assigned| if of.job == roots[0].job { wanted } else { 0 };
        roots.iter().for_each(|of| anew.answered(of.job, opens(of), None));
        load(&mut machine, anew, Start::Now);
        settle(&mut machine, &votes[1], End::Released);
        apply(&mut machine, Event::Left(WorkerId(0)));
        connect(&mut machine, 1);
        let (again, rest) = dispatch(&mut machine);
        let again: Vec<JobId> = again.iter().map(|(_, of)| of.job).collect();
        if wanted == 0 {
            assert_eq!((again, rest), (vec![], vec![Action::Finished(SWEEP)]));
        } else {
            assert_eq!(again, votes.iter().map(|of| of.job).collect::<Vec<_>>());
        }
    }
}
