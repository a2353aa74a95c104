//! `iago simulated-endpoint`: models with planted behaviour, served until Ctrl-C.

use std::time::Duration;

use iago_prompts::Format;
use iago_simulated_endpoint::{Endpoint, Faults, Limit, Settings, StartError, Trouble};

use crate::args::SimulatedEndpointArgs;
use crate::exit::{Exit, Stop};
use crate::output::{data, talk};

/// Serves until Ctrl-C, then says what it saw.
pub(crate) async fn serve(args: SimulatedEndpointArgs) -> Result<Exit, Stop> {
    let prompts = requests(&args)?;
    let settings = Settings {
        listen: args.listen,
        prompts,
        limit: args.requests_per_minute.map(Limit::requests),
        faults: Faults {
            internal_500: args.internal_500,
            overloaded_529: args.overloaded_529,
            reset: args.reset,
            malformed: args.malformed,
            ..Faults::default()
        },
        trouble: Trouble {
            swapped: args.swap.into_iter().collect(),
            fails_for_good: args.fails_for_good,
        },
        latency: Duration::from_millis(args.latency_ms),
        log_file: args.log_file,
        api_key: args.key,
        ..Settings::default()
    };
    let endpoint = Endpoint::start(settings).await.map_err(|error| refused(&error))?;
    data(&format!("{}\n", endpoint.url()))?;
    tokio::signal::ctrl_c().await.map_err(|error| Stop::new(Exit::Io, error.to_string()))?;
    let log = endpoint.log();
    talk(&format!(
        "SIMULATED: {} calls: {} answered, {} throttled, {} faults",
        log.calls, log.answered, log.throttled, log.faults
    ));
    endpoint.stop().await;
    Ok(Exit::Done)
}

fn requests(args: &SimulatedEndpointArgs) -> Result<Vec<String>, Stop> {
    let Some(path) = &args.prompts else { return Ok(Vec::new()) };
    let name = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|error| Stop::new(Exit::NoInput, format!("cannot read {name}: {error}")))?;
    let format = Format::from_path(&name).ok_or_else(|| {
        Stop::new(Exit::BadSweep, format!("prompts {name} must end in .jsonl, .csv or .tsv"))
    })?;
    let set = iago_prompts::read(&name, &bytes, format, &args.id)
        .map_err(|error| Stop::new(Exit::BadSweep, error.to_string()))?;
    let column = |row: iago_prompts::PromptRow| row.columns.get(&args.column).cloned();
    let texts: Option<Vec<_>> = set.rows.into_iter().map(column).collect();
    texts
        .ok_or_else(|| Stop::new(Exit::BadSweep, format!("{name} has no column `{}`", args.column)))
}

fn refused(error: &StartError) -> Stop {
    let exit = match error {
        StartError::AddressInUse { .. } => Exit::InUse,
        StartError::Listen { .. } | StartError::Settings(_) => Exit::Config,
        StartError::LogFile { .. } => Exit::CannotCreate,
    };
    Stop::new(exit, error.to_string())
}
