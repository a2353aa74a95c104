//! Which models are called, and where.

use std::collections::BTreeSet;
use std::path::Path;

use iago_sweep::{Plan, Prompt};

use super::finding::Finding;
use super::money;
use crate::args::DoctorArgs;
use crate::endpoints;
use crate::exit::{Exit, Stop};
use crate::settings::endpoints::Settings;
use crate::sources;
use crate::submission::bad_sweep;

/// A model that every simulation serves.
const SIMULATED_MODEL: &str = "sim-null";

/// What is called, by the settings.
pub(super) struct Targets {
    /// The endpoints that are looked at.
    pub(super) settings: Settings,
    /// Endpoint and model id.
    pub(super) models: BTreeSet<(String, String)>,
    /// Of a sweep, for simulations.
    pub(super) prompts: Vec<Prompt>,
}

impl Targets {
    /// Finds them; what is wrong with the sweep or a name is a finding.
    pub(super) fn find(
        args: &DoctorArgs,
        settings: &Settings,
        findings: &mut Vec<Finding>,
    ) -> Option<Self> {
        let (mut targets, plan) = match &args.sweep {
            None => (Self::none(settings.clone()), None),
            Some(sweep) => {
                let what = format!("sweep {}", sweep.display());
                let found = Self::of_sweep(sweep, settings).map_err(|stop| {
                    Finding::wrong_with(what.clone(), stop, "correct the sweep, or the settings")
                });
                let (targets, plan, accepted) = or_note(found, findings)?;
                findings.push(match accepted {
                    Ok(()) => Finding::well(what, "asks nothing that is known to be refused"),
                    Err(stop) => {
                        Finding::wrong_with(what, stop, "correct the sweep, or the settings")
                    }
                });
                (targets, Some(plan))
            }
        };
        for (endpoint, id) in &args.model {
            let named = targets.name(settings, endpoint, id);
            or_note(named, findings)?;
        }
        // Somebody who names models wants those, and not everything that there is.
        if args.sweep.is_none() && !args.model.is_empty() {
            let named = |endpoint: &String| args.model.iter().any(|(name, _)| name == endpoint);
            targets.settings.endpoints.retain(|endpoint, _| named(endpoint));
        }
        money::look(plan.as_ref(), &targets, findings);
        Some(targets)
    }

    /// Has this model called as well.
    fn name(&mut self, settings: &Settings, endpoint: &str, id: &str) -> Result<(), Finding> {
        let Some(section) = settings.endpoints.get(endpoint) else {
            let known: Vec<_> = settings.endpoints.keys().map(String::as_str).collect();
            let message = format!("no such endpoint is configured (known: {})", known.join(", "));
            let way_out = format!("add [endpoints.{endpoint}], or correct --model {endpoint}={id}");
            let stop = Stop::new(Exit::Config, message);
            return Err(Finding::wrong_with(format!("endpoint {endpoint}"), stop, way_out));
        };
        self.settings.endpoints.insert(endpoint.to_owned(), section.clone());
        self.settings.pools.clone_from(&settings.pools);
        self.models.insert((endpoint.to_owned(), id.to_owned()));
        Ok(())
    }

    fn none(settings: Settings) -> Self {
        Self { settings, models: BTreeSet::new(), prompts: Vec::new() }
    }

    /// With its plan, and whether all that it asks for is taken; prices are looked at by themselves.
    fn of_sweep(sweep: &Path, settings: &Settings) -> Result<(Self, Plan, Result<(), Stop>), Stop> {
        let sources = sources::read(sweep, None)?;
        let plan = iago_coordinator::compile(&sources).map_err(|error| bad_sweep(&error))?;
        let settings = endpoints::of_plan(&plan, settings)?;
        let asked = plan.models.iter().chain(&plan.judges);
        let models = asked.map(|model| (model.endpoint.clone(), model.id.clone())).collect();
        let accepted = endpoints::check_parameters(&sources, &plan, &settings);
        let accepted = accepted.and_then(|()| match money::unpriced(&plan, &settings) {
            None => endpoints::check_admission(&plan, &settings),
            Some(_) => Ok(()),
        });
        Ok((Self { settings, models, prompts: plan.prompts.clone() }, plan, accepted))
    }

    /// With a model for each simulation that this process serves, which costs nothing.
    pub(super) fn with_simulations(mut self) -> Self {
        for (name, section) in &self.settings.endpoints {
            let is_named = self.models.iter().any(|(endpoint, _)| endpoint == name);
            if section.simulation.is_some() && !is_named {
                self.models.insert((name.clone(), SIMULATED_MODEL.to_owned()));
            }
        }
        self
    }

    /// What is looked at, in words.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        self.settings.endpoints.keys().map(|name| format!("endpoint {name}"))
    }

    /// Endpoints for which no model is named; simulations are somebody's only while they are served.
    pub(super) fn without_model(&self) -> impl Iterator<Item = &String> {
        let named = |name: &String| self.models.iter().any(|(endpoint, _)| endpoint == name);
        let others = self.settings.endpoints.iter();
        let others = others.filter(move |(name, of)| of.simulation.is_none() && !named(name));
        others.map(|(name, _)| name)
    }
}

fn or_note<T>(found: Result<T, Finding>, findings: &mut Vec<Finding>) -> Option<T> {
    match found {
        Ok(found) => Some(found),
        Err(finding) => {
            findings.push(finding);
            None
        }
    }
}
