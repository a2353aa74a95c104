//! One table for each contrast.

use super::line::{Line, Tone, wrap};
use super::table::Table;
use crate::report::{Contrast, ContrastEstimate, Gap, GapEstimate, Kind, Report, Side};
use crate::shown::{UNBOUNDED, fraction, p_value, thousands};

/// Columns of an interval plot.
const PLOT_MIN: usize = 13;
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
    lines.extend(tabulate(contrast).lay_out(width));
    let notes = contrast.estimates.iter().filter_map(|estimate| {
        Some(format!("{}: {}", estimate.name(), estimate.gap.describe_gaps(contrast.kind)?))
    });
    let notes = notes.chain(contrast.describe_sparse());
    lines.extend(notes.flat_map(|note| wrap(Tone::Plain, &note, 2, width)));
    lines
}

fn tabulate(contrast: &Contrast) -> Table<'_> {
    let gaps: Vec<&Gap> = contrast.estimates.iter().map(|estimate| &estimate.gap).collect();
    let known = || gaps.iter().filter_map(|gap| gap.known());
    let each = |show: &dyn Fn(&GapEstimate) -> String| -> Vec<String> {
        gaps.iter().map(|gap| gap.known().map_or_else(String::new, show)).collect()
    };
    let mut table = label(Table::new(gaps.len()), contrast);
    for (head, counts) in contrast.sides() {
        table = table.right(&head, counts);
    }
    let kind = contrast.kind;
    let width = kind.range_width(known().filter_map(|gap| gap.interval.as_ref()));
    let values: Vec<Option<f64>> = gaps.iter().map(|gap| Some(gap.known()?.value)).collect();
    let values =
        kind.line_up(&values).into_iter().zip(each(&|gap| gap.describe_interval(kind, width)));
    let values = values.map(|(value, interval)| format!("{value} {interval}"));
    table = table.left(&format!("{}, 95%", kind.unit()), values.collect());
    let scale = Scale::of(contrast);
    table = table.picture(PLOT_MIN, PLOT_MAX, move |row, width| match row {
        None => scale.describe(kind, width),
        Some(row) => contrast.estimates[row]
            .gap
            .known()
            .map_or_else(String::new, |gap| scale.plot(gap, width)),
    });
    if known().any(|gap| gap.p_adjusted.is_some()) {
        let head = if contrast.family_size > 1 { "p adj" } else { "p" };
        table = table.right(head, each(&|gap| gap.p_adjusted.map_or_else(String::new, p_value)));
    }
    table = table.right("could detect", each(&|gap| gap.describe_detectable(kind)));
    if contrast.prompts().is_none() {
        table = table.right("prompts", each(&|gap| gap.prompts.to_string()));
    }
    table
}

