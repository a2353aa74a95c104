//! Calls, tokens and dollars at most, by pool.

use std::collections::BTreeMap;

use iago_grading::Grader;
use iago_sweep::{Again, Coordinate, Money, Parameters, Plan, Stage, StageKind, Usage};
use iago_sweep_file::Renderer;

use crate::endpoints;
use crate::exit::{Exit, Stop};
use crate::forecast::census::{Census, sample};
use crate::settings::endpoints::EndpointSection;

/// Characters of a token, for English prose.
const CHARACTERS_PER_TOKEN: u64 = 4;
/// Cells and prompts whose messages are measured.
const CELLS_MEASURED: usize = 24;
const PROMPTS_MEASURED: usize = 24;

/// What a sweep takes at most.
pub(crate) struct Forecast {
    pub(crate) pools: Vec<PoolForecast>,
}

/// What it takes of one pool at most.
pub(crate) struct PoolForecast {
    pub(crate) name: String,
    pub(crate) jobs: u64,
    /// None for a local pool.
    pub(crate) calls: u64,
    /// Tokens.
    pub(crate) input: u64,
    /// Tokens.
    pub(crate) output: u64,
    /// `None` where a price is not known.
    pub(crate) dollars: Option<Money>,
    /// Nobody is called.
    pub(crate) is_local: bool,
}

impl Forecast {
    /// All dollars, if all prices are known.
    pub(crate) fn dollars(&self) -> Option<Money> {
        self.pools.iter().try_fold(Money::ZERO, |sum, pool| Some(sum + pool.dollars?))
    }
}

/// Forecasts every pool that the plan draws from, in order of their names.
pub(crate) fn forecast(
    plan: &Plan,
    grader: &Grader,
    census: &Census,
    sections: &BTreeMap<String, EndpointSection>,
) -> Result<Forecast, Stop> {
    let renderer =
        Renderer::new(plan).map_err(|error| Stop::new(Exit::BadSweep, error.to_string()))?;
    let mut pools: BTreeMap<String, PoolForecast> = BTreeMap::new();
    for (stage, of) in (0..).zip(&plan.stages) {
        let input = input_tokens(plan, grader, &renderer, stage);
        for (cell, _) in (0..).zip(&plan.cells) {
            let Some(name) = plan.pool_of(stage, cell) else { continue };
            let pool = pools.entry(name.clone()).or_insert_with(|| PoolForecast::new(name));
            let jobs = census.of(stage, cell);
            let (Some(model), Some(parameters)) =
                (plan.model_asked(stage, cell), plan.parameters_asked(stage, cell))
            else {
                pool.is_local = true;
                pool.jobs = pool.jobs.saturating_add(jobs);
                continue;
            };
            let one = job_at_most(of, input, parameters);
            pool.jobs = pool.jobs.saturating_add(jobs);
            pool.calls = pool.calls.saturating_add(jobs.saturating_mul(turns(of)));
            pool.input = pool.input.saturating_add(jobs.saturating_mul(one.input));
            pool.output = pool.output.saturating_add(jobs.saturating_mul(one.output));
            let price =
                sections.get(&pool.name).map(|section| endpoints::price(section, &model.id));
            pool.dollars = pool.dollars.zip(price.flatten()).map(|(sum, price)| {
                let jobs = i64::try_from(jobs).unwrap_or(i64::MAX);
                sum + Money(price.of(&one).0.saturating_mul(jobs))
            });
        }
    }
    Ok(Forecast { pools: pools.into_values().collect() })
}

impl PoolForecast {
    fn new(name: String) -> Self {
        Self {
            name,
            jobs: 0,
            calls: 0,
            input: 0,
            output: 0,
            dollars: Some(Money::ZERO),
            is_local: false,
        }
    }
}

/// How many calls a job can take beside retries.
fn turns(stage: &Stage) -> u64 {
    match &stage.kind {
        StageKind::Generate { again: Some(Again::Continue { turns_max, .. }), .. } => {
            u64::from(*turns_max)
        }
        StageKind::Generate { again: Some(Again::Resample { tries_max, .. }), .. } => {
            u64::from(*tries_max)
        }
        StageKind::Generate { again: None, .. }
        | StageKind::Judge { .. }
        | StageKind::Score { .. } => 1,
    }
}

fn job_at_most(stage: &Stage, input: u64, parameters: &Parameters) -> Usage {
    let (turns, output) = (turns(stage), u64::from(parameters.max_output_tokens));
    // A conversation that goes on is read again from its beginning at every turn.
    let grows =
        matches!(&stage.kind, StageKind::Generate { again: Some(Again::Continue { .. }), .. });
    let earlier = if grows { output * turns * (turns - 1) / 2 } else { 0 };
    Usage { input: input * turns + earlier, output: output * turns, ..Usage::default() }
}

