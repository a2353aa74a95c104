//! Translation between wire types and nouns: once, here, with every value checked.

use iago_sweep::{
    Digest, JobId, Label, Money, SweepId, Text, UnknownWord, Usage, escape, unescape,
};

use crate::frames::{
    Assignment, Delivery, FromCoordinator, FromWorker, Heartbeat, Held, Inventory, Lease, Outcome,
    Slice,
};
use crate::wire;
use wire::coordinator_frame::Frame as Down;
use wire::worker_frame::Frame as Up;

/// A frame that cannot be understood. The peer is of another version, or broken: drop the stream.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// A field that must be there is not.
    #[error("frame without `{0}`")]
    Missing(&'static str),
    /// A number that stands for nothing.
    #[error("frame with an impossible `{0}`")]
    Impossible(&'static str),
    /// A word that nobody knows.
    #[error(transparent)]
    Word(#[from] UnknownWord),
    /// Parts that do not add up to a message.
    #[error("parts do not decode: {0}")]
    Undecodable(prost::DecodeError),
    /// Parts that add up to too much.
    #[error("a message is larger than {} bytes", crate::MESSAGE_BYTES_MAX)]
    TooLarge,
}

fn digest(bytes: &[u8], field: &'static str) -> Result<Digest, WireError> {
    Digest::from_bytes(bytes).ok_or(WireError::Impossible(field))
}

fn job(number: i64) -> Result<JobId, WireError> {
    JobId::from_number(number).ok_or(WireError::Impossible("job"))
}

fn lease(wire: Option<wire::Lease>) -> Result<Lease, WireError> {
    let wire::Lease { term, sequence } = wire.ok_or(WireError::Missing("lease"))?;
    Ok(Lease { term, sequence })
}

impl From<Lease> for wire::Lease {
    fn from(Lease { term, sequence }: Lease) -> Self {
        Self { term, sequence }
    }
}

impl From<Text> for wire::Text {
    fn from(Text { raw, reasoning, altered }: Text) -> Self {
        Self { raw: escape(&raw), reasoning: reasoning.as_deref().map(escape), altered }
    }
}

fn text(wire: Option<wire::Text>) -> Result<Text, WireError> {
    let wire::Text { raw, reasoning, altered } = wire.ok_or(WireError::Missing("text"))?;
    Ok(Text { raw: unescape(&raw), reasoning: reasoning.as_deref().map(unescape), altered })
}

impl From<Usage> for wire::Usage {
    fn from(Usage { input, cached_input, cache_write, output, reasoning }: Usage) -> Self {
        Self { input, cached_input, cache_write, output, reasoning }
    }
}

impl From<wire::Usage> for Usage {
    fn from(wire: wire::Usage) -> Self {
        let wire::Usage { input, cached_input, cache_write, output, reasoning } = wire;
        Self { input, cached_input, cache_write, output, reasoning }
    }
}

impl From<Label> for wire::Label {
    fn from(label: Label) -> Self {
        match label {
            Label::Word(word) => Self { word: Some(word) },
            Label::Abstained => Self { word: None },
        }
    }
}

impl From<wire::Label> for Label {
    fn from(label: wire::Label) -> Self {
        label.word.map_or(Self::Abstained, Self::Word)
    }
}

impl From<FromWorker> for wire::WorkerFrame {
    fn from(frame: FromWorker) -> Self {
        let frame = match frame {
            FromWorker::Inventory(inventory) => Up::Inventory(inventory.into()),
            FromWorker::Credit(jobs) => Up::Credit(wire::Credit { jobs }),
            FromWorker::Deliveries(deliveries) => Up::Deliveries(wire::Deliveries {
                deliveries: deliveries.into_iter().map(Into::into).collect(),
            }),
            FromWorker::PoolBlocked { pool, reason } => {
                Up::PoolBlocked(wire::PoolBlocked { pool, reason })
            }
            FromWorker::Heartbeat(heartbeat) => Up::Heartbeat(heartbeat.into()),
            FromWorker::Need(digest) => Up::Need(wire::Need { digest: digest.as_bytes().to_vec() }),
            FromWorker::Leaving => Up::Leaving(wire::Leaving {}),
            FromWorker::Left => Up::Left(wire::Left {}),
            FromWorker::Within { pool, number } => Up::Within(wire::Within { pool, number }),
        };
        Self { frame: Some(frame) }
    }
}

impl TryFrom<wire::WorkerFrame> for FromWorker {
    type Error = WireError;
    fn try_from(frame: wire::WorkerFrame) -> Result<Self, WireError> {
        Ok(match frame.frame.ok_or(WireError::Missing("frame"))? {
            Up::Inventory(inventory) => Self::Inventory(inventory.try_into()?),
            Up::Credit(wire::Credit { jobs }) => Self::Credit(jobs),
            Up::Deliveries(wire::Deliveries { deliveries }) => Self::Deliveries(
                deliveries.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            ),
            Up::PoolBlocked(wire::PoolBlocked { pool, reason }) => {
                Self::PoolBlocked { pool, reason }
            }
            Up::Heartbeat(heartbeat) => Self::Heartbeat(heartbeat.into()),
            Up::Need(wire::Need { digest: bytes }) => Self::Need(digest(&bytes, "digest")?),
            Up::Leaving(wire::Leaving {}) => Self::Leaving,
            Up::Left(wire::Left {}) => Self::Left,
            Up::Within(wire::Within { pool, number }) => Self::Within { pool, number },
            Up::Part(_) => return Err(WireError::Impossible("part")),
        })
    }
}

impl From<Inventory> for wire::Inventory {
    fn from(inventory: Inventory) -> Self {
        let Inventory { boot, name, protocol, pools, slots, held, unacknowledged, slices } =
            inventory;
        let held = held.into_iter().map(Into::into).collect();
        let unacknowledged = unacknowledged.into_iter().map(Into::into).collect();
        let slices = slices.into_iter().map(Into::into).collect();
        Self { boot, name, protocol, pools, slots, held, unacknowledged, slices }
    }
}

impl TryFrom<wire::Inventory> for Inventory {
    type Error = WireError;
    fn try_from(wire: wire::Inventory) -> Result<Self, WireError> {
        let wire::Inventory { boot, name, protocol, pools, slots, held, unacknowledged, slices } =
            wire;
        let held = held.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
        let unacknowledged = unacknowledged.into_iter().map(TryInto::try_into);
        let unacknowledged = unacknowledged.collect::<Result<_, _>>()?;
        let slices = slices.into_iter().map(Into::into).collect();
        Ok(Self { boot, name, protocol, pools, slots, held, unacknowledged, slices })
    }
}

impl From<Slice> for wire::Slice {
    fn from(Slice { pool, requests_per_minute, concurrency, number, over }: Slice) -> Self {
        Self { pool, requests_per_minute, concurrency, number, over }
    }
}

impl From<wire::Slice> for Slice {
    fn from(wire: wire::Slice) -> Self {
        let wire::Slice { pool, requests_per_minute, concurrency, number, over } = wire;
        Self { pool, requests_per_minute, concurrency, number, over }
    }
}

impl From<Held> for wire::Held {
    fn from(Held { lease, sweep, job, attempt }: Held) -> Self {
        Self { lease: Some(lease.into()), sweep: sweep.0, job: job.number(), attempt }
    }
}

impl TryFrom<wire::Held> for Held {
    type Error = WireError;
    fn try_from(wire: wire::Held) -> Result<Self, WireError> {
        let (sweep, attempt) = (SweepId(wire.sweep), wire.attempt);
        Ok(Self { lease: lease(wire.lease)?, sweep, job: job(wire.job)?, attempt })
    }
}

impl From<Heartbeat> for wire::Heartbeat {
    fn from(Heartbeat { last_lease, calls, throttles, troubles, waits }: Heartbeat) -> Self {
        let (troubles, waits) = (troubles.into_iter().collect(), waits.into_iter().collect());
        Self { last_lease, calls, throttles, troubles, waits }
    }
}

impl From<wire::Heartbeat> for Heartbeat {
    fn from(wire: wire::Heartbeat) -> Self {
        let wire::Heartbeat { last_lease, calls, throttles, troubles, waits } = wire;
        let (troubles, waits) = (troubles.into_iter().collect(), waits.into_iter().collect());
        Self { last_lease, calls, throttles, troubles, waits }
    }
}

impl From<Delivery> for wire::Delivery {
    fn from(delivery: Delivery) -> Self {
        Self {
            sequence: delivery.sequence,
            lease: Some(delivery.lease.into()),
            sweep: delivery.sweep.0,
            job: delivery.job.number(),
            attempt: delivery.attempt,
            calls: delivery.calls,
            throttles: delivery.throttles,
            cost_picodollars: delivery.cost.map(|cost| cost.0),
            simulated: delivery.simulated,
            outcome: Some(delivery.outcome.into()),
        }
    }
}

impl TryFrom<wire::Delivery> for Delivery {
    type Error = WireError;
    fn try_from(wire: wire::Delivery) -> Result<Self, WireError> {
        Ok(Self {
            sequence: wire.sequence,
            lease: lease(wire.lease)?,
            sweep: SweepId(wire.sweep),
            job: job(wire.job)?,
            attempt: wire.attempt,
            calls: wire.calls,
            throttles: wire.throttles,
            cost: wire.cost_picodollars.map(Money),
            simulated: wire.simulated,
            outcome: wire.outcome.ok_or(WireError::Missing("outcome"))?.try_into()?,
        })
    }
}

impl From<Outcome> for wire::delivery::Outcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Answered {
                finish,
                parse,
                label,
                usage,
                latency_ms,
                echoed_model,
                request,
                text,
            } => Self::Answered(wire::Answered {
                finish: finish.word().to_owned(),
                parse: parse.word().to_owned(),
                label: label.map(Into::into),
                usage: Some(usage.into()),
                latency_ms,
                echoed_model,
                request: request.as_bytes().to_vec(),
                text: Some(text.into()),
            }),
            Outcome::Failed { class, status, message } => Self::Failed(wire::Failed {
                class: class.word().to_owned(),
                status: status.map(Into::into),
                message,
            }),
            Outcome::Released => Self::Released(wire::Released {}),
        }
    }
}

