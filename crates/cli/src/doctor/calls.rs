//! One tiny call of each endpoint, made from here: this process is the worker.

use iago_sweep::{Told, ToldLimit, Usage};
use iago_worker::{EndpointSettings, ProbeError, Probed, probe};

use super::finding::Finding;
use super::targets::Targets;
use crate::endpoints::{self, Endpoints};
use crate::exit::{Exit, Stop};
use crate::settings::endpoints::Settings;
use crate::watch::grouped;

/// Calls each model that is named, and reaches every other endpoint.
pub(super) async fn look(targets: Targets, findings: &mut Vec<Finding>) {
    let mut targets = targets.with_simulations();
    without_keys(&mut targets, findings);
    let started = endpoints::start(targets.settings.clone(), &targets.prompts).await;
    let served = match started {
        Ok(endpoints) => endpoints,
        Err(stop) => {
            findings.push(Finding::wrong_with(
                "endpoints",
                stop,
                "correct the endpoints' settings",
            ));
            return;
        }
    };
    for (name, id) in &targets.models {
        if let Some(endpoint) = served.served.get(name) {
            let what = format!("endpoint {name}, {id}");
            let variable = targets.settings.endpoints.get(name).and_then(|of| of.key_env.clone());
            findings.push(match probe(endpoint, id).await {
                Ok(probed) => Finding::well(what, said(&targets.settings, (name, id), &probed)),
                Err(error) => failed(what, &error, variable.as_deref()),
            });
        }
    }
    for name in targets.without_model() {
        findings.extend(reach(name, &served).await);
    }
}

/// Takes endpoints out whose key is not set.
fn without_keys(targets: &mut Targets, findings: &mut Vec<Finding>) {
    targets.settings.endpoints.retain(|name, section| {
        let checked = endpoints::check_key(name, section);
        let missing = checked.err().map(|stop| {
            let way_out = "export the variable; a worker finds it in its own environment";
            Finding::wrong_with(format!("endpoint {name}"), stop, way_out)
        });
        let is_there = missing.is_none();
        findings.extend(missing);
        is_there
    });
}

async fn reach(name: &str, served: &Endpoints) -> Option<Finding> {
    let what = format!("endpoint {name}");
    let endpoint: EndpointSettings = served.served.get(name)?.clone();
    let only = [(name.to_owned(), endpoint)].into();
    Some(match iago_worker::examine(&only).await {
        Ok(found) => match found.first() {
            None => Finding::passed_over(
                what,
                format!("somebody listens; --model {name}=ID has one call made"),
            ),
            Some(found) => {
                let (seen, way_out) = endpoints::tell_finding(found);
                Finding::wrong_with(what, Stop::new(Exit::Unreachable, seen), way_out)
            }
        },
        Err(error) => {
            let stop = Stop::new(Exit::Config, error.to_string());
            Finding::wrong_with(what, stop, "correct its proxy or its ca")
        }
    })
}

fn said(settings: &Settings, (endpoint, id): (&str, &str), probed: &Probed) -> String {
    let Probed { latency, echoed_model, usage, limits, simulated } = probed;
    let mut words = vec![format!("answered in {} ms", latency.as_millis())];
    words.push(match echoed_model {
        Some(echoed) if echoed == id => "as that model".to_owned(),
        Some(echoed) => format!("as `{echoed}`"),
        None => "does not say which model answered".to_owned(),
    });
    words.push(cost(settings, (endpoint, id), usage));
    words.extend(told(limits));
    if *simulated {
        words.push("SIMULATED".to_owned());
    }
    words.join("; ")
}

fn cost(settings: &Settings, (endpoint, id): (&str, &str), usage: &Usage) -> String {
    match endpoints::price(settings, endpoint, id) {
        Some(price) => format!("cost {}", price.of(usage)),
        None => "its price is not known".to_owned(),
    }
}

/// The limits that the reply's headers tell.
fn told(limits: &Told) -> Vec<String> {
    let named = [
        ("requests", &limits.requests),
        ("input tokens", &limits.input_tokens),
        ("output tokens", &limits.output_tokens),
        ("tokens", &limits.tokens),
    ];
    let shown = |(name, told): (&str, &Option<ToldLimit>)| {
        let told = told.as_ref()?;
        let per = if told.per_day { "day" } else { "minute" };
        let rest = told.remaining.map(|rest| format!(", {} left", grouped(rest)));
        Some(format!("tells {} {name} a {per}{}", grouped(told.limit?), rest.unwrap_or_default()))
    };
    named.into_iter().filter_map(shown).collect()
}

fn failed(what: String, error: &ProbeError, variable: Option<&str>) -> Finding {
    let variable = variable.unwrap_or("that key_env names");
    let (exit, way_out) = match error {
        ProbeError::Settings(_) => (Exit::Config, "correct the endpoint's settings".to_owned()),
        ProbeError::Unreachable { .. } => {
            (Exit::Unreachable, "start the server, or correct `url`".to_owned())
        }
        ProbeError::Tls { .. } => (
            Exit::Unreachable,
            "name the certificate that signs in `ca`, if it is your own".to_owned(),
        ),
        ProbeError::Proxy { .. } => (Exit::Unreachable, "correct `proxy`".to_owned()),
        ProbeError::Credential { .. } => (
            Exit::Credential,
            format!("put a key that is accepted into the variable {variable}; see `auth` as well"),
        ),
        ProbeError::Money { .. } => {
            (Exit::Credential, "add credit, or raise the spend limit of the account".to_owned())
        }
        ProbeError::UnknownModel { .. } => {
            (Exit::Config, "correct the model's id, or ask for access to it".to_owned())
        }
        ProbeError::UnknownPath { .. } => (Exit::Config, "correct `url` and `protocol`".to_owned()),
        ProbeError::Rejected { .. } => {
            (Exit::Config, "correct what the endpoint objects to".to_owned())
        }
        ProbeError::Throttled { .. } | ProbeError::Troubled { .. } => {
            (Exit::Unreachable, "try again later; a sweep would wait by itself".to_owned())
        }
        ProbeError::NotUnderstood { .. } => (
            Exit::Config,
            "correct `url` and `protocol`: something else is served there".to_owned(),
        ),
        ProbeError::TimedOut(_) | ProbeError::Broken(_) => {
            (Exit::Unreachable, "try again; see the timeouts, and what lies between".to_owned())
        }
    };
    Finding::wrong_with(what, Stop::new(exit, error.to_string()), way_out)
}
