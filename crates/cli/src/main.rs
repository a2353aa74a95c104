//! `iago`: everything that a person types, and the one place where all parts meet.

mod args;
mod bench;
mod endpoints;
mod exit;
mod output;
mod present;
mod process;
mod run;
mod settings;
mod simulate;
mod sources;
mod watch;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::args::{Args, Command};
use crate::exit::{Exit, Stop};

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return end(Err(Stop::new(Exit::Io, format!("cannot start: {error}")))),
    };
    log_to_stderr(&args.log);
    let done = runtime.block_on(command(args.command));
    // What still runs after a second Ctrl-C is not waited for.
    runtime.shutdown_background();
    end(done)
}

async fn command(command: Command) -> Result<Exit, Stop> {
    match command {
        Command::Run(args) => Box::pin(run::run(args)).await,
        Command::SimulatedEndpoint(args) => simulate::serve(args).await,
        Command::Bench(args) => Box::pin(bench::bench(args)).await,
    }
}

fn end(done: Result<Exit, Stop>) -> ExitCode {
    let exit = done.unwrap_or_else(|stop| {
        output::talk(&format!("iago: {}", stop.message));
        stop.exit
    });
    ExitCode::from(exit.code())
}

/// Help and version are answers, on stdout; everything else that clap says is bad usage.
fn usage(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if error.use_stderr() {
        output::talk(text.trim_end());
        return ExitCode::from(Exit::Usage.code());
    }
    output::data(&text);
    ExitCode::SUCCESS
}

fn log_to_stderr(level: &str) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_bad| EnvFilter::new("error"));
    let set =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
    drop(set);
}
