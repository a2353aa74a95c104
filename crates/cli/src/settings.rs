//! Process settings: read once, here, through `config`, from a file and the environment.
//!
//! Each file has a part of the environment to itself: `IAGO__COORDINATOR__NAME` goes beyond
//! `coordinator.toml`, `IAGO__ENDPOINTS__SIMULATED__CONCURRENCY` beyond `endpoints.toml`.

pub(crate) mod client;
pub(crate) mod coordinator;
pub(crate) mod decimal;
pub(crate) mod endpoints;
pub(crate) mod price;
pub(crate) mod prices;
mod slip;
pub(crate) mod worker;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use config::{Config, Environment, File, FileFormat};
use serde::de::DeserializeOwned;

use crate::exit::{Exit, Stop};

/// The parts of the environment, one for each file. What begins with `IAGO__` and belongs to none
/// of them is a slip that must not pass unseen.
const PARTS: [&str; 4] = ["COORDINATOR", "WORKER", "CLIENT", "ENDPOINTS"];

/// Where settings come from.
struct Origin {
    /// Where the file lies when nobody says.
    usual: &'static str,
    /// Its part of the environment.
    part: &'static str,
    /// Whether the part is a table of the file, and not the file as a whole.
    is_table: bool,
    /// Keys that hold a list, with commas between its members in the environment.
    lists: &'static [&'static str],
}

/// What was read, and where paths in it start.
struct Read<T> {
    settings: T,
    /// The file's folder: there a relative path means the same whoever starts the program, and from
    /// where.
    folder: PathBuf,
}

impl Origin {
    /// Reads the file, if there is one, and what the environment says beyond it.
    fn load<T: DeserializeOwned>(&self, file: Option<&Path>) -> Result<Read<T>, Stop> {
        let variables = variables()?;
        let usual = Path::new(self.usual);
        let path = match file {
            Some(path) if !path.is_file() => return Err(missing(path)),
            Some(path) => Some(path),
            None => Some(usual).filter(|path| path.is_file()),
        };
        let mut config = Config::builder();
        if let Some(path) = path {
            check_alone::<T>(path)?;
            config = config.add_source(File::from(path).format(FileFormat::Toml));
        }
        let config = config.add_source(self.environment(variables.clone()));
        let read = config.build().and_then(Config::try_deserialize);
        // The file is right by itself, if there is one.
        let settings = read.map_err(|error| {
            let place = path.map_or_else(|| "the environment".into(), |p| p.display().to_string());
            let (error, culprit) = self.explained(&error.to_string(), &variables);
            Stop::new(Exit::Config, format!("{place}{culprit}: {error}"))
        })?;
        let folder = path.unwrap_or(usual).parent().unwrap_or(Path::new("")).to_owned();
        Ok(Read { settings, folder })
    }

    /// An error of file and environment together, and in words the variable that it speaks of.
    fn explained(&self, error: &str, variables: &HashMap<String, String>) -> (String, String) {
        let (said, at) = error.rsplit_once(" for key `").unwrap_or((error, ""));
        let at = at.split('`').next().unwrap_or_default();
        let culprit = self
            .culprit(said, at, variables)
            .map_or_else(String::new, |name| format!(", with the environment variable {name}"));
        let is_unknown = slip::unknown_field(said).is_some();
        let said = if is_unknown { slip::in_words(said, at, "") } else { error.to_owned() };
        (said, culprit)
    }

