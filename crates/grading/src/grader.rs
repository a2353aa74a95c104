//! The rules of a plan, ready to be asked about any transcript.

use std::collections::{BTreeMap, BTreeSet};

use iago_expression::{Expression, Truth, Value};
use iago_sweep::{Coordinate, Finish, Parse, Plan};

use crate::compile::{MeasureRules, Need, Rules, StageRules, compile};
use crate::names::{MODEL, Names, Origin};
use crate::{Decision, GradingError, StageState, Transcript};

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
    /// The generate stages, which decide whether there is anything to class.
    pub(crate) generates: BTreeSet<usize>,
    /// The stages that the outcomes read.
    pub(crate) outcome_stages: BTreeSet<usize>,
}

/// Which stages one result opens. Bits are stage numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// The stages to run because of it.
    pub opens: u64,
    /// The stages for which that was decided, opened or not.
    pub decided: u64,
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
        let generates =
            (0..stages.len()).filter(|&stage| stages[stage].generates).collect::<BTreeSet<_>>();
        let mut grader = Self {
            cells: describe_cells(plan),
            prompts: Vec::new(),
            outcome_stages: names.stages_read(&outcomes),
            names,
            stages,
            outcomes,
            measures,
            generates,
        };
        grader.prompts = grader.keep_fields_read(plan);
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

    /// Which judges a result of the coordinate's stage calls for: those `of` this stage whose `when` holds. None of them
    /// has anything to grade unless the parse is [`Parse::Ok`]. All of them are decided by it.
    pub fn opens(&self, at: Coordinate, finish: Finish, parse: Parse) -> Opening {
        let of = at.stage as usize;
        let read = |name: &str| match self.names.origin(name) {
            Some(Origin::Finish(stage)) if stage == of => finish.word().into(),
            Some(Origin::Parse(stage)) if stage == of => parse.word().into(),
            _ => self.value_before(name, at.cell, at.prompt),
        };
        let mut opening = Opening::default();
        for (number, stage) in self.stages.iter().enumerate() {
            if stage.parent != Some(of) {
                continue;
            }
            let asked = stage.when.as_ref().is_none_or(|when| when.truth(&read) == Truth::True);
            let bit = stage_bit(number);
            opening.decided |= bit;
            opening.opens |= if asked && parse == Parse::Ok { bit } else { 0 };
        }
        opening
    }

    /// The value of a name in a transcript.
    pub(crate) fn value(&self, name: &str, transcript: &Transcript) -> Value {
        match self.names.origin(name) {
            Some(Origin::Label(stage)) => {
                read_answer(transcript.state(stage), |answered| match &answered.label {
                    Some(Decision::Label(label)) => Value::Text(label.clone()),
                    Some(Decision::Unknown) | None => Value::Unknown,
                })
            }
            Some(Origin::Share(stage)) => read_answer(transcript.state(stage), |answered| {
                answered.share.map_or(Value::Unknown, Value::Number)
            }),
            Some(Origin::Finish(stage)) => {
                read_answer(transcript.state(stage), |answered| answered.finish.word().into())
            }
            Some(Origin::Parse(stage)) => {
                read_answer(transcript.state(stage), |answered| answered.parse.word().into())
            }
            Some(Origin::Cell | Origin::Prompt) | None => {
                self.value_before(name, transcript.cell, transcript.prompt)
            }
        }
    }

    /// The value of a name before anything was said; unknown for what comes later.
    pub(crate) fn value_before(&self, name: &str, cell: u32, prompt: u32) -> Value {
        let known = match self.names.origin(name) {
            Some(Origin::Cell) => self.cells.get(cell as usize),
            Some(Origin::Prompt) => self.prompts.get(prompt as usize),
            Some(Origin::Label(_) | Origin::Share(_) | Origin::Finish(_) | Origin::Parse(_))
            | None => None,
        };
        known.and_then(|known| known.get(name)).map_or(Value::Unknown, |word| word.as_str().into())
    }

    /// `Grader::new` saw to it that these read nothing but what every cell and prompt has: nothing is unknown.
    fn holds_before(&self, condition: &Expression, at: Coordinate) -> bool {
        condition.truth(&|name| self.value_before(name, at.cell, at.prompt)) == Truth::True
    }

    fn keep_fields_read(&self, plan: &Plan) -> Vec<BTreeMap<String, String>> {
        let names = self.expressions().flat_map(Expression::names);
        let read: BTreeSet<&String> =
            names.filter(|name| self.names.origin(name) == Some(Origin::Prompt)).collect();
        if read.is_empty() {
            return Vec::new();
        }
        let keep = |fields: &BTreeMap<String, String>| {
            let kept = fields.iter().filter(|(name, _)| read.contains(name));
            kept.map(|(name, text)| (name.clone(), text.clone())).collect()
        };
        plan.prompts.iter().map(|prompt| keep(&prompt.fields)).collect()
    }

    fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let of_stages = self.stages.iter().flat_map(|stage| {
            let needs = stage.required.iter().filter_map(|need| match need {
                Need::Where(condition) => Some(condition),
                Need::Always | Need::Never => None,
            });
            stage.when.iter().chain(needs).chain(stage.shown.iter().flatten())
        });
        let of_measures = self.measures.iter().flat_map(MeasureRules::expressions);
        of_stages.chain(&self.outcomes).chain(of_measures)
    }
}

impl Transcript {
    pub(crate) fn state(&self, stage: usize) -> &StageState {
        self.stages.get(stage).unwrap_or(&StageState::Pending)
    }
}

fn read_answer(state: &StageState, read: impl Fn(&crate::Answered) -> Value) -> Value {
    match state {
        StageState::Answered(answered) => read(answered),
        StageState::NotAsked => Value::NotAsked,
        StageState::Pending | StageState::Failed(_) => Value::Unknown,
    }
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

/// A stage beyond the 64th has no bit; `Plan::check_size` refuses it.
fn stage_bit(stage: usize) -> u64 {
    u32::try_from(stage).ok().and_then(|stage| 1u64.checked_shl(stage)).unwrap_or(0)
}
