//! Which names a plan's expressions may read, and where the value of each comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use iago_expression::{Domain, Expression, Scope, Value};
use iago_sweep::{Finish, Parse, Plan, Question, Scorer, Stage, StageKind, Usage};

/// The name of the model under test in expressions.
pub(crate) const MODEL: &str = "model";

/// Where the value of a name comes from. Numbers are stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The transcript's cell: its model, or a level of a factor.
    Cell,
    /// A column of the prompt set that messages may use.
    Prompt,
    /// A column of the prompt set that is kept and never sent.
    Note,
    Label(usize),
    Share(usize),
    Finish(usize),
    Parse(usize),
    Usage(usize, Tokens),
    Latency(usize),
}

/// Tokens that a provider counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tokens {
    Input,
    Output,
    Reasoning,
    CachedInput,
}

const TOKENS: [(Tokens, &str); 4] = [
    (Tokens::Input, "input"),
    (Tokens::Output, "output"),
    (Tokens::Reasoning, "reasoning"),
    (Tokens::CachedInput, "cached_input"),
];

impl Tokens {
    pub(crate) fn of(self, usage: &Usage) -> u64 {
        match self {
            Self::Input => usage.input,
            Self::Output => usage.output,
            Self::Reasoning => usage.reasoning,
            Self::CachedInput => usage.cached_input,
        }
    }
}

impl Origin {
    pub(crate) fn stage(self) -> Option<usize> {
        match self {
            Self::Cell | Self::Prompt | Self::Note => None,
            Self::Label(stage)
            | Self::Share(stage)
            | Self::Finish(stage)
            | Self::Parse(stage)
            | Self::Usage(stage, _)
            | Self::Latency(stage) => Some(stage),
        }
    }
}

/// All names of a plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    known: BTreeMap<String, Known>,
    /// The stages whose label is counted from several votes.
    votes: BTreeSet<usize>,
}

#[derive(Clone, Debug)]
struct Known {
    origin: Origin,
    domain: Domain,
    /// All that it can be; `None` where there is no end of it.
    values: Option<Vec<Value>>,
}

impl Known {
    /// Between which whole numbers it lies, where it is a number that has bounds.
    fn bounds(&self) -> Option<RangeInclusive<i32>> {
        if matches!(self.origin, Origin::Share(_)) {
            return Some(0..=1);
        }
        let values = self.values.as_ref().filter(|_| self.domain == Domain::Number)?;
        let numbers: Vec<i32> = values.iter().map(read_whole).collect::<Option<_>>()?;
        Some(*numbers.iter().min()?..=*numbers.iter().max()?)
    }
}

impl Names {
    pub(crate) fn of_plan(plan: &Plan) -> Self {
        let mut names = Self::default();
        names.insert_columns(plan);
        let models = plan.models.iter().map(|model| model.name.as_str());
        names.insert(MODEL.to_owned(), Origin::Cell, Domain::one_of(models));
        for factor in &plan.factors {
            let levels = factor.levels.iter().map(|level| level.name.as_str());
            names.insert(factor.name.clone(), Origin::Cell, Domain::one_of(levels));
        }
        for (number, stage) in plan.stages.iter().enumerate() {
            names.insert_stage(number, stage);
        }
        names
    }

    pub(crate) fn origin(&self, name: &str) -> Option<Origin> {
        self.known.get(name).map(|known| known.origin)
    }

    /// Whether it is a number, and a label of it has to be read as one.
    pub(crate) fn is_number(&self, name: &str) -> bool {
        self.known.get(name).is_some_and(|known| known.domain == Domain::Number)
    }

    /// All that a name can be; `None` where there is no end of it.
    pub(crate) fn values(&self, name: &str) -> Option<&Vec<Value>> {
        self.known.get(name)?.values.as_ref()
    }

    /// The names of one stage.
    pub(crate) fn of_stage(&self, stage: usize) -> impl Iterator<Item = &String> {
        let of_stage = move |known: &Known| known.origin.stage() == Some(stage);
        self.known.iter().filter(move |(_, known)| of_stage(known)).map(|(name, _)| name)
    }

    /// Everything that a finished transcript has.
    pub(crate) fn scope(&self) -> Scope {
        self.scope_where(|_| true)
    }

    /// What is sent to a model, or decides what is: a note may change without a new answer being asked for.
    pub(crate) fn scope_sent(&self) -> Scope {
        self.scope_where(|origin| matches!(origin, Origin::Cell | Origin::Prompt))
    }

    /// What is known before a transcript's first call.
    pub(crate) fn scope_before(&self) -> Scope {
        self.scope_where(|origin| origin.stage().is_none())
    }

    /// What is known when a stage has its answer and nothing has graded it.
    pub(crate) fn scope_behind(&self, of: usize) -> Scope {
        self.scope_where(|origin| match origin {
            Origin::Cell | Origin::Prompt | Origin::Note => true,
            Origin::Finish(stage) | Origin::Parse(stage) => stage == of,
            Origin::Label(_) | Origin::Share(_) | Origin::Usage(..) | Origin::Latency(_) => false,
        })
    }

