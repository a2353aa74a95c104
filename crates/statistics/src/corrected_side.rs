//! The corrected rate of some cells together, before it is given an interval.

use crate::corrected::Audited;
use crate::judge_error::Confusion;

/// Weight of each of the two pseudo-prompts that join the judge's part, as a fraction of a prompt.
const PSEUDO_WEIGHT: f64 = 0.5;

/// One side: cells weighted by their transcripts.
pub(crate) struct Side<'a> {
    cells: Vec<Cell<'a>>,
    of: f64,
}

impl<'a> Side<'a> {
    /// `None` when nothing was labelled in a cell, or there is none.
    pub(crate) fn over(cells: &'a [impl AsRef<[Audited]>]) -> Option<Self> {
        let cells = cells.iter().map(|cell| Cell::over(cell.as_ref()));
        let cells: Vec<Cell<'a>> = cells.collect::<Option<_>>()?;
        let of = cells.iter().map(|cell| cell.of).sum();
        (!cells.is_empty()).then_some(Self { cells, of })
    }

    /// Whether the prompt has a transcript.
    pub(crate) fn has(&self, prompt: usize) -> bool {
        self.cells.iter().any(|cell| cell.at(prompt).judged.of > 0)
    }

    pub(crate) fn value(&self) -> f64 {
        self.average(Cell::value)
    }

    /// The value with the pseudo-labels, which pull the correction towards none.
    pub(crate) fn centre(&self) -> f64 {
        self.average(Cell::centre)
    }

    /// How far one prompt moves the centre: in each cell, and by what it weighs there.
    pub(crate) fn influence(&self, prompt: usize) -> f64 {
        let centre = self.centre();
        let weight = |cell: &Cell<'_>| f64::from(cell.at(prompt).judged.of) / self.of;
        let weighs = self.cells.iter().map(|cell| (cell.centre() - centre) * weight(cell));
        self.average(|cell| cell.influence(cell.at(prompt))) + weighs.sum::<f64>()
    }

    /// A pseudo-prompt says the same in every cell, and each cell has pseudo-labels of its own.
    pub(crate) fn pseudo_variance(&self) -> f64 {
        let (yes, no) = (self.average(Cell::pseudo_yes), self.average(Cell::pseudo_no));
        let labels = |cell: &Cell<'_>| self.weight(cell).powi(2) * cell.pseudo_labels();
        PSEUDO_WEIGHT * (yes * yes + no * no) + self.cells.iter().map(labels).sum::<f64>()
    }

    /// No more than in any of its cells (the least that Welch 1947 gives a sum).
    pub(crate) fn freedom(&self) -> f64 {
        let freedoms = self.cells.iter().map(|cell| cell.labelled_prompts - 1.0);
        freedoms.fold(f64::INFINITY, f64::min).max(1.0)
    }

    pub(crate) fn labels(&self) -> u64 {
        self.cells.iter().map(|cell| cell.label_count).sum()
    }

    fn weight(&self, cell: &Cell<'_>) -> f64 {
        cell.of / self.of
    }

    fn average(&self, read: impl Fn(&Cell<'a>) -> f64) -> f64 {
        self.cells.iter().map(|cell| self.weight(cell) * read(cell)).sum()
    }
}

/// The totals of one cell.
struct Cell<'a> {
    prompts: &'a [Audited],
    /// Transcripts that the judge says yes to, and all of them.
    yes: f64,
    of: f64,
    /// The share of them that a labelled judge was asked about.
    asked: f64,
    /// Transcripts of a typical prompt.
    repeats: f64,
    /// People's yes minus the judge's, over the labels.
    errors: f64,
    labels: f64,
    label_count: u64,
    /// Prompts with labels, and the labels of the prompt of a typical label.
    labelled_prompts: f64,
    labels_together: f64,
}

impl<'a> Cell<'a> {
    /// `None` when nothing was labelled.
    fn over(prompts: &'a [Audited]) -> Option<Self> {
        let sum = |read: fn(&Audited) -> f64| prompts.iter().map(read).sum::<f64>();
        let of = sum(|prompt| f64::from(prompt.judged.of));
        let labels = sum(|prompt| prompt.gold.total() as f64);
        let squares = sum(|prompt| (prompt.gold.total() as f64).powi(2));
        (labels > 0.0 && of > 0.0).then(|| Self {
            prompts,
            yes: sum(|prompt| f64::from(prompt.judged.yes)),
            of,
            asked: sum(|prompt| f64::from(prompt.asked)) / of,
            repeats: of / sum(|prompt| f64::from(u8::from(prompt.judged.of > 0))),
            errors: sum(|prompt| errors(prompt.gold)),
            labels,
            label_count: prompts.iter().map(|prompt| prompt.gold.total()).sum(),
            labelled_prompts: sum(|prompt| f64::from(u8::from(prompt.gold.total() > 0))),
            labels_together: squares / labels,
        })
    }

    /// Nothing, for a prompt that the cell does not have.
    fn at(&self, prompt: usize) -> Audited {
        self.prompts.get(prompt).copied().unwrap_or_default()
    }

    fn value(&self) -> f64 {
        self.yes / self.of + self.asked * self.errors / self.labels
    }

    fn centre(&self) -> f64 {
        self.yes / self.of + self.asked * self.correction()
    }

    fn correction(&self) -> f64 {
        self.errors / (self.labels + 2.0)
    }

    /// The judge's rate with the pseudo-prompts.
    fn smoothed(&self) -> f64 {
        (self.yes + PSEUDO_WEIGHT * self.repeats) / self.transcripts()
    }

    fn transcripts(&self) -> f64 {
        self.of + 2.0 * PSEUDO_WEIGHT * self.repeats
    }

    fn influence(&self, Audited { judged, asked, gold }: Audited) -> f64 {
        let of = f64::from(judged.of);
        let judged = f64::from(judged.yes) - self.smoothed() * of;
        let labelled = errors(gold) - self.correction() * gold.total() as f64;
        let asked = f64::from(asked) - self.asked * of;
        judged / self.transcripts()
            + self.asked * labelled / (self.labels + 2.0)
            + self.correction() * asked / self.of
    }

    fn pseudo_yes(&self) -> f64 {
        (1.0 - self.smoothed()) * self.repeats / self.transcripts()
    }

    fn pseudo_no(&self) -> f64 {
        self.smoothed() * self.repeats / self.transcripts()
    }

    fn pseudo_labels(&self) -> f64 {
        let squares = 2.0 * (1.0 + self.correction().powi(2)) * self.labels_together;
        squares * (self.asked / (self.labels + 2.0)).powi(2)
    }
}

/// People's yes minus the judge's.
fn errors(gold: Confusion) -> f64 {
    f64::from(gold.false_no) - f64::from(gold.false_yes)
}
