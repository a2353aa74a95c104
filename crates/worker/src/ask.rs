//! A job that asks a model: once, or again within bounds where the answer cannot be used.

use iago_grading::read_label;
use iago_protocol::{Assignment, Outcome};
use iago_providers::encode;
use iago_sweep::{
    Again, Conversation, Coordinate, Digest, FailureClass, Finish, Label, Model, Parameters, Parse,
    Role, StageKind, Text, Turn,
};

use crate::answers::Answers;
use crate::asks::Draw;
use crate::bench::{Bench, Endpoint};
use crate::caller::{Called, Caller};
use crate::job::{Ending, Spent};
use crate::local::score_apart;
use crate::sealed::Sealed;
use crate::work::Work;

/// Asks until there is what is delivered.
pub(crate) async fn ask(bench: &Bench, endpoint: &Endpoint, assignment: &Assignment) -> Ending {
    match Asking::new(bench, endpoint, assignment) {
        Ok((asking, conversation)) => asking.ask_on(conversation).await,
        Err(why) => Ending::rejected(why),
    }
}

struct Asking<'a> {
    bench: &'a Bench,
    endpoint: &'a Endpoint,
    assignment: &'a Assignment,
    at: Coordinate,
    model: &'a Model,
    parameters: Parameters,
    caller: Caller<'a>,
    answers: Answers,
}

/// What is read in the text that stands for all answers.
struct Reading {
    /// Whether that is all of them, and not the last one.
    joined: bool,
    parse: Parse,
    label: Option<Label>,
}

impl<'a> Asking<'a> {
    /// With the conversation that it begins with.
    fn new(
        bench: &'a Bench,
        endpoint: &'a Endpoint,
        assignment: &'a Assignment,
    ) -> Result<(Self, Conversation), String> {
        let Work { plan, grader, renderer } = &*bench.work;
        let at = assignment.job.at();
        let asked = plan.model_asked(at.stage, at.cell);
        let asked = asked.zip(plan.parameters_asked(at.stage, at.cell));
        let (model, parameters) = asked.ok_or("the plan has no model for this job")?;
        let conversation = renderer
            .render(plan, grader, at, &assignment.said)
            .map_err(|error| format!("the messages cannot be rendered: {error}"))?;
        let parameters = parameters.of_job(at);
        let (draw, seed) = (Draw::of(assignment), Digest::of(&assignment.key).seed());
        let counts_cached = endpoint.settings.dialect.counts_cached();
        let (model_id, cached) = (&model.id, parameters.cache_prefix && !counts_cached);
        let caller = Caller { bench, endpoint, model_id, draw, cached, seed };
        let answers = Answers::default();
        let asking = Self { bench, endpoint, assignment, at, model, parameters, caller, answers };
        Ok((asking, conversation))
    }

    async fn ask_on(mut self, mut conversation: Conversation) -> Ending {
        loop {
            let request = self.encode(&conversation);
            let prefill = conversation.prefill.as_deref();
            match self.caller.call_until_answered(&request, prefill).await {
                Called::Answered(answered) => {
                    let joins = matches!(self.again(), Some(Again::Continue { .. }));
                    self.answers.take(*answered, request.digest(), joins);
                }
                // It will not be asked any further, and what was answered stands.
                Called::Failed { class: FailureClass::Rejected, .. } if self.answers.count > 0 => {
                    return self.deliver();
                }
                Called::Failed { class, status, message } => {
                    let outcome = Outcome::Failed { class, status, message };
                    return Ending::new(outcome, self.spent());
                }
                Called::Released(unstarted) => return Ending::unstarted(unstarted, self.spent()),
            }
            match self.follow_up(conversation).await {
                Some(next) => conversation = next,
                None => return self.deliver(),
            }
        }
    }

    fn encode(&self, conversation: &Conversation) -> Sealed {
        let key = self.find_key(conversation);
        let dialect = &self.endpoint.settings.dialect;
        // With the seed of an earlier answer its like would come again.
        let seed = self.parameters.seed.map(|seed| seed.wrapping_add(self.answers.seeds_apart()));
        let parameters = Parameters { seed, ..self.parameters.clone() };
        Sealed::new(encode(dialect, &self.model.id, conversation, &parameters, &key))
    }

