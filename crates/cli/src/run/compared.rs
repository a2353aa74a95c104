//! What the gates of a sweep say that was run against a baseline. The exit code stays that of the run.

use std::sync::Arc;

use iago_protocol::wire::GateRequest;
use iago_store_sqlite::SqliteStore;
use iago_sweep::SweepId;

use crate::args::RunArgs;
use crate::client::Client;
use crate::client::gate::judge;
use crate::exit::Stop;
use crate::output::{data, talk};
use crate::process::Process;

/// Prints the verdict after the report, and which command ends with it.
pub(super) async fn tell_verdict(
    args: &RunArgs,
    store: &Arc<SqliteStore>,
    sweep: SweepId,
    baseline: &str,
) -> Result<(), Stop> {
    let place = args.store.display().to_string();
    let again = format!("iago gate {sweep} --baseline {baseline} --store {place}");
    if !args.json {
        let mut client = Client::look_at(&Process::look_at(Arc::clone(store)), place).await?;
        let request = GateRequest { sweep: sweep.0, baseline: baseline.to_owned(), flips: 0 };
        data(&format!("\n{}", judge(&mut client, request).await?.shown()))?;
    }
    talk(&format!("`{again}` ends with the verdict as its exit code"));
    Ok(())
}
