//! A sweep is handed in: compiled again, compared with what is known, stored, and loaded.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use iago_grading::Grader;
use iago_protocol::MESSAGE_BYTES_MAX;
use iago_protocol::wire::Submitted;
use iago_scheduler::{Action, Event, Known, RouteId, Start};
use iago_store::{Nights, State, Store};
use iago_sweep::{Digest, JobId, Plan, SweepId};
use iago_sweep_file::Renderer;
use tonic::Status;
use tracing::info;

use crate::admission::check_admission;
use crate::compile::compile;
use crate::driver::Driver;
use crate::inbox::Submission;
use crate::load::Loading;
use crate::place::Place;
use crate::prices::check_prices;
use crate::reread::{Reader, reread};
use crate::shape::{routes, shape};
use crate::trouble::of_store;

/// Plans that are kept for workers that still have assignments of them.
const PLANS_MAX: usize = 64;

/// A sweep at work, with what the scheduler need not know.
pub(crate) struct Loaded {
    pub(crate) plan: Plan,
    pub(crate) digest: Digest,
    pub(crate) revision: u32,
    pub(crate) grader: Grader,
    pub(crate) renderer: Renderer,
    /// The pools that its jobs draw from, by route.
    pub(crate) routes: BTreeMap<RouteId, Vec<String>>,
    /// Calls and throttles of what has arrived since it was loaded.
    pub(crate) calls: u64,
    pub(crate) throttles: u64,
    /// Makes keys of this sweep unlike those of any other, on any machine.
    nonce: String,
}

/// What became of a sweep that was handed in.
pub(crate) enum Taken {
    /// It is at work, or done.
    In(Submitted),
    /// It is stored, and its texts are to be read anew before it is loaded.
    Unread(Box<Unread>),
}

/// A stored sweep with texts to be read anew.
pub(crate) struct Unread {
    pub(crate) place: Place,
    pub(crate) retry_failed: bool,
    /// How often the sweep had been stopped here when the reading began.
    pub(crate) stops: u64,
    /// The sweep in which transcripts of a baseline are judged again beside it.
    pub(crate) anchors: Option<SweepId>,
}

impl Taken {
    pub(crate) fn sweep(&self) -> SweepId {
        match self {
            Self::In(submitted) => SweepId(submitted.sweep),
            Self::Unread(unread) => unread.place.sweep,
        }
    }

    /// Transcripts of a baseline are judged again beside it.
    pub(crate) fn note_anchors(&mut self, anchors: SweepId) {
        match self {
            Self::In(submitted) => submitted.anchors = Some(anchors.0),
            Self::Unread(unread) => unread.anchors = Some(anchors),
        }
    }
}

impl Unread {
    pub(crate) fn new(place: Place, retry_failed: bool) -> Self {
        Self { place, retry_failed, stops: 0, anchors: None }
    }
}

impl<S: Store + Nights> Driver<S> {
    /// Takes a sweep in. Only once its facts are stored does the client get an id.
    pub(crate) async fn submit(
        &mut self,
        submission: Submission,
        actions: &mut Vec<Action>,
    ) -> Result<Taken, Status> {
        let mut plan = compile(&submission.sources).map_err(invalid)?;
        let json = serde_json::to_vec(&plan).map_err(invalid)?;
        if Digest::of(&json).as_bytes().as_slice() != submission.plan_digest {
            return Err(Status::failed_precondition(
                "client and coordinator compile this sweep differently: use the same iago on both",
            ));
        }
        check_weight(json.len())?;
        // What cannot be worked on is not stored either.
        check_admission(&plan, &self.settings).map_err(invalid)?;
        let with = match &submission.against {
            Some(name) => Some(self.find_comparison(name, &submission, &mut plan).await?),
            None => None,
        };
        let baseline = with.as_ref().map(|with| with.of);
        let mut taken = self.take_in(plan, &submission, baseline, actions).await?;
        if let Some(with) = with {
            self.compare(&mut taken, with, actions).await?;
        }
        Ok(taken)
    }

    async fn take_in(
        &mut self,
        plan: Plan,
        submission: &Submission,
        baseline: Option<SweepId>,
        actions: &mut Vec<Action>,
    ) -> Result<Taken, Status> {
        let place = match self.place(plan, submission, baseline).await? {
            ControlFlow::Continue(place) => place,
            ControlFlow::Break(settled) => return Ok(Taken::In(settled)),
        };
        if place.at_work && !submission.retry_failed {
            self.free(self.settings.drawn_by(&place.plan), actions);
            return Ok(Taken::In(Submitted {
                sweep: place.sweep.0,
                revision: place.revision,
                note: "at work already; endpoints that were given up are asked again".to_owned(),
                possibly_lost_jobs: 0,
                finished: false,
                anchors: None,
            }));
        }
        let retry_failed = submission.retry_failed;
        if !place.plan.reread.is_empty() {
            return Ok(Taken::Unread(Box::new(Unread::new(place, retry_failed))));
        }
        let sweep = place.sweep;
        let loaded = self.load(place, retry_failed, actions).await;
        if loaded.is_err() && self.overtaken.contains(&sweep) {
            // It is stored: whoever handed it in need not come back for it to be gone on with.
            self.late.insert(sweep);
        }
        loaded.map(Taken::In)
    }

