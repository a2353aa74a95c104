//! From a plan to the geometry that the scheduler knows.

use std::collections::BTreeMap;

use iago_scheduler::{Cap, RouteId, Scheduler, Shape, StageShape};
use iago_sweep::{
    Again, Cell, LOCAL_POOL, Level, Model, Money, Parameters, Plan, PoolId, Price, Prompt, Stage,
    StageKind, Usage,
};

use crate::needs::{Needs, TooLong};
use crate::prices::{TooDear, check_day};
use crate::routes::UnknownPool;
use crate::settings::Settings;

/// So many bytes are never less than a token, in prose of any language: for what may be spent at most.
const BYTES_PER_TOKEN_MIN: u64 = 2;

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
    /// An endpoint draws from a pool that nobody has configured.
    #[error(transparent)]
    Pool(#[from] UnknownPool),
    /// A request can never be sent.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// A request can never be paid for.
    #[error(transparent)]
    TooDear(#[from] TooDear),
}

/// The geometry of a plan.
pub(crate) fn shape(
    plan: &Plan,
    revision: u32,
    settings: &Settings,
    scheduler: &mut Scheduler,
) -> Result<Shape, ShapeError> {
    settings.check_pools()?;
    let mut shaping = Shaping { plan, settings, inputs: Inputs::of(plan), scheduler };
    let stages = (0..).zip(&plan.stages).map(|numbered| shaping.shape_stage(numbered));
    let stages = stages.collect::<Result<_, _>>()?;
    let models: BTreeMap<&str, u32> =
        plan.models.iter().map(|model| model.name.as_str()).zip(0..).collect();
    let cell_model = |cell: &Cell| models.get(cell.model.as_str()).copied();
    let picks_prompts = plan.cells.iter().any(|cell| cell.prompts_max.is_some());
    Ok(Shape {
        seed: plan.seed,
        revision,
        weight: plan.weight.0,
        prompts: u32::try_from(plan.prompts.len()).unwrap_or(u32::MAX),
        repeats: plan.repeats,
        ranks: if picks_prompts { plan.ranks() } else { Vec::new() },
        cell_models: plan.cells.iter().map(|cell| cell_model(cell).unwrap_or(0)).collect(),
        caps: plan.cells.iter().map(cap).collect(),
        stages,
        budget: plan.budget,
    })
}

/// What the stages of a plan are shaped by.
struct Shaping<'a> {
    plan: &'a Plan,
    settings: &'a Settings,
    inputs: Inputs,
    scheduler: &'a mut Scheduler,
}

impl Shaping<'_> {
    fn shape_stage(&mut self, (stage, of): (u32, &Stage)) -> Result<StageShape, ShapeError> {
        let Self { plan, settings, .. } = *self;
        let needs = Needs::of(plan, settings, (stage, of));
        let mut shape = StageShape {
            opener: plan.opener_of(stage),
            votes: plan.votes_of(stage),
            grades: asks_judge(&of.kind),
            routes: Vec::new(),
            needs: Vec::new(),
            reserve: Vec::new(),
            reserve_of_call: Vec::new(),
        };
        for cell in 0..u32::try_from(plan.cells.len()).unwrap_or(u32::MAX) {
            let names = settings.route(plan, stage, cell);
            let names = names.ok_or_else(|| ShapeError::Nobody(of.name.clone()))?;
            let pools: Vec<PoolId> =
                names.iter().map(|name| find_pool(settings, name)).collect::<Result<_, _>>()?;
            shape.needs.push(needs.of_cell(cell, &pools)?);
            let most = self.inputs.most(plan, (stage, cell), settings);
            self.check_day((stage, of), cell, most, &pools)?;
            shape.reserve.push(most.map(|most| most.of_job));
            shape.reserve_of_call.push(most.map(|most| most.of_call));
            shape.routes.push(self.scheduler.route(pools));
        }
        Ok(shape)
    }

    fn check_day(
        &self,
        (number, stage): (u32, &Stage),
        cell: u32,
        most: Option<Most>,
        pools: &[PoolId],
    ) -> Result<(), TooDear> {
        let Some(model) = self.plan.model_asked(number, cell) else { return Ok(()) };
        let pools = pools.iter().filter_map(|pool| self.settings.pool(*pool));
        let pools: Vec<_> = pools.collect();
        check_day((&stage.name, model), most.map(|most| most.of_call), &pools)
    }
}

/// The names of the pools of each route in a shape.
pub(crate) fn routes(
    plan: &Plan,
    shape: &Shape,
    settings: &Settings,
) -> BTreeMap<RouteId, Vec<String>> {
    let mut routes = BTreeMap::new();
    for (stage, of) in (0..).zip(&shape.stages) {
        for (cell, route) in (0..).zip(&of.routes) {
            let names = || settings.route(plan, stage, cell).unwrap_or_default();
            routes.entry(*route).or_insert_with(names);
        }
    }
    routes
}

/// Whether a stage asks one of the judges: to grade, or in the place of the model under test.
pub(crate) fn asks_judge(kind: &StageKind) -> bool {
    matches!(kind, StageKind::Judge { .. } | StageKind::Generate { helper: Some(_), .. })
}

