//! Reports over the wire, in parts.

use iago_protocol::FRAME_BYTES_MAX;
use iago_protocol::wire::{Progress, ReportFormat, ReportPart, ReportRequest};
use iago_store::Store;
use iago_sweep::SweepId;
use tonic::Status;

use crate::desk::Desk;
use crate::report::{Around, report_stored};
use crate::services::status::head;

/// Columns of a terminal that did not say.
const USUAL_WIDTH: u32 = 100;

/// A sweep's report as far as the store knows it by now.
pub(crate) async fn report_of<S: Store>(
    store: &S,
    desk: &Desk,
    request: ReportRequest,
) -> Result<Vec<ReportPart>, Status> {
    let sweep = SweepId(request.sweep);
    let progress = desk.board()?.get(&sweep).cloned().unwrap_or_default();
    head(store, sweep).await?;
    let format = request.format();
    let around = Around {
        open: open_jobs(&progress),
        elapsed: None,
        store: request.store,
        hint: request.hint,
    };
    let report = report_stored(store, sweep, around).await.map_err(unavailable)?;
    let simulated = report.simulated.results > 0;
    let width = if request.width == 0 { USUAL_WIDTH } else { request.width };
    let text = match format {
        ReportFormat::Json => report.json(),
        ReportFormat::Html => report.html(),
        ReportFormat::Terminal | ReportFormat::Unspecified => {
            report.terminal(width as usize, request.styled)
        }
    };
    let pieces = text.as_bytes().chunks(FRAME_BYTES_MAX / 2);
    Ok(pieces.map(|data| ReportPart { data: data.to_vec(), simulated }).collect())
}

fn open_jobs(progress: &Progress) -> u64 {
    let stages = progress.stages.iter();
    stages.map(|stage| stage.known.saturating_sub(stage.done + stage.failed)).sum()
}

fn unavailable(error: impl std::fmt::Display) -> Status {
    Status::unavailable(error.to_string())
}
