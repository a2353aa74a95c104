//! A forecast and a projection, as people read them.

use iago_sweep::{Money, Plan};

use crate::forecast::cost::{Forecast, PoolForecast, PoolKind, dollars};
use crate::forecast::effects::Effect;
use crate::forecast::hours::{Hours, Load};
use crate::forecast::pilot::{CellSeen, PoolProjection, Projection};
use crate::output::width;
use crate::table::Table;
use crate::watch::grouped;

/// Stages and cells that are shown one by one.
const CELLS_MAX: usize = 24;

/// How the table is to be read.
const AT_MOST: &str = "\
calls, tokens and dollars at most: every answer as long as its limit allows, and all
that can be graded is; a token is taken for 4 characters of what is sent
";

/// What a plan takes at most.
pub(super) fn at_most(plan: &Plan, jobs: u64, costs: &Forecast) -> String {
    let (transcripts, jobs) = (grouped(plan.transcripts()), grouped(jobs));
    let headline = format!("{}: {transcripts} transcripts, at most {jobs} jobs\n\n", plan.name);
    let mut table = Table::new(&["POOL", "JOBS", "CALLS", "INPUT", "OUTPUT", "DOLLARS", "HOURS"]);
    costs.pools.iter().for_each(|pool| table.row(&row(pool)));
    let total = costs.dollars().map(|total| format!("in all at most {}\n", dollars(total)));
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
        pool.dollars.map_or("no price known".to_owned(), dollars),
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
    let (seen, all) = projection.prompts;
    let headline = format!(
        "\nby {of}: {} of {} prompts; the whole would take, ± what 95% needs\n",
        grouped(seen),
        grouped(all)
    );
    let mut table =
        Table::new(&["POOL", "JOBS", "CALLS", "INPUT", "OUTPUT", "DOLLARS", "HOURS", "BY"]);
    for pool in &projection.pools {
        table.row(&projected_row(pool));
    }
    let total = total(projection);
    let total = format!("in all {total}\n");
    [headline, table.shown(width()), total, cells(&projection.cells)].concat()
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
    with_error(pool.expected.picodollars, error, |value| {
        dollars(Money(rounded(value).cast_signed()))
    })
}

/// Pools are paid for by the same calls: their errors add up at most.
fn total(projection: &Projection) -> String {
    let once = || projection.pools.iter().filter(|pool| pool.kind != PoolKind::Shared);
    if once().any(|pool| pool.unpriced) {
        return "nobody knows what it costs: a price is missing".to_owned();
    }
    let sum = once().map(|pool| pool.expected.picodollars).sum();
    let error = once().map(|pool| pool.error.map(|error| error.picodollars)).sum();
    with_error(sum, error, |value| dollars(Money(rounded(value).cast_signed())))
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

/// What a job took, by stage and cell.
fn cells(cells: &[CellSeen]) -> String {
    let mut table = Table::new(&[
        "STAGE",
        "MODEL",
        "CONDITION",
        "JOBS",
        "INPUT A JOB",
        "OUTPUT A JOB",
        "CALLS A JOB",
        "REFUSED",
    ]);
    for cell in cells.iter().take(CELLS_MAX) {
        #[expect(clippy::cast_precision_loss, reason = "a count for people")]
        let jobs = cell.jobs.max(1) as f64;
        table.row(&[
            cell.stage.clone(),
            cell.model.clone(),
            cell.condition.clone(),
            grouped(cell.jobs),
            grouped(rounded(cell.took.input / jobs)),
            grouped(rounded(cell.took.output / jobs)),
            format!("{:.2}", cell.took.calls / jobs),
            grouped(cell.refusals),
        ]);
    }
    let more = match cells.len().checked_sub(CELLS_MAX) {
        Some(more) if more > 0 => format!("and {more} more; --json of `iago plan` has all\n"),
        Some(_) | None => String::new(),
    };
    format!("\n{}{more}", table.shown(width()))
}
