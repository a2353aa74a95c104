//! Which names a plan's expressions may read, and where the value of each comes from.

use std::collections::{BTreeMap, BTreeSet};

use iago_expression::{Domain, Expression, Scope};
use iago_sweep::{Finish, Parse, Plan, Stage, StageKind};

/// The name of the model under test in expressions.
pub(crate) const MODEL: &str = "model";

/// Where the value of a name comes from. Numbers are stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The transcript's cell: its model, or a level of a factor.
    Cell,
    /// A column of the prompt set.
    Prompt,
    Label(usize),
    Share(usize),
    Finish(usize),
    Parse(usize),
}

impl Origin {
    pub(crate) fn stage(self) -> Option<usize> {
        match self {
            Self::Cell | Self::Prompt => None,
            Self::Label(stage) | Self::Share(stage) | Self::Finish(stage) | Self::Parse(stage) => {
                Some(stage)
            }
        }
    }
}

/// All names of a plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    known: BTreeMap<String, (Origin, Domain)>,
}

impl Names {
    pub(crate) fn of_plan(plan: &Plan) -> Self {
        let mut names = Self::default();
        for field in plan.prompts.iter().flat_map(|prompt| prompt.fields.keys()) {
            if !names.known.contains_key(field) {
                names.insert(field.clone(), Origin::Prompt, Domain::Text);
            }
        }
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
        self.known.get(name).map(|(origin, _)| *origin)
    }

    pub(crate) fn domain(&self, name: &str) -> Option<&Domain> {
        self.known.get(name).map(|(_, domain)| domain)
    }

    /// Everything that a finished transcript has.
    pub(crate) fn scope(&self) -> Scope {
        self.scope_where(|_| true)
    }

    /// What is known before a transcript's first call.
    pub(crate) fn scope_before(&self) -> Scope {
        self.scope_where(|origin| origin.stage().is_none())
    }

    /// What is known when a stage has its answer and nothing has graded it.
    pub(crate) fn scope_behind(&self, of: usize) -> Scope {
        self.scope_where(|origin| match origin {
            Origin::Cell | Origin::Prompt => true,
            Origin::Finish(stage) | Origin::Parse(stage) => stage == of,
            Origin::Label(_) | Origin::Share(_) => false,
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
        let readable = self.known.iter().filter(|(_, (origin, _))| may_read(*origin));
        readable.fold(Scope::new(), |scope, (name, (_, domain))| scope.with(name, domain.clone()))
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
            StageKind::Judge { question, votes, .. } => {
                let labels = Domain::one_of(question.labels());
                self.insert(name.clone(), Origin::Label(number), labels);
                if votes.is_some() {
                    self.insert(format!("{name}.share"), Origin::Share(number), Domain::Number);
                }
            }
        }
    }

    fn insert(&mut self, name: String, origin: Origin, domain: Domain) {
        self.known.insert(name, (origin, domain));
    }
}
