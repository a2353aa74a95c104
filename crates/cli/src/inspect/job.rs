//! Which job a person means, and what it is sent.

use iago_grading::Grader;
use iago_sweep::{Conversation, Coordinate, Label, Plan, StageKind, Text};
use iago_sweep_file::{RenderError, Renderer};

use crate::args::JobArgs;
use crate::exit::{Exit, Stop};
use crate::sources;
use crate::submission::compile;

/// A plan, and what it is asked about.
pub(crate) struct Job {
    pub(crate) plan: Plan,
    grader: Grader,
    renderer: Renderer,
    stage: u32,
    model: String,
    prompt: u32,
    said: Vec<Text>,
}

/// The rules of a plan.
pub(crate) fn grader(plan: &Plan) -> Result<Grader, Stop> {
    Grader::new(plan).map_err(|errors| {
        let first = errors.first().map_or_else(String::new, ToString::to_string);
        Stop::new(Exit::BadSweep, first)
    })
}

impl Job {
    /// Compiles the file and finds what is named; what is not named is the first of its kind.
    pub(crate) fn find(args: &JobArgs) -> Result<Self, Stop> {
        let plan = compile(&sources::read(&args.sweep, None)?)?;
        let grader = grader(&plan)?;
        let renderer = Renderer::new(&plan).map_err(|error| bad(&error))?;
        let stages = plan.stages.iter().map(|stage| stage.name.as_str());
        let stage = pick("stage", args.stage.as_deref(), stages)?;
        let models = plan.models.iter().map(|model| model.name.as_str());
        let model = pick("model", args.model.as_deref(), models)?;
        let model = plan.models.get(model as usize).map_or_else(String::new, |m| m.name.clone());
        let prompts = plan.prompts.iter().map(|prompt| prompt.id.as_str());
        let prompt = pick("prompt", args.prompt.as_deref(), prompts)?;
        let said = read_answers(args, &plan, stage)?;
        Ok(Self { grader, renderer, stage, model, prompt, said, plan })
    }

    /// The name of the stage.
    pub(crate) fn stage(&self) -> &str {
        self.plan.stages.get(self.stage as usize).map_or("", |stage| &stage.name)
    }

    /// The name of the model.
    pub(crate) fn model(&self) -> &str {
        &self.model
    }

    /// The id of the prompt.
    pub(crate) fn prompt(&self) -> &str {
        self.plan.prompts.get(self.prompt as usize).map_or("", |prompt| &prompt.id)
    }

    /// The cell of a condition, or the model's first.
    pub(crate) fn cell(&self, condition: Option<&str>) -> Result<u32, Stop> {
        let own: Vec<(u32, &str)> = (0..)
            .zip(&self.plan.cells)
            .filter(|(_, cell)| cell.model == self.model)
            .map(|(number, cell)| (number, cell.condition.as_str()))
            .collect();
        let names = own.iter().map(|(_, name)| *name);
        let position = pick("condition", condition, names)?;
        Ok(own[position as usize].0)
    }

    /// What a score stage looks at in a cell, and what it says where no program is needed for that;
    /// `None` for a stage that sends messages.
    pub(crate) fn scored(&self, cell: u32) -> Result<Option<Vec<(String, String)>>, Stop> {
        let Some(stage) = self.plan.stages.get(self.stage as usize) else { return Ok(None) };
        let StageKind::Score { scorer, .. } = &stage.kind else { return Ok(None) };
        let at = self.at(cell);
        let fields = iago_grading::read_fields(&self.plan, &self.grader, at, &self.said);
        let mut shown: Vec<(String, String)> = if scorer.program().is_some() {
            let seen = self.renderer.seen(&self.plan, &self.grader, at, &self.said);
            seen.map_err(|error| bad(&error))?.into_iter().collect()
        } else {
            let field = scorer.field().and_then(|name| fields.get_key_value(name));
            field.map(|(name, text)| (name.clone(), text.clone())).into_iter().collect()
        };
        if scorer.program().is_none() {
            let label = self.renderer.score(&self.plan, &self.grader, at, &self.said);
            shown.push(("score".to_owned(), in_words(&label.map_err(|error| bad(&error))?)));
        }
        Ok(Some(shown))
    }

    fn at(&self, cell: u32) -> Coordinate {
        Coordinate { stage: self.stage, cell, prompt: self.prompt, ..Coordinate::default() }
    }

    /// What is sent in a cell.
    pub(crate) fn conversation(&self, cell: u32) -> Result<Conversation, Stop> {
        let rendered = self.renderer.render(&self.plan, &self.grader, self.at(cell), &self.said);
        rendered.map_err(|error| bad(&error))
    }
}

/// A label for people.
fn in_words(label: &Label) -> String {
    match label {
        Label::Word(word) => word.clone(),
        Label::Abstained => "unknown".to_owned(),
    }
}

fn bad(error: &RenderError) -> Stop {
    Stop::new(Exit::BadSweep, error.to_string())
}

/// The position of a name among those that are there.
fn pick<'a>(
    noun: &str,
    wanted: Option<&str>,
    names: impl Iterator<Item = &'a str>,
) -> Result<u32, Stop> {
    let names: Vec<&str> = names.collect();
    let found = match wanted {
        None => (!names.is_empty()).then_some(0),
        Some(wanted) => names.iter().position(|name| *name == wanted),
    };
    let number = found.and_then(|position| u32::try_from(position).ok());
    number.ok_or_else(|| {
        const SHOWN_MAX: usize = 12;
        let mut known = names.iter().take(SHOWN_MAX).copied().collect::<Vec<_>>().join(", ");
        if names.len() > SHOWN_MAX {
            known += ", …";
        }
        let wanted = wanted.unwrap_or_default();
        Stop::new(Exit::Usage, format!("there is no {noun} `{wanted}`; there are: {known}"))
    })
}

/// The answers that the stage hangs on. There is no conversation without them.
fn read_answers(args: &JobArgs, plan: &Plan, stage: u32) -> Result<Vec<Text>, Stop> {
    let needed = plan.ancestors_of(stage);
    if args.answer.len() != needed.len() {
        let names: Vec<&str> = needed
            .iter()
            .filter_map(|of| plan.stages.get(*of as usize))
            .map(|of| of.name.as_str())
            .collect();
        let stage = plan.stages.get(stage as usize).map_or("", |stage| &stage.name);
        let message = if names.is_empty() {
            format!("stage `{stage}` hangs on no answer; leave --answer out")
        } else {
            format!(
                "stage `{stage}` hangs on the answer of {}: give --answer FILE for each, in this order",
                names.join(", then of ")
            )
        };
        return Err(Stop::new(Exit::Usage, message));
    }
    let read = |path: &std::path::PathBuf| {
        let raw = std::fs::read_to_string(path).map_err(|error| {
            Stop::new(Exit::NoInput, format!("cannot read the answer {}: {error}", path.display()))
        })?;
        Ok(Text { raw, ..Text::default() })
    };
    args.answer.iter().map(read).collect()
}