    /// What is known when the stage `after` has its label, of what hangs on the stage `of` too. How `of` ended is not at
    /// hand then.
    pub(crate) fn scope_after(&self, of: Option<usize>, after: usize) -> Scope {
        self.scope_where(|origin| match origin {
            Origin::Cell | Origin::Prompt | Origin::Note => true,
            Origin::Label(stage) => stage == after && !self.votes.contains(&stage),
            Origin::Finish(stage) => stage == after && !self.votes.contains(&stage),
            Origin::Parse(stage) => stage == after || Some(stage) == of,
            Origin::Share(_) | Origin::Usage(..) | Origin::Latency(_) => false,
        })
    }

    /// The stages that expressions read anything of.
    pub(crate) fn stages_read<'a>(
        &self,
        expressions: impl IntoIterator<Item = &'a Expression>,
    ) -> BTreeSet<usize> {
        let names = expressions.into_iter().flat_map(Expression::names);
        names.filter_map(|name| self.origin(name)?.stage()).collect()
    }

    fn scope_where(&self, may_read: impl Fn(Origin) -> bool) -> Scope {
        let readable = self.known.iter().filter(|(_, known)| may_read(known.origin));
        readable.fold(Scope::new(), |scope, (name, known)| match known.bounds() {
            Some(bounds) => scope.with_bounds(name, bounds),
            None => scope.with(name, known.domain.clone()),
        })
    }

    fn insert_columns(&mut self, plan: &Plan) {
        let notes = plan.prompts.iter().flat_map(|prompt| prompt.notes.keys());
        let fields = plan.prompts.iter().flat_map(|prompt| prompt.fields.keys());
        // A column that is both is a field: what comes later in the collection stays.
        let notes = notes.map(|name| (name, Origin::Note));
        let columns: BTreeMap<&String, Origin> =
            notes.chain(fields.map(|name| (name, Origin::Prompt))).collect();
        for (name, origin) in columns {
            self.insert(name.clone(), origin, Domain::Text);
        }
    }

    fn insert_stage(&mut self, number: usize, stage: &Stage) {
        let name = &stage.name;
        let finish = Domain::one_of(Finish::ALL.iter().map(|finish| finish.word()));
        self.insert(format!("{name}.finish"), Origin::Finish(number), finish);
        match &stage.kind {
            StageKind::Generate { .. } => {
                let parse = Domain::one_of(Parse::ALL.iter().map(|parse| parse.word()));
                self.insert(format!("{name}.parse"), Origin::Parse(number), parse);
            }
            StageKind::Score { scorer, .. } => self.insert_score(number, name, scorer),
            StageKind::Judge { question, votes, .. } => {
                self.insert_question(number, name, question);
                if votes.is_some() {
                    self.votes.insert(number);
                    self.insert(format!("{name}.share"), Origin::Share(number), Domain::Number);
                }
            }
        }
        if !matches!(stage.kind, StageKind::Score { .. }) {
            self.insert_call(number, name);
        }
    }

    fn insert_score(&mut self, number: usize, name: &str, scorer: &Scorer) {
        let labels = scorer.labels();
        let domain = if labels.is_empty() { Domain::Number } else { Domain::one_of(labels) };
        self.insert(name.to_owned(), Origin::Label(number), domain);
    }

    fn insert_question(&mut self, number: usize, name: &str, question: &Question) {
        match question {
            Question::Labels(_) | Question::Criteria { .. } => {
                let labels = Domain::one_of(question.labels());
                self.insert(name.to_owned(), Origin::Label(number), labels);
            }
            Question::Scale(steps) => {
                let values = steps.iter().filter_map(|step| read_number(step)).collect();
                let (origin, domain) = (Origin::Label(number), Domain::Number);
                self.known.insert(name.to_owned(), Known { origin, domain, values: Some(values) });
            }
        }
    }

    /// What a call to a model is measured by.
    fn insert_call(&mut self, number: usize, name: &str) {
        for (tokens, word) in TOKENS {
            let origin = Origin::Usage(number, tokens);
            self.insert(format!("{name}.usage.{word}"), origin, Domain::Number);
        }
        self.insert(format!("{name}.latency"), Origin::Latency(number), Domain::Number);
    }

    fn insert(&mut self, name: String, origin: Origin, domain: Domain) {
        let values = domain.values();
        self.known.insert(name, Known { origin, domain, values });
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "only numbers that are whole and fit get there"
)]
fn read_whole(value: &Value) -> Option<i32> {
    let Value::Number(number) = value else { return None };
    let fits = number.fract() == 0.0 && number.abs() <= f64::from(i32::MAX);
    fits.then_some(*number as i32)
}

/// The value of a label that is the text of a number.
pub(crate) fn read_number(label: &str) -> Option<Value> {
    label.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::Number)
}
