//! From a plan to the geometry that the scheduler knows.

use std::collections::BTreeMap;

use iago_scheduler::{PoolId, Shape, StageShape};
use iago_sweep::{Model, Money, Plan, Price, Usage};

use crate::settings::PoolSettings;

/// About how many characters make a token, on the careful side for prose in any language.
const CHARACTERS_PER_TOKEN: u64 = 2;

/// The geometry of a plan, or the name of an endpoint that there is no pool for.
pub(crate) fn shape(plan: &Plan, revision: u32, pools: &[PoolSettings]) -> Result<Shape, String> {
    let cells = u32::try_from(plan.cells.len()).unwrap_or(u32::MAX);
    let numbers: BTreeMap<&str, u32> =
        pools.iter().map(|pool| pool.name.as_str()).zip(0..).collect();
    let models: BTreeMap<&str, u32> =
        plan.models.iter().map(|model| model.name.as_str()).zip(0..).collect();
    let input_most = longest_input(plan);
    // A judge reads a whole answer, and a model may be let to say more than the judge.
    let answers = plan.models.iter().map(|model| u64::from(model.parameters.max_output_tokens));
    let answer_most = answers.max().unwrap_or(0);
    let mut stages = Vec::new();
    for stage in 0..u32::try_from(plan.stages.len()).unwrap_or(u32::MAX) {
        let mut shape = StageShape {
            parent: plan.parent_of(stage),
            votes: plan.votes_of(stage),
            pools: Vec::new(),
            reserve: Vec::new(),
        };
        for cell in 0..cells {
            let model = plan.model_asked(stage, cell).ok_or("a stage has no model")?;
            let number = *numbers.get(model.endpoint.as_str()).ok_or(&model.endpoint)?;
            let prices = pools.get(number as usize).map(|pool| &pool.prices);
            shape.pools.push(PoolId(number));
            let price = prices.and_then(|prices| prices.get(&model.id));
            let graded = if shape.parent.is_some() { answer_most } else { 0 };
            shape.reserve.push(at_most(model, price, input_most + graded));
        }
        stages.push(shape);
    }
    let cell_model = |cell: &iago_sweep::Cell| models.get(cell.model.as_str()).copied();
    Ok(Shape {
        seed: plan.seed,
        revision,
        prompts: u32::try_from(plan.prompts.len()).unwrap_or(u32::MAX),
        repeats: plan.repeats,
        cell_models: plan.cells.iter().map(|cell| cell_model(cell).unwrap_or(0)).collect(),
        stages,
        budget: plan.budget,
    })
}

/// The most that one job can cost: the longest input there is, and all of the output limit. `None`
/// where no price is known.
fn at_most(model: &Model, price: Option<&Price>, input: u64) -> Option<Money> {
    let output = u64::from(model.parameters.max_output_tokens);
    let usage = Usage { input: input + output, output, ..Usage::default() };
    price.map(|price| price.of(&usage))
}

/// The longest prompt with all texts of the plan, in tokens: more than any one conversation holds.
fn longest_input(plan: &Plan) -> u64 {
    let prompt = |prompt: &iago_sweep::Prompt| prompt.fields.values().map(String::len).sum();
    let longest: usize = plan.prompts.iter().map(prompt).max().unwrap_or(0);
    let level = |level: &iago_sweep::Level| level.variables.values().map(String::len).sum();
    let factors = plan.factors.iter();
    let variables: usize =
        factors.map(|factor| factor.levels.iter().map(level).max().unwrap_or(0)).sum();
    let stage = plan.stages.iter().map(|stage| match &stage.kind {
        iago_sweep::StageKind::Generate { messages, .. } => {
            messages.iter().map(|message| message.template.len()).sum()
        }
        iago_sweep::StageKind::Judge { text, .. } => text.len(),
    });
    let texts: usize = stage.max().unwrap_or(0);
    (longest + variables + texts) as u64 / CHARACTERS_PER_TOKEN
}
