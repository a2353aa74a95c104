//! A plan's expressions, parsed and checked once.
//!
//! Each place may read only what is known by then: whether a message is shown cannot hang on the answer to it.

use std::collections::{BTreeMap, BTreeSet};

use iago_expression::{Expression, ExpressionError, Scope, is_name};
use iago_sweep::{Criterion, Message, Plan, Question, Required, Stage, StageKind};

use crate::label::criteria_scope;
use crate::names::{Names, Origin};
use crate::{GradingError, Place};

/// The rules of one stage.
#[derive(Clone, Debug, Default)]
pub(crate) struct StageRules {
    /// The stage that it grades; `None` for a generate stage.
    pub(crate) parent: Option<usize>,
    pub(crate) generates: bool,
    /// Which transcripts a judge is asked about; all of them if there is none.
    pub(crate) when: Option<Expression>,
    /// For each field.
    pub(crate) required: Vec<Need>,
    /// For each message, when it is shown; always if there is none.
    pub(crate) shown: Vec<Option<Expression>>,
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
    pub(crate) of: Expression,
    pub(crate) given: Option<Expression>,
}

impl MeasureRules {
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        std::iter::once(&self.of).chain(&self.given)
    }
}

/// Everything of a plan that is an expression, except criteria votes, which are checked only.
pub(crate) struct Rules {
    pub(crate) stages: Vec<StageRules>,
    pub(crate) outcomes: Vec<Expression>,
    pub(crate) measures: Vec<MeasureRules>,
}

/// Parses every expression of a plan, or says of each faulty one what is wrong.
pub(crate) fn compile(plan: &Plan, names: &Names) -> Result<Rules, Vec<GradingError>> {
    let mut compiler =
        Compiler { plan, names, patchy: find_patchy_fields(plan), errors: Vec::new() };
    let stages = compiler.compile_stages();
    let outcomes = compiler.compile_outcomes();
    let measures = compiler.compile_measures();
    if compiler.errors.is_empty() {
        Ok(Rules { stages, outcomes, measures })
    } else {
        Err(compiler.errors)
    }
}

struct Compiler<'a> {
    plan: &'a Plan,
    names: &'a Names,
    /// Prompt fields that not every prompt has, with the first prompt that lacks each.
    patchy: BTreeMap<&'a str, &'a str>,
    errors: Vec<GradingError>,
}

