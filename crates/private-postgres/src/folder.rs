//! The folder of a cluster, and whose it is.

use std::collections::hash_map::RandomState;
use std::env;
use std::fs::{self, DirBuilder};
use std::hash::BuildHasher;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf};

use crate::ClusterError;

/// Whom Postgres runs as where we are root: the first of these that there is.
const SOMEBODY_ELSE: [&str; 2] = ["postgres", "nobody"];
const ACCOUNTS: &str = "/etc/passwd";
const ROOT: u32 = 0;

/// Numbers of a user and its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

/// A temporary folder that is removed when it is dropped.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    /// Whom it was given to, where that is not us.
    pub(crate) account: Option<Account>,
}

impl Folder {
    /// Makes a folder that only its owner can enter.
    pub(crate) fn make() -> Result<Self, ClusterError> {
        let path = env::temp_dir().join(format!("iago-postgres-{:016x}", random_number()));
        DirBuilder::new().mode(0o700).create(&path).map_err(ClusterError::io(&path))?;
        let mut folder = Self { path, account: None };
        folder.account = folder.give_away()?;
        Ok(folder)
    }

    /// Gives a file or folder in it to whom it all belongs.
    pub(crate) fn adopt(&self, path: &Path) -> Result<(), ClusterError> {
        let Some(Account { user, group }) = self.account else { return Ok(()) };
        chown(path, Some(user), Some(group)).map_err(ClusterError::io(path))
    }

    fn give_away(&self) -> Result<Option<Account>, ClusterError> {
        let owner = fs::metadata(&self.path).map_err(ClusterError::io(&self.path))?.uid();
        if owner != ROOT {
            return Ok(None);
        }
        let accounts = fs::read_to_string(ACCOUNTS).map_err(ClusterError::io(ACCOUNTS))?;
        let account = somebody_else(&accounts).ok_or(ClusterError::NobodyToBe)?;
        chown(&self.path, Some(account.user), Some(account.group))
            .map_err(ClusterError::io(&self.path))?;
        Ok(Some(account))
    }
}

impl Drop for Folder {
    /// What cannot be removed stays: there is nobody to tell.
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.path));
    }
}

/// The hasher's keys are the dice that the standard library has.
pub(crate) fn random_number() -> u64 {
    RandomState::new().hash_one("iago")
}

fn somebody_else(accounts: &str) -> Option<Account> {
    SOMEBODY_ELSE.iter().find_map(|name| accounts.lines().find_map(|line| account(line, name)))
}

/// Reads a line as `name:password:user:group:...`.
fn account(line: &str, name: &str) -> Option<Account> {
    let mut fields = line.split(':');
    if fields.next() != Some(name) {
        return None;
    }
    Some(Account { user: fields.nth(1)?.parse().ok()?, group: fields.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_becomes_postgres_or_else_nobody() {
        let both = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n\
                    postgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(somebody_else(both), Some(Account { user: 101, group: 104 }));
        let one = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n";
        assert_eq!(somebody_else(one), Some(Account { user: 65534, group: 65533 }));
        assert_eq!(somebody_else("root:x:0:0::/root:/bin/sh\npostgresql:x:1:1::/:/\n"), None);
    }
}
