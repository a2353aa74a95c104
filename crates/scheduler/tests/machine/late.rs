//! What comes late, twice, or about jobs that there are not.

use iago_scheduler::{Action, Assigned, End, Event, Leased, Scheduler, WorkerId};
use iago_sweep::{Coordinate, Fact, FailureClass, FailureFact, JobId, Money};

use crate::world::{
    SWEEP, answer, apply, assigned, connect, dispatch, hand_out, join, rejection, settled, shape,
    start,
};

fn records(actions: Vec<Action>) -> Vec<Fact> {
    let record = |action| if let Action::Record(_, fact) = action { Some(fact) } else { None };
    actions.into_iter().filter_map(record).collect()
}

fn settle(machine: &mut Scheduler, assigned: &Assigned, end: End) -> Vec<Fact> {
    let mut actions = Vec::new();
    machine.apply(Event::Settled(WorkerId(0), settled(assigned, end, None)), &mut actions);
    records(actions)
}

#[test]
fn a_late_release_does_not_hand_out_a_job_that_is_out_again() {
    let mut machine = start(shape(1, 1, None, Money::ZERO));
    connect(&mut machine, 0);
    let lost = hand_out(&mut machine);
    machine.apply(Event::Left(WorkerId(0)), &mut Vec::new());
    connect(&mut machine, 1);
    assert_eq!(hand_out(&mut machine).len(), lost.len(), "all of it goes out again");
    for late in &lost {
        let facts = settle(&mut machine, late, End::Released);
        assert!(matches!(facts.as_slice(), [Fact::Attempt(_)]), "its calls count: {facts:?}");
    }
    assert_eq!(hand_out(&mut machine), []);
}

#[test]
fn an_answer_that_comes_after_its_job_was_set_aside_is_kept() {
    let mut machine = start(shape(1, 1, None, Money::ZERO));
    let mut lost = Vec::new();
    for worker in 0..2 {
        connect(&mut machine, worker);
        lost = hand_out(&mut machine);
        machine.apply(Event::Left(WorkerId(worker)), &mut Vec::new());
    }
    assert_eq!(machine.counts(SWEEP)[0].failed, 4);
    let facts = settle(&mut machine, &lost[0], answer(lost[0].job, 0));
    assert!(matches!(facts.as_slice(), [Fact::Result(..)]), "{facts:?}");
    let count = machine.counts(SWEEP)[0];
    assert_eq!((count.done, count.failed, count.known), (1, 3, 4));
}

#[test]
fn a_job_that_is_none_of_the_sweep_is_acknowledged_and_nothing_else() {
    let mut machine = start(shape(2, 1, None, Money::ZERO));
    connect(&mut machine, 0);
    // Beyond every axis: all of them, vote, prompt, cell, repeat, stage.
    for number in [i64::MAX, (1 << 57) | 3, 2 << 6, 9 << 40, 1 << 28, 1 << 58] {
        let job = JobId::from_number(number).unwrap();
        let assigned = assigned(99, job, 1);
        for end in [End::Released, answer(job, u64::MAX), rejection(job)] {
            assert_eq!(settle(&mut machine, &assigned, end), []);
        }
        let leased = Leased { lease: 99, term: 0, sweep: SWEEP, job, attempt: 1 };
        join(&mut machine, 9, vec![leased]);
    }
    assert_eq!(machine.out().map(|(_, out, _)| out).sum::<u32>(), 0);
    assert_eq!(machine.counts(SWEEP)[0].known, 8);
}

#[test]
fn a_job_that_was_adopted_and_given_back_is_out_once() {
    let mut machine = start(shape(1, 1, None, Money::ZERO));
    let job = JobId::from_number(0).unwrap();
    let leased = Leased { lease: 5, term: 1, sweep: SWEEP, job, attempt: 1 };
    join(&mut machine, 8, vec![leased]);
    let held = assigned(5, job, 1);
    settle(&mut machine, &held, End::Released);
    connect(&mut machine, 0);
    let times = hand_out(&mut machine).iter().filter(|assigned| assigned.job == job).count();
    assert_eq!(times, 1);
}

