//! One table for each contrast.

use super::footnotes::Footnotes;
use super::line::{Line, Tone, wrap};
use super::scale::Scale;
use super::table::Table;
use crate::report::{Contrast, ContrastEstimate, Gap, GapEstimate, Kind, Report, Side};
use crate::shown::{describe_interval, describe_unbounded, p_value, thousands};

/// Columns of an interval plot.
const PLOT_MIN: usize = 11;
const PLOT_MAX: usize = 41;

pub(crate) fn describe(report: &Report, contrast: &Contrast, width: usize) -> Vec<Line> {
    let mark = report.mark(contrast.estimates.iter().any(|estimate| estimate.simulated));
    let heading =
        format!("{mark}{}: {}", contrast.name, contrast.describe(report.interim.is_some()));
    let mut lines = vec![Line::blank()];
    lines.extend(wrap(Tone::Heading, &heading, 2, width));
    if contrast.estimates.is_empty() {
        lines.push(Line::new(Tone::Plain, "no model has cells on both sides"));
        return lines;
    }
    let cautions = Footnotes::gather(contrast.known().filter_map(|gap| gap.caution.as_deref()));
    lines.extend(tabulate(contrast, &cautions).lay_out(width));
    lines.extend(cautions.describe(width));
    let notes = contrast.list_notes();
    lines.extend(notes.iter().flat_map(|note| wrap(Tone::Plain, note, 2, width)));
    lines
}

fn tabulate<'a>(contrast: &'a Contrast, cautions: &Footnotes) -> Table<'a> {
    let kind = contrast.kind;
    let each = |show: &dyn Fn(&GapEstimate) -> String| -> Vec<String> {
        let gaps = contrast.estimates.iter().map(|estimate| estimate.gap.known());
        gaps.map(|gap| gap.map_or_else(String::new, show)).collect()
    };
    let mut table = label(Table::new(contrast.estimates.len()), contrast);
    for (head, counts) in contrast.sides() {
        table = table.right(&head, counts);
    }
    table = table.left(&format!("{}, 95%", kind.unit()), list_values(contrast, cautions));
    let scale = Scale::of(contrast);
    table = table.picture(PLOT_MIN, PLOT_MAX, move |row, width| match row {
        None => scale.describe(kind, width),
        Some(row) => contrast.estimates[row]
            .gap
            .known()
            .map_or_else(String::new, |gap| scale.plot(gap, width)),
    });
    if contrast.known().any(|gap| gap.p_adjusted.is_some()) {
        let head = if contrast.family_size > 1 { "p adj" } else { "p" };
        table = table.right(head, each(&|gap| gap.p_adjusted.map_or_else(String::new, p_value)));
    }
    table = table.right("could detect", each(&|gap| gap.describe_detectable(kind)));
    if contrast.prompts().is_none() {
        table = table.right("prompts", each(&|gap| gap.prompts.to_string()));
    }
    if contrast.known().any(|gap| gap.unpaired.is_some()) {
        let unpaired = each(&|gap| gap.unpaired.map_or_else(String::new, |gap| gap.describe()));
        table = table.extra("as papers print it", unpaired);
    }
    if contrast.known().any(|gap| gap.ratio.is_some()) {
        let ratios =
            each(&|gap| gap.ratio.map_or_else(|| "-".to_owned(), |ratio| ratio.describe()));
        table = table.extra("ratio, 95%", ratios);
    }
    table
}

/// The differences with their intervals, lined up.
fn list_values(contrast: &Contrast, cautions: &Footnotes) -> Vec<String> {
    let kind = contrast.kind;
    let width = kind.range_width(contrast.known().filter_map(|gap| gap.interval.as_ref()));
    let gaps = || contrast.estimates.iter().map(|estimate| estimate.gap.known());
    let values: Vec<Option<f64>> = gaps().map(|gap| Some(gap?.value)).collect();
    let mark = |caution: &str| format!("no interval {}", cautions.mark(caution));
    let show = |(value, gap): (String, Option<&GapEstimate>)| {
        let interval = gap.map(|gap| gap.describe_interval(kind, width, mark));
        interval.map_or_else(String::new, |interval| format!("{value} {interval}"))
    };
    kind.line_up(&values).into_iter().zip(gaps()).map(show).collect()
}

/// The labels of estimates, a column for each of `by`.
pub(crate) fn label<'a>(mut table: Table<'a>, contrast: &Contrast) -> Table<'a> {
    for axis in 0..contrast.by.len() {
        table = table.label(
            contrast.estimates.iter().map(|estimate| estimate.labels[axis].clone()).collect(),
        );
    }
    if contrast.by.is_empty() {
        table.label(vec!["all".to_owned(); contrast.estimates.len()])
    } else {
        table
    }
}

impl Gap {
    pub(crate) fn known(&self) -> Option<&GapEstimate> {
        match self {
            Self::Known(gap) => Some(gap),
            Self::NotAsked | Self::Unpaired { .. } | Self::Refused { .. } => None,
        }
    }

    /// What the reader of the difference should know of the answers that are not in it.
    fn describe_gaps(&self, kind: Kind) -> Option<String> {
        match self {
            Self::NotAsked => None,
            Self::Refused { why } => Some(why.clone()),
            Self::Unpaired { .. } => Some("no prompt has an answer on both sides".to_owned()),
            Self::Known(gap) => gap.describe_gaps(kind),
        }
    }
}

