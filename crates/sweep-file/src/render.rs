//! Plan and coordinate to the conversation that is sent.

use std::collections::{BTreeMap, BTreeSet};

use iago_grading::Grader;
use iago_sweep::{Conversation, Coordinate, Plan, Prompt, Question, Role, Stage, StageKind, Turn};
use minijinja::Value;

use crate::template::{Context, Templates, is_function};
use crate::tree::item_key;

/// A conversation that cannot be made. The same coordinate fails the same way every time.
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
    /// A judge is to see a part that the graded answer does not have.
    #[error("{place}: the graded answer has no `{field}`, which this judge has to see")]
    FieldAbsent {
        /// The key of the judge's stage in the sweep file.
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
    /// The coordinate is not in the plan.
    #[error("the plan has no {0}")]
    Beyond(&'static str),
}

/// The compiled templates of one plan, and the values that do not change from job to job.
///
/// Every answer of [`Renderer::render`] is a function of its arguments.
#[derive(Debug)]
pub struct Renderer {
    templates: Templates,
    /// What each template reads, by its key.
    variables: BTreeMap<String, BTreeSet<String>>,
    /// The values that a condition's levels set, by its name.
    conditions: BTreeMap<String, Context>,
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
        let values = |condition| {
            plan.variables_of(condition)
                .into_iter()
                .map(|(name, text)| (name, Value::from(text)))
                .collect()
        };
        let conditions = plan
            .conditions
            .iter()
            .map(|condition| (condition.name.clone(), values(condition)))
            .collect();
        Ok(Self { templates, variables, conditions })
    }

    /// The conversation of a job.
    ///
    /// `fields` are the parts of the graded answer, for a judge; empty for a generate stage. A judge
    /// gets what its `sees` names and nothing else, whatever else is known.
    ///
    /// # Errors
    /// A variable or field that is not there, or a template that stops: the job cannot be asked.
    pub fn render(
        &self,
        plan: &Plan,
        grader: &Grader,
        at: Coordinate,
        fields: &BTreeMap<String, String>,
    ) -> Result<Conversation, RenderError> {
        let stage = plan.stages.get(at.stage as usize).ok_or(RenderError::Beyond("such stage"))?;
        let prompt =
            plan.prompts.get(at.prompt as usize).ok_or(RenderError::Beyond("such prompt"))?;
        let condition = plan.condition_of(at.cell).ok_or(RenderError::Beyond("such cell"))?;
        match &stage.kind {
            StageKind::Generate { messages, .. } => {
                let roles: Vec<Role> = messages.iter().map(|message| message.role).collect();
                let shown: Vec<usize> = (0..messages.len())
                    .filter(|&number| grader.message_shown(at, number))
                    .collect();
                let mut context = self.conditions.get(&condition.name).cloned().unwrap_or_default();
                context.extend(prompt_values(prompt));
                self.render_messages(stage, &roles, &shown, &context, &condition.name)
            }
            StageKind::Judge { sees, question, .. } => {
                let context = show(stage, sees, prompt, fields)?;
                self.render_judge(stage, question, &context, &condition.name)
            }
        }
    }

    fn render_messages(
        &self,
        stage: &Stage,
        roles: &[Role],
        shown: &[usize],
        context: &Context,
        condition: &str,
    ) -> Result<Conversation, RenderError> {
        let messages = messages_key(stage);
        check_order(shown.iter().map(|&number| roles[number]))
            .map_err(|message| RenderError::Shape { place: messages.clone(), message })?;
        let mut conversation = Conversation::default();
        for (position, &number) in shown.iter().enumerate() {
            let text = self.render_template(&item_key(&messages, number), context, condition)?;
            let is_last = position + 1 == shown.len();
            match roles[number] {
                Role::System => conversation.system = Some(text),
                Role::Assistant if is_last => conversation.prefill = Some(text),
                role @ (Role::User | Role::Assistant) => {
                    conversation.turns.push(Turn { role, text });
                }
            }
        }
        Ok(conversation)
    }

    fn render_judge(
        &self,
        stage: &Stage,
        question: &Question,
        context: &Context,
        condition: &str,
    ) -> Result<Conversation, RenderError> {
        let text = self.render_template(&stage_key(stage), context, condition)?;
        let text = format!("{text}\n\n{}", question.instruction());
        Ok(Conversation { turns: vec![Turn { role: Role::User, text }], ..Conversation::default() })
    }

    fn render_template(
        &self,
        place: &str,
        context: &Context,
        condition: &str,
    ) -> Result<String, RenderError> {
        let read = self.variables.get(place).into_iter().flatten();
        if let Some(variable) = read.into_iter().find(|name| !context.contains_key(*name)) {
            let (place, condition) = (place.to_owned(), condition.to_owned());
            return Err(RenderError::Undefined { place, variable: variable.clone(), condition });
        }
        self.templates.render(place, context).map_err(|error| RenderError::Template {
            place: place.to_owned(),
            message: error.to_string(),
        })
    }
}

/// The key of a stage.
pub(crate) fn stage_key(stage: &Stage) -> String {
    format!("stages.{}", stage.name)
}

/// The key of a generate stage's messages.
pub(crate) fn messages_key(stage: &Stage) -> String {
    format!("stages.{}.messages", stage.name)
}

/// A stage's templates, each with the key that it is compiled under.
pub(crate) fn list_templates(stage: &Stage) -> Vec<(String, &str)> {
    match &stage.kind {
        StageKind::Generate { messages, .. } => {
            let list = messages_key(stage);
            let templates = messages.iter().map(|message| message.template.as_str()).enumerate();
            templates.map(|(number, template)| (item_key(&list, number), template)).collect()
        }
        StageKind::Judge { text, .. } => vec![(stage_key(stage), text.as_str())],
    }
}

/// Whether the messages that are shown, in order, make a conversation.
pub(crate) fn check_order(shown: impl IntoIterator<Item = Role>) -> Result<(), &'static str> {
    let shown: Vec<Role> = shown.into_iter().collect();
    if shown.iter().skip(1).any(|role| *role == Role::System) {
        return Err(
            "a system message stands after another message; there can be one, as the first",
        );
    }
    if !shown.contains(&Role::User) {
        return Err("no message of the user is shown, so nothing is asked");
    }
    Ok(())
}

fn prompt_values(prompt: &Prompt) -> impl Iterator<Item = (String, Value)> {
    prompt.fields.iter().map(|(name, text)| (name.clone(), Value::from(text.as_str())))
}

/// What a judge may look at.
fn show(
    stage: &Stage,
    sees: &[String],
    prompt: &Prompt,
    fields: &BTreeMap<String, String>,
) -> Result<Context, RenderError> {
    let find = |name: &String| {
        let text = prompt.fields.get(name).or_else(|| fields.get(name));
        let text = text.ok_or_else(|| RenderError::FieldAbsent {
            place: stage_key(stage),
            field: name.clone(),
        })?;
        Ok((name.clone(), Value::from(text.as_str())))
    };
    sees.iter().map(find).collect()
}