impl TryFrom<wire::delivery::Outcome> for Outcome {
    type Error = WireError;
    fn try_from(outcome: wire::delivery::Outcome) -> Result<Self, WireError> {
        Ok(match outcome {
            wire::delivery::Outcome::Answered(answered) => Self::Answered {
                finish: answered.finish.parse()?,
                parse: answered.parse.parse()?,
                label: answered.label.map(Into::into),
                usage: answered.usage.ok_or(WireError::Missing("usage"))?.into(),
                latency_ms: answered.latency_ms,
                echoed_model: answered.echoed_model,
                request: digest(&answered.request, "request")?,
                text: text(answered.text)?,
            },
            wire::delivery::Outcome::Failed(wire::Failed { class, status, message }) => {
                let status = status.map(u16::try_from).transpose();
                let status = status.map_err(|_out_of_range| WireError::Impossible("status"))?;
                Self::Failed { class: class.parse()?, status, message }
            }
            wire::delivery::Outcome::Released(wire::Released {}) => Self::Released,
        })
    }
}

impl From<FromCoordinator> for wire::CoordinatorFrame {
    fn from(frame: FromCoordinator) -> Self {
        let frame = match frame {
            FromCoordinator::Welcome { term, heartbeat_ms, slices_ms } => {
                Down::Welcome(wire::Welcome { term, heartbeat_ms, slices_ms })
            }
            FromCoordinator::Assignments(jobs) => Down::Assignments(wire::Assignments {
                jobs: jobs.into_iter().map(Into::into).collect(),
            }),
            FromCoordinator::Acknowledged(sequence) => {
                Down::Acknowledged(wire::Acknowledged { sequence })
            }
            FromCoordinator::Slice(slice) => Down::Slice(slice.into()),
            FromCoordinator::Blob { digest, data } => {
                Down::Blob(wire::Blob { digest: digest.as_bytes().to_vec(), data })
            }
            FromCoordinator::Drain => Down::Drain(wire::DrainWorker {}),
            FromCoordinator::ResultCredit(bytes) => {
                Down::ResultCredit(wire::ResultCredit { bytes })
            }
        };
        Self { frame: Some(frame) }
    }
}

