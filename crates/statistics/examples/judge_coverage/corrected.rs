//! Coverage of corrected rates and of their differences.

use iago_statistics::{Audited, Confusion, corrected_difference, corrected_rate};

use crate::dice::{Design, Dice};
use crate::share::{Coverages, in_parallel, shares};

const DESIGNS: [Design; 13] = [
    Design::new(20, 5, 0.0),
    Design::new(20, 5, 0.6),
    Design::new(20, 10, 0.3),
    Design::new(20, 10, 0.6),
    Design::new(50, 5, 0.3),
    Design::new(50, 5, 0.6),
    Design::new(100, 1, 0.0),
    Design::new(100, 5, 0.0),
    Design::new(100, 5, 0.3),
    Design::new(100, 5, 0.6),
    Design::new(300, 1, 0.0),
    Design::new(300, 3, 0.6),
    Design::new(1000, 1, 0.0),
];
const TRUTHS: [f64; 4] = [0.001, 0.01, 0.142, 0.784];
const LABELS: [u32; 4] = [50, 100, 200, 500];

/// How a judge errs. Abstaining counts as no.
#[derive(Clone, Copy)]
struct Judge {
    sensitivity: f64,
    specificity: f64,
    /// Shares of what is yes and of what is no on which it abstains.
    abstains: (f64, f64),
}

const OLD: Judge =
    Judge { sensitivity: 20.0 / 51.0, specificity: 47.0 / 55.0, abstains: (0.0, 0.0) };
const FAIR: Judge = Judge { sensitivity: 0.8, specificity: 0.95, abstains: (0.0, 0.0) };
const GOOD: Judge = Judge { sensitivity: 0.99, specificity: 0.99, abstains: (0.0, 0.0) };
const SHY: Judge = Judge { sensitivity: 0.95, specificity: 0.99, abstains: (0.3, 0.01) };

pub(crate) fn print() {
    print_rates();
    print_differences();
}

fn print_rates() {
    println!(
        "| prompts x repeats | correlation | {} |",
        LABELS.map(|n| format!("{n} labels | short")).join(" | ")
    );
    println!("|---|---|{}", "---|---|".repeat(LABELS.len()));
    let cells: Vec<(Design, u32)> =
        DESIGNS.iter().flat_map(|design| LABELS.map(|labels| (*design, labels))).collect();
    let covered = in_parallel(&cells, |(design, labels)| rate_coverages(*design, *labels));
    for (design, row) in DESIGNS.iter().zip(covered.chunks(LABELS.len())) {
        let row: Vec<String> = row.iter().map(ToString::to_string).collect();
        println!("| {design} | {} |", row.join(" | "));
    }
    println!();
}

/// Over all truths and judges; none where there are fewer transcripts than labels.
fn rate_coverages(design: Design, labels: u32) -> Coverages {
    if labels > design.prompts * design.repeats {
        return Coverages(Vec::new());
    }
    let settings = TRUTHS.into_iter().flat_map(|t| [OLD, GOOD, SHY].map(|j| (t, j)));
    let covered = settings.map(|(truth, judge)| {
        let [covered] = shares(11, |dice| {
            let cell = draw(dice, design, truth, judge, labels);
            [corrected_rate(&cell).is_some_and(|found| found.interval.contains(truth))]
        });
        covered
    });
    Coverages(covered.collect())
}

fn print_differences() {
    /// The rates and judges of both sides.
    const CONTRASTS: [[(f64, Judge); 2]; 5] = [
        [(0.03, GOOD), (0.142, SHY)],
        [(0.03, SHY), (0.03, OLD)],
        [(0.142, FAIR), (0.142, FAIR)],
        [(0.001, GOOD), (0.012, GOOD)],
        [(0.0, OLD), (0.784, OLD)],
    ];
    println!("| prompts x repeats | correlation | lowest | short |");
    println!("|---|---|---|---|");
    let covered = in_parallel(&DESIGNS, |design| {
        let all = design.prompts * design.repeats;
        let labels = [50, 200].into_iter().filter(|labels| *labels <= all);
        let settings = labels.flat_map(|labels| CONTRASTS.map(|contrast| (labels, contrast)));
        let covered = settings.map(|(labels, [(from, judge), (to, other)])| {
            let [covered] = shares(12, |dice| {
                let one = draw(dice, *design, from, judge, labels);
                let other = draw(dice, *design, to, other, labels);
                let found = corrected_difference(&[one], &[other]);
                [found.is_some_and(|found| found.interval.contains(to - from))]
            });
            covered
        });
        Coverages(covered.collect())
    });
    for (design, covered) in DESIGNS.iter().zip(covered) {
        println!("| {design} | {covered} |");
    }
    println!();
}

/// A cell of which `labels` transcripts, any of them, are labelled by people, who are right.
fn draw(dice: &mut Dice, design: Design, truth: f64, judge: Judge, labels: u32) -> Vec<Audited> {
    let (mut left, mut wanted) = (design.prompts * design.repeats, labels);
    let prompt = |_| {
        let mut prompt = Audited::default();
        let mut urn = design.urn(truth);
        for _ in 0..design.repeats {
            let people = urn.draw(dice);
            let judged = judge.says(dice, people);
            prompt.judged.of += 1;
            prompt.asked += 1;
            prompt.judged.yes += u32::from(judged);
            if wanted > 0 && dice.uniform() * f64::from(left) < f64::from(wanted) {
                prompt.gold = prompt.gold.plus(compare(judged, people));
                wanted -= 1;
            }
            left -= 1;
        }
        prompt
    };
    (0..design.prompts).map(prompt).collect()
}

impl Judge {
    fn says(self, dice: &mut Dice, people: bool) -> bool {
        let (yes, abstains) = if people {
            (self.sensitivity, self.abstains.0)
        } else {
            (1.0 - self.specificity, self.abstains.1)
        };
        dice.chance(yes * (1.0 - abstains))
    }
}

fn compare(judged: bool, people: bool) -> Confusion {
    let one = |is: bool| u32::from(is);
    Confusion {
        both_yes: one(judged && people),
        false_yes: one(judged && !people),
        false_no: one(!judged && people),
        both_no: one(!judged && !people),
    }
}
