//! `iago plan`: what a sweep will take, what it can find, and what will be regretted, before
//! anything is spent.

pub(crate) mod census;
pub(crate) mod cost;
mod effects;
mod warnings;

use std::collections::BTreeMap;

use iago_coordinator::Sources;
use iago_sweep::Plan;
use serde_json::json;

use crate::args::PlanArgs;
use crate::exit::{Exit, Stop};
use crate::output::{data, talk, width};
use crate::plain::plain_json;
use crate::settings::endpoints::{EndpointSection, Settings};
use crate::submission::bad_sweep;
use crate::table::Table;
use crate::watch::grouped;
use crate::{endpoints, inspect, programs, sources};
use census::Census;
use cost::{Forecast, PoolForecast, forecast};
use effects::{Effect, effects};

/// Prompts of a first look.
const PILOT_PROMPTS: u32 = 10;

/// Forecasts a sweep.
pub(crate) fn run(args: &PlanArgs) -> Result<Exit, Stop> {
    let settings = Settings::load(args.config.as_deref())?;
    let sources = sources::read(&args.sweep, args.limit)?;
    let plan = iago_coordinator::compile(&sources).map_err(|error| bad_sweep(&error))?;
    let sections = endpoints::sections(&plan, &settings)?;
    programs::check(&plan, &settings)?;
    let grader = inspect::job::grader(&plan)?;
    let census = Census::take(&plan, &grader);
    let costs = forecast(&plan, &grader, &census, &sections)?;
    let effects = effects(&plan);
    let warnings = warnings::warnings(&plan, &census, &costs, &effects, &sections);
    if args.json {
        data(&in_json(&plan, &census, &costs, &effects, &warnings))?;
    } else {
        let pilot = match args.limit {
            None => pilot(&sources, &plan, &sections)?,
            Some(_) => String::new(),
        };
        data(&in_words(&plan, &census, &costs, &effects, &sections, &pilot))?;
        warnings.iter().for_each(|warning| talk(&format!("iago: warning: {warning}")));
    }
    Ok(Exit::Done)
}

fn in_words(
    plan: &Plan,
    census: &Census,
    costs: &Forecast,
    effects: &[Effect],
    sections: &BTreeMap<String, EndpointSection>,
    pilot: &str,
) -> String {
    let (transcripts, jobs) = (grouped(plan.transcripts()), grouped(census.total()));
    let headline = format!("{}: {transcripts} transcripts, at most {jobs} jobs\n\n", plan.name);
    let mut table = Table::new(&["POOL", "JOBS", "CALLS", "INPUT", "OUTPUT", "DOLLARS", "HOURS"]);
    for pool in &costs.pools {
        table.row(&row(pool, sections.get(&pool.name)));
    }
    let total = costs.dollars();
    let total = total.map(|total| format!("in all at most {}\n", cost::dollars(total)));
    [
        headline,
        table.shown(width()),
        AT_MOST.to_owned(),
        total.unwrap_or_default(),
        pilot.to_owned(),
        shown_effects(effects),
    ]
    .concat()
}

/// How the table is to be read.
const AT_MOST: &str = "\
calls, tokens and dollars at most: every answer as long as its limit allows, and all
that can be graded is; a token is taken for 4 characters; hours by requests_per_minute
";

fn row(pool: &PoolForecast, section: Option<&EndpointSection>) -> Vec<String> {
    let hours = section.and_then(|section| section.requests_per_minute);
    let hours = hours.map_or("no limit set".to_owned(), |limit| cost::hours(pool.calls, limit));
    let dollars = pool.dollars.map_or("no price known".to_owned(), cost::dollars);
    vec![
        pool.name.clone(),
        grouped(pool.jobs),
        grouped(pool.calls),
        grouped(pool.input),
        grouped(pool.output),
        dollars,
        if pool.is_local { String::new() } else { hours },
    ]
}

/// What a first look costs, in words; nothing where the set is no larger.
pub(crate) fn pilot(
    sources: &Sources,
    plan: &Plan,
    sections: &BTreeMap<String, EndpointSection>,
) -> Result<String, Stop> {
    if plan.prompts.len() as u64 <= u64::from(PILOT_PROMPTS) {
        return Ok(String::new());
    }
    let sources = Sources { prompts_max: Some(PILOT_PROMPTS), ..sources.clone() };
    let plan = iago_coordinator::compile(&sources).map_err(|error| bad_sweep(&error))?;
    let grader = inspect::job::grader(&plan)?;
    let costs = forecast(&plan, &grader, &Census::take(&plan, &grader), sections)?;
    let calls: u64 = costs.pools.iter().map(|pool| pool.calls).sum();
    let dollars = costs.dollars();
    let dollars = dollars.map_or(String::new(), |total| format!(" and {}", cost::dollars(total)));
    let calls = grouped(calls);
    Ok(format!(
        "a pilot of {PILOT_PROMPTS} prompts (--limit {PILOT_PROMPTS}): at most {calls} calls{dollars}\n"
    ))
}

fn shown_effects(effects: &[Effect]) -> String {
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

fn in_json(
    plan: &Plan,
    census: &Census,
    costs: &Forecast,
    effects: &[Effect],
    warnings: &[String],
) -> String {
    let pools: Vec<_> = costs
        .pools
        .iter()
        .map(|pool| {
            json!({
                "pool": pool.name, "jobs": pool.jobs, "calls": pool.calls, "input_tokens": pool.input,
                "output_tokens": pool.output, "dollars": pool.dollars.map(iago_sweep::Money::dollars),
            })
        })
        .collect();
    let effects: Vec<_> = effects
        .iter()
        .map(|effect| {
            json!({
                "contrast": effect.contrast, "estimates": effect.estimates, "prompts": effect.prompts,
                "detectable": effect.detectable,
            })
        })
        .collect();
    let value = json!({
        "name": plan.name, "transcripts": plan.transcripts(), "jobs_at_most": census.total(),
        "pools_at_most": pools, "dollars_at_most": costs.dollars().map(iago_sweep::Money::dollars),
        "contrasts": effects, "warnings": warnings,
    });
    format!("{}\n", plain_json(&value))
}
