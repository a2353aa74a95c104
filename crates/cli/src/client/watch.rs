//! `iago watch`: how a sweep goes until it has ended, whoever leads meanwhile.

use std::time::Duration;

use iago_coordinator::RAISE_BUDGET;
use iago_protocol::wire::{End, Progress, SweepRequest};
use iago_sweep::SweepId;
use tokio::time::{Instant, sleep, timeout};
use tonic::{Status, Streaming};

use crate::args::SweepArgs;
use crate::client::{Client, is_away, json};
use crate::exit::{Exit, Stop};
use crate::output::{data, talk};
use crate::signals::Signals;
use crate::submission::Jobs;
use crate::watch::{Watcher, grouped};

/// How soon a coordinator that is away is looked for again: at first, and at last.
const AGAIN_MIN: Duration = Duration::from_millis(100);
const AGAIN_MAX: Duration = Duration::from_secs(2);
/// How long watching stands still for what progress does not tell.
pub(crate) const ASK_MAX: Duration = Duration::from_secs(1);

/// Watches until the sweep has ended, or somebody stops the watching.
pub(crate) async fn run(args: SweepArgs) -> Result<Exit, Stop> {
    let mut client = Client::new(&args.client)?;
    let sweep = client.find(&args.sweep).await?;
    let watcher = Watcher::from_afar(format!("sweep {}", SweepId(sweep)));
    follow(&mut client, sweep, watcher, args.client.json).await
}

/// Watches a sweep, with a line of JSON for each look where that is wanted.
pub(crate) async fn follow(
    client: &mut Client,
    sweep: i64,
    mut watcher: Watcher,
    in_json: bool,
) -> Result<Exit, Stop> {
    let mut signals = Signals::catch()?;
    let watched = tokio::select! {
        watched = until_ended(client, sweep, &mut watcher, in_json) => Some(watched),
        () = signals.next() => None,
    };
    watcher.clear();
    let Some(watched) = watched else {
        talk(&format!(
            "stopped watching; the sweep goes on without it: `iago watch {sweep}` looks again"
        ));
        return Ok(Exit::Interrupted);
    };
    ending(sweep, &watched?)
}

/// What has been seen of a sweep.
struct Looks<'a> {
    watcher: &'a mut Watcher,
    in_json: bool,
    /// It was said that the coordinator is away, and not yet that it is back.
    away: bool,
    /// How soon it is looked for again.
    again: Duration,
}

async fn until_ended(
    client: &mut Client,
    sweep: i64,
    watcher: &mut Watcher,
    in_json: bool,
) -> Result<Progress, Stop> {
    let mut looks = Looks { watcher, in_json, away: false, again: AGAIN_MIN };
    // Nobody there from the start is an error: the address may be wrong.
    let mut stream = open(client, sweep).await?;
    loop {
        match looks.follow(client, sweep, &mut stream).await? {
            Ok(Some(last)) => return Ok(last),
            Ok(None) => looks.say_away("it has hung up"),
            Err(status) if is_away(status.code()) => looks.say_away(status.message()),
            Err(status) => return Err(client.refused(&status)),
        }
        stream = looks.open_again(client, sweep).await?;
    }
}

async fn open(client: &mut Client, sweep: i64) -> Result<Streaming<Progress>, Stop> {
    client.ask(async |mut jobs: Jobs| jobs.watch(SweepRequest { sweep }).await).await
}

impl Looks<'_> {
    /// Shows what comes; the last look of a sweep that has ended, or nothing where the stream has. A
    /// stream that broke may be opened again, and what cannot be printed ends the watching.
    async fn follow(
        &mut self,
        client: &mut Client,
        sweep: i64,
        stream: &mut Streaming<Progress>,
    ) -> Result<Result<Option<Progress>, Status>, Stop> {
        loop {
            let progress = match stream.message().await {
                Ok(Some(progress)) => progress,
                Ok(None) => return Ok(Ok(None)),
                Err(status) => return Ok(Err(status)),
            };
            if self.watcher.asks(&progress, Instant::now())
                && let Ok(Ok(told)) = timeout(ASK_MAX, client.get(sweep)).await
            {
                self.watcher.tell(&told);
            }
            self.see(&progress)?;
            match progress.end() {
                // The process that was drained is not the sweep.
                End::Unspecified | End::Drained => {}
                End::Done | End::Paused | End::Blocked | End::Broken | End::Cancelled => {
                    return Ok(Ok(Some(progress)));
                }
            }
        }
    }

    fn see(&mut self, progress: &Progress) -> Result<(), Stop> {
        self.again = AGAIN_MIN;
        if self.away {
            self.away = false;
            self.watcher.clear();
            talk("a coordinator is back");
        }
        if self.in_json {
            data(&json::line(&json::progress(progress)))?;
        }
        self.watcher.show(progress, Instant::now());
        Ok(())
    }

    fn say_away(&mut self, why: &str) {
        if !self.away {
            self.away = true;
            self.watcher.clear();
            talk(&format!("the coordinator is away ({why}); workers go on, and so does watching"));
        }
    }

    async fn open_again(
        &mut self,
        client: &mut Client,
        sweep: i64,
    ) -> Result<Streaming<Progress>, Stop> {
        loop {
            sleep(self.again).await;
            self.again = (self.again * 2).min(AGAIN_MAX);
            match open(client, sweep).await {
                Err(stop) if stop.exit == Exit::Unreachable => {}
                opened => return opened,
            }
        }
    }
}

/// Says how a sweep ended, and ends as `iago run` would.
fn ending(sweep: i64, last: &Progress) -> Result<Exit, Stop> {
    let (id, reason) = (SweepId(sweep), &last.end_reason);
    match last.end() {
        End::Done if last.failures == 0 => {
            talk(&format!("sweep {id} is done: `iago report {sweep}` says what came of it"));
            Ok(Exit::Done)
        }
        End::Done => {
            let failed = grouped(last.failures);
            talk(&format!(
                "sweep {id} is done, but for {failed} jobs that failed: `iago report {sweep}` says \
                 what came of it; once the cause is mended, `iago retry {sweep}` asks them again"
            ));
            Ok(Exit::Incomplete)
        }
        End::Blocked => Err(Stop::new(
            Exit::of_block(reason),
            format!("paused: {reason}; no job was lost; mend it, then `iago resume {sweep}`"),
        )),
        End::Paused => Err(Stop::new(
            Exit::Incomplete,
            format!("paused: {reason}; {}", resume_words(sweep, reason)),
        )),
        End::Cancelled => Err(Stop::new(
            Exit::Incomplete,
            format!("sweep {id} was cancelled; what is stored stays"),
        )),
        End::Broken | End::Drained | End::Unspecified => {
            Err(Stop::new(Exit::Io, format!("sweep {id} broke off: {reason}")))
        }
    }
}

/// What goes on with a paused sweep. A budget stands in the file: what is stored is used up.
pub(crate) fn resume_words(sweep: i64, reason: &str) -> String {
    if reason.ends_with(RAISE_BUDGET) {
        return "once that is raised, `iago submit FILE` goes on with it".to_owned();
    }
    format!("`iago resume {sweep}` goes on with it")
}

/// The word for an end; empty while there is none.
pub(crate) fn end_word(end: End) -> &'static str {
    match end {
        End::Unspecified => "",
        End::Done => "done",
        End::Paused => "paused",
        End::Blocked => "blocked",
        End::Drained => "drained",
        End::Broken => "broken",
        End::Cancelled => "cancelled",
    }
}
