//! Reads a sweep file and everything that it names.

use std::collections::BTreeMap;
use std::path::Path;

use iago_coordinator::Sources;
use iago_sweep_file::SweepFile;

use crate::exit::{Exit, Stop};

/// Reads the sweep file and the files that it names, relative to it.
pub(crate) fn read(sweep: &Path, prompts_max: Option<u32>) -> Result<Sources, Stop> {
    let file_name = sweep.display().to_string();
    let bytes = std::fs::read(sweep).map_err(|error| {
        let why = why(&error);
        let message = format!("cannot read the sweep file {file_name}: {why}; correct its path");
        Stop::new(Exit::NoInput, message)
    })?;
    let text = std::str::from_utf8(&bytes).map_err(|_not_utf8| {
        Stop::new(Exit::BadSweep, format!("{file_name} is not UTF-8 text; save it as UTF-8"))
    })?;
    let parsed = SweepFile::parse(&file_name, text)
        .map_err(|faults| Stop::new(Exit::BadSweep, faults.to_string()))?;
    let references = parsed.references();
    let folder = sweep.parent().unwrap_or(Path::new(""));
    let mut files = BTreeMap::new();
    for path in references.texts.iter().chain([&references.prompts]) {
        let full = folder.join(path);
        let content = std::fs::read(&full).map_err(|error| {
            let (full, why) = (full.display(), why(&error));
            let message = format!(
                "{file_name}: it names `{path}`, but {full} cannot be read: {why}; correct the \
                 path, which starts at the sweep file's folder"
            );
            Stop::new(Exit::NoInput, message)
        })?;
        files.insert(path.clone(), content);
    }
    files.insert(String::new(), bytes);
    Ok(Sources { file_name, files, prompts_max })
}

fn why(error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::NotFound {
        return "there is no such file".to_owned();
    }
    error.to_string()
}
