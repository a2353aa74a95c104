//! Counts of people and judge to what is said of them, and to corrected rates.

use iago_statistics::{
    Audited, Confusion, Corrected, CorrectedDifference, corrected_difference, corrected_rate,
    hypergeometric_exact, sensitivity, specificity,
};
use iago_sweep::{Plan, Sampled};

use crate::asked::Asked;
use crate::estimates::describe_rate;
use crate::gold::{AuditCounts, AuditedMeasure};
use crate::labels::Labels;
use crate::reads::Reads;
use crate::report::{Audit, AuditedCell, Correction};

/// The p-value from which labels that are called random are not. A sweep has hundreds of cells with labels, and
/// honest draws are not to be refused; a draw that looked at what the judge said is far below it.
const RANDOM_FROM: f64 = 0.001;
/// The share of labelled transcripts that may be ties. They are left out as if that were chance; yet people are
/// split over what is hard, where judges err too.
const TIED_MAX: f64 = 0.1;

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
        let refused = || self.refuse_mean(measure);
        self.find(measure)
            .map(|audited| self.correct(audited, &audited.cells[cell]))
            .or_else(refused)
    }

    /// The corrected difference of a measure; `None` where no labels bear on it.
    pub(crate) fn correct_difference(
        &self,
        measure: usize,
        from: &[usize],
        to: &[usize],
    ) -> Option<Correction> {
        let Some(audited) = self.find(measure) else { return self.refuse_mean(measure) };
        let asked = |cells: &[usize]| -> Vec<&AuditCounts> {
            let cells = cells.iter().filter(|&&cell| self.asked.measure(cell, measure));
            cells.map(|&cell| &audited.cells[cell]).collect()
        };
        let (from, to) = (asked(from), asked(to));
        if let Some(why) = from.iter().chain(&to).find_map(|counts| self.refuse(audited, counts)) {
            return Some(Correction::Refused { why });
        }
        // Labels of one cell say nothing of the judge in another that is pooled with it.
        let fewest = from.iter().chain(&to).map(|counts| sum(counts).labels()).min().unwrap_or(0);
        let needed = self.needed(audited);
        if fewest < needed {
            return Some(Correction::TooFew { labels: fewest, needed });
        }
        let prompts = |cells: &[&AuditCounts]| -> Vec<Vec<Audited>> {
            cells.iter().map(|counts| counts.prompts.clone()).collect()
        };
        Some(match corrected_difference(&prompts(&from), &prompts(&to)) {
            None => Correction::TooFew { labels: fewest, needed: needed.max(1) },
            Some(CorrectedDifference { caution: Some(caution), .. }) => {
                Correction::Refused { why: caution.to_string() }
            }
            Some(CorrectedDifference { value, interval, from_labels, to_labels, .. }) => {
                let labels = from_labels + to_labels;
                Correction::Known { value, interval: interval.into(), labels }
            }
        })
    }

    /// What is said of a mean on which labels bear.
    fn refuse_mean(&self, measure: usize) -> Option<Correction> {
        let is_labelled = self.sets.iter().any(|set| self.reads[measure].hang_on(set.stage));
        (is_labelled && self.plan.measures[measure].is_mean()).then(|| Correction::Refused {
            why: "means are not corrected for the judge's errors".to_owned(),
        })
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
            refused: self.refuse_everywhere(audited),
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
        let is_refused = self.refuse(audited, counts).is_some();
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
        if let Some(why) = self.refuse(audited, counts) {
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
                Correction::Known { value, interval: interval.into(), labels }
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

    /// Why labels do not correct a measure in a cell.
    fn refuse(&self, audited: &AuditedMeasure, counts: &AuditCounts) -> Option<String> {
        self.refuse_everywhere(audited)
            .or_else(|| refuse_ties(counts))
            .or_else(|| refuse_draw(counts))
    }

    /// Why labels correct a measure nowhere.
    fn refuse_everywhere(&self, audited: &AuditedMeasure) -> Option<String> {
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

fn refuse_ties(counts: &AuditCounts) -> Option<String> {
    let (tied, (_, drawn)) = (counts.tied, counts.drawn);
    (tied as f64 > TIED_MAX * drawn as f64).then(|| {
        format!(
            "people are split over {tied} of {drawn} labelled transcripts, more than a tenth: to leave those out would \
             bias the rate; a further rater settles them"
        )
    })
}

/// A sample that is called random shows whether it is: the judge says yes in it as often as in all.
fn refuse_draw(counts: &AuditCounts) -> Option<String> {
    let ((yes, drawn), (all_yes, all)) = (counts.drawn, counts.asked);
    (hypergeometric_exact(counts.drawn, counts.asked) < RANDOM_FROM).then(|| {
        format!(
            "not drawn at random: the judge says yes to {yes} of {drawn} labelled transcripts, and to {all_yes} of all \
             {all}; chance would do that in fewer than 1 of 1,000 draws"
        )
    })
}

/// What was counted over all prompts.
struct Totals {
    yes: u64,
    of: u64,
    gold: Confusion,
}

fn sum(counts: &AuditCounts) -> Totals {
    let nothing = Totals { yes: 0, of: 0, gold: Confusion::default() };
    counts.prompts.iter().fold(nothing, |sum, prompt| Totals {
        yes: sum.yes + u64::from(prompt.judged.yes),
        of: sum.of + u64::from(prompt.judged.of),
        gold: sum.gold.plus(prompt.gold),
    })
}

impl Totals {
    fn labels(&self) -> u64 {
        self.gold.total()
    }
}
