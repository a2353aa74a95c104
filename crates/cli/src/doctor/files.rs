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
const CORRECT: &str = "correct it there, and run `iago doctor` again";

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
            findings.push(unreadable(what, place, &stop));
            None
        }
    };
    let usual = |file: &str, read: Result<(), Stop>| {
        let what = format!("settings {file}");
        match read {
            Ok(()) => Finding::well(what, "can be read"),
            Err(stop) => unreadable(what, Path::new(file), &stop),
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

/// What is wrong with a file, without its name, which stands beside it already.
fn unreadable(what: String, file: &Path, stop: &Stop) -> Finding {
    let seen = stop.message.strip_prefix(&file.display().to_string());
    let seen = seen.map_or(stop.message.as_str(), |seen| seen.trim_start_matches([',', ':', ' ']));
    Finding::wrong_with(what, Stop::new(stop.exit, seen), CORRECT)
}

fn said(settings: &endpoints::Settings) -> String {
    let names: Vec<_> = settings.endpoints.keys().map(String::as_str).collect();
    let prices = grouped(settings.price_file.models.len() as u64);
    let mut words = vec![format!("endpoints: {}", names.join(", "))];
    if !settings.pools.is_empty() {
        let pools: Vec<_> = settings.pools.keys().map(String::as_str).collect();
        words.push(format!("shared pools: {}", pools.join(", ")));
    }
    if !settings.programs.is_empty() {
        let programs: Vec<_> = settings.programs.keys().map(String::as_str).collect();
        words.push(format!("programs: {}", programs.join(", ")));
    }
    words.push(match settings.price_file.models.len() {
        0 => "no prices file, or an empty one".to_owned(),
        _ => format!("{prices} prices in the prices file"),
    });
    words.join("; ")
}
