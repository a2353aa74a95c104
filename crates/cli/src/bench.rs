//! `iago bench`: what things cost on this machine, with everything real but the model.
//!
//! What is measured runs in processes of its own: the coordinator is `iago coordinator`, with TLS and
//! tokens, on a private Postgres with the recommended settings.

mod analyst;
mod answers;
mod args;
mod base;
mod certificate;
mod child;
mod database;
mod generator;
mod ingest;
mod jobs;
mod latencies;
mod limits;
mod load;
mod made_up;
mod meter;
mod recovery;
mod rows;
mod submit;

use std::path::Path;

use anyhow::Result;

pub(crate) use args::BenchArgs;
use args::Measurement;

use crate::exit::{Exit, Stop};
use crate::output::data;
use crate::signals::Signals;

/// Measures and prints a table.
pub(crate) async fn bench(args: BenchArgs) -> Result<Exit, Stop> {
    let what = args.what.unwrap_or(Measurement::Jobs(args.jobs));
    if let Measurement::Generator(args) = what {
        generator::generate(args).await?;
        return Ok(Exit::Done);
    }
    let folder = std::env::temp_dir().join(format!("iago-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(anyhow::Error::from)?;
    let mut signals = Signals::catch()?;
    // What was started ends with what is dropped here, asked to stop or not.
    let table = tokio::select! {
        table = measure(&what, &folder) => Some(table),
        () = signals.next() => None,
    };
    drop(std::fs::remove_dir_all(&folder));
    let Some(table) = table else { return Ok(Exit::Interrupted) };
    data(&table?)?;
    Ok(Exit::Done)
}

async fn measure(what: &Measurement, folder: &Path) -> Result<String> {
    match what {
        Measurement::Jobs(args) => Box::pin(jobs::measure(args, folder)).await,
        Measurement::Ingest(args) => Box::pin(ingest::measure(args, folder)).await,
        Measurement::Recovery(args) => Box::pin(recovery::measure(args, folder)).await,
        Measurement::Analyst(args) => Box::pin(analyst::measure(args, folder)).await,
        Measurement::Submit(args) => Box::pin(submit::measure(args, folder)).await,
        Measurement::Limits(args) => Box::pin(limits::measure(args, folder)).await,
        Measurement::Generator(_) => Ok(String::new()),
    }
}

/// How many processors everything shares.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
