//! Sending what was decided: at once, late, piece by piece, or not at all.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use crate::decide::Decision;
use crate::delivery::{Delivery, Mishap, Pieces};
use crate::serve::{InFlight, respond};

/// A stalling stream gives a sign of life so often.
const SIGN_EVERY: Duration = Duration::from_millis(100);

/// What is next in a stream. Times count from its beginning.
enum Step {
    Send { bytes: Bytes, due: Duration },
    GiveSigns { sign: &'static [u8], until: Duration },
    Break,
}

/// A stream on its way, and the call that it answers.
struct Stream {
    steps: VecDeque<Step>,
    began: Instant,
    in_flight: InFlight,
}

/// Waits as long as the answer takes, and sends it. A stream takes its time from piece to piece.
pub(crate) async fn send(decision: Decision, in_flight: InFlight) -> Response<Body> {
    let status = StatusCode::from_u16(decision.status).expect("the core uses only real statuses");
    let latency = decision.latency;
    let body = match decision.delivery {
        Delivery::Pieces(pieces) => {
            Stream::new(decision.body, &pieces, latency, in_flight).into_body().await
        }
        Delivery::Whole => {
            in_flight.server.wait(latency).await;
            Body::from(decision.body)
        }
        Delivery::Late(wait) => {
            in_flight.server.wait(latency).await;
            send_late(decision.body, wait, in_flight)
        }
        Delivery::Reset => {
            in_flight.server.wait(latency).await;
            Body::from_stream(stream::once(async { Err::<Bytes, _>(broken()) }))
        }
    };
    let mut response = respond(status, body);
    for (name, value) in decision.headers {
        let value = HeaderValue::try_from(value).expect("the core writes headers in plain ASCII");
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
    response
}

/// The head goes out at once, because the body has nothing to give yet.
fn send_late(body: Vec<u8>, wait: Duration, in_flight: InFlight) -> Body {
    Body::from_stream(stream::once(async move {
        in_flight.server.wait(wait).await;
        Ok::<_, io::Error>(Bytes::from(body))
    }))
}

fn broken() -> io::Error {
    io::Error::from(io::ErrorKind::ConnectionReset)
}

impl Stream {
    /// The pieces come evenly over the latency.
    fn new(body: Vec<u8>, pieces: &Pieces, latency: Duration, in_flight: InFlight) -> Self {
        let mut steps = VecDeque::with_capacity(pieces.ends.len() + 1);
        let (body, mut begin, mut stalled) = (Bytes::from(body), 0, Duration::ZERO);
        let of = u32::try_from(pieces.ends.len()).unwrap_or(u32::MAX).max(1);
        for (nth, end) in (1..).zip(&pieces.ends) {
            let due = latency * nth / of + stalled;
            steps.push_back(Step::Send { bytes: body.slice(begin..*end), due });
            begin = *end;
            if let Some(Mishap::Stalls { after, lasts, sign_of_life }) = pieces.mishap
                && after == nth as usize
            {
                stalled = lasts;
                steps.push_back(Step::GiveSigns { sign: sign_of_life, until: due + lasts });
            }
        }
        if pieces.mishap == Some(Mishap::Breaks) {
            steps.push_back(Step::Break);
        }
        Self { steps, began: Instant::now(), in_flight }
    }

    /// The head waits for the first piece.
    async fn into_body(self) -> Body {
        if let Some(Step::Send { due, .. }) = self.steps.front() {
            self.wait_until(*due).await;
        }
        Body::from_stream(stream::unfold(self, Self::advance).boxed())
    }

    async fn advance(mut self) -> Option<(io::Result<Bytes>, Self)> {
        let sent = match self.steps.pop_front()? {
            Step::Send { bytes, due } => {
                self.wait_until(due).await;
                Ok(bytes)
            }
            Step::GiveSigns { sign, until } => {
                let next = (self.began.elapsed() + SIGN_EVERY).min(until);
                self.wait_until(next).await;
                if next < until && !self.in_flight.server.is_stopped() {
                    self.steps.push_front(Step::GiveSigns { sign, until });
                }
                Ok(Bytes::from_static(sign))
            }
            Step::Break => {
                // What was said before is written out only while there is nothing more to say.
                tokio::task::yield_now().await;
                Err(broken())
            }
        };
        Some((sent, self))
    }

    async fn wait_until(&self, due: Duration) {
        self.in_flight.server.wait(due.saturating_sub(self.began.elapsed())).await;
    }
}
