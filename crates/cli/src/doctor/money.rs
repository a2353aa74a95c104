//! Whether what limits the money can be held: with a model of unknown price it cannot, and a run would
//! refuse to start.

use iago_coordinator::check_prices;
use iago_sweep::Plan;

use super::finding::Finding;
use super::targets::Targets;
use super::tiny;
use crate::endpoints;
use crate::exit::{Exit, Stop};
use crate::settings::endpoints::Settings;

const WAY_OUT: &str = "write its price into config/prices.toml, or fill that with `iago prices import`; \
                       `iago prices show MODEL` says what is known";

/// Looks at the budget of a sweep, and at the dollars of the pools of every model that is called.
pub(super) fn look(plan: Option<&Plan>, targets: &Targets, findings: &mut Vec<Finding>) {
    if let Some(plan) = plan {
        findings.extend(unpriced(plan, &targets.settings));
    }
    let is_of_plan = |(endpoint, id): &(&String, &String)| {
        let mut asked = plan.into_iter().flat_map(|plan| plan.models.iter().chain(&plan.judges));
        asked.any(|model| model.endpoint == **endpoint && model.id == **id)
    };
    let models = targets.models.iter().map(|(endpoint, id)| (endpoint, id));
    for (endpoint, id) in models.filter(|model| !is_of_plan(model)) {
        // A name that no plan can have is said when the model is called.
        let plan = iago_coordinator::compile(&tiny::sources(endpoint, id, 0));
        findings.extend(plan.ok().and_then(|plan| unpriced(&plan, &targets.settings)));
    }
}

/// What is wrong with the prices of a sweep's models; `None` if nothing is.
pub(super) fn unpriced(plan: &Plan, settings: &Settings) -> Option<Finding> {
    let (pools, served) = (endpoints::pools(settings), endpoints::coordinated(settings));
    let why = check_prices(plan, &pools, &served).err()?;
    Some(Finding::wrong_with("prices", Stop::new(Exit::Config, why.to_string()), WAY_OUT))
}
