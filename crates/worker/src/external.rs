//! A score by a program: asked with what the stage sees, and again where it breaks.

use iago_attempt::{Attempt, Ended, Next, Trouble};
use iago_protocol::{Assignment, Outcome};
use iago_sweep::{Coordinate, Digest, FailureClass, Label, Plan, Says, Scorer, StageKind};
use iago_sweep_file::RenderError;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use crate::asks::Draw;
use crate::backoff::{PROGRAMS, delay};
use crate::bench::{Bench, Unstarted};
use crate::job::{Ending, Spent};
use crate::local::{Scored, say};
use crate::process::Broken;
use crate::program::{Program, Said, Silent};
use crate::standing::Asker;
use crate::work::Work;

/// Asks a program until it replies, or `iago-attempt` says enough. What is stored as the text is its
/// reply.
pub(crate) async fn run_program(
    bench: &Bench,
    program: &Program,
    assignment: &Assignment,
) -> Ending {
    let (question, says) = match read_question(&bench.work, assignment) {
        Ok(question) => question,
        Err(Unasked::Unknown(request)) => return abstain(request),
        Err(Unasked::Never(why)) => return Ending::rejected(why),
    };
    let (by, seed) = ((assignment.sweep, assignment.job), Digest::of(&assignment.key).seed());
    let draw = Draw::of(assignment);
    let run = Run { bench, program, by, says, seed, draw };
    match run.insist(&question).await {
        Ok(ending) => ending,
        Err(unstarted) => Ending::unstarted(unstarted, Spent::default()),
    }
}

struct Run<'a> {
    bench: &'a Bench,
    program: &'a Program,
    by: Asker,
    says: &'a Says,
    seed: u64,
    draw: Draw,
}

/// Why a program is not asked.
enum Unasked {
    /// An answer lacks a part that it is to see. With the hash of what there is.
    Unknown(Digest),
    /// The job makes no sense.
    Never(String),
}

impl Run<'_> {
    async fn insist(&self, question: &Map<String, Value>) -> Result<Ending, Unstarted> {
        let mut attempt = Attempt::default();
        loop {
            let permit = self.bench.enter(self.seed, self.draw).await?;
            let begun = Instant::now();
            let asked = self.program.ask(self.by, question, self.says).await;
            drop(permit);
            let broken = match asked {
                Ok(said) => return Ok(replied(question, said, begun)),
                Err(Silent::Stopped) => return Err(Unstarted::Draining),
                Err(Silent::Broken(broken)) => broken,
            };
            self.bench.tally.trouble("program");
            // A run of a program is no HTTP exchange: it counts as one that was never sent, so that
            // calls stay what the endpoints' logs say.
            let trouble = Trouble { status: None, message: broken.to_string() };
            match attempt.ended(Ended::Unsent { trouble, counts: true }) {
                Next::CallAgain { backoff, .. } => {
                    let nth = backoff.unwrap_or_default();
                    self.bench.rest(delay(PROGRAMS, nth, self.seed)).await?;
                }
                Next::Fail(class) => return self.give_up(class, &broken),
                Next::Deliver | Next::Release => return Err(Unstarted::Draining),
            }
        }
    }

    /// A program that cannot be started needs a person, and so does one that never replied to any of
    /// several jobs: neither burns any job.
    fn give_up(&self, class: FailureClass, broken: &Broken) -> Result<Ending, Unstarted> {
        let message = format!("the program of pool `{}`: {broken}", self.bench.route.names()[0]);
        let is_unusable = matches!(broken, Broken::Unstarted(_)) || self.program.is_unusable();
        if is_unusable {
            self.bench.route.home().gate.with(|gate, _| gate.block(message.clone()));
            return Err(Unstarted::Blocked(message));
        }
        Ok(Ending::new(Outcome::Failed { class, status: None, message }, Spent::default()))
    }
}

fn replied(question: &Map<String, Value>, said: Said, begun: Instant) -> Ending {
    let Said { label, line, version } = said;
    let latency_ms = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
    let request = Digest::of_value(question);
    Scored { label, raw: line, request, latency_ms, version }.end()
}

/// What an answer lacks is unknown, and nobody is asked about it.
fn abstain(request: Digest) -> Ending {
    let label = Label::Abstained;
    let raw = say(&label);
    Scored { label, raw, request, latency_ms: 0, version: None }.end()
}

/// The request without its `id`, and what may be replied.
fn read_question<'a>(
    work: &'a Work,
    assignment: &Assignment,
) -> Result<(Map<String, Value>, &'a Says), Unasked> {
    let Work { plan, grader, renderer } = work;
    let at = assignment.job.at();
    let nothing = || Unasked::Never("the plan has no program for this job".to_owned());
    let says = find_says(plan, at).ok_or_else(nothing)?;
    let seen = renderer.seen(plan, grader, at, &assignment.said).map_err(|error| {
        if matches!(error, RenderError::FieldAbsent { .. }) {
            Unasked::Unknown(Digest::of_value(&assignment.said))
        } else {
            Unasked::Never(format!("it cannot be scored: {error}"))
        }
    })?;
    let mut question = describe(plan, at).ok_or_else(nothing)?;
    question.insert("values".to_owned(), json!(seen));
    Ok((question, says))
}

fn find_says(plan: &Plan, at: Coordinate) -> Option<&Says> {
    match &plan.stages.get(at.stage as usize)?.kind {
        StageKind::Score { scorer: Scorer::External { says, .. }, .. } => Some(says),
        StageKind::Score { .. } | StageKind::Generate { .. } | StageKind::Judge { .. } => None,
    }
}

/// Which transcript it is about, by the names that people know.
fn describe(plan: &Plan, at: Coordinate) -> Option<Map<String, Value>> {
    let cell = plan.cells.get(at.cell as usize)?;
    let prompt = plan.prompts.get(at.prompt as usize)?;
    let named = json!({
        "sweep": plan.name,
        "prompt": prompt.id,
        "model": cell.model,
        "condition": cell.condition,
        "repeat": at.repeat,
    });
    if let Value::Object(named) = named { Some(named) } else { None }
}
