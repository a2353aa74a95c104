//! One attempt at one job: render, call until `iago-attempt` says enough, read what came.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use iago_attempt::{Attempt, Ended, Next, Trouble};
use iago_grading::{parse_answer, read_label};
use iago_protocol::{Assignment, Delivery, Outcome};
use iago_providers::{
    Answer, Outcome as Called, Reply, UnsignedRequest, decode, encode, is_simulated,
};
use iago_sweep::{
    Coordinate, Digest, FailureClass, Finish, Label, Model, Money, Parse, Price, StageKind,
};
use secrecy::ExposeSecret;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::backoff::{CALLS, delay};
use crate::client::{Client, NoReply, Received};
use crate::pool::{Blocked, Permit, Pool};
use crate::room::RoomView;
use crate::settings::EndpointSettings;
use crate::tally::Tally;
use crate::work::Work;

/// A shorter key is no secret but a stand-in, and may be an ordinary word of the message.
const KEY_BYTES_MIN: usize = 8;

/// Everything that an attempt needs.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) client: Client,
    pub(crate) tally: Arc<Tally>,
    pub(crate) work: Arc<Work>,
    pub(crate) endpoint: Arc<EndpointSettings>,
    pub(crate) pool: Arc<Pool>,
    /// Where results cannot be delivered, no call starts either.
    pub(crate) room: RoomView,
    /// Once it is cancelled no call starts; those that have started go on.
    pub(crate) drain: CancellationToken,
}

impl Bench {
    /// Waits until a call may start.
    async fn enter(&self, key: u64) -> Result<Permit, Blocked> {
        loop {
            self.room.wait().await;
            let permit = self.pool.enter(key).await?;
            // It may have filled up while the pool was waited for; a pace that was used up for
            // nothing costs nothing, because nobody else may call either.
            if self.room.is_open() {
                return Ok(permit);
            }
        }
    }
}

/// How an attempt ended, and whether its pool turned out to be blocked.
pub(crate) struct Attempted {
    pub(crate) delivery: Delivery,
    pub(crate) blocked: Option<PoolBlock>,
}

/// A pool that needs a person, and why.
pub(crate) struct PoolBlock {
    pub(crate) pool: String,
    pub(crate) reason: String,
}

/// One answer with what surrounds it.
struct Answered {
    answer: Answer,
    latency: Duration,
}

/// Runs an attempt to its end.
pub(crate) async fn attempt(bench: Bench, assignment: Assignment) -> Attempted {
    let mut run = Run::new(bench, assignment);
    let request = match run.request() {
        Ok(request) => request,
        Err(why) => return run.failed(FailureClass::Rejected, None, why),
    };
    loop {
        let permit = tokio::select! {
            biased;
            () = run.bench.drain.cancelled() => return run.released(None),
            entered = run.bench.enter(run.seed) => match entered {
                Ok(permit) => permit,
                Err(blocked) => return run.released(Some(blocked.0)),
            },
        };
        let (ended, called) = run.call(&request, permit).await;
        match (run.attempt.ended(ended), called) {
            (Next::Deliver, End::Answered(answered)) => return run.answered(&request, *answered),
            (Next::CallAgain { backoff, at_least }, _) => tokio::select! {
                biased;
                () = run.bench.drain.cancelled() => return run.released(None),
                () = run.wait(backoff, at_least) => {}
            },
            (Next::Fail(class), End::Trouble { status, message }) => {
                return run.failed(class, status, message);
            }
            (Next::Release, End::Trouble { message, .. }) => return run.released(Some(message)),
            // An answer is delivered and nothing else is; said without a panic.
            (Next::Deliver | Next::Fail(_) | Next::Release, _) => return run.released(None),
        }
    }
}

/// What came of one call.
enum End {
    Answered(Box<Answered>),
    Trouble { status: Option<u16>, message: String },
}

struct Run {
    bench: Bench,
    assignment: Assignment,
    at: Coordinate,
    model: Option<Model>,
    prefill: Option<String>,
    attempt: Attempt,
    simulated: bool,
    seed: u64,
}

