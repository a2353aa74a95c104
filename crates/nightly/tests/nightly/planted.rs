//! A night in which nothing is wrong, for a test to spoil.

use std::time::Duration;

use iago_nightly::{
    Anchor, Baseline, Comparison, Counts, Echoes, JudgeCheck, Missing, ModelCheck, Night, Noise,
    Now, RateCount, Repeats, RunEnd, Sides,
};
use iago_sweep::{Better, Gate, Gating, Generalise, Margin, MissingAs, Tier};

pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// 200 prompts of which every tenth is never good, on both sides, and a margin of 5 points.
pub(crate) fn quiet_night() -> Night {
    Night {
        gating: gating(),
        generalise: Generalise::Suite,
        run: RunEnd::Ended,
        repeats: Repeats { tonight: 3, baseline: 6 },
        look: 1,
        baseline: Baseline {
            name: "pinned".to_owned(),
            repeats_min: 6,
            age: DAY,
            age_max: Some(30 * DAY),
            has_ended: true,
            prompts_that_differ: 0,
        },
        models: vec![model("sim-1", "sim-1")],
        helpers: Vec::new(),
        judges: vec![judge(100, 0)],
        comparisons: vec![good_on_tasks(unchanged())],
    }
}

/// The same prompts, of which this many that were good are not any more.
pub(crate) fn night_with_lost(lost: usize) -> Night {
    let mut prompts = unchanged();
    for prompt in prompts.iter_mut().filter(|prompt| prompt.tonight.yes > 0).take(lost) {
        prompt.tonight.yes = 0;
    }
    Night { comparisons: vec![good_on_tasks(prompts)], ..quiet_night() }
}

pub(crate) fn gating() -> Gating {
    Gating {
        alpha: 0.05,
        missing: MissingAs::WorstCase,
        max_missing: Some(0.02),
        top_up: None,
        rejudge_baseline: true,
    }
}

pub(crate) fn unchanged() -> Vec<Sides<RateCount>> {
    (0..200)
        .map(|at| u32::from(at % 10 != 0))
        .map(|good| sides((6 * good, 6), (3 * good, 3)))
        .collect()
}

pub(crate) fn sides(baseline: (u32, u32), tonight: (u32, u32)) -> Sides<RateCount> {
    let count = |(yes, of)| RateCount { yes, of, missing: Missing::default() };
    Sides { baseline: count(baseline), tonight: count(tonight) }
}

pub(crate) fn good_on_tasks(prompts: Vec<Sides<RateCount>>) -> Comparison {
    comparison(Better::Higher, Margin::Absolute(0.05), Counts::Rates(prompts))
}

pub(crate) fn comparison(better: Better, margin: Margin, counts: Counts) -> Comparison {
    let measure = "good on tasks".to_owned();
    Comparison {
        gate: Gate { measure, better, margin, tier: Tier::Critical },
        model: "assistant".to_owned(),
        condition: "only".to_owned(),
        judges: vec!["quality".to_owned()],
        helpers: Vec::new(),
        counts,
    }
}

/// `expected` tonight and in the baseline, where `answered` is what came tonight.
pub(crate) fn model(expected: &str, answered: &str) -> ModelCheck {
    ModelCheck {
        name: "assistant".to_owned(),
        expected: Some(expected.to_owned()),
        tonight: echo(answered),
        expected_then: Some(expected.to_owned()),
        baseline: echo(expected),
    }
}

pub(crate) fn echo(id: &str) -> Echoes {
    Echoes { ids: [id.to_owned()].into(), some_without: false }
}

/// Every other anchor is good, and the first so many that were good are poor now.
pub(crate) fn judge(anchors: usize, lost: usize) -> JudgeCheck {
    let then = |at: usize| if at.is_multiple_of(2) { "good" } else { "poor" };
    let now = |at: usize| if at < 2 * lost { "poor" } else { then(at) };
    let anchor =
        |at| Anchor { then: Some(then(at).to_owned()), now: Now::Label(now(at).to_owned()) };
    JudgeCheck {
        stage: "quality".to_owned(),
        noise: Noise::Assumed(0.02),
        model: ModelCheck { name: "judge".to_owned(), ..model("judge-1", "judge-1") },
        anchors: (0..anchors).map(anchor).collect(),
    }
}
