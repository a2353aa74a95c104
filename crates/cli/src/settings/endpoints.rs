//! `config/endpoints.toml`: where models are served, and what that costs.

use std::collections::BTreeMap;
use std::path::Path;

use iago_sweep::LOCAL_POOL;
use serde::Deserialize;

use crate::exit::{Exit, Stop};
use crate::programs;
use crate::settings::{Origin, Read};

/// Where these settings come from.
const ORIGIN: Origin =
    Origin { usual: "config/endpoints.toml", part: "ENDPOINTS", is_table: true, lists: &[] };

/// The endpoint that is there where no file says otherwise, started in this process when it is used.
const BUILT_IN: &str = "simulated";
/// Calls at once to the built-in endpoint.
const BUILT_IN_CONCURRENCY: u32 = 64;

/// Everything in the file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    #[serde(default)]
    pub(crate) endpoints: BTreeMap<String, EndpointSection>,
    #[serde(default)]
    pub(crate) programs: BTreeMap<String, ProgramSection>,
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

/// `[endpoints.NAME]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndpointSection {
    pub(crate) protocol: String,
    pub(crate) url: Option<String>,
    pub(crate) key_env: Option<String>,
    pub(crate) requests_per_minute: Option<u32>,
    #[serde(default = "default_concurrency")]
    pub(crate) concurrency: u32,
    #[serde(default = "default_timeout_s")]
    pub(crate) timeout_s: u64,
    pub(crate) anthropic_version: Option<String>,
    pub(crate) auth: Option<String>,
    pub(crate) output_limit_field: Option<String>,
    #[serde(default = "default_idempotency_key")]
    pub(crate) idempotency_key: bool,
    #[serde(default)]
    pub(crate) prices: BTreeMap<String, PriceSection>,
    pub(crate) simulation: Option<SimulationSection>,
}

/// `[endpoints.NAME.prices."MODEL ID"]`, in dollars per million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceSection {
    pub(crate) input: f64,
    pub(crate) output: f64,
    pub(crate) cached_input: Option<f64>,
    pub(crate) cache_write: Option<f64>,
}

/// `[endpoints.NAME.simulation]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
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
}

fn default_concurrency() -> u32 {
    32
}

fn default_timeout_s() -> u64 {
    600
}

fn default_idempotency_key() -> bool {
    true
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

impl Settings {
    /// For one process that does everything: from the file, if there is one, and the environment,
    /// with the endpoint that is built in.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, Stop> {
        let mut settings = Self::read(file)?;
        settings.endpoints.entry(BUILT_IN.to_owned()).or_insert_with(EndpointSection::built_in);
        Ok(settings)
    }

    fn read(file: Option<&Path>) -> Result<Self, Stop> {
        let Read { mut settings, folder } = ORIGIN.load::<Self>(file)?;
        for program in settings.programs.values_mut() {
            programs::locate(&mut program.command, &folder);
        }
        let is_local = |name: &&String| name.split('.').next() == Some(LOCAL_POOL);
        if let Some(name) = settings.endpoints.keys().find(is_local) {
            let message = format!(
                "endpoint `{name}`: `{LOCAL_POOL}` is the pool of scores, which call nobody; give \
                 the endpoint another name"
            );
            return Err(Stop::new(Exit::Config, message));
        }
        Ok(settings)
    }

    /// For a coordinator or a worker: only what the file and the environment name.
    pub(crate) fn load_named(file: &Path) -> Result<Self, Stop> {
        if !file.is_file() {
            let message = format!(
                "cannot read the endpoints {}: there is no such file; correct `endpoints` in the \
                 settings, or name the settings with --config",
                file.display()
            );
            return Err(Stop::new(Exit::NoInput, message));
        }
        let settings = Self::read(Some(file))?;
        if settings.endpoints.is_empty() && settings.programs.is_empty() {
            let message =
                format!("{}: it names no endpoint and no program; add one", file.display());
            return Err(Stop::new(Exit::Config, message));
        }
        Ok(settings)
    }
}

impl EndpointSection {
    fn built_in() -> Self {
        Self {
            protocol: "anthropic-messages".to_owned(),
            url: None,
            key_env: None,
            requests_per_minute: None,
            concurrency: BUILT_IN_CONCURRENCY,
            timeout_s: default_timeout_s(),
            anthropic_version: None,
            auth: None,
            output_limit_field: None,
            idempotency_key: default_idempotency_key(),
            prices: BTreeMap::new(),
            simulation: Some(SimulationSection::default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn shipped() -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(ORIGIN.usual);
        std::fs::read_to_string(path).unwrap()
    }

    fn parse(text: &str) -> Settings {
        ORIGIN.parse(text, HashMap::new()).unwrap()
    }

    #[test]
    fn the_shipped_file_says_what_is_built_in() {
        let shipped = parse(&shipped());
        let built_in = BTreeMap::from([(BUILT_IN.to_owned(), EndpointSection::built_in())]);
        assert_eq!(shipped.endpoints, built_in);
    }

    #[test]
    fn its_examples_are_true_once_they_are_uncommented() {
        let mut example = false;
        let mut text = String::new();
        for line in shipped().lines() {
            let bare = line.trim_start_matches("# ").trim_start_matches('#');
            example |= line.starts_with("# [");
            let is_toml = bare.starts_with('[')
                || bare.split_once(" = ").is_some_and(|(key, _)| {
                    key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
                });
            if example && is_toml {
                text += bare;
                text.push('\n');
            }
        }
        let settings = parse(&text);
        let names: Vec<_> = settings.endpoints.keys().map(String::as_str).collect();
        assert_eq!(names, ["anthropic", "openai", "own"]);
        assert_eq!(settings.programs["numeric-equality"].concurrency, 2);
        assert_eq!(settings.endpoints["anthropic"].prices["MODEL ID"].cached_input, Some(0.3));
    }
}