fn find_pool(settings: &Settings, name: &str) -> Result<PoolId, ShapeError> {
    settings.pool_id(name).ok_or_else(|| no_pool(name.to_owned()))
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

/// The most that something can cost.
#[derive(Clone, Copy, Default)]
struct Most {
    /// All calls of a job.
    of_job: Money,
    /// The dearest of them.
    of_call: Money,
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
        let tokens = |bytes: usize| bytes as u64 / BYTES_PER_TOKEN_MIN;
        let texts = plan.stages.iter().map(|stage| tokens(text_of(stage)));
        Self { values: tokens(values), texts: texts.collect() }
    }

    /// The most that one job can cost; `None` where no price is known.
    fn most(&self, plan: &Plan, (stage, cell): (u32, u32), settings: &Settings) -> Option<Most> {
        let (Some(model), Some(parameters)) =
            (plan.model_asked(stage, cell), plan.parameters_asked(stage, cell))
        else {
            return Some(Most::default()); // a score calls nobody
        };
        let price = settings.served(&model.endpoint)?.price(&model.id)?;
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
fn at_most(kind: &StageKind, parameters: &Parameters, price: &Price, input: u64) -> Most {
    let output = u64::from(parameters.max_output_tokens);
    let (calls, said_again) = match kind {
        StageKind::Generate { again: Some(Again::Continue { turns_max, message }), .. } => {
            (*turns_max, output + message.len() as u64 / BYTES_PER_TOKEN_MIN)
        }
        StageKind::Generate { again: Some(Again::Resample { tries_max, .. }), .. } => {
            (*tries_max, 0)
        }
        StageKind::Generate { again: None, .. }
        | StageKind::Judge { .. }
        | StageKind::Score { .. } => (1, 0),
    };
    let mut most = Most::default();
    for call in 0..u64::from(calls.max(1)) {
        let input = input + output + call * said_again;
        most.of_call = price.most(&Usage { input, output, ..Usage::default() });
        most.of_job += most.of_call;
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

/// The length of a stage's own texts, in bytes.
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
    use iago_ledger::Limits;
    use iago_sweep::{Condition, Expected, Follows, Scorer};

    use super::*;
    use crate::settings::{PoolSettings, Served};

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

    /// Settings with these pools.
    fn settings(pools: &[&str]) -> Settings {
        with_limits(pools, Limits::default())
    }

    /// The same, each with these limits.
    fn with_limits(pools: &[&str], limits: Limits) -> Settings {
        let pool = |name: &&str| PoolSettings { name: (*name).to_owned(), limits };
        // A picodollar for each token.
        let price = Price { input: 1, output: 1, ..Price::default() };
        let prices = [("m".to_owned(), price)].into();
        let served = Served { endpoint: "lab".to_owned(), prices, ..Served::default() };
        Settings::alone(String::new(), pools.iter().map(pool).collect(), vec![served])
    }

    fn shape_in(plan: &Plan, pools: &[&str]) -> Result<Shape, ShapeError> {
        let limits = || iago_scheduler::Limits { concurrency: 1 };
        let named = pools.iter().map(|name| ((*name).to_owned(), limits())).collect();
        shape(plan, 0, &settings(pools), &mut Scheduler::new(1, named))
    }

    fn reserves(plan: &Plan) -> Vec<Option<Money>> {
        let shape = shape_in(plan, &["lab", "local"]).expect("all pools are there");
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
    fn a_call_that_no_day_of_its_pool_can_pay_for_is_no_job() {
        let again = Again::Resample { tries_max: 3, until: "s1".to_owned() };
        let plan = plan(vec![generate(None, Some(again))]);
        let job = reserves(&plan)[0].expect("a price is known");
        let of = |dollars| {
            let limits = Limits { dollars_per_day: Some(dollars), ..Limits::default() };
            let pools = vec![("lab".to_owned(), iago_scheduler::Limits { concurrency: 1 })];
            shape(&plan, 0, &with_limits(&["lab"], limits), &mut Scheduler::new(1, pools))
        };
        let call = Money(job.0 / 3);
        assert!(of(call).is_ok(), "its further calls may wait for another day");
        let words = of(Money(call.0 - 1)).expect_err("too dear").to_string();
        assert!(words.contains("stage `s0` to model `m`"), "{words}");
        assert!(words.contains("raise usd_per_day of `lab`"), "{words}");
        assert!(of(Money::ZERO).is_err());
    }

    #[test]
    fn a_score_costs_nothing_and_that_is_known() {
        let (field, text, normalise) = ("f".to_owned(), "x".to_owned(), vec![]);
        let scorer = Scorer::Exact(Expected { field, text, normalise });
        let score = StageKind::Score { of: "s0".to_owned(), when: None, after: None, scorer };
        let plan = plan(vec![generate(None, None), score]);
        assert_eq!(reserves(&plan)[1], Some(Money::ZERO));
        assert_eq!(shape_in(&plan, &["lab"]), Err(ShapeError::Local));
        let nowhere = shape_in(&plan, &["local"]);
        assert_eq!(nowhere, Err(ShapeError::Endpoint("lab".to_owned())));
    }
}
