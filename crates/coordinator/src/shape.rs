//! From a plan to the geometry that the scheduler knows.

use std::collections::BTreeMap;

use iago_scheduler::{Cap, PoolId, Shape, StageShape};
use iago_sweep::{
    Again, Cell, LOCAL_POOL, Level, Model, Money, Parameters, Plan, Price, Prompt, Stage,
    StageKind, Usage,
};

use crate::settings::PoolSettings;

/// About how many characters make a token, on the careful side for prose in any language.
const CHARACTERS_PER_TOKEN: u64 = 2;

/// Why a plan cannot be worked on here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ShapeError {
    /// A model is served at an endpoint that nobody has configured.
    #[error("there is no endpoint `{0}` in the coordinator's configuration: add it")]
    Endpoint(String),
    /// A score needs a program that nobody has configured.
    #[error(
        "there is no program `{0}` in the coordinator's configuration: add [programs.{0}] with its \
         command, here and for the workers that are to run it"
    )]
    Program(String),
    /// Scores have nowhere to run.
    #[error("the coordinator has no pool `{LOCAL_POOL}`, which the scores of this sweep need")]
    Local,
    /// A stored plan whose stages name nobody.
    #[error("stage `{0}` asks a model that the plan does not have")]
    Nobody(String),
}

/// The geometry of a plan.
pub(crate) fn shape(
    plan: &Plan,
    revision: u32,
    pools: &[PoolSettings],
) -> Result<Shape, ShapeError> {
    let numbers: BTreeMap<&str, u32> =
        pools.iter().map(|pool| pool.name.as_str()).zip(0..).collect();
    let models: BTreeMap<&str, u32> =
        plan.models.iter().map(|model| model.name.as_str()).zip(0..).collect();
    let inputs = Inputs::of(plan);
    let mut stages = Vec::new();
    for (stage, of) in (0..).zip(&plan.stages) {
        let mut shape = StageShape {
            opener: plan.opener_of(stage),
            votes: plan.votes_of(stage),
            pools: Vec::new(),
            reserve: Vec::new(),
        };
        for cell in 0..u32::try_from(plan.cells.len()).unwrap_or(u32::MAX) {
            let name = plan.pool_of(stage, cell);
            let name = name.ok_or_else(|| ShapeError::Nobody(of.name.clone()))?;
            let number = *numbers.get(name.as_str()).ok_or_else(|| no_pool(name))?;
            shape.pools.push(PoolId(number));
            let pool = pools.get(number as usize);
            shape.reserve.push(inputs.most(plan, (stage, cell), pool));
        }
        stages.push(shape);
    }
    let cell_model = |cell: &Cell| models.get(cell.model.as_str()).copied();
    let picks_prompts = plan.cells.iter().any(|cell| cell.prompts_max.is_some());
    Ok(Shape {
        seed: plan.seed,
        revision,
        prompts: u32::try_from(plan.prompts.len()).unwrap_or(u32::MAX),
        repeats: plan.repeats,
        ranks: if picks_prompts { plan.ranks() } else { Vec::new() },
        cell_models: plan.cells.iter().map(|cell| cell_model(cell).unwrap_or(0)).collect(),
        caps: plan.cells.iter().map(cap).collect(),
        stages,
        budget: plan.budget,
    })
}

fn no_pool(name: String) -> ShapeError {
    let local = name.strip_prefix(LOCAL_POOL).map(|rest| rest.strip_prefix('.'));
    match local {
        Some(Some(program)) => ShapeError::Program(program.to_owned()),
        Some(None) if name == LOCAL_POOL => ShapeError::Local,
        Some(None) | None => ShapeError::Endpoint(name),
    }
}

fn cap(cell: &Cell) -> Cap {
    let Cell { prompts_max, repeats_max, .. } = *cell;
    Cap { prompts_max, repeats_max }
}

/// What can be sent at most, in tokens.
struct Inputs {
    /// The longest prompt with the longest values of all variables.
    values: u64,
    /// For each stage, its own texts.
    texts: Vec<u64>,
}

impl Inputs {
    fn of(plan: &Plan) -> Self {
        let values = longest_prompt(plan) + longest_variables(plan);
        let tokens = |characters: usize| characters as u64 / CHARACTERS_PER_TOKEN;
        let texts = plan.stages.iter().map(|stage| tokens(text_of(stage)));
        Self { values: tokens(values), texts: texts.collect() }
    }

    /// The most that one job can cost; `None` where no price is known.
    fn most(
        &self,
        plan: &Plan,
        (stage, cell): (u32, u32),
        pool: Option<&PoolSettings>,
    ) -> Option<Money> {
        let (Some(model), Some(parameters)) =
            (plan.model_asked(stage, cell), plan.parameters_asked(stage, cell))
        else {
            return Some(Money::ZERO); // a score calls nobody
        };
        let price = pool?.prices.get(&model.id)?;
        let kind = &plan.stages.get(stage as usize)?.kind;
        Some(at_most(kind, parameters, price, self.input(plan, stage, cell)))
    }

    /// The longest input of a stage: it may hold the answers of all stages that it hangs on, and what
    /// those were asked.
    fn input(&self, plan: &Plan, stage: u32, cell: u32) -> u64 {
        let asked = |of: u32| self.values + self.texts.get(of as usize).copied().unwrap_or(0);
        let before = plan.ancestors_of(stage).into_iter().map(|of| {
            let answer = plan.parameters_asked(of, cell);
            asked(of) + answer.map_or(0, |parameters| u64::from(parameters.max_output_tokens))
        });
        asked(stage) + before.sum::<u64>()
    }
}

