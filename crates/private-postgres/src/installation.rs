//! Where the programs of Postgres are.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ClusterError;

/// All of them in one folder, or their versions may differ.
const NEEDED: [&str; 3] = ["initdb", "postgres", "psql"];

/// Where Debian and its relatives keep one folder for each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The folder with the programs: one of PATH, else Debian's newest, else what `pg_config` says.
pub(crate) fn find_programs() -> Result<PathBuf, ClusterError> {
    let places: Vec<PathBuf> =
        in_path().into_iter().chain(newest_first()).chain(configured()).collect();
    places.iter().find(|place| missing(place).is_none()).cloned().ok_or_else(|| {
        let nearest = places.iter().find(|place| place.join(NEEDED[0]).exists());
        let program = nearest.and_then(|place| missing(place)).unwrap_or(NEEDED[0]);
        ClusterError::NotInstalled { program }
    })
}

fn missing(place: &Path) -> Option<&'static str> {
    NEEDED.into_iter().find(|program| !place.join(program).is_file())
}

fn in_path() -> Vec<PathBuf> {
    env::var_os("PATH").map_or_else(Vec::new, |path| env::split_paths(&path).collect())
}

fn newest_first() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(VERSIONS) else { return Vec::new() };
    let mut versions: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, place)| place).collect()
}

fn configured() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}
