//! Rates corrected for the errors of a judge, from labels of people on a random part.

use iago_statistics::{Audited, Confusion, Tally, corrected_difference, corrected_rate};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::sampler::{Chances, Design};
use crate::simulate::{Outcome, Sweep};
use crate::table::{Table, coverage_where_shown, designs, points};

const RATES: [f64; 5] = [0.003, 0.01, 0.03, 0.14, 0.5];
const GAPS: [(f64, f64); 4] = [(0.01, 0.01), (0.01, 0.06), (0.03, 0.14), (0.3, 0.5)];
const LABELS: [f64; 2] = [100.0, 200.0];

/// A judge, by how often it says yes to what people call yes, and no to what they call no.
#[derive(Clone, Copy)]
struct Judge {
    sensitivity: f64,
    specificity: f64,
}

const GOOD: Judge = Judge { sensitivity: 0.9, specificity: 0.97 };
const POOR: Judge = Judge { sensitivity: 0.4, specificity: 0.85 };

pub(crate) fn corrected_rates() -> Table {
    table("Corrected rates", &RATES, |rate| format!("{}%", points(*rate)), one_rate)
}

pub(crate) fn corrected_gaps() -> Table {
    let name = |(from, to): &(f64, f64)| format!("{} → {}%", points(*from), points(*to));
    table("Corrected gaps", &GAPS, name, one_gap)
}

fn table<T: Copy>(
    title: &'static str,
    truths: &[T],
    name: fn(&T) -> String,
    sweep: fn(Design, T, Judge, f64) -> Sweep,
) -> Table {
    let designs = designs(&[100, 300], &[1, 5], &[0.0, 0.6]);
    let mut rows = Vec::new();
    for (design_name, design) in designs {
        for labels in LABELS.into_iter().filter(|labels| *labels <= design.transcripts()) {
            let judges = [GOOD, POOR].into_iter();
            let settings = judges.flat_map(|judge| truths.iter().map(move |truth| (judge, truth)));
            let sweeps = settings.map(|(judge, truth)| sweep(design, *truth, judge, labels));
            rows.push((format!("{design_name} | {labels}"), sweeps.collect()));
        }
    }
    let columns = |judge: &'static str| truths.iter().map(move |t| format!("{judge}: {}", name(t)));
    Table {
        title,
        stub: "prompts | repeats | correlation | labels",
        columns: columns("good").chain(columns("poor")).collect(),
        rows,
        show: coverage_where_shown,
    }
}

fn one_rate(design: Design, truth: f64, judge: Judge, labels: f64) -> Sweep {
    let cell = Audit::new(design, truth, judge, labels);
    Box::new(move |dice| {
        let prompts: Vec<Audited> = (0..design.prompts).map(|_| cell.draw(dice)).collect();
        let found = corrected_rate(&prompts).filter(|found| found.caution.is_none());
        found.map_or(Outcome::Withheld, |found| Outcome::shown(found.interval, truth))
    })
}

fn one_gap(design: Design, (from, to): (f64, f64), judge: Judge, labels: f64) -> Sweep {
    let cells = [from, to].map(|rate| Audit::new(design, rate, judge, labels));
    Box::new(move |dice| {
        let pair = || cells.each_ref().map(|cell| cell.draw(dice)).into();
        let pairs = std::iter::repeat_with(pair).take(design.count());
        let (one, other): (Vec<Audited>, Vec<Audited>) = pairs.unzip();
        let found = corrected_difference(&[one], &[other]).filter(|found| found.caution.is_none());
        found.map_or(Outcome::Withheld, |found| Outcome::shown(found.interval, to - from))
    })
}

/// One cell that was judged, and of which people labelled a random part.
struct Audit {
    people: Chances<Tally>,
    judge: Judge,
    /// The chance that a transcript is labelled.
    labelled: f64,
}

impl Audit {
    fn new(design: Design, rate: f64, judge: Judge, labels: f64) -> Self {
        let labelled = labels / design.transcripts();
        Self { people: design.tallies(rate, 0.0), judge, labelled }
    }

    fn draw(&self, dice: &mut ChaCha8Rng) -> Audited {
        let Tally { yes, of } = self.people.draw(dice);
        let mut audited = Audited { judged: Tally { yes: 0, of }, asked: of, ..Audited::default() };
        for repeat in 0..of {
            let people = repeat < yes;
            let Judge { sensitivity, specificity } = self.judge;
            let judge = chance(dice, if people { sensitivity } else { 1.0 - specificity });
            audited.judged.yes += u32::from(judge);
            if chance(dice, self.labelled) {
                audited.gold = audited.gold.plus(confusion(people, judge));
            }
        }
        audited
    }
}

fn confusion(people: bool, judge: bool) -> Confusion {
    let mut confusion = Confusion::default();
    match (people, judge) {
        (true, true) => confusion.both_yes = 1,
        (false, true) => confusion.false_yes = 1,
        (true, false) => confusion.false_no = 1,
        (false, false) => confusion.both_no = 1,
    }
    confusion
}

fn chance(dice: &mut ChaCha8Rng, share: f64) -> bool {
    f64::from(dice.next_u32()) < share * (f64::from(u32::MAX) + 1.0)
}
