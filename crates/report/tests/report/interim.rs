//! What is counted before the end: the blocks at the beginning of the order of work.

use std::collections::{BTreeMap, BTreeSet};

use iago_report::{Context, Estimate, InterimModel, Material, Rate, Report, build};
use iago_scheduler::BlockOrder;
use iago_sweep::{FailureClass, Plan};
use proptest::prelude::*;

use crate::made_up::{Said, context, fold, plan};
use crate::people::draw;

const PROMPTS: usize = 100;
const REPEATS: u32 = 10;

/// How many jobs are out at a time.
const SLOTS: usize = 50;

/// How much longer an answer takes that complies.
const SLOWER: u32 = 3;

/// The share that complies, over all prompts: a fifth of them does in half of their repeats.
const TRUTH: f64 = 0.2 * 0.5 + 0.8 * 0.0525;

/// One cell.
fn single(prompts: usize, repeats: u32) -> Plan {
    let mut plan = plan(&["faker"], prompts, repeats);
    plan.cells.truncate(1);
    plan.contrasts.clear();
    plan
}

/// The (prompt, repeat)s of a plan in the order in which they are handed out.
pub(crate) fn hand_out(plan: &Plan) -> Vec<(usize, u32)> {
    let prompts = u32::try_from(plan.prompts.len()).expect("few prompts");
    let order = BlockOrder::new(plan.seed, prompts, plan.repeats);
    order.iter().map(|block| (block.prompt as usize, block.repeat)).collect()
}

/// Folds the plan with nothing said in these blocks, in any cell, and `Said::Refuse` in all others.
fn leave_open(plan: &Plan, open: &BTreeSet<(usize, u32)>) -> Material {
    fold(
        plan,
        true,
        |_, prompt, repeat| {
            if open.contains(&(prompt, repeat)) { Said::Nothing } else { Said::Refuse }
        },
    )
}

fn progress(report: &Report) -> Vec<(&str, u64, u64)> {
    let models = report.interim.iter().flat_map(|interim| &interim.models);
    models.map(|InterimModel { model, blocks, of }| (model.as_str(), *blocks, *of)).collect()
}

/// A sweep that is stopped after some time, by the blocks that have ended.
struct Stopped {
    plan: Plan,
    ended: BTreeMap<(usize, u32), Said>,
}

impl Stopped {
    /// Hands out block after block to the next free slot, until a quarter has ended.
    fn at_a_quarter(seed: u64) -> Self {
        let plan = Plan { seed, ..single(PROMPTS, REPEATS) };
        let order = hand_out(&plan);
        let (mut free, mut ends) = (BTreeSet::new(), Vec::new());
        free.extend((0..SLOTS).map(|slot| (0, slot)));
        for block in &order {
            let (now, slot) = free.pop_first().expect("there are slots");
            let said = Self::answer(&plan, *block);
            let end = now + Self::duration(&plan, *block, said);
            ends.push((end, *block, said));
            free.insert((end, slot));
        }
        ends.sort_unstable_by_key(|(end, block, _)| (*end, *block));
        ends.truncate(order.len() / 4);
        Self { plan, ended: ends.into_iter().map(|(_, block, said)| (block, said)).collect() }
    }

    fn answer(plan: &Plan, (prompt, repeat): (usize, u32)) -> Said {
        let of_ten_thousand = if prompt.is_multiple_of(5) { 5_000 } else { 525 };
        let purpose = format!("answer {}", plan.seed);
        let drawn = draw(&purpose, &plan.cells[0], prompt, repeat, 10_000);
        if drawn < of_ten_thousand { Said::Comply } else { Said::Refuse }
    }

    /// In milliseconds: about a second for a refusal.
    fn duration(plan: &Plan, (prompt, repeat): (usize, u32), said: Said) -> u32 {
        let purpose = format!("duration {}", plan.seed);
        let drawn = 500 + draw(&purpose, &plan.cells[0], prompt, repeat, 1_000);
        if said == Said::Comply { SLOWER * drawn } else { drawn }
    }

    fn report(&self) -> Report {
        let material = fold(&self.plan, true, |_, prompt, repeat| {
            self.ended.get(&(prompt, repeat)).copied().unwrap_or(Said::Nothing)
        });
        build(&material, &Context { open: 750, ..context() })
    }

    /// What counting all that has ended would tell.
    fn share_of_all_ended(&self) -> f64 {
        let complied = self.ended.values().filter(|said| **said == Said::Comply).count();
        complied as f64 / self.ended.len() as f64
    }
}

