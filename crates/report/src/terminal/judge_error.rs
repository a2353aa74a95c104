//! How far a judge is from people, cell by cell, and what its rates and their differences are without its errors.

use super::contrasts::label as label_contrast;
use super::footnotes::Footnotes;
use super::line::{Line, Tone, wrap};
use super::table::Table;
use crate::report::{Audit, AuditedCell, Contrast, Correction, Kind, Rate, Report};
use crate::shown::{figures, points, thousands};

pub(crate) fn describe(report: &Report, width: usize) -> Vec<Line> {
    let audits = report.audits.iter().enumerate();
    let describe = |(place, audit): (usize, &Audit)| {
        let mut lines = describe_audit(report, audit, width);
        // Gaps are corrected once, by all labels of their measure: below the last of them.
        if !report.audits[place + 1..].iter().any(|other| other.measure == audit.measure) {
            let of_measure = report.contrasts.iter().filter(|c| c.measure == audit.measure);
            lines.extend(of_measure.flat_map(|contrast| describe_gaps(report, contrast, width)));
        }
        lines
    };
    audits.flat_map(describe).collect()
}

fn describe_audit(report: &Report, audit: &Audit, width: usize) -> Vec<Line> {
    let mark = report.mark(audit.is_simulated(report));
    let heading = format!("{mark}judge error in {}: {}", audit.measure, audit.describe());
    let mut lines = vec![Line::blank()];
    lines.extend(wrap(Tone::Heading, &heading, 2, width));
    if let Some(why) = &audit.refused {
        let why = format!("corrects nothing: {why}");
        lines.extend(wrap(Tone::Alarm, &why, 2, width));
    }
    if audit.cells.is_empty() {
        return lines;
    }
    let whys = audit.cells.iter().filter_map(|cell| cell.correction.refused());
    let whys = whys.filter(|why| audit.refused.as_deref() != Some(why));
    let notes = Footnotes::gather(whys);
    lines.extend(tabulate(report, audit, &notes).lay_out(width));
    lines.extend(notes.describe(width));
    lines
}

fn tabulate(report: &Report, audit: &Audit, notes: &Footnotes) -> Table<'static> {
    let cells = &audit.cells;
    let mut table = Table::new(cells.len());
    for axis in 0..report.axes.len() {
        table = table.label(cells.iter().map(|cell| cell.labels[axis].clone()).collect());
    }
    let column =
        |show: fn(&AuditedCell) -> u64| cells.iter().map(|cell| thousands(show(cell))).collect();
    let shares = |found: fn(&AuditedCell) -> (Option<&Rate>, u64)| {
        let found: Vec<(Option<&Rate>, u64)> = cells.iter().map(found).collect();
        let width = found.iter().map(|(_, of)| thousands(*of).len()).max().unwrap_or(0);
        let show = |(rate, of): (Option<&Rate>, u64)| {
            let share = rate.map_or_else(|| "few".to_owned(), |rate| points(rate.value));
            format!("{share} ({:>width$})", thousands(of))
        };
        found.into_iter().map(show).collect::<Vec<_>>()
    };
    table
        .right("labels", column(AuditedCell::labelled))
        .right(
            "sens (n)",
            shares(|cell| (cell.sensitivity.as_ref(), cell.both_yes + cell.false_no)),
        )
        .right(
            "spec (n)",
            shares(|cell| (cell.specificity.as_ref(), cell.both_no + cell.false_yes)),
        )
        .left("raw → corrected, 95%", list_corrected(audit, notes))
        .extra("both yes", column(|cell| cell.both_yes))
        .extra("judge alone yes", column(|cell| cell.false_yes))
        .extra("people alone yes", column(|cell| cell.false_no))
        .extra("both no", column(|cell| cell.both_no))
}

fn list_corrected(audit: &Audit, notes: &Footnotes) -> Vec<String> {
    let found: Vec<_> = audit.cells.iter().map(|cell| (cell.raw, &cell.correction)).collect();
    let lack = |correction: &Correction| match correction {
        Correction::Known { .. } => String::new(),
        Correction::TooFew { needed, .. } => format!("needs {} labels", thousands(*needed)),
        Correction::Refused { why } if audit.refused.as_ref() == Some(why) => {
            "uncorrected".to_owned()
        }
        Correction::Refused { why } => format!("uncorrected {}", notes.mark(why)),
    };
    line_up(&found, lack)
}

