//! What is counted as spent, as what, and that a budget is never passed.

use std::collections::VecDeque;

use iago_scheduler::{
    Action, Assigned, End, Event, Known, PauseReason, Settled, Spend, Start, WorkerId,
};
use iago_sweep::{AttemptCause, Fact, FailureClass, FailureFact, JobId, Money};
use proptest::prelude::*;

use crate::world::{
    SWEEP, answer, apply, assigned, connect, dispatch, failure, hand_out, join, lead, leased, load,
    pools, released, settled, shape, start,
};

const WORKER: WorkerId = WorkerId(0);
const PRICE: Money = Money(10);

fn answered(machine: &mut iago_scheduler::Scheduler, of: &Assigned, opens: u64, cost: i64) {
    let answered = settled(of, answer(of.job, opens), Some(Money(cost)));
    apply(machine, Event::Settled(WORKER, answered));
}

#[test]
fn what_was_paid_for_is_counted_apart() {
    let (mut shape, call) = (shape(1, 1, None, PRICE), Some(Money(4)));
    shape.stages[0].reserve_of_call = vec![call; 4];
    let mut machine = start(shape);
    connect(&mut machine, 0);
    let roots = hand_out(&mut machine);
    assert!(roots.iter().all(|of| of.cost_most == call), "for each call is asked by itself");
    assert_eq!(machine.spent(SWEEP), Spend { reserved: Money(40), ..Spend::default() });
    answered(&mut machine, &roots[0], 2, 7);
    let given_back = settled(&roots[1], End::Released, Some(Money(3)));
    apply(&mut machine, Event::Settled(WORKER, given_back));
    let failed = failure(roots[2].job, 0);
    let failed = settled(&roots[2], End::Failed(failed), Some(Money(2)));
    apply(&mut machine, Event::Settled(WORKER, failed));
    let more = hand_out(&mut machine);
    let vote = more.iter().find(|of| of.job.at().stage == 1).expect("it was opened");
    answered(&mut machine, vote, 0, 5);
    apply(&mut machine, Event::Left(WORKER));
    let spend = Spend {
        answered: Money(7),
        judges: Money(5),
        failed: Money(2),
        late: Money(3),
        abandoned: Money(40),
        unknown: Money::ZERO,
        reserved: Money::ZERO,
    };
    assert_eq!(machine.spent(SWEEP), spend);
    assert_eq!(spend.total(), Money(57));
}

#[test]
fn a_result_that_is_sent_again_after_a_restart_costs_nothing_and_another_s_does() {
    let job = JobId::from_number(0).unwrap();
    let mut known = Known::new(shape(1, 1, None, PRICE)).unwrap();
    known.answered(job, 0, Some(Money(7)));
    known.answered_by(job, 1, 1);
    let mut machine = lead(2, pools(4));
    load(&mut machine, known, Start::AfterGrace);
    let (same, other) = (assigned(5, job, 1), assigned(6, job, 2));
    join(&mut machine, 0, vec![leased(&same), leased(&other)]);
    for _ in 0..2 {
        answered(&mut machine, &same, 0, 7);
        answered(&mut machine, &other, 0, 8);
    }
    let spend = machine.spent(SWEEP);
    assert_eq!((spend.answered, spend.late), (Money(7), Money(8)));
}

#[test]
fn an_end_without_a_told_cost_is_held_against_the_budget_unless_it_was_refused() {
    let job = JobId::from_number(0).unwrap();
    let unknown = |class, status, calls| {
        let mut known = Known::new(shape(1, 1, None, PRICE)).unwrap();
        let of = failure(job, 0);
        known.failed(&FailureFact { class, status, calls, ..of });
        known.spend().unknown
    };
    assert_eq!(unknown(FailureClass::Exhausted, None, 8), PRICE, "it may have been answered");
    assert_eq!(unknown(FailureClass::Exhausted, Some(503), 8), Money::ZERO);
    assert_eq!(unknown(FailureClass::Rejected, None, 1), Money::ZERO);
    assert_eq!(unknown(FailureClass::Exhausted, None, 0), Money::ZERO, "nothing was called");
    let mut known = Known::new(shape(1, 1, None, PRICE)).unwrap();
    known.spent(&iago_sweep::AttemptFact { calls: 1, ..released(job, 1) });
    assert_eq!((known.spend().unknown, known.spend().total()), (PRICE, Money::ZERO));
    assert_eq!(known.spend().most(), PRICE);
}

#[test]
fn an_abandoned_lease_counts_only_while_its_end_is_not_stored() {
    let job = JobId::from_number(0).unwrap();
    let of = |attempt, cost| iago_sweep::AttemptFact {
        cause: AttemptCause::Abandoned,
        cost: Some(Money(cost)),
        ..released(job, attempt)
    };
    let mut known = Known::new(shape(1, 1, None, PRICE)).unwrap();
    known.spent(&of(1, 10));
    known.answered(job, 0, Some(Money(7)));
    known.answered_by(job, 1, 1);
    [of(1, 10), of(2, 10)].iter().for_each(|lost| known.spent(lost));
    assert_eq!((known.spend().answered, known.spend().abandoned), (Money(7), Money(10)));
}

