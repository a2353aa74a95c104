//! The store of a workspace: whether it can be read, and written, and has room.

use std::path::{Path, PathBuf};

use iago_store::{Store, StoreError};
use iago_store_sqlite::{Layout, SqliteStore, layout};

use super::finding::Finding;
use super::space::free_bytes;
use crate::exit::{Exit, Stop};

/// A million answers of usual length take about 3 GiB; below this a small sweep fills the disk.
const FREE_BYTES_MIN: u64 = 256 * 1024 * 1024;
const MIB: u64 = 1024 * 1024;

/// Looks at the store, or where it would be.
pub(super) async fn look(path: &Path, findings: &mut Vec<Finding>) {
    let what = format!("store {}", path.display());
    findings.push(match open(path).await {
        Ok(seen) => Finding::well(what, seen),
        Err(Unfit { stop, way_out }) => Finding::wrong_with(what, stop, way_out),
    });
    let folder = nearest_folder(path);
    let what = format!("disk of {}", folder.display());
    findings.push(match free_bytes(&folder) {
        None => Finding::passed_over(what, "the system does not tell how much is free"),
        Some(free) if free < FREE_BYTES_MIN => {
            let stop = Stop::new(Exit::Io, format!("only {} MiB are free", free / MIB));
            Finding::wrong_with(what, stop, "make room: a sweep pauses when its disk is full")
        }
        Some(free) => Finding::well(what, format!("{} MiB free", free / MIB)),
    });
}

/// Why it cannot be used, and what to do.
struct Unfit {
    stop: Stop,
    way_out: &'static str,
}

async fn open(path: &Path) -> Result<String, Unfit> {
    check_writable(path)?;
    // Whoever looks makes no store, and an empty file would become one.
    if !path.metadata().is_ok_and(|found| found.is_file() && found.len() > 0) {
        return Ok("not there yet; it can be made".to_owned());
    }
    // Nor does it bring one up to date, after which no earlier iago could read it.
    if let Some(Layout { found, known }) = layout(path).filter(Layout::is_older) {
        return Ok(format!(
            "made by an earlier iago (its layout is version {found}, this iago writes {known}); the next \
             run brings it up to date, and an earlier iago cannot use it after that"
        ));
    }
    let store = SqliteStore::open(path).await.map_err(unfit)?;
    let sweeps = store.sweeps().await;
    store.close().await.map_err(unfit)?;
    Ok(format!(
        "can be read and written, of a version that this iago knows; {} sweeps",
        sweeps.map_err(unfit)?.len()
    ))
}

fn unfit(error: StoreError) -> Unfit {
    let exit = Exit::of_store(&error);
    let (seen, way_out) = match error {
        StoreError::Locked { pid, .. } => (
            pid.map_or_else(|| "in use".to_owned(), |pid| format!("in use by process {pid}")),
            "wait until that has ended, or name another --store",
        ),
        StoreError::Newer { found, known } => (
            format!(
                "made by a newer iago (its layout is version {found}, this iago knows {known})"
            ),
            "update iago, or name another --store",
        ),
        StoreError::Unusable { source, .. } => {
            (source.to_string(), "name another place with --store")
        }
        StoreError::Corrupt { at, reason } => (
            format!("damaged at {at}: {reason}"),
            "restore it from a copy, or name another --store",
        ),
        other @ (StoreError::Full { .. }
        | StoreError::Deposed { .. }
        | StoreError::Led { .. }
        | StoreError::Taken { .. }
        | StoreError::NoToken { .. }
        | StoreError::BaselineTaken { .. }
        | StoreError::NoBaseline { .. }
        | StoreError::NoRun { .. }
        | StoreError::Conflict { .. }
        | StoreError::Missing { .. }
        | StoreError::TooMany { .. }
        | StoreError::Unavailable { .. }
        | StoreError::Refused { .. }) => (
            other.to_string(),
            "look at the disk and at who owns the file; or name another place with --store",
        ),
    };
    Unfit { stop: Stop::new(exit, seen), way_out }
}

/// Whether a file can be made beside it, which is what a store's log needs.
fn check_writable(path: &Path) -> Result<(), Unfit> {
    let folder = nearest_folder(path);
    let trial = folder.join(format!(".iago-doctor.{}", std::process::id()));
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&trial);
    let cannot = |error| {
        let message = format!("{} cannot be written: {error}", folder.display());
        let stop = Stop::new(Exit::CannotCreate, message);
        Unfit { stop, way_out: "see who owns the folder, or name another place with --store" }
    };
    made.map_err(cannot)?;
    std::fs::remove_file(&trial).map_err(cannot)
}

/// The folder that the file is in, or will be made in.
fn nearest_folder(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_unknown| path.to_owned());
    let there = whole.ancestors().skip(1).find(|folder| folder.is_dir());
    there.unwrap_or(Path::new("/")).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn looked_at(path: &Path) -> Vec<Finding> {
        let mut findings = Vec::new();
        look(path, &mut findings).await;
        findings
    }

    #[tokio::test]
    async fn a_store_that_is_not_there_yet_is_no_trouble_and_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/down/store.sqlite");
        assert!(looked_at(&path).await.iter().all(|finding| finding.wrong().is_none()));
        assert_eq!(folder.path().read_dir().unwrap().count(), 0, "it leaves nothing behind");
    }

    #[tokio::test]
    async fn a_store_of_an_earlier_layout_is_said_to_be_and_left_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.sqlite");
        SqliteStore::open(&path).await.unwrap().close().await.unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[60..64].copy_from_slice(&2_u32.to_be_bytes());
        std::fs::write(&path, &bytes).unwrap();
        let findings = looked_at(&path).await;
        assert_eq!(findings[0].wrong(), None);
        let shown = super::super::finding::in_words(&findings, 300);
        assert!(shown.contains("an earlier iago (its layout is version 2"), "{shown}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }

    #[tokio::test]
    async fn a_store_that_another_process_holds_is_said_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.sqlite");
        let held = SqliteStore::open(&path).await.unwrap();
        assert_eq!(looked_at(&path).await[0].wrong(), Some(Exit::InUse));
        held.close().await.unwrap();
        assert_eq!(looked_at(&path).await[0].wrong(), None);
    }
}