/// The most that a job can cost: the longest input there is and all of the output limit, in each of
/// its calls. One that goes on in the same conversation sends again what was said so far.
fn at_most(kind: &StageKind, parameters: &Parameters, price: &Price, input: u64) -> Money {
    let output = u64::from(parameters.max_output_tokens);
    let (calls, said_again) = match kind {
        StageKind::Generate { again: Some(Again::Continue { turns_max, message }), .. } => {
            (*turns_max, output + message.len() as u64 / CHARACTERS_PER_TOKEN)
        }
        StageKind::Generate { again: Some(Again::Resample { tries_max, .. }), .. } => {
            (*tries_max, 0)
        }
        StageKind::Generate { again: None, .. }
        | StageKind::Judge { .. }
        | StageKind::Score { .. } => (1, 0),
    };
    let mut most = Money::ZERO;
    for call in 0..u64::from(calls.max(1)) {
        let input = input + output + call * said_again;
        most += price.of(&Usage { input, output, ..Usage::default() });
    }
    most
}

fn longest_prompt(plan: &Plan) -> usize {
    let length = |prompt: &Prompt| prompt.fields.values().map(String::len).sum();
    plan.prompts.iter().map(length).max().unwrap_or(0)
}

fn longest_variables(plan: &Plan) -> usize {
    let length = |variables: &BTreeMap<String, String>| variables.values().map(String::len).sum();
    let level = |level: &Level| length(&level.variables);
    let longest = |levels: &[Level]| levels.iter().map(level).max().unwrap_or(0);
    let of_levels: usize = plan.factors.iter().map(|factor| longest(&factor.levels)).sum();
    let of_model = |model: &Model| length(&model.set);
    let of_models: usize = plan.models.iter().map(of_model).max().unwrap_or(0);
    length(&plan.variables) + of_levels + of_models
}

/// The length of a stage's own texts, in characters.
fn text_of(stage: &Stage) -> usize {
    match &stage.kind {
        StageKind::Generate { messages, .. } => {
            messages.iter().map(|message| message.template.len()).sum()
        }
        StageKind::Judge { text, .. } => text.len(),
        StageKind::Score { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use iago_sweep::{Condition, Expected, Follows, Scorer};

    use super::*;

    const OUTPUT: u32 = 100;

    fn generate(of: Option<&str>, again: Option<Again>) -> StageKind {
        let of = of.map(str::to_owned);
        let follows = of.map(|of| Follows { of, when: None, after: None, continues: true });
        StageKind::Generate { follows, helper: None, messages: vec![], fields: vec![], again }
    }

    fn plan(stages: Vec<StageKind>) -> Plan {
        let parameters = Parameters { max_output_tokens: OUTPUT, ..Parameters::default() };
        let [name, endpoint, id] = ["m", "lab", "m"].map(str::to_owned);
        let model = Model { name, endpoint, id, parameters, ..Model::default() };
        let only = || "only".to_owned();
        let numbered = stages.into_iter().enumerate();
        let stages = numbered.map(|(at, kind)| Stage { name: format!("s{at}"), kind });
        Plan {
            repeats: 1,
            prompts: vec![Prompt::default()],
            conditions: vec![Condition { name: only(), levels: BTreeMap::new() }],
            cells: vec![Cell { model: "m".to_owned(), condition: only(), ..Cell::default() }],
            models: vec![model],
            stages: stages.collect(),
            ..Plan::default()
        }
    }

    fn pool(name: &str) -> PoolSettings {
        // A picodollar for each token.
        let price = Price { input: 1, output: 1, ..Price::default() };
        PoolSettings {
            name: name.to_owned(),
            requests_per_minute: None,
            concurrency: 1,
            prices: [("m".to_owned(), price)].into(),
            free: false,
        }
    }

    fn reserves(plan: &Plan) -> Vec<Option<Money>> {
        let shape = shape(plan, 0, &[pool("lab"), pool("local")]).expect("all pools are there");
        shape.stages.iter().map(|stage| stage.reserve[0]).collect()
    }

    #[test]
    fn what_hangs_on_answers_may_have_them_all_as_its_input() {
        let chain =
            vec![generate(None, None), generate(Some("s0"), None), generate(Some("s1"), None)];
        let [first, second, third] = reserves(&plan(chain))[..] else { panic!("three stages") };
        let more = |of: Option<Money>| of.expect("a price is known").0 - first.expect("known").0;
        assert!(more(second) > 0);
        assert_eq!(more(third), 2 * more(second), "two answers, and one");
    }

    #[test]
    fn a_job_of_several_calls_reserves_them_all() {
        let resample = Again::Resample { tries_max: 3, until: "s1".to_owned() };
        let go_on = Again::Continue { turns_max: 3, message: String::new() };
        let of = |again| reserves(&plan(vec![generate(None, again)]))[0].expect("known").0;
        let once = of(None);
        assert_eq!(of(Some(resample)), 3 * once);
        assert!(of(Some(go_on)) > 3 * once, "what was said is sent again");
    }

    #[test]
    fn a_score_costs_nothing_and_that_is_known() {
        let (field, text, normalise) = ("f".to_owned(), "x".to_owned(), vec![]);
        let scorer = Scorer::Exact(Expected { field, text, normalise });
        let score = StageKind::Score { of: "s0".to_owned(), when: None, after: None, scorer };
        let plan = plan(vec![generate(None, None), score]);
        assert_eq!(reserves(&plan)[1], Some(Money::ZERO));
        assert_eq!(shape(&plan, 0, &[pool("lab")]), Err(ShapeError::Local));
        let nowhere = shape(&plan, 0, &[pool("local")]);
        assert_eq!(nowhere, Err(ShapeError::Endpoint("lab".to_owned())));
    }
}
