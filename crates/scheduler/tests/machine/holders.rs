//! Too few slots for all workers: who holds something has a share before who is idle, and
//! shares move on as long as somebody waits.

use iago_scheduler::{
    Action, Assigned, End, Event, Known, Leased, Limits, PoolId, Scheduler, Share, Start, WorkerId,
};
use iago_sweep::{JobId, Money};

use crate::world::{SWEEP, answer, apply, dispatch, lead, leased, load, settled, shape};

const POOL: PoolId = PoolId(0);

fn known() -> Known {
    Known::new(shape(1000, 1, None, Money::ZERO)).expect("it is small")
}

/// A leader of the second term, at work on a sweep.
fn limited(concurrency: u32) -> Scheduler {
    let mut machine = leader(concurrency);
    load(&mut machine, known(), Start::Now);
    machine
}

fn leader(concurrency: u32) -> Scheduler {
    let limits = Limits { concurrency };
    lead(2, vec![("a".into(), limits), ("b".into(), limits)])
}

/// A lease of the first term.
fn held(number: u64) -> Leased {
    let job = JobId::from_number(i64::try_from(number).expect("it is small") << 6);
    let (term, sweep) = (1, SWEEP);
    Leased { lease: number, term, sweep, job: job.expect("it is a root's"), attempt: 1 }
}

fn join(machine: &mut Scheduler, worker: u64, held: Vec<Leased>) -> Vec<(u64, Share)> {
    slices(apply(machine, Event::Joined(WorkerId(worker), vec![POOL], held)))
}

fn slices(actions: Vec<Action>) -> Vec<(u64, Share)> {
    let slice = |action| {
        let Action::Slice(worker, POOL, share) = action else { return None };
        Some((worker.0, share))
    };
    actions.into_iter().filter_map(slice).collect()
}

fn slots(slices: &[(u64, Share)]) -> Vec<(u64, u32)> {
    slices.iter().map(|(worker, share)| (*worker, share.concurrency)).collect()
}

fn release(machine: &mut Scheduler, worker: u64, leased: Leased) {
    let settled = iago_scheduler::Settled {
        sequence: leased.lease,
        leased,
        calls: 0,
        cost: None,
        broken: 0,
        end: End::Released,
    };
    apply(machine, Event::Settled(WorkerId(worker), Box::new(settled)));
}

type HandedOut = Vec<(WorkerId, Assigned)>;

/// What one turn hands out to whom, and which shares it changes.
fn turn(machine: &mut Scheduler) -> (HandedOut, Vec<(u64, u32)>) {
    let (handed_out, rest) = dispatch(machine);
    (handed_out, slots(&slices(rest)))
}

#[test]
fn a_worker_that_brings_jobs_has_a_share_before_the_idle_ones_that_came_first() {
    let mut machine = limited(2);
    for worker in 1..=3 {
        join(&mut machine, worker, vec![]);
    }
    assert_eq!(slots(&join(&mut machine, 4, vec![held(1)])), [(2, 0), (4, 1)]);
    assert_eq!(turn(&mut machine).1, [], "nobody waits");
    // It returns with what it had, and so do the others: nothing moves.
    assert_eq!(slots(&join(&mut machine, 4, vec![held(1)])), [(4, 1)]);
    assert_eq!(slots(&join(&mut machine, 2, vec![])), [(2, 0)]);
}

#[test]
fn what_does_not_divide_goes_to_whoever_holds_something() {
    let mut machine = limited(5);
    join(&mut machine, 1, vec![]);
    assert_eq!(slots(&join(&mut machine, 2, vec![held(1)])), [(1, 2), (2, 3)]);
    release(&mut machine, 2, held(1));
    assert_eq!(turn(&mut machine).1, [], "no share moves until a worker comes or goes");
}

#[test]
fn a_share_that_is_not_used_goes_to_a_job_that_is_adopted_at_loading() {
    let mut machine = leader(1);
    join(&mut machine, 1, vec![]);
    assert_eq!(slots(&join(&mut machine, 2, vec![held(1)])), [(2, 0)], "nobody knows its pool");
    load(&mut machine, known(), Start::Now);
    assert_eq!(turn(&mut machine).1, [(1, 0), (2, 1)]);
    assert_eq!(turn(&mut machine).1, []);
}

#[test]
fn shares_move_on_until_every_held_job_had_its_turn() {
    let mut machine = limited(1);
    for worker in 1..=3 {
        join(&mut machine, worker, vec![held(2 * worker), held(2 * worker + 1)]);
        apply(&mut machine, Event::Credit(WorkerId(worker), 1000));
    }
    // There are jobs enough, but whoever has the share is handed no other before it moved on.
    let mut handed_out = Vec::new();
    for worker in 1..3 {
        assert_eq!(turn(&mut machine), (vec![], vec![]));
        release(&mut machine, worker, held(2 * worker));
        assert_eq!(turn(&mut machine), (vec![], vec![]));
        release(&mut machine, worker, held(2 * worker + 1));
        let (jobs, told) = turn(&mut machine);
        assert_eq!(told, [(worker, 0), (worker + 1, 1)]);
        handed_out.extend(jobs);
    }
    assert!(handed_out.iter().all(|(to, _)| to.0 == 3), "nobody waits by now");
    assert_eq!(handed_out.len(), 15, "what fits beside the two that it holds");
}

#[test]
fn only_as_many_are_handed_nothing_as_wait() {
    let mut machine = limited(2);
    for worker in 1..=2 {
        join(&mut machine, worker, vec![]);
        apply(&mut machine, Event::Credit(WorkerId(worker), 1000));
    }
    let mut out = turn(&mut machine).0;
    assert_eq!(out.len(), 34);
    assert_eq!(slots(&join(&mut machine, 3, vec![held(999)])), [(3, 0)], "all are at work");
    let mut steps = 0;
    loop {
        let of = out.pop().expect("the share moves before all is done");
        let answered = settled(&of.1, answer(of.1.job, 0), None);
        let leased = Leased { term: 2, ..leased(&of.1) };
        let ended = iago_scheduler::Settled { leased, ..*answered };
        apply(&mut machine, Event::Settled(of.0, Box::new(ended)));
        let (handed_out, told) = turn(&mut machine);
        if !told.is_empty() {
            assert_eq!(told, [(of.0.0, 0), (3, 1)]);
            break;
        }
        steps += handed_out.len();
        out.splice(0..0, handed_out);
    }
    assert!(steps > 10, "the other one is kept at work: {steps}");
}

#[test]
fn one_that_is_away_or_leaves_takes_no_share_from_anybody() {
    for parting in [Event::Away, Event::Leaving] {
        let mut machine = limited(1);
        join(&mut machine, 1, vec![held(1)]);
        join(&mut machine, 2, vec![held(2)]);
        apply(&mut machine, parting(WorkerId(2)));
        apply(&mut machine, Event::Credit(WorkerId(1), 1000));
        assert_eq!(turn(&mut machine).0.len(), 16, "nobody waits for it");
    }
}

#[test]
fn a_job_that_another_worker_has_by_now_waits_no_longer_than_others() {
    let mut machine = limited(1);
    join(&mut machine, 1, vec![held(1)]);
    join(&mut machine, 2, vec![Leased { lease: 9, ..held(1) }]);
    release(&mut machine, 1, held(1));
    assert_eq!(turn(&mut machine).1, [(1, 0), (2, 1)]);
}
