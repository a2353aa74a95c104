//! `config/endpoints.toml`: where models are served, within which limits, and what that costs.

mod section;
mod vain;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use iago_sweep::{LOCAL_POOL, is_local};
use serde::Deserialize;

use crate::exit::{Exit, Stop};
use crate::programs;
use crate::settings::prices::PriceFile;
use crate::settings::{Origin, Read};
pub(crate) use section::{EndpointSection, PoolSection, ProgramSection, SimulationSection};

/// Where these settings come from.
const ORIGIN: Origin =
    Origin { usual: "config/endpoints.toml", part: "ENDPOINTS", is_table: true, lists: &[] };

/// The endpoint that is there where no file says otherwise, started in this process when it is used.
const BUILT_IN: &str = "simulated";
/// Prices beside the endpoints' file, where it names none.
const USUAL_PRICES: &str = "prices.toml";
/// Stands between the names of the pools that a job draws from.
const BETWEEN_POOLS: char = '+';

/// Everything in the file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Empty: none. Absent: the usual one, if it is there.
    prices: Option<PathBuf>,
    #[serde(default)]
    pub(crate) pools: BTreeMap<String, PoolSection>,
    #[serde(default)]
    pub(crate) endpoints: BTreeMap<String, EndpointSection>,
    #[serde(default)]
    pub(crate) programs: BTreeMap<String, ProgramSection>,
    /// What `prices` names.
    #[serde(skip)]
    pub(crate) price_file: PriceFile,
}

impl Settings {
    /// For one process that does everything: from the file, if there is one, and the environment,
    /// with the endpoint that is built in.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, Stop> {
        let mut settings = Self::read(file)?;
        settings.endpoints.entry(BUILT_IN.to_owned()).or_insert_with(EndpointSection::built_in);
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

    /// The same with only these endpoints, and the pools that they draw from.
    pub(crate) fn with_endpoints(&self, endpoints: BTreeMap<String, EndpointSection>) -> Self {
        let mut narrowed = self.clone();
        let drawn = |pool: &String| endpoints.values().any(|endpoint| endpoint.draws_from(pool));
        narrowed.pools.retain(|pool, _| drawn(pool));
        narrowed.endpoints = endpoints;
        narrowed
    }

    fn read(file: Option<&Path>) -> Result<Self, Stop> {
        let Read { mut settings, folder } = ORIGIN.load::<Self>(file)?;
        for program in settings.programs.values_mut() {
            programs::locate(&mut program.command, &folder);
        }
        for endpoint in settings.endpoints.values_mut() {
            endpoint.ca = endpoint.ca.take().map(|ca| folder.join(ca));
        }
        settings.check().map_err(|why| Stop::new(Exit::Config, why))?;
        settings.price_file = settings.load_prices(&folder)?;
        Ok(settings)
    }

    fn load_prices(&self, folder: &Path) -> Result<PriceFile, Stop> {
        let usual = folder.join(USUAL_PRICES);
        match &self.prices {
            None if usual.is_file() => PriceFile::load(&usual),
            None => Ok(PriceFile::default()),
            Some(path) if path.as_os_str().is_empty() => Ok(PriceFile::default()),
            Some(path) => PriceFile::load(&folder.join(path)),
        }
    }

    /// Names that lead nowhere, names that mean two things, and limits that let nothing through.
    fn check(&self) -> Result<(), String> {
        for (name, pool) in &self.pools {
            check_name("pool", name)?;
            if self.endpoints.contains_key(name) {
                return Err(format!(
                    "pool `{name}`: an endpoint has that name, and each endpoint is a pool of its \
                     own; write these limits under [endpoints.{name}], or give the pool another name"
                ));
            }
            pool.check().map_err(|why| format!("pool `{name}`: {why}"))?;
        }
        for (name, endpoint) in &self.endpoints {
            check_name("endpoint", name)?;
            endpoint.limits().check().map_err(|why| format!("endpoint `{name}`: {why}"))?;
            endpoint.check_timeouts().map_err(|why| format!("endpoint `{name}`: {why}"))?;
            let of_models = endpoint.models.values().flat_map(|model| &model.pools);
            let unknown = |pool: &&String| !self.pools.contains_key(*pool);
            endpoint.check_in_vain(name).map_err(|why| format!("endpoint `{name}`: {why}"))?;
            if let Some(pool) = endpoint.pools.iter().chain(of_models).find(unknown) {
                return Err(format!(
                    "endpoint `{name}`: there is no pool `{pool}`; add [pools.{pool}] with its limits"
                ));
            }
        }
        programs::serve(self).map_err(|stop| stop.message)?;
        self.check_drawn_from()
    }
}

