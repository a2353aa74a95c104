//! Calls, tokens and dollars at most, by pool.

use std::collections::{BTreeMap, BTreeSet};

use iago_grading::Grader;
use iago_sweep::{Again, Coordinate, Money, Parameters, Plan, Price, Stage, StageKind, Usage};
use iago_sweep_file::Renderer;

use crate::endpoints;
use crate::exit::{Exit, Stop};
use crate::forecast::census::{Census, sample};
use crate::forecast::hours::{Hours, Load, guess_words, hours, latency_guess_s};
use crate::settings::endpoints::{PoolSection, Settings};

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
    /// Where prices are from.
    pub(crate) priced_by: BTreeSet<String>,
    pub(crate) kind: PoolKind,
    pub(crate) hours: Option<Hours>,
    busy_s: f64,
}

/// What a pool is a pool of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PoolKind {
    /// Nobody is called.
    Local,
    /// An endpoint's calls.
    Endpoint,
    /// Calls that are counted under their endpoint as well.
    Shared,
}

impl Forecast {
    /// All dollars, if all prices are known.
    pub(crate) fn dollars(&self) -> Option<Money> {
        self.counted_once().try_fold(Money::ZERO, |sum, pool| Some(sum + pool.dollars?))
    }

    /// All calls.
    pub(crate) fn calls(&self) -> u64 {
        self.counted_once().map(|pool| pool.calls).sum()
    }

    fn counted_once(&self) -> impl Iterator<Item = &PoolForecast> {
        self.pools.iter().filter(|pool| pool.kind != PoolKind::Shared)
    }
}

/// Forecasts every pool that the plan draws from, in order of their names.
pub(crate) fn forecast(
    plan: &Plan,
    grader: &Grader,
    census: &Census,
    settings: &Settings,
) -> Result<Forecast, Stop> {
    let renderer =
        Renderer::new(plan).map_err(|error| Stop::new(Exit::BadSweep, error.to_string()))?;
    let mut pools: BTreeMap<String, PoolForecast> = BTreeMap::new();
    let mut prices = Prices { settings, known: BTreeMap::new() };
    for (stage, of) in (0..).zip(&plan.stages) {
        let input = input_tokens(plan, grader, &renderer, stage);
        for (cell, _) in (0..).zip(&plan.cells) {
            let work =
                Work::of(plan, of, (stage, cell), census.of(stage, cell), input, &mut prices);
            for name in endpoints::pools_of(plan, settings, (stage, cell)) {
                let pool =
                    pools.entry(name.clone()).or_insert_with(|| PoolForecast::new(name, settings));
                pool.add(&work);
            }
        }
    }
    let mut pools: Vec<_> = pools.into_values().collect();
    for pool in &mut pools {
        pool.take_time(settings);
    }
    Ok(Forecast { pools })
}

/// The jobs of one stage in one cell.
struct Work {
    jobs: u64,
    calls: u64,
    one: Usage,
    busy_s: f64,
    dollars: Option<Money>,
    priced_by: Option<String>,
}

impl Work {
    fn of(
        plan: &Plan,
        of: &Stage,
        (stage, cell): (u32, u32),
        jobs: u64,
        input: u64,
        prices: &mut Prices<'_>,
    ) -> Self {
        let asked = plan.model_asked(stage, cell).zip(plan.parameters_asked(stage, cell));
        let Some((model, parameters)) = asked else {
            let one = Usage::default();
            let dollars = Some(Money::ZERO);
            return Self { jobs, calls: 0, one, busy_s: 0.0, dollars, priced_by: None };
        };
        let one = job_at_most(of, input, parameters);
        let calls = jobs.saturating_mul(turns(of));
        let section = prices.settings.endpoints.get(&model.endpoint);
        let long = latency_guess_s(section, f64::from(parameters.max_output_tokens));
        let (price, by) = prices.of(&model.endpoint, &model.id);
        let times = i64::try_from(jobs).unwrap_or(i64::MAX);
        let dollars = price.as_ref().map(|price| Money(price.most(&one).0.saturating_mul(times)));
        Self { jobs, calls, one, busy_s: float(calls) * long, dollars, priced_by: Some(by.clone()) }
    }
}

/// Prices that were looked up.
struct Prices<'a> {
    settings: &'a Settings,
    known: BTreeMap<(String, String), (Option<Price>, String)>,
}

impl Prices<'_> {
    fn of(&mut self, endpoint: &str, id: &str) -> &(Option<Price>, String) {
        let settings = self.settings;
        self.known.entry((endpoint.to_owned(), id.to_owned())).or_insert_with(|| {
            let source = endpoints::price_source(settings, endpoint, id);
            (endpoints::price(settings, endpoint, id), source)
        })
    }
}

impl PoolForecast {
    fn new(name: String, settings: &Settings) -> Self {
        let kind = if settings.endpoints.contains_key(&name) {
            PoolKind::Endpoint
        } else if settings.pools.contains_key(&name) {
            PoolKind::Shared
        } else {
            PoolKind::Local
        };
        Self {
            name,
            jobs: 0,
            calls: 0,
            input: 0,
            output: 0,
            dollars: Some(Money::ZERO),
            priced_by: BTreeSet::new(),
            kind,
            hours: None,
            busy_s: 0.0,
        }
    }

    fn add(&mut self, work: &Work) {
        self.jobs = self.jobs.saturating_add(work.jobs);
        self.calls = self.calls.saturating_add(work.calls);
        self.input = self.input.saturating_add(work.jobs.saturating_mul(work.one.input));
        self.output = self.output.saturating_add(work.jobs.saturating_mul(work.one.output));
        self.dollars = self.dollars.zip(work.dollars).map(|(sum, more)| sum + more);
        self.priced_by.extend(work.priced_by.clone());
        self.busy_s += work.busy_s;
    }

    fn take_time(&mut self, settings: &Settings) {
        if self.kind == PoolKind::Local {
            return;
        }
        let section = settings.endpoints.get(&self.name);
        let load = Load {
            jobs: float(self.jobs),
            calls: float(self.calls),
            input: float(self.input),
            output: float(self.output),
            picodollars: self.dollars.unwrap_or_default().dollars() * 1e12,
            busy_s: self.busy_s,
        };
        self.hours = Some(hours(&load, &limits_of(settings, &self.name), &guess_words(section)));
    }
}

/// The limits of a pool by its name.
pub(crate) fn limits_of(settings: &Settings, name: &str) -> PoolSection {
    let own = settings.endpoints.get(name).map(|section| section.limits());
    own.or_else(|| settings.pools.get(name).cloned()).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "counts for people")]
fn float(count: u64) -> f64 {
    count as f64
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

/// What a job of this stage sends without the answers before it.
pub(crate) fn certain_tokens(plan: &Plan, grader: &Grader, renderer: &Renderer, stage: u32) -> u64 {
    let own = measured(plan, grader, renderer, stage);
    own.unwrap_or_else(|| written(plan, grader, renderer, stage))
}

/// What a job of this stage sends, the answers before it as long as they can be.
fn input_tokens(plan: &Plan, grader: &Grader, renderer: &Renderer, stage: u32) -> u64 {
    let own = certain_tokens(plan, grader, renderer, stage);
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
