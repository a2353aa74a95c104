//! The door for people who want to know in the morning what the night came to: schedules, baselines,
//! gates.

pub(crate) mod baselines;
mod changes;
pub(crate) mod gate;
mod schedules;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use futures_util::stream::BoxStream;
use iago_nightly::ScheduleName;
use iago_protocol::wire::nights_server::Nights as Told;
use iago_protocol::wire::{
    BaselineRequest, BaselineSet, BaselineTold, BaselinesListed, GatePart, GateRequest,
    HistoryRequest, HistoryTold, ListBaselinesRequest, ListSchedulesRequest, SchedulePart,
    ScheduleRequest, ScheduleTold, SchedulesListed,
};
use iago_store::{Access, Act, Nights, Store};
use iago_sweep::SweepId;
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status, Streaming};

use crate::appointments::Wish;
use crate::clock::Clock;
use crate::desk::Desk;
use crate::doors::{DECIDE, Doors, LOOK};
use crate::inbox::Message;
use crate::services::gather::gather_schedule;
use crate::submit::invalid;

/// Schedules that are read at the same time; the sweep of each may be large.
const GATHERED_MAX: usize = 1;

/// The door for schedules, baselines and gates.
pub struct NightsService<S> {
    desk: Desk,
    doors: Doors,
    store: Arc<S>,
    clock: Clock,
    gathering: Semaphore,
}

impl<S: Store + Access + Nights> NightsService<S> {
    /// A door to whoever leads at this desk.
    pub fn new(desk: Desk, doors: Doors, store: Arc<S>) -> Self {
        let gathering = Semaphore::new(GATHERED_MAX);
        Self { desk, doors, store, clock: Clock::Machine, gathering }
    }

    /// The same, by this clock.
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Has the loop do something with a schedule, and tells how it stands then.
    async fn steer(
        &self,
        request: Request<ScheduleRequest>,
        act: Act,
        wish: fn(ScheduleName) -> Wish,
    ) -> Result<Response<ScheduleTold>, Status> {
        let pass = self.doors.admit(request.metadata(), DECIDE).await?;
        let name = name_of(&request.into_inner().name)?;
        pass.note(&*self.store, act, None, name.as_str()).await?;
        self.wish(wish(name.clone())).await?;
        schedules::told(&*self.store, &name, self.clock.now()).await.map(Response::new)
    }

    async fn wish(&self, wish: Wish) -> Result<(), Status> {
        let wish = Box::new(wish);
        self.desk.ask(|reply| Message::Wish(wish, reply)).await
    }
}

fn name_of(name: &str) -> Result<ScheduleName, Status> {
    name.parse().map_err(|error: iago_nightly::NameError| invalid(error))
}

#[tonic::async_trait]
impl<S: Store + Access + Nights> Told for NightsService<S> {
    type GateStream = BoxStream<'static, Result<GatePart, Status>>;

    async fn put_schedule(
        &self,
        request: Request<Streaming<SchedulePart>>,
    ) -> Result<Response<ScheduleTold>, Status> {
        let pass = self.doors.admit(request.metadata(), DECIDE).await?;
        // Who is not led here need not send all its files first.
        self.desk.handle()?;
        // Never closed, so that it is always given.
        let _room = self.gathering.acquire().await;
        let (head, sources) = gather_schedule(request.into_inner()).await?;
        let (name, is_dry_run) = (name_of(&head.name)?, head.dry_run);
        let offer = schedules::offer(name.clone(), &head, sources)?;
        let (store, now) = (&*self.store, self.clock.now());
        let change = schedules::compare(store, &offer).await?;
        if is_dry_run {
            let schedule = offer.schedule.clone();
            self.wish(Wish::Try(Box::new(offer))).await?;
            return change.told_beforehand(store, schedule, now).await.map(Response::new);
        }
        pass.note(store, Act::Schedule, None, name.as_str()).await?;
        self.wish(Wish::Put(Box::new(offer))).await?;
        let told = schedules::told(store, &name, now).await?;
        Ok(Response::new(change.told(told)))
    }

    async fn list_schedules(
        &self,
        request: Request<ListSchedulesRequest>,
    ) -> Result<Response<SchedulesListed>, Status> {
        self.doors.admit(request.metadata(), LOOK).await?;
        schedules::list(&*self.store, self.clock.now()).await.map(Response::new)
    }

    async fn show_schedule(
        &self,
        request: Request<ScheduleRequest>,
    ) -> Result<Response<ScheduleTold>, Status> {
        self.doors.admit(request.metadata(), LOOK).await?;
        let name = name_of(&request.into_inner().name)?;
        schedules::show(&*self.store, &name, self.clock.now()).await.map(Response::new)
    }

    async fn history(
        &self,
        request: Request<HistoryRequest>,
    ) -> Result<Response<HistoryTold>, Status> {
        self.doors.admit(request.metadata(), LOOK).await?;
        let request = request.into_inner();
        let name = name_of(&request.name)?;
        schedules::history(&*self.store, &name, &request).await.map(Response::new)
    }

    async fn run_now(
        &self,
        request: Request<ScheduleRequest>,
    ) -> Result<Response<ScheduleTold>, Status> {
        self.steer(request, Act::RunNow, Wish::RunNow).await
    }

    async fn pause_schedule(
        &self,
        request: Request<ScheduleRequest>,
    ) -> Result<Response<ScheduleTold>, Status> {
        self.steer(request, Act::PauseSchedule, Wish::Pause).await
    }

    async fn resume_schedule(
        &self,
        request: Request<ScheduleRequest>,
    ) -> Result<Response<ScheduleTold>, Status> {
        self.steer(request, Act::ResumeSchedule, Wish::Resume).await
    }

    async fn remove_schedule(
        &self,
        request: Request<ScheduleRequest>,
    ) -> Result<Response<ScheduleTold>, Status> {
        self.steer(request, Act::Unschedule, Wish::Remove).await
    }

    async fn set_baseline(
        &self,
        request: Request<BaselineSet>,
    ) -> Result<Response<BaselineTold>, Status> {
        let pass = self.doors.admit(request.metadata(), DECIDE).await?;
        let request = request.into_inner();
        let (store, sweep) = (&*self.store, SweepId(request.sweep));
        pass.note(store, Act::Pin, Some(sweep), &request.name).await?;
        baselines::set(store, request, &pass.name).await.map(Response::new)
    }

    async fn list_baselines(
        &self,
        request: Request<ListBaselinesRequest>,
    ) -> Result<Response<BaselinesListed>, Status> {
        self.doors.admit(request.metadata(), LOOK).await?;
        baselines::list(&*self.store).await.map(Response::new)
    }

    async fn remove_baseline(
        &self,
        request: Request<BaselineRequest>,
    ) -> Result<Response<BaselineTold>, Status> {
        let pass = self.doors.admit(request.metadata(), DECIDE).await?;
        let request = request.into_inner();
        pass.note(&*self.store, Act::Unpin, None, &request.name).await?;
        baselines::remove(&*self.store, request).await.map(Response::new)
    }

    async fn gate(
        &self,
        request: Request<GateRequest>,
    ) -> Result<Response<Self::GateStream>, Status> {
        self.doors.admit(request.metadata(), LOOK).await?;
        let (store, now) = (Arc::clone(&self.store), self.clock.now());
        gate::gate(store, request.into_inner(), now).await.map(Response::new)
    }
}