fn check_name(kind: &str, name: &str) -> Result<(), String> {
    if is_local(name) {
        return Err(format!(
            "{kind} `{name}`: `{LOCAL_POOL}` is the pool of scores, which call nobody; give the \
             {kind} another name"
        ));
    }
    if name.is_empty() || name.contains(BETWEEN_POOLS) {
        return Err(format!(
            "{kind} `{name}`: its name may not be empty or hold a `{BETWEEN_POOLS}`"
        ));
    }
    Ok(())
}

impl PoolSection {
    /// A limit of nothing would hold every job for ever.
    fn check(&self) -> Result<(), String> {
        let counts = [
            ("requests_per_minute", self.requests_per_minute.map(u64::from)),
            ("input_tokens_per_minute", self.input_tokens_per_minute),
            ("output_tokens_per_minute", self.output_tokens_per_minute),
            ("tokens_per_minute", self.tokens_per_minute),
            ("requests_per_day", self.requests_per_day),
            ("concurrency", self.concurrency.map(u64::from)),
        ];
        match counts.into_iter().find(|(_, count)| *count == Some(0)) {
            Some((key, _)) => {
                Err(format!("{key} must be 1 or more; leave it out if it is not known"))
            }
            None if self.usd_per_day.is_some_and(|dollars| dollars.0 <= 0) => {
                Err("usd_per_day must be more than 0; leave it out if it is not limited".to_owned())
            }
            None => Ok(()),
        }
    }
}

impl EndpointSection {
    fn draws_from(&self, pool: &str) -> bool {
        let of_models = self.models.values().flat_map(|model| &model.pools);
        self.pools.iter().chain(of_models).any(|name| name == pool)
    }

