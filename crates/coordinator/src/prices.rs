//! A budget that cannot be held is worse than none.

use iago_sweep::Plan;

use crate::settings::PoolSettings;

/// A sweep has a budget, and nobody knows what one of its models costs.
#[derive(Debug, thiserror::Error)]
#[error(
    "the sweep has a budget_usd, but model `{id}` has no price: add \
     [endpoints.{endpoint}.prices.\"{id}\"] with input and output in dollars per million tokens, or \
     take budget_usd out"
)]
pub struct Unpriced {
    /// The model's name at its endpoint.
    id: String,
    endpoint: String,
}

/// Whether the budget of a plan, if it has one, can be held in these pools. A pool that is not
/// there is not looked at: whoever needs it says so.
pub fn check_prices(plan: &Plan, pools: &[PoolSettings]) -> Result<(), Unpriced> {
    if plan.budget.is_none() {
        return Ok(());
    }
    for model in plan.models.iter().chain(&plan.judges) {
        let pool = pools.iter().find(|pool| pool.name == model.endpoint);
        if pool.is_some_and(|pool| !pool.free && !pool.prices.contains_key(&model.id)) {
            return Err(Unpriced { id: model.id.clone(), endpoint: model.endpoint.clone() });
        }
    }
    Ok(())
}