    /// Reads from the store where a sweep stands and works on it from there; what is out of it stays
    /// out. Of texts to be read anew, only the few are left that came in since they were read ahead.
    pub(crate) async fn load(
        &mut self,
        place: Place,
        retry_failed: bool,
        actions: &mut Vec<Action>,
    ) -> Result<Submitted, Status> {
        let (rules, round) = (read_rules(&place.plan)?, place.round);
        let plan = &place.plan;
        check_prices(plan, &self.settings.pools, &self.settings.served).map_err(invalid)?;
        let reader = Reader { plan, grader: &rules.0, renderer: &rules.1 };
        let shape = shape(reader, place.revision, &self.settings, &mut self.scheduler);
        let shape = shape.map_err(invalid)?;
        let routes = routes(plan, &shape, &self.settings);
        reread(&*self.store, self.term, place.sweep, reader).await.map_err(of_store)?;
        let round = if retry_failed {
            self.store.retry(self.term, place.sweep).await.map_err(of_store)?
        } else {
            round
        };
        let named = routes.keys().map(|id| (self.scheduler.route_name(*id).to_owned(), *id));
        let (store, named) = (&*self.store, named.collect());
        let Place { sweep, revision, .. } = place;
        let loading = Loading { store, sweep, revision, reader, routes: &named, round };
        let mut known = Known::new(shape).map_err(invalid)?;
        let rank = self.find_rank(sweep, place.kind).await.map_err(of_store)?;
        rank.tell(&mut known);
        let known = loading.load(known).await.map_err(of_store)?;
        self.take_to_work(place, known, rules, routes, actions).await
    }

    /// Works on a sweep of which everything is read.
    async fn take_to_work(
        &mut self,
        place: Place,
        known: Known,
        (grader, renderer): (Grader, Renderer),
        routes: BTreeMap<RouteId, Vec<String>>,
        actions: &mut Vec<Action>,
    ) -> Result<Submitted, Status> {
        let Place { sweep, revision, plan, created_ms, note, state, .. } = place;
        let finished = known.is_finished();
        let interrupted = state == State::Running && !self.sweeps.contains_key(&sweep);
        let possibly_lost_jobs = if interrupted { known.possibly_in_flight() } else { 0 };
        let now = if finished { State::Done } else { State::Running };
        self.store.control(self.term, sweep, now).await.map_err(of_store)?;
        self.look_at_appointments();
        info!(%sweep, revision, note, finished, possibly_lost_jobs, "sweep loaded");
        let json = serde_json::to_vec(&plan).map_err(invalid)?;
        let (digest, nonce) = (Digest::of(&json), format!("{created_ms} {sweep}"));
        let before = self.sweeps.get(&sweep);
        let (calls, throttles) = before.map_or((0, 0), |before| (before.calls, before.throttles));
        let loaded =
            Loaded { plan, digest, revision, grader, renderer, routes, calls, throttles, nonce };
        self.sweeps.insert(sweep, loaded);
        self.overtaken.remove(&sweep);
        self.keep_plan(digest, json);
        self.endings.remove(&sweep);
        self.ended.retain(|other| *other != sweep);
        let start = if self.in_grace { Start::AfterGrace } else { Start::Now };
        self.scheduler.apply(Event::Loaded(sweep, Box::new(known), start), actions);
        Ok(Submitted {
            sweep: sweep.0,
            revision,
            note,
            possibly_lost_jobs,
            finished,
            anchors: None,
        })
    }

    pub(crate) fn keep_plan(&mut self, digest: Digest, json: Vec<u8>) -> Arc<Vec<u8>> {
        let plan = Arc::new(json);
        self.plans.insert(digest, Arc::clone(&plan));
        if self.plans.len() > PLANS_MAX {
            let needed = |of: &Digest| {
                *of == digest || self.sweeps.values().any(|loaded| loaded.digest == *of)
            };
            let spare = self.plans.keys().copied().find(|of| !needed(of));
            spare.map(|spare| self.plans.remove(&spare));
        }
        plan
    }
}

impl Loaded {
    /// Whether its jobs draw from a pool.
    pub(crate) fn draws_from(&self, pool: &str) -> bool {
        self.routes.values().flatten().any(|of| of == pool)
    }

    /// What reads its texts.
    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader { plan: &self.plan, grader: &self.grader, renderer: &self.renderer }
    }

    /// A job's `Idempotency-Key`: opaque, stable over attempts, unlike that of any other job. The
    /// last part numbers the repeat and the vote, so that an endpoint's log can be read by people.
    pub(crate) fn key(&self, sweep: SweepId, job: JobId) -> String {
        let opaque = Digest::of(format!("{} {sweep} {}", self.nonce, job.number())).to_string();
        let at = job.at();
        let vote =
            if self.plan.votes_of(at.stage) > 1 { format!("v{}", at.vote) } else { String::new() };
        format!("iago-{}-r{}{vote}", &opaque[..24], at.repeat)
    }
}

/// A plan travels to workers in one message.
pub(crate) fn check_weight(bytes: usize) -> Result<(), Status> {
    if bytes < MESSAGE_BYTES_MAX {
        return Ok(());
    }
    Err(invalid(format!(
        "prompts and texts come to {bytes} bytes, and a sweep may have {MESSAGE_BYTES_MAX}: split it"
    )))
}

/// What a plan's texts are read and rendered by.
pub(crate) fn read_rules(plan: &Plan) -> Result<(Grader, Renderer), Status> {
    let grader = Grader::new(plan)
        .map_err(|errors| invalid(errors.first().map_or_else(String::new, ToString::to_string)))?;
    let renderer = Renderer::new(plan).map_err(invalid)?;
    Ok((grader, renderer))
}

#[expect(clippy::needless_pass_by_value, reason = "shaped for map_err")]
pub(crate) fn invalid(why: impl ToString) -> Status {
    Status::invalid_argument(why.to_string())
}
