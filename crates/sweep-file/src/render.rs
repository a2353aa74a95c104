//! Plan and coordinate to what a job needs: the conversation that is sent, the label that code comes
//! to, or the values that a program is given.

use std::collections::{BTreeMap, BTreeSet};

use iago_grading::{Grader, read_fields};
use iago_sweep::{
    Conversation, Coordinate, Label, Message, Plan, Question, Role, Scorer, Stage, StageKind, Text,
    Turn,
};
use minijinja::Value;

use crate::template::{Context, Templates, is_function};
use crate::tree::item_key;

mod job;
mod keys;

use job::{Job, context_of};

pub(crate) use job::fields_before;
pub(crate) use keys::{list_templates, messages_key, scorer_key, stage_key, template_key};

/// What cannot be made for a job. The same coordinate fails the same way every time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A template that does not compile, or stops in the middle.
    #[error("{place}: {message}")]
    Template {
        /// The key of the template in the sweep file.
        place: String,
        /// The template's line and what is wrong there.
        message: String,
    },
    /// A template reads a variable that is not set for this coordinate.
    #[error("{place}: `{variable}` is undefined in condition `{condition}`")]
    Undefined {
        /// The key of the template in the sweep file.
        place: String,
        /// The variable.
        variable: String,
        /// The condition of the cell.
        condition: String,
    },
    /// A stage is to see a part that no answer before it has.
    #[error("{place}: the answer has no `{field}`, which this stage has to see")]
    FieldAbsent {
        /// The key of the stage or of its template in the sweep file.
        place: String,
        /// The field.
        field: String,
    },
    /// The messages that are shown make no conversation.
    #[error("{place}: {message}")]
    Shape {
        /// The key of the messages in the sweep file.
        place: String,
        /// What is wrong with their order.
        message: &'static str,
    },
    /// The answer that a stage goes on from was not given.
    #[error("{place}: the answer that this stage goes on from is not there")]
    Unsaid {
        /// The key of the messages in the sweep file.
        place: String,
    },
    /// The coordinate is not in the plan, or its stage does something else.
    #[error("the plan has no {0}")]
    Beyond(&'static str),
}

/// The compiled templates of one plan, and the values that do not change from job to job.
///
/// Every answer is a function of the arguments.
#[derive(Debug)]
pub struct Renderer {
    templates: Templates,
    /// What each template reads, by its key.
    variables: BTreeMap<String, BTreeSet<String>>,
    /// The values of the sweep and of a condition's levels, by the condition's name.
    conditions: BTreeMap<String, Context>,
    /// The values that a model sets, by its name.
    models: BTreeMap<String, Context>,
}

impl Renderer {
    /// Compiles a plan's templates.
    ///
    /// # Errors
    /// A template that does not compile. A plan that [`SweepFile::compile`](crate::SweepFile)
    /// made has none.
    pub fn new(plan: &Plan) -> Result<Self, RenderError> {
        let (mut templates, mut variables) = (Templates::new(), BTreeMap::new());
        for (place, template) in plan.stages.iter().flat_map(list_templates) {
            templates.add(&place, template).map_err(|error| RenderError::Template {
                place: place.clone(),
                message: error.to_string(),
            })?;
            let mut read = templates.variables(&place);
            read.retain(|name| !is_function(name));
            variables.insert(place, read);
        }
        let conditions = plan.conditions.iter().map(|condition| {
            let mut set = plan.variables.clone();
            set.extend(plan.variables_of(condition));
            (condition.name.clone(), context_of(set))
        });
        let models = plan.models.iter();
        let models = models.map(|model| (model.name.clone(), context_of(model.set.clone())));
        let (conditions, models) = (conditions.collect(), models.collect());
        Ok(Self { templates, variables, conditions, models })
    }

    /// The conversation of a job that asks a model or a judge.
    ///
    /// `said` are the answers that the job hangs on, nearest first ([`Plan::ancestors_of`]). A judge
    /// gets what its `sees` names and nothing else, whatever else is known. A stage that continues
    /// begins with the whole conversation before it, the answer included.
    ///
    /// # Errors
    /// A variable, field or answer that is not there, or a template that stops: the job cannot be
    /// asked.
    pub fn render(
        &self,
        plan: &Plan,
        grader: &Grader,
        at: Coordinate,
        said: &[Text],
    ) -> Result<Conversation, RenderError> {
        let job = Job::find(plan, at, read_fields(plan, grader, at, said))?;
        match &job.stage.kind {
            StageKind::Generate { follows, messages, .. } => {
                let continues = follows.as_ref().is_some_and(|follows| follows.continues);
                let begun = if continues {
                    self.take_up(plan, grader, at, said)?
                } else {
                    Conversation::default()
                };
                self.render_messages(begun, &job, &list_shown(grader, at, messages))
            }
            StageKind::Judge { sees, question, .. } => self.render_judge(&job, sees, question),
            StageKind::Score { .. } => Err(RenderError::Beyond("conversation in this stage")),
        }
    }

