//! Parameters that a model is known to reject: found before anything is sent or spent.

use std::collections::BTreeSet;

use iago_grading::Grader;
use iago_providers::objections;
use iago_sweep::{Coordinate, Message, Plan, Role, StageKind};
use iago_sweep_file::Renderer;

use super::called::dialect;
use crate::exit::{Exit, Stop};
use crate::inspect::job::grader;
use crate::settings::endpoints::Settings;

/// Where a simulation will be is not known yet, and says nothing about what it takes.
const SOMEWHERE: &str = "http://127.0.0.1";
/// Prompts that are tried for a message that only some of them have.
const PROMPTS_TRIED: usize = 24;
/// What to do about them.
const WAY_OUT: &str = "change the sweep; what only the table of models objects to is sent after all with \
check_parameters = false under the endpoint";
/// Objections that one message names.
const NAMED_MAX: usize = 8;

/// Fails with everything that a plan asks of models which these are known to reject. Endpoints that are
/// not among the settings are passed over.
pub(crate) fn check_parameters(plan: &Plan, settings: &Settings) -> Result<(), Stop> {
    let mut found = BTreeSet::new();
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
                let (parameter, why) = (objection.parameter, objection.why);
                let (name, id) = (&model.name, &model.id);
                found.insert(format!("model `{name}` ({id}): `{parameter}`: {why}"));
            }
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    Err(Stop::new(Exit::BadSweep, told(&found)))
}

fn told(found: &BTreeSet<String>) -> String {
    let mut lines: Vec<String> = found.iter().take(NAMED_MAX).cloned().collect();
    if found.len() > NAMED_MAX {
        lines.push(format!("and {} more like these", found.len() - NAMED_MAX));
    }
    lines.push(WAY_OUT.to_owned());
    lines.join("\n")
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
