//! Transcripts by what they are: one cell at a time, so that memory is bounded by a cell, however
//! large the sweep.

mod wanted;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use iago_grading::{Class, Grader};
use iago_protocol::wire::{Message, Parts, Said, Transcript, TranscriptsRequest};
use iago_report::Material;
use iago_store::{READ_MAX, Store};
use iago_sweep::{
    Conversation, Coordinate, JobId, Label, Plan, ResultFact, Role, StageKind, SweepId, Text,
};
use iago_sweep_file::Renderer;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use crate::readings::each_reading;
use crate::services::status::head;
use crate::standing::stored_plan;
use wanted::Wanted;

/// Transcripts that wait for whoever asked.
const WAITING_MAX: usize = 8;
/// Results in one page.
const PAGE: usize = 10_000;

/// What a transcript is called that is in no outcome.
const UNKNOWN: &str = "unknown";
const PENDING: &str = "pending";
const DROPPED: &str = "dropped:";

type Found = BoxStream<'static, Result<Transcript, Status>>;
type ByTranscript = BTreeMap<(u32, u32), Vec<ResultFact>>;

/// A sweep that is looked into.
struct Search<S> {
    store: Arc<S>,
    sweep: SweepId,
    plan: Plan,
    grader: Grader,
    renderer: Renderer,
    material: Material,
    wanted: Wanted,
}

/// Transcripts that are as asked for, by cell, repeat and prompt.
pub(crate) async fn find<S: Store>(
    store: Arc<S>,
    request: TranscriptsRequest,
) -> Result<Found, Status> {
    let sweep = SweepId(request.sweep);
    let revision = head(&*store, sweep).await?.revision;
    let plan = stored_plan(&*store, sweep, revision).await.map_err(internal)?;
    let wanted = Wanted::of(&plan, request)?;
    let grader =
        Grader::new(&plan).map_err(|_errors| internal("the stored plan does not compile"))?;
    let renderer = Renderer::new(&plan).map_err(internal)?;
    let material = Material::new(plan.clone()).map_err(internal)?;
    let search = Search { store, sweep, plan, grader, renderer, material, wanted };
    let (found, receive) = mpsc::channel(WAITING_MAX);
    tokio::spawn(async move {
        if let Err(status) = search.run(&found).await {
            drop(found.send(Err(status)).await);
        }
    });
    Ok(ReceiverStream::new(receive).boxed())
}

