//! One request, called until `iago-attempt` says enough. This is the one layer that calls again.

use iago_attempt::{Attempt, Ended, Next};
use iago_protocol::Call;
use iago_providers::UnsignedRequest;
use iago_sweep::{FailureClass, Need};
use tokio::time::Instant;

use crate::asks::Draw;
use crate::backoff::{CALLS, delay};
use crate::bench::{Bench, Endpoint, Unstarted};
use crate::heard::{Answered, Ear, End, Heard};
use crate::route::Permit;
use crate::sealed::Sealed;

/// Bytes of a body that are a token at least: no language and no code has more of them, so what is
/// asked for is never far below what the endpoint counts.
const BYTES_A_TOKEN: usize = 8;

/// What came of one request.
pub(crate) enum Called {
    Answered(Box<Answered>),
    Failed { class: FailureClass, status: Option<u16>, message: String },
    Released(Unstarted),
}

/// Makes the calls of one job. Each of its requests may meet as much trouble as an attempt may.
pub(crate) struct Caller<'a> {
    pub(crate) bench: &'a Bench,
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) model_id: &'a str,
    /// What a call may take.
    pub(crate) draw: Draw,
    /// Whether a part of the input is expected to come from a cache, and to count against no limit.
    pub(crate) cached: bool,
    /// Draws the job's share of every wait.
    pub(crate) seed: u64,
}

impl Caller<'_> {
    /// Every call of a request sends the same bytes. `prefill` is the one in them.
    pub(crate) async fn call_until_answered(
        &self,
        request: &Sealed,
        prefill: Option<&str>,
    ) -> Called {
        match self.insist(request, prefill).await {
            Ok(called) => called,
            Err(Unstarted::Refused(message)) => {
                Called::Failed { class: FailureClass::Rejected, status: None, message }
            }
            Err(unstarted) => Called::Released(unstarted),
        }
    }

    async fn insist(&self, request: &Sealed, prefill: Option<&str>) -> Result<Called, Unstarted> {
        let mut attempt = Attempt::default();
        let mut is_repeat = false;
        loop {
            let sent = match request.open() {
                Ok(sent) => sent,
                Err(altered) => return Ok(quarantined(altered.to_string())),
            };
            let permit = self.enter(request, is_repeat).await?;
            let (ended, end) = self.call(sent, prefill, permit).await;
            if is_repeat && ended == Ended::Answered {
                self.bench.route.home().give_repeat_back();
            }
            is_repeat = true;
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
                    return Err(Unstarted::Blocked(message));
                }
                // An answer is delivered and nothing else is; said without a panic.
                (Next::Deliver | Next::Fail(_) | Next::Release, _) => {
                    return Err(Unstarted::Draining);
                }
            }
        }
    }

    async fn enter(&self, request: &Sealed, is_repeat: bool) -> Result<Permit, Unstarted> {
        let home = self.bench.route.home();
        if is_repeat {
            self.bench.repeat().await?;
        }
        let entered = self.bench.enter(self.seed, self.draw_of(request)).await;
        match (&entered, is_repeat) {
            (Ok(_), false) => home.called(),
            (Err(_), true) => home.give_repeat_back(),
            (Ok(_), true) | (Err(_), false) => {}
        }
        entered
    }

    async fn call(
        &self,
        request: &UnsignedRequest,
        prefill: Option<&str>,
        mut permit: Permit,
    ) -> (Ended, End) {
        let Endpoint { client, settings } = self.endpoint;
        let (grant, begun) = (permit.begin(), Instant::now());
        let protocol = settings.dialect.protocol;
        let received = client.call(request, protocol, settings.key.as_ref()).await;
        let ear = Ear {
            bench: self.bench,
            endpoint: self.endpoint,
            model_id: self.model_id,
            started: permit.started,
            latency: begun.elapsed(),
        };
        let Heard { ended, end, how, usage, cost, told } = match received {
            Ok(received) => ear.replied(&received, prefill),
            Err(no_reply) => ear.unanswered(no_reply),
        };
        let took_ms = u32::try_from(ear.latency.as_millis()).unwrap_or(u32::MAX);
        let pools = self.bench.route.names().to_vec();
        self.bench.route.report(Call { grant, pools, took_ms, how, usage, cost, told });
        // The slots are free from here on: nobody waits in them, and whoever comes next meets gates
        // that know of this reply.
        drop(permit);
        (ended, end)
    }

    fn draw_of(&self, request: &Sealed) -> Draw {
        let written = (request.body_bytes() / BYTES_A_TOKEN) as u64;
        let Draw { need, cost_most, .. } = self.draw;
        let input = if self.cached { need.input } else { need.input.max(written) };
        Draw { need: Need { input, ..need }, certain: written, cost_most }
    }
}

fn quarantined(message: String) -> Called {
    Called::Failed { class: FailureClass::Quarantined, status: None, message }
}
