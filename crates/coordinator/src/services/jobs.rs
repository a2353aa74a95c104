//! The door for people and scripts: who they are, what they may, and what the loop or the store
//! answers.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use iago_protocol::wire::jobs_server::Jobs;
use iago_protocol::wire::{
    self, DrainReply, DrainRequest, ListRequest, Listed, Progress, ReportPart, ReportRequest,
    SubmitPart, Submitted, SweepRequest, Transcript, TranscriptsRequest,
};
use iago_store::{Access, Act, Scope, Store};
use iago_sweep::SweepId;
use tokio::sync::Semaphore;
use tokio_stream::wrappers::WatchStream;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming};

use crate::desk::Desk;
use crate::doors::{DECIDE, Doors, LOOK, Pass};
use crate::inbox::{Message, Order};
use crate::services::{gather, pages, status};
use crate::transcripts;

/// Submissions that are read at the same time; each may be large.
const GATHERED_MAX: usize = 2;

/// The door for people and scripts.
pub struct JobsService<S> {
    desk: Desk,
    doors: Doors,
    store: Arc<S>,
    gathering: Semaphore,
}

impl<S: Store + Access> JobsService<S> {
    /// A door to whoever leads at this desk.
    pub fn new(desk: Desk, doors: Doors, store: Arc<S>) -> Self {
        Self { desk, doors, store, gathering: Semaphore::new(GATHERED_MAX) }
    }

    async fn admit(&self, metadata: &MetadataMap, scopes: &[Scope]) -> Result<Pass, Status> {
        self.doors.admit(metadata, scopes).await
    }

    async fn steer(
        &self,
        request: Request<SweepRequest>,
        act: Act,
        order: impl FnOnce(&Pass) -> Order,
    ) -> Result<Response<wire::Status>, Status> {
        let pass = self.admit(request.metadata(), DECIDE).await?;
        let sweep = SweepId(request.into_inner().sweep);
        let order = order(&pass);
        pass.note(&*self.store, act, Some(sweep), "").await?;
        self.desk.ask(|reply| Message::Steer(sweep, order, reply)).await?;
        status::one(&*self.store, &self.desk, sweep).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl<S: Store + Access> Jobs for JobsService<S> {
    type WatchStream = BoxStream<'static, Result<Progress, Status>>;
    type ReportStream = BoxStream<'static, Result<ReportPart, Status>>;
    type TranscriptsStream = BoxStream<'static, Result<Transcript, Status>>;

    async fn submit(
        &self,
        request: Request<Streaming<SubmitPart>>,
    ) -> Result<Response<Submitted>, Status> {
        let pass = self.admit(request.metadata(), DECIDE).await?;
        // Who is not led here need not send all its files first.
        self.desk.handle()?;
        // Never closed, so that it is always given.
        let _room = self.gathering.acquire().await;
        let submission = gather::gather(request.into_inner()).await?;
        let act = if submission.extend.is_some() { Act::Extend } else { Act::Submit };
        pass.note(&*self.store, act, submission.extend, &submission.sources.file_name).await?;
        let submission = Box::new(submission);
        self.desk.ask(|reply| Message::Submit(submission, reply)).await.map(Response::new)
    }

    async fn list(&self, request: Request<ListRequest>) -> Result<Response<Listed>, Status> {
        self.admit(request.metadata(), LOOK).await?;
        let sweeps = status::all(&*self.store, &self.desk).await?;
        Ok(Response::new(Listed { sweeps }))
    }

    async fn get(&self, request: Request<SweepRequest>) -> Result<Response<wire::Status>, Status> {
        self.admit(request.metadata(), LOOK).await?;
        let sweep = SweepId(request.into_inner().sweep);
        status::one(&*self.store, &self.desk, sweep).await.map(Response::new)
    }

    async fn watch(
        &self,
        request: Request<SweepRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let pass = self.admit(request.metadata(), LOOK).await?;
        let sweep = SweepId(request.into_inner().sweep);
        if !self.desk.board()?.contains_key(&sweep) {
            // It has ended, or has not been told of yet: its state in the store is the last word.
            let last = status::last_word(&*self.store, sweep).await?;
            if let Some(last) = last {
                return Ok(Response::new(futures_util::stream::iter([Ok(last)]).boxed()));
            }
        }
        let board = self.desk.handle()?.board;
        let told = WatchStream::new(board).filter_map(move |board| {
            let stays = pass.check();
            std::future::ready(match stays {
                Ok(()) => board.get(&sweep).cloned().map(Ok),
                Err(ended) => Some(Err(ended)), // and with it the stream
            })
        });
        Ok(Response::new(told.boxed()))
    }

    async fn pause(
        &self,
        request: Request<SweepRequest>,
    ) -> Result<Response<wire::Status>, Status> {
        self.steer(request, Act::Pause, |pass| Order::Pause(pass.name.clone())).await
    }

    async fn resume(
        &self,
        request: Request<SweepRequest>,
    ) -> Result<Response<wire::Status>, Status> {
        self.steer(request, Act::Resume, |_| Order::Resume).await
    }

    async fn cancel(
        &self,
        request: Request<SweepRequest>,
    ) -> Result<Response<wire::Status>, Status> {
        self.steer(request, Act::Cancel, |_| Order::Cancel).await
    }

    async fn retry_failed(
        &self,
        request: Request<SweepRequest>,
    ) -> Result<Response<wire::Status>, Status> {
        self.steer(request, Act::Retry, |_| Order::Retry).await
    }

    async fn report(
        &self,
        request: Request<ReportRequest>,
    ) -> Result<Response<Self::ReportStream>, Status> {
        self.admit(request.metadata(), LOOK).await?;
        let parts = pages::report_of(&*self.store, &self.desk, request.into_inner()).await?;
        Ok(Response::new(futures_util::stream::iter(parts.into_iter().map(Ok)).boxed()))
    }

    async fn transcripts(
        &self,
        request: Request<TranscriptsRequest>,
    ) -> Result<Response<Self::TranscriptsStream>, Status> {
        self.admit(request.metadata(), LOOK).await?;
        let found = transcripts::find(Arc::clone(&self.store), request.into_inner()).await?;
        Ok(Response::new(found))
    }

    async fn drain(&self, request: Request<DrainRequest>) -> Result<Response<DrainReply>, Status> {
        let pass = self.admit(request.metadata(), DECIDE).await?;
        pass.note(&*self.store, Act::Drain, None, "").await?;
        let told = self.desk.handle()?.inbox.send(Message::Drain).await;
        told.map_err(|_closed| Status::unavailable("the coordinator is stopping"))?;
        Ok(Response::new(DrainReply {}))
    }
}
