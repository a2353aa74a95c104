//! From a plan to the geometry that the scheduler knows.

use std::collections::BTreeMap;

use iago_scheduler::{Cap, RouteId, Scheduler, Shape, StageShape};
use iago_sweep::{Cell, LOCAL_POOL, Plan, PoolId, Stage, StageKind};

use crate::fits::TooLong;
use crate::most::{AtMost, Most};
use crate::needs::Needs;
use crate::prices::{TooDear, check_day};
use crate::reread::Reader;
use crate::routes::UnknownPool;
use crate::settings::Settings;

/// Why a plan cannot be worked on here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
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
    reader: Reader<'_>,
    revision: u32,
    settings: &Settings,
    scheduler: &mut Scheduler,
) -> Result<Shape, ShapeError> {
    settings.check_pools()?;
    let plan = reader.plan;
    let mut shaping = Shaping { reader, settings, most: AtMost::of(plan), scheduler };
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
    reader: Reader<'a>,
    settings: &'a Settings,
    most: AtMost<'a>,
    scheduler: &'a mut Scheduler,
}

impl Shaping<'_> {
    fn shape_stage(&mut self, (stage, of): (u32, &Stage)) -> Result<StageShape, ShapeError> {
        let Self { reader, settings, .. } = *self;
        let plan = reader.plan;
        let needs = Needs::of(reader, settings, (stage, of));
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
            let most = self.most.of_job((stage, cell), settings);
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
        let Some(model) = self.reader.plan.model_asked(number, cell) else { return Ok(()) };
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

#[cfg(test)]
mod tests {
    use iago_ledger::Limits;
    use iago_sweep::{
        Again, Condition, Expected, Follows, Model, Money, Parameters, Price, Prompt, Scorer,
    };

    use super::*;
    use crate::settings::{PoolSettings, Served};
    use crate::submit::read_rules;

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
        shape_by(plan, &settings(pools), named)
    }

    fn shape_by(
        plan: &Plan,
        settings: &Settings,
        pools: Vec<(String, iago_scheduler::Limits)>,
    ) -> Result<Shape, ShapeError> {
        let (grader, renderer) = read_rules(plan).expect("it can be read");
        let reader = Reader { plan, grader: &grader, renderer: &renderer };
        shape(reader, 0, settings, &mut Scheduler::new(1, pools))
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
            shape_by(&plan, &with_limits(&["lab"], limits), pools)
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
