//! Watching a sweep that this process works on, until it has ended or somebody stops it.

use std::time::Duration;

use iago_protocol::wire::{DrainRequest, End, Progress, Status, SweepRequest};
use iago_sweep::{Plan, SweepId};
use iago_worker::{Worked, WorkerError};
use tokio::time::Instant;
use tonic::Streaming;

use super::anchors::Anchors;
use crate::client::watch::ASK_MAX;
use crate::exit::{Exit, Stop};
use crate::output::talk;
use crate::signals;
use crate::submission::Jobs;
use crate::watch::{Watcher, grouped};

/// How long a coordinator has to say why it stopped its worker.
const LAST_WORD_MAX: Duration = Duration::from_secs(2);

const STOPPED: &str = "stopped at once: what was in flight is lost and will be asked again; run the \
same command to go on";

/// The worker of this process, at work.
type Worker = tokio::task::JoinHandle<Result<Worked, WorkerError>>;

/// What is watched.
pub(super) struct Watched<'a> {
    pub(super) sweep: SweepId,
    pub(super) plan: &'a Plan,
    /// The sweep in which transcripts of its baseline are judged again.
    pub(super) anchors: Option<SweepId>,
}

/// Watches until the sweep has ended, one way or another, and its anchors with it.
pub(super) async fn follow(
    mut client: Jobs,
    watched: Watched<'_>,
    mut worker: Worker,
) -> Result<(End, String, Progress), Stop> {
    let Watched { sweep, plan, anchors } = watched;
    let mut stream = watch(&mut client, sweep).await?;
    let mut anchors = Anchors::watch(&mut client, anchors, plan).await?;
    let mut watcher = Watcher::new(format!("{} {sweep}", plan.name), plan);
    // Caught from here on: one that comes while something else is waited for is not missed.
    let mut interrupt = signals::interrupt()?;
    let mut interrupts = 0;
    let mut latest = Progress::default();
    loop {
        tokio::select! {
            progress = next(&mut stream), if latest.end() == End::Unspecified => {
                let (progress, now) = (progress?, Instant::now());
                if watcher.asks(&progress, now)
                    && let Some(told) = look(client.clone(), sweep).await
                {
                    watcher.tell(&told);
                }
                watcher.show(&progress, now);
                latest = progress;
            }
            moved = anchors.moved() => {
                moved?;
                watcher.note(anchors.shown());
                watcher.show(&latest, Instant::now());
            }
            ended = &mut worker => {
                watcher.clear();
                let words = || Stop::new(Exit::Io, worker_ended(ended));
                let last = last_word(&mut stream).await.ok_or_else(words)?;
                return Ok((last.end(), last.end_reason.clone(), last));
            }
            _ = interrupt.recv() => {
                interrupts += 1;
                watcher.clear();
                if interrupts > 1 {
                    return Err(Stop::new(Exit::Interrupted, STOPPED));
                }
                talk(&format!(
                    "stopping: {} jobs in flight are being finished and kept; Ctrl-C again stops at once",
                    grouped(latest.in_flight)
                ));
                client.drain(DrainRequest {}).await.map_err(lost)?;
            }
        }
        if let Some((end, reason)) = anchors.ended_with(&latest) {
            watcher.clear();
            return Ok((end, reason, latest));
        }
    }
}

pub(super) async fn watch(client: &mut Jobs, sweep: SweepId) -> Result<Streaming<Progress>, Stop> {
    let request = SweepRequest { sweep: sweep.0 };
    Ok(client.watch(request).await.map_err(lost)?.into_inner())
}

pub(super) async fn next(stream: &mut Streaming<Progress>) -> Result<Progress, Stop> {
    let stopped = || Stop::new(Exit::Io, "the coordinator in this process has stopped");
    stream.message().await.map_err(lost)?.ok_or_else(stopped)
}

#[expect(clippy::needless_pass_by_value, reason = "an error is mapped by value")]
fn lost(status: tonic::Status) -> Stop {
    Stop::new(Exit::Io, status.message())
}

/// What progress does not tell. It is for people's eyes only: where the store is slow or away, the run
/// goes on without it.
async fn look(mut client: Jobs, sweep: SweepId) -> Option<Status> {
    let asked = client.get(SweepRequest { sweep: sweep.0 });
    Some(tokio::time::timeout(ASK_MAX, asked).await.ok()?.ok()?.into_inner())
}

/// Why everything has stopped, where the coordinator says so. It closes its streams as it goes, and
/// which of them is seen first is chance.
async fn last_word(stream: &mut Streaming<Progress>) -> Option<Progress> {
    let search = async {
        loop {
            let progress = stream.message().await.ok()??;
            if progress.end() != End::Unspecified {
                return Some(progress);
            }
        }
    };
    tokio::time::timeout(LAST_WORD_MAX, search).await.ok()?
}

fn worker_ended(ended: Result<Result<Worked, WorkerError>, tokio::task::JoinError>) -> String {
    match ended {
        Ok(Ok(_)) => "the worker in this process has stopped".to_owned(),
        Ok(Err(error)) => format!("the worker in this process stopped: {error}"),
        Err(_panicked) => "the worker in this process broke; what is stored is safe".to_owned(),
    }
}
