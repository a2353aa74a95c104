//! From settings to what coordinator and worker are told of the endpoints that a plan uses.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use iago_coordinator::{PoolSettings, check_prices};
use iago_providers::{Dialect, Protocol};
use iago_simulated_endpoint::{Endpoint, Faults, Limit, LimitKind, Settings as Simulation};
use iago_sweep::{LOCAL_POOL, Model, Plan, Price, Prompt};
use iago_worker::{EndpointSettings, Finding, ProgramSettings};
use secrecy::SecretString;

use crate::exit::{Exit, Stop};
use crate::output::talk;
use crate::programs;
use crate::settings::endpoints::{EndpointSection, PriceSection, Settings, SimulationSection};

/// The endpoints in use.
pub(crate) struct Endpoints {
    pub(crate) pools: Vec<PoolSettings>,
    pub(crate) served: BTreeMap<String, EndpointSettings>,
    pub(crate) programs: BTreeMap<String, ProgramSettings>,
    /// Endpoints that this process serves itself, for as long as this value lives.
    _simulated: Vec<Endpoint>,
}

/// The sections of the endpoints that a plan uses, or what is wrong with them. Nothing is started.
pub(crate) fn select(
    plan: &Plan,
    settings: &Settings,
) -> Result<BTreeMap<String, EndpointSection>, Stop> {
    let mut sections = BTreeMap::new();
    for model in plan.models.iter().chain(&plan.judges) {
        let name = &model.endpoint;
        let section = settings.endpoints.get(name).ok_or_else(|| unknown(model, settings))?;
        check_key(name, section)?;
        let pools = [pool(name, section)?];
        check_prices(plan, &pools).map_err(|why| Stop::new(Exit::Config, why.to_string()))?;
        sections.insert(name.clone(), section.clone());
    }
    Ok(sections)
}

/// The sections of the endpoints that a plan uses, whether their keys are set or not: nobody is called.
pub(crate) fn sections(
    plan: &Plan,
    settings: &Settings,
) -> Result<BTreeMap<String, EndpointSection>, Stop> {
    let mut sections = BTreeMap::new();
    for model in plan.models.iter().chain(&plan.judges) {
        let section =
            settings.endpoints.get(&model.endpoint).ok_or_else(|| unknown(model, settings))?;
        sections.insert(model.endpoint.clone(), section.clone());
    }
    Ok(sections)
}

/// What a model costs there; `None` where that is not known.
pub(crate) fn price(section: &EndpointSection, id: &str) -> Option<Price> {
    let free = Price { input: 0, cached_input: 0, cache_write: 0, output: 0 };
    section.prices.get(id).map(price_of).or(is_own(section).then_some(free))
}

/// Whether it is nobody else's: it stands on this machine, or is simulated.
pub(crate) fn is_own(section: &EndpointSection) -> bool {
    section.simulation.is_some() || is_loopback(section)
}

fn unknown(model: &Model, settings: &Settings) -> Stop {
    if model.endpoint.split('.').next() == Some(LOCAL_POOL) {
        let message = format!(
            "model `{}` uses endpoint `{}`, and `{LOCAL_POOL}` is the pool of scores, which call \
             nobody; give the endpoint another name",
            model.name, model.endpoint
        );
        return Stop::new(Exit::Config, message);
    }
    let known: Vec<_> = settings.endpoints.keys().map(String::as_str).collect();
    let (model, name, known) = (&model.name, &model.endpoint, known.join(", "));
    Stop::new(
        Exit::Config,
        format!(
            "model `{model}` uses endpoint `{name}`, which is not configured (known: {known}); \
             add [endpoints.{name}] to config/endpoints.toml, or name the file with --config"
        ),
    )
}

fn check_key(name: &str, section: &EndpointSection) -> Result<(), Stop> {
    let Some(variable) = &section.key_env else { return Ok(()) };
    if key(section).is_some() {
        return Ok(());
    }
    let message = format!(
        "endpoint `{name}` needs its key in the environment variable {variable}, which is not set: \
         export it, then run the same command again"
    );
    Err(Stop::new(Exit::Credential, message))
}