impl TryFrom<wire::CoordinatorFrame> for FromCoordinator {
    type Error = WireError;
    fn try_from(frame: wire::CoordinatorFrame) -> Result<Self, WireError> {
        Ok(match frame.frame.ok_or(WireError::Missing("frame"))? {
            Down::Welcome(wire::Welcome { term, heartbeat_ms, slices_ms }) => {
                Self::Welcome { term, heartbeat_ms, slices_ms }
            }
            Down::Assignments(wire::Assignments { jobs }) => Self::Assignments(
                jobs.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            ),
            Down::Acknowledged(wire::Acknowledged { sequence }) => Self::Acknowledged(sequence),
            Down::Slice(slice) => Self::Slice(slice.into()),
            Down::Blob(wire::Blob { digest: bytes, data }) => {
                Self::Blob { digest: digest(&bytes, "digest")?, data }
            }
            Down::Drain(wire::DrainWorker {}) => Self::Drain,
            Down::ResultCredit(wire::ResultCredit { bytes }) => Self::ResultCredit(bytes),
            Down::Part(_) => return Err(WireError::Impossible("part")),
        })
    }
}

impl From<Assignment> for wire::Assignment {
    fn from(assignment: Assignment) -> Self {
        Self {
            lease: Some(assignment.lease.into()),
            sweep: assignment.sweep.0,
            job: assignment.job.number(),
            attempt: assignment.attempt,
            plan: assignment.plan.as_bytes().to_vec(),
            said: assignment.said.into_iter().map(Into::into).collect(),
            key: assignment.key,
        }
    }
}

impl TryFrom<wire::Assignment> for Assignment {
    type Error = WireError;
    fn try_from(wire: wire::Assignment) -> Result<Self, WireError> {
        let said = wire.said.into_iter().map(|said| text(Some(said)));
        Ok(Self {
            lease: lease(wire.lease)?,
            sweep: SweepId(wire.sweep),
            job: job(wire.job)?,
            attempt: wire.attempt,
            plan: digest(&wire.plan, "plan")?,
            said: said.collect::<Result<_, _>>()?,
            key: wire.key,
        })
    }
}
