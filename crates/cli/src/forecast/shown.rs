//! A forecast and a projection, as people read them.

use iago_sweep::{Money, Plan};

use crate::forecast::cost::{Forecast, PoolForecast, PoolKind};
use crate::forecast::effects::Effect;
use crate::forecast::hours::{Hours, Load};
use crate::forecast::pilot::{CellSeen, PoolProjection, Projection};
use crate::output::width;
use crate::table::Table;
use crate::watch::grouped;

/// Stages and cells that are shown one by one. Where there are more, the conditions of a model are taken
/// together, so that a table leaves room for what stands above it.
const CELLS_MAX: usize = 12;

/// How the table is to be read.
const AT_MOST: &str = "\
calls, tokens and dollars at most: every answer as long as its limit allows, and all that
can be graded is; INPUT and HOURS take 4 bytes of what is sent for a token, and DOLLARS,
as a run holds them back, 2 bytes, and room for one more answer in the input of each call
";

/// What a plan takes at most.
pub(super) fn at_most(plan: &Plan, jobs: u64, costs: &Forecast) -> String {
    let (transcripts, jobs) = (grouped(plan.transcripts()), grouped(jobs));
    let headline = format!("{}: {transcripts} transcripts, at most {jobs} jobs\n\n", plan.name);
    let mut table = Table::new(&["POOL", "JOBS", "CALLS", "INPUT", "OUTPUT", "DOLLARS", "HOURS"]);
    costs.pools.iter().for_each(|pool| table.row(&row(pool)));
    let total = costs.dollars().map(|total| format!("in all at most {total}\n"));
    let total = total.unwrap_or_default();
    [headline, table.shown(width()), AT_MOST.to_owned(), total, rests_on(costs)].concat()
}

fn row(pool: &PoolForecast) -> Vec<String> {
    vec![
        pool.name.clone(),
        grouped(pool.jobs),
        grouped(pool.calls),
        grouped(pool.input),
        grouped(pool.output),
        pool.dollars.map_or("no price known".to_owned(), |dollars| dollars.to_string()),
        shown_hours(pool.hours.as_ref()),
    ]
}

fn shown_hours(hours: Option<&Hours>) -> String {
    hours.map_or_else(String::new, |hours| format!("{:.1}", hours.hours))
}

/// On what hours and dollars of each pool rest.
fn rests_on(costs: &Forecast) -> String {
    let mut table = Table::new(&["POOL", "HOURS REST ON", "DOLLARS REST ON"]);
    for pool in costs.pools.iter().filter(|pool| pool.kind != PoolKind::Local) {
        let by = pool.hours.as_ref().map_or_else(String::new, |hours| hours.by.clone());
        let priced = pool.priced_by.iter().cloned().collect::<Vec<_>>().join("; ");
        table.row(&[pool.name.clone(), by, priced]);
    }
    format!("\n{}", table.shown(width()))
}

/// What could be detected.
pub(super) fn effects(effects: &[Effect]) -> String {
    if effects.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&["CONTRAST", "ESTIMATES", "PROMPTS, FEWEST", "COULD DETECT"]);
    for effect in effects {
        table.row(&[
            effect.contrast.clone(),
            grouped(effect.estimates),
            grouped(effect.prompts),
            effect.words(),
        ]);
    }
    let table = table.shown(width());
    format!(
        "\n{table}with 80% power at 5%, before any correction; repeats of a prompt are taken to agree half the way\n"
    )
}

/// What a whole sweep would take by what was seen of it; `of` says what that was.
pub(crate) fn projection(projection: &Projection, of: &str) -> String {
    let Projection { prompts: (seen, all), answered, failed, .. } = projection;
    let (seen, all, failed) = (grouped(*seen), grouped(*all), grouped(*failed));
    let cells = cells(&projection.cells);
    if *answered == 0 {
        return format!(
            "\nby {of}: {seen} of {all} prompts, and none of {failed} jobs was answered, so nothing can be \
             projected\n{cells}"
        );
    }
    let headline =
        format!("\nby {of}: {seen} of {all} prompts; the whole would take, ± what 95% needs\n");
    let mut table =
        Table::new(&["POOL", "JOBS", "CALLS", "INPUT", "OUTPUT", "DOLLARS", "HOURS", "BY"]);
    for pool in &projection.pools {
        table.row(&projected_row(pool));
    }
    let total = format!("in all {}\n", total(projection));
    let without = match projection.failed {
        0 => String::new(),
        _ => format!("{failed} jobs failed: what their answers would have taken is not in it\n"),
    };
    [headline, table.shown(width()), total, without, cells].concat()
}

