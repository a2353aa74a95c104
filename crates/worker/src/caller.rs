//! One request, called until `iago-attempt` says enough.

use std::time::Duration;

use iago_attempt::{Attempt, Ended, Next, Trouble};
use iago_providers::{Answer, Outcome as Decoded, Reply, UnsignedRequest, decode, is_simulated};
use iago_sweep::FailureClass;
use secrecy::ExposeSecret;
use tokio::time::Instant;

use crate::backoff::{CALLS, delay};
use crate::bench::{Bench, Endpoint, Unstarted};
use crate::client::{NoReply, Received};
use crate::pool::Permit;

/// A shorter key is no secret but a stand-in, and may be an ordinary word of the message.
const KEY_BYTES_MIN: usize = 8;

/// One answer with what surrounds it.
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    pub(crate) latency: Duration,
}

/// What came of one request.
pub(crate) enum Called {
    Answered(Box<Answered>),
    Failed { class: FailureClass, status: Option<u16>, message: String },
    Released(Unstarted),
}

/// Makes the calls of one job. Each of its requests may meet as much trouble as an attempt may.
pub(crate) struct Caller<'a> {
    bench: &'a Bench,
    endpoint: &'a Endpoint,
    /// Draws the job's share of every wait.
    seed: u64,
}

/// What came of one call.
enum End {
    Answered(Box<Answered>),
    Trouble { status: Option<u16>, message: String },
}

impl<'a> Caller<'a> {
    pub(crate) fn new(bench: &'a Bench, endpoint: &'a Endpoint, seed: u64) -> Self {
        Self { bench, endpoint, seed }
    }

    /// Every call of a request sends the same bytes. `prefill` is the one in them.
    pub(crate) async fn call_until_answered(
        &self,
        request: &UnsignedRequest,
        prefill: Option<&str>,
    ) -> Called {
        self.insist(request, prefill).await.unwrap_or_else(Called::Released)
    }

    async fn insist(
        &self,
        request: &UnsignedRequest,
        prefill: Option<&str>,
    ) -> Result<Called, Unstarted> {
        let mut attempt = Attempt::default();
        loop {
            let permit = self.bench.enter(self.seed).await?;
            let (ended, end) = self.call(request, prefill, permit).await;
            match (attempt.ended(ended), end) {
                (Next::Deliver, End::Answered(answered)) => return Ok(Called::Answered(answered)),
                (Next::CallAgain { backoff, at_least }, _) => {
                    let own = backoff.map(|nth| delay(CALLS, nth, self.seed)).unwrap_or_default();
                    self.bench.rest(own.max(at_least.unwrap_or_default())).await?;
                }
                (Next::Fail(class), End::Trouble { status, message }) => {
                    return Ok(Called::Failed { class, status, message });
                }
                (Next::Release, End::Trouble { message, .. }) => {
                    return Err(Unstarted { blocked: Some(message) });
                }
                // An answer is delivered and nothing else is; said without a panic.
                (Next::Deliver | Next::Fail(_) | Next::Release, _) => {
                    return Err(Unstarted { blocked: None });
                }
            }
        }
    }

    async fn call(
        &self,
        request: &UnsignedRequest,
        prefill: Option<&str>,
        permit: Permit,
    ) -> (Ended, End) {
        let Endpoint { client, settings } = self.endpoint;
        let begun = Instant::now();
        let received = client.call(request, settings.key.as_ref(), settings.timeout).await;
        let (latency, started) = (begun.elapsed(), permit.started);
        let ended = match received {
            Ok(received) => self.replied(&received, prefill, latency, started),
            Err(no_reply) => self.unanswered(no_reply, started),
        };
        // The slot is free from here on: nobody waits in it, and whoever comes next meets a gate
        // that knows of this reply.
        drop(permit);
        ended
    }

    fn replied(
        &self,
        received: &Received,
        prefill: Option<&str>,
        latency: Duration,
        started: Duration,
    ) -> (Ended, End) {
        let Received { status, headers, body } = received;
        self.count_call();
        if is_simulated(headers) {
            self.bench.counts.simulate();
        }
        let reply = Reply { status: *status, headers, body };
        match decode(&self.endpoint.settings.dialect, &reply, prefill) {
            Decoded::Answered(answer) => {
                self.bench.pool.gate(|gate, _| gate.responded());
                (Ended::Answered, End::Answered(Box::new(Answered { answer: *answer, latency })))
            }
            Decoded::Throttled { retry_after, overloaded, message } => {
                self.bench.pool.gate(|gate, now| gate.throttled(started, now, retry_after));
                self.bench.tally.throttle();
                self.bench.counts.throttle();
                self.bench.tally.trouble(if overloaded { "overloaded" } else { "throttled" });
                (Ended::Throttled, self.trouble(Some(*status), message))
            }
            Decoded::Transient { status, retry_after, message } => {
                self.bench.pool.gate(|gate, _| gate.responded());
                self.bench.tally.trouble(&status.map_or("malformed".into(), status_class));
                let message = self.without_key(message);
                let trouble = Trouble { status, message: message.clone() };
                (Ended::Transient { trouble, retry_after }, End::Trouble { status, message })
            }
            Decoded::Rejected { status, message } => {
                self.bench.pool.gate(|gate, _| gate.responded());
                self.bench.tally.trouble("rejected");
                (Ended::Rejected, self.trouble(Some(status), message))
            }
            Decoded::Credential { status, message, spend } => {
                let why = if spend { "spend limit" } else { "credential refused" };
                let message = format!("{why} ({status}): {}", self.without_key(message));
                self.bench.tally.trouble("credential");
                self.bench.pool.gate(|gate, _| gate.block(message.clone()));
                (Ended::Credential, End::Trouble { status: Some(status), message })
            }
        }
    }

    fn count_call(&self) {
        self.bench.tally.call();
        self.bench.counts.call();
    }

    fn trouble(&self, status: Option<u16>, message: String) -> End {
        End::Trouble { status, message: self.without_key(message) }
    }

    /// Some servers repeat the key that they refuse, and what they say is stored and shown.
    fn without_key(&self, message: String) -> String {
        match self.endpoint.settings.key.as_ref().map(ExposeSecret::expose_secret) {
            Some(key) if key.len() >= KEY_BYTES_MIN => message.replace(key, "[key]"),
            Some(_) | None => message,
        }
    }

    fn unanswered(&self, no_reply: NoReply, started: Duration) -> (Ended, End) {
        let NoReply { message, sent, unreachable } = no_reply;
        self.bench.tally.trouble(&message);
        if sent {
            self.count_call();
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
}

fn status_class(status: u16) -> String {
    if status == 200 { "malformed".to_owned() } else { status.to_string() }
}
