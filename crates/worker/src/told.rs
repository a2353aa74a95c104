//! What a reply says of limits, as the coordinator is told of it.

use iago_sweep::{Told, ToldLimit};
use std::time::SystemTime;

use iago_providers::{Dialect, Window, rate_headers};

/// Reads it from the headers of a reply that has just come.
pub(crate) fn told(dialect: &Dialect, headers: &[(String, String)]) -> Told {
    let limits = rate_headers(dialect, headers);
    let limit = |window: Option<Window>| window.map(told_of);
    Told {
        requests: limit(limits.requests),
        input_tokens: limit(limits.input_tokens),
        output_tokens: limit(limits.output_tokens),
        tokens: limit(limits.tokens),
    }
}

fn told_of(window: Window) -> ToldLimit {
    let Window { limit, remaining, reset, per_day } = window;
    #[expect(
        clippy::disallowed_methods,
        reason = "an endpoint may name a moment by its clock; only waits travel"
    )]
    let reset_after = reset.map(|reset| reset.wait_from(SystemTime::now()));
    ToldLimit { per_day, limit, remaining, reset_after }
}
