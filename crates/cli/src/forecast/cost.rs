//! Calls, tokens and dollars at most, by pool.

use std::collections::{BTreeMap, BTreeSet};

use iago_coordinator::{AtMost, Taken, calls_at_most};
use iago_sweep::{Money, Plan, Price, Stage};

use crate::endpoints;
use crate::forecast::census::Census;
use crate::forecast::hours::{Hours, Load, guess_words, hours, latency_guess_s};
use crate::settings::endpoints::{PoolSection, Settings};

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

impl PoolKind {
    /// By the name of the pool.
    pub(crate) fn of(name: &str, settings: &Settings) -> Self {
        if settings.endpoints.contains_key(name) {
            Self::Endpoint
        } else if settings.pools.contains_key(name) {
            Self::Shared
        } else {
            Self::Local
        }
    }
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
pub(crate) fn forecast(plan: &Plan, census: &Census, settings: &Settings) -> Forecast {
    let (at_most, told) = (AtMost::of(plan), endpoints::told(settings));
    let mut pools: BTreeMap<String, PoolForecast> = BTreeMap::new();
    let mut prices = Prices { settings, known: BTreeMap::new() };
    for (stage, of) in (0..).zip(&plan.stages) {
        for (cell, _) in (0..).zip(&plan.cells) {
            let jobs = census.of(stage, cell);
            let work = Work::of(&at_most, (plan, of), (stage, cell), jobs, &mut prices);
            for name in told.route(plan, stage, cell).unwrap_or_default() {
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
    Forecast { pools }
}

/// The jobs of one stage in one cell.
struct Work {
    jobs: u64,
    calls: u64,
    taken: Taken,
    busy_s: f64,
    priced_by: Option<String>,
}

impl Work {
    fn of(
        at_most: &AtMost<'_>,
        (plan, of): (&Plan, &Stage),
        (stage, cell): (u32, u32),
        jobs: u64,
        prices: &mut Prices<'_>,
    ) -> Self {
        let asked = plan.model_asked(stage, cell).zip(plan.parameters_asked(stage, cell));
        let Some((model, parameters)) = asked else {
            let taken = at_most.of_jobs((stage, cell), jobs, None);
            return Self { jobs, calls: 0, taken, busy_s: 0.0, priced_by: None };
        };
        let calls = jobs.saturating_mul(calls_at_most(&of.kind).into());
        let section = prices.settings.endpoints.get(&model.endpoint);
        let long = latency_guess_s(section, f64::from(parameters.max_output_tokens));
        let (price, by) = prices.of(&model.endpoint, &model.id);
        let taken = at_most.of_jobs((stage, cell), jobs, price.as_ref());
        Self { jobs, calls, taken, busy_s: float(calls) * long, priced_by: Some(by.clone()) }
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
        let kind = PoolKind::of(&name, settings);
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
        self.input = self.input.saturating_add(work.taken.usage.input);
        self.output = self.output.saturating_add(work.taken.usage.output);
        self.dollars = self.dollars.zip(work.taken.cost).map(|(sum, more)| sum + more);
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
