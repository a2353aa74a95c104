//! The door for people and scripts.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use iago_protocol::wire::jobs_server::Jobs;
use iago_protocol::wire::submit_part::Part;
use iago_protocol::wire::{
    DrainReply, DrainRequest, Progress, SubmitPart, Submitted, WatchRequest,
};
use tokio::sync::oneshot;
use tokio_stream::wrappers::WatchStream;
use tonic::{Request, Response, Status, Streaming};

use crate::inbox::{Handle, Message, Submission};

/// The largest submission, in bytes, over all its files.
const SUBMISSION_BYTES_MAX: usize = 2 * 1024 * 1024 * 1024;

/// The door for people and scripts.
#[derive(Clone)]
pub struct JobsService {
    handle: Handle,
}

impl JobsService {
    /// A door to this coordinator.
    pub fn new(handle: Handle) -> Self {
        Self { handle }
    }

    async fn tell(&self, message: Message) -> Result<(), Status> {
        let told = self.handle.inbox.send(message).await;
        told.map_err(|_closed| Status::unavailable("the coordinator is stopping"))
    }
}

#[tonic::async_trait]
impl Jobs for JobsService {
    type WatchStream = BoxStream<'static, Result<Progress, Status>>;

    async fn submit(
        &self,
        request: Request<Streaming<SubmitPart>>,
    ) -> Result<Response<Submitted>, Status> {
        let submission = gather(request.into_inner()).await?;
        let (reply, replied) = oneshot::channel();
        self.tell(Message::Submit(Box::new(submission), reply)).await?;
        let submitted = replied.await;
        submitted
            .map_err(|_closed| Status::unavailable("the coordinator is stopping"))?
            .map(Response::new)
    }

    async fn watch(
        &self,
        _request: Request<WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let progress = WatchStream::new(self.handle.progress.clone());
        Ok(Response::new(progress.map(Ok).boxed()))
    }

    async fn drain(&self, _request: Request<DrainRequest>) -> Result<Response<DrainReply>, Status> {
        self.tell(Message::Drain).await?;
        Ok(Response::new(DrainReply {}))
    }
}

async fn gather(mut parts: Streaming<SubmitPart>) -> Result<Submission, Status> {
    let mut submission = Submission::default();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut bytes = 0;
    while let Some(part) = parts.message().await? {
        match part.part {
            Some(Part::Head(head)) => {
                submission.sources.file_name = head.file_name;
                submission.sources.prompts_max = head.prompts_max;
                submission.retry_failed = head.retry_failed;
                submission.plan_digest = head.plan_digest;
                submission.submitted_ms = head.submitted_ms;
            }
            Some(Part::File(file)) => {
                bytes += file.data.len();
                if bytes > SUBMISSION_BYTES_MAX {
                    let words =
                        format!("the files add up to more than {SUBMISSION_BYTES_MAX} bytes");
                    return Err(Status::resource_exhausted(words));
                }
                files.entry(file.path).or_default().extend(file.data);
            }
            None => return Err(Status::invalid_argument("an empty part")),
        }
    }
    submission.sources.files = files;
    Ok(submission)
}