/// A sweep of four jobs that were set aside, with what was handed out last and what is recorded.
fn set_aside() -> (Scheduler, Vec<Assigned>, Vec<Fact>) {
    let mut machine = start(shape(1, 1, None, Money::ZERO));
    let (mut lost, mut facts) = (Vec::new(), Vec::new());
    for worker in 0..2 {
        connect(&mut machine, worker);
        lost = hand_out(&mut machine);
        facts = records(apply(&mut machine, Event::Left(WorkerId(worker))));
    }
    (machine, lost, facts)
}

#[test]
fn an_answer_that_comes_after_the_end_goes_on_to_its_judges() {
    let (mut machine, lost, _) = set_aside();
    assert_eq!(dispatch(&mut machine).1, [Action::Finished(SWEEP)]);
    connect(&mut machine, 2);
    let actions = {
        let late = settled(&lost[0], answer(lost[0].job, 2), None);
        apply(&mut machine, Event::Settled(WorkerId(2), late))
    };
    assert_eq!(actions.last(), Some(&Action::Reopened(SWEEP)));
    let (judges, rest) = dispatch(&mut machine);
    let votes: Vec<_> = judges.iter().map(|(_, assigned)| assigned.job.at()).collect();
    let at = lost[0].job.at();
    assert_eq!(votes, [0, 1, 2].map(|vote| Coordinate { stage: 1, vote, ..at }));
    assert_eq!(rest, []);
    for (worker, assigned) in judges {
        assert_eq!(dispatch(&mut machine).1, []);
        let last = settled(&assigned, answer(assigned.job, 0), None);
        let actions = apply(&mut machine, Event::Settled(worker, last));
        assert!(!actions.contains(&Action::Reopened(SWEEP)), "said once");
    }
    assert_eq!(dispatch(&mut machine).1, [Action::Finished(SWEEP)], "and once more");
}

#[test]
fn an_answer_that_opens_nothing_leaves_an_end_as_it_is() {
    let (mut machine, lost, _) = set_aside();
    assert_eq!(dispatch(&mut machine).1, [Action::Finished(SWEEP)]);
    let late = settled(&lost[0], answer(lost[0].job, 0), None);
    let actions = apply(&mut machine, Event::Settled(WorkerId(1), late));
    assert!(!actions.contains(&Action::Reopened(SWEEP)), "{actions:?}");
    assert_eq!(dispatch(&mut machine), (vec![], vec![]));
}

#[test]
fn the_failure_of_a_job_that_is_set_aside_is_no_execution_s() {
    let (mut machine, lost, facts) = set_aside();
    let failures = facts.into_iter().filter_map(|fact| match fact {
        Fact::Failure(failure) => Some(failure),
        Fact::Result(..) | Fact::Attempt(_) | Fact::Frontier(_) => None,
    });
    let failures: Vec<FailureFact> = failures.collect();
    assert_eq!(failures.len(), 4);
    assert!(failures.iter().all(|failure| failure.class == FailureClass::Quarantined));
    let names = |failure: &FailureFact| (failure.job, failure.term, failure.attempt);
    let executions = lost.iter().flat_map(|of| (1..=of.attempt).map(|nth| (of.job, 1, nth)));
    let executions: Vec<_> = executions.collect();
    assert!(failures.iter().all(|failure| !executions.contains(&names(failure))));
    // Nor will it be that of one to come.
    let mut next = crate::store::Store::default().known(&shape(1, 1, None, Money::ZERO));
    next.round(1);
    crate::world::load(&mut machine, next, iago_scheduler::Start::Now);
    connect(&mut machine, 2);
    for assigned in hand_out(&mut machine) {
        let execution = (assigned.job, 1, assigned.attempt);
        assert!(!failures.iter().any(|failure| names(failure) == execution), "{assigned:?}");
    }
}
