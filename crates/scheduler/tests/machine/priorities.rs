//! Sweeps of different priorities: who goes first, and who is never starved.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use iago_scheduler::{
    Action, Assigned, Event, Known, PoolId, RouteId, Scheduler, Shape, Start, WorkerId,
};
use iago_sweep::{Money, Need, SweepId};
use proptest::prelude::*;

use crate::world::{A, B, BOTH, answer, apply, connect, dispatch, lead, pools, settled, shape};

const LOW: SweepId = SweepId(1);
const EQUAL: SweepId = SweepId(2);
const HIGH: SweepId = SweepId(3);

/// A sweep whose jobs all go along one route, and take about what is expected of them.
fn on(route: RouteId, prompts: u32) -> Shape {
    let mut shape = shape(prompts, 1, None, Money::ZERO);
    for stage in &mut shape.stages {
        (stage.routes, stage.needs) = (vec![route; 4], vec![Need { input: 1, output: 0 }; 4]);
    }
    shape
}

struct Bench {
    machine: Scheduler,
    /// What is out, the longest first.
    out: VecDeque<(WorkerId, Assigned)>,
    handed_out: BTreeMap<SweepId, u64>,
    rested: BTreeSet<SweepId>,
}

impl Bench {
    fn new(concurrency: u32) -> Self {
        let mut machine = lead(1, pools(concurrency));
        connect(&mut machine, 0);
        let (out, handed_out, rested) = (VecDeque::new(), BTreeMap::new(), BTreeSet::new());
        Self { machine, out, handed_out, rested }
    }

    fn load(&mut self, sweep: SweepId, shape: Shape, priority: i8) {
        let mut known = Known::new(shape).expect("it is small");
        known.priority(priority);
        self.load_as(sweep, known);
    }

    fn load_as(&mut self, sweep: SweepId, known: Known) {
        apply(&mut self.machine, Event::Loaded(sweep, Box::new(known), Start::Now));
    }

    /// Hands out what there is room for, and says of whom.
    fn hand_out(&mut self) -> Vec<SweepId> {
        let (handed_out, rest) = dispatch(&mut self.machine);
        for action in &rest {
            if let Action::Finished(sweep) | Action::Paused(sweep, _) = action {
                self.rested.insert(*sweep);
            }
        }
        let of = handed_out.iter().map(|(_, assigned)| assigned.sweep).collect::<Vec<_>>();
        of.iter().for_each(|sweep| *self.handed_out.entry(*sweep).or_default() += 1);
        self.out.extend(handed_out);
        of
    }

    /// One of those under way ends.
    fn end(&mut self, pick: usize) {
        let Some((worker, assigned)) = self.out.remove(pick % self.out.len().max(1)) else {
            return;
        };
        let answered = settled(&assigned, answer(assigned.job, 0), Some(Money::ZERO));
        apply(&mut self.machine, Event::Settled(worker, answered));
    }

    fn step(&mut self) -> Vec<SweepId> {
        self.end(0);
        self.hand_out()
    }
}

#[test]
fn a_higher_priority_goes_first_whatever_the_weights() {
    let mut bench = Bench::new(4);
    bench.load(LOW, Shape { weight: 100, ..on(A, 100) }, -1);
    bench.load(EQUAL, Shape { weight: 100, ..on(A, 100) }, 0);
    bench.hand_out();
    bench.load(HIGH, on(A, 10), 1);
    let next: Vec<_> = (0..60).flat_map(|_| bench.step()).collect();
    assert_eq!(next[..40], [HIGH; 40]);
    assert_eq!(next[40..], [EQUAL; 20]);
    assert_eq!(bench.handed_out.get(&LOW), None);
}

#[test]
fn nobody_said_means_a_priority_of_zero_and_equals_share_by_weight() {
    let mut bench = Bench::new(4);
    bench.load_as(LOW, Known::new(on(A, 1000)).expect("it is small"));
    bench.load(EQUAL, Shape { weight: 3, ..on(A, 1000) }, 0);
    (0..400).for_each(|_| drop(bench.step()));
    let [one, three] = [LOW, EQUAL].map(|sweep| bench.handed_out[&sweep]);
    assert!((3 * one).abs_diff(three) <= 4, "{one} and {three}");
}

#[test]
fn a_higher_priority_that_cannot_go_on_holds_up_nobody() {
    let mut of_both = Bench::new(4);
    of_both.load(LOW, on(A, 100), 0);
    of_both.load(HIGH, on(BOTH, 100), 9);
    apply(&mut of_both.machine, Event::PoolBlocked(PoolId(1), "401".into()));
    assert!(of_both.hand_out().iter().all(|sweep| *sweep == LOW));
    assert_eq!((of_both.out.len(), of_both.rested.contains(&HIGH)), (20, true));

    let mut paused = Bench::new(4);
    paused.load(LOW, on(A, 100), 0);
    paused.load(HIGH, on(A, 100), 9);
    apply(&mut paused.machine, Event::Pause(HIGH, "ann".into()));
    assert_eq!(paused.hand_out(), [LOW; 20]);

    let mut poor = Bench::new(4);
    poor.load(LOW, on(A, 100), 0);
    let priced = shape(100, 1, Some(Money(7)), Money(10));
    poor.load(HIGH, Shape { stages: priced.stages, budget: priced.budget, ..on(A, 100) }, 9);
    assert!(poor.hand_out().iter().all(|sweep| *sweep == LOW));
}

