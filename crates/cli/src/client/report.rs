//! `iago report`: made by the coordinator, from the store, as far as the sweep is.

use iago_protocol::wire::{ReportFormat, ReportRequest};

use crate::args::ReportArgs;
use crate::client::Client;
use crate::exit::{Exit, Stop};
use crate::output::{data, data_is_watched, talk, terminal_width};
use crate::present::{look_further, marked};
use crate::submission::Jobs;
use crate::whole::write_whole;

/// Prints the report, or writes its page.
pub(crate) async fn run(args: ReportArgs) -> Result<Exit, Stop> {
    let mut client = Client::open(&args.source).await?;
    let sweep = client.find(&args.sweep).await?;
    let format = match (&args.html, args.source.client.json) {
        (Some(_), _) => ReportFormat::Html,
        (None, true) => ReportFormat::Json,
        (None, false) => ReportFormat::Terminal,
    };
    let request = ReportRequest {
        sweep,
        format: format.into(),
        width: u32::try_from(terminal_width()).unwrap_or(0),
        styled: data_is_watched(),
        store: client.store().unwrap_or_default().to_owned(),
        hint: client.store().map_or_else(String::new, |store| look_further(sweep, store)),
    };
    let Page { text, simulated } = fetch(&mut client, request).await?;
    let Some(wanted) = &args.html else {
        data(&text)?;
        return Ok(Exit::Done);
    };
    let path = if simulated { marked(wanted) } else { wanted.clone() };
    write_whole(&path, &text).map_err(|error| {
        let path = path.display();
        Stop::new(Exit::CannotCreate, format!("cannot write the report {path}: {error}"))
    })?;
    talk(&format!("report {}", path.display()));
    Ok(Exit::Done)
}

/// A report as it came.
pub(crate) struct Page {
    pub(crate) text: String,
    /// Some of it rests on planted behaviour.
    pub(crate) simulated: bool,
}

/// Asks for a report.
pub(crate) async fn fetch(client: &mut Client, request: ReportRequest) -> Result<Page, Stop> {
    let asked = client.ask(async |mut jobs: Jobs| jobs.report(request.clone()).await);
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
