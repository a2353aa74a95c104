//! Sweeps that share a route: by weight, in tokens, whatever their jobs take.

use std::collections::{BTreeMap, VecDeque};

use iago_scheduler::{Action, Assigned, End, Event, Known, Scheduler, Shape, Start, WorkerId};
use iago_sweep::{Money, Need, SweepId, Usage};
use proptest::prelude::*;

use crate::world::{A, answer, connect, lead, pools, settled, shape};

const FIRST: SweepId = SweepId(1);
const SECOND: SweepId = SweepId(2);

/// What each sweep's jobs take, and what is expected of them.
#[derive(Clone, Copy, Debug)]
struct Size {
    tokens: u64,
    expected: u64,
}

struct Bench {
    machine: Scheduler,
    sizes: BTreeMap<SweepId, Size>,
    out: VecDeque<Assigned>,
    /// Tokens that answers took.
    taken: BTreeMap<SweepId, u64>,
}

/// A sweep with more jobs than will be handed out, all of them on one route.
fn wide(size: Size, weight: u32) -> Shape {
    let mut shape = Shape { weight, ..shape(50_000, 1, None, Money::ZERO) };
    for stage in &mut shape.stages {
        stage.routes = vec![A; 4];
        stage.needs = vec![Need { input: size.expected, output: 0 }; 4];
    }
    shape
}

impl Bench {
    fn new() -> Self {
        let mut machine = lead(1, pools(8));
        connect(&mut machine, 0);
        let (sizes, taken) = (BTreeMap::new(), BTreeMap::new());
        Self { machine, sizes, taken, out: VecDeque::new() }
    }

    fn load(&mut self, sweep: SweepId, size: Size, weight: u32) {
        let known = Known::new(wide(size, weight)).expect("it is small");
        let loaded = Event::Loaded(sweep, Box::new(known), Start::Now);
        self.machine.apply(loaded, &mut Vec::new());
        self.sizes.insert(sweep, size);
        self.taken.insert(sweep, 0);
    }

    /// The longest under way ends, and what there is room for goes out.
    fn step(&mut self) {
        let mut actions = Vec::new();
        if let Some(assigned) = self.out.pop_front() {
            let tokens = self.sizes[&assigned.sweep].tokens;
            let End::Answered(mut fact, text) = answer(assigned.job, 0) else { unreachable!() };
            fact.usage = Usage { input: tokens, output: tokens / 10, ..Usage::default() };
            *self.taken.entry(assigned.sweep).or_default() += tokens + tokens / 10;
            let answered = settled(&assigned, End::Answered(fact, text), Some(Money::ZERO));
            self.machine.apply(Event::Settled(WorkerId(0), answered), &mut actions);
        }
        self.machine.dispatch(&mut actions);
        self.out.extend(actions.into_iter().filter_map(|action| {
            let Action::Assign(_, assigned) = action else { return None };
            Some(assigned)
        }));
    }

    /// Goes on until a sweep has taken so many tokens.
    fn run_until(&mut self, tokens: u64) {
        while self.taken.values().all(|taken| *taken < tokens) {
            self.step();
        }
    }
}

/// The fairness index of Jain, Chiu and Hawe (DEC TR-301, 1984): 1 where all have the same.
#[expect(clippy::cast_precision_loss, reason = "of shares, not of money")]
fn jain(shares: &[u64]) -> f64 {
    let shares: Vec<f64> = shares.iter().map(|share| *share as f64).collect();
    let sum: f64 = shares.iter().sum();
    let squares: f64 = shares.iter().map(|share| share * share).sum();
    sum * sum / (shares.len() as f64 * squares)
}

fn size() -> impl Strategy<Value = Size> {
    (10u64..1_000, 1u64..3_000).prop_map(|(tokens, expected)| Size { tokens, expected })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn two_equal_sweeps_take_as_many_tokens_whatever_their_jobs_take(
        first in size(), second in size(),
    ) {
        let mut bench = Bench::new();
        bench.load(FIRST, first, 1);
        bench.load(SECOND, second, 1);
        bench.run_until(400 * first.tokens.max(second.tokens));
        let shares: Vec<_> = bench.taken.values().copied().collect();
        prop_assert!(jain(&shares) >= 0.99, "{:?}", shares);
    }

    #[test]
    fn weights_hold(first in size(), second in size(), weight in 2u32..5) {
        let mut bench = Bench::new();
        bench.load(FIRST, first, 1);
        bench.load(SECOND, second, weight);
        bench.run_until(u64::from(weight) * 400 * first.tokens.max(second.tokens));
        let shares = [bench.taken[&FIRST] * u64::from(weight), bench.taken[&SECOND]];
        prop_assert!(jain(&shares) >= 0.99, "{:?} at {}", shares, weight);
    }

    #[test]
    fn who_comes_later_gets_its_part_from_then_on_and_no_more(
        first in size(), second in size(), before in 1u64..200,
    ) {
        let mut bench = Bench::new();
        bench.load(FIRST, first, 1);
        bench.run_until(before * first.tokens);
        // What went out by an estimate that was wrong is put right before the other comes.
        (0..100).for_each(|_| bench.step());
        let had = bench.taken[&FIRST];
        bench.load(SECOND, second, 1);
        bench.run_until(had + 400 * first.tokens.max(second.tokens));
        let shares = [bench.taken[&FIRST] - had, bench.taken[&SECOND]];
        prop_assert!(jain(&shares) >= 0.98, "{:?}", shares);
    }
}

#[test]
fn jobs_without_tokens_count_one_each() {
    let none = Size { tokens: 0, expected: 0 };
    let mut bench = Bench::new();
    bench.load(FIRST, none, 1);
    bench.load(SECOND, none, 3);
    (0..400).for_each(|_| bench.step());
    let out = bench.machine.counts(SECOND)[0].done + bench.machine.out_of(SECOND);
    let other = bench.machine.counts(FIRST)[0].done + bench.machine.out_of(FIRST);
    assert!((3 * other).abs_diff(out) <= 3, "{other} and {out}");
}

#[test]
fn what_answers_took_tells_what_the_next_will_take() {
    let mut bench = Bench::new();
    bench.load(FIRST, Size { tokens: 1_000, expected: 4_000 }, 1);
    bench.step();
    let first = bench.out[0].need;
    assert_eq!(first, Need { input: 4_000, output: 1 }, "never none");
    (0..100).for_each(|_| bench.step());
    let last = bench.out.back().expect("there are more").need;
    assert_eq!(last, Need { input: 1_100, output: 110 }, "with a margin of a tenth");
}
