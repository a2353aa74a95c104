//! Where a report is put, and what it says about that.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use iago_report::Report;
use iago_sweep::SweepId;

use crate::whole::write_whole;

/// The name of a store that nobody named.
const USUAL_STEM: &str = "store";

/// What no file that rests on planted behaviour is without.
const MARK: &str = "SIMULATED";

/// The path with the mark in its file name. What is no file (a pipe, a device) keeps its name.
pub(crate) fn marked(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_device = path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir());
    if name.contains(MARK) || is_device {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().map(|extension| extension.to_string_lossy());
    let extension = extension.map_or_else(String::new, |extension| format!(".{extension}"));
    path.with_file_name(format!("{stem}-{MARK}{extension}"))
}

/// The command that looks behind the numbers of a sweep in a store, as it would be typed. It names the
/// sweep by its number, because a store may have several of one name.
pub(crate) fn look_further(sweep: i64, store: &str) -> String {
    format!("iago transcripts {} --store {store}", SweepId(sweep))
}

/// Writes the HTML report; its name says SIMULATED where it is.
pub(crate) fn write_html(
    report: &Report,
    wanted: Option<&Path>,
    store: &Path,
    name: &str,
    sweep: SweepId,
) -> Result<PathBuf> {
    let folder = store.parent().unwrap_or(Path::new(".")).join("reports");
    // Sweeps are numbered in their store, and several stores may share a folder.
    let stem = store.file_stem().unwrap_or_default().to_string_lossy();
    let store = if stem == USUAL_STEM { String::new() } else { format!("{stem}-") };
    let usual = folder.join(format!("{store}{name}-{sweep}.html"));
    let path = wanted.map_or(usual, Path::to_owned);
    let path = if report.simulated.results > 0 { marked(&path) } else { path };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    write_whole(&path, &report.html())
        .with_context(|| format!("cannot write the report {}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simulated_page_says_so_in_its_name() {
        assert_eq!(marked(Path::new("a/b.html")), Path::new("a/b-SIMULATED.html"));
        assert_eq!(marked(Path::new("page")), Path::new("page-SIMULATED"));
        assert_eq!(marked(Path::new("a-SIMULATED.html")), Path::new("a-SIMULATED.html"));
    }
}