/// `14.5 → 0.3 [-3.2, 4.1]`, or the raw value and why there is no other.
fn line_up(
    found: &[(Option<f64>, &Correction)],
    lack: impl Fn(&Correction) -> String,
) -> Vec<String> {
    let raw = |raw: &Option<f64>| raw.map_or_else(|| "no data".to_owned(), points);
    let raw_width = found.iter().map(|(value, _)| raw(value).len()).max().unwrap_or(0);
    let width = Kind::Rate.range_width(found.iter().filter_map(|(_, found)| found.interval()));
    let values = found.iter().filter_map(|(_, correction)| correction.value());
    let value_width = values.map(|value| points(value).len()).max().unwrap_or(0);
    let show = |(value, correction): &(Option<f64>, &Correction)| {
        let corrected = match (correction.value(), correction.interval()) {
            (Some(value), Some(interval)) => {
                format!("{:>value_width$} {}", points(value), Kind::Rate.range(interval, width))
            }
            _ => lack(correction),
        };
        format!("{:>raw_width$} → {corrected}", raw(value))
    };
    found.iter().map(show).collect()
}

/// The differences of a contrast with and without the judge's errors; nothing where no labels bear on it.
fn describe_gaps(report: &Report, contrast: &Contrast, width: usize) -> Vec<Line> {
    let estimates: Vec<_> = contrast
        .estimates
        .iter()
        .filter(|e| e.gap.known().is_some_and(|gap| gap.corrected.is_some()))
        .collect();
    if estimates.is_empty() {
        return Vec::new();
    }
    let found: Vec<(Option<f64>, &Correction)> = estimates
        .iter()
        .filter_map(|estimate| estimate.gap.known())
        .filter_map(|gap| Some((Some(gap.value), gap.corrected.as_ref()?)))
        .collect();
    let notes = Footnotes::gather(found.iter().filter_map(|(_, correction)| correction.refused()));
    let corrected = line_up(&found, |correction| match correction {
        Correction::Refused { why } => format!("uncorrected {}", notes.mark(why)),
        Correction::Known { .. } | Correction::TooFew { .. } => {
            correction.describe_lack().unwrap_or_default()
        }
    });
    let shown =
        Contrast { estimates: estimates.into_iter().cloned().collect(), ..contrast.clone() };
    let mark = report.mark(shown.estimates.iter().any(|estimate| estimate.simulated));
    let heading = format!("{mark}{}, without the judge's errors; points", contrast.name);
    let mut lines = vec![Line::blank()];
    lines.extend(wrap(Tone::Heading, &heading, 2, width));
    let table = label_contrast(Table::new(shown.estimates.len()), &shown);
    lines.extend(table.left("raw → corrected, 95%", corrected).lay_out(width));
    lines.extend(notes.describe(width));
    lines
}

impl Audit {
    /// Whose labels they are, how many, and how they were drawn.
    pub(crate) fn describe(&self) -> String {
        let labels: u64 = self.cells.iter().map(AuditedCell::labelled).sum();
        let people = match self.raters {
            1 => "1 rater".to_owned(),
            raters => format!("{} raters", thousands(raters)),
        };
        let mut parts = vec![
            format!("stage {} against {people}", self.stage),
            format!("{} labels drawn {}", thousands(labels), self.describe_sampled()),
        ];
        parts.extend(self.kappa.map(|kappa| format!("kappa {}", figures(kappa))));
        parts
            .extend((self.tied > 0).then(|| format!("{} tied and left out", thousands(self.tied))));
        parts.extend(
            (self.unmatched > 0)
                .then(|| format!("{} of transcripts not counted here", thousands(self.unmatched))),
        );
        parts.join("; ")
    }

    fn describe_sampled(&self) -> &str {
        match self.sampled.as_str() {
            "random" => "at random",
            "where-judges-disagreed" => "where judges disagreed",
            "by-hand" => "by hand",
            other => other,
        }
    }

    /// Whether any cell that it speaks of has a planted result.
    pub(crate) fn is_simulated(&self, report: &Report) -> bool {
        let is_audited = |labels: &[String]| self.cells.iter().any(|cell| cell.labels == labels);
        report.cells.iter().any(|cell| cell.simulated.any() && is_audited(&cell.labels))
    }
}

impl AuditedCell {
    /// Transcripts that people labelled.
    pub(crate) fn labelled(&self) -> u64 {
        self.both_yes + self.false_yes + self.false_no + self.both_no
    }
}
