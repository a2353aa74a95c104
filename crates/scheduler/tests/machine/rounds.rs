//! Retry rounds, and executions that ended before them or while their sweep was not loaded.

use iago_scheduler::{Action, Assigned, End, Event, Known, Scheduler, Start, WorkerId};
use iago_sweep::{Fact, JobId, Money};

use crate::world::{
    SWEEP, answer, apply, assigned, connect, dispatch, failure, hand_out, join, lead, leased, load,
    pools, rejection, released, settled, shape, start,
};

const WORKER: WorkerId = WorkerId(0);

fn known() -> Known {
    Known::new(shape(1, 1, None, Money::ZERO)).expect("it is small")
}

/// The next round, once the first execution of all four jobs has failed in the first term.
fn next_round(failed: &[Assigned]) -> Known {
    let mut known = known();
    known.round(1);
    failed.iter().for_each(|of| known.failed(&failure(of.job, 0)));
    known
}

/// A sweep of four jobs that failed, and the failures.
fn failed() -> (Scheduler, Vec<Assigned>) {
    let mut machine = start(shape(1, 1, None, Money::ZERO));
    connect(&mut machine, 0);
    let out = hand_out(&mut machine);
    for assigned in &out {
        settle(&mut machine, assigned, rejection(assigned.job));
    }
    assert_eq!(dispatch(&mut machine).1, [Action::Finished(SWEEP)]);
    apply(&mut machine, Event::Away(WORKER));
    (machine, out)
}

fn settle(machine: &mut Scheduler, assigned: &Assigned, end: End) -> Vec<Action> {
    apply(machine, Event::Settled(WORKER, settled(assigned, end, Some(Money(5)))))
}

/// The round with which a failure is recorded; the delivery is acknowledged in any case.
fn recorded(actions: &[Action]) -> u32 {
    let [Action::Acknowledge(WORKER, _), Action::Record(SWEEP, Fact::Failure(fact))] = actions
    else {
        panic!("{actions:?}")
    };
    fact.round
}

fn of_round(job: JobId, round: u32) -> End {
    End::Failed(failure(job, round))
}

#[test]
fn a_failure_that_is_sent_again_after_a_retry_is_none_of_the_new_round() {
    let (mut machine, out) = failed();
    load(&mut machine, next_round(&out), Start::Now);
    let spent = machine.spent(SWEEP).total();
    join(&mut machine, 0, out.iter().map(leased).collect());
    assert_eq!(machine.out_of(SWEEP), 0, "none of them is at work");
    for assigned in &out {
        let again = settle(&mut machine, assigned, of_round(assigned.job, 0));
        assert_eq!(recorded(&again), 0, "as it came");
    }
    assert_eq!((machine.counts(SWEEP)[0].failed, machine.spent(SWEEP).total()), (0, spent));
    let retried = hand_out(&mut machine);
    assert_eq!(retried.len(), 4);
    // These are the round's own.
    for assigned in &retried {
        let actions = settle(&mut machine, assigned, of_round(assigned.job, 0));
        assert_eq!(recorded(&actions), 1);
    }
    assert_eq!(machine.counts(SWEEP)[0].failed, 4);
}

#[test]
fn a_failure_that_is_sent_again_while_its_job_is_out_leaves_it_out() {
    let (mut machine, out) = failed();
    load(&mut machine, next_round(&out), Start::Now);
    apply(&mut machine, Event::Left(WORKER));
    connect(&mut machine, 1);
    let retried = hand_out(&mut machine);
    assert_eq!(retried.len(), 4);
    join(&mut machine, 0, out.iter().map(leased).collect());
    out.iter().for_each(|of| drop(settle(&mut machine, of, of_round(of.job, 0))));
    let count = machine.counts(SWEEP)[0];
    assert_eq!((machine.out_of(SWEEP), count.failed), (4, 0));
    for assigned in &retried {
        settle(&mut machine, assigned, answer(assigned.job, 0));
    }
    assert_eq!(dispatch(&mut machine).1, [Action::Finished(SWEEP)]);
}

#[test]
fn a_lease_that_ended_in_an_earlier_round_is_not_taken_up_at_loading() {
    let (_, out) = failed();
    let mut machine = lead(2, pools(4));
    join(&mut machine, 0, out.iter().map(leased).collect());
    load(&mut machine, next_round(&out[..3]), Start::Now);
    assert_eq!(machine.out_of(SWEEP), 1, "whose end nobody knows is at work");
    let again = hand_out(&mut machine);
    assert_eq!(again.len(), 3);
    assert!(again.iter().all(|assigned| assigned.job != out[3].job));
    assert_eq!(recorded(&settle(&mut machine, &out[3], of_round(out[3].job, 0))), 1);
    assert_eq!(machine.counts(SWEEP)[0].failed, 1, "a failure of this round");
    assert_eq!(machine.spent(SWEEP).total(), Money(5));
    settle(&mut machine, &out[0], of_round(out[0].job, 0));
    assert_eq!(machine.spent(SWEEP).total(), Money(5), "a repetition costs nothing");
}

#[test]
fn what_was_given_back_to_an_earlier_leader_is_not_at_work() {
    let job = JobId::from_number(0).unwrap();
    let [given_back, other] = [(1, 1), (2, 2)].map(|(lease, nth)| assigned(lease, job, nth));
    let mut machine = lead(2, pools(4));
    let mut known = known();
    known.everything_may_be_out();
    known.spent(&released(job, 1));
    load(&mut machine, known, Start::AfterGrace);
    // Its acknowledgement was lost; another worker has the job, and has not returned yet.
    join(&mut machine, 0, vec![leased(&given_back)]);
    let actions = settle(&mut machine, &given_back, End::Released);
    assert!(matches!(actions[1], Action::Record(SWEEP, Fact::Attempt(_))), "{actions:?}");
    assert_eq!(hand_out(&mut machine), []);
    join(&mut machine, 1, vec![leased(&other)]);
    apply(&mut machine, Event::GraceOver);
    assert!(hand_out(&mut machine).iter().all(|assigned| assigned.job != job));
}

#[test]
fn a_lease_that_ends_before_its_sweep_is_loaded_is_over_for_good() {
    let job = JobId::from_number(0).unwrap();
    let lease = assigned(5, job, 1);
    for end in [End::Released, rejection(job)] {
        let mut machine = lead(2, pools(4));
        join(&mut machine, 0, vec![leased(&lease)]);
        let actions = settle(&mut machine, &lease, end);
        assert_eq!(actions, [Action::Acknowledge(WORKER, 5)]);
        // Its failure, if it was one, belonged to a round that is over.
        load(&mut machine, known(), Start::Now);
        assert_eq!(machine.out_of(SWEEP), 0);
        let out = hand_out(&mut machine);
        assert!(out.iter().any(|assigned| assigned.job == job && assigned.lease != lease.lease));
        assert_eq!(out.len(), 4);
    }
}
