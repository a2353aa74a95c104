//! Reads a sweep file and everything that it names.

use std::collections::BTreeMap;
use std::path::Path;

use iago_coordinator::Sources;
use iago_prompts::{MATCHING, is_pattern};
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
    let prompts = find_prompts(&file_name, folder, &references.prompts)?;
    for path in references.texts.iter().chain(&prompts) {
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

/// The files of a prompt set, by their paths from the sweep file's folder.
fn find_prompts(file_name: &str, folder: &Path, wanted: &[String]) -> Result<Vec<String>, Stop> {
    let mut found = Vec::new();
    for path in wanted {
        if !is_pattern(path) {
            found.push(path.clone());
            continue;
        }
        let matches = match_files(folder, path)
            .map_err(|why| Stop::new(Exit::BadSweep, format!("{file_name}: `{path}`: {why}")))?;
        if matches.is_empty() {
            let message = format!(
                "{file_name}: no file is named by `{path}`; correct the pattern, which starts at the \
                 sweep file's folder"
            );
            return Err(Stop::new(Exit::NoInput, message));
        }
        found.extend(matches);
    }
    Ok(found)
}

fn match_files(folder: &Path, pattern: &str) -> Result<Vec<String>, String> {
    // The folder is a path and no pattern, whatever it is called.
    let folder_text = folder.to_str().ok_or("the sweep file's folder is not UTF-8 text")?;
    let whole = Path::new(&glob::Pattern::escape(folder_text)).join(pattern);
    let whole = whole.to_str().ok_or("the sweep file's folder is not UTF-8 text")?;
    let paths = glob::glob_with(whole, MATCHING).map_err(|error| error.to_string())?;
    let mut names = Vec::new();
    for path in paths {
        let path = path.map_err(|error| error.to_string())?;
        let name = path.strip_prefix(folder).unwrap_or(&path);
        names.push(name.to_str().ok_or("a file that it names is not called in UTF-8")?.to_owned());
    }
    Ok(names)
}

fn why(error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::NotFound {
        return "there is no such file".to_owned();
    }
    error.to_string()
}