    /// What a score stage comes to that needs no program.
    ///
    /// A part that an answer lacks, whether it is scored or only compared with, makes the label
    /// [`Label::Abstained`]: unknown, and never `no`.
    ///
    /// # Errors
    /// As for [`Renderer::render`], and where the stage is no score or needs a program.
    pub fn score(
        &self,
        plan: &Plan,
        grader: &Grader,
        at: Coordinate,
        said: &[Text],
    ) -> Result<Label, RenderError> {
        let job = Job::find(plan, at, read_fields(plan, grader, at, said))?;
        let scorer = match &job.stage.kind {
            StageKind::Score { scorer, .. } if scorer.program().is_none() => scorer,
            StageKind::Score { .. } | StageKind::Generate { .. } | StageKind::Judge { .. } => {
                return Err(RenderError::Beyond("score without a program in this stage"));
            }
        };
        let expected = match self.render_expected(&job, scorer) {
            Ok(expected) => expected,
            Err(RenderError::FieldAbsent { .. }) => return Ok(Label::Abstained),
            Err(error) => return Err(error),
        };
        let field = scorer.field().and_then(|name| job.field(name));
        Ok(grader.score(at.stage, field, expected.as_deref()))
    }

    /// What a score stage compares with; `None` where it compares with nothing.
    ///
    /// # Errors
    /// As for [`Renderer::render`], and where that hangs on what an answer says.
    pub(crate) fn expect(
        &self,
        plan: &Plan,
        at: Coordinate,
    ) -> Result<Option<String>, RenderError> {
        let job = Job::find(plan, at, BTreeMap::new())?;
        match &job.stage.kind {
            StageKind::Score { scorer, .. } => self.render_expected(&job, scorer),
            StageKind::Generate { .. } | StageKind::Judge { .. } => {
                Err(RenderError::Beyond("score in this stage"))
            }
        }
    }

    /// The values that a judge or a program is given: what its `sees` names, and nothing else.
    ///
    /// # Errors
    /// A part that the answer does not have, and a stage that sees nothing by name.
    #[expect(clippy::unused_self, reason = "a job's three questions are put to one thing")]
    pub fn seen(
        &self,
        plan: &Plan,
        grader: &Grader,
        at: Coordinate,
        said: &[Text],
    ) -> Result<BTreeMap<String, String>, RenderError> {
        let job = Job::find(plan, at, read_fields(plan, grader, at, said))?;
        match &job.stage.kind {
            StageKind::Judge { sees, .. }
            | StageKind::Score { scorer: Scorer::External { sees, .. }, .. } => job.show(sees),
            StageKind::Generate { .. } | StageKind::Score { .. } => {
                Err(RenderError::Beyond("`sees` in this stage"))
            }
        }
    }

    /// The messages of a generate stage alone, with a stand-in for every part of earlier answers.
    pub(crate) fn rehearse(
        &self,
        plan: &Plan,
        grader: &Grader,
        at: Coordinate,
    ) -> Result<Conversation, RenderError> {
        let stand_in = |field: &iago_sweep::Field| (field.name.clone(), "text".to_owned());
        let fields = fields_before(plan, at.stage).into_iter().map(stand_in).collect();
        let job = Job::find(plan, at, fields)?;
        let StageKind::Generate { messages, .. } = &job.stage.kind else {
            return Err(RenderError::Beyond("messages in this stage"));
        };
        let shown = list_shown(grader, at, messages);
        self.render_messages(Conversation::default(), &job, &shown)
    }

    /// The conversation that a stage goes on from. The answer holds the prefill that it began with.
    fn take_up(
        &self,
        plan: &Plan,
        grader: &Grader,
        at: Coordinate,
        said: &[Text],
    ) -> Result<Conversation, RenderError> {
        let stage = plan.parent_of(at.stage).ok_or(RenderError::Beyond("stage before this one"))?;
        let place = || plan.stages.get(at.stage as usize).map(messages_key).unwrap_or_default();
        let (answer, before) =
            said.split_first().ok_or_else(|| RenderError::Unsaid { place: place() })?;
        let mut begun = self.render(plan, grader, Coordinate { stage, vote: 0, ..at }, before)?;
        begun.prefill = None;
        begun.turns.push(Turn { role: Role::Assistant, text: answer.raw.clone() });
        Ok(begun)
    }

