//! Cells that ask less than the whole sweep, and stages that open one another.

use std::collections::BTreeSet;

use iago_scheduler::{
    Action, Assigned, Cap, Event, Known, Scheduler, Shape, StageShape, Start, WorkerId,
};
use iago_sweep::{Coordinate, JobId, Money};
use proptest::prelude::*;

use crate::world::{A, SWEEP, answer, connect, failure, lead, load, pools, settled, shape, start};

const CELLS: u32 = 4;

/// A stage to answer, one that opens on its answers, and one that opens on what that says.
fn chain(prompts: u32, repeats: u32, caps: Vec<Cap>, ranks: Vec<u32>) -> Shape {
    let shape = shape(prompts, repeats, None, Money::ZERO);
    let mut stages = shape.stages.clone();
    stages[1].votes = 1;
    let last = StageShape { opener: Some(1), votes: 2, ..stages[1].clone() };
    stages.push(last);
    Shape { caps, ranks, stages, ..shape }
}

/// Which stages the result of a job opens.
fn opens(job: JobId) -> u64 {
    let at = job.at();
    match at.stage {
        0 if !at.prompt.is_multiple_of(3) => 0b10,
        1 if (at.prompt + at.repeat).is_multiple_of(2) => 0b100,
        _ => 0,
    }
}

/// All jobs that a sweep of this shape comes to, by walking every coordinate that can be named.
fn every_job(shape: &Shape) -> BTreeSet<JobId> {
    let mut jobs = BTreeSet::new();
    for (cell, cap) in (0..CELLS).zip(&shape.caps) {
        for (prompt, rank) in (0..shape.prompts).zip(&shape.ranks) {
            for repeat in 0..shape.repeats {
                let asks = cap.prompts_max.is_none_or(|most| *rank < most)
                    && cap.repeats_max.is_none_or(|most| repeat < most);
                if asks {
                    open(&mut jobs, Coordinate { stage: 0, cell, repeat, prompt, vote: 0 }, shape);
                }
            }
        }
    }
    jobs
}

fn open(jobs: &mut BTreeSet<JobId>, at: Coordinate, shape: &Shape) {
    for vote in 0..shape.stages[at.stage as usize].votes {
        let job = JobId::pack(Coordinate { vote, ..at }).expect("it is in range");
        jobs.insert(job);
        for stage in (0..3).filter(|stage| opens(job) >> stage & 1 == 1) {
            open(jobs, Coordinate { stage, ..at }, shape);
        }
    }
}

/// Runs a sweep to its end, or until `most` jobs were handed out, and gives those.
fn run(machine: &mut Scheduler, most: usize) -> (Vec<JobId>, bool) {
    let (mut handed_out, mut finished) = (Vec::new(), false);
    let mut inbox: Vec<Assigned> = Vec::new();
    loop {
        let mut actions = Vec::new();
        for assigned in std::mem::take(&mut inbox) {
            let end = answer(assigned.job, opens(assigned.job));
            machine.apply(Event::Settled(WorkerId(0), settled(&assigned, end, None)), &mut actions);
        }
        if handed_out.len() >= most {
            return (handed_out, finished);
        }
        machine.dispatch(&mut actions);
        for action in actions {
            finished |= matches!(action, Action::Finished(_));
            if let Action::Assign(_, assigned) = action {
                inbox.push(assigned);
            }
        }
        handed_out.extend(inbox.iter().map(|assigned| assigned.job));
        if inbox.is_empty() {
            return (handed_out, finished);
        }
    }
}

fn cap() -> impl Strategy<Value = Cap> {
    let most = || proptest::option::of(1u32..6);
    (most(), most()).prop_map(|(prompts_max, repeats_max)| Cap { prompts_max, repeats_max })
}

fn caps() -> impl Strategy<Value = Vec<Cap>> {
    proptest::collection::vec(cap(), CELLS as usize)
}

fn ranks(prompts: u32) -> impl Strategy<Value = Vec<u32>> {
    Just((0..prompts).collect::<Vec<_>>()).prop_shuffle()
}

/// A shape, and the same with every cap raised.
fn shapes() -> impl Strategy<Value = (Shape, Shape)> {
    let sizes = (1u32..8, 1u32..5);
    sizes.prop_flat_map(|(prompts, repeats)| {
        (caps(), ranks(prompts), 0u32..3).prop_map(move |(caps, ranks, more)| {
            let raise = |cap: &Cap| Cap {
                prompts_max: cap.prompts_max.map(|most| most + more),
                repeats_max: cap.repeats_max.map(|most| most + more),
            };
            let raised = caps.iter().map(raise).collect();
            let first = chain(prompts, repeats, caps, ranks.clone());
            (first, Shape { revision: 1, ..chain(prompts, repeats, raised, ranks) })
        })
    })
}

