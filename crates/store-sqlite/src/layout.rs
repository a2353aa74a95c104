//! Which layout a database file has, read from its header: nothing is opened, locked or changed.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::migrate::{APPLICATION_ID, KNOWN};

/// The header of a database; <https://www.sqlite.org/fileformat.html#the_database_header>.
const HEADER_BYTES: usize = 100;
/// Where the header has the version that the program gave the database.
const USER_VERSION_AT: usize = 60;
/// Where it has the program that the database belongs to.
const APPLICATION_ID_AT: usize = 68;

/// The version of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// What the file has.
    pub found: u32,
    /// What this program writes.
    pub known: u32,
}

impl Layout {
    /// Whether opening the store would bring it up to date.
    #[must_use]
    pub fn is_older(&self) -> bool {
        self.found < self.known
    }
}

/// The layout of a store; `None` where there is none, or where the file is no store of this program. What
/// a crash left beside the file is not looked at, and may hold a later version.
#[must_use]
pub fn layout(path: &Path) -> Option<Layout> {
    let mut header = [0; HEADER_BYTES];
    File::open(path).ok()?.read_exact(&mut header).ok()?;
    let number = |at: usize| Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?));
    let is_ours = number(APPLICATION_ID_AT)? == APPLICATION_ID.cast_unsigned();
    is_ours.then_some(Layout { found: number(USER_VERSION_AT)?, known: KNOWN })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SqliteStore;

    #[tokio::test]
    async fn the_layout_of_a_store_is_read_from_its_header() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.sqlite");
        assert_eq!(layout(&path), None);
        SqliteStore::open(&path).await.unwrap().close().await.unwrap();
        let new = layout(&path).unwrap();
        assert_eq!((new.found, new.is_older()), (new.known, false));
        std::fs::write(&path, [0; HEADER_BYTES]).unwrap();
        assert_eq!(layout(&path), None, "of another program");
    }
}