impl Run {
    fn new(bench: Bench, assignment: Assignment) -> Self {
        let at = assignment.job.at();
        let model = bench.work.plan.model_asked(at.stage, at.cell).cloned();
        let seed = Digest::of(&assignment.key).seed();
        let attempt = Attempt::default();
        Self { bench, assignment, at, model, prefill: None, attempt, simulated: false, seed }
    }

    /// The one request of this attempt: every call of it sends the same bytes.
    fn request(&mut self) -> Result<UnsignedRequest, String> {
        let Work { plan, grader, renderer } = &*self.bench.work;
        let model = self.model.as_ref().ok_or("the plan has no model for this job")?;
        let fields = self.graded_fields();
        let conversation = renderer
            .render(plan, grader, self.at, &fields)
            .map_err(|error| format!("the messages cannot be rendered: {error}"))?;
        let key = &self.assignment.key;
        let request =
            encode(&self.bench.endpoint.dialect, &model.id, &conversation, &model.parameters, key);
        self.prefill = conversation.prefill;
        Ok(request)
    }

    /// The fields of the answer that a judge is to read; none for a generate stage.
    fn graded_fields(&self) -> BTreeMap<String, String> {
        let (plan, grader) = (&self.bench.work.plan, &self.bench.work.grader);
        let (Some(input), Some(parent)) = (&self.assignment.input, plan.parent_of(self.at.stage))
        else {
            return BTreeMap::new();
        };
        let graded = Coordinate { stage: parent, vote: 0, ..self.at };
        let fields = plan.stages.get(parent as usize).map_or(&[][..], |stage| stage.fields());
        // How the answer ended decides whether it could be read, never what is in it.
        parse_answer(fields, &grader.required(graded), input, Finish::Stop).fields
    }

    async fn call(&mut self, request: &UnsignedRequest, permit: Permit) -> (Ended, End) {
        let Bench { client, endpoint, .. } = &self.bench;
        let begun = Instant::now();
        let received = client.call(request, endpoint.key.as_ref(), endpoint.timeout).await;
        let (latency, started) = (begun.elapsed(), permit.started);
        let ended = match received {
            Ok(received) => self.replied(&received, latency, started),
            Err(no_reply) => self.unanswered(no_reply, started),
        };
        // The slot is free from here on: nobody waits in it, and whoever comes next meets a gate
        // that knows of this reply.
        drop(permit);
        ended
    }

    fn replied(
        &mut self,
        received: &Received,
        latency: Duration,
        started: Duration,
    ) -> (Ended, End) {
        let Received { status, headers, body } = received;
        self.bench.tally.call();
        self.simulated |= is_simulated(headers);
        let reply = Reply { status: *status, headers, body };
        match decode(&self.bench.endpoint.dialect, &reply, self.prefill.as_deref()) {
            Called::Answered(answer) => {
                self.bench.pool.gate(|gate, _| gate.responded());
                (Ended::Answered, End::Answered(Box::new(Answered { answer: *answer, latency })))
            }
            Called::Throttled { retry_after, overloaded, message } => {
                let message = self.without_key(message);
                self.bench.pool.gate(|gate, now| gate.throttled(started, now, retry_after));
                self.bench.tally.throttle();
                self.bench.tally.trouble(if overloaded { "overloaded" } else { "throttled" });
                (Ended::Throttled, End::Trouble { status: Some(*status), message })
            }
            Called::Transient { status, retry_after, message } => {
                let message = self.without_key(message);
                self.bench.pool.gate(|gate, _| gate.responded());
                self.bench.tally.trouble(&status.map_or("malformed".into(), status_class));
                let trouble = Trouble { status, message: message.clone() };
                let ended = Ended::Transient { trouble, retry_after };
                (ended, End::Trouble { status, message })
            }
            Called::Rejected { status, message } => {
                let message = self.without_key(message);
                self.bench.pool.gate(|gate, _| gate.responded());
                self.bench.tally.trouble("rejected");
                (Ended::Rejected, End::Trouble { status: Some(status), message })
            }
            Called::Credential { status, message, spend } => {
                let why = if spend { "spend limit" } else { "credential refused" };
                let message = format!("{why} ({status}): {}", self.without_key(message));
                self.bench.tally.trouble("credential");
                self.bench.pool.gate(|gate, _| gate.block(message.clone()));
                (Ended::Credential, End::Trouble { status: Some(status), message })
            }
        }
    }