proptest! {
    #[test]
    fn exactly_the_jobs_that_exist_are_handed_out_each_once((shape, _) in shapes()) {
        let every = every_job(&shape);
        let mut machine = start(shape);
        connect(&mut machine, 0);
        let known = machine.counts(SWEEP)[0].known;
        prop_assert_eq!(known, every.iter().filter(|job| job.at().stage == 0).count() as u64);
        let (handed_out, finished) = run(&mut machine, usize::MAX);
        prop_assert!(finished);
        prop_assert_eq!(handed_out.len(), every.len(), "each once");
        prop_assert_eq!(&handed_out.iter().copied().collect::<BTreeSet<_>>(), &every);
        let counts = machine.counts(SWEEP);
        prop_assert!(counts.iter().all(|of| of.done == of.known && of.failed == 0), "{:?}", counts);
    }

    #[test]
    fn raised_caps_ask_what_is_missing_and_nothing_twice(
        (shape, raised) in shapes(), most in 0usize..60,
    ) {
        let mut machine = start(shape);
        connect(&mut machine, 0);
        let (before, _) = run(&mut machine, most);
        let mut known = Known::new(raised.clone()).unwrap();
        before.iter().for_each(|job| known.answered(*job, opens(*job), None));
        known.everything_may_be_out();
        let mut again = lead(1, pools(4));
        load(&mut again, known, Start::Now);
        connect(&mut again, 0);
        let (after, _) = run(&mut again, usize::MAX);
        let both: BTreeSet<JobId> = before.iter().chain(&after).copied().collect();
        prop_assert_eq!(before.len() + after.len(), both.len(), "nothing twice");
        prop_assert_eq!(both, every_job(&raised));
    }
}

#[test]
fn what_lies_beyond_a_cap_counts_nowhere() {
    let cap = |repeats_max| Cap { prompts_max: Some(1), repeats_max };
    let caps = vec![Cap::default(), cap(None), cap(Some(1)), Cap::default()];
    let shape = chain(5, 2, caps, (0..5).rev().collect());
    let mut known = Known::new(shape).unwrap();
    let job =
        |cell, prompt| JobId::pack(Coordinate { cell, prompt, ..Coordinate::default() }).unwrap();
    assert_eq!(known.counts()[0].known, 10 + 2 + 1 + 10);
    known.answered(job(1, 0), 0b10, Some(Money(7)));
    known.failed(&failure(job(2, 3), 0));
    assert_eq!((known.counts()[0].done, known.counts()[1].known), (0, 0), "their ranks are higher");
    known.answered(job(1, 4), 0b10, None);
    assert_eq!((known.counts()[0].done, known.counts()[1].known), (1, 1));
    known.frontier(A, 4096);
    assert_eq!(known.possibly_in_flight(), 22 + 1, "what exists, and not the whole stretch");
}

#[test]
fn a_chain_that_its_opener_never_opens_holds_no_sweep_up() {
    let whole = vec![Cap::default(); CELLS as usize];
    let shape = chain(3, 1, whole, (0..3).collect());
    let mut machine = start(shape);
    connect(&mut machine, 0);
    let (mut rest, mut out) = (Vec::new(), Vec::<Assigned>::new());
    loop {
        let mut actions = Vec::new();
        for assigned in std::mem::take(&mut out) {
            // The second stage fails each time, so that the third is never opened.
            let job = assigned.job;
            let end =
                if job.at().stage == 0 { answer(job, 0b10) } else { crate::world::rejection(job) };
            machine.apply(Event::Settled(WorkerId(0), settled(&assigned, end, None)), &mut actions);
        }
        machine.dispatch(&mut actions);
        for action in actions {
            if let Action::Assign(_, assigned) = action {
                out.push(assigned);
            } else {
                rest.push(action);
            }
        }
        if out.is_empty() {
            break;
        }
    }
    assert_eq!(rest.last(), Some(&Action::Finished(SWEEP)));
    let counts = machine.counts(SWEEP);
    assert_eq!((counts[1].failed, counts[2].known), (12, 0));
}