fn compliance(report: &Report) -> &Rate {
    match &report.cells[0].measures[0].estimate {
        Estimate::Known(rate) => rate,
        other @ (Estimate::NotAsked | Estimate::Empty { .. } | Estimate::Mean(_)) => {
            panic!("a rate: {other:?}")
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The simulation of the design: a quarter of 1,000 jobs, 50 at a time, refusals three times as fast.
#[test]
fn a_quarter_of_a_sweep_tells_its_truth_although_refusals_are_three_times_as_fast() {
    let (mut counted, mut all, mut errors, mut covered) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for seed in 0..200 {
        let stopped = Stopped::at_a_quarter(seed);
        let report = stopped.report();
        let rate = compliance(&report);
        let interval = rate.interval.expect("hundreds of transcripts");
        covered += u32::from(interval.low <= TRUTH && TRUTH <= interval.high);
        counted.push(rate.value);
        errors.push(rate.standard_error);
        all.push(stopped.share_of_all_ended());
    }
    assert!(mean(&all) < TRUTH - 0.025, "what has ended is biased: {}", mean(&all));
    let off = (mean(&counted) - TRUTH).abs();
    assert!(off < mean(&errors) / 3.0, "{} of {TRUTH}", mean(&counted));
    assert!(covered >= 180, "{covered} of 200 intervals hold the truth");
}

#[test]
fn a_block_beyond_an_open_one_is_not_counted_however_early_it_ended() {
    let plan = plan(&["faker"], 6, 3);
    let order = hand_out(&plan);
    let open = [order[11], order[5]].into();
    let report = build(&leave_open(&plan, &open), &context());
    assert_eq!(progress(&report), [("faker", 5, 18)]);
    assert!(report.cells.iter().all(|cell| cell.transcripts == 5));
    assert!(report.terminal(80, false).contains("faker 5 of 18"));
}

#[test]
fn a_failure_is_an_end_and_is_counted_as_missing() {
    let plan = plan(&["faker"], 6, 3);
    let order = hand_out(&plan);
    let material = fold(&plan, true, |_, prompt, repeat| {
        match order.iter().position(|of| *of == (prompt, repeat)).unwrap() {
            2 => Said::Failed(FailureClass::Rejected),
            place if place < 8 => Said::Refuse,
            _ => Said::Nothing,
        }
    });
    let report = build(&material, &context());
    assert_eq!(progress(&report), [("faker", 8, 18)]);
    assert!(report.cells.iter().all(|cell| (cell.transcripts, cell.dropped()) == (8, 1)));
}

#[test]
fn what_no_cell_of_a_model_asks_holds_nothing_up() {
    let mut plan = plan(&["faker", "null"], 6, 3);
    for cell in plan.cells.iter_mut().filter(|cell| cell.model == "null") {
        (cell.prompts_max, cell.repeats_max) = (Some(2), Some(1));
    }
    let (order, ranks) = (hand_out(&plan), plan.ranks());
    let open: BTreeSet<_> = [order[17]].into();
    let is_asked =
        |cell: &iago_sweep::Cell, prompt: usize, repeat| cell.asks(ranks[prompt], repeat);
    let material = fold(&plan, true, |cell, prompt, repeat| {
        let is_open = open.contains(&(prompt, repeat));
        if is_open || !is_asked(cell, prompt, repeat) { Said::Nothing } else { Said::Refuse }
    });
    let of_null = |block: &&(usize, u32)| is_asked(&plan.cells[4], block.0, block.1);
    let before = order[..17].iter().filter(of_null).count() as u64;
    let report = build(&material, &context());
    assert_eq!(progress(&report), [("faker", 17, 18), ("null", before, 2)]);
}

#[test]
fn an_extended_sweep_is_counted_in_the_order_that_it_is_handed_out_in_now() {
    let plan = plan(&["faker"], 6, 5);
    let order = hand_out(&plan);
    let is_new = |block: &&(usize, u32)| block.1 >= 3;
    let report =
        build(&leave_open(&plan, &order.iter().filter(is_new).copied().collect()), &context());
    let before = order.iter().take_while(|block| !is_new(block)).count() as u64;
    assert!(before < 6 * 3, "of this seed, a new block comes before the last old one");
    assert_eq!(progress(&report), [("faker", before, 30)]);
}

proptest! {
    #[test]
    fn exactly_what_comes_before_the_first_open_block_is_counted(
        seed: u64,
        prompts in 1usize..9,
        repeats in 1u32..5,
        open in prop::collection::btree_set((0usize..9, 0u32..5), 0..6),
    ) {
        let plan = Plan { seed, ..single(prompts, repeats) };
        let order = hand_out(&plan);
        let before = order.iter().take_while(|block| !open.contains(block)).count() as u64;
        let report = build(&leave_open(&plan, &open), &context());
        prop_assert_eq!(report.cells[0].transcripts, before);
        if before < order.len() as u64 {
            prop_assert_eq!(progress(&report), [("faker", before, order.len() as u64)]);
        } else {
            prop_assert_eq!(report.interim, None);
        }
    }
}
