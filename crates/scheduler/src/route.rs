//! The pools that a job draws from.

use iago_sweep::PoolId;

/// A route's number within one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteId(pub u32);

/// A set of pools, each of which must have room for a job.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    /// That of the endpoint first, the others by name.
    pub(crate) pools: Vec<PoolId>,
    /// Their names, joined with `+`; that of its pool for a route of one, which is how stores know
    /// the frontiers of such.
    pub(crate) name: String,
}

/// All routes that were ever asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Routes(Vec<Route>);

impl Route {
    /// The first pool is the endpoint's; of what is named twice, the first counts.
    pub(crate) fn new(pools: Vec<PoolId>, names: &[String]) -> Self {
        let name = |pool: PoolId| names.get(pool.0 as usize).map_or("", String::as_str);
        let mut pools = pools.into_iter();
        let endpoint = pools.next();
        let mut others: Vec<_> = pools.filter(|pool| Some(*pool) != endpoint).collect();
        others.sort_by_key(|pool| (name(*pool), *pool));
        others.dedup();
        let pools: Vec<_> = endpoint.into_iter().chain(others).collect();
        let name = pools.iter().map(|pool| name(*pool)).collect::<Vec<_>>().join("+");
        Self { pools, name }
    }
}

impl Routes {
    /// The number of a route, which may be new.
    pub(crate) fn intern(&mut self, route: Route) -> RouteId {
        let known = (0..).zip(&self.0).find(|(_, of)| of.pools == route.pools);
        if let Some((number, _)) = known {
            return RouteId(number);
        }
        self.0.push(route);
        RouteId(u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX))
    }

    pub(crate) fn get(&self, id: RouteId) -> Option<&Route> {
        self.0.get(id.0 as usize)
    }

    /// The pools of a route; none of one that is not known.
    pub(crate) fn pools(&self, id: RouteId) -> &[PoolId] {
        self.get(id).map_or(&[], |route| &route.pools)
    }

    pub(crate) fn find(&self, name: &str) -> Option<RouteId> {
        let found = (0..).zip(&self.0).find(|(_, route)| route.name == name);
        found.map(|(number, _)| RouteId(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_named_by_its_pools_and_found_again_whatever_their_order() {
        let names = ["lab", "zebra", "account"].map(str::to_owned);
        let of = |pools: &[u32]| Route::new(pools.iter().copied().map(PoolId).collect(), &names);
        assert_eq!(of(&[0]).name, "lab");
        assert_eq!(of(&[0, 1, 2, 0, 1]).name, "lab+account+zebra");
        let mut routes = Routes::default();
        let numbers = [&[0, 1, 2][..], &[0, 2, 1], &[0], &[1, 0, 2]].map(|of_route| {
            let RouteId(number) = routes.intern(of(of_route));
            number
        });
        assert_eq!(numbers, [0, 0, 1, 2], "whose endpoint is another is another one");
        assert_eq!(routes.find("lab"), Some(RouteId(1)));
    }
}
