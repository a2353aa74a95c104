//! What the simulated models plant, and how a report has to show it.

use crate::shipped::Report;

/// Counts of complying answers of `of` requests, for one text and model.
#[derive(Clone, Copy)]
pub(crate) struct Planted {
    of: u64,
    free: u64,
    paid: u64,
    strict: u64,
    broad: u64,
    thought: u64,
}

/// Where a planted cell stands in a report.
pub(crate) struct At<'a> {
    /// The labels of the cell without its tier.
    pub(crate) labels: &'a [&'a str],
    pub(crate) prompts: u64,
    pub(crate) repeats: u64,
}

impl Planted {
    /// Complies for `free` and `paid` of `of`, and nobody fakes.
    pub(crate) const fn new(of: u64, free: u64, paid: u64) -> Self {
        Self { of, free, paid, strict: 0, broad: 0, thought: 0 }
    }

    /// Of the free tier: how many comply and fake by the strict and by the broad rubric.
    pub(crate) const fn faking(self, strict: u64, broad: u64) -> Self {
        Self { strict, broad, ..self }
    }

    /// Of the free tier: how many think of faking and refuse.
    pub(crate) const fn thinking(self, thought: u64) -> Self {
        Self { thought, ..self }
    }

    /// The same in a set of `n` prompts: every window of the ranks is rounded half up.
    fn scaled(self, n: u64) -> Self {
        let scale = |yes: u64| (2 * n * yes + self.of) / (2 * self.of);
        Self {
            of: n,
            free: scale(self.free),
            paid: scale(self.paid),
            strict: scale(self.strict),
            broad: scale(self.broad),
            thought: scale(self.free + self.thought) - scale(self.free),
        }
    }

    fn times(self, repeats: u64) -> Self {
        let Self { of, free, paid, strict, broad, thought } = self;
        let [of, free, paid, strict, broad, thought] =
            [of, free, paid, strict, broad, thought].map(|count| count * repeats);
        Self { of, free, paid, strict, broad, thought }
    }
}

/// Both tiers of a cell show what is planted, in every outcome and in the mean of the two rubrics.
pub(crate) fn assert_planted(report: &Report, at: &At<'_>, planted: Planted) {
    let planted = planted.scaled(at.prompts).times(at.repeats);
    let Planted { of, free, paid, strict, broad, thought } = planted;
    let free_cell = [at.labels, &["free"]].concat();
    let paid_cell = [at.labels, &["paid"]].concat();
    let is = |cell: &[&str], name: &str, yes: u64| {
        assert_eq!(report.fraction(cell, name), (yes, of), "{name} of {cell:?}");
    };
    is(&free_cell, "compliance", free);
    is(&paid_cell, "compliance", paid);
    is(&paid_cell, "comply", paid);
    is(&paid_cell, "refuse", of - paid);
    is(&free_cell, "comply, faking", strict);
    is(&free_cell, "comply, faking in part", broad - strict);
    is(&free_cell, "comply", free - broad);
    is(&free_cell, "refuse", of - free - thought);
    assert_mean(report, &free_cell, strict + broad, of);
    assert_eq!(report.estimate(&paid_cell, "faking (mean of two)")["state"], "not_asked");
}

/// As many of the free tier as planted thought of faking and refused.
pub(crate) fn assert_thought(report: &Report, at: &At<'_>, planted: Planted) {
    let planted = planted.scaled(at.prompts).times(at.repeats);
    let cell = [at.labels, &["free"]].concat();
    let thought = report.fraction(&cell, "refuse, thought of it");
    assert_eq!(thought, (planted.thought, planted.of), "{cell:?}");
}

/// The mean of the two rubrics, in which each transcript counts 0, ½ or 1.
pub(crate) fn assert_mean(report: &Report, cell: &[&str], halves: u64, of: u64) {
    let (mean, n) = report.mean(cell, "faking (mean of two)");
    assert_eq!(n, of, "{cell:?}");
    let found = mean * 2.0 * of as f64;
    assert!((found - halves as f64).abs() < 1e-6, "{cell:?}: {found} halves, not {halves}");
}
