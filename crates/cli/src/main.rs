//! `iago`: everything that a person types, and the one place where all parts meet.

mod account;
mod args;
mod bench;
mod client;
mod clock;
mod coordinator;
mod dial;
mod doctor;
mod endpoints;
mod exit;
mod forecast;
mod inspect;
mod listen;
mod log;
mod output;
mod plain;
mod present;
mod prices;
mod process;
mod programs;
mod run;
mod services;
mod settings;
mod signals;
mod simulate;
mod sources;
mod store_url;
mod submission;
mod table;
mod token;
mod watch;
mod whole;
mod worker;
mod wrap;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};
use crate::client::steer::Order;
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
    let level = args.log.as_deref().unwrap_or(args.command.usual_log());
    let done = match log::start(level, args.log_json) {
        Ok(()) => runtime.block_on(command(args.command)),
        Err(stop) => Err(stop),
    };
    // What still runs after a second Ctrl-C is not waited for.
    runtime.shutdown_background();
    end(done)
}

async fn command(command: Command) -> Result<Exit, Stop> {
    match command {
        Command::Run(args) => Box::pin(run::run(args)).await,
        Command::Plan(args) => Box::pin(forecast::run(args)).await,
        Command::Doctor(args) => Box::pin(doctor::run(args)).await,
        Command::Prices(args) => prices::run(&args),
        Command::Sweep(args) => inspect::run(args),
        Command::Coordinator(args) => Box::pin(coordinator::run(args)).await,
        Command::Worker(args) => Box::pin(worker::run(args)).await,
        Command::Token(args) => Box::pin(token::run(args)).await,
        Command::Submit(args) => Box::pin(client::submit::run(args)).await,
        Command::Watch(args) => Box::pin(client::watch::run(args)).await,
        Command::Status(args) => client::status::run(args).await,
        Command::Pause(args) => client::steer::run(args, Order::Pause).await,
        Command::Resume(args) => client::steer::run(args, Order::Resume).await,
        Command::Cancel(args) => client::steer::run(args, Order::Cancel).await,
        Command::Retry(args) => client::steer::run(args, Order::Retry).await,
        Command::Extend(args) => Box::pin(client::submit::extend(args)).await,
        Command::Report(args) => client::report::run(args).await,
        Command::Transcripts(args) => client::transcripts::run(args).await,
        Command::Export(args) => Box::pin(client::export::run(args)).await,
        Command::Schedule(args) => Box::pin(client::schedule::run(args)).await,
        Command::Baseline(args) => Box::pin(client::baseline::run(args)).await,
        Command::Gate(args) => Box::pin(client::gate::run(args)).await,
        Command::Gold(args) => Box::pin(client::gold::run(args)).await,
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
    end(output::data(&text).map(|()| Exit::Done))
}
