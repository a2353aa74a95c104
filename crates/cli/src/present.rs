//! Where a report is put.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use iago_report::Report;
use iago_sweep::SweepId;

/// The name of a store that nobody named.
const USUAL_STEM: &str = "store";

/// Writes the HTML report; its name says SIMULATED where it is.
pub(crate) fn write_html(
    report: &Report,
    wanted: Option<&Path>,
    store: &Path,
    name: &str,
    sweep: SweepId,
) -> Result<PathBuf> {
    let mark = if report.simulated.results > 0 { "-SIMULATED" } else { "" };
    let folder = store.parent().unwrap_or(Path::new(".")).join("reports");
    // Sweeps are numbered in their store, and several stores may share a folder.
    let stem = store.file_stem().unwrap_or_default().to_string_lossy();
    let store = if stem == USUAL_STEM { String::new() } else { format!("{stem}-") };
    let usual = folder.join(format!("{store}{name}-{sweep}{mark}.html"));
    let path = wanted.map_or(usual, Path::to_owned);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    std::fs::write(&path, report.html())
        .with_context(|| format!("cannot write the report {}", path.display()))?;
    Ok(path)
}
