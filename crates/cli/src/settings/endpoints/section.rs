//! The tables of `endpoints.toml`, key by key.

use std::collections::BTreeMap;
use std::path::PathBuf;

use iago_simulated_endpoint::Trouble;
use serde::{Deserialize, Deserializer};

use crate::settings::decimal::Dollars;
use crate::settings::price::PriceSection;

/// Calls at once to the built-in endpoint.
const BUILT_IN_CONCURRENCY: u32 = 64;

/// `[endpoints.NAME]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndpointSection {
    pub(crate) protocol: String,
    pub(crate) url: Option<String>,
    pub(crate) key_env: Option<String>,
    pub(crate) requests_per_minute: Option<u32>,
    pub(crate) input_tokens_per_minute: Option<u64>,
    pub(crate) output_tokens_per_minute: Option<u64>,
    pub(crate) tokens_per_minute: Option<u64>,
    pub(crate) requests_per_day: Option<u64>,
    pub(crate) usd_per_day: Option<Dollars>,
    pub(crate) concurrency: Option<u32>,
    /// Further pools that every call here draws from.
    #[serde(default, deserialize_with = "names")]
    pub(crate) pools: Vec<String>,
    /// By a model's id, or the beginning of ids and a `*`.
    #[serde(default)]
    pub(crate) models: BTreeMap<String, ModelSection>,
    /// Absent: by the host.
    pub(crate) flavour: Option<String>,
    #[serde(default = "default_streaming")]
    pub(crate) streaming: String,
    #[serde(default = "default_true")]
    pub(crate) check_parameters: bool,
    #[serde(default = "default_connect_timeout_s")]
    pub(crate) connect_timeout_s: u64,
    /// Absent: as long as `timeout_s`.
    pub(crate) first_byte_timeout_s: Option<u64>,
    #[serde(default = "default_idle_timeout_s")]
    pub(crate) idle_timeout_s: u64,
    #[serde(default = "default_timeout_s")]
    pub(crate) timeout_s: u64,
    pub(crate) proxy: Option<String>,
    pub(crate) ca: Option<PathBuf>,
    pub(crate) anthropic_version: Option<String>,
    pub(crate) auth: Option<String>,
    pub(crate) output_limit_field: Option<String>,
    #[serde(default = "default_true")]
    pub(crate) idempotency_key: bool,
    /// By a model's id, or the beginning of ids and a `*`.
    #[serde(default)]
    pub(crate) prices: BTreeMap<String, PriceSection>,
    pub(crate) simulation: Option<SimulationSection>,
}

/// `[endpoints.NAME.models."ID"]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelSection {
    /// Further pools that calls to this model draw from.
    #[serde(deserialize_with = "names")]
    pub(crate) pools: Vec<String>,
}

/// `[pools.NAME]`: limits that several models or endpoints share.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PoolSection {
    pub(crate) requests_per_minute: Option<u32>,
    pub(crate) input_tokens_per_minute: Option<u64>,
    pub(crate) output_tokens_per_minute: Option<u64>,
    pub(crate) tokens_per_minute: Option<u64>,
    pub(crate) requests_per_day: Option<u64>,
    pub(crate) usd_per_day: Option<Dollars>,
    pub(crate) concurrency: Option<u32>,
}

/// `[programs.NAME]`: a scorer that workers run.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProgramSection {
    pub(crate) command: Vec<String>,
    #[serde(default = "default_program_timeout_s")]
    pub(crate) timeout_s: u64,
    #[serde(default = "default_memory_mib")]
    pub(crate) memory_mib: u64,
    #[serde(default = "default_program_concurrency")]
    pub(crate) concurrency: u32,
    /// Everything that the program finds in its environment beside PATH.
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
}

/// `[endpoints.NAME.simulation]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SimulationSection {
    pub(crate) seed: u64,
    pub(crate) latency_ms: u64,
    pub(crate) requests_per_minute: Option<u32>,
    pub(crate) internal_500: f64,
    pub(crate) overloaded_529: f64,
    pub(crate) reset: f64,
    pub(crate) slow: f64,
    pub(crate) slow_for_ms: u64,
    pub(crate) malformed: f64,
    pub(crate) error_in_200: f64,
    /// What is wrong tonight.
    pub(crate) trouble: Trouble,
}

impl EndpointSection {
    /// The endpoint that is there where no file says otherwise.
    pub(super) fn built_in() -> Self {
        Self {
            concurrency: Some(BUILT_IN_CONCURRENCY),
            simulation: Some(SimulationSection::default()),
            ..Self::of_protocol("anthropic-messages")
        }
    }

    /// One about which nothing is said but its protocol.
    pub(crate) fn of_protocol(protocol: &str) -> Self {
        Self {
            protocol: protocol.to_owned(),
            url: None,
            key_env: None,
            requests_per_minute: None,
            input_tokens_per_minute: None,
            output_tokens_per_minute: None,
            tokens_per_minute: None,
            requests_per_day: None,
            usd_per_day: None,
            concurrency: None,
            pools: Vec::new(),
            models: BTreeMap::new(),
            flavour: None,
            streaming: default_streaming(),
            check_parameters: default_true(),
            connect_timeout_s: default_connect_timeout_s(),
            first_byte_timeout_s: None,
            idle_timeout_s: default_idle_timeout_s(),
            timeout_s: default_timeout_s(),
            proxy: None,
            ca: None,
            anthropic_version: None,
            auth: None,
            output_limit_field: None,
            idempotency_key: default_true(),
            prices: BTreeMap::new(),
            simulation: None,
        }
    }

    /// The limits of its own pool.
    pub(crate) fn limits(&self) -> PoolSection {
        PoolSection {
            requests_per_minute: self.requests_per_minute,
            input_tokens_per_minute: self.input_tokens_per_minute,
            output_tokens_per_minute: self.output_tokens_per_minute,
            tokens_per_minute: self.tokens_per_minute,
            requests_per_day: self.requests_per_day,
            usd_per_day: self.usd_per_day,
            concurrency: self.concurrency,
        }
    }
}

/// A list of names, or in the environment a text with commas between them.
fn names<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a list of names")]
    enum Names {
        List(Vec<String>),
        Text(String),
    }
    Ok(match Names::deserialize(from)? {
        Names::List(names) => names,
        Names::Text(text) => {
            let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
            names.map(str::to_owned).collect()
        }
    })
}

fn default_true() -> bool {
    true
}

fn default_streaming() -> String {
    "auto".to_owned()
}

fn default_connect_timeout_s() -> u64 {
    10
}

fn default_idle_timeout_s() -> u64 {
    300
}

fn default_timeout_s() -> u64 {
    600
}

fn default_program_timeout_s() -> u64 {
    30
}

fn default_memory_mib() -> u64 {
    1024
}

fn default_program_concurrency() -> u32 {
    2
}
