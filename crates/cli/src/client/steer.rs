//! `iago pause | resume | cancel | retry`: somebody with authority decides about a sweep.

use iago_protocol::wire::{Status as Told, SweepRequest};
use iago_sweep::SweepId;

use crate::args::SweepArgs;
use crate::client::{Client, json};
use crate::exit::{Exit, Stop};
use crate::output::{data, talk};
use crate::submission::Jobs;

/// What is decided.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    Pause,
    Resume,
    Cancel,
    Retry,
}

/// Has it done, and says how the sweep stands then.
pub(crate) async fn run(args: SweepArgs, order: Order) -> Result<Exit, Stop> {
    let mut client = Client::new(&args.client)?;
    let sweep = client.find(&args.sweep).await?;
    let request = SweepRequest { sweep };
    let asked = client.ask(async |mut jobs: Jobs| match order {
        Order::Pause => jobs.pause(request).await,
        Order::Resume => jobs.resume(request).await,
        Order::Cancel => jobs.cancel(request).await,
        Order::Retry => jobs.retry_failed(request).await,
    });
    let told = asked.await?;
    if args.client.json {
        data(&json::line(&json::status(&told)))?;
    }
    talk(&format!("{}{}", stands(&told), freed(order, &told)));
    Ok(Exit::Done)
}

/// A sweep that goes on asks every endpoint again, whether or not it had come to rest.
fn freed(order: Order, told: &Told) -> &'static str {
    match order {
        Order::Resume | Order::Retry if told.state == "running" => {
            "; endpoints that were given up are asked again"
        }
        Order::Pause | Order::Resume | Order::Cancel | Order::Retry => "",
    }
}

fn stands(told: &Told) -> String {
    let reason = match told.reason.as_str() {
        "" => String::new(),
        reason => format!(", {reason}"),
    };
    let in_flight = told.progress.as_ref().map_or(0, |progress| progress.in_flight);
    let ending = match in_flight {
        out if out > 0 && told.state != "running" => format!("; {out} jobs in flight end first"),
        _ => String::new(),
    };
    format!("{} {}: {}{reason}{ending}", told.name, SweepId(told.sweep), told.state)
}
