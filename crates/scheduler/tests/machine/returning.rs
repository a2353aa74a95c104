//! Streams that broke, workers that return, and leases from before.

use iago_scheduler::{Action, End, Event, Known, Leased, Start, WorkerId};
use iago_sweep::{AttemptCause, Fact, JobId, Money};

use crate::world::{
    SWEEP, answer, apply, connect, hand_out, join, lead, leased, load, pools, settled, shape, start,
};

const WORKER: WorkerId = WorkerId(0);

#[test]
fn what_never_reached_a_worker_goes_out_again_under_the_next_number() {
    let mut machine = start(shape(1, 1, None, Money::ZERO));
    connect(&mut machine, 0);
    let before = hand_out(&mut machine);
    assert_eq!(before.len(), 4);
    apply(&mut machine, Event::Away(WORKER));
    let named = vec![leased(&before[1])];
    let actions = apply(&mut machine, Event::Joined(WORKER, vec![], named.clone()));
    assert_eq!(actions, [], "no fact");
    assert_eq!(machine.out_of(SWEEP), 1);
    join(&mut machine, 0, named);
    let mut again = hand_out(&mut machine);
    assert!(again.iter().all(|assigned| assigned.attempt == 2));
    again.push(before[1].clone());
    again.sort_by_key(|assigned| assigned.job);
    let jobs = |list: &[iago_scheduler::Assigned]| list.iter().map(|a| a.job).collect::<Vec<_>>();
    let mut all = before;
    all.sort_by_key(|assigned| assigned.job);
    assert_eq!(jobs(&again), jobs(&all));
    // Twice unreached is no loss of a worker.
    join(&mut machine, 0, vec![]);
    join(&mut machine, 0, vec![]);
    assert_eq!(machine.counts(SWEEP)[0].failed, 0);
}

#[test]
fn one_that_is_away_or_drains_gets_nothing() {
    let mut machine = start(shape(50, 1, None, Money::ZERO));
    connect(&mut machine, 0);
    apply(&mut machine, Event::Away(WORKER));
    assert_eq!(hand_out(&mut machine), []);
    connect(&mut machine, 0);
    apply(&mut machine, Event::Leaving(WORKER));
    assert_eq!(hand_out(&mut machine), []);
    connect(&mut machine, 0);
    assert_eq!(hand_out(&mut machine), [], "it drains still");
}

#[test]
fn credit_counts_anew_with_every_connection() {
    let mut machine = start(shape(50, 1, None, Money::ZERO));
    connect(&mut machine, 0);
    let mut held: Vec<_> = hand_out(&mut machine).iter().map(leased).collect();
    let last = held.pop().into_iter().collect::<Vec<_>>();
    let pools = vec![iago_scheduler::PoolId(0), iago_scheduler::PoolId(1)];
    apply(&mut machine, Event::Joined(WORKER, pools, last));
    assert_eq!(hand_out(&mut machine), []);
    apply(&mut machine, Event::Credit(WORKER, 2));
    assert_eq!(hand_out(&mut machine).len(), 2, "what it held before does not count");
}

#[test]
fn a_lease_of_a_sweep_that_is_loaded_later_is_out_then() {
    let mut machine = lead(2, pools(4));
    let job = JobId::from_number(0).unwrap();
    join(&mut machine, 0, vec![Leased { lease: 5, term: 1, sweep: SWEEP, job, attempt: 1 }]);
    load(&mut machine, Known::new(shape(1, 1, None, Money::ZERO)).unwrap(), Start::Now);
    assert_eq!(machine.out_of(SWEEP), 1);
    let handed_out = hand_out(&mut machine);
    assert_eq!(handed_out.len(), 3);
    assert!(handed_out.iter().all(|assigned| assigned.job != job));
}

#[test]
fn an_abandoned_lease_that_turns_up_is_taken_up_only_while_its_job_is_open() {
    let mut machine = start(shape(1, 1, None, Money::ZERO));
    connect(&mut machine, 0);
    let lost: Vec<_> = hand_out(&mut machine).iter().map(leased).collect();
    apply(&mut machine, Event::Left(WORKER));
    let pools = vec![iago_scheduler::PoolId(0), iago_scheduler::PoolId(1)];
    apply(&mut machine, Event::Joined(WorkerId(1), pools, vec![]));
    apply(&mut machine, Event::Credit(WorkerId(1), 1));
    let [elsewhere] = hand_out(&mut machine).try_into().unwrap();
    join(&mut machine, 0, lost.clone());
    let out_by_pool: u32 = machine.out().map(|(_, out, _)| out).sum();
    assert_eq!((machine.out_of(SWEEP), out_by_pool), (4, 4), "each is out once");
    assert_eq!(hand_out(&mut machine), []);
    let ended = lost.iter().find(|lease| lease.job == elsewhere.job).unwrap();
    assert_eq!(ended.attempt + 1, elsewhere.attempt);
}

