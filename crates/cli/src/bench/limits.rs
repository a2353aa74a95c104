//! `iago bench limits`: how much of each limit is used, and whether it is ever exceeded.
//!
//! Everything is real but the model: coordinator, workers and store are those of `iago run`, and talk
//! over the real protocol; calls go over HTTP to simulated endpoints, which count what they admit.

mod cases;
mod drill;
mod measured;

use std::path::Path;

use anyhow::{Context as _, Result};
use futures_util::stream::{self, StreamExt};

use super::args::LimitsArgs;
use cases::{Case, cases};

use crate::output::talk;

/// Runs every case that is asked for, some at a time, and prints a row for each.
pub(super) async fn measure(args: &LimitsArgs, folder: &Path) -> Result<String> {
    let wanted = |case: &Case| args.only.as_ref().is_none_or(|only| case.name().contains(only));
    let chosen: Vec<Case> = cases(args.seconds).into_iter().filter(wanted).collect();
    let running = chosen.into_iter().zip(0u32..).map(|(case, number)| async move {
        let folder = folder.join(format!("case-{number}"));
        std::fs::create_dir_all(&folder)?;
        let row = Box::pin(drill::run(&case, &folder)).await;
        let row = row.with_context(|| format!("case `{}`", case.name()))?;
        talk(row.trim_end());
        Ok(row)
    });
    let rows: Vec<Result<String>> =
        stream::iter(running).buffered(args.together.max(1)).collect().await;
    let rows: Vec<String> = rows.into_iter().collect::<Result<_>>()?;
    Ok(format!("{HEAD}{}{FOOT}", rows.concat()))
}

const HEAD: &str = "\
SIMULATED endpoints, 200 ms a call and half of that more or less; each row counts after its first minute
`used`: admitted of what the limit admits. `most`: the most admitted in any sliding minute, of the limit;
a bucket admits its burst beyond it
case                                workers  limit     used     most     throttled  must
";

const FOOT: &str = "SIMULATED: this measures iago, not a model\n";