    /// Some servers repeat the key that they refuse, and what they say is stored and shown.
    fn without_key(&self, message: String) -> String {
        match self.bench.endpoint.key.as_ref().map(ExposeSecret::expose_secret) {
            Some(key) if key.len() >= KEY_BYTES_MIN => message.replace(key, "[key]"),
            Some(_) | None => message,
        }
    }

    fn unanswered(&mut self, no_reply: NoReply, started: Duration) -> (Ended, End) {
        let NoReply { message, sent, unreachable } = no_reply;
        self.bench.tally.trouble(&message);
        if sent {
            self.bench.tally.call();
        }
        let outage =
            unreachable && self.bench.pool.gate(|gate, now| gate.unreachable(started, now));
        let trouble = Trouble { status: None, message: message.clone() };
        let ended = if sent {
            Ended::Transient { trouble, retry_after: None }
        } else {
            Ended::Unsent { trouble, counts: !outage }
        };
        (ended, End::Trouble { status: None, message })
    }

    async fn wait(&self, backoff: Option<u32>, at_least: Option<Duration>) {
        let own = backoff.map(|nth| delay(CALLS, nth, self.seed)).unwrap_or_default();
        tokio::time::sleep(own.max(at_least.unwrap_or_default())).await;
    }

    fn answered(self, request: &UnsignedRequest, answered: Answered) -> Attempted {
        let Answered { answer, latency } = answered;
        let Answer { text, finish, usage, model, simulated, .. } = answer;
        let (parse, label) = self.read(&text, finish);
        let cost = self.price().map(|price| price.of(&usage));
        let cost = if simulated { Some(Money::ZERO) } else { cost };
        let outcome = Outcome::Answered {
            finish,
            parse,
            label,
            usage,
            latency_ms: u32::try_from(latency.as_millis()).unwrap_or(u32::MAX),
            echoed_model: model,
            request: Digest::of(&request.body),
            text,
        };
        self.ended(outcome, cost, None)
    }

    fn read(&self, text: &iago_sweep::Text, finish: Finish) -> (Parse, Option<Label>) {
        let (plan, grader) = (&self.bench.work.plan, &self.bench.work.grader);
        match plan.stages.get(self.at.stage as usize).map(|stage| &stage.kind) {
            Some(StageKind::Judge { question, .. }) => {
                (Parse::Ok, Some(read_label(question, &text.raw, finish)))
            }
            Some(StageKind::Generate { fields, .. }) => {
                (parse_answer(fields, &grader.required(self.at), text, finish).parse, None)
            }
            None => (Parse::Missing, None),
        }
    }

    fn price(&self) -> Option<&Price> {
        self.bench.endpoint.prices.get(&self.model.as_ref()?.id)
    }

    fn failed(self, class: FailureClass, status: Option<u16>, message: String) -> Attempted {
        self.ended(Outcome::Failed { class, status, message }, None, None)
    }

    fn released(self, blocked: Option<String>) -> Attempted {
        self.ended(Outcome::Released, None, blocked)
    }

    fn ended(self, outcome: Outcome, cost: Option<Money>, why: Option<String>) -> Attempted {
        let pool = self.model.map(|model| model.endpoint).unwrap_or_default();
        let blocked = why.map(|reason| PoolBlock { pool, reason });
        // What called nobody cost nothing, whatever its price would have been.
        let cost = if self.attempt.calls() == 0 { Some(Money::ZERO) } else { cost };
        let Assignment { lease, sweep, job, attempt, .. } = self.assignment;
        let delivery = Delivery {
            sequence: 0,
            lease,
            sweep,
            job,
            attempt,
            calls: self.attempt.calls(),
            throttles: self.attempt.throttles(),
            cost,
            simulated: self.simulated,
            outcome,
        };
        Attempted { delivery, blocked }
    }
}

fn status_class(status: u16) -> String {
    if status == 200 { "malformed".to_owned() } else { status.to_string() }
}