    /// The variable that set what is wrong, or the section that it stands in.
    fn culprit<'a>(
        &self,
        said: &str,
        at: &str,
        variables: &'a HashMap<String, String>,
    ) -> Option<&'a String> {
        // What is missing was set by nobody.
        if said.starts_with("missing ") {
            return None;
        }
        // Of a list the whole is set.
        let at = at.split('[').next().unwrap_or_default();
        let unknown = slip::unknown_field(said).map(|(name, _)| name);
        let wrong: Vec<&str> = [at, unknown.as_deref().unwrap_or_default()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        let wrong = wrong.join(".").to_ascii_lowercase();
        // A table that should not be there was made by whatever was set in it.
        let is_table = unknown.is_some() || said.starts_with("invalid type: map");
        let is_within = |path: &str| {
            path.strip_prefix(wrong.as_str()).is_some_and(|rest| rest.starts_with('.'))
        };
        let section = wrong.rsplit_once('.').map(|(section, _)| section);
        let is_it =
            |path: &str| path == wrong || Some(path) == section || (is_table && is_within(path));
        let set =
            variables.keys().filter(|name| self.path_of(name).is_some_and(|path| is_it(&path)));
        set.max_by_key(|name| (name.len(), std::cmp::Reverse(*name)))
    }

    /// What a variable sets, as an error names it; nothing where it is another file's.
    fn path_of(&self, variable: &str) -> Option<String> {
        let mine = format!("IAGO__{}__", self.part);
        let whole = if self.is_table { "IAGO__" } else { mine.as_str() };
        let path = variable.get(whole.len()..).filter(|_| starts_with(variable, &mine))?;
        Some(path.to_ascii_lowercase().replace("__", "."))
    }

    fn environment(&self, variables: HashMap<String, String>) -> Environment {
        let mine = format!("IAGO__{}__", self.part);
        let variables = variables.into_iter().filter(|(name, _)| starts_with(name, &mine));
        let prefix = if self.is_table { "IAGO".to_owned() } else { format!("IAGO__{}", self.part) };
        let mut environment = Environment::with_prefix(&prefix)
            .separator("__")
            .try_parsing(true)
            .list_separator(",")
            // Where there are no lists, no text is taken for one.
            .with_list_parse_key("");
        for list in self.lists {
            environment = environment.with_list_parse_key(list);
        }
        environment.source(Some(variables.collect()))
    }
}

/// Whether a file is right by itself; errors then name the line.
fn check_alone<T: DeserializeOwned>(path: &Path) -> Result<(), Stop> {
    let place = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Stop::new(Exit::NoInput, format!("cannot read the configuration {place}: {error}"))
    })?;
    slip::check::<T>(&text).map_err(|why| Stop::new(Exit::Config, format!("{place}, {why}")))
}

/// Everything in the environment that is meant for the settings.
fn variables() -> Result<HashMap<String, String>, Stop> {
    let all = std::env::vars_os();
    let texts = all.filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    let mut mine = HashMap::new();
    for (name, value) in texts.filter(|(name, _)| starts_with(name, "IAGO__")) {
        if !PARTS.iter().any(|part| starts_with(&name, &format!("IAGO__{part}__"))) {
            let message = format!(
                "the environment variable {name} belongs to no settings: after IAGO__ comes one of \
                 {}, then two underscores and the key",
                PARTS.join(", ")
            );
            return Err(Stop::new(Exit::Config, message));
        }
        let value = value.into_string().map_err(|_not_text| {
            Stop::new(Exit::Config, format!("the environment variable {name} is not UTF-8 text"))
        })?;
        mine.insert(name, value);
    }
    Ok(mine)
}

/// Without regard to case, as the environment is read.
fn starts_with(name: &str, start: &str) -> bool {
    name.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

fn missing(path: &Path) -> Stop {
    let path = path.display();
    let message = format!(
        "cannot read the configuration {path}: there is no such file; correct the path after \
         --config"
    );
    Stop::new(Exit::NoInput, message)
}

/// A duration in seconds, which must not be zero where zero would mean never, or at once.
fn seconds(key: &str, seconds: u64) -> Result<std::time::Duration, Stop> {
    if seconds == 0 {
        return Err(Stop::new(Exit::Config, format!("{key} must be 1 or more")));
    }
    Ok(std::time::Duration::from_secs(seconds))
}

/// A token, or what a webhook needs, from the variable that the settings name; none where it is not set.
#[expect(clippy::disallowed_methods, reason = "the one place where secrets are read")]
pub(crate) fn secret(variable: &str) -> Option<secrecy::SecretString> {
    let found = std::env::var(variable).ok()?;
    let found = found.trim();
    (!found.is_empty()).then(|| found.to_owned().into())
}

/// What the file that ships says, key by key.
#[cfg(test)]
fn shipped(origin: &Origin) -> serde_json::Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(origin.usual);
    let text = std::fs::read_to_string(path).expect("it ships");
    origin.parse(&text, HashMap::new()).expect("it is TOML")
}

