//! What the service of nights answers, call by call.

pub(crate) mod baselines;
pub(crate) mod gate;

#[cfg(test)]
mod tests;
