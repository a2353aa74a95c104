//! Counts of people and judge to what is said of them, and to corrected rates.

use iago_statistics::{
    Audited, Confusion, Corrected, CorrectedDifference, Interval, Pair, corrected_difference,
    corrected_rate, sensitivity, specificity,
};
use iago_sweep::{Plan, Sampled};

use crate::asked::Asked;
use crate::gold::{AuditCounts, AuditedMeasure};
use crate::labels::Labels;
use crate::reads::Reads;
use crate::report::{Audit, AuditedCell, Correction, Rate};

/// What labels there are, and on what they bear.
pub(crate) struct Gold<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) reads: &'a [Reads],
    pub(crate) asked: &'a Asked,
    pub(crate) sets: Vec<Labels>,
    pub(crate) measures: Vec<AuditedMeasure>,
}

impl Gold<'_> {
    /// The corrected rate of a measure in a cell where it is asked; `None` where no labels bear on it.
    pub(crate) fn correct_rate(&self, measure: usize, cell: usize) -> Option<Correction> {
        let audited = self.find(measure)?;
        Some(self.correct(audited, &audited.cells[cell]))
    }

    /// The corrected difference of a measure; `None` where no labels bear on it.
    pub(crate) fn correct_difference(
        &self,
        measure: usize,
        from: &[usize],
        to: &[usize],
    ) -> Option<Correction> {
        let audited = self.find(measure)?;
        if let Some(why) = self.refuse(audited) {
            return Some(Correction::Refused { why });
        }
        // Labels of one cell say nothing of the judge in another that is pooled with it.
        let asked = |cells: &[usize]| -> Vec<&AuditCounts> {
            let cells = cells.iter().filter(|&&cell| self.asked.measure(cell, measure));
            cells.map(|&cell| &audited.cells[cell]).collect()
        };
        let (from, to) = (asked(from), asked(to));
        let fewest = from.iter().chain(&to).map(|counts| sum(counts).labels()).min().unwrap_or(0);
        let needed = self.needed(audited);
        if fewest < needed {
            return Some(Correction::TooFew { labels: fewest, needed });
        }
        let pool = |cells: &[&AuditCounts]| {
            cells.iter().fold(None, |pooled: Option<AuditCounts>, counts| {
                Some(pooled.map_or_else(|| (*counts).clone(), |pooled| pooled.plus(counts)))
            })
        };
        let (from, to) = (pool(&from)?, pool(&to)?);
        Some(correct_both(&from, &to, needed))
    }

    /// One for each set of labels and each rate that reads its stage. `cells` are in the order of the report.
    pub(crate) fn describe(
        &self,
        cells: &[usize],
        label: impl Fn(usize) -> Vec<String>,
    ) -> Vec<Audit> {
        let of_set = |set: usize| self.measures.iter().filter(move |of| of.sets.contains(&set));
        let pairs = (0..self.sets.len()).flat_map(|set| of_set(set).map(move |of| (set, of)));
        pairs.map(|(set, audited)| self.describe_one(set, audited, cells, &label)).collect()
    }

    fn describe_one(
        &self,
        set: usize,
        audited: &AuditedMeasure,
        cells: &[usize],
        label: &impl Fn(usize) -> Vec<String>,
    ) -> Audit {
        let labels = &self.sets[set];
        let asked = cells.iter().filter(|&&cell| self.asked.measure(cell, audited.measure));
        Audit {
            stage: self.plan.stages[labels.stage].name.clone(),
            measure: self.plan.measures[audited.measure].name.clone(),
            sampled: labels.sampled.to_string(),
            raters: labels.raters,
            kappa: labels.kappa,
            refused: self.refuse(audited),
            unmatched: labels.strangers + labels.len() - audited.matched[set],
            tied: audited.tied[set],
            cells: asked
                .map(|&cell| self.describe_cell(audited, &audited.cells[cell], label(cell)))
                .collect(),
        }
    }

    fn describe_cell(
        &self,
        audited: &AuditedMeasure,
        counts: &AuditCounts,
        labels: Vec<String>,
    ) -> AuditedCell {
        let totals = sum(counts);
        let Confusion { both_yes, false_yes, false_no, both_no } = totals.gold;
        let confusions: Vec<Confusion> = counts.prompts.iter().map(|prompt| prompt.gold).collect();
        // Of labels that may correct nothing, the judge's errors are those of how they were drawn.
        let is_refused = self.refuse(audited).is_some();
        let least = self.min_per_class(audited);
        let rate =
            |right: u32, wrong: u32, find: fn(&[Confusion]) -> Option<iago_statistics::Rate>| {
                let is_enough = !is_refused && u64::from(right) + u64::from(wrong) >= least;
                if is_enough { find(&confusions).map(describe_rate) } else { None }
            };
        AuditedCell {
            labels,
            both_yes: both_yes.into(),
            false_yes: false_yes.into(),
            false_no: false_no.into(),
            both_no: both_no.into(),
            sensitivity: rate(both_yes, false_no, sensitivity),
            specificity: rate(both_no, false_yes, specificity),
            raw: (totals.of > 0).then(|| totals.yes as f64 / totals.of as f64),
            correction: self.correct(audited, counts),
        }
    }

    fn find(&self, measure: usize) -> Option<&AuditedMeasure> {
        self.measures.iter().find(|audited| audited.measure == measure)
    }

    fn correct(&self, audited: &AuditedMeasure, counts: &AuditCounts) -> Correction {
        if let Some(why) = self.refuse(audited) {
            return Correction::Refused { why };
        }
        let (labels, needed) = (sum(counts).labels(), self.needed(audited));
        if labels < needed {
            return Correction::TooFew { labels, needed };
        }
        match corrected_rate(&counts.prompts) {
            None => Correction::TooFew { labels, needed: needed.max(1) },
            Some(Corrected { caution: Some(caution), .. }) => {
                Correction::Refused { why: caution.to_string() }
            }
            Some(Corrected { value, interval, .. }) => {
                let whole = Interval { low: 0.0, high: 1.0 };
                shift(value, interval, sum(counts).excess(), whole, labels)
            }
        }
    }

    fn min_per_class(&self, audited: &AuditedMeasure) -> u64 {
        audited.sets.iter().map(|&set| self.sets[set].min_per_class).max().unwrap_or(0)
    }

    /// As many labels as two classes of the least size have.
    fn needed(&self, audited: &AuditedMeasure) -> u64 {
        2 * self.min_per_class(audited)
    }

    /// Why labels correct a measure nowhere.
    fn refuse(&self, audited: &AuditedMeasure) -> Option<String> {
        let plan = self.plan;
        let sets = || audited.sets.iter().map(|&set| &self.sets[set]);
        if let Some(set) = sets().find(|set| set.sampled != Sampled::Random) {
            let drawn = match set.sampled {
                Sampled::WhereJudgesDisagreed => "where judges disagreed",
                Sampled::ByHand | Sampled::Random => "by hand",
            };
            return Some(format!("drawn {drawn}: only labels drawn at random correct a rate"));
        }
        let reads = &self.reads[audited.measure];
        if let Some(set) = sets().find(|set| reads.are_decided_by(set.stage)) {
            let stage = &plan.stages[set.stage].name;
            return Some(format!(
                "`{stage}` also decides which transcripts count, and that is not corrected"
            ));
        }
        (audited.unreadable > 0).then(|| {
            format!(
                "{} transcripts cannot be read with people's label in the place of the judge's",
                audited.unreadable
            )
        })
    }
}