/// The key, read once and kept where it cannot be printed.
#[expect(clippy::disallowed_methods, reason = "the one place where keys are read, for the worker")]
fn key(section: &EndpointSection) -> Option<SecretString> {
    let found = std::env::var(section.key_env.as_ref()?).ok()?;
    (!found.is_empty()).then(|| SecretString::from(found))
}

/// A server on this machine costs nothing per token.
fn is_loopback(section: &EndpointSection) -> bool {
    let url = section.url.as_deref().unwrap_or_default();
    let host = url.split("//").nth(1).unwrap_or_default();
    ["127.", "localhost", "[::1]"].iter().any(|own| host.starts_with(own))
}

/// Starts what is to be simulated here, and makes the settings of the rest.
pub(crate) async fn start(
    sections: BTreeMap<String, EndpointSection>,
    prompts: &[Prompt],
) -> Result<Endpoints, Stop> {
    let (mut pools, mut served, mut simulated) = (Vec::new(), BTreeMap::new(), Vec::new());
    for (name, section) in sections {
        let url = match (&section.simulation, &section.url) {
            (Some(simulation), None) => {
                let endpoint = simulate(simulation, prompts).await?;
                let url = endpoint.url();
                simulated.push(endpoint);
                url
            }
            (None, Some(url)) => url.clone(),
            (Some(_), Some(_)) | (None, None) => {
                let message = format!("endpoint `{name}` needs either a url or a [simulation]");
                return Err(Stop::new(Exit::Config, message));
            }
        };
        pools.push(pool(&name, &section)?);
        let settings = settings_of(&section, &url)
            .map_err(|why| Stop::new(Exit::Config, format!("endpoint `{name}`: {why}")))?;
        served.insert(name, settings);
    }
    Ok(Endpoints { pools, served, programs: BTreeMap::new(), _simulated: simulated })
}

/// The pools of a coordinator: every endpoint that is configured, for it knows no sweep yet.
pub(crate) fn pools(settings: &Settings) -> Result<Vec<PoolSettings>, Stop> {
    let endpoints = settings.endpoints.iter().map(|(name, section)| pool(name, section));
    endpoints.chain(programs::pools(settings).into_iter().map(Ok)).collect()
}

/// What a worker may call: every endpoint that is configured and whose key, if it needs one, is set.
/// Those whose key is not are left to other workers.
pub(crate) fn serve(settings: &Settings) -> Result<BTreeMap<String, EndpointSettings>, Stop> {
    let mut served = BTreeMap::new();
    let mut keyless = Vec::new();
    for (name, section) in &settings.endpoints {
        let url = served_elsewhere(name, section)?;
        pool(name, section)?;
        let endpoint = settings_of(section, url)
            .map_err(|why| Stop::new(Exit::Config, format!("endpoint `{name}`: {why}")))?;
        match check_key(name, section) {
            Ok(()) => drop(served.insert(name.clone(), endpoint)),
            Err(stop) => keyless.push((name, stop)),
        }
    }
    let none_left = served.is_empty() && settings.programs.is_empty();
    for (name, stop) in keyless {
        if none_left {
            return Err(stop);
        }
        talk(&format!("endpoint `{name}` is left to other workers: its key is not set here"));
    }
    Ok(served)
}

/// Its url. A simulation belongs to one process: every worker would have another one.
fn served_elsewhere<'a>(name: &str, section: &'a EndpointSection) -> Result<&'a str, Stop> {
    match (&section.simulation, &section.url) {
        (None, Some(url)) => Ok(url),
        (Some(_), _) => {
            let message = format!(
                "endpoint `{name}` has a [simulation], which only `iago run` starts by itself: \
                 start `iago simulated-endpoint`, and give endpoint `{name}` its url instead"
            );
            Err(Stop::new(Exit::Config, message))
        }
        (None, None) => Err(Stop::new(Exit::Config, format!("endpoint `{name}` needs a url"))),
    }
}

