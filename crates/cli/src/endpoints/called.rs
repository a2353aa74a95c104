//! How an endpoint is called: what a worker is told of it.

use std::fmt::Display;
use std::time::Duration;

use iago_providers::{Dialect, Protocol};
use iago_worker::{EndpointSettings, Timeouts};
use secrecy::SecretString;

use super::priced::{is_own, prices};
use crate::exit::{Exit, Stop};
use crate::settings::endpoints::{EndpointSection, Settings};

/// What a worker is told of an endpoint at this address.
pub(super) fn settings(
    settings: &Settings,
    name: &str,
    section: &EndpointSection,
    url: &str,
) -> Result<EndpointSettings, Stop> {
    let seconds = Duration::from_secs;
    Ok(EndpointSettings {
        dialect: dialect(name, section, url)?,
        key: key(section),
        timeouts: Timeouts {
            connect: seconds(section.connect_timeout_s),
            first_byte: section.first_byte_timeout_s.map(seconds),
            idle: seconds(section.idle_timeout_s),
            total: seconds(section.timeout_s),
        },
        proxy: section.proxy.clone(),
        ca: certificates(name, section)?,
        prices: prices(settings, section),
        free: is_own(section),
    })
}

/// In what way an endpoint is spoken to.
pub(super) fn dialect(name: &str, section: &EndpointSection, url: &str) -> Result<Dialect, Stop> {
    read_dialect(section, url)
        .map_err(|why| Stop::new(Exit::Config, format!("endpoint `{name}`: {why}")))
}

fn read_dialect(section: &EndpointSection, url: &str) -> Result<Dialect, String> {
    let protocol: Protocol = section.protocol.parse().map_err(words)?;
    let mut dialect = Dialect::new(protocol, url).map_err(words)?;
    if let Some(flavour) = &section.flavour {
        dialect = dialect.with_flavour(flavour.parse().map_err(words)?);
    }
    if let Some(version) = &section.anthropic_version {
        dialect.anthropic_version.clone_from(version);
    }
    if let Some(auth) = &section.auth {
        dialect.auth = auth.parse().map_err(words)?;
    }
    if let Some(field) = &section.output_limit_field {
        dialect.output_limit_field = field.parse().map_err(words)?;
    }
    dialect.idempotency = section.idempotency_key;
    dialect.streaming = section.streaming.parse().map_err(words)?;
    dialect.rules = section.check_parameters;
    Ok(dialect)
}

fn words(error: impl Display) -> String {
    error.to_string()
}

/// The key, read once and kept where it cannot be printed.
#[expect(clippy::disallowed_methods, reason = "the one place where keys are read, for the worker")]
pub(super) fn key(section: &EndpointSection) -> Option<SecretString> {
    let found = std::env::var(section.key_env.as_ref()?).ok()?;
    (!found.is_empty()).then(|| SecretString::from(found))
}

fn certificates(name: &str, section: &EndpointSection) -> Result<Option<Vec<u8>>, Stop> {
    let Some(path) = &section.ca else { return Ok(None) };
    std::fs::read(path).map(Some).map_err(|error| {
        let path = path.display();
        let message = format!("endpoint `{name}`: its `ca` {path} cannot be read: {error}");
        Stop::new(Exit::NoInput, message)
    })
}
