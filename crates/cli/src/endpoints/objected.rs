//! Parameters that a model is known to reject: found before anything is sent or spent.

use std::collections::{BTreeMap, BTreeSet};

use iago_coordinator::Sources;
use iago_grading::Grader;
use iago_providers::{Objection, objections};
use iago_sweep::{Coordinate, Message, Model, Parameters, Plan, Role, StageKind};
use iago_sweep_file::{Refused, Renderer, table_of};
use serde_json::json;

use super::called::dialect;
use crate::exit::{Exit, Stop};
use crate::inspect::job::grader;
use crate::settings::endpoints::Settings;
use crate::submission::bad_sweep;

/// Where a simulation will be is not known yet, and says nothing about what it takes.
const SOMEWHERE: &str = "http://127.0.0.1";
/// Prompts that are tried for a message that only some of them have.
const PROMPTS_TRIED: usize = 24;

/// Fails with everything that a plan asks of models which these are known to reject, each where the file
/// asks for it. Endpoints that are not among the settings are passed over.
pub(crate) fn check_parameters(
    sources: &Sources,
    plan: &Plan,
    settings: &Settings,
) -> Result<(), Stop> {
    let mut objected = Objected::default();
    let prefills = Prefills::of(plan)?;
    for (stage, _) in (0..).zip(&plan.stages) {
        for (cell, _) in (0..).zip(&plan.cells) {
            let (Some(model), Some(parameters)) =
                (plan.model_asked(stage, cell), plan.parameters_asked(stage, cell))
            else {
                continue;
            };
            let Some(section) = settings.endpoints.get(&model.endpoint) else { continue };
            let url = section.url.as_deref().unwrap_or(SOMEWHERE);
            let dialect = dialect(&model.endpoint, section, url)?;
            let has_prefill = prefills.has(stage, cell);
            for objection in objections(&dialect, &model.id, parameters, has_prefill) {
                objected.note(plan, (stage, cell), (model, parameters), objection);
            }
        }
    }
    objected.tell(sources)
}

/// What was objected to, once for each place in the file.
#[derive(Default)]
struct Objected<'a> {
    found: BTreeMap<Place<'a>, Found<'a>>,
    /// Endpoints whose models only the table objects to.
    by_table: BTreeSet<&'a str>,
}

/// Where a parameter is written, as far as the plan tells: a model's table, or a judge's; whether
/// `[[cells]]` says it; the parameter.
type Place<'a> = (bool, &'a str, bool, &'static str);

/// The first objection there.
struct Found<'a> {
    model: &'a Model,
    stage: &'a str,
    message: String,
}

impl<'a> Objected<'a> {
    fn note(
        &mut self,
        plan: &'a Plan,
        (stage, cell): (u32, u32),
        (model, parameters): (&'a Model, &Parameters),
        objection: Objection,
    ) {
        let Objection { parameter, why, by_table } = objection;
        if by_table {
            self.by_table.insert(&model.endpoint);
        }
        let is_judge = plan.judges.iter().any(|judge| std::ptr::eq(judge, model));
        let parameter = key_of(parameter);
        let is_of_cells = differs(model, parameters, parameter);
        let condition = plan.cells.get(cell as usize).filter(|_| is_of_cells);
        let condition = condition.map(|cell| format!(" in condition `{}`", cell.condition));
        let noun = if is_judge { "judge" } else { "model" };
        let name = &model.name;
        let message = format!("{noun} `{name}`{}: {why}", condition.unwrap_or_default());
        let stage = plan.stages.get(stage as usize).map_or("", |stage| &stage.name);
        // Whatever stands in a stage is told of the stage.
        let written_in = if parameter == "prefill" { stage } else { table_of(model) };
        let place = (is_judge, written_in, is_of_cells, parameter);
        self.found.entry(place).or_insert(Found { model, stage, message });
    }

    fn tell(&self, sources: &Sources) -> Result<(), Stop> {
        if self.found.is_empty() {
            return Ok(());
        }
        let file = sources.sweep_file().map_err(|error| bad_sweep(&error))?;
        let refused = self.found.iter().map(|(place, found)| {
            let (is_judge, _, is_of_cells, parameter) = *place;
            let Found { model, stage, message } = found;
            Refused { model, is_judge, is_of_cells, stage, parameter, message }
        });
        let Err(faults) = file.tell_refused(refused) else { return Ok(()) };
        Err(Stop::new(Exit::BadSweep, format!("{faults}{}", self.way_out())))
    }

    /// Beside what every objection says: the table may be out of date.
    fn way_out(&self) -> String {
        let tables = self.by_table.iter().map(|name| format!("[endpoints.{name}]"));
        let tables: Vec<String> = tables.collect();
        if tables.is_empty() {
            return String::new();
        }
        format!(
            "\nwhat only the table of models objects to is sent after all with `check_parameters = \
             false` under {}",
            tables.join(" and ")
        )
    }
}

/// The key of the sweep file that asks for it: nothing but the length of an answer has to be streamed.
fn key_of(parameter: &'static str) -> &'static str {
    if parameter == "streaming" { "max_output_tokens" } else { parameter }
}

/// Whether a cell is asked with another value than its model has.
fn differs(model: &Model, asked: &Parameters, parameter: &str) -> bool {
    let value = |parameters: &Parameters| json!(parameters).get(parameter).cloned();
    value(asked) != value(&model.parameters)
}

/// Which calls end in words that the model is to go on from.
struct Prefills<'a> {
    plan: &'a Plan,
    grader: Grader,
    renderer: Renderer,
}

impl<'a> Prefills<'a> {
    fn of(plan: &'a Plan) -> Result<Self, Stop> {
        let renderer = Renderer::new(plan);
        let renderer = renderer.map_err(|error| Stop::new(Exit::BadSweep, error.to_string()))?;
        Ok(Self { plan, grader: grader(plan)?, renderer })
    }

    /// Whether some calls of a stage and cell do. Where that hangs on the prompt, a few are tried; where it
    /// hangs on what was said before, it is left to the endpoint.
    fn has(&self, stage: u32, cell: u32) -> bool {
        let messages = match self.plan.stages.get(stage as usize).map(|stage| &stage.kind) {
            Some(StageKind::Generate { messages, .. }) => messages,
            Some(StageKind::Judge { .. } | StageKind::Score { .. }) | None => return false,
        };
        match messages.last() {
            Some(Message { role: Role::Assistant, when: None, .. }) => true,
            Some(Message { role: Role::Assistant, when: Some(_), .. }) => {
                (0..).zip(&self.plan.prompts).take(PROMPTS_TRIED).any(|(prompt, _)| {
                    let at = Coordinate { stage, cell, prompt, ..Coordinate::default() };
                    let said = self.renderer.render(self.plan, &self.grader, at, &[]);
                    said.is_ok_and(|said| said.prefill.is_some())
                })
            }
            Some(_) | None => false,
        }
    }
}
