//! One row for each (model, condition).

use super::footnotes::Footnotes;
use super::line::{Line, Tone, wrap};
use super::table::Table;
use crate::look::{Look, choose_looks};
use crate::report::{Cell, Estimate, Kind, Rate, Report, Simulated};
use crate::shown::{Number, points, thousands};

/// Columns of a bar.
const BAR_MIN: usize = 12;
const BAR_MAX: usize = 40;

pub(crate) fn describe(report: &Report, width: usize) -> Vec<Line> {
    let looks = choose_looks(&report.definitions.outcomes);
    let headline = report.headline();
    let cautions =
        headline.map(|measure| report.cells.iter().map(move |c| &c.measures[measure].estimate));
    let cautions = gather_cautions(cautions.into_iter().flatten());
    let table = tabulate(report, &looks, &cautions);
    let by = report.axes.join(", ");
    let mut heading = format!("{}outcomes by {by}; % of n", report.mark(report.simulated.any()));
    if table.shows_picture(width) {
        let legend: Vec<String> =
            looks.iter().map(|look| format!("{} {}", look.glyph, look.short)).collect();
        heading = format!("{heading}; bars {}", legend.join("  "));
    }
    let mut lines = vec![Line::blank()];
    lines.extend(wrap(Tone::Heading, &heading, 2, width));
    lines.extend(table.lay_out(width));
    lines.extend(cautions.describe(width));
    lines
}

/// The labels of cells, a column for each axis.
pub(crate) fn label<'a>(mut table: Table<'a>, cells: &[&Cell], axes: usize) -> Table<'a> {
    for axis in 0..axes {
        table = table.label(cells.iter().map(|cell| cell.labels[axis].clone()).collect());
    }
    table
}

fn tabulate<'a>(report: &'a Report, looks: &'a [Look], cautions: &Footnotes) -> Table<'a> {
    let cells: Vec<&Cell> = report.cells.iter().collect();
    let column = |show: fn(&Cell) -> u64| cells.iter().map(|cell| thousands(show(cell))).collect();
    let mut table = label(Table::new(cells.len()), &cells, report.axes.len())
        .right("n", column(|cell| cell.n))
        .right("drops", column(Cell::dropped));
    if cells.iter().any(|cell| cell.unknown > 0) {
        table = table.right("unknown", column(|cell| cell.unknown));
    }
    for look in looks {
        let shares = cells.iter().map(|cell| share(&cell.outcomes[look.outcome].estimate));
        table = table.right(&look.short, shares.collect());
    }
    if let Some(headline) = report.headline() {
        let estimates: Vec<&Estimate> =
            cells.iter().map(|cell| &cell.measures[headline].estimate).collect();
        let measure = &report.definitions.measures[headline];
        let shown = values(measure.kind, &estimates, cautions);
        table = table.left(&format!("{}, 95%", measure.name), shown);
        table = add_as_printed(table, &estimates);
    }
    if report.simulated.any() && !report.simulated.all() {
        table = table
            .left("simulated", cells.iter().map(|cell| cell.simulated.word().to_owned()).collect());
    }
    let draw = move |row: Option<usize>, width| {
        row.map_or_else(String::new, |row| bar(&report.cells[row], looks, width))
    };
    if looks.is_empty() { table } else { table.picture(BAR_MIN, BAR_MAX, draw) }
}

/// Rates with one standard error, in a wide terminal.
pub(crate) fn add_as_printed<'a>(table: Table<'a>, estimates: &[&Estimate]) -> Table<'a> {
    if estimates.iter().all(|estimate| estimate.known().is_none()) {
        return table;
    }
    let rates = estimates.iter().map(|estimate| estimate.known());
    let shown = rates.map(|rate| rate.map_or_else(String::new, Rate::describe_as_printed));
    table.extra("as papers print it", shown.collect())
}

/// Why intervals are withheld.
pub(crate) fn gather_cautions<'a>(estimates: impl Iterator<Item = &'a Estimate>) -> Footnotes {
    Footnotes::gather(estimates.filter_map(Estimate::caution))
}

