//! One table for each contrast.

use super::line::{Line, Tone, wrap};
use super::table::Table;
use crate::report::{Contrast, ContrastEstimate, Count, Gap, GapEstimate, Report};
use crate::shown::{fraction, p_value, points, range, range_width};

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
        Some(format!("{}: {}", estimate.name(), estimate.gap.describe_gaps()?))
    });
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
    let width = range_width(known().map(|gap| &gap.interval));
    table = table.left(
        "points, 95%",
        each(&|gap| format!("{:>5} {}", points(gap.value), range(&gap.interval, width))),
    );
    let scale = Scale::of(contrast);
    table = table.picture(PLOT_MIN, PLOT_MAX, move |row, width| match row {
        None => scale.describe(width),
        Some(row) => contrast.estimates[row]
            .gap
            .known()
            .map_or_else(String::new, |gap| scale.plot(gap, width)),
    });
    if known().any(|gap| gap.p_adjusted.is_some()) {
        let head = if contrast.family_size > 1 { "p adj" } else { "p" };
        table = table.right(head, each(&|gap| gap.p_adjusted.map_or_else(String::new, p_value)));
    }
    table = table.right("could detect", each(&|gap| points(gap.detectable)));
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
    pub(crate) fn describe_gaps(&self) -> Option<String> {
        match self {
            Self::NotAsked => None,
            Self::Unpaired { .. } => Some("no prompt has an answer on both sides".to_owned()),
            Self::Known(gap) => gap.describe_gaps(),
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
    /// What is missing, what it could have changed, and the unpaired difference where that is another one at the
    /// precision shown; `None` if there is nothing to say.
    fn describe_gaps(&self) -> Option<String> {
        let missing = (self.missing > 0).then(|| format!("{} missing", self.missing));
        let bounds = self.bounds.map(|bounds| format!("worst cases {}", range(&bounds, 0)));
        let pooled = (points(self.pooled) != points(self.value))
            .then(|| format!("pooled {}, unpaired", points(self.pooled)));
        let parts: Vec<String> = missing.into_iter().chain(bounds).chain(pooled).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

impl Contrast {
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
fn subtract(sides: &[Option<(Count, Count)>]) -> Vec<String> {
    let width = |side: fn(&(Count, Count)) -> Count| {
        sides.iter().flatten().map(|pair| fraction(side(pair)).len()).max().unwrap_or(0)
    };
    let (from_width, to_width) = (width(|pair| pair.0), width(|pair| pair.1));
    let show = |pair: &Option<(Count, Count)>| match pair {
        None => "not asked".to_owned(),
        Some((from, to)) => {
            format!("{:>to_width$} - {:>from_width$}", fraction(*to), fraction(*from))
        }
    };
    sides.iter().map(show).collect()
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
            (low.min(gap.interval.low), high.max(gap.interval.high))
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
        let (low, high) =
            (self.column(gap.interval.low, width), self.column(gap.interval.high, width));
        drawn[low..=high].fill('─');
        (drawn[low], drawn[high]) = ('├', '┤');
        drawn[zero] = if drawn[zero] == '·' { '|' } else { '┼' };
        drawn[self.column(gap.value, width)] = '●';
        drawn.into_iter().collect()
    }

    /// The ends of the axis in points, and where zero is.
    fn describe(self, width: usize) -> String {
        let (low, high) = (points(self.low), points(self.high));
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
