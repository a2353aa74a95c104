//! `config/coordinator.toml`: what a coordinator is told.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use iago_notify::WebhookSettings;
use serde::Deserialize;

use crate::exit::Stop;
use crate::settings::{Origin, Read, endpoints, seconds};

/// Where its settings come from.
const ORIGIN: Origin =
    Origin { usual: "config/coordinator.toml", part: "COORDINATOR", is_table: false, lists: &[] };

/// Everything in the file. `Debug` is left out: the store's address may hold a password.
#[derive(Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) store: String,
    pub(crate) endpoints: PathBuf,
    /// Empty: schedules are added by people alone.
    pub(crate) schedules: PathBuf,
    pub(crate) jobs: JobsSection,
    pub(crate) workers: WorkersSection,
    pub(crate) doors: DoorsSection,
    pub(crate) leadership: LeadershipSection,
    /// `[webhooks.NAME]`: who can be told of nights. None ships.
    #[cfg_attr(test, serde(skip_serializing))]
    pub(crate) webhooks: BTreeMap<String, WebhookSettings>,
}

/// `[jobs]`: the door for people and scripts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct JobsSection {
    pub(crate) listen: SocketAddr,
}

/// `[workers]`: the door for workers, and how long they are waited for.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WorkersSection {
    pub(crate) listen: SocketAddr,
    pub(crate) reconnect_grace_s: u64,
    pub(crate) silence_max_s: u64,
}

/// `[doors]`: who comes in.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DoorsSection {
    pub(crate) tokens: bool,
    /// Empty: plain text.
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// `[leadership]`: how long a term lasts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LeadershipSection {
    pub(crate) hold_s: u64,
    pub(crate) adoption_grace_s: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "coordinator".to_owned(),
            store: "postgres://iago@127.0.0.1:5432/iago".to_owned(),
            endpoints: PathBuf::from("endpoints.toml"),
            schedules: PathBuf::new(),
            jobs: JobsSection::default(),
            workers: WorkersSection::default(),
            doors: DoorsSection::default(),
            leadership: LeadershipSection::default(),
            webhooks: BTreeMap::new(),
        }
    }
}

impl Default for JobsSection {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8910)) }
    }
}

impl Default for WorkersSection {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 8911));
        Self { listen, reconnect_grace_s: 10, silence_max_s: 60 }
    }
}

impl Default for DoorsSection {
    fn default() -> Self {
        Self { tokens: true, certificate: PathBuf::new(), key: PathBuf::new() }
    }
}

impl Default for LeadershipSection {
    fn default() -> Self {
        Self { hold_s: 10, adoption_grace_s: 15 }
    }
}

impl Settings {
    /// Reads the file and the environment; paths in it become ready for use.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, Stop> {
        let Read { mut settings, folder } = ORIGIN.load::<Self>(file)?;
        seconds("[leadership] hold_s", settings.leadership.hold_s)?;
        seconds("[workers] silence_max_s", settings.workers.silence_max_s)?;
        settings.endpoints = folder.join(&settings.endpoints);
        let doors = &mut settings.doors;
        for path in [&mut settings.schedules, &mut doors.certificate, &mut doors.key] {
            if !path.as_os_str().is_empty() {
                *path = folder.join(&path);
            }
        }
        if let Some(path) = settings.store.strip_prefix("sqlite:") {
            settings.store = format!("sqlite:{}", folder.join(path).display());
        }
        Ok(settings)
    }

    /// The endpoints that it has pools for.
    pub(crate) fn endpoints(&self) -> Result<endpoints::Settings, Stop> {
        endpoints::Settings::load_named(&self.endpoints)
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