/// What a job of this stage sends, the answers before it as long as they can be.
fn input_tokens(plan: &Plan, grader: &Grader, renderer: &Renderer, stage: u32) -> u64 {
    let own = measured(plan, grader, renderer, stage);
    let own = own.unwrap_or_else(|| written(plan, grader, renderer, stage));
    let answers = plan.ancestors_of(stage).into_iter().map(|of| longest_answer(plan, of));
    answers.fold(own, u64::saturating_add)
}

/// The longest answer that a stage can have, over all turns, in tokens.
fn longest_answer(plan: &Plan, stage: u32) -> u64 {
    let limits = (0..).zip(&plan.cells).filter_map(|(cell, _)| plan.parameters_asked(stage, cell));
    let longest = limits.map(|limits| u64::from(limits.max_output_tokens)).max().unwrap_or(0);
    longest.saturating_mul(plan.stages.get(stage as usize).map_or(1, turns))
}

/// By rendering a few, where nothing has to be said before.
fn measured(plan: &Plan, grader: &Grader, renderer: &Renderer, stage: u32) -> Option<u64> {
    if plan.parent_of(stage).is_some() {
        return None;
    }
    let (mut characters, mut count) = (0u64, 0u64);
    let every = plan.cells.len().div_ceil(CELLS_MEASURED).max(1);
    let prompts = sample(plan);
    let step = prompts.len().div_ceil(PROMPTS_MEASURED).max(1);
    for (cell, _) in (0..).zip(&plan.cells).step_by(every) {
        for &prompt in prompts.iter().step_by(step) {
            let at = Coordinate { stage, cell, prompt, ..Coordinate::default() };
            let said = renderer.render(plan, grader, at, &[]).ok()?;
            let turns: usize = said.turns.iter().map(|turn| turn.text.len()).sum();
            let around =
                said.system.map_or(0, |text| text.len()) + said.prefill.map_or(0, |p| p.len());
            characters += (turns + around) as u64;
            count += 1;
        }
    }
    characters.checked_div(count).map(|mean| mean.div_ceil(CHARACTERS_PER_TOKEN))
}

/// By what is written: the templates with the longest prompt and the longest variables, and the
/// conversation that goes on here.
fn written(plan: &Plan, grader: &Grader, renderer: &Renderer, stage: u32) -> u64 {
    let Some(of) = plan.stages.get(stage as usize) else { return 0 };
    let (templates, continues): (usize, bool) = match &of.kind {
        StageKind::Generate { messages, follows, .. } => (
            messages.iter().map(|message| message.template.len()).sum::<usize>() + variables(plan),
            follows.as_ref().is_some_and(|follows| follows.continues),
        ),
        StageKind::Judge { text, question, .. } => {
            (text.len() + question.instruction().len(), false)
        }
        StageKind::Score { .. } => (0, false),
    };
    let prompt = |prompt: &iago_sweep::Prompt| prompt.fields.values().map(String::len).sum();
    let longest: usize = plan.prompts.iter().map(prompt).max().unwrap_or(0);
    let own = ((templates + longest) as u64).div_ceil(CHARACTERS_PER_TOKEN);
    let before = plan.parent_of(stage).filter(|_| continues).map(|parent| {
        measured(plan, grader, renderer, parent)
            .unwrap_or_else(|| written(plan, grader, renderer, parent))
    });
    own.saturating_add(before.unwrap_or(0))
}

/// The variables of the cell that has the longest.
fn variables(plan: &Plan) -> usize {
    let of_cell = |cell| plan.variables_of_cell(cell).values().map(String::len).sum();
    let every = plan.cells.len().div_ceil(CELLS_MEASURED).max(1);
    (0..).zip(&plan.cells).step_by(every).map(|(cell, _)| of_cell(cell)).max().unwrap_or(0)
}

/// Dollars for people: cents, or more digits where there are no cents.
pub(crate) fn dollars(money: Money) -> String {
    let dollars = money.dollars();
    if dollars != 0.0 && dollars < 0.1 {
        format!("${dollars:.4}")
    } else {
        format!("${dollars:.2}")
    }
}

/// How long so many calls take at a limit, at least.
pub(crate) fn hours(calls: u64, requests_per_minute: u32) -> String {
    #[expect(clippy::cast_precision_loss, reason = "hours for people")]
    let hours = calls as f64 / f64::from(requests_per_minute.max(1)) / 60.0;
    format!("{hours:.1}")
}
