//! Which pools a job draws from.
//!
//! An endpoint's own pool comes first and the others follow by name, so that a route is spelled in one
//! way only.

use std::collections::BTreeSet;

use iago_sweep::{Plan, PoolId, Price, find_by_id};

use crate::settings::{Served, Settings};

/// A setting names a pool that is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "endpoint `{endpoint}` draws from pool `{pool}`, which is not in the configuration: add \
     [pools.{pool}] with its limits, or take the name out of the endpoint's pools"
)]
pub struct UnknownPool {
    endpoint: String,
    pool: String,
}

impl Settings {
    /// Whether every pool that an endpoint or a model draws from is there.
    ///
    /// # Errors
    ///
    /// The first that is not.
    pub fn check_pools(&self) -> Result<(), UnknownPool> {
        for served in &self.served {
            let of_models = served.models.values().flatten();
            let mut named = served.pools.iter().chain(of_models);
            if let Some(pool) = named.find(|pool| self.pool_id(pool).is_none()) {
                let (endpoint, pool) = (served.endpoint.clone(), pool.clone());
                return Err(UnknownPool { endpoint, pool });
            }
        }
        Ok(())
    }

    /// All pools that a worker can have jobs of which has credentials for these: with an endpoint come
    /// the pools that its models draw from.
    pub(crate) fn pools_served(&self, names: &[String]) -> Vec<PoolId> {
        let served = self.served.iter().filter(|served| names.contains(&served.endpoint));
        let further = served.flat_map(|of| of.pools.iter().chain(of.models.values().flatten()));
        let all: BTreeSet<&String> = names.iter().chain(further).collect();
        all.into_iter().filter_map(|name| self.pool_id(name)).collect()
    }

    /// The pools that a job of this stage and cell draws from; `None` where its stage asks nobody that
    /// the plan has.
    pub fn route(&self, plan: &Plan, stage: u32, cell: u32) -> Option<Vec<String>> {
        let first = plan.pool_of(stage, cell)?;
        let model = plan.model_asked(stage, cell);
        let served = model.and_then(|model| Some((self.served(&model.endpoint)?, &model.id)));
        let further = served.map(|(served, id)| served.further(id)).unwrap_or_default();
        let further = further.into_iter().filter(|pool| **pool != first).map(str::to_owned);
        let further: Vec<String> = further.collect();
        Some([first].into_iter().chain(further).collect())
    }

    /// All pools that jobs of a plan draw from, as far as they are there.
    pub(crate) fn drawn_by(&self, plan: &Plan) -> BTreeSet<PoolId> {
        let cells = 0..u32::try_from(plan.cells.len()).unwrap_or(u32::MAX);
        let stages = 0..u32::try_from(plan.stages.len()).unwrap_or(u32::MAX);
        let routes = stages
            .flat_map(|stage| cells.clone().filter_map(move |cell| self.route(plan, stage, cell)));
        routes.flatten().filter_map(|pool| self.pool_id(&pool)).collect()
    }
}

impl Served {
    /// The pools that a model draws from beside the endpoint's own.
    pub(crate) fn further(&self, id: &str) -> BTreeSet<&str> {
        let of_model = find_by_id(&self.models, id);
        self.pools.iter().chain(of_model.into_iter().flatten()).map(String::as_str).collect()
    }

    /// What a model costs; `None` where nobody knows.
    pub(crate) fn price(&self, id: &str) -> Option<&Price> {
        find_by_id(&self.prices, id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::PoolSettings;

    fn served() -> Served {
        let pools = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let models = [
            ("swift-*".to_owned(), pools(&["family"])),
            ("swift-large-2".to_owned(), pools(&["large", "account"])),
        ];
        Served {
            endpoint: "lab".to_owned(),
            pools: pools(&["account"]),
            models: models.into(),
            ..Served::default()
        }
    }

    #[test]
    fn what_a_model_draws_from_is_added_to_what_its_endpoint_does() {
        let served = served();
        let further = |id| served.further(id);
        assert_eq!(further("swift-large-2"), BTreeSet::from(["account", "large"]));
        assert_eq!(further("swift-small"), BTreeSet::from(["account", "family"]));
        assert_eq!(further("other"), BTreeSet::from(["account"]));
    }

    #[test]
    fn a_pool_that_is_not_there_is_named_with_the_way_out() {
        let there = ["lab", "account", "family"];
        let pool = |name: &str| PoolSettings { name: name.to_owned(), limits: <_>::default() };
        let pools = there.into_iter().map(pool).collect();
        let settings = Settings::alone(String::new(), pools, vec![served()]);
        let words = settings.check_pools().expect_err("one is not there").to_string();
        assert!(words.contains("`lab` draws from pool `large`"), "{words}");
        assert!(words.contains("add [pools.large]"), "{words}");
    }
}
