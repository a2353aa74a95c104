//! The same for what workers deliver.

use iago_sweep::{Label, Money, SweepId, Usage};

use super::{WireError, digest, job, lease, text};
use crate::frames::{Delivery, Outcome};
use crate::wire;

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
            broken: delivery.broken,
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
            broken: wire.broken,
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
