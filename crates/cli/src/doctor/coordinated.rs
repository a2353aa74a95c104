//! One tiny call of each endpoint, made by a worker: a tiny sweep, handed in like any other.

use std::sync::Arc;
use std::time::Duration;

use iago_protocol::wire::{
    PoolProgress, Progress, ReportFormat, ReportRequest, Status, SweepRequest,
};
use iago_sweep::Money;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::finding::Finding;
use super::targets::Targets;
use super::tiny;
use crate::account::limit_words;
use crate::client::{Client, report};
use crate::clock::now_ms;
use crate::exit::{Exit, Stop};
use crate::submission::{Jobs, Submission, bad_sweep, submit};
use crate::watch::grouped;

/// A worker that is there and serves an endpoint has its job by then.
const HANDED_OUT_MAX: Duration = Duration::from_secs(6);
/// How long the answer to one tiny call may take, with calls that are repeated meanwhile.
const ANSWER_MAX: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What went wrong, and what to do.
struct Wrong {
    stop: Stop,
    way_out: String,
}

/// Has every model called that is named.
pub(super) async fn look(client: &mut Client, targets: &Targets, findings: &mut Vec<Finding>) {
    for (endpoint, id) in &targets.models {
        let what = format!("endpoint {endpoint}, {id}");
        findings.push(match ask(client, endpoint, id).await {
            Ok(seen) => Finding::well(what, seen),
            Err(Wrong { stop, way_out }) => Finding::wrong_with(what, stop, way_out),
        });
    }
    for name in targets.without_model() {
        let seen = format!("not called; --model {name}=ID has a worker make one call");
        findings.push(Finding::passed_over(format!("endpoint {name}"), seen));
    }
}

async fn ask(client: &mut Client, endpoint: &str, id: &str) -> Result<String, Wrong> {
    let begun = Instant::now();
    let sweep = hand_in(client, endpoint, id).await?;
    match until_ended(client, sweep, endpoint, begun).await {
        Ok(told) => said(client, &told, id, begun.elapsed()).await,
        Err(wrong) => {
            // It is not to run later, when nobody waits for it. What is wrong is said in any case.
            let cancelled =
                client.ask(async |mut jobs: Jobs| jobs.cancel(SweepRequest { sweep }).await);
            drop(cancelled.await);
            Err(wrong)
        }
    }
}

async fn hand_in(client: &mut Client, endpoint: &str, id: &str) -> Result<i64, Wrong> {
    let submitted_ms = now_ms();
    let sources = tiny::sources(endpoint, id, submitted_ms);
    let plan = iago_coordinator::compile(&sources);
    let plan = plan.map_err(|error| Wrong::of(bad_sweep(&error), "correct --model"))?.digest();
    let submission = Submission {
        sources: Arc::new(sources),
        plan,
        retry_failed: false,
        submitted_ms,
        extend: None,
        against: None,
    };
    let asked = client.ask(async |mut jobs: Jobs| submit(&mut jobs, &submission).await).await;
    let submitted = asked.map_err(|stop| {
        let way_out = if stop.exit == Exit::Credential {
            "use a token of scope operator: `iago token create`"
        } else {
            "give the coordinator the same endpoints' settings, and start it again"
        };
        Wrong::of(stop, way_out)
    })?;
    Ok(submitted.sweep)
}

async fn until_ended(
    client: &mut Client,
    sweep: i64,
    endpoint: &str,
    begun: Instant,
) -> Result<Status, Wrong> {
    loop {
        let told = client.get(sweep).await;
        let told = told.map_err(|stop| Wrong::of(stop, "see what the coordinator's log says"))?;
        let progress = told.progress.clone().unwrap_or_default();
        match told.state.as_str() {
            "done" if told.failures == 0 => return Ok(told),
            "done" => return Err(failed(&progress)),
            "paused" => return Err(paused(&told.reason)),
            _ if progress.failures > 0 => return Err(failed(&progress)),
            _ => {}
        }
        if let Some(wrong) = waiting_in_vain(&progress, endpoint, begun.elapsed()) {
            return Err(wrong);
        }
        sleep(LOOK_EVERY).await;
    }
}