#[test]
fn a_heavier_reserve_makes_fewer_go_out_near_the_end() {
    let mut machine = start(shape(100, 1, Some(Money(200)), PRICE));
    connect(&mut machine, 0);
    let mut out: VecDeque<_> = hand_out(&mut machine).into();
    let (mut widths, mut last) = (vec![out.len()], Vec::new());
    while let Some(of) = out.pop_front() {
        answered(&mut machine, &of, 0, 9);
        let (handed_out, rest) = dispatch(&mut machine);
        out.extend(handed_out.into_iter().map(|(_, of)| of));
        widths.push(out.len());
        last = rest;
    }
    assert_eq!(widths[0], 20);
    assert!(widths.windows(2).all(|two| two[1] <= two[0]), "{widths:?}");
    assert_eq!(machine.spent(SWEEP).total(), Money(9 * 22), "and not one of ten more");
    assert_eq!(last, [Action::Paused(SWEEP, PauseReason::Budget)]);
}

/// How an attempt ends, and what it told of its cost.
fn ending() -> impl Strategy<Value = (u32, i64)> {
    (0u32..6, 0i64..=10)
}

proptest! {
    #[test]
    fn a_budget_is_never_passed_however_attempts_end(
        budget in 0i64..600, endings in proptest::collection::vec(ending(), 1..300),
    ) {
        let mut machine = start(shape(40, 1, Some(Money(budget)), PRICE));
        connect(&mut machine, 0);
        let (mut out, mut paid, mut worker) = (VecDeque::new(), 0, 0);
        for (how, cost) in endings {
            out.extend(hand_out(&mut machine));
            let Some(of) = out.pop_front() else { break };
            let opens = if of.job.at().stage == 0 { 2 } else { 0 };
            let lost = |class| failure_of(&of, class);
            let (end, told) = match how {
                0 => (lost(FailureClass::Exhausted), Some(Money(cost))),
                1 => (lost(FailureClass::Exhausted), None),
                2 => (End::Released, None),
                _ => (answer(of.job, opens), Some(Money(cost))),
            };
            // All that an execution can have cost was paid, whatever it told.
            paid += told.map_or(PRICE.0, |told| told.0);
            let end = settled(&of, end, told);
            let actions = apply(&mut machine, Event::Settled(WorkerId(worker), end));
            prop_assert!(actions.iter().any(|action| matches!(action, Action::Record(..))));
            if how == 3 && cost == 0 {
                paid += PRICE.0 * i64::try_from(out.len()).unwrap();
                out.clear();
                let facts = apply(&mut machine, Event::Left(WorkerId(worker)));
                let given_up = |action: &Action| matches!(action, Action::Record(_, Fact::Attempt(_)));
                prop_assert!(facts.iter().all(given_up) || machine.counts(SWEEP)[0].failed > 0);
                worker += 1;
                connect(&mut machine, worker);
            }
            let spend = machine.spent(SWEEP);
            prop_assert!(paid <= budget, "{} of {} was paid", paid, budget);
            prop_assert!(spend.most() <= Money(budget), "{:?}", spend);
        }
    }
}

fn failure_of(of: &Assigned, class: FailureClass) -> End {
    let fact = failure(of.job, 0);
    End::Failed(FailureFact { class, status: None, attempt: of.attempt, ..fact })
}

#[test]
fn a_call_that_broke_may_have_been_billed_and_is_held_against_the_budget_only() {
    let mut machine = start(shape(1, 1, Some(Money(45)), PRICE));
    connect(&mut machine, 0);
    let mut roots = VecDeque::from(hand_out(&mut machine));
    let mut end = |end: fn(JobId) -> End, told, broken| {
        let of = roots.pop_front().expect("four jobs are out");
        let settled = *settled(&of, end(of.job), told);
        let settled = Settled { broken, ..settled };
        apply(&mut machine, Event::Settled(WORKER, Box::new(settled)));
        machine.spent(SWEEP)
    };
    let spend = end(|job| answer(job, 2), Some(Money(7)), 1);
    assert_eq!((spend.answered, spend.unknown), (Money(7), PRICE));
    let exhausted = |job| End::Failed(FailureFact { status: Some(503), ..failure(job, 0) });
    let spend = end(exhausted, None, 2);
    assert_eq!((spend.failed, spend.unknown), (Money::ZERO, Money(30)), "the refusal was free");
    assert_eq!((spend.total(), spend.most()), (Money(7), Money(57)));
    assert_eq!(hand_out(&mut machine), [], "what may have been billed leaves no room");
}