    fn render_messages(
        &self,
        mut conversation: Conversation,
        job: &Job<'_>,
        shown: &[(usize, Role)],
    ) -> Result<Conversation, RenderError> {
        let messages = messages_key(job.stage);
        check_order(job.stage, shown.iter().map(|(_, role)| *role))
            .map_err(|message| RenderError::Shape { place: messages.clone(), message })?;
        let context = self.context_for(job);
        for (position, (number, role)) in shown.iter().enumerate() {
            let text = self.render_template(&item_key(&messages, *number), &context, job)?;
            let is_last = position + 1 == shown.len();
            match role {
                Role::System => conversation.system = Some(text),
                Role::Assistant if is_last => conversation.prefill = Some(text),
                Role::User | Role::Assistant => {
                    conversation.turns.push(Turn { role: *role, text });
                }
            }
        }
        Ok(conversation)
    }

    fn render_judge(
        &self,
        job: &Job<'_>,
        sees: &[String],
        question: &Question,
    ) -> Result<Conversation, RenderError> {
        let shown = job.show(sees)?;
        let shown = shown.into_iter().map(|(name, text)| (name, Value::from(text))).collect();
        let text = self.render_template(&stage_key(job.stage), &shown, job)?;
        let text = format!("{text}\n\n{}", question.instruction());
        Ok(Conversation { turns: vec![Turn { role: Role::User, text }], ..Conversation::default() })
    }

    /// What a score compares with; `None` where it compares with nothing.
    fn render_expected(
        &self,
        job: &Job<'_>,
        scorer: &Scorer,
    ) -> Result<Option<String>, RenderError> {
        let templates = scorer.templates();
        let Some((key, _)) = templates.first() else { return Ok(None) };
        let place = format!("{}.{key}", scorer_key(job.stage, scorer));
        self.render_template(&place, &self.context_for(job), job).map(Some)
    }

    /// What the stage's own texts may read: the variables of its cell, prompt fields, earlier answers.
    fn context_for(&self, job: &Job<'_>) -> Context {
        let mut context = self.conditions.get(&job.condition.name).cloned().unwrap_or_default();
        context.extend(self.models.get(job.model).cloned().unwrap_or_default());
        context.extend(job.values());
        context
    }

    fn render_template(
        &self,
        place: &str,
        context: &Context,
        job: &Job<'_>,
    ) -> Result<String, RenderError> {
        let mut read = self.variables.get(place).into_iter().flatten();
        if let Some(missing) = read.find(|name| !context.contains_key(*name)) {
            return Err(job.lacks(place.to_owned(), missing));
        }
        self.templates.render(place, context).map_err(|error| RenderError::Template {
            place: place.to_owned(),
            message: error.to_string(),
        })
    }
}

/// The messages that a job has, each with its number and who speaks.
fn list_shown(grader: &Grader, at: Coordinate, messages: &[Message]) -> Vec<(usize, Role)> {
    let numbered = messages.iter().map(|message| message.role).enumerate();
    numbered.filter(|(number, _)| grader.message_shown(at, *number)).collect()
}

/// Whether the messages of a generate stage that are shown, in order, make a conversation.
pub(crate) fn check_order(
    stage: &Stage,
    shown: impl IntoIterator<Item = Role>,
) -> Result<(), &'static str> {
    let shown: Vec<Role> = shown.into_iter().collect();
    if continues(stage) && shown.contains(&Role::System) {
        return Err("a system message cannot stand here, because the conversation that is \
                    continued has begun without it; make it the user's");
    }
    if shown.iter().skip(1).any(|role| *role == Role::System) {
        return Err(
            "a system message stands after another message; there can be one, as the first",
        );
    }
    if !shown.contains(&Role::User) {
        return Err("no message of the user is shown, so nothing is asked");
    }
    if continues(stage) && shown.first() != Some(&Role::User) {
        return Err("the answer that is continued comes first, so a message of the user has to \
                    follow it");
    }
    Ok(())
}

/// Whether a stage begins with the conversation of another one.
pub(crate) fn continues(stage: &Stage) -> bool {
    match &stage.kind {
        StageKind::Generate { follows: Some(follows), .. } => follows.continues,
        StageKind::Generate { follows: None, .. }
        | StageKind::Judge { .. }
        | StageKind::Score { .. } => false,
    }
}
