//! The routes that jobs have come with.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::asks::Asks;
use crate::pool::{Clock, Pool};
use crate::route::Route;

/// Routes by the names of their pools. A route stays once it is known: there are no more of them than
/// ways in which the settings combine pools.
#[derive(Debug)]
pub(crate) struct Routes {
    known: BTreeMap<Vec<String>, Arc<Route>>,
    asks: Arc<Asks>,
    clock: Clock,
}

impl Routes {
    pub(crate) fn new(asks: Arc<Asks>, clock: Clock) -> Self {
        Self { known: BTreeMap::new(), asks, clock }
    }

    /// The route through `home` and these pools; `None` while nothing is known of one of them.
    pub(crate) fn find(
        &mut self,
        home: &str,
        others: &[String],
        pools: &BTreeMap<String, Arc<Pool>>,
    ) -> Option<Arc<Route>> {
        let others = others.iter().filter(|name| *name != home).cloned();
        let names: Vec<_> = [home.to_owned()].into_iter().chain(others).collect();
        if let Some(route) = self.known.get(&names) {
            return Some(Arc::clone(route));
        }
        let pools = names.iter().map(|name| Some((name.clone(), Arc::clone(pools.get(name)?))));
        let number = self.known.len() as u64;
        let route =
            Route::new(number, pools.collect::<Option<_>>()?, Arc::clone(&self.asks), self.clock);
        Some(Arc::clone(self.known.entry(names).or_insert(Arc::new(route))))
    }

    /// Pools have changed: those that wait to have a turn learn of it.
    pub(crate) fn share(&self) {
        self.known.values().for_each(|route| route.share());
    }

    /// What closed gates wait for, each under the last of its pools: that one sets it apart.
    pub(crate) fn waits(&self) -> BTreeMap<String, String> {
        let waits = self
            .known
            .values()
            .filter_map(|route| Some((route.names().last()?.clone(), route.gate.waits_for()?)));
        waits.collect()
    }
}