fn pool(name: &str, section: &EndpointSection) -> Result<PoolSettings, Stop> {
    if section.concurrency == 0 || section.requests_per_minute == Some(0) {
        let message =
            format!("endpoint `{name}`: concurrency and requests_per_minute must be 1 or more");
        return Err(Stop::new(Exit::Config, message));
    }
    Ok(PoolSettings {
        name: name.to_owned(),
        requests_per_minute: section.requests_per_minute,
        concurrency: section.concurrency,
        prices: prices(section),
        free: is_own(section),
    })
}

fn settings_of(section: &EndpointSection, url: &str) -> Result<EndpointSettings, String> {
    let words = |error: &dyn std::fmt::Display| error.to_string();
    let protocol: Protocol = section.protocol.parse().map_err(|error| words(&error))?;
    let mut dialect = Dialect::new(protocol, url).map_err(|error| words(&error))?;
    dialect.idempotency = section.idempotency_key;
    if let Some(version) = &section.anthropic_version {
        dialect.anthropic_version.clone_from(version);
    }
    if let Some(auth) = &section.auth {
        dialect.auth = auth.parse().map_err(|error| words(&error))?;
    }
    if let Some(field) = &section.output_limit_field {
        dialect.output_limit_field = field.parse().map_err(|error| words(&error))?;
    }
    let timeout = Duration::from_secs(section.timeout_s.max(1));
    Ok(EndpointSettings { dialect, key: key(section), timeout, prices: prices(section) })
}

fn prices(section: &EndpointSection) -> BTreeMap<String, Price> {
    section.prices.iter().map(|(id, price)| (id.clone(), price_of(price))).collect()
}

/// A dollar per million tokens is a million picodollars per token.
fn price_of(section: &PriceSection) -> Price {
    #[expect(clippy::cast_possible_truncation, reason = "prices are far below the range")]
    let pico = |dollars: f64| (dollars * 1e6).round() as i64;
    Price {
        input: pico(section.input),
        cached_input: pico(section.cached_input.unwrap_or(section.input)),
        cache_write: pico(section.cache_write.unwrap_or(section.input)),
        output: pico(section.output),
    }
}

async fn simulate(section: &SimulationSection, prompts: &[Prompt]) -> Result<Endpoint, Stop> {
    let texts: BTreeSet<&String> = prompts.iter().flat_map(|p| p.fields.values()).collect();
    let kind = LimitKind::SlidingMinute;
    let limit = section.requests_per_minute;
    let settings = Simulation {
        prompts: texts.into_iter().cloned().collect(),
        seed: section.seed,
        limit: limit.map(|requests_per_minute| Limit { requests_per_minute, kind }),
        faults: Faults {
            internal_500: section.internal_500,
            overloaded_529: section.overloaded_529,
            reset: section.reset,
            slow: section.slow,
            slow_for: Duration::from_millis(section.slow_for_ms),
            malformed: section.malformed,
            error_in_200: section.error_in_200,
        },
        latency: Duration::from_millis(section.latency_ms),
        ..Simulation::default()
    };
    Endpoint::start(settings).await.map_err(|error| Stop::new(Exit::Config, error.to_string()))
}

impl Endpoints {
    /// With what scores need.
    pub(crate) fn and_programs(mut self, settings: &Settings) -> Result<Self, Stop> {
        self.pools.extend(programs::pools(settings));
        self.programs = programs::serve(settings)?;
        Ok(self)
    }

    /// Tries to reach every endpoint before anything is asked of it.
    pub(crate) async fn examine(&self) -> Result<(), Stop> {
        let findings = iago_worker::examine(&self.served).await;
        let findings = findings.map_err(|error| Stop::new(Exit::Io, error.to_string()))?;
        let Some(Finding::Unreachable { endpoint, url, why }) = findings.into_iter().next() else {
            return Ok(());
        };
        let message = format!(
            "endpoint `{endpoint}` is out of reach at {url} ({why}): start it, or correct its url \
             in the configuration; nothing was sent and nothing was stored"
        );
        Err(Stop::new(Exit::Unreachable, message))
    }
}
