//! A sweep is handed in: compiled again, compared with what is known, stored, and loaded.

use std::sync::Arc;

use iago_grading::Grader;
use iago_protocol::wire::Submitted;
use iago_protocol::{Delivery, MESSAGE_BYTES_MAX, Outcome};
use iago_scheduler::{Action, End, Event, Known, Leased, Settled};
use iago_store::{NewRevision, NewSweep, State, Store};
use iago_sweep::{Digest, FailureFact, JobId, Plan, ResultFact, SweepId};
use tonic::Status;
use tracing::info;

use crate::compile::compile;
use crate::driver::Driver;
use crate::inbox::Submission;
use crate::load::load;
use crate::shape::shape;
use crate::standing::{Standing, standing};

/// A sweep at work, with what the scheduler need not know.
pub(crate) struct Loaded {
    pub(crate) plan: Plan,
    pub(crate) json: Arc<Vec<u8>>,
    pub(crate) digest: Digest,
    pub(crate) grader: Grader,
    /// Makes keys of this sweep unlike those of any other, on any machine.
    nonce: String,
}

/// Where a submitted plan came to stand.
struct Place {
    sweep: SweepId,
    revision: u32,
    plan: Plan,
    created_ms: i64,
    note: String,
    /// An earlier process was at work on it and did not come to an end.
    interrupted: bool,
}

impl<S: Store> Driver<S> {
    /// Takes a sweep in. Only once its facts are stored does the client get an id.
    pub(crate) async fn submit(
        &mut self,
        submission: Submission,
        actions: &mut Vec<Action>,
    ) -> Result<Submitted, Status> {
        let plan = compile(&submission.sources).map_err(invalid)?;
        let json = serde_json::to_vec(&plan).map_err(invalid)?;
        if Digest::of(&json).as_bytes().as_slice() != submission.plan_digest {
            return Err(Status::failed_precondition(
                "client and coordinator compile this sweep differently: use the same iago on both",
            ));
        }
        check_weight(json.len())?;
        let created_ms = submission.submitted_ms;
        let place = self.place(plan, created_ms).await?;
        self.load(place, submission.retry_failed, actions).await
    }

    async fn place(&self, plan: Plan, created_ms: i64) -> Result<Place, Status> {
        match standing(&*self.store, plan).await.map_err(unavailable)? {
            Standing::New { plan, why } => {
                let note = why.map_or_else(
                    || "a new sweep".to_owned(),
                    |why| format!("a new sweep, since {why}"),
                );
                let revision = revision(0, &plan, &note);
                let new = NewSweep { name: plan.name.clone(), revision, created_ms };
                let sweep = self.store.submit(new).await.map_err(unavailable)?;
                Ok(Place { sweep, revision: 0, plan, created_ms, note, interrupted: false })
            }
            // Its leases and their numbers are in memory here: a second start would give both again.
            Standing::Known { head, .. } if self.sweeps.contains_key(&head.id) => {
                let words = format!("sweep {} is at work here already: watch it", head.id);
                Err(Status::failed_precondition(words))
            }
            Standing::Known { head, plan, change } => {
                let (sweep, created_ms) = (head.id, head.created_ms);
                let interrupted = head.state == State::Running;
                let Some(change) = change else {
                    let note = "known: going on where it stands".to_owned();
                    return Ok(Place {
                        sweep,
                        revision: head.revision,
                        plan,
                        created_ms,
                        note,
                        interrupted,
                    });
                };
                let (number, note) = (head.revision + 1, change.to_string());
                let revision = revision(number, &plan, &note);
                self.store.revise(sweep, revision).await.map_err(unavailable)?;
                Ok(Place { sweep, revision: number, plan, created_ms, note, interrupted })
            }
        }
    }

