//! What a worker needs to know of a sweep: the plan, compiled once for each revision.

use iago_grading::Grader;
use iago_sweep::{Digest, Plan};
use iago_sweep_file::Renderer;

/// A compiled plan.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) plan: Plan,
    pub(crate) grader: Grader,
    pub(crate) renderer: Renderer,
}

/// A plan that came over the wire and is not what it should be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkError {
    #[error("plan {} is not a plan that this iago can read: {source}", digest.short())]
    Unreadable { digest: Digest, source: serde_json::Error },
    #[error("plan {} arrived with other content", .0.short())]
    Altered(Digest),
    #[error("plan {} does not compile here: {why}", digest.short())]
    Uncompilable { digest: Digest, why: String },
}

impl Work {
    /// Compiles a plan from its JSON, whose hash must be `digest`.
    pub(crate) fn compile(digest: Digest, json: &[u8]) -> Result<Self, WorkError> {
        if Digest::of(json) != digest {
            return Err(WorkError::Altered(digest));
        }
        let plan: Plan = serde_json::from_slice(json)
            .map_err(|source| WorkError::Unreadable { digest, source })?;
        let grader = Grader::new(&plan).map_err(|errors| {
            let why = errors.first().map_or_else(String::new, ToString::to_string);
            WorkError::Uncompilable { digest, why }
        })?;
        let renderer = Renderer::new(&plan)
            .map_err(|error| WorkError::Uncompilable { digest, why: error.to_string() })?;
        Ok(Self { plan, grader, renderer })
    }
}
