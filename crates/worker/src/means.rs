//! By which means this worker can do which jobs: its endpoints, its own code, its programs.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;

use iago_protocol::Slice;
use iago_sweep::LOCAL_POOL;
use tracing::warn;

use crate::bench::{Endpoint, Means};
use crate::clients::{Clients, EndpointError};
use crate::program::Program;
use crate::settings::{EndpointSettings, ProgramSettings};

/// Means by the name of their pool.
pub(crate) struct AllMeans(BTreeMap<String, Means>);

impl AllMeans {
    pub(crate) fn new(
        endpoints: BTreeMap<String, EndpointSettings>,
        programs: BTreeMap<String, ProgramSettings>,
    ) -> Result<Self, EndpointError> {
        if !programs.is_empty() {
            hide_memory();
        }
        let mut clients = Clients::default();
        let endpoints = endpoints.into_iter().map(|(name, settings)| {
            let (client, settings) = (clients.find_named(&name, &settings)?, Arc::new(settings));
            Ok((name, Means::Endpoint(Endpoint { client, settings })))
        });
        let endpoints: Vec<_> = endpoints.collect::<Result<_, _>>()?;
        let programs = programs.into_iter().map(|(name, settings)| {
            let program = Arc::new(Program::new(settings));
            (format!("{LOCAL_POOL}.{name}"), Means::Program(program))
        });
        let code = (LOCAL_POOL.to_owned(), Means::Code);
        Ok(Self(endpoints.into_iter().chain([code]).chain(programs).collect()))
    }

    pub(crate) fn find(&self, pool: &str) -> Option<Means> {
        self.0.get(pool).cloned()
    }

    pub(crate) fn pool_names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// A slice as far as this machine can use it. What runs here has no pace, and no more of it runs
    /// at once than there are processors, or processes that the settings allow.
    pub(crate) fn narrow(&self, slice: &Slice) -> Slice {
        let concurrency_max = match self.0.get(&slice.pool) {
            Some(Means::Code) => processors(),
            Some(Means::Program(program)) => program.concurrency(),
            Some(Means::Endpoint(_)) | None => return slice.clone(),
        };
        let concurrency = slice.concurrency.min(concurrency_max);
        Slice { concurrency, requests_per_minute: None, ..slice.clone() }
    }

    /// Ends whatever runs here.
    pub(crate) fn stop(&self) {
        for means in self.0.values() {
            if let Means::Program(program) = means {
                program.stop();
            }
        }
    }
}

/// A program runs as the user whom the worker runs as, and may look up what the memory of that user's
/// processes holds: the keys, and the environment that they came from. This process then shows
/// nothing of it, and leaves no image of it behind where it crashes.
#[cfg(target_os = "linux")]
fn hide_memory() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};

    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        warn!(%error, "programs that score may be able to read the keys of this worker");
    }
}

#[cfg(not(target_os = "linux"))]
fn hide_memory() {
    warn!(
        "on this system the memory of programs that score is not bounded, and they may be able to \
         read the keys of this worker"
    );
}

fn processors() -> u32 {
    let processors = available_parallelism().map_or(1, NonZero::get);
    u32::try_from(processors).unwrap_or(u32::MAX)
}
