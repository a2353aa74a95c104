//! The rules of a plan, ready to be asked about any transcript.

use std::collections::{BTreeMap, BTreeSet};

use iago_expression::{Expression, Truth, Value};
use iago_sweep::{Coordinate, Label, Plan, Prompt};

use crate::compile::compile;
use crate::names::{MODEL, Names, Origin, read_number};
use crate::rules::{MeasureRules, Need, Rules, StageRules};
use crate::{Answered, Decision, GradingError, StageState, Transcript};

/// A plan's expressions, compiled once. It holds of the prompts only the fields that some expression reads.
#[derive(Clone, Debug)]
pub struct Grader {
    pub(crate) names: Names,
    /// For each cell, the model and the level of each factor, by name.
    pub(crate) cells: Vec<BTreeMap<String, String>>,
    prompts: Vec<BTreeMap<String, String>>,
    pub(crate) stages: Vec<StageRules>,
    pub(crate) outcomes: Vec<Expression>,
    pub(crate) measures: Vec<MeasureRules>,
    /// The stages that a class hangs on.
    pub(crate) outcome_needs: Needs,
    /// The stages that each measure hangs on.
    pub(crate) measure_needs: Vec<Needs>,
}

/// The stages that something hangs on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needs {
    /// Those that it reads.
    pub(crate) read: BTreeSet<usize>,
    /// Those, everything that they hang on, and the generate stages at the beginning, without which there is no
    /// transcript.
    pub(crate) all: BTreeSet<usize>,
}

impl Grader {
    /// Compiles the expressions of a plan.
    ///
    /// # Errors
    ///
    /// One for each expression that cannot be used, in the order stages, outcomes, measures.
    pub fn new(plan: &Plan) -> Result<Self, Vec<GradingError>> {
        let names = Names::of_plan(plan);
        let Rules { stages, outcomes, measures } = compile(plan, &names)?;
        let needs = |read: BTreeSet<usize>| Needs { all: find_needed(&stages, &read), read };
        let of_measure = |rules: &MeasureRules| needs(names.stages_read(rules.expressions()));
        let mut grader = Self {
            cells: describe_cells(plan),
            prompts: Vec::new(),
            outcome_needs: needs(names.stages_read(&outcomes)),
            measure_needs: measures.iter().map(of_measure).collect(),
            names,
            stages,
            outcomes,
            measures,
        };
        grader.prompts = grader.keep_columns_read(plan);
        Ok(grader)
    }

    /// For each field of the coordinate's stage, whether this transcript must have it.
    pub fn required(&self, at: Coordinate) -> Vec<bool> {
        let needs = self.stages.get(at.stage as usize).map_or(&[][..], |stage| &stage.required);
        needs
            .iter()
            .map(|need| match need {
                Need::Always => true,
                Need::Never => false,
                Need::Where(condition) => self.holds_before(condition, at),
            })
            .collect()
    }

    /// Whether a message of the coordinate's stage is part of this transcript's conversation.
    pub fn message_shown(&self, at: Coordinate, message: usize) -> bool {
        let stage = self.stages.get(at.stage as usize);
        let when = stage.and_then(|stage| stage.shown.get(message)?.as_ref());
        when.is_none_or(|when| self.holds_before(when, at))
    }

    /// What a score stage of the plan says; see [`score`](crate::score()). Unknown for any other stage.
    pub fn score(&self, stage: u32, field: Option<&str>, expected: Option<&str>) -> Label {
        let scoring = self.stages.get(stage as usize).and_then(|stage| stage.scoring.as_ref());
        scoring.map_or(Label::Abstained, |scoring| scoring.score(field, expected))
    }

    /// The value of a name in a transcript.
    pub(crate) fn value(&self, name: &str, transcript: &Transcript) -> Value {
        let Some(origin) = self.names.origin(name) else { return Value::Unknown };
        let Some(stage) = origin.stage() else {
            return self.value_before(name, transcript.cell, transcript.prompt);
        };
        match transcript.state(stage) {
            StageState::Answered(answered) => self.read_answer(name, origin, answered),
            StageState::NotAsked if self.is_unsettled(stage, transcript) => Value::Unknown,
            StageState::NotAsked => Value::NotAsked,
            StageState::Pending | StageState::Failed(_) => Value::Unknown,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "tokens of one call are far fewer than 2^52")]
    fn read_answer(&self, name: &str, origin: Origin, answered: &Answered) -> Value {
        match origin {
            Origin::Label(_) => match &answered.label {
                Some(Decision::Label(word)) => self.read_word(name, word),
                Some(Decision::Unknown) | None => Value::Unknown,
            },
            Origin::Share(_) => answered.share.map_or(Value::Unknown, Value::Number),
            Origin::Finish(_) => answered.finish.word().into(),
            Origin::Parse(_) => answered.parse.word().into(),
            Origin::Usage(_, tokens) => Value::Number(tokens.of(&answered.usage) as f64),
            Origin::Latency(_) => Value::Number(f64::from(answered.latency_ms) / 1000.0),
            Origin::Cell | Origin::Prompt | Origin::Note => Value::Unknown,
        }
    }

