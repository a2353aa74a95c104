//! What a worker is told at its start. Nothing here is read from files or the environment: the
//! composition root does that.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use iago_providers::Dialect;
use iago_sweep::Price;
use secrecy::SecretString;

/// How one endpoint is called.
#[derive(Clone)]
pub struct EndpointSettings {
    /// Its protocol and address.
    pub dialect: Dialect,
    /// The credential; it never leaves the worker.
    pub key: Option<SecretString>,
    /// From the start of a call to the end of its body.
    pub timeout: Duration,
    /// Prices by model id.
    pub prices: BTreeMap<String, Price>,
}

impl fmt::Debug for EndpointSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointSettings").field("dialect", &self.dialect).finish_non_exhaustive()
    }
}

/// What a worker is told at its start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// New at every start; tells this worker's life from an earlier one.
    pub boot: String,
    /// Endpoints by name. Each is a pool of its own name.
    pub endpoints: BTreeMap<String, EndpointSettings>,
}