/// Values with their intervals, lined up.
pub(crate) fn values(kind: Kind, estimates: &[&Estimate], cautions: &Footnotes) -> Vec<String> {
    let mark = |caution: &str| format!("no interval {}", cautions.mark(caution));
    let numbers: Vec<Option<Number>> = estimates.iter().map(|estimate| estimate.number()).collect();
    let intervals = numbers.iter().flatten().filter_map(|number| number.interval);
    let width = kind.range_width(&intervals.collect::<Vec<_>>());
    let values = kind
        .line_up(&numbers.iter().map(|number| Some(number.as_ref()?.value)).collect::<Vec<_>>());
    let rows = estimates.iter().zip(&numbers).zip(values);
    let show = |((estimate, number), value): ((&&Estimate, &Option<Number>), String)| match number {
        Some(number) => format!("{value} {}", number.describe_interval(width, mark)),
        None => share(estimate),
    };
    rows.map(show).collect()
}

fn share(estimate: &Estimate) -> String {
    match estimate {
        Estimate::NotAsked => "not asked".to_owned(),
        Estimate::Empty { .. } => "no data".to_owned(),
        Estimate::Known(rate) => points(rate.value),
        Estimate::Mean(mean) => Kind::Mean.show(mean.value),
    }
}

/// The outcomes side by side; whatever was seen at all has at least one column.
fn bar(cell: &Cell, looks: &[Look], width: usize) -> String {
    let counted =
        |look: &Look| cell.outcomes[look.outcome].estimate.known().map_or(0, |rate| rate.yes);
    let counts: Vec<u64> = looks.iter().map(counted).collect();
    let widths = divide(width, &counts);
    looks.iter().zip(widths).map(|(look, width)| String::from(look.glyph).repeat(width)).collect()
}

/// Divides columns in proportion to counts, by largest remainders, with at least one for any count above zero.
fn divide(width: usize, counts: &[u64]) -> Vec<usize> {
    let total: u64 = counts.iter().sum();
    if total == 0 {
        return vec![0; counts.len()];
    }
    let exact = |count: u64| u128::from(count) * width as u128;
    let floor = |count: u64| usize::try_from(exact(count) / u128::from(total)).unwrap_or(width);
    let mut widths: Vec<usize> =
        counts.iter().map(|&count| floor(count).max(usize::from(count > 0))).collect();
    let mut by_remainder: Vec<usize> =
        (0..counts.len()).filter(|&place| counts[place] > 0).collect();
    by_remainder.sort_by_key(|&place| std::cmp::Reverse(exact(counts[place]) % u128::from(total)));
    let short = width.saturating_sub(widths.iter().sum());
    by_remainder.iter().cycle().take(short).for_each(|&place| widths[place] += 1);
    while widths.iter().sum::<usize>() > width {
        match widths.iter_mut().max() {
            Some(widest) if *widest > 1 => *widest -= 1,
            Some(_) | None => break,
        }
    }
    widths
}

impl Simulated {
    /// For a row of a table that mixes planted and other results.
    pub(crate) fn word(self) -> &'static str {
        match (self.any(), self.all()) {
            (false, _) => "no",
            (true, false) => "in part",
            (true, true) => "yes",
        }
    }

    /// For the first line; nothing where nothing is planted.
    pub(crate) fn announce(self) -> Option<String> {
        match (self.any(), self.all()) {
            (false, _) => None,
            (true, true) => Some("SIMULATED".to_owned()),
            (true, false) => Some(format!(
                "SIMULATED in part: {} of {} results",
                thousands(self.results),
                thousands(self.of)
            )),
        }
    }

    /// For the last line; nothing where nothing is planted.
    pub(crate) fn warn(self) -> Option<String> {
        let mark = self.announce()?;
        Some(if self.all() {
            format!("{mark}: planted behaviour, not a finding about any model")
        } else {
            format!("{mark} are planted")
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_seen_once_is_seen_in_the_bar() {
        assert_eq!(divide(20, &[430, 8, 62]), [17, 1, 2]);
        assert_eq!(divide(20, &[500, 0, 0]), [20, 0, 0]);
        assert_eq!(divide(20, &[0, 0]), [0, 0]);
    }

    proptest! {
        #[test]
        fn a_bar_is_as_long_as_asked(counts in prop::collection::vec(0u64..1000, 1..8), width in 8usize..40) {
            prop_assume!(counts.iter().any(|count| *count > 0));
            let widths = divide(width, &counts);
            prop_assert_eq!(widths.iter().sum::<usize>(), width);
            for (count, width) in counts.iter().zip(widths) {
                prop_assert_eq!(*count > 0, width > 0);
            }
        }
    }
}
