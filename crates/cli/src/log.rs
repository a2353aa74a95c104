//! What is logged, and how. Prompts, answers, keys and tokens never are.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::SubscriberBuilder;

use crate::exit::{Exit, Stop};

/// What other people's crates may say at most, whatever iago itself is asked for: their `info` and
/// `debug` drown ours, and could quote what passes through them.
const FOREIGN: &str = "warn";

/// Logs to stderr from now on.
pub(crate) fn start(level: &str, json: bool) -> Result<(), Stop> {
    let filter = EnvFilter::try_new(filter(level)).map_err(|error| {
        let message = format!(
            "--log {level} is neither off, error, warn, info, debug, trace nor a filter like \
             `iago_worker=debug,warn`: {error}"
        );
        Stop::new(Exit::Usage, message)
    })?;
    let log = SubscriberBuilder::default().with_env_filter(filter).with_writer(std::io::stderr);
    // It fails only where a log was started before, which then stays.
    if json {
        drop(log.json().flatten_event(true).try_init());
    } else {
        drop(log.try_init());
    }
    Ok(())
}

/// A plain level is meant for iago's own crates.
fn filter(level: &str) -> String {
    match level {
        "off" | "error" | "warn" => level.to_owned(),
        "info" | "debug" | "trace" => format!("{FOREIGN},iago={level}"),
        filter => filter.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_level_is_meant_for_iago() {
        assert_eq!(filter("info"), "warn,iago=info");
        assert_eq!(filter("error"), "error");
        assert_eq!(filter("iago_worker=debug"), "iago_worker=debug");
    }
}