fn label<'a>(mut table: Table<'a>, contrast: &Contrast) -> Table<'a> {
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
            Self::NotAsked | Self::Unpaired { .. } => None,
        }
    }

    /// What the reader of the difference should know of the answers that are not in it.
    pub(crate) fn describe_gaps(&self, kind: Kind) -> Option<String> {
        match self {
            Self::NotAsked => None,
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
    /// The interval; or why there is none, which is never that the difference is certain.
    pub(crate) fn describe_interval(&self, kind: Kind, width: usize) -> String {
        match (&self.interval, self.prompts) {
            (Some(interval), _) => kind.range(interval, width),
            (None, 0 | 1) => "(one prompt: no interval)".to_owned(),
            (None, _) => "(all alike: no interval)".to_owned(),
        }
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
        let missing = (self.missing > 0).then(|| format!("{} missing", self.missing));
        let bounds = match &self.bounds {
            Some(bounds) => Some(format!("worst cases {}", kind.range(bounds, 0))),
            None => (self.missing > 0).then(|| UNBOUNDED.to_owned()),
        };
        let pooled = (kind.show(self.pooled) != kind.show(self.value))
            .then(|| format!("pooled {}, unpaired", kind.show(self.pooled)));
        let parts: Vec<String> = missing.into_iter().chain(bounds).chain(pooled).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
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
    /// The combinations that the grid leaves out, if it leaves out any.
    pub(crate) fn describe_sparse(&self) -> Option<String> {
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
        parts.extend(interim.then(|| "INTERIM, no p".to_owned()));
        parts.join("; ")
    }

    /// How many prompts are paired, if all estimates have as many.
    pub(crate) fn prompts(&self) -> Option<u64> {
        let mut prompts = self
            .estimates
            .iter()
            .filter_map(|estimate| estimate.gap.known())
            .map(|gap| gap.prompts);
        let first = prompts.next()?;
        prompts.all(|other| other == first).then_some(first)
    }

    /// The counts of both sides of each estimate, one column for a difference and two for one of differences.
    pub(crate) fn sides(&self) -> Vec<(String, Vec<String>)> {
        let minuend = self.estimates.iter().map(|estimate| match &estimate.gap {
            Gap::NotAsked => None,
            Gap::Unpaired { from, to } => Some((*from, *to)),
            Gap::Known(gap) => Some((gap.from, gap.to)),
        });
        let minuend = subtract(&minuend.collect::<Vec<_>>());
        let head = format!("{} - {}", self.to, self.from);
        let Some(minus) = &self.minus else { return vec![(head, minuend)] };
        let subtrahend = self.estimates.iter().map(|estimate| estimate.gap.known()?.subtrahend);
        let subtrahend = subtract(&subtrahend.collect::<Vec<_>>());
        vec![
            (format!("{}: {head}", minus.to), minuend),
            (format!("{}: {head}", minus.from), subtrahend),
        ]
    }
}

/// `to - from` as counts, lined up.
fn subtract(sides: &[Option<(Side, Side)>]) -> Vec<String> {
    let width = |side: fn(&(Side, Side)) -> Side| {
        sides.iter().flatten().map(|pair| side(pair).describe().len()).max().unwrap_or(0)
    };
    let (from_width, to_width) = (width(|pair| pair.0), width(|pair| pair.1));
    let show = |pair: &Option<(Side, Side)>| match pair {
        None => "not asked".to_owned(),
        Some((from, to)) => {
            format!("{:>to_width$} - {:>from_width$}", to.describe(), from.describe())
        }
    };
    sides.iter().map(show).collect()
}

impl Side {
    /// `12/80` of a rate, `412 (n 80)` of a mean.
    fn describe(self) -> String {
        match self {
            Self::Count(count) => fraction(count),
            Self::Mean(side) => {
                let mean = side.mean.map_or_else(|| "-".to_owned(), |mean| Kind::Mean.show(mean));
                format!("{mean} (n {})", thousands(side.of))
            }
        }
    }
}

/// The axis that all intervals of a contrast share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Scale {
    /// From the lowest to the highest end of any interval, with zero on it.
    pub(crate) fn of(contrast: &Contrast) -> Self {
        let gaps = contrast.estimates.iter().filter_map(|estimate| estimate.gap.known());
        let (low, high) = gaps.fold((0.0f64, 0.0f64), |(low, high), gap| {
            let (lowest, highest) = gap.reach();
            (low.min(lowest), high.max(highest))
        });
        // With no interval, or none of any width, there is still an axis.
        if high - low > 0.0 { Self { low, high } } else { Self { low: -0.01, high: 0.01 } }
    }

    /// Where a value lies on the axis, from 0 to 1.
    pub(crate) fn place(self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of at most one of a width"
    )]
    fn column(self, value: f64, width: usize) -> usize {
        (self.place(value) * (width.saturating_sub(1)) as f64).round() as usize
    }

    fn plot(self, gap: &GapEstimate, width: usize) -> String {
        let mut drawn = vec!['·'; width];
        let zero = self.column(0.0, width);
        if let Some(interval) = &gap.interval {
            let (low, high) = (self.column(interval.low, width), self.column(interval.high, width));
            drawn[low..=high].fill('─');
            (drawn[low], drawn[high]) = ('├', '┤');
        }
        drawn[zero] = if drawn[zero] == '·' { '|' } else { '┼' };
        drawn[self.column(gap.value, width)] = '●';
        drawn.into_iter().collect()
    }

    /// The ends of the axis, and where zero is.
    fn describe(self, kind: Kind, width: usize) -> String {
        let (low, high) = (kind.show(self.low), kind.show(self.high));
        let mut drawn: Vec<char> = vec![' '; width];
        let mut write = |at: usize, text: &str| {
            let free = text.len() + at <= width
                && drawn[at.saturating_sub(1)..at + text.len()].iter().all(|c| *c == ' ');
            if free {
                drawn.splice(at..at + text.len(), text.chars());
            }
        };
        write(0, &low);
        write(width.saturating_sub(high.len()), &high);
        write(self.column(0.0, width), "0");
        drawn.into_iter().collect()
    }
}
