//! Scores: our own code over stored answers, with no call to anybody.

use std::sync::Arc;

use iago_protocol::{Assignment, Outcome};
use iago_sweep::{Coordinate, Digest, Finish, Label, Parse, StageKind, Text, Usage};
use iago_sweep_file::RenderError;
use tokio::time::Instant;

use crate::asks::Draw;
use crate::bench::Bench;
use crate::job::{Ending, Spent};
use crate::work::Work;

/// Scores one transcript. What is stored as its text is what a program would have replied:
/// `{"label":"yes"}`, `{"label":"no"}` or `{"abstain":true}`.
pub(crate) async fn score(bench: &Bench, assignment: &mut Assignment) -> Ending {
    let key = Digest::of(&assignment.key).seed();
    let permit = match bench.enter(key, Draw::of(assignment)).await {
        Ok(permit) => permit,
        Err(unstarted) => return Ending::unstarted(unstarted, Spent::default()),
    };
    let (at, begun) = (assignment.job.at(), Instant::now());
    let said = std::mem::take(&mut assignment.said);
    let (request, scored) = score_apart(&bench.work, at, said).await;
    drop(permit);
    match scored {
        Ok(label) => {
            let raw = say(&label);
            let latency_ms = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
            Scored { label, raw, request, latency_ms, version: None }.end()
        }
        Err(error) => Ending::rejected(format!("it cannot be scored: {error}")),
    }
}

/// What code came to, be it ours or a program's.
pub(crate) struct Scored {
    pub(crate) label: Label,
    pub(crate) raw: String,
    /// Hash of what was scored.
    pub(crate) request: Digest,
    pub(crate) latency_ms: u32,
    /// Of the program, where it says one.
    pub(crate) version: Option<String>,
}

impl Scored {
    pub(crate) fn end(self) -> Ending {
        let Self { label, raw, request, latency_ms, version } = self;
        let outcome = Outcome::Answered {
            finish: Finish::Stop,
            parse: Parse::Ok,
            label: Some(label),
            usage: Usage::default(),
            latency_ms,
            echoed_model: version,
            request,
            text: Text { raw, ..Text::default() },
        };
        Ending::new(outcome, Spent::default())
    }
}

/// The label that a score stage gives to answers, nearest first, and the hash of what was scored. It
/// runs on a thread of its own: a regular expression or a schema over a long answer would hold up
/// every connection of the worker.
pub(crate) async fn score_apart(
    work: &Arc<Work>,
    at: Coordinate,
    said: Vec<Text>,
) -> (Digest, Result<Label, RenderError>) {
    let work = Arc::clone(work);
    let scoring = tokio::task::spawn_blocking(move || {
        let Work { plan, grader, renderer } = &*work;
        (hash(&work, at, &said), renderer.score(plan, grader, at, &said))
    });
    // A bug in it is this job's, as anywhere else in an attempt.
    scoring.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// What is stored of a label that our own code gives.
pub(crate) fn say(label: &Label) -> String {
    match label {
        Label::Word(word) => serde_json::json!({ "label": word }).to_string(),
        Label::Abstained => serde_json::json!({ "abstain": true }).to_string(),
    }
}

/// Of how it is scored and of what.
fn hash(work: &Work, at: Coordinate, said: &[Text]) -> Digest {
    let stage = work.plan.stages.get(at.stage as usize);
    let scorer = stage.and_then(|stage| match &stage.kind {
        StageKind::Score { scorer, .. } => Some(scorer),
        StageKind::Generate { .. } | StageKind::Judge { .. } => None,
    });
    Digest::of_value(&(scorer, said))
}