impl Compiler<'_> {
    fn compile_stages(&mut self) -> Vec<StageRules> {
        self.plan
            .stages
            .iter()
            .enumerate()
            .map(|(number, stage)| self.stage(number, stage))
            .collect()
    }

    fn stage(&mut self, number: usize, stage: &Stage) -> StageRules {
        match &stage.kind {
            StageKind::Generate { messages, fields } => {
                let shown = messages.iter().enumerate();
                let shown = shown.map(|(at, message)| self.message(number, at, message)).collect();
                let required = fields.iter().enumerate();
                let required =
                    required.filter_map(|(at, field)| self.need(number, at, &field.required));
                StageRules {
                    generates: true,
                    required: required.collect(),
                    shown,
                    ..StageRules::default()
                }
            }
            StageKind::Judge { of, when, question, .. } => {
                self.check_vote(number, question);
                let parent = self.plan.stages.iter().position(|stage| &stage.name == of);
                let when = when.as_deref().and_then(|when| self.stage_when(number, of, when));
                StageRules { parent, when, ..StageRules::default() }
            }
        }
    }

    fn message(&mut self, stage: usize, message: usize, asked: &Message) -> Option<Expression> {
        self.before_the_answer(Place::Message { stage, message }, asked.when.as_deref()?)
    }

    fn need(&mut self, stage: usize, field: usize, required: &Required) -> Option<Need> {
        match required {
            Required::Always => Some(Need::Always),
            Required::Never => Some(Need::Never),
            Required::When(source) => {
                self.before_the_answer(Place::Field { stage, field }, source).map(Need::Where)
            }
        }
    }

    fn before_the_answer(&mut self, place: Place, source: &str) -> Option<Expression> {
        let allowed = "it is decided before the model is asked, so it may read only the model, factors and prompt fields";
        self.condition_within(place, source, &self.names.scope_before(), allowed)
    }

    fn stage_when(&mut self, stage: usize, of: &str, source: &str) -> Option<Expression> {
        let parent = self.plan.stages.iter().position(|stage| stage.name == of);
        let scope =
            parent.map_or_else(|| self.names.scope_before(), |of| self.names.scope_behind(of));
        let allowed = format!(
            "it is decided when `{of}` is answered, so it may read only the model, factors, prompt fields, `{of}.finish` and `{of}.parse`"
        );
        self.condition_within(Place::Stage { stage }, source, &scope, &allowed)
    }

    fn check_vote(&mut self, stage: usize, question: &Question) {
        let Question::Criteria { criteria, vote } = question else { return };
        self.check_criteria_names(stage, criteria, vote);
        let parsed = Expression::parse_condition(vote, &criteria_scope(criteria));
        self.keep(Place::Vote { stage }, parsed);
    }

    /// A criterion's name is a tag and a name of the vote: `a b` could be written, but never voted on.
    fn check_criteria_names(&mut self, stage: usize, criteria: &[Criterion], vote: &str) {
        let unusable = criteria.iter().find(|criterion| !is_name(&criterion.name));
        if let Some(criterion) = unusable {
            let message = format!(
                "the criterion `{}` cannot be read by an expression: use letters, digits and `_`",
                criterion.name
            );
            let error = ExpressionError { column: 1, message, source: vote.to_owned() };
            self.errors.push(GradingError { place: Place::Vote { stage }, error });
        }
    }

    fn compile_outcomes(&mut self) -> Vec<Expression> {
        let scope = self.names.scope();
        let outcomes = self.plan.outcomes.iter().enumerate();
        outcomes
            .filter_map(|(outcome, rule)| {
                self.condition(Place::Outcome { outcome }, &rule.when, &scope)
            })
            .collect()
    }

    fn compile_measures(&mut self) -> Vec<MeasureRules> {
        let scope = self.names.scope();
        let measures = self.plan.measures.iter().enumerate();
        measures
            .filter_map(|(measure, rule)| {
                let of = self.condition(Place::MeasureOf { measure }, &rule.of, &scope);
                let given = rule.given.as_deref().and_then(|given| {
                    self.condition(Place::MeasureGiven { measure }, given, &scope)
                });
                Some(MeasureRules { of: of?, given })
            })
            .collect()
    }

    /// A condition where less than the full scope may be read; a name that exists, and comes too late, is explained.
    fn condition_within(
        &mut self,
        place: Place,
        source: &str,
        scope: &Scope,
        allowed: &str,
    ) -> Option<Expression> {
        let narrow = Expression::parse_condition(source, scope);
        if narrow.is_err()
            && let Ok(wide) = Expression::parse_condition(source, &self.names.scope())
            && let Some(late) = wide.names().iter().find(|name| scope.get(name).is_none())
        {
            let message = format!("`{late}` cannot be read here: {allowed}");
            let error = Err(locate(source, late, message));
            return self.keep(place, error);
        }
        let complete = narrow.and_then(|expression| self.check_prompt_fields(expression));
        self.keep(place, complete)
    }

    fn condition(&mut self, place: Place, source: &str, scope: &Scope) -> Option<Expression> {
        let parsed = Expression::parse_condition(source, scope);
        let complete = parsed.and_then(|expression| self.check_prompt_fields(expression));
        self.keep(place, complete)
    }

    /// A prompt without a field that is read would make conditions unknown that must be decided.
    fn check_prompt_fields(&self, expression: Expression) -> Result<Expression, ExpressionError> {
        let patchy = expression.names().iter().find_map(|name| {
            let prompt = self.patchy.get(name.as_str())?;
            (self.names.origin(name) == Some(Origin::Prompt)).then_some((name, prompt))
        });
        let Some((field, prompt)) = patchy else { return Ok(expression) };
        let message = format!(
            "`{field}` is read here, and the prompt `{prompt}` has no such field: give it one, even if it is empty"
        );
        Err(locate(expression.source(), field, message))
    }

    fn keep(
        &mut self,
        place: Place,
        parsed: Result<Expression, ExpressionError>,
    ) -> Option<Expression> {
        match parsed {
            Ok(expression) => Some(expression),
            Err(error) => {
                self.errors.push(GradingError { place, error });
                None
            }
        }
    }
}

fn find_patchy_fields(plan: &Plan) -> BTreeMap<&str, &str> {
    let all: BTreeSet<&str> =
        plan.prompts.iter().flat_map(|prompt| prompt.fields.keys()).map(String::as_str).collect();
    let without = |field: &str| {
        let lacking = plan.prompts.iter().find(|prompt| !prompt.fields.contains_key(field));
        lacking.map(|prompt| prompt.id.as_str())
    };
    all.into_iter().filter_map(|field| Some((field, without(field)?))).collect()
}

/// An error that points at a name in a source that parses.
fn locate(source: &str, name: &str, message: String) -> ExpressionError {
    let is_part = |character: Option<char>| {
        character.is_some_and(|c| c.is_alphanumeric() || ['_', '.'].contains(&c))
    };
    let whole = source.match_indices(name).find(|(at, _)| {
        !is_part(source[..*at].chars().next_back())
            && !is_part(source[at + name.len()..].chars().next())
    });
    let column = whole.map_or(1, |(at, _)| source[..at].chars().count() + 1);
    ExpressionError { column, message, source: source.to_owned() }
}
