//! One tiny call of each endpoint, made from here: this process is the worker.

use std::collections::BTreeMap;

use iago_sweep::{Told, ToldLimit, Usage};
use iago_worker::{EndpointSettings, ProbeError, Probed, probe};

use super::finding::Finding;
use super::targets::Targets;
use crate::endpoints::{self, Endpoints};
use crate::exit::{Exit, Stop};
use crate::settings::endpoints::{EndpointSection, Settings};
use crate::watch::grouped;

/// Calls each model that is named, and reaches every other endpoint.
pub(super) async fn look(targets: Targets, findings: &mut Vec<Finding>) {
    let targets = targets.with_simulations();
    let mut started = BTreeMap::new();
    for (name, section) in &targets.settings.endpoints {
        match start(&targets, name, section).await {
            Ok(endpoint) => drop(started.insert(name.clone(), endpoint)),
            Err(finding) => findings.push(finding),
        }
    }
    for (name, id) in &targets.models {
        let served = started.get(name).and_then(|started| started.served.get(name));
        if let Some(endpoint) = served {
            let what = format!("endpoint {name}, {id}");
            let variable = targets.settings.endpoints.get(name).and_then(|of| of.key_env.clone());
            findings.push(match probe(endpoint, id).await {
                Ok(probed) => Finding::well(what, said(&targets.settings, (name, id), &probed)),
                Err(error) => failed(what, &error, variable.as_deref()),
            });
        }
    }
    for name in targets.without_model() {
        if let Some(served) = started.get(name) {
            findings.extend(reach(name, served).await);
        }
    }
}

/// One endpoint by itself, so that another one's mistakes are not in its way.
async fn start(
    targets: &Targets,
    name: &str,
    section: &EndpointSection,
) -> Result<Endpoints, Finding> {
    let what = format!("endpoint {name}");
    if let Err(stop) = endpoints::check_key(name, section) {
        return Err(keyless(what, &stop, section));
    }
    let alone = BTreeMap::from([(name.to_owned(), section.clone())]);
    let started = endpoints::start(targets.settings.with_endpoints(alone), &targets.prompts).await;
    started.map_err(|stop| {
        let stop = about(name, &stop);
        Finding::wrong_with(what, stop, format!("correct [endpoints.{name}]"))
    })
}

/// Its key is not there, or the variable is none.
fn keyless(what: String, stop: &Stop, section: &EndpointSection) -> Finding {
    match &section.key_env {
        Some(variable) if stop.exit == Exit::Credential => {
            let seen = format!(
                "its key is to be in the environment variable {variable}, which is not set"
            );
            let way_out = "export the variable; a worker finds it in its own environment";
            Finding::wrong_with(what, Stop::new(stop.exit, seen), way_out)
        }
        _ => {
            let seen = "its `key_env` is no name of a variable";
            let way_out = "write the variable that holds the key there, like VENDOR_API_KEY, and never \
                           the key itself";
            Finding::wrong_with(what, Stop::new(stop.exit, seen), way_out)
        }
    }
}

/// Without the name that the finding has already.
fn about(name: &str, stop: &Stop) -> Stop {
    let message =
        stop.message.strip_prefix(&format!("endpoint `{name}`: ")).unwrap_or(&stop.message);
    Stop::new(stop.exit, message)
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
            let stop = about(name, &Stop::new(Exit::Config, error.to_string()));
            Finding::wrong_with(what, stop, "correct its `proxy` or its `ca`")
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
    let exit = match error {
        ProbeError::Unreachable { .. }
        | ProbeError::Tls { .. }
        | ProbeError::Proxy { .. }
        | ProbeError::Throttled { .. }
        | ProbeError::Troubled { .. }
        | ProbeError::TimedOut(_)
        | ProbeError::Broken(_) => Exit::Unreachable,
        ProbeError::Credential { .. } | ProbeError::Forbidden { .. } | ProbeError::Money { .. } => {
            Exit::Credential
        }
        ProbeError::Settings(_)
        | ProbeError::UnknownModel { .. }
        | ProbeError::UnknownPath { .. }
        | ProbeError::Rejected { .. }
        | ProbeError::NotUnderstood { .. } => Exit::Config,
    };
    Finding::wrong_with(what, Stop::new(exit, error.to_string()), way_out(error, variable))
}

/// What a person is to do.
fn way_out(error: &ProbeError, variable: Option<&str>) -> String {
    let words = match error {
        ProbeError::Credential { .. } => {
            let variable = variable.unwrap_or("that `key_env` names");
            return format!(
                "put a key that is accepted into the variable {variable}; see `auth` as well"
            );
        }
        ProbeError::Forbidden { .. } => {
            "give the key the right to call this model, or use another: see which organisation, \
             project and region it is of, and whether calls from here are allowed"
        }
        ProbeError::Settings(_) => "correct the endpoint's settings",
        ProbeError::Unreachable { .. } => "start the server, or correct `url`",
        ProbeError::Tls { .. } => {
            "name the certificate that signs in `ca`, if it is your own; write http:// if it has none"
        }
        ProbeError::Proxy { .. } => {
            "start the proxy, or correct `proxy`, or take it out if none is needed; or else correct `url`"
        }
        ProbeError::Money { .. } => "add credit, or raise the spend limit of the account",
        ProbeError::UnknownModel { .. } => "correct the model's id, or ask for access to it",
        ProbeError::UnknownPath { .. } => {
            "correct `url`, which ends where the protocol's own path begins, or `protocol`"
        }
        ProbeError::Rejected { .. } => "correct what the endpoint objects to",
        ProbeError::Throttled { .. } | ProbeError::Troubled { .. } => {
            "try again later; a sweep would wait by itself"
        }
        ProbeError::NotUnderstood { .. } => {
            "correct `url` and `protocol`: something else is served there"
        }
        ProbeError::TimedOut(_) => {
            "raise the timeout that it names if the endpoint is slow; else see what lies between, such \
             as a proxy that keeps quiet about a lost connection"
        }
        ProbeError::Broken(_) => "try again; then see what lies between, such as a proxy",
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(error: &ProbeError) -> String {
        let finding = failed("endpoint x".to_owned(), error, Some("THE_KEY"));
        super::super::finding::in_words(&[finding], 200)
    }

    #[test]
    fn a_key_without_the_right_is_not_a_wrong_key() {
        let words = || "no".to_owned();
        let wrong = of(&ProbeError::Credential { status: 401, words: words() });
        assert!(wrong.contains("into the variable THE_KEY"), "{wrong}");
        let forbidden = of(&ProbeError::Forbidden { status: 403, words: words() });
        assert!(forbidden.contains("organisation, project and region"), "{forbidden}");
        assert!(!forbidden.contains("is accepted"), "{forbidden}");
    }

    #[test]
    fn what_is_wrong_and_what_to_do_do_not_say_the_same() {
        let (url, why) = ("http://h".to_owned(), "refused".to_owned());
        let unreachable = of(&ProbeError::Unreachable { url: url.clone(), why: why.clone() });
        assert_eq!(unreachable.matches("`url`").count(), 1, "{unreachable}");
        let proxy = of(&ProbeError::Proxy { url, why });
        assert_eq!(proxy.matches("`proxy`").count(), 1, "{proxy}");
        assert_eq!(proxy.matches("`url`").count(), 1, "{proxy}");
        assert!(proxy.contains("http://h (refused)"), "{proxy}");
    }
}
