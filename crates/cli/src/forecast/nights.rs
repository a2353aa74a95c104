//! How large a night has to be, as people read it.

use crate::forecast::gates::{Held, Sizes};
use crate::output::width;
use crate::table::Table;
use crate::watch::{counted, grouped};
use crate::wrap::wrap;

/// Gates that are shown one by one; --json has all.
const ROWS_MAX: usize = 12;

/// What the critical gates of a plan take.
pub(super) fn in_words(sizes: &Sizes) -> String {
    let headings = [
        "CRITICAL GATE",
        "CELL",
        "MARGIN",
        "PROMPTS",
        "PASSES UNCHANGED",
        "FINDS TWICE THE MARGIN",
        "TAKES",
    ];
    let mut table = Table::new(&headings);
    let rows = sizes.gates.iter().take(ROWS_MAX);
    rows.for_each(|held| table.row(&row(held, sizes)));
    let more = match sizes.gates.len().checked_sub(ROWS_MAX) {
        Some(more) if more > 0 => format!("and {more} more; --json has all\n"),
        Some(_) | None => String::new(),
    };
    let lines = [as_planned(sizes), as_recommended(sizes), rests_on(sizes)];
    let lines = lines
        .iter()
        .filter(|line| !line.is_empty())
        .flat_map(|line| wrap(line, width()))
        .map(|line| format!("{line}\n"));
    format!("\n{}{more}{}", table.shown(width()), lines.collect::<String>())
}

fn row(held: &Held, sizes: &Sizes) -> Vec<String> {
    let cell = match held.condition.as_str() {
        "only" => held.model.clone(),
        condition => format!("{} {condition}", held.model),
    };
    let margin = match held.margin {
        Some(margin) if held.is_mean => format!("{margin:.3}"),
        Some(margin) => format!("{:.1} points", 100.0 * margin),
        None => "a share".to_owned(),
    };
    let start = [held.measure.clone(), cell, margin, grouped(held.prompts.into())];
    let rest = match &held.sizes {
        Some([planned, takes]) => {
            let takes = match (sizes.recommended.has_enough_prompts(), takes.prompts) {
                (true, _) => counted(sizes.recommended.repeats.tonight.into(), "repeat"),
                (false, Some(prompts)) => counted(prompts.into(), "prompt"),
                (false, None) => "a wider margin, or less missing".to_owned(),
            };
            [percent(planned.pass), percent(planned.regression), takes]
        }
        None => ["?".to_owned(), "?".to_owned(), "a first run, to see its spread".to_owned()],
    };
    start.into_iter().chain(rest).collect()
}

/// What this file's night can tell.
fn as_planned(sizes: &Sizes) -> String {
    let repeats = sizes.planned.repeats;
    let night = format!(
        "as planned, {} against a baseline of {}",
        counted(repeats.tonight.into(), "repeat"),
        repeats.baseline
    );
    match (sizes.all_pass(), sizes.regression()) {
        (Some(pass), Some(regression)) => format!(
            "{night}: all critical gates pass in at least {} of nights in which nothing changed, and a \
             loss of twice the margin is a regression in {}",
            percent(pass),
            percent(regression)
        ),
        _ => format!("{night}: what the night can tell is not known before a first run"),
    }
}

/// What it takes to keep both promises.
fn as_recommended(sizes: &Sizes) -> String {
    let repeats = sizes.recommended.repeats;
    let with =
        format!("{} against {}", counted(repeats.tonight.into(), "repeat"), repeats.baseline);
    if sizes.recommended.gates.is_empty() {
        return String::new();
    }
    if sizes.is_enough() {
        return format!("that is enough for 90% and 95%: {with} would do");
    }
    if sizes.recommended.has_enough_prompts() {
        return format!("to make it 90% and 95%, take {with} in the baseline, with these prompts");
    }
    format!(
        "to make it 90% and 95%, no number of repeats is enough with these prompts: at {with} in the \
         baseline, take as many prompts as the table says, or wider margins"
    )
}

/// What is taken for granted.
fn rests_on(sizes: &Sizes) -> String {
    let taken = "a rate is taken for one half, where it varies most, with repeats of a prompt that agree half \
                 the way and no answer missing";
    match &sizes.by {
        None => format!("no run of it is stored: {taken}"),
        Some(by) if sizes.gates.iter().all(|held| held.is_seen) => {
            format!("by {by}; of the interval of each rate, what varies most")
        }
        Some(by) => format!("by {by}; where that shows nothing, {taken}"),
    }
}

/// Rounded down: 94.96% is not 95%.
fn percent(share: f64) -> String {
    format!("{:.0}%", (100.0 * share).floor())
}
