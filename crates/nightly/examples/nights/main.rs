//! How often nights come to which verdict: the table of the README, made anew.
//!
//! ```text
//! cargo run --release -p iago-nightly --example nights [NIGHTS] [suite|prompts] [beta|classes]
//! ```
//!
//! Each figure is the share of 20,000 invented nights, or of as many as are named. The baseline is drawn
//! anew for each. Nights are as large as `recommend` says. A figure that breaks its promise beyond its own
//! exact binomial interval at 99.9% is bold and has a mark.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

mod dice;
mod world;

use iago_nightly::JUDGE_LEVEL;
use iago_statistics::clopper_pearson;
use iago_sweep::Generalise;
use world::{Kind, Planted, Setting, World, sizes};

const NIGHTS: u64 = 20_000;

/// Of a suite that is there: what more repeats can do.
const PROMPTS: u32 = 150;

fn main() {
    let nights = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(NIGHTS);
    println!(
        "| claims | prompts are | loss | missing | gates | looks | prompts by gate | repeats, baseline | \
         unchanged: all pass | unchanged: regression | one at margin: pass | all at margin: regression | \
         one at twice: regression | unchanged: changed judge | topped up |"
    );
    println!(
        "| --- | --- | --- | --: | --: | --: | --- | --- | --: | --: | --: | --: | --: | --: |"
    );
    let words: Vec<String> = std::env::args().skip(2).collect();
    let wanted = |setting: &Setting| {
        let own = [setting.generalise.word(), word(setting.kind)];
        // Five gates take most of the time, and are tried with one kind of prompts.
        let is_tried = setting.gates < 5 || setting.kind == Kind::BetaBinomial;
        is_tried && words.iter().all(|word| own.contains(&word.as_str()))
    };
    for (seed, setting) in (0..).zip(settings()).filter(|(_, setting)| wanted(setting)) {
        println!("{}", row(setting, nights, 100 * seed));
    }
}

fn settings() -> Vec<Setting> {
    let mut settings = Vec::new();
    for generalise in [Generalise::Suite, Generalise::Prompts] {
        for kind in [Kind::BetaBinomial, Kind::TwoClasses] {
            for gates in [1, 2, 5] {
                for looks in [1, 2] {
                    let (missing, uneven) = (if gates == 2 { 0.003 } else { 0.0 }, looks == 1);
                    let fixed = generalise == Generalise::Suite && kind == Kind::TwoClasses;
                    let prompts = fixed.then_some(PROMPTS);
                    let setting =
                        Setting { generalise, kind, gates, looks, missing, uneven, prompts };
                    settings.push(setting);
                }
            }
        }
    }
    settings
}

fn row(setting: Setting, nights: u64, seed: u64) -> String {
    let world = World::new(setting, seed);
    let run = |planted, at| world.simulate(planted, nights, seed + at);
    let nothing = run(Planted::Nothing, 1);
    let first = run(Planted::FirstAtMargin, 2);
    let all = run(Planted::AllAtMargin, 3);
    let twice = run(Planted::FirstTwice, 4);
    let sizes: Vec<String> = sizes(&world.recommendation).iter().map(ToString::to_string).collect();
    let repeats = world.recommendation.repeats;
    let Setting { gates, looks, missing, .. } = setting;
    let claims = setting.generalise.word();
    let kind = word(setting.kind);
    let figures = [
        at_least(nothing.all_pass, nights, 0.90),
        at_most(nothing.any_regression, nights, 0.025),
        at_most(first.all_pass, nights, 0.025),
        at_most(all.any_regression, nights, 0.025),
        at_least(twice.any_regression, nights, 0.95),
        at_most(nothing.changed_judge, nights, 2.0 * JUDGE_LEVEL),
        percent(nothing.topped_up, nights),
    ];
    format!(
        "| {claims} | {kind} | {} | {:.1} | {gates} | {looks} | {} | {}, {} | {} |",
        if setting.uneven { "uneven" } else { "even" },
        100.0 * missing,
        sizes.join(" "),
        repeats.tonight,
        repeats.baseline,
        figures.join(" | "),
    )
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::BetaBinomial => "beta",
        Kind::TwoClasses => "classes",
    }
}

fn percent(count: u64, nights: u64) -> String {
    format!("{:.1}", 100.0 * count as f64 / nights as f64)
}

fn at_least(count: u64, nights: u64, promised: f64) -> String {
    let is_short = clopper_pearson(count, nights, 0.999).high < promised;
    mark(percent(count, nights), is_short)
}

fn at_most(count: u64, nights: u64, level: f64) -> String {
    let is_over = clopper_pearson(count, nights, 0.999).low > level;
    mark(percent(count, nights), is_over)
}

fn mark(figure: String, is_broken: bool) -> String {
    if is_broken { format!("**{figure}!**") } else { figure }
}
