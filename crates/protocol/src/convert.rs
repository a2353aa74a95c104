//! Translation between wire types and nouns: once, here, with every value checked.

mod calls;
mod deliveries;

use iago_sweep::{Digest, JobId, Money, Need, SweepId, Text, UnknownWord, escape, unescape};

use crate::frames::{
    Assignment, FromCoordinator, FromWorker, Heartbeat, Held, Inventory, Lease, Slice,
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
    fn from(Text { raw, reasoning, altered, logprobs }: Text) -> Self {
        let reasoning = reasoning.as_deref().map(escape);
        Self { raw: escape(&raw), reasoning, altered, logprobs: logprobs.as_deref().map(escape) }
    }
}

fn text(wire: Option<wire::Text>) -> Result<Text, WireError> {
    let wire::Text { raw, reasoning, altered, logprobs } =
        wire.ok_or(WireError::Missing("text"))?;
    let (reasoning, logprobs) =
        (reasoning.as_deref().map(unescape), logprobs.as_deref().map(unescape));
    Ok(Text { raw: unescape(&raw), reasoning, altered, logprobs })
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
            FromWorker::Asks(asks) => {
                Up::Asks(wire::Asks { asks: asks.into_iter().map(Into::into).collect() })
            }
            FromWorker::Withdrawn(numbers) => Up::Withdrawn(wire::Withdrawn { numbers }),
            FromWorker::Calls(calls) => {
                Up::Calls(wire::Calls { calls: calls.into_iter().map(Into::into).collect() })
            }
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
            Up::Asks(wire::Asks { asks }) => Self::Asks(asks.into_iter().map(Into::into).collect()),
            Up::Withdrawn(wire::Withdrawn { numbers }) => Self::Withdrawn(numbers),
            Up::Calls(wire::Calls { calls }) => {
                Self::Calls(calls.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?)
            }
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
    fn from(slice: Slice) -> Self {
        Self {
            pool: slice.pool,
            requests_per_minute: slice.requests_per_minute,
            concurrency: slice.concurrency,
            metered: slice.metered,
            limit_in_force: slice.limit_in_force,
            lifts: slice.lifts,
            number: slice.number,
            over: slice.over,
        }
    }
}

impl From<wire::Slice> for Slice {
    fn from(wire: wire::Slice) -> Self {
        Self {
            pool: wire.pool,
            requests_per_minute: wire.requests_per_minute,
            concurrency: wire.concurrency,
            metered: wire.metered,
            limit_in_force: wire.limit_in_force,
            lifts: wire.lifts,
            number: wire.number,
            over: wire.over,
        }
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
            FromCoordinator::Grants { granted, refused, declined, sent_ms } => {
                let refused =
                    refused.into_iter().map(|(number, why)| wire::Refused { number, why });
                let refused = refused.collect();
                Down::Grants(wire::Grants { granted, refused, declined, sent_ms })
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
            Down::Grants(wire::Grants { granted, refused, declined, sent_ms }) => {
                let refused =
                    refused.into_iter().map(|wire::Refused { number, why }| (number, why));
                Self::Grants { granted, refused: refused.collect(), declined, sent_ms }
            }
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
            pools: assignment.pools,
            input_tokens: assignment.need.input,
            output_tokens: assignment.need.output,
            cost_most_picodollars: assignment.cost_most.map(|most| most.0),
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
            pools: wire.pools,
            need: Need { input: wire.input_tokens, output: wire.output_tokens },
            cost_most: wire.cost_most_picodollars.map(Money),
        })
    }
}
