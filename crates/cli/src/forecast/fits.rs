//! Requests that a limit on tokens can never take: an error before anything waits for ever.

use iago_grading::Grader;
use iago_sweep::Plan;
use iago_sweep_file::Renderer;

use crate::endpoints;
use crate::exit::{Exit, Stop};
use crate::forecast::cost::{certain_tokens, limits_of};
use crate::settings::endpoints::Settings;
use crate::watch::grouped;

/// Fails with the first stage whose requests are surely longer than a pool takes in a minute. Only what
/// is written is counted: what earlier answers add to it is a guess.
pub(crate) fn check_fits(plan: &Plan, grader: &Grader, settings: &Settings) -> Result<(), Stop> {
    let renderer =
        Renderer::new(plan).map_err(|error| Stop::new(Exit::BadSweep, error.to_string()))?;
    for (stage, of) in (0..).zip(&plan.stages) {
        let tokens = certain_tokens(plan, grader, &renderer, stage);
        for (cell, _) in (0..).zip(&plan.cells) {
            let Some(model) = plan.model_asked(stage, cell) else { continue };
            for pool in endpoints::pools_of(plan, settings, (stage, cell)) {
                let limits = limits_of(settings, &pool);
                let limits = [
                    ("input_tokens_per_minute", limits.input_tokens_per_minute),
                    ("tokens_per_minute", limits.tokens_per_minute),
                ];
                let short = limits.into_iter().find_map(|(key, limit)| {
                    limit.filter(|limit| tokens > *limit).map(|limit| (key, limit))
                });
                let Some((key, limit)) = short else { continue };
                let message = format!(
                    "stage `{}` asks model `{}` with about {} input tokens in one request, and pool \
                     `{pool}` takes {} a minute: it would wait for ever; shorten the texts, or raise \
                     {key} of `{pool}` if it takes more",
                    of.name,
                    model.name,
                    grouped(tokens),
                    grouped(limit)
                );
                return Err(Stop::new(Exit::BadSweep, message));
            }
        }
    }
    Ok(())
}
