//! The store of a workspace: whether it can be read, and written, and has room.

use std::path::{Path, PathBuf};

use iago_store::Store;
use iago_store_sqlite::SqliteStore;

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
        Err(stop) => {
            let way_out = if stop.exit == Exit::InUse {
                "wait until the other process has ended, or name another --store"
            } else {
                "look at the disk and at who owns the file; name another place with --store"
            };
            Finding::wrong_with(what, stop, way_out)
        }
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

async fn open(path: &Path) -> Result<String, Stop> {
    check_writable(path)?;
    // Whoever looks makes no store, and an empty file would become one.
    if !path.metadata().is_ok_and(|found| found.is_file() && found.len() > 0) {
        return Ok("not there yet; it can be made".to_owned());
    }
    let store = SqliteStore::open(path).await?;
    let sweeps = store.sweeps().await;
    store.close().await?;
    Ok(format!(
        "can be read and written, of a version that this iago knows; {} sweeps",
        sweeps?.len()
    ))
}

/// Whether a file can be made beside it, which is what a store's log needs.
fn check_writable(path: &Path) -> Result<(), Stop> {
    let folder = nearest_folder(path);
    let trial = folder.join(format!(".iago-doctor.{}", std::process::id()));
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&trial);
    let cannot = |error| {
        let message = format!("{} cannot be written: {error}", folder.display());
        Stop::new(Exit::CannotCreate, message)
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
    async fn a_store_that_another_process_holds_is_said_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.sqlite");
        let held = SqliteStore::open(&path).await.unwrap();
        assert_eq!(looked_at(&path).await[0].wrong(), Some(Exit::InUse));
        held.close().await.unwrap();
        assert_eq!(looked_at(&path).await[0].wrong(), None);
    }
}