    fn check_timeouts(&self) -> Result<(), String> {
        let timeouts = [
            ("connect_timeout_s", Some(self.connect_timeout_s)),
            ("first_byte_timeout_s", self.first_byte_timeout_s),
            ("idle_timeout_s", Some(self.idle_timeout_s)),
            ("timeout_s", Some(self.timeout_s)),
        ];
        match timeouts.into_iter().find(|(_, seconds)| *seconds == Some(0)) {
            Some((key, _)) => Err(format!("{key} must be 1 or more")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use iago_sweep::Money;

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
        assert_eq!(shipped.prices, Some(PathBuf::from(USUAL_PRICES)));
        assert_eq!(shipped.pools, BTreeMap::new());
    }

    /// The file with its examples uncommented.
    fn examples() -> String {
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
        text
    }

    #[test]
    fn its_examples_are_true_once_they_are_uncommented() {
        let settings = parse(&examples());
        let names: Vec<_> = settings.endpoints.keys().map(String::as_str).collect();
        assert_eq!(names, ["anthropic", "openai", "own"]);
        assert_eq!(settings.check(), Ok(()));
        assert_eq!(settings.programs["numeric-equality"].concurrency, 2);
        let price = settings.endpoints["anthropic"].prices["MODEL ID"].price();
        assert_eq!(price.cached_input, 300_000);
    }

    #[test]
    fn it_names_every_key_that_there_is() {
        let text = shipped();
        // A text that no key has: the reader then lists the keys that it knows.
        let unknown = "[endpoints.a]\nprotocol = \"x\"\nno_such_key = 1\n";
        let error = ORIGIN.parse::<Settings>(unknown, HashMap::new()).unwrap_err().to_string();
        let keys: Vec<&str> = error.split('`').skip(1).step_by(2).collect();
        assert!(keys.len() > 25, "{error}");
        for key in keys.into_iter().filter(|key| *key != "no_such_key" && !key.contains('.')) {
            let said = [format!("{key} = "), format!(".{key}]"), format!(".{key}.\"")];
            assert!(said.iter().any(|said| text.contains(said)), "`{key}` is not in the file");
        }
    }

    #[test]
    fn limits_are_shared_by_naming_a_pool() {
        let settings = parse(
            "[pools.organisation]\nrequests_per_minute = 4000\nusd_per_day = 12.5\n\
             [endpoints.a]\nprotocol = \"openai-chat\"\nurl = \"http://h\"\n\
             pools = [\"organisation\"]\ninput_tokens_per_minute = 80000\n\
             [endpoints.a.models.\"big-*\"]\npools = [\"organisation\"]\n",
        );
        assert_eq!(settings.check(), Ok(()));
        let day = settings.pools["organisation"].usd_per_day.map(|dollars| Money(dollars.0));
        assert_eq!(day, Money::from_dollars(12.5));
        assert_eq!(settings.endpoints["a"].models["big-*"].pools, ["organisation"]);
        assert_eq!(settings.endpoints["a"].concurrency, None, "not known");
    }

    #[test]
    fn pools_may_be_named_in_the_environment() {
        let text = "[endpoints.a]\nprotocol = \"x\"\n[pools.p]\n[pools.q]\n";
        let variables =
            [("IAGO__ENDPOINTS__A__POOLS", "p, q"), ("IAGO__ENDPOINTS__A__CONCURRENCY", "8")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let settings: Settings = ORIGIN.parse(text, HashMap::from(variables)).unwrap();
        assert_eq!(settings.endpoints["a"].pools, ["p", "q"]);
        assert_eq!(settings.endpoints["a"].concurrency, Some(8));
    }

    #[test]
    fn trouble_is_planted_by_the_file_or_the_environment() {
        let text = "[endpoints.a]\nprotocol = \"x\"\n[endpoints.a.simulation.trouble]\n\
                    swapped = { \"sim-judge\" = \"sim-judge-silent\" }\n";
        let variables =
            [("FAILS_FOR_GOOD", "0.5"), ("SWAPPED__SIM-ASSISTANT", "sim-assistant-worse-6")];
        let variables = variables.map(|(name, value)| {
            (format!("IAGO__ENDPOINTS__A__SIMULATION__TROUBLE__{name}"), value.to_owned())
        });
        let settings: Settings = ORIGIN.parse(text, HashMap::from(variables)).unwrap();
        let trouble = settings.endpoints["a"].simulation.clone().unwrap().trouble;
        let swapped =
            [("sim-assistant", "sim-assistant-worse-6"), ("sim-judge", "sim-judge-silent")];
        let swapped = swapped.map(|(name, by)| (name.to_owned(), by.to_owned()));
        assert_eq!((trouble.fails_for_good, trouble.swapped), (0.5, BTreeMap::from(swapped)));
    }

    #[test]
    fn a_key_that_is_missing_is_no_fault_of_a_variable_in_its_section() {
        let of = |text: &str, variable: (&str, &str)| {
            let set = HashMap::from([(variable.0.to_owned(), variable.1.to_owned())]);
            let error = ORIGIN.parse::<Settings>(text, set.clone()).unwrap_err();
            ORIGIN.explained(&error.to_string(), &set)
        };
        let (said, culprit) =
            of("[endpoints.a]\nurl = \"http://h\"\n", ("IAGO__ENDPOINTS__A__CONCURRENCY", "8"));
        assert!(said.contains("endpoints.a.protocol"), "{said}");
        assert_eq!(culprit, "");
        let (_, culprit) =
            of("[endpoints.a]\nprotocol = \"x\"\n", ("IAGO__ENDPOINTS__A__CONCURRENCY", "many"));
        assert_eq!(culprit, ", with the environment variable IAGO__ENDPOINTS__A__CONCURRENCY");
    }

    #[test]
    fn what_would_hold_jobs_for_ever_or_mean_two_things_is_refused() {
        let endpoint = "[endpoints.a]\nprotocol = \"x\"\n";
        for (text, why) in [
            (format!("{endpoint}pools = [\"b\"]"), "there is no pool `b`"),
            (format!("{endpoint}[endpoints.a.models.m]\npools = [\"b\"]"), "there is no pool `b`"),
            (format!("{endpoint}[pools.a]"), "an endpoint has that name"),
            (format!("{endpoint}concurrency = 0"), "concurrency must be 1 or more"),
            (format!("{endpoint}tokens_per_minute = 0"), "tokens_per_minute must be"),
            (format!("{endpoint}idle_timeout_s = 0"), "idle_timeout_s must be"),
            ("[pools.p]\nrequests_per_day = 0".to_owned(), "requests_per_day must be"),
            ("[pools.local]".to_owned(), "the pool of scores"),
            ("[endpoints.\"a+b\"]\nprotocol = \"x\"".to_owned(), "hold a `+`"),
        ] {
            let error = parse(&text).check().unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