#[test]
fn an_abandoned_attempt_is_taken_to_have_cost_the_most_it_can() {
    let (price, budget) = (Money(10), Money(45));
    let mut machine = start(shape(1, 1, Some(budget), price));
    connect(&mut machine, 0);
    let lost = hand_out(&mut machine);
    let facts: Vec<_> = apply(&mut machine, Event::Left(WORKER));
    for (action, assigned) in facts.iter().zip(&lost) {
        let Action::Record(SWEEP, Fact::Attempt(fact)) = action else { panic!("{action:?}") };
        let expected = (assigned.job, AttemptCause::Abandoned, Some(price));
        assert_eq!((fact.job, fact.cause, fact.cost), expected);
    }
    assert_eq!((facts.len(), machine.spent(SWEEP).total()), (4, Money(40)));
    connect(&mut machine, 1);
    assert_eq!(hand_out(&mut machine), [], "it could take the spend to fifty");
    // What it cost after all counts instead of what it was taken for.
    let late = settled(&lost[0], answer(lost[0].job, 0), Some(Money(3)));
    for _ in 0..2 {
        apply(&mut machine, Event::Settled(WorkerId(1), late.clone()));
        let spent = machine.spent(SWEEP);
        assert_eq!((spent.abandoned, spent.answered), (Money(30), Money(3)), "counted once");
    }
}

#[test]
fn the_walk_goes_on_where_all_that_was_begun_is_answered_from_before() {
    let mut known = Known::new(shape(2, 1, None, Money::ZERO)).unwrap();
    let root = JobId::from_number(0).unwrap();
    known.answered(root, 2, None);
    let mut machine = lead(2, pools(4));
    load(&mut machine, known, Start::Now);
    let child = |vote| JobId::pack(iago_sweep::Coordinate { stage: 1, vote, ..root.at() }).unwrap();
    for vote in 0..3 {
        let lease = u64::from(vote);
        let leased = Leased { lease, term: 1, sweep: SWEEP, job: child(vote), attempt: 1 };
        let end = End::Answered(Box::new(fact_of(child(vote))), iago_sweep::Text::default());
        let cost = Some(Money(2));
        let late =
            iago_scheduler::Settled { sequence: lease, leased, calls: 1, cost, broken: 0, end };
        apply(&mut machine, Event::Settled(WORKER, Box::new(late)));
    }
    assert_eq!(machine.spent(SWEEP).total(), Money(6), "nobody counted it before");
    connect(&mut machine, 0);
    assert_eq!(hand_out(&mut machine).len(), 7);
}

fn fact_of(job: JobId) -> iago_sweep::ResultFact {
    match answer(job, 0) {
        End::Answered(fact, _) => *fact,
        End::Failed(_) | End::Released => unreachable!("it is an answer"),
    }
}

#[test]
fn what_never_reached_one_that_went_in_order_costs_nothing_and_is_no_loss() {
    let mut machine = start(shape(1, 1, None, Money(10)));
    for worker in 0..4 {
        connect(&mut machine, worker);
        let crossed = hand_out(&mut machine);
        assert_eq!(crossed.len(), 4);
        assert!(
            crossed.iter().all(|assigned| assigned.attempt == u32::try_from(worker).unwrap() + 1)
        );
        apply(&mut machine, Event::Leaving(WorkerId(worker)));
        let actions = apply(&mut machine, Event::Departed(WorkerId(worker)));
        assert_eq!(actions, [], "no fact");
        assert_eq!((machine.out_of(SWEEP), machine.spent(SWEEP).total()), (0, Money::ZERO));
    }
    assert_eq!(machine.counts(SWEEP)[0].failed, 0);
}

#[test]
fn one_that_went_in_order_frees_its_share() {
    let mut machine = start(shape(9, 1, None, Money::ZERO));
    connect(&mut machine, 0);
    connect(&mut machine, 1);
    let actions = apply(&mut machine, Event::Departed(WORKER));
    let whole = |action: &Action| matches!(action, Action::Slice(WorkerId(1), _, share) if share.concurrency == 4);
    assert_eq!(actions.iter().filter(|action| whole(action)).count(), 2, "{actions:?}");
}