#[cfg(test)]
impl Origin {
    /// As [`Origin::load`], from a text and these variables.
    fn parse<T: DeserializeOwned>(
        &self,
        text: &str,
        variables: HashMap<String, String>,
    ) -> Result<T, config::ConfigError> {
        let config = Config::builder().add_source(File::from_str(text, FileFormat::Toml));
        config.add_source(self.environment(variables)).build()?.try_deserialize()
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        name: String,
        places: Vec<String>,
        inner: Inner,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        seconds: u64,
    }

    const ORIGIN: Origin =
        Origin { usual: "nowhere.toml", part: "WORKER", is_table: false, lists: &["places"] };
    const FILE: &str = "name = \"a\"\nplaces = [\"x\"]\n[inner]\nseconds = 1";

    fn parse(variables: &[(&str, &str)]) -> Result<Sample, config::ConfigError> {
        let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        ORIGIN.parse(FILE, variables.collect())
    }

    #[test]
    fn the_environment_goes_beyond_the_file() {
        let sample = parse(&[
            ("IAGO__WORKER__NAME", "b,c"),
            ("IAGO__WORKER__PLACES", "y,z"),
            ("iago__worker__inner__seconds", "2"),
        ]);
        let Sample { name, places, inner } = sample.unwrap();
        assert_eq!(name, "b,c");
        assert_eq!(places, ["y", "z"]);
        assert_eq!(inner.seconds, 2);
    }

    #[test]
    fn an_error_of_the_environment_names_the_variable() {
        let variables = [("IAGO__WORKER__INNER__SECOND", "1"), ("IAGO__WORKER__NAME", "b")];
        let error = parse(&variables).unwrap_err().to_string();
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let (said, culprit) = ORIGIN.explained(&error, &HashMap::from(variables));
        assert_eq!(said, "there is no key `second` in [inner]; did you mean `seconds`?");
        assert_eq!(culprit, ", with the environment variable IAGO__WORKER__INNER__SECOND");
    }

    #[test]
    fn a_variable_that_only_shares_a_word_with_an_error_is_not_blamed() {
        for (error, blamed) in [
            ("missing configuration field \"inner.seconds\"", ""),
            ("invalid type: string \"x\", expected u64 for key `inner.seconds`", "INNER__SECONDS"),
            ("invalid type: string \"x\", expected u64 for key `inner.name`", ""),
            ("invalid type: string \"x\", expected u64 for key `places[0]`", "PLACES"),
            ("invalid type: map, expected a string for key `name`", "NAME__OF"),
            ("unknown field `other`, expected `seconds` for key `inner`", ""),
        ] {
            let set = ["INNER__SECONDS", "NAME__OF", "PLACES", "ELSE__SECONDS", "INNER__X"];
            let variable = |name: &str| (format!("IAGO__WORKER__{name}"), "x".to_owned());
            let (_, culprit) = ORIGIN.explained(error, &set.map(variable).into());
            let said = format!(", with the environment variable IAGO__WORKER__{blamed}");
            assert_eq!(culprit, if blamed.is_empty() { "" } else { &said }, "{error}");
        }
    }

    #[test]
    fn a_section_that_only_the_environment_has_names_the_variable() {
        let variables = [("IAGO__WORKER__INER__SECONDS", "1")];
        let error = parse(&variables).unwrap_err().to_string();
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let (said, culprit) = ORIGIN.explained(&error, &HashMap::from(variables));
        assert!(said.starts_with("there is no key `iner` here"), "{said}");
        assert_eq!(culprit, ", with the environment variable IAGO__WORKER__INER__SECONDS");
    }

    #[test]
    fn the_variables_of_another_file_are_left_to_it() {
        let sample = parse(&[("IAGO__COORDINATOR__NAME", "b"), ("IAGO__ENDPOINTS__X__URL", "u")]);
        assert_eq!(sample.unwrap().name, "a");
    }

    #[test]
    fn an_unknown_key_in_the_environment_is_an_error() {
        let error = parse(&[("IAGO__WORKER__NAMES", "b")]).unwrap_err();
        assert!(error.to_string().contains("`names`"), "{error}");
    }
}
