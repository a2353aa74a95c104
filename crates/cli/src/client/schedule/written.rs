//! Schedules as they stand in files, with the sweeps that they name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use iago_coordinator::Sources;
use iago_nightly::{ScheduleName, Terms};
use iago_sweep::{Digest, Plan};

use crate::exit::{Exit, Stop};
use crate::sources;
use crate::submission::compile;

/// A file of a schedule ends so.
const EXTENSION: &str = "toml";

/// A schedule's file, and everything that its sweep is made of.
pub(crate) struct Written {
    pub(crate) name: ScheduleName,
    /// What stands in the file.
    pub(crate) text: String,
    pub(crate) sources: Sources,
    pub(crate) plan: Plan,
    pub(crate) digest: Digest,
}

/// Reads files of schedules and folders of them, by name. All of it is sound, or none is given.
pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Vec<Written>, Stop> {
    let mut found: BTreeMap<ScheduleName, PathBuf> = BTreeMap::new();
    for path in paths {
        for file in files(path)? {
            let name = name_of(&file)?;
            if let Some(other) = found.insert(name, file.clone()).filter(|other| *other != file) {
                let (one, other) = (other.display(), file.display());
                let message = format!(
                    "{one} and {other} are one schedule, which is called as its file: rename one of them"
                );
                return Err(Stop::new(Exit::BadSweep, message));
            }
        }
    }
    found.into_iter().map(|(name, file)| read(name, &file)).collect()
}

/// The file itself, or those in the folder.
fn files(path: &Path) -> Result<Vec<PathBuf>, Stop> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = path.read_dir().and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_err(|error| unreadable(path, &error))?;
    let paths = entries.into_iter().map(|entry| entry.path());
    let is_schedule =
        |path: &PathBuf| path.is_file() && path.extension().is_some_and(|end| end == EXTENSION);
    Ok(paths.filter(is_schedule).collect())
}

/// A schedule is called as its file.
fn name_of(file: &Path) -> Result<ScheduleName, Stop> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let name = stem.parse();
    name.map_err(|error| Stop::new(Exit::BadSweep, format!("{}: {error}", file.display())))
}

fn read(name: ScheduleName, file: &Path) -> Result<Written, Stop> {
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(file, &error))?;
    let terms = Terms::read(&text).map_err(|faults| {
        let faults = faults.0.iter().map(|fault| format!("{}: {fault}", file.display()));
        Stop::new(Exit::BadSweep, faults.collect::<Vec<_>>().join("\n"))
    })?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let within = |stop: Stop| Stop::new(stop.exit, format!("{}: {}", file.display(), stop.message));
    let sources = sources::read(&folder.join(&terms.sweep), None).map_err(within)?;
    let plan = compile(&sources).map_err(within)?;
    let digest = plan.digest();
    Ok(Written { name, text, sources, plan, digest })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Stop {
    let path = path.display();
    let why = if error.kind() == std::io::ErrorKind::NotFound {
        "there is no such file".to_owned()
    } else {
        error.to_string()
    };
    Stop::new(Exit::NoInput, format!("cannot read the schedule {path}: {why}; correct its path"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/schedules")
    }

    #[test]
    fn what_ships_is_read_by_file_and_by_folder() {
        let by_folder = read_all(&[shipped()]).unwrap();
        let by_file = read_all(&[shipped().join("assistant-nightly.toml")]).unwrap();
        for written in [&by_folder[0], &by_file[0]] {
            assert_eq!(written.name.as_str(), "assistant-nightly");
            assert!(!written.plan.gates.is_empty());
        }
        assert_eq!(by_file.len(), 1);
    }

    #[test]
    fn a_file_that_is_named_twice_is_one_schedule() {
        let file = shipped().join("assistant-nightly.toml");
        assert_eq!(read_all(&[file.clone(), file]).unwrap().len(), 1);
    }

    #[test]
    fn two_files_of_one_name_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("assistant-nightly.toml");
        std::fs::write(&file, "").unwrap();
        let stop = read_all(&[file, shipped()]).err().unwrap();
        assert!(stop.message.contains("are one schedule"), "{}", stop.message);
    }
}
