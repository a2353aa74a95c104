//! What a plan's stages and measures come to once they are compiled.

use iago_expression::Expression;

use crate::grammar::Grammar;
use crate::score::Scoring;

/// Everything of a plan that is compiled, except criteria votes, which are checked only.
pub(crate) struct Rules {
    pub(crate) stages: Vec<StageRules>,
    pub(crate) outcomes: Vec<Expression>,
    pub(crate) measures: Vec<MeasureRules>,
}

/// The rules of one stage.
#[derive(Clone, Debug, Default)]
pub(crate) struct StageRules {
    /// The stage whose answer it works on; `None` at the beginning.
    pub(crate) parent: Option<usize>,
    /// The stage whose result decides whether it is asked: its parent, or one that hangs on the parent and whose label
    /// `when` reads.
    pub(crate) opener: Option<usize>,
    pub(crate) generates: bool,
    /// Which transcripts it is asked about; all of them if there is none.
    pub(crate) when: Option<Expression>,
    /// For each field.
    pub(crate) required: Vec<Need>,
    /// For each message, when it is shown; always if there is none.
    pub(crate) shown: Vec<Option<Expression>>,
    /// How its answers are read.
    pub(crate) grammar: Grammar,
    /// How it scores.
    pub(crate) scoring: Option<Scoring>,
}

/// Whether a field must be there.
#[derive(Clone, Debug)]
pub(crate) enum Need {
    Always,
    Never,
    Where(Expression),
}

/// The rules of one measure.
#[derive(Clone, Debug)]
pub(crate) struct MeasureRules {
    pub(crate) count: Count,
    pub(crate) given: Option<Expression>,
    pub(crate) zero_unless: Option<Expression>,
    pub(crate) within: Option<Expression>,
}

/// What is counted or averaged.
#[derive(Clone, Debug)]
pub(crate) enum Count {
    Rate(Expression),
    Mean(Expression),
}

impl StageRules {
    /// The expressions that decide about it.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let needs = self.required.iter().filter_map(|need| match need {
            Need::Where(condition) => Some(condition),
            Need::Always | Need::Never => None,
        });
        self.when.iter().chain(needs).chain(self.shown.iter().flatten())
    }

    /// The stages that it hangs on, each once.
    pub(crate) fn hangs_on(&self) -> impl Iterator<Item = usize> {
        let opener = self.opener.filter(|opener| Some(*opener) != self.parent);
        self.parent.into_iter().chain(opener)
    }
}

impl MeasureRules {
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.numerator().chain(&self.given).chain(&self.within)
    }

    /// What decides how a transcript of the denominator counts.
    pub(crate) fn numerator(&self) -> impl Iterator<Item = &Expression> {
        let (Count::Rate(counted) | Count::Mean(counted)) = &self.count;
        std::iter::once(counted).chain(&self.zero_unless)
    }
}
