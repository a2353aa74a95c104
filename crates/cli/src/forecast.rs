//! `iago plan`: what a sweep will take, what it can find, and what will be regretted, before
//! anything is spent.

pub(crate) mod census;
pub(crate) mod cost;
mod effects;
mod gates;
mod hours;
mod json;
mod nights;
mod past;
mod pilot;
mod shown;
mod stored;
mod warnings;

use iago_coordinator::Sources;
use iago_sweep::Plan;

use crate::args::PlanArgs;
use crate::exit::{Exit, Stop};
use crate::output::{data, talk};
use crate::plain::plain_json;
use crate::settings::endpoints::Settings;
use crate::submission::{bad_sweep, compile_whole};
use crate::watch::grouped;
use crate::{endpoints, inspect, programs, sources};
use census::Census;
use cost::forecast;
use effects::effects;
use gates::Sizes;
use stored::Found;
pub(crate) use stored::Projected;

/// Prompts of a first look.
const PILOT_PROMPTS: u32 = 10;

/// Forecasts a sweep.
pub(crate) async fn run(args: PlanArgs) -> Result<Exit, Stop> {
    let settings = Settings::load(args.config.as_deref())?;
    let sources = sources::read(&args.sweep, args.limit)?;
    let plan = iago_coordinator::compile(&sources).map_err(|error| bad_sweep(&error))?;
    let used = endpoints::of_plan(&plan, &settings)?;
    programs::check(&plan, &settings)?;
    endpoints::check_parameters(&sources, &plan, &used)?;
    endpoints::check_admission(&plan, &used)?;
    let grader = inspect::job::grader(&plan)?;
    let census = Census::take(&plan, &grader);
    let costs = forecast(&plan, &census, &used);
    let effects = effects(&plan);
    let warnings = warnings::warnings(&plan, &census, &costs, &effects, &used);
    let whole = compile_whole(&sources)?;
    let found = stored::look(&args.store, &plan, whole.as_ref(), &used).await?;
    let past = match &found {
        Found::Results(known) => Some((&known.past, known.of.as_str())),
        Found::Nothing | Found::Part(_) => None,
    };
    let sizes = Sizes::of(&plan, &grader, past);
    if args.json {
        let mut value = json::in_json(&plan, census.total(), &costs, &effects, &warnings);
        match &found {
            Found::Nothing => {}
            Found::Results(known) => {
                value["pilot"] = json::projected(&known.projection, &known.of);
            }
            Found::Part(told) => value["stored"] = told.as_str().into(),
        }
        if let Some(sizes) = &sizes {
            value["gates"] = json::gates(sizes);
        }
        data(&format!("{}\n", plain_json(&value)))?;
        return Ok(Exit::Done);
    }
    let by_pilot = match (&found, args.limit) {
        (Found::Results(known), _) => shown::projection(&known.projection, &known.of),
        (Found::Part(told), _) => format!("\n{told}\n"),
        (Found::Nothing, None) => pilot_at_most(&sources, &plan, &used)?,
        (Found::Nothing, Some(_)) => String::new(),
    };
    let at_most = shown::at_most(&plan, census.total(), &costs);
    let gates = sizes.map_or_else(String::new, |sizes| nights::in_words(&sizes));
    data(&[at_most, by_pilot, shown::effects(&effects), gates].concat())?;
    warnings.iter().for_each(|warning| talk(&format!("iago: warning: {warning}")));
    Ok(Exit::Done)
}

/// What a first look costs, in words; nothing where the set is no larger.
pub(crate) fn pilot_at_most(
    sources: &Sources,
    plan: &Plan,
    settings: &Settings,
) -> Result<String, Stop> {
    if plan.prompts.len() as u64 <= u64::from(PILOT_PROMPTS) {
        return Ok(String::new());
    }
    let sources = Sources { prompts_max: Some(PILOT_PROMPTS), ..sources.clone() };
    let plan = iago_coordinator::compile(&sources).map_err(|error| bad_sweep(&error))?;
    let grader = inspect::job::grader(&plan)?;
    let costs = forecast(&plan, &Census::take(&plan, &grader), settings);
    let dollars = costs.dollars();
    let dollars = dollars.map_or(String::new(), |total| format!(" and {total}"));
    let calls = grouped(costs.calls());
    Ok(format!(
        "a pilot of {PILOT_PROMPTS} prompts (--limit {PILOT_PROMPTS}): at most {calls} calls{dollars}\n"
    ))
}
