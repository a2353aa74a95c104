//! From settings to what coordinator and worker are told of the endpoints that a plan uses.

mod admitted;
mod called;
mod limited;
mod objected;
mod priced;
mod simulated;

use std::collections::BTreeMap;

use iago_coordinator::{PoolSettings, Served, Sources};
use iago_simulated_endpoint::Endpoint;
use iago_sweep::{LOCAL_POOL, Model, Plan, Prompt, is_local};
use iago_worker::{EndpointSettings, Finding, HangsOn, ProgramSettings};

use crate::exit::{Exit, Stop};
use crate::output::talk;
use crate::programs;
use crate::settings::endpoints::{EndpointSection, Settings};
pub(crate) use admitted::check_admission;
pub(crate) use limited::{coordinated, pools, told};
pub(crate) use objected::check_parameters;
pub(crate) use priced::{is_own, price, price_source};

/// The endpoints in use.
pub(crate) struct Endpoints {
    pub(crate) pools: Vec<PoolSettings>,
    /// For the coordinator.
    pub(crate) coordinated: Vec<Served>,
    /// For the worker.
    pub(crate) served: BTreeMap<String, EndpointSettings>,
    pub(crate) programs: BTreeMap<String, ProgramSettings>,
    /// Endpoints that this process serves itself, for as long as this value lives.
    _simulated: Vec<Endpoint>,
}

/// What a plan uses of the settings, if it can be run with it: programs and prices are there, nothing is
/// asked that a model is known to refuse or a limit can never take, and keys are there. Nothing is
/// started.
pub(crate) fn select(
    sources: &Sources,
    plan: &Plan,
    settings: &Settings,
) -> Result<Settings, Stop> {
    let used = priced::by_id(plan, of_plan(plan, settings)?);
    programs::check(plan, &used)?;
    check_parameters(sources, plan, &used)?;
    check_admission(plan, &used)?;
    for (name, section) in &used.endpoints {
        check_key(name, section)?;
    }
    Ok(used)
}

/// What a plan uses of the settings, whether keys are set or not: nobody is called.
pub(crate) fn of_plan(plan: &Plan, settings: &Settings) -> Result<Settings, Stop> {
    let mut used = BTreeMap::new();
    for model in plan.models.iter().chain(&plan.judges) {
        let section = settings.endpoints.get(&model.endpoint);
        let section = section.ok_or_else(|| unknown(model, settings))?;
        used.insert(model.endpoint.clone(), section.clone());
    }
    Ok(settings.with_endpoints(used))
}

fn unknown(model: &Model, settings: &Settings) -> Stop {
    if is_local(&model.endpoint) {
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

/// Whether the key that an endpoint needs is set.
pub(crate) fn check_key(name: &str, section: &EndpointSection) -> Result<(), Stop> {
    let Some(variable) = &section.key_env else { return Ok(()) };
    if !is_variable(variable) {
        return Err(Stop::new(Exit::Config, no_variable(name)));
    }
    if called::key(section).is_some() {
        return Ok(());
    }
    let message = format!(
        "endpoint `{name}` needs its key in the environment variable {variable}, which is not set: \
         export it, then run the same command again"
    );
    Err(Stop::new(Exit::Credential, message))
}

/// Whether it can be the name of a variable. A key that was pasted here by mistake mostly cannot.
fn is_variable(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(is_part) && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// Without what stands there: it may be a key.
fn no_variable(name: &str) -> String {
    format!(
        "endpoint `{name}`: its `key_env` is no name of a variable; write the variable that holds the \
         key, like VENDOR_API_KEY, and never the key itself"
    )
}

/// Starts what is to be simulated here, and makes the settings of the rest.
pub(crate) async fn start(used: Settings, prompts: &[Prompt]) -> Result<Endpoints, Stop> {
    let (mut served, mut simulated) = (BTreeMap::new(), Vec::new());
    for (name, section) in &used.endpoints {
        let url = match (&section.simulation, &section.url) {
            (Some(simulation), None) => {
                let endpoint = simulated::start(simulation, prompts).await?;
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
        served.insert(name.clone(), called::settings(&used, name, section, &url)?);
    }
    Ok(Endpoints {
        pools: pools(&used),
        coordinated: coordinated(&used),
        served,
        programs: BTreeMap::new(),
        _simulated: simulated,
    })
}

/// What a worker may call: every endpoint that is configured and whose key, if it needs one, is set.
/// Those whose key is not are left to other workers.
pub(crate) fn serve(settings: &Settings) -> Result<BTreeMap<String, EndpointSettings>, Stop> {
    let mut served = BTreeMap::new();
    let mut keyless = Vec::new();
    for (name, section) in &settings.endpoints {
        let url = served_elsewhere(name, section)?;
        let endpoint = called::settings(settings, name, section, url)?;
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
        let findings = findings.map_err(|error| Stop::new(Exit::Config, error.to_string()))?;
        let Some(finding) = findings.into_iter().next() else { return Ok(()) };
        let (seen, way_out) = tell_finding(&finding);
        let message = format!(
            "endpoint `{}` {seen}: {way_out} in the configuration; nothing was sent and nothing was \
             stored",
            finding.endpoint
        );
        Err(Stop::new(Exit::Unreachable, message))
    }
}

/// What is seen of an endpoint that cannot be reached, and what to do: it hangs on one setting
/// before others.
pub(crate) fn tell_finding(finding: &Finding) -> (String, &'static str) {
    let Finding { url, why, .. } = finding;
    match finding.hangs_on {
        HangsOn::Url => {
            (format!("is out of reach at {url} ({why})"), "start it, or correct its url")
        }
        HangsOn::Proxy => (
            format!("has a proxy that makes no connection to {url} ({why})"),
            // A proxy that is there makes none either where the address is wrong.
            "start the proxy, or correct `proxy`, or else `url`",
        ),
        HangsOn::Certificate => (
            format!("has no certificate that is trusted at {url} ({why})"),
            "name the one that signs it in `ca`, if it is your own, or correct its url",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_makes_no_connection_says_why_and_the_address_is_suspected_second() {
        let finding = Finding {
            endpoint: "a".to_owned(),
            url: "http://h".to_owned(),
            hangs_on: HangsOn::Proxy,
            why: "refused".to_owned(),
        };
        let (seen, way_out) = tell_finding(&finding);
        assert!(seen.contains("http://h (refused)"), "{seen}");
        assert!(way_out.find("`proxy`") < way_out.find("`url`"), "{way_out}");
        assert!(way_out.contains("`proxy`"), "{way_out}");
    }
}
