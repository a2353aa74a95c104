//! Settings files: whether each can be read, and says what means something.

use std::path::Path;

use super::finding::Finding;
use crate::args::DoctorArgs;
use crate::exit::Stop;
use crate::settings::{client, coordinator, endpoints, worker};
use crate::watch::grouped;

/// Where the files lie that nobody names here.
const COORDINATOR: &str = "config/coordinator.toml";
const WORKER: &str = "config/worker.toml";
const CORRECT: &str = "correct the file";

/// Reads every settings file that is there; gives the endpoints.
pub(super) fn look(args: &DoctorArgs, findings: &mut Vec<Finding>) -> Option<endpoints::Settings> {
    let read = endpoints::Settings::load(args.config.as_deref());
    let place = args.config.as_deref().unwrap_or(Path::new("config/endpoints.toml"));
    let what = format!("settings {}", place.display());
    let settings = match read {
        Ok(settings) => {
            findings.push(Finding::well(what, said(&settings)));
            Some(settings)
        }
        Err(stop) => {
            findings.push(Finding::wrong_with(what, stop, CORRECT));
            None
        }
    };
    let usual = |file: &str, read: Result<(), Stop>| {
        let what = format!("settings {file}");
        match read {
            Ok(()) => Finding::well(what, "can be read"),
            Err(stop) => Finding::wrong_with(what, stop, CORRECT),
        }
    };
    if Path::new(COORDINATOR).is_file() {
        findings.push(usual(COORDINATOR, coordinator::Settings::load(None).map(drop)));
    }
    if Path::new(WORKER).is_file() {
        findings.push(usual(WORKER, worker::Settings::load(None, None).map(drop)));
    }
    let own = args.client.as_deref();
    let place = own.unwrap_or(Path::new(super::USUAL_CLIENT));
    if !args.local && (own.is_some() || place.is_file()) {
        let read = client::Settings::load(own, args.coordinator.as_deref()).map(drop);
        findings.push(usual(&place.display().to_string(), read));
    }
    settings
}

fn said(settings: &endpoints::Settings) -> String {
    let names: Vec<_> = settings.endpoints.keys().map(String::as_str).collect();
    let prices = grouped(settings.price_file.models.len() as u64);
    let (endpoints, pools) = (names.join(", "), settings.pools.len());
    format!("endpoints: {endpoints}; {pools} shared pools; {prices} prices in the prices file")
}
