//! `config/client.toml`: what the commands are told that ask a coordinator.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Deserialize;

use crate::exit::Stop;
use crate::settings::{Origin, Read, endpoints, secret};

/// Where their settings come from.
const ORIGIN: Origin = Origin {
    usual: "config/client.toml",
    part: "CLIENT",
    is_table: false,
    lists: &["coordinators"],
};

/// Everything in the file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(crate) coordinators: Vec<String>,
    pub(crate) token_env: String,
    /// Empty: the roots that the system trusts.
    pub(crate) ca: PathBuf,
    /// Empty, or not there: parameters are not looked at before a sweep is handed in.
    pub(crate) endpoints: PathBuf,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            coordinators: vec!["http://127.0.0.1:8910".to_owned()],
            token_env: "IAGO_TOKEN".to_owned(),
            ca: PathBuf::new(),
            endpoints: PathBuf::from("endpoints.toml"),
        }
    }
}

impl Settings {
    /// Reads the file and the environment. A coordinator named on the command line is the only one.
    pub(crate) fn load(file: Option<&Path>, coordinator: Option<&str>) -> Result<Self, Stop> {
        let Read { mut settings, folder } = ORIGIN.load::<Self>(file)?;
        if let Some(coordinator) = coordinator {
            settings.coordinators = vec![coordinator.to_owned()];
        }
        if !settings.ca.as_os_str().is_empty() {
            settings.ca = folder.join(&settings.ca);
        }
        if !settings.endpoints.as_os_str().is_empty() {
            settings.endpoints = folder.join(&settings.endpoints);
        }
        Ok(settings)
    }

    /// What is known here of endpoints, as far as there is a file.
    pub(crate) fn endpoints(&self) -> Result<Option<endpoints::Settings>, Stop> {
        let is_there = self.endpoints.is_file();
        is_there.then(|| endpoints::Settings::load(Some(&self.endpoints))).transpose()
    }

    /// The token of whoever asks, if there is one.
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
