//! `iago report`: made by the coordinator, from the store, as far as the sweep is.

use std::path::{Path, PathBuf};

use iago_protocol::wire::{ReportFormat, ReportRequest};

use crate::args::ReportArgs;
use crate::client::Client;
use crate::exit::{Exit, Stop};
use crate::output::{data, data_is_watched, talk, width};
use crate::submission::Jobs;

/// What no file that rests on planted behaviour is without.
const MARK: &str = "SIMULATED";

/// Prints the report, or writes its page.
pub(crate) async fn run(args: ReportArgs) -> Result<Exit, Stop> {
    let mut client = Client::new(&args.client)?;
    let sweep = client.find(&args.sweep).await?;
    let format = match (&args.html, args.client.json) {
        (Some(_), _) => ReportFormat::Html,
        (None, true) => ReportFormat::Json,
        (None, false) => ReportFormat::Terminal,
    };
    let request = ReportRequest {
        sweep,
        format: format.into(),
        width: u32::try_from(width()).unwrap_or(0),
        styled: data_is_watched(),
    };
    let Page { text, simulated } = fetch(&mut client, request).await?;
    let Some(wanted) = &args.html else {
        data(&text);
        return Ok(Exit::Done);
    };
    let path = if simulated { marked(wanted) } else { wanted.clone() };
    std::fs::write(&path, text).map_err(|error| {
        let path = path.display();
        Stop::new(Exit::CannotCreate, format!("cannot write the report {path}: {error}"))
    })?;
    talk(&format!("report {}", path.display()));
    Ok(Exit::Done)
}

struct Page {
    text: String,
    simulated: bool,
}

async fn fetch(client: &mut Client, request: ReportRequest) -> Result<Page, Stop> {
    let asked = client.ask(async |mut jobs: Jobs| jobs.report(request).await);
    let mut parts = asked.await?;
    let (mut bytes, mut simulated) = (Vec::new(), false);
    while let Some(part) = parts.message().await.map_err(|status| client.refused(&status))? {
        bytes.extend(part.data);
        simulated |= part.simulated;
    }
    let text = String::from_utf8(bytes)
        .map_err(|_not_text| Stop::new(Exit::Io, "the report came damaged: ask again"))?;
    Ok(Page { text, simulated })
}

/// The path with the mark in its file name.
fn marked(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.contains(MARK) {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().map(|extension| extension.to_string_lossy());
    let extension = extension.map_or_else(String::new, |extension| format!(".{extension}"));
    path.with_file_name(format!("{stem}-{MARK}{extension}"))
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