impl ContrastEstimate {
    /// Its labels in one.
    pub(crate) fn name(&self) -> String {
        if self.labels.is_empty() { "all".to_owned() } else { self.labels.join(" ") }
    }
}

impl GapEstimate {
    /// The interval; or why there is none, which is never that the difference is certain. `caution` says how a caution
    /// is told.
    pub(crate) fn describe_interval(
        &self,
        kind: Kind,
        width: usize,
        caution: impl Fn(&str) -> String,
    ) -> String {
        let why = self.caution.as_deref().map(caution);
        describe_interval(kind, self.interval.as_ref(), why, self.prompts, width)
    }

    /// From where to where its interval goes; without one it is a point.
    pub(crate) fn reach(&self) -> (f64, f64) {
        self.interval.map_or((self.value, self.value), |interval| (interval.low, interval.high))
    }

    pub(crate) fn describe_detectable(&self, kind: Kind) -> String {
        self.detectable.map_or_else(|| "-".to_owned(), |detectable| kind.show(detectable))
    }

    /// What is missing, what it could have changed, and the unpaired difference where that is another one at the
    /// precision shown; `None` if there is nothing to say.
    fn describe_gaps(&self, kind: Kind) -> Option<String> {
        let missing = (self.missing > 0).then(|| format!("{} missing", thousands(self.missing)));
        let bounds = match &self.bounds {
            Some(bounds) => Some(format!("worst cases {}", kind.range(bounds, 0))),
            None => (self.missing > 0).then(|| describe_unbounded(self.caution.is_some())),
        };
        let differs = kind.show(self.pooled) != kind.show(self.value);
        let pooled = differs.then(|| {
            format!(
                "paired {} over {} prompts, pooled {} over {} transcripts",
                kind.show(self.value),
                thousands(self.prompts),
                kind.show(self.pooled),
                self.describe_pooled_n()
            )
        });
        let parts: Vec<String> = missing.into_iter().chain(bounds).chain(pooled).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// The denominators of the pooled difference, in the order in which the counts are shown.
    fn describe_pooled_n(&self) -> String {
        let subtrahend = self.subtrahend.map(|(from, to)| [to, from]);
        let sides = [self.to, self.from].into_iter().chain(subtrahend.into_iter().flatten());
        let n: Vec<String> = sides.map(|side| thousands(side.n())).collect();
        n.join(" and ")
    }
}

impl Side {
    fn n(self) -> u64 {
        match self {
            Self::Count(count) => count.of,
            Self::Mean(mean) => mean.of,
        }
    }
}

impl Kind {
    /// What differences are told in.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Rate => "points",
            Self::Mean => "difference",
        }
    }
}

impl Contrast {
    /// The estimates that there are.
    pub(crate) fn known(&self) -> impl Iterator<Item = &GapEstimate> {
        self.estimates.iter().filter_map(|estimate| estimate.gap.known())
    }

    /// What the readers of the estimates should know beside them.
    pub(crate) fn list_notes(&self) -> Vec<String> {
        let notes = self.estimates.iter().filter_map(|estimate| {
            Some(format!("{}: {}", estimate.name(), estimate.gap.describe_gaps(self.kind)?))
        });
        notes.chain(self.describe_sparse()).collect()
    }

    /// The combinations that the grid leaves out, if it leaves out any.
    fn describe_sparse(&self) -> Option<String> {
        let names: Vec<String> = self.without_cells.iter().map(|labels| labels.join(" ")).collect();
        (!names.is_empty() && !self.by.is_empty()).then(|| {
            format!("no estimate, for the grid has no cell on one side: {}", names.join(", "))
        })
    }

    /// What is compared, and how.
    pub(crate) fn describe(&self, interim: bool) -> String {
        let less = |minus: &crate::report::Minus| format!(", {} less {}", minus.to, minus.from);
        let mut parts = vec![format!(
            "{}, {} - {}{}",
            self.measure,
            self.to,
            self.from,
            self.minus.as_ref().map_or_else(String::new, less)
        )];
        parts.extend(self.primary.then(|| "PRIMARY".to_owned()));
        parts.extend(self.post_hoc.then(|| "POST HOC".to_owned()));
        parts.push(match self.prompts() {
            Some(prompts) => format!("paired, {prompts} prompts"),
            None => "paired by prompt".to_owned(),
        });
        parts.extend(
            (self.family_size > 1 && !interim).then(|| format!("Holm over {}", self.family_size)),
        );
        parts.extend((self.looks > 1).then(|| {
            let uncorrected = if interim { "" } else { ", p not corrected for them" };
            format!("{} looks{uncorrected}", self.looks)
        }));
        parts.extend(interim.then(|| "INTERIM, no p".to_owned()));
        parts.join("; ")
    }

    /// How many prompts are paired, if all estimates have as many.
    pub(crate) fn prompts(&self) -> Option<u64> {
        let mut prompts = self.known().map(|gap| gap.prompts);
        let first = prompts.next()?;
        prompts.all(|other| other == first).then_some(first)
    }
}
