//! A Markdown table of settings: designs down, truths across.

use iago_statistics::clopper_pearson;

use crate::sampler::Design;
use crate::simulate::{Counts, SWEEPS, Sweep, simulate};

/// A table before it is filled.
pub(crate) struct Table {
    pub(crate) title: &'static str,
    /// Names of what is in the first columns.
    pub(crate) stub: &'static str,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<(String, Vec<Sweep>)>,
    pub(crate) show: fn(Counts) -> String,
}

impl Table {
    /// Simulates every setting. `number` makes the seeds of this table its own.
    pub(crate) fn fill(self, number: u64) -> String {
        let (names, rows): (Vec<String>, Vec<Vec<Sweep>>) = self.rows.into_iter().unzip();
        let settings: Vec<Sweep> = rows.into_iter().flatten().collect();
        let counts = simulate(number, &settings);
        let columns = self.columns.len();
        let stubs = self.stub.matches('|').count() + 1;
        let rule = vec!["--:"; stubs + columns].join(" | ");
        let head = format!("| {} | {} |\n| {rule} |", self.stub, self.columns.join(" | "));
        let lines = names.iter().zip(counts.chunks(columns)).map(|(name, counts)| {
            let cells: Vec<String> = counts.iter().map(|counts| (self.show)(*counts)).collect();
            format!("| {name} | {} |", cells.join(" | "))
        });
        let lines: Vec<String> = lines.collect();
        format!("### {}\n\n{head}\n{}\n", self.title, lines.join("\n"))
    }
}

/// Coverage and mean width; bold with a mark where less than 95% has been shown.
pub(crate) fn coverage(counts: Counts) -> String {
    let text = format!("{:.1}", share(SWEEPS - counts.wrong, SWEEPS));
    let width = 100.0 * counts.width / counts.shown as f64;
    format!("{} ({})", mark(&text, counts.right().high < 0.95), significant(width))
}

/// Coverage among the sweeps that show an interval, and how many those are; marked as coverage is.
pub(crate) fn coverage_where_shown(counts: Counts) -> String {
    let Counts { shown, wrong, .. } = counts;
    if shown == 0 {
        return "- (0)".to_owned();
    }
    let text = format!("{:.1}", share(shown - wrong, shown));
    let short = clopper_pearson(shown - wrong, shown, 0.999_99).high < 0.95;
    format!("{} ({:.0})", mark(&text, short), share(shown, SWEEPS))
}

/// How often a true null is rejected; bold with a mark where more than 5% has been shown.
pub(crate) fn size(counts: Counts) -> String {
    let text = format!("{:.1}", share(counts.rejected, SWEEPS));
    mark(&text, counts.rejects().low > 0.05)
}

/// How often what could be detected is found; bold with a mark where less than 80% has been shown.
pub(crate) fn power(counts: Counts) -> String {
    let text = format!("{:.1}", share(counts.rejected, SWEEPS));
    mark(&text, counts.rejects().high < 0.8)
}

/// The designs of the rows, by name; at one repeat there is nothing to correlate.
pub(crate) fn designs(
    prompts: &[u32],
    repeats: &[u32],
    correlations: &[f64],
) -> Vec<(String, Design)> {
    let mut designs = Vec::new();
    for &prompts in prompts {
        for &repeats in repeats {
            let correlations = if repeats == 1 { &[0.0] } else { correlations };
            for &correlation in correlations {
                let shown = if repeats == 1 { "-".to_owned() } else { format!("{correlation:.1}") };
                let name = format!("{prompts} | {repeats} | {shown}");
                designs.push((name, Design { prompts, repeats, correlation }));
            }
        }
    }
    designs
}

/// The whole range: 20 to 1,000 prompts, the last at the ends of what repeats and correlation can be.
pub(crate) fn grid(repeats: &[u32]) -> Vec<(String, Design)> {
    let mut rows = designs(&[20, 50, 100, 300], repeats, &[0.0, 0.3, 0.6]);
    rows.extend(designs(&[1000], &[1, 10], &[0.0, 0.6]));
    rows
}

/// A share in percent, without the rounding that computers add.
pub(crate) fn points(share: f64) -> f64 {
    (share * 1e5).round() / 1e3
}

fn share(some: u64, all: u64) -> f64 {
    100.0 * some as f64 / all as f64
}

fn mark(text: &str, short: bool) -> String {
    if short { format!("**{text}!**") } else { text.to_owned() }
}

fn significant(points: f64) -> String {
    if points < 9.95 { format!("{points:.1}") } else { format!("{points:.0}") }
}
