//! Endpoints that this process serves itself.

use std::collections::BTreeSet;
use std::time::Duration;

use iago_simulated_endpoint::{Endpoint, Faults, Limit, Settings as Simulation};
use iago_sweep::Prompt;

use crate::exit::{Exit, Stop};
use crate::settings::endpoints::SimulationSection;

/// Starts one whose planted counts are exact over these prompts.
pub(super) async fn start(
    section: &SimulationSection,
    prompts: &[Prompt],
) -> Result<Endpoint, Stop> {
    let texts: BTreeSet<&String> = prompts.iter().flat_map(|p| p.fields.values()).collect();
    let settings = Simulation {
        prompts: texts.into_iter().cloned().collect(),
        seed: section.seed,
        limit: section.requests_per_minute.map(Limit::requests),
        faults: Faults {
            internal_500: section.internal_500,
            overloaded_529: section.overloaded_529,
            reset: section.reset,
            slow: section.slow,
            slow_for: Duration::from_millis(section.slow_for_ms),
            malformed: section.malformed,
            error_in_200: section.error_in_200,
            ..Faults::default()
        },
        trouble: section.trouble.clone(),
        latency: Duration::from_millis(section.latency_ms),
        ..Simulation::default()
    };
    Endpoint::start(settings).await.map_err(|error| Stop::new(Exit::Config, error.to_string()))
}