/// Room in pool A is shared by both routes; in pool B there is always some.
#[test]
fn a_route_of_a_higher_priority_goes_first_for_a_pool_that_it_shares() {
    let mut bench = Bench::new(4);
    bench.load(LOW, on(A, 100), 0);
    bench.hand_out();
    bench.load(HIGH, on(BOTH, 10), 1);
    bench.load(EQUAL, on(B, 100), 0);
    let of_b = bench.hand_out();
    assert_eq!(of_b, [EQUAL; 20], "pool A is full, so that nobody is to wait for it in pool B");
    let mut next = Vec::new();
    for _ in 0..100 {
        // One of each pool ends, so that there is room for a job of both.
        let of_pool_a = |out: &(WorkerId, Assigned)| out.1.route != B;
        let first = bench.out.iter().position(of_pool_a).expect("there are some");
        bench.end(first);
        let first = bench.out.iter().position(|(_, out)| out.route != A).expect("there are some");
        bench.end(first);
        next.extend(bench.hand_out());
    }
    let last = next.iter().rposition(|sweep| *sweep == HIGH).expect("it had its turns");
    assert_eq!(next.iter().filter(|sweep| **sweep == HIGH).count(), 40);
    assert!(next[..last].iter().filter(|sweep| **sweep == LOW).count() <= 1, "{next:?}");
}

#[test]
fn having_waited_for_a_higher_priority_is_no_credit_among_equals() {
    let mut bench = Bench::new(4);
    bench.load(LOW, on(A, 2000), 0);
    bench.hand_out();
    bench.load(HIGH, on(A, 100), 1);
    (0..200).for_each(|_| drop(bench.step()));
    bench.load(EQUAL, on(A, 2000), 0);
    (0..600).for_each(|_| drop(bench.step()));
    let had = bench.handed_out[&LOW] - 20;
    assert!(had.abs_diff(bench.handed_out[&EQUAL]) <= 20, "{:?}", bench.handed_out);
}

#[test]
fn who_is_given_another_priority_has_neither_credit_nor_debt_there() {
    for (before, after) in [(-3, 0), (3, 0)] {
        let mut bench = Bench::new(4);
        bench.load(LOW, on(A, 5000), 0);
        bench.load(EQUAL, on(A, 5000), before);
        (0..400).for_each(|_| drop(bench.step()));
        let done = bench.handed_out.clone();
        bench.load(EQUAL, on(A, 5000), after);
        (0..400).for_each(|_| drop(bench.step()));
        let had = |sweep| bench.handed_out[&sweep] - done.get(&sweep).copied().unwrap_or_default();
        assert!(had(LOW).abs_diff(had(EQUAL)) <= 20, "{} and {}", had(LOW), had(EQUAL));
    }
}

#[test]
fn a_priority_stays_until_another_is_said() {
    let mut bench = Bench::new(4);
    bench.load(LOW, on(A, 100), 0);
    bench.load(HIGH, on(A, 100), 1);
    bench.load_as(HIGH, Known::new(on(A, 101)).expect("it is small"));
    assert_eq!(bench.hand_out(), [HIGH; 20]);
    bench.load(HIGH, on(A, 101), -1);
    assert_eq!(bench.step(), [LOW]);
}

fn routes() -> impl Strategy<Value = RouteId> {
    prop_oneof![Just(A), Just(B), Just(BOTH)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whenever something is handed out, nobody of a higher priority on that route is left with
    /// something to hand out; and whatever the priorities, everybody ends.
    #[test]
    fn nobody_goes_before_a_higher_priority_on_a_route_and_everybody_ends(
        sweeps in prop::collection::vec((routes(), -2i8..3, 1u32..4, 1u32..30), 1..7),
        concurrency in 1u32..6,
        picks in prop::collection::vec(0usize..1000, 64),
    ) {
        let mut bench = Bench::new(concurrency);
        let mut terms = BTreeMap::new();
        for (id, (route, priority, weight, prompts)) in (1..).map(SweepId).zip(&sweeps) {
            bench.load(id, Shape { weight: *weight, ..on(*route, *prompts) }, *priority);
            terms.insert(id, (*route, *priority, u64::from(4 * prompts)));
        }
        let mut picks = picks.into_iter().cycle();
        loop {
            let next = bench.hand_out();
            for sweep in &next {
                let (route, priority, _) = terms[sweep];
                let is_before = |(id, (of, other, jobs)): (&SweepId, &(RouteId, i8, u64))| {
                    let given = bench.handed_out.get(id).copied().unwrap_or_default();
                    *of == route && *other > priority && given < *jobs
                };
                prop_assert!(!terms.iter().any(is_before), "{sweep:?} went first: {terms:?}");
            }
            if bench.out.is_empty() {
                break;
            }
            bench.end(picks.next().unwrap_or_default());
        }
        prop_assert_eq!(bench.rested.len(), sweeps.len(), "{:?}", bench.handed_out);
    }
}
