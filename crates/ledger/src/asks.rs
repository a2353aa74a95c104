//! Who waits: by route, and by age over all workers.

use std::collections::BTreeMap;

use iago_sweep::{Money, Need, PoolId, WorkerId};

/// No more routes are kept apart at once; their number is that of sets of pools in the settings.
const ROUTES: usize = 4096;

/// What one call draws from each of its pools.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Draw {
    pub(crate) need: Need,
    /// Input tokens that it takes at least.
    pub(crate) certain: u64,
    /// What it can cost at most, where that is known.
    pub(crate) cost_most: Option<Money>,
}

/// One that waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    pub(crate) worker: WorkerId,
    pub(crate) number: u64,
    pub(crate) draw: Draw,
}

/// Where one waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    route: usize,
    age: u64,
}

/// Asks that wait, oldest first in each route.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asks {
    routes: Vec<Route>,
    by_pools: BTreeMap<Vec<PoolId>, usize>,
    next_age: u64,
}

#[derive(Clone, Debug)]
struct Route {
    pools: Vec<PoolId>,
    waiting: BTreeMap<u64, Waiting>,
    /// What no limit as configured has room for: nothing waits behind it.
    stuck: BTreeMap<u64, Waiting>,
}

impl Route {
    fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.stuck.is_empty()
    }

    fn len(&self) -> usize {
        self.waiting.len() + self.stuck.len()
    }

    fn oldest(&self) -> Option<(u64, Waiting)> {
        let firsts = [self.waiting.first_key_value(), self.stuck.first_key_value()];
        firsts.into_iter().flatten().map(|(age, of)| (*age, *of)).min_by_key(|of| of.0)
    }
}

impl Asks {
    /// Puts one at the end of its route, or, if it is `stuck`, where nothing waits behind it; `None` if there are too many
    /// routes at once.
    pub(crate) fn put(
        &mut self,
        pools: Vec<PoolId>,
        waiting: Waiting,
        stuck: bool,
    ) -> Option<Place> {
        let route = self.route_of(pools)?;
        let age = self.next_age;
        self.next_age += 1;
        let of = &mut self.routes[route];
        let queue = if stuck { &mut of.stuck } else { &mut of.waiting };
        queue.insert(age, waiting);
        Some(Place { route, age })
    }

    /// Takes one away.
    pub(crate) fn take(&mut self, place: Place) -> Option<Waiting> {
        let route = &mut self.routes[place.route];
        route.waiting.remove(&place.age).or_else(|| route.stuck.remove(&place.age))
    }

    /// The oldest of each route that has any.
    pub(crate) fn heads(&self) -> impl Iterator<Item = (Place, Waiting)> {
        let head = |(route, of): (usize, &Route)| {
            let (age, waiting) = of.waiting.first_key_value()?;
            Some((Place { route, age: *age }, *waiting))
        };
        self.routes.iter().enumerate().filter_map(head)
    }

    /// The next in the route of this place, oldest first.
    pub(crate) fn head_of(&self, route: usize) -> Option<(Place, Waiting)> {
        let (age, waiting) = self.routes[route].waiting.first_key_value()?;
        Some((Place { route, age: *age }, *waiting))
    }

    /// The pools of a route.
    pub(crate) fn pools(&self, route: usize) -> &[PoolId] {
        &self.routes[route].pools
    }

    /// How many wait for a pool, and the oldest of them.
    pub(crate) fn of_pool(&self, pool: PoolId) -> (usize, Option<Waiting>) {
        let of = self.routes.iter().filter(|route| route.pools.contains(&pool));
        let many = of.clone().map(Route::len).sum();
        let oldest = of.filter_map(Route::oldest).min_by_key(|of| of.0);
        (many, oldest.map(|(_, waiting)| waiting))
    }

    fn route_of(&mut self, pools: Vec<PoolId>) -> Option<usize> {
        if let Some(route) = self.by_pools.get(&pools) {
            return Some(*route);
        }
        let fresh =
            Route { pools: pools.clone(), waiting: BTreeMap::new(), stuck: BTreeMap::new() };
        let route = if self.routes.len() < ROUTES {
            self.routes.push(fresh);
            self.routes.len() - 1
        } else {
            // One that nobody waits in makes room; ages are never used twice, so no place is mistaken.
            let unused = self.routes.iter().position(Route::is_empty)?;
            self.by_pools.remove(&self.routes[unused].pools);
            self.routes[unused] = fresh;
            unused
        };
        self.by_pools.insert(pools, route);
        Some(route)
    }
}

impl Place {
    pub(crate) fn route(self) -> usize {
        self.route
    }

    pub(crate) fn age(self) -> u64 {
        self.age
    }
}