    /// A label as expressions read it: a text, or a number where its stage says numbers. A number beyond the scale is none.
    pub(crate) fn read_word(&self, name: &str, word: &str) -> Value {
        if !self.names.is_number(name) {
            return Value::Text(word.to_owned());
        }
        let is_possible =
            |number: &Value| self.names.values(name).is_none_or(|values| values.contains(number));
        read_number(word).filter(is_possible).unwrap_or(Value::Unknown)
    }

    /// The value of a name before anything was said; unknown for what comes later.
    pub(crate) fn value_before(&self, name: &str, cell: u32, prompt: u32) -> Value {
        let known = match self.names.origin(name) {
            Some(Origin::Cell) => self.cells.get(cell as usize),
            Some(Origin::Prompt | Origin::Note) => self.prompts.get(prompt as usize),
            Some(
                Origin::Label(_)
                | Origin::Share(_)
                | Origin::Finish(_)
                | Origin::Parse(_)
                | Origin::Usage(..)
                | Origin::Latency(_),
            )
            | None => None,
        };
        known.and_then(|known| known.get(name)).map_or(Value::Unknown, |word| word.as_str().into())
    }

    /// `Grader::new` saw to it that these read nothing but what every cell and prompt has: nothing is unknown.
    fn holds_before(&self, condition: &Expression, at: Coordinate) -> bool {
        condition.truth(&|name| self.value_before(name, at.cell, at.prompt)) == Truth::True
    }

    fn keep_columns_read(&self, plan: &Plan) -> Vec<BTreeMap<String, String>> {
        let is_column =
            |name: &&String| matches!(self.names.origin(name), Some(Origin::Prompt | Origin::Note));
        let names = self.expressions().flat_map(Expression::names);
        let read: BTreeSet<&String> = names.filter(is_column).collect();
        if read.is_empty() {
            return Vec::new();
        }
        let keep = |prompt: &Prompt| {
            let column =
                |name: &&String| prompt.fields.get(*name).or_else(|| prompt.notes.get(*name));
            let kept =
                read.iter().filter_map(|name| Some(((*name).clone(), column(name)?.clone())));
            kept.collect()
        };
        plan.prompts.iter().map(keep).collect()
    }

    fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let of_stages = self.stages.iter().flat_map(StageRules::expressions);
        let of_measures = self.measures.iter().flat_map(MeasureRules::expressions);
        of_stages.chain(&self.outcomes).chain(of_measures)
    }
}

impl Transcript {
    pub(crate) fn state(&self, stage: usize) -> &StageState {
        self.stages.get(stage).unwrap_or(&StageState::Pending)
    }
}

/// What cannot be said before these stages are: themselves, what they hang on, and the answers at the beginning.
fn find_needed(stages: &[StageRules], read: &BTreeSet<usize>) -> BTreeSet<usize> {
    let begins = |stage: &usize| stages[*stage].generates && stages[*stage].parent.is_none();
    let beginnings = (0..stages.len()).filter(begins);
    let mut needed: BTreeSet<usize> = beginnings.chain(read.iter().copied()).collect();
    let mut open: Vec<usize> = needed.iter().copied().collect();
    while let Some(stage) = open.pop() {
        let found = stages.get(stage).into_iter().flat_map(StageRules::hangs_on);
        open.extend(found.filter(|stage| needed.insert(*stage)));
    }
    needed
}

fn describe_cells(plan: &Plan) -> Vec<BTreeMap<String, String>> {
    let conditions: BTreeMap<&str, &BTreeMap<String, String>> = plan
        .conditions
        .iter()
        .map(|condition| (condition.name.as_str(), &condition.levels))
        .collect();
    plan.cells
        .iter()
        .map(|cell| {
            let levels = conditions.get(cell.condition.as_str());
            let mut words = levels.map_or_else(BTreeMap::new, |levels| (*levels).clone());
            words.insert(MODEL.to_owned(), cell.model.clone());
            words
        })
        .collect()
}