/// What keeps a job from being answered, once it is certain that something does.
fn waiting_in_vain(progress: &Progress, endpoint: &str, waited: Duration) -> Option<Wrong> {
    let pool = progress.pools.iter().find(|pool| pool.name == endpoint);
    let waits_for = pool.map(|pool| pool.waits_for.as_str()).filter(|words| !words.is_empty());
    let is_out = progress.in_flight > 0 || progress.calls > 0;
    if waited > HANDED_OUT_MAX && !is_out && waits_for.is_none() {
        return Some(if progress.workers == 0 {
            let stop = Stop::new(Exit::Unreachable, "no worker is connected");
            Wrong::of(stop, "start `iago worker`, with a token of scope worker")
        } else {
            let workers = progress.workers;
            let message = format!("{workers} workers are connected, and none serves `{endpoint}`");
            let way_out =
                "give a worker the endpoint in its settings, and its key in its environment";
            Wrong::of(Stop::new(Exit::Unreachable, message), way_out)
        });
    }
    (waited > ANSWER_MAX).then(|| {
        let mut troubles: Vec<_> = progress.troubles.keys().cloned().collect();
        troubles.extend(waits_for.map(|words| format!("it waits for {words}")));
        troubles.sort_unstable();
        let seconds = ANSWER_MAX.as_secs();
        let message = format!("no answer within {seconds} s: {}", troubles.join(", "));
        let way_out = "see the worker's log; a sweep would go on waiting";
        Wrong::of(Stop::new(Exit::Unreachable, message), way_out)
    })
}

fn paused(reason: &str) -> Wrong {
    let way_out = "correct the key where the worker runs (401), or the rights, region and organisation \
                   that it has (403), or add credit; then start the worker again";
    Wrong::of(Stop::new(Exit::Credential, reason), way_out)
}

fn failed(progress: &Progress) -> Wrong {
    let mut troubles: Vec<_> = progress.troubles.keys().map(String::as_str).collect();
    troubles.sort_unstable();
    let message = format!("the call failed: {}", troubles.join(", "));
    let way_out =
        "correct the model's id, `url` and `protocol`; the worker's log has the endpoint's words";
    Wrong::of(Stop::new(Exit::Config, message), way_out)
}

async fn said(
    client: &mut Client,
    told: &Status,
    id: &str,
    took: Duration,
) -> Result<String, Wrong> {
    let page = report::fetch(client, request(told.sweep)).await;
    let page = page.map_err(|stop| Wrong::of(stop, "see what the coordinator's log says"))?;
    let report: Value = serde_json::from_str(&page.text).unwrap_or_default();
    let mut echoed = Vec::new();
    collect_echoes(&report, &mut echoed);
    let mut words = vec![format!("answered through a worker in {} ms", took.as_millis())];
    words.push(match echoed.as_slice() {
        [] => "does not say which model answered".to_owned(),
        [one] if one == id => "as that model".to_owned(),
        echoed => format!("as `{}`", echoed.join("`, `")),
    });
    words.push(match told.unpriced {
        0 => format!("cost {}", Money(told.spent_picodollars)),
        _ => "its price is not known".to_owned(),
    });
    let pools = told.progress.iter().flat_map(|progress| &progress.pools);
    words.extend(pools.flat_map(told_limits));
    if page.simulated {
        words.push("SIMULATED".to_owned());
    }
    Ok(words.join("; "))
}

fn request(sweep: i64) -> ReportRequest {
    ReportRequest {
        sweep,
        format: ReportFormat::Json.into(),
        width: 0,
        styled: false,
        store: String::new(),
        hint: String::new(),
    }
}

/// Every id that the report says was echoed.
fn collect_echoes(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                if key == "echoed" {
                    // Each with its number of answers.
                    let ids = value.as_array().into_iter().flatten();
                    found.extend(ids.filter_map(|id| Some(id.get(0)?.as_str()?.to_owned())));
                } else {
                    collect_echoes(value, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_echoes(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    found.sort_unstable();
    found.dedup();
}

fn told_limits(pool: &PoolProgress) -> Vec<String> {
    let known = pool.limits.iter().filter(|limit| limit.limit.is_some());
    let shown = known.map(|limit| format!("{}: {}", pool.name, limit_words(limit)));
    let slots = format!("{}: {} calls at once", pool.name, grouped(pool.concurrency.into()));
    shown.chain([slots]).collect()
}

impl Wrong {
    fn of(stop: Stop, way_out: impl Into<String>) -> Self {
        Self { stop, way_out: way_out.into() }
    }
}
