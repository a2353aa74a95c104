//! A budget that cannot be held is worse than none, and so is a limit in dollars.

use iago_sweep::{Model, Money, Plan};

use crate::settings::{PoolSettings, Served};

/// What limits the dollars of a pool in the configuration.
const USD_PER_DAY: &str = "usd_per_day";

/// Money is limited, and nobody knows what a model costs.
#[derive(Debug, thiserror::Error)]
#[error(
    "{limited}, but model `{id}` has no price: add [models.\"{id}\"] with input and output in dollars \
     per million tokens to config/prices.toml (`iago prices import` brings a vendor's), or \
     [endpoints.{endpoint}.prices.\"{id}\"] for this endpoint alone, or take {setting} out"
)]
pub struct Unpriced {
    /// What limits the money, and its setting.
    limited: String,
    setting: &'static str,
    /// The model's name at its endpoint.
    id: String,
    endpoint: String,
}

/// A call that no day of its pool has money for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "one call of stage `{stage}` to model `{model}` can cost {most}, and pool `{pool}` may spend {day} \
     a day: lower max_output_tokens, or raise {USD_PER_DAY} of `{pool}`"
)]
pub struct TooDear {
    stage: String,
    model: String,
    most: Money,
    pool: String,
    day: Money,
}

/// Whether all limits in dollars that hold for a plan can be held: its own budget, and those of the
/// pools that it draws from. An endpoint that is not there is not looked at: whoever needs it says so.
///
/// # Errors
///
/// The first model whose price nobody knows, and what needs it.
pub fn check_prices(
    plan: &Plan,
    pools: &[PoolSettings],
    served: &[Served],
) -> Result<(), Unpriced> {
    for model in plan.models.iter().chain(&plan.judges) {
        let served = served.iter().find(|served| served.endpoint == model.endpoint);
        let is_known = served.is_some() || pools.iter().any(|pool| pool.name == model.endpoint);
        let is_priced =
            served.is_some_and(|served| served.free || served.price(&model.id).is_some());
        if !is_known || is_priced {
            continue;
        }
        if plan.budget.is_some() {
            return Err(unpriced(model, "the sweep has a budget_usd".to_owned(), "budget_usd"));
        }
        let further = served.map(|served| served.further(&model.id)).unwrap_or_default();
        let drawn = |pool: &&PoolSettings| {
            pool.name == model.endpoint || further.contains(pool.name.as_str())
        };
        let dear = |pool: &&PoolSettings| pool.limits.dollars_per_day.is_some();
        if let Some(PoolSettings { name, .. }) = pools.iter().filter(drawn).find(dear) {
            let limited = format!("pool `{name}` has {USD_PER_DAY}");
            return Err(unpriced(model, limited, USD_PER_DAY));
        }
    }
    Ok(())
}

/// Whether a day of all these pools has room for one call of a stage, which can cost so much at most.
pub(crate) fn check_day(
    (stage, model): (&str, &Model),
    most: Option<Money>,
    pools: &[&PoolSettings],
) -> Result<(), TooDear> {
    let too_small = |pool: &&&PoolSettings| {
        let day = pool.limits.dollars_per_day;
        day.is_some_and(|day| day == Money::ZERO || most.is_some_and(|most| most > day))
    };
    let Some(pool) = pools.iter().find(too_small) else { return Ok(()) };
    Err(TooDear {
        stage: stage.to_owned(),
        model: model.name.clone(),
        most: most.unwrap_or_default(),
        pool: pool.name.clone(),
        day: pool.limits.dollars_per_day.unwrap_or_default(),
    })
}

fn unpriced(model: &Model, limited: String, setting: &'static str) -> Unpriced {
    Unpriced { limited, setting, id: model.id.clone(), endpoint: model.endpoint.clone() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use iago_ledger::Limits;
    use iago_sweep::{Money, Price};

    use super::*;

    fn check(
        budget: Option<Money>,
        dollars_per_day: Option<Money>,
        served: Served,
    ) -> Option<String> {
        let [name, id, endpoint] = ["m", "swift-1", "lab"].map(str::to_owned);
        let models = vec![Model { name, endpoint, id, ..Model::default() }];
        let plan = Plan { budget, models, ..Plan::default() };
        let pool = |name: &str, dollars_per_day| {
            let limits = Limits { dollars_per_day, ..Limits::default() };
            PoolSettings { name: name.to_owned(), limits }
        };
        let pools = [pool("lab", None), pool("account", dollars_per_day)];
        check_prices(&plan, &pools, &[served]).err().map(|why| why.to_string())
    }

    #[test]
    fn whatever_limits_dollars_needs_prices() {
        let served = Served {
            endpoint: "lab".to_owned(),
            pools: vec!["account".to_owned()],
            ..Served::default()
        };
        let some = Some(Money(1));
        let of = |budget, by_day| check(budget, by_day, served.clone());
        assert_eq!(of(None, None), None);
        let words = of(some, None).expect("it has no price");
        assert!(words.starts_with("the sweep has a budget_usd, but model `swift-1`"), "{words}");
        assert!(words.ends_with("or take budget_usd out"), "{words}");
        let words = of(None, some).expect("it has no price");
        assert!(words.starts_with("pool `account` has usd_per_day, but"), "{words}");
        let prices = BTreeMap::from([("swift-1".to_owned(), Price::default())]);
        assert_eq!(check(some, some, Served { prices, ..served.clone() }), None);
        let prices = BTreeMap::from([("swift-*".to_owned(), Price::default())]);
        assert_eq!(check(some, some, Served { prices, ..served.clone() }), None);
        assert_eq!(check(some, some, Served { free: true, ..served }), None);
    }
}