impl<S: Store> Search<S> {
    async fn run(mut self, found: &mpsc::Sender<Result<Transcript, Status>>) -> Result<(), Status> {
        for failure in self.store.failures(self.sweep).await.map_err(internal)? {
            self.material.failure(&failure);
        }
        let mut left = self.wanted.limit;
        for cell in self.wanted.cells.clone() {
            let of_cell =
                self.read_cell(cell).await?.into_iter().filter(|((repeat, prompt), facts)| {
                    facts.iter().any(|fact| self.wanted.tells(fact.job.at().stage))
                        && self.wanted.is_outcome(&self.outcome(cell, *prompt, *repeat))
                });
            for (place, facts) in self.wanted.draw(&self.plan, cell, of_cell.collect()) {
                let told = self.tell(cell, place, &facts).await?;
                left -= 1;
                if found.send(Ok(told)).await.is_err() || left == 0 {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The results of a cell: in each stage they stand side by side.
    async fn read_cell(&mut self, cell: u32) -> Result<ByTranscript, Status> {
        let mut facts = ByTranscript::new();
        for stage in 0..u32::try_from(self.plan.stages.len()).unwrap_or(0) {
            let first = Coordinate { stage, cell, ..Coordinate::default() };
            let first = JobId::pack(first).map_err(internal)?.number();
            let mut after = first - 1;
            loop {
                let page = self.store.results(self.sweep, Some(after), PAGE).await;
                let page = page.map_err(internal)?;
                let (read, last) = (page.len(), page.last().map(|fact| fact.job));
                let of_cell =
                    |fact: &ResultFact| (fact.job.at().stage, fact.job.at().cell) == (stage, cell);
                for fact in page.into_iter().filter(of_cell) {
                    self.material.result(&fact);
                    if self.wanted.may_be(fact.job.at()) {
                        let at = fact.job.at();
                        facts.entry((at.repeat, at.prompt)).or_default().push(fact);
                    }
                }
                let Some(last) = last.filter(|_| read == PAGE) else { break };
                if (last.at().stage, last.at().cell) != (stage, cell) {
                    break;
                }
                after = last.number();
            }
            self.read_anew(stage, cell, &mut facts).await?;
        }
        Ok(facts)
    }

    /// What was read anew counts in place of what was read at first.
    async fn read_anew(
        &mut self,
        stage: u32,
        cell: u32,
        facts: &mut ByTranscript,
    ) -> Result<(), Status> {
        let Self { store, sweep, plan, material, .. } = self;
        let read = each_reading(&**store, *sweep, plan, (stage, Some(cell)), |reading| {
            material.reading(&reading);
            let at = reading.job.at();
            let of_transcript = facts.get_mut(&(at.repeat, at.prompt)).into_iter().flatten();
            for fact in of_transcript.filter(|fact| fact.job == reading.job) {
                (fact.parse, fact.label) = (reading.parse, reading.label.clone());
            }
        });
        read.await.map_err(internal)
    }

    fn outcome(&self, cell: u32, prompt: u32, repeat: u32) -> String {
        match self.material.class(cell, prompt, repeat) {
            Class::Outcome(number) => {
                self.plan.outcomes.get(number).map_or_else(String::new, |of| of.name.clone())
            }
            Class::Dropped(reason) => format!("{DROPPED} {reason}"),
            Class::Unknown => UNKNOWN.to_owned(),
            Class::Pending => PENDING.to_owned(),
        }
    }

    async fn tell(
        &self,
        cell: u32,
        (repeat, prompt): (u32, u32),
        facts: &[ResultFact],
    ) -> Result<Transcript, Status> {
        let jobs: Vec<JobId> =
            facts.iter().map(|fact| fact.job).filter(|job| self.is_read(job.at().stage)).collect();
        let mut texts = BTreeMap::new();
        for page in jobs.chunks(READ_MAX) {
            texts.extend(self.store.read(self.sweep, page).await.map_err(internal)?);
        }
        let of = self.plan.cells.get(cell as usize);
        let id = self.plan.prompts.get(prompt as usize);
        Ok(Transcript {
            model: of.map_or_else(String::new, |cell| cell.model.clone()),
            condition: of.map_or_else(String::new, |cell| cell.condition.clone()),
            prompt: id.map_or_else(String::new, |prompt| prompt.id.clone()),
            repeat,
            outcome: self.outcome(cell, prompt, repeat),
            simulated: facts.iter().any(|fact| fact.simulated),
            said: facts
                .iter()
                .filter(|fact| self.wanted.tells(fact.job.at().stage))
                .map(|fact| self.shown(self.said(fact, &texts), fact, facts))
                .collect(),
        })
    }

    /// Whether the texts of a stage are needed: those that are told, and those that these hang on.
    fn is_read(&self, stage: u32) -> bool {
        self.wanted
            .stage
            .is_none_or(|wanted| wanted == stage || self.plan.ancestors_of(wanted).contains(&stage))
    }

    fn said(&self, fact: &ResultFact, texts: &BTreeMap<JobId, Text>) -> Said {
        let at = fact.job.at();
        let stage = self.plan.stages.get(at.stage as usize);
        let label = match &fact.label {
            Some(Label::Word(word)) => Some(word.clone()),
            Some(Label::Abstained) | None => None,
        };
        Said {
            stage: stage.map_or_else(String::new, |stage| stage.name.clone()),
            vote: at.vote,
            finish: fact.finish.to_string(),
            parse: fact.parse.to_string(),
            label,
            text: texts.get(&fact.job).cloned().map(Into::into),
            sent: match self.wanted.parts {
                Parts::Unspecified => self.sent(at, texts),
                Parts::Read | Parts::Seen => Vec::new(),
            },
            parts: self.parts(fact, texts).into_iter().collect(),
            ..Said::default()
        }
    }

    /// With what people need who are to judge it themselves, where that is asked for.
    fn shown(&self, said: Said, fact: &ResultFact, facts: &[ResultFact]) -> Said {
        let at = fact.job.at();
        let stage = self.plan.stages.get(at.stage as usize).filter(|_| {
            // Told with what was seen, and with nothing else.
            self.wanted.parts == Parts::Seen
        });
        let Some(stage) = stage else { return said };
        let StageKind::Judge { sees, text, .. } = &stage.kind else { return said };
        let answered = stage.of().and_then(|of| self.plan.stage_number(of));
        let answer = facts.iter().find(|fact| Some(fact.job.at().stage) == answered);
        Said {
            request: answer.map_or_else(String::new, |fact| fact.request.to_string()),
            sees: sees.clone(),
            labels: stage.labels().into_iter().map(str::to_owned).collect(),
            rubric: text.clone(),
            ..said
        }
    }

    /// What is told beside an answer; nothing where it cannot be told any more.
    fn parts(&self, fact: &ResultFact, texts: &BTreeMap<JobId, Text>) -> BTreeMap<String, String> {
        let at = fact.job.at();
        match self.wanted.parts {
            Parts::Unspecified => BTreeMap::new(),
            Parts::Read => {
                let Some(text) = texts.get(&fact.job) else { return BTreeMap::new() };
                let mut fields = self.grader.parse(at, text, fact.finish).fields;
                fields.retain(|name, _| self.wanted.field.as_ref().is_none_or(|of| of == name));
                fields
            }
            Parts::Seen => {
                let said = self.hangs_on(at, texts);
                self.renderer.seen(&self.plan, &self.grader, at, &said).unwrap_or_default()
            }
        }
    }

    /// The messages that an answer answers; none where they cannot be rendered any more.
    fn sent(&self, at: Coordinate, texts: &BTreeMap<JobId, Text>) -> Vec<Message> {
        let rendered =
            self.renderer.render(&self.plan, &self.grader, at, &self.hangs_on(at, texts));
        rendered.map(messages).unwrap_or_default()
    }

    /// The answers that an answer hangs on, nearest first.
    fn hangs_on(&self, at: Coordinate, texts: &BTreeMap<JobId, Text>) -> Vec<Text> {
        let job = |stage| JobId::pack(Coordinate { stage, vote: 0, ..at }).ok();
        let stages = self.plan.ancestors_of(at.stage).into_iter();
        stages.map_while(|stage| texts.get(&job(stage)?).cloned()).collect()
    }
}

fn messages(conversation: Conversation) -> Vec<Message> {
    let message = |role: &str, content: String| Message { role: role.to_owned(), content };
    let mut sent: Vec<Message> =
        conversation.system.into_iter().map(|text| message("system", text)).collect();
    sent.extend(conversation.turns.into_iter().map(|turn| message(role(turn.role), turn.text)));
    sent.extend(conversation.prefill.map(|text| message("prefill", text)));
    sent
}

fn role(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

fn internal(error: impl std::fmt::Display) -> Status {
    Status::unavailable(error.to_string())
}