    async fn load(
        &mut self,
        place: Place,
        retry_failed: bool,
        actions: &mut Vec<Action>,
    ) -> Result<Submitted, Status> {
        let Place { sweep, revision, plan, created_ms, note, interrupted } = place;
        let grader = Grader::new(&plan).map_err(|errors| {
            invalid(errors.first().map_or_else(String::new, ToString::to_string))
        })?;
        let shape = shape(&plan, revision, &self.settings.pools).map_err(|endpoint| {
            invalid(format!("there is no endpoint `{endpoint}` in the configuration"))
        })?;
        let known = Known::new(shape.clone()).map_err(invalid)?;
        let pools: Vec<_> = self.settings.pools.iter().map(|pool| pool.name.clone()).collect();
        let known = load(&*self.store, sweep, known, &shape, &grader, &pools, retry_failed)
            .await
            .map_err(unavailable)?;
        let finished = known.is_finished();
        let possibly_lost_jobs = if interrupted { known.possibly_in_flight() } else { 0 };
        let state = if finished { State::Done } else { State::Running };
        self.store.control(sweep, state).await.map_err(unavailable)?;
        info!(%sweep, revision, note, finished, "sweep loaded");
        let json = serde_json::to_vec(&plan).map_err(invalid)?;
        let digest = Digest::of(&json);
        let nonce = format!("{created_ms} {sweep}");
        self.sweeps.insert(sweep, Loaded { plan, json: Arc::new(json), digest, grader, nonce });
        self.scheduler.apply(Event::Loaded(sweep, Box::new(known)), actions);
        Ok(Submitted { sweep: sweep.0, revision, note, possibly_lost_jobs, finished })
    }

    /// From a delivery to what the scheduler is told: the fact, with the stages that it opens.
    pub(crate) fn settle(&self, delivery: Delivery) -> Settled {
        let Delivery { sequence, lease, sweep, job, attempt, calls, cost, .. } = delivery;
        let leased = Leased { lease: lease.sequence, term: lease.term, sweep, job, attempt };
        Settled { sequence, leased, calls, cost, end: self.end_of(delivery) }
    }

    fn end_of(&self, delivery: Delivery) -> End {
        let Delivery { lease, sweep, job, attempt, calls, throttles, cost, simulated, .. } =
            delivery;
        let term = lease.term;
        match delivery.outcome {
            Outcome::Answered {
                finish,
                parse,
                label,
                usage,
                latency_ms,
                echoed_model,
                request,
                text,
            } => {
                let loaded = self.sweeps.get(&sweep);
                let opens = loaded.map_or(0, |of| of.grader.opens(job.at(), finish, parse).opens);
                // Every stage of today's plan is decided on: those that do not grade this one stay shut.
                let stages = loaded.map_or(0, |of| of.plan.stages.len());
                let decided = (0..stages).fold(0, |mask, stage| mask | 1 << stage);
                let fact = ResultFact {
                    job,
                    term,
                    attempt,
                    finish,
                    parse,
                    label,
                    opens,
                    decided,
                    usage,
                    cost,
                    latency_ms,
                    calls,
                    throttles,
                    echoed_model,
                    request,
                    simulated,
                };
                End::Answered(Box::new(fact), text)
            }
            Outcome::Failed { class, status, message } => End::Failed(FailureFact {
                job,
                round: 0,
                term,
                attempt,
                class,
                status,
                message,
                calls,
                throttles,
                simulated,
            }),
            Outcome::Released => End::Released,
        }
    }
}

impl Loaded {
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
fn check_weight(bytes: usize) -> Result<(), Status> {
    if bytes < MESSAGE_BYTES_MAX {
        return Ok(());
    }
    Err(invalid(format!(
        "prompts and texts come to {bytes} bytes, and a sweep may have {MESSAGE_BYTES_MAX}: split it"
    )))
}

fn revision(number: u32, plan: &Plan, note: &str) -> NewRevision {
    NewRevision {
        number,
        // A plan has string keys and finite numbers only, so it always has a JSON form.
        plan: serde_json::to_vec(plan).unwrap_or_default(),
        ask: plan.ask_hash(),
        analysis: plan.analysis_hash(),
        note: note.to_owned(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "shaped for map_err")]
fn invalid(why: impl ToString) -> Status {
    Status::invalid_argument(why.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "shaped for map_err")]
fn unavailable(why: impl ToString) -> Status {
    Status::unavailable(why.to_string())
}
