//! Handing a sweep in: its files in pieces, and what the client's own compilation came to.

use std::sync::Arc;

use iago_coordinator::{CompileError, Sources};
use iago_protocol::FRAME_BYTES_MAX;
use iago_protocol::wire::jobs_client::JobsClient;
use iago_protocol::wire::submit_part::Part;
use iago_protocol::wire::{FilePart, SubmitHead, SubmitPart, Submitted};
use iago_sweep::{Digest, Plan, SweepId};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Response, Status};

use crate::dial::Bearer;
use crate::exit::{Exit, Stop};
use crate::output::talk;
use crate::watch::grouped;

/// A client of the Jobs service.
pub(crate) type Jobs = JobsClient<InterceptedService<Channel, Bearer>>;

/// Pieces that may wait to be sent.
pub(crate) const PIECES_MAX: usize = 8;
/// Room in a frame for what stands around a piece; paths are shorter.
const PIECE_OVERHEAD: usize = 8 * 1024;

/// A sweep that is handed in.
pub(crate) struct Submission {
    pub(crate) sources: Arc<Sources>,
    pub(crate) plan: Digest,
    pub(crate) retry_failed: bool,
    pub(crate) submitted_ms: i64,
    /// The sweep that it must be an extension of.
    pub(crate) extend: Option<i64>,
    /// The baseline that it is compared with.
    pub(crate) against: Option<String>,
}

/// Compiles sources, and says what is odd about them.
pub(crate) fn compile(sources: &Sources) -> Result<Plan, Stop> {
    let plan = iago_coordinator::compile(sources).map_err(|error| bad_sweep(&error))?;
    for warning in iago_sweep_file::warnings(&plan) {
        talk(&format!("iago: warning: {warning}"));
    }
    Ok(plan)
}

/// Compiles what a pilot is a part of; `None` where the sources are no pilot.
pub(crate) fn compile_whole(sources: &Sources) -> Result<Option<Plan>, Stop> {
    iago_coordinator::compile_whole(sources).map_err(|error| bad_sweep(&error))
}

pub(crate) fn bad_sweep(error: &CompileError) -> Stop {
    Stop::new(Exit::BadSweep, error.to_string())
}

/// Hands a sweep in.
pub(crate) async fn submit(
    client: &mut Jobs,
    submission: &Submission,
) -> Result<Response<Submitted>, Status> {
    let sources = &submission.sources;
    let head = SubmitHead {
        file_name: sources.file_name.clone(),
        prompts_max: sources.prompts_max,
        retry_failed: submission.retry_failed,
        plan_digest: submission.plan.as_bytes().to_vec(),
        submitted_ms: submission.submitted_ms,
        extend: submission.extend,
        against: submission.against.clone().unwrap_or_default(),
    };
    let (parts, stream) = mpsc::channel(PIECES_MAX);
    let pieces = async move {
        let sent = parts.send(SubmitPart { part: Some(Part::Head(head)) }).await;
        // A stream that broke shows in the reply.
        if sent.is_ok() {
            send_files(sources, &parts, |file| SubmitPart { part: Some(Part::File(file)) }).await;
        }
    };
    let (submitted, ()) = tokio::join!(client.submit(ReceiverStream::new(stream)), pieces);
    submitted
}

/// Sends every file of a sweep in pieces, each as a service takes it; no more once nobody listens.
pub(crate) async fn send_files<T>(
    sources: &Sources,
    parts: &mpsc::Sender<T>,
    part: impl Fn(FilePart) -> T,
) {
    for (path, content) in &sources.files {
        // An empty file is one empty piece.
        let mut pieces: Vec<_> = content.chunks(FRAME_BYTES_MAX - PIECE_OVERHEAD).collect();
        pieces.extend(content.is_empty().then_some(&[][..]));
        for piece in pieces {
            let file = FilePart { path: path.clone(), data: piece.to_vec() };
            if parts.send(part(file)).await.is_err() {
                return;
            }
        }
    }
}

/// Says how a sweep that was handed in stands.
pub(crate) fn announce(plan: &Plan, submitted: &Submitted) {
    let jobs = plan.transcripts();
    let id = SweepId(submitted.sweep);
    talk(&format!(
        "{} {id}: {} ({} transcripts asked for)",
        plan.name,
        submitted.note,
        grouped(jobs)
    ));
    if submitted.possibly_lost_jobs > 0 {
        talk(&format!(
            "an earlier process ended in the middle: up to {} jobs may have been in flight and are asked again",
            grouped(submitted.possibly_lost_jobs)
        ));
    }
    if let Some(anchors) = submitted.anchors {
        let anchors = SweepId(anchors);
        talk(&format!(
            "what it is compared with is judged again in sweep {anchors}, in step with it"
        ));
    }
}