    /// Every further request of a job has a key of its own, or an endpoint might answer it with what
    /// it answered before. And a key never bears two bodies, which gateways refuse: what comes later
    /// in a conversation hangs on what was said earlier, and that is another in every attempt.
    fn find_key(&self, conversation: &Conversation) -> String {
        let key = &self.assignment.key;
        match (self.answers.count, self.again()) {
            (0, _) => key.clone(),
            (earlier, Some(Again::Continue { .. })) => {
                let said = Digest::of_value(conversation).short();
                format!("{key}t{}x{said}", earlier + 1)
            }
            (earlier, Some(Again::Resample { .. }) | None) => format!("{key}t{}", earlier + 1),
        }
    }

    /// What is asked next, where the answers so far are not enough.
    async fn follow_up(&self, conversation: Conversation) -> Option<Conversation> {
        match self.again()? {
            Again::Continue { turns_max, message } => {
                let has_turns = self.answers.count < *turns_max && !self.answers.are_long();
                let goes_on = has_turns && !self.is_settled();
                goes_on.then(|| continued(conversation, &self.answers.last.raw, message))
            }
            Again::Resample { tries_max, until } => {
                let goes_on = self.answers.count < *tries_max && !self.is_accepted(until).await;
                goes_on.then_some(conversation)
            }
        }
    }

    fn again(&self) -> Option<&'a Again> {
        match &self.bench.work.plan.stages.get(self.at.stage as usize)?.kind {
            StageKind::Generate { again, .. } => again.as_ref(),
            StageKind::Judge { .. } | StageKind::Score { .. } => None,
        }
    }

    /// Whether nothing is gained by going on. After a refusal that would be pressing for what was
    /// refused.
    fn is_settled(&self) -> bool {
        match self.answers.finish {
            Finish::Refusal | Finish::Filter => true,
            Finish::Stop | Finish::Length | Finish::Empty => self.read().parse == Parse::Ok,
        }
    }

    /// Whether the score stage says `yes`. Where it can say nothing about any answer, more of them
    /// are of no use, and this one stands.
    async fn is_accepted(&self, until: &str) -> bool {
        let work = &self.bench.work;
        let Some(stage) = work.plan.stage_number(until) else { return true };
        let at = Coordinate { stage, vote: 0, ..self.at };
        let mut said = vec![self.answers.last.clone()];
        said.extend_from_slice(&self.assignment.said);
        let (_, scored) = score_apart(work, at, said).await;
        scored.map_or(true, |label| label == Label::Word("yes".to_owned()))
    }

    /// What stands for all answers: the last one alone where it can be read, and else all of them.
    fn read(&self) -> Reading {
        let alone = self.read_text(&self.answers.last);
        match &self.answers.joined {
            Some(joined) if alone.parse != Parse::Ok => {
                Reading { joined: true, ..self.read_text(joined) }
            }
            Some(_) | None => alone,
        }
    }

    fn read_text(&self, text: &Text) -> Reading {
        let Work { plan, grader, .. } = &*self.bench.work;
        let finish = self.answers.finish;
        let (parse, label) = match plan.stages.get(self.at.stage as usize).map(|stage| &stage.kind)
        {
            Some(StageKind::Judge { question, .. }) => {
                (Parse::Ok, Some(read_label(question, &text.raw, finish)))
            }
            Some(StageKind::Generate { .. }) => (grader.parse(self.at, text, finish).parse, None),
            Some(StageKind::Score { .. }) | None => (Parse::Missing, None),
        };
        Reading { joined: false, parse, label }
    }

    fn spent(&self) -> Spent {
        Spent::counted(&self.bench.counts)
    }

    fn deliver(self) -> Ending {
        let Reading { joined: is_joined, parse, label } = self.read();
        let spent = self.spent();
        let Answers { last, joined, finish, usage, latency, model, request, .. } = self.answers;
        let text = joined.filter(|_| is_joined).unwrap_or(last);
        let outcome = Outcome::Answered {
            finish,
            parse,
            label,
            usage,
            latency_ms: u32::try_from(latency.as_millis()).unwrap_or(u32::MAX),
            echoed_model: model,
            request,
            text,
        };
        Ending::new(outcome, spent)
    }
}

/// The conversation with its last answer and what is said to it. An answer of nothing is no turn:
/// vendors refuse an empty one, and two turns of the user in a row.
fn continued(mut conversation: Conversation, answer: &str, message: &str) -> Conversation {
    conversation.prefill = None;
    let turns = &mut conversation.turns;
    if !answer.trim().is_empty() {
        turns.push(Turn { role: Role::Assistant, text: answer.to_owned() });
    }
    match turns.last_mut() {
        Some(Turn { role: Role::User, text }) => {
            text.push_str("\n\n");
            text.push_str(message);
        }
        Some(_) | None => turns.push(Turn { role: Role::User, text: message.to_owned() }),
    }
    conversation
}
