//! Schedules that stand in a folder of the coordinator: whoever leads adds those that are new or changed.
//!
//! They go the way of `iago schedule add`, through a door that nobody else can reach. What was taken out of
//! the folder is left: nothing here can tell it from what people added by hand.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use iago_protocol::wire::{ListSchedulesRequest, ScheduleTold};
use tokio::sync::watch;
use tokio::time::sleep;
use tonic::Status;
use tracing::{error, info, warn};

use crate::client::is_away;
use crate::client::schedule::put;
use crate::client::schedule::written::{Written, read_all};
use crate::exit::{Exit, Stop};
use crate::process::Process;
use crate::services::Nights;

/// How soon a store that is away, or a loop that is only starting, is asked again.
const AGAIN: Duration = Duration::from_secs(1);

/// Whether the folder can be read, all of it; before anything is bound.
pub(super) fn check(folder: &Path) -> Result<(), Stop> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    if !folder.is_dir() {
        let message =
            format!("there is no folder {}: correct `schedules` in the settings", folder.display());
        return Err(Stop::new(Exit::NoInput, message));
    }
    read(folder).map(drop)
}

fn read(folder: &Path) -> Result<Vec<Written>, Stop> {
    read_all(&[folder.to_owned()])
}

/// Adds what is in the folder at the beginning of each term. It ends when nobody can lead here any more.
pub(super) async fn keep(
    folder: PathBuf,
    process: Process,
    mut terms: watch::Receiver<Option<u64>>,
) {
    if folder.as_os_str().is_empty() {
        return;
    }
    loop {
        let leads = terms.borrow_and_update().is_some();
        let add = async {
            if leads {
                add_all(&folder, &process).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            changed = terms.changed() => if changed.is_err() { return },
            () = add => {}
        }
    }
}

async fn add_all(folder: &Path, process: &Process) {
    let place = folder.display();
    // They were sound at the start, and may have been edited since.
    let path = folder.to_owned();
    let written = match tokio::task::spawn_blocking(move || read(&path)).await {
        Ok(Ok(written)) => written,
        Ok(Err(stop)) => return error!("no schedule of {place} is added: {}", stop.message),
        Err(broke) => return error!("no schedule of {place} is added: {broke}"),
    };
    let mut nights = match process.services().await {
        Ok(services) => services.nights,
        Err(stop) => return error!("no schedule of {place} is added: {}", stop.message),
    };
    for schedule in &written {
        match put_until_answered(&mut nights, schedule).await {
            Ok(told) => tell(&told),
            Err(status) => error!(schedule = %schedule.name, "not added: {}", status.message()),
        }
    }
    tell_of_others(&mut nights, &written, folder).await;
}

/// Asks again for as long as that may help; another term ends it.
async fn put_until_answered(
    nights: &mut Nights,
    schedule: &Written,
) -> Result<ScheduleTold, Status> {
    loop {
        match put(nights, schedule, false).await {
            Ok(told) => return Ok(told.into_inner()),
            Err(status) if is_away(status.code()) => sleep(AGAIN).await,
            Err(status) => return Err(status),
        }
    }
}

fn tell(told: &ScheduleTold) {
    let schedule = &told.name;
    if told.is_new {
        info!(%schedule, "added");
    } else if !told.changes.is_empty() {
        info!(%schedule, "changed: {}", told.changes.join("; "));
    }
}

/// Schedules that are in force and not in the folder.
async fn tell_of_others(nights: &mut Nights, written: &[Written], folder: &Path) {
    let Ok(listed) = nights.list_schedules(ListSchedulesRequest {}).await else { return };
    let here: BTreeSet<&str> = written.iter().map(|written| written.name.as_str()).collect();
    for told in listed.into_inner().schedules {
        if !here.contains(told.name.as_str()) {
            let (schedule, folder) = (told.name, folder.display());
            warn!(%schedule, "in force, and not in {folder}: `iago schedule remove` ends it");
        }
    }
}
