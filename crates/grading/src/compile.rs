//! A plan's expressions, parsed and checked once.
//!
//! Each place may read only what is known by then: whether a message is shown cannot hang on the answer to it.

use std::collections::{BTreeMap, BTreeSet};

use iago_expression::{Expression, ExpressionError, Scope, is_name};
use iago_sweep::{
    Counts, Criterion, Field, Measure, Message, Plan, Prompt, Question, Required, Scorer, Stage,
    StageKind,
};

use crate::grammar::Grammar;
use crate::label::criteria_scope;
use crate::names::{Names, Origin};
use crate::rules::{Count, MeasureRules, Need, Rules, StageRules};
use crate::score::Scoring;
use crate::{GradingError, Place};

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
    /// Columns that not every prompt has, with the first prompt that lacks each.
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
        let place = |name: &str| self.plan.stages.iter().position(|stage| stage.name == name);
        let hung = StageRules {
            parent: stage.of().and_then(place),
            opener: stage.opened_by().and_then(place),
            generates: stage.generates(),
            ..StageRules::default()
        };
        let when = stage.when().and_then(|when| self.stage_when(number, &hung, when));
        let mut rules = StageRules { when, ..hung };
        match &stage.kind {
            StageKind::Generate { messages, fields, .. } => {
                let shown = messages.iter().enumerate();
                rules.shown =
                    shown.map(|(at, message)| self.message(number, at, message)).collect();
                self.read_fields(number, fields, &mut rules);
            }
            StageKind::Score { scorer, .. } => rules.scoring = self.scoring(number, scorer),
            StageKind::Judge { question, .. } => self.check_vote(number, question),
        }
        rules
    }

    fn read_fields(&mut self, stage: usize, fields: &[Field], rules: &mut StageRules) {
        let (grammar, errors) = Grammar::compile(fields);
        rules.grammar = grammar;
        let located = errors.into_iter().map(|(field, error)| GradingError {
            place: Place::FieldRegex { stage, field },
            error,
        });
        self.errors.extend(located);
        let needs = fields.iter().enumerate();
        rules.required =
            needs.filter_map(|(at, field)| self.need(stage, at, &field.required)).collect();
    }

    fn scoring(&mut self, stage: usize, scorer: &Scorer) -> Option<Scoring> {
        let place = match scorer {
            Scorer::Schema { .. } => Place::Schema { stage },
            Scorer::Regex { .. }
            | Scorer::Exact(_)
            | Scorer::Contains(_)
            | Scorer::Prefix(_)
            | Scorer::Choice { .. }
            | Scorer::Number { .. }
            | Scorer::Overlap { .. }
            | Scorer::External { .. } => Place::Pattern { stage },
        };
        self.keep(place, Scoring::new(scorer))
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
        self.condition_within(place, source, &self.names.scope_sent(), allowed)
    }

    fn stage_when(&mut self, stage: usize, hung: &StageRules, source: &str) -> Option<Expression> {
        let name = |stage: Option<usize>| {
            stage.and_then(|stage| self.plan.stages.get(stage)).map_or("", |stage| &*stage.name)
        };
        let (of, after) = (name(hung.parent), name(hung.opener));
        let (scope, allowed) = match (hung.parent, hung.opener) {
            (None, None) => (
                self.names.scope_before(),
                "it hangs on no stage of the plan, so it may read only the model, factors and prompt fields"
                    .to_owned(),
            ),
            (Some(parent), None) => (self.names.scope_behind(parent), say_behind(of)),
            (Some(parent), Some(opener)) if parent == opener => {
                (self.names.scope_behind(parent), say_behind(of))
            }
            (parent, Some(opener)) => (
                self.names.scope_after(parent, opener),
                format!(
                    "it is decided when `{after}` has its label, so it may read only the model, factors, prompt fields, `{after}` (unless it votes), `{after}.finish` and `{of}.parse`; what else decides can stand in the `when` of `{after}`"
                ),
            ),
        };
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
        let measures = self.plan.measures.iter().enumerate();
        measures.filter_map(|(number, measure)| self.measure(number, measure)).collect()
    }

    fn measure(&mut self, measure: usize, rule: &Measure) -> Option<MeasureRules> {
        let scope = self.names.scope();
        let count = match &rule.counts {
            Counts::Rate(of) => {
                self.condition(Place::MeasureOf { measure }, of, &scope).map(Count::Rate)
            }
            Counts::Mean(value) => {
                let parsed = Expression::parse_number(value, &scope);
                self.keep_complete(Place::MeasureValue { measure }, parsed).map(Count::Mean)
            }
        };
        let mut optional = |place: Place, source: &Option<String>| {
            source.as_deref().and_then(|source| self.condition(place, source, &scope))
        };
        let given = optional(Place::MeasureGiven { measure }, &rule.given);
        let zero_unless = optional(Place::MeasureZeroUnless { measure }, &rule.zero_unless);
        let within = rule.within.as_deref().and_then(|within| self.within(measure, within));
        Some(MeasureRules { count: count?, given, zero_unless, within })
    }

    fn within(&mut self, measure: usize, source: &str) -> Option<Expression> {
        let allowed = "it says which transcripts the measure speaks of whatever is said in them, so it may read only the model, factors and columns of the prompt set; `given` may read the rest";
        let scope = self.names.scope_before();
        self.condition_within(Place::MeasureWhere { measure }, source, &scope, allowed)
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
        self.keep_complete(place, narrow)
    }

    fn condition(&mut self, place: Place, source: &str, scope: &Scope) -> Option<Expression> {
        self.keep_complete(place, Expression::parse_condition(source, scope))
    }

    fn keep_complete(
        &mut self,
        place: Place,
        parsed: Result<Expression, ExpressionError>,
    ) -> Option<Expression> {
        let complete = parsed.and_then(|expression| self.check_prompt_fields(expression));
        self.keep(place, complete)
    }

    /// A prompt without a field that is read would make conditions unknown that must be decided.
    fn check_prompt_fields(&self, expression: Expression) -> Result<Expression, ExpressionError> {
        let patchy = expression.names().iter().find_map(|name| {
            let prompt = self.patchy.get(name.as_str())?;
            let origin = self.names.origin(name);
            matches!(origin, Some(Origin::Prompt | Origin::Note)).then_some((name, prompt))
        });
        let Some((field, prompt)) = patchy else { return Ok(expression) };
        let message = format!(
            "`{field}` is read here, and the prompt `{prompt}` has no such field: give it one, even if it is empty"
        );
        Err(locate(expression.source(), field, message))
    }

    fn keep<T>(&mut self, place: Place, compiled: Result<T, ExpressionError>) -> Option<T> {
        match compiled {
            Ok(compiled) => Some(compiled),
            Err(error) => {
                self.errors.push(GradingError { place, error });
                None
            }
        }
    }
}

fn say_behind(of: &str) -> String {
    format!(
        "it is decided when `{of}` is answered, so it may read only the model, factors, prompt fields, `{of}.finish` and `{of}.parse`"
    )
}

fn find_patchy_fields<'a>(plan: &'a Plan) -> BTreeMap<&'a str, &'a str> {
    let names = |prompt: &'a Prompt| prompt.fields.keys().chain(prompt.notes.keys());
    let all: BTreeSet<&str> = plan.prompts.iter().flat_map(names).map(String::as_str).collect();
    let without = |field: &str| {
        let lacking = plan
            .prompts
            .iter()
            .find(|prompt| !prompt.fields.contains_key(field) && !prompt.notes.contains_key(field));
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
