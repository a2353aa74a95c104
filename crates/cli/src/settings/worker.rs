//! `config/worker.toml`: what a worker is told.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Deserialize;

use crate::exit::{Exit, Stop};
use crate::settings::{Origin, Read, endpoints, seconds, secret};

/// Where its settings come from.
const ORIGIN: Origin = Origin {
    usual: "config/worker.toml",
    part: "WORKER",
    is_table: false,
    lists: &["coordinators"],
};

/// Everything in the file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) coordinators: Vec<String>,
    pub(crate) token_env: String,
    /// Empty: the roots that the system trusts.
    pub(crate) ca: PathBuf,
    pub(crate) endpoints: PathBuf,
    pub(crate) assignments_max: u32,
    pub(crate) spool_mib: u32,
    pub(crate) drain_max_s: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "worker".to_owned(),
            coordinators: vec!["http://127.0.0.1:8911".to_owned()],
            token_env: "IAGO_WORKER_TOKEN".to_owned(),
            ca: PathBuf::new(),
            endpoints: PathBuf::from("endpoints.toml"),
            assignments_max: 4096,
            spool_mib: 256,
            drain_max_s: 900,
        }
    }
}

impl Settings {
    /// Reads the file and the environment; paths in it become ready for use.
    pub(crate) fn load(file: Option<&Path>, name: Option<&str>) -> Result<Self, Stop> {
        let Read { mut settings, folder } = ORIGIN.load::<Self>(file)?;
        if let Some(name) = name {
            name.clone_into(&mut settings.name);
        }
        seconds("drain_max_s", settings.drain_max_s)?;
        for (key, value) in
            [("assignments_max", settings.assignments_max), ("spool_mib", settings.spool_mib)]
        {
            if value == 0 {
                return Err(Stop::new(Exit::Config, format!("{key} must be 1 or more")));
            }
        }
        settings.endpoints = folder.join(&settings.endpoints);
        if !settings.ca.as_os_str().is_empty() {
            settings.ca = folder.join(&settings.ca);
        }
        Ok(settings)
    }

    /// The endpoints that it may call.
    pub(crate) fn endpoints(&self) -> Result<endpoints::Settings, Stop> {
        endpoints::Settings::load_named(&self.endpoints)
    }

    /// Its token, if it was given one.
    pub(crate) fn token(&self) -> Option<SecretString> {
        secret(&self.token_env)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::shipped;

    #[test]
    fn the_shipped_file_has_every_key_at_its_default() {
        let built_in = serde_json::to_value(Settings::default()).unwrap();
        assert_eq!(shipped(&ORIGIN), built_in);
    }
}
