//! The same for calls.

use std::time::Duration;

use iago_sweep::{CallEnd, Money, Need, Told, ToldLimit};

use super::WireError;
use crate::calls::{Ask, Call};
use crate::wire;

impl From<Ask> for wire::Ask {
    fn from(Ask { number, pools, need, certain, cost_most }: Ask) -> Self {
        let Need { input: input_tokens, output: output_tokens } = need;
        let cost_most_picodollars = cost_most.map(|most| most.0);
        Self {
            number,
            pools,
            input_tokens,
            output_tokens,
            cost_most_picodollars,
            certain_tokens: certain,
        }
    }
}

impl From<wire::Ask> for Ask {
    fn from(wire: wire::Ask) -> Self {
        let wire::Ask { number, pools, certain_tokens: certain, .. } = wire;
        let need = Need { input: wire.input_tokens, output: wire.output_tokens };
        let cost_most = wire.cost_most_picodollars.map(Money);
        Self { number, pools, need, certain, cost_most }
    }
}

impl From<Call> for wire::Call {
    fn from(call: Call) -> Self {
        let Call { grant, pools, took_ms, how, usage, cost, told } = call;
        let (how, retry_after) = how_of(how);
        Self {
            grant,
            pools,
            took_ms,
            how: how.into(),
            retry_after_ms: retry_after.map(milliseconds),
            usage: usage.map(|Need { input, output }| wire::Took { input, output }),
            cost_picodollars: cost.map(|cost| cost.0),
            told: (told != Told::default()).then(|| told.into()),
        }
    }
}

impl TryFrom<wire::Call> for Call {
    type Error = WireError;
    fn try_from(wire: wire::Call) -> Result<Self, WireError> {
        Ok(Self {
            how: end_of(wire.how(), wire.retry_after_ms.map(Duration::from_millis))?,
            grant: wire.grant,
            pools: wire.pools,
            took_ms: wire.took_ms,
            usage: wire.usage.map(|wire::Took { input, output }| Need { input, output }),
            cost: wire.cost_picodollars.map(Money),
            told: wire.told.map(Into::into).unwrap_or_default(),
        })
    }
}

fn how_of(end: CallEnd) -> (wire::How, Option<Duration>) {
    match end {
        CallEnd::Answered => (wire::How::Answered, None),
        CallEnd::Throttled { retry_after } => (wire::How::Throttled, retry_after),
        CallEnd::Overloaded { retry_after } => (wire::How::Overloaded, retry_after),
        CallEnd::Broken => (wire::How::Broken, None),
        CallEnd::Other => (wire::How::Other, None),
        CallEnd::Unsent => (wire::How::Unsent, None),
    }
}

fn end_of(how: wire::How, retry_after: Option<Duration>) -> Result<CallEnd, WireError> {
    Ok(match how {
        wire::How::Answered => CallEnd::Answered,
        wire::How::Throttled => CallEnd::Throttled { retry_after },
        wire::How::Overloaded => CallEnd::Overloaded { retry_after },
        wire::How::Broken => CallEnd::Broken,
        wire::How::Other => CallEnd::Other,
        wire::How::Unsent => CallEnd::Unsent,
        wire::How::Unspecified => return Err(WireError::Impossible("how")),
    })
}

impl From<Told> for wire::Told {
    fn from(Told { requests, input_tokens, output_tokens, tokens }: Told) -> Self {
        Self {
            requests: requests.map(Into::into),
            input_tokens: input_tokens.map(Into::into),
            output_tokens: output_tokens.map(Into::into),
            tokens: tokens.map(Into::into),
        }
    }
}

impl From<wire::Told> for Told {
    fn from(wire: wire::Told) -> Self {
        Self {
            requests: wire.requests.map(Into::into),
            input_tokens: wire.input_tokens.map(Into::into),
            output_tokens: wire.output_tokens.map(Into::into),
            tokens: wire.tokens.map(Into::into),
        }
    }
}

impl From<ToldLimit> for wire::ToldLimit {
    fn from(ToldLimit { per_day, limit, remaining, reset_after }: ToldLimit) -> Self {
        Self { per_day, limit, remaining, reset_after_ms: reset_after.map(milliseconds) }
    }
}

impl From<wire::ToldLimit> for ToldLimit {
    fn from(wire: wire::ToldLimit) -> Self {
        let wire::ToldLimit { per_day, limit, remaining, reset_after_ms } = wire;
        Self { per_day, limit, remaining, reset_after: reset_after_ms.map(Duration::from_millis) }
    }
}

/// Rounded up: nobody comes back too early.
fn milliseconds(of: Duration) -> u64 {
    u64::try_from(of.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}