fn correct_both(from: &AuditCounts, to: &AuditCounts, needed: u64) -> Correction {
    let (less, more) = (sum(from), sum(to));
    let labels = less.labels() + more.labels();
    let pairs = from.prompts.iter().zip(&to.prompts);
    let pairs: Vec<Pair<Audited>> = pairs
        .map(|(&from, &to)| Pair { from, to })
        .filter(|pair| pair.from.judged.of > 0 || pair.to.judged.of > 0)
        .collect();
    match corrected_difference(&pairs) {
        None => {
            Correction::TooFew { labels: less.labels().min(more.labels()), needed: needed.max(1) }
        }
        Some(CorrectedDifference { caution: Some(caution), .. }) => {
            Correction::Refused { why: caution.to_string() }
        }
        Some(CorrectedDifference { value, interval, .. }) => {
            let whole = Interval { low: -1.0, high: 1.0 };
            shift(value, interval, more.excess() - less.excess(), whole, labels)
        }
    }
}

/// Takes back what the correction did to transcripts that need none. The interval keeps its width, which was made for a
/// larger share of labelled ones: it is not too narrow.
fn shift(value: f64, interval: Interval, excess: f64, whole: Interval, labels: u64) -> Correction {
    let Interval { low, high } = interval;
    let moved = Interval { low: low - excess, high: high - excess }.clamp(whole.low, whole.high);
    let value = (value - excess).clamp(whole.low, whole.high);
    Correction::Known { value, interval: moved.into(), labels }
}

/// What was counted over all prompts.
struct Totals {
    yes: u64,
    of: u64,
    unasked: u64,
    gold: Confusion,
}

fn sum(counts: &AuditCounts) -> Totals {
    let nothing = Totals { yes: 0, of: 0, unasked: counts.unasked, gold: Confusion::default() };
    counts.prompts.iter().fold(nothing, |sum, prompt| Totals {
        yes: sum.yes + u64::from(prompt.judged.yes),
        of: sum.of + u64::from(prompt.judged.of),
        gold: sum.gold.plus(prompt.gold),
        ..sum
    })
}

impl Totals {
    fn labels(&self) -> u64 {
        self.gold.total().into()
    }

    /// By how much the judge's error, spread over all transcripts, is more than it is over those that a judge was asked
    /// about.
    fn excess(&self) -> f64 {
        let Confusion { false_yes, false_no, .. } = self.gold;
        if self.labels() == 0 || self.of == 0 {
            return 0.0;
        }
        let error = (f64::from(false_no) - f64::from(false_yes)) / self.labels() as f64;
        error * self.unasked as f64 / self.of as f64
    }
}

fn describe_rate(rate: iago_statistics::Rate) -> Rate {
    Rate {
        yes: rate.yes,
        of: rate.of,
        prompts: rate.prompts,
        value: rate.value,
        standard_error: iago_statistics::binomial_standard_error(rate.yes, rate.of).unwrap_or(0.0),
        interval: rate.caution.is_none().then(|| rate.interval.into()),
        caution: rate.caution.map(|caution| caution.to_string()),
        missing: 0,
        bounds: None,
    }
}