fn projected_row(pool: &PoolProjection) -> Vec<String> {
    let count = |of: fn(&Load) -> f64| {
        with_error(of(&pool.expected), pool.error.as_ref().map(of), |value| grouped(rounded(value)))
    };
    vec![
        pool.name.clone(),
        count(|load| load.jobs),
        count(|load| load.calls),
        count(|load| load.input),
        count(|load| load.output),
        money(pool),
        shown_hours(pool.hours.as_ref()),
        pool.hours.as_ref().map_or_else(String::new, |hours| hours.by.clone()),
    ]
}

fn money(pool: &PoolProjection) -> String {
    if pool.unpriced {
        return "no price known".to_owned();
    }
    let error = pool.error.as_ref().map(|error| error.picodollars);
    with_error(pool.expected.picodollars, error, dollars)
}

/// Pools are paid for by the same calls: their errors add up at most.
fn total(projection: &Projection) -> String {
    let once = || projection.pools.iter().filter(|pool| pool.kind != PoolKind::Shared);
    if once().any(|pool| pool.unpriced) {
        return "nobody knows what it costs: a price is missing".to_owned();
    }
    let sum = once().map(|pool| pool.expected.picodollars).sum();
    let error = once().map(|pool| pool.error.map(|error| error.picodollars)).sum();
    with_error(sum, error, dollars)
}

fn dollars(picodollars: f64) -> String {
    Money(rounded(picodollars).cast_signed()).to_string()
}

fn with_error(value: f64, error: Option<f64>, shown: impl Fn(f64) -> String) -> String {
    match error {
        Some(error) if error > 0.0 => format!("{} ± {}", shown(value), shown(error)),
        Some(_) => shown(value),
        None => format!("{} ± ?", shown(value)),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "amounts are positive, and the cast saturates"
)]
fn rounded(value: f64) -> u64 {
    value.round() as u64
}

/// What a job took, by stage and cell; whoever calls nobody took nothing.
fn cells(cells: &[CellSeen]) -> String {
    let called = |cell: &&CellSeen| cell.took.calls > 0.0 || cell.failed > 0;
    let cells: Vec<&CellSeen> = cells.iter().filter(called).collect();
    if cells.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[
        "STAGE",
        "MODEL",
        "CONDITION",
        "JOBS",
        "FAILED",
        "REFUSED",
        "INPUT A JOB",
        "OUTPUT A JOB",
        "CALLS A JOB",
    ]);
    let rows = if cells.len() > CELLS_MAX {
        by_model(&cells)
    } else {
        cells.into_iter().cloned().collect()
    };
    rows.iter().take(CELLS_MAX).for_each(|cell| table.row(&cell_row(cell)));
    let more = match rows.len().checked_sub(CELLS_MAX) {
        Some(more) if more > 0 => format!("and {more} more; --json has all\n"),
        Some(_) | None => String::new(),
    };
    format!("\n{}{more}", table.shown(width()))
}

/// All conditions of a model in one, stage by stage.
fn by_model(cells: &[&CellSeen]) -> Vec<CellSeen> {
    let mut models: Vec<(CellSeen, usize)> = Vec::new();
    for cell in cells {
        let same =
            |(of, _): &&mut (CellSeen, usize)| of.stage == cell.stage && of.model == cell.model;
        match models.iter_mut().find(same) {
            Some((of, conditions)) => {
                of.with(cell);
                *conditions += 1;
            }
            None => models.push(((*cell).clone(), 1)),
        }
    }
    let named = models.into_iter().map(|(of, conditions)| match conditions {
        1 => of,
        _ => CellSeen { condition: format!("all {conditions}"), ..of },
    });
    named.collect()
}

fn cell_row(cell: &CellSeen) -> Vec<String> {
    #[expect(clippy::cast_precision_loss, reason = "a count for people")]
    let answered = cell.jobs.saturating_sub(cell.failed).max(1) as f64;
    #[expect(clippy::cast_precision_loss, reason = "a count for people")]
    let jobs = cell.jobs.max(1) as f64;
    vec![
        cell.stage.clone(),
        cell.model.clone(),
        cell.condition.clone(),
        grouped(cell.jobs),
        grouped(cell.failed),
        grouped(cell.refusals),
        grouped(rounded(cell.took.input / answered)),
        grouped(rounded(cell.took.output / answered)),
        format!("{:.2}", cell.took.calls / jobs),
    ]
}
