//! What the numbers are numbers of, out of the plan and of what the endpoints told of themselves.

use iago_sweep::{Digest, Model, Parameters, Plan, Scorer, Stage, StageKind};
use serde_json::json;

use crate::echo::Echoes;
use crate::material::Material;
use crate::report::{
    CellDefinition, Definitions, FigureDefinition, GateDefinition, JudgeDefinition, Kind,
    MeasureDefinition, ModelDefinition, OutcomeDefinition, ScoreDefinition, TextDefinition,
};

/// Spells out a plan for the reader of its numbers.
pub(crate) fn define(material: &Material) -> Definitions {
    let plan = material.plan();
    let models = plan.models.iter().zip(material.model_echoes());
    let judges = plan.judges.iter().zip(material.judge_echoes());
    let stages = plan.stages.iter().zip(material.program_echoes());
    Definitions {
        outcomes: define_outcomes(plan),
        measures: define_measures(plan),
        judges: judges.map(|(judge, echoes)| define_judge(plan, judge, echoes)).collect(),
        scores: stages.filter_map(|(stage, echoes)| define_score(stage, echoes)).collect(),
        models: models.map(|(model, echoes)| define_model(model, echoes)).collect(),
        cells: define_cells(plan),
        texts: define_texts(plan),
        figures: define_figures(plan),
        gates: define_gates(plan),
        generalise: plan.generalise,
    }
}

/// Everything that a judge is asked with: the same hash, the same judge.
fn hash_judge(plan: &Plan, judge: &Model) -> Digest {
    let asks = plan.stages.iter().filter_map(|stage| match &stage.kind {
        StageKind::Judge { judge: name, sees, text, question, votes, .. }
            if *name == judge.name =>
        {
            Some(json!([stage.name, sees, text, question, votes]))
        }
        StageKind::Judge { .. } | StageKind::Generate { .. } | StageKind::Score { .. } => None,
    });
    let asks: Vec<_> = asks.collect();
    Digest::of_value(&json!([judge.endpoint, judge.id, judge.parameters, asks]))
}

fn define_outcomes(plan: &Plan) -> Vec<OutcomeDefinition> {
    let outcomes = plan.outcomes.iter().map(|outcome| OutcomeDefinition {
        name: outcome.name.clone(),
        when: outcome.when.clone(),
        style: outcome.style.clone(),
    });
    outcomes.collect()
}

fn define_measures(plan: &Plan) -> Vec<MeasureDefinition> {
    let measures = plan.measures.iter().map(|measure| MeasureDefinition {
        name: measure.name.clone(),
        kind: Kind::of(measure),
        of: measure.expression().to_owned(),
        given: measure.given.clone(),
        within: measure.within.clone(),
        zero_unless: measure.zero_unless.clone(),
    });
    measures.collect()
}

fn define_judge(plan: &Plan, judge: &Model, echoes: &Echoes) -> JudgeDefinition {
    JudgeDefinition {
        name: judge.name.clone(),
        id: judge.id.clone(),
        hash: hash_judge(plan, judge).to_string(),
        stages: list_stages(plan, &judge.name),
        echoed: list_echoes(echoes),
    }
}

fn define_model(model: &Model, echoes: &Echoes) -> ModelDefinition {
    ModelDefinition {
        name: model.name.clone(),
        id: model.id.clone(),
        run: model.run.clone(),
        step: model.step,
        parent: model.parent.clone(),
        expect: model.expect.clone(),
        set: model.set.clone().into_iter().collect(),
        echoed: list_echoes(echoes),
    }
}

fn define_score(stage: &Stage, echoes: &Echoes) -> Option<ScoreDefinition> {
    let StageKind::Score { of, scorer, .. } = &stage.kind else { return None };
    let (kind, expected) = describe_scorer(scorer);
    Some(ScoreDefinition {
        name: stage.name.clone(),
        of: of.clone(),
        kind: kind.to_owned(),
        field: scorer.field().map(str::to_owned),
        expected,
        versions: list_echoes(echoes),
    })
}

/// What it does, and what it expects of the field.
fn describe_scorer(scorer: &Scorer) -> (&'static str, String) {
    let normalised = |expected: &iago_sweep::Expected| {
        let words: Vec<String> = expected.normalise.iter().map(ToString::to_string).collect();
        if words.is_empty() {
            expected.text.clone()
        } else {
            format!("{} (both in {})", expected.text, words.join(", "))
        }
    };
    match scorer {
        Scorer::Exact(expected) => ("exact", normalised(expected)),
        Scorer::Contains(expected) => ("contains", normalised(expected)),
        Scorer::Prefix(expected) => ("prefix", normalised(expected)),
        Scorer::Regex { pattern, .. } => ("regex", pattern.clone()),
        Scorer::Choice { among, equals, .. } => {
            ("choice", format!("{equals} among {}", among.join(", ")))
        }
        Scorer::Number { equals, within, .. } => ("number", format!("{equals} ± {within}")),
        Scorer::Overlap { with, share, .. } => {
            ("overlap", format!("{share} of the words of {with}"))
        }
        Scorer::Schema { schema, .. } => ("schema", schema.clone()),
        Scorer::External { program, sees, .. } => {
            ("external", format!("program {program}, which sees {}", sees.join(", ")))
        }
    }
}

fn list_stages(plan: &Plan, name: &str) -> Vec<String> {
    let asked = plan.stages.iter().filter(|stage| match &stage.kind {
        StageKind::Judge { judge, .. } | StageKind::Generate { helper: Some(judge), .. } => {
            judge == name
        }
        StageKind::Generate { helper: None, .. } | StageKind::Score { .. } => false,
    });
    asked.map(|stage| stage.name.clone()).collect()
}

fn list_echoes(echoes: &Echoes) -> Vec<(String, u64)> {
    let beyond = (echoes.beyond() > 0).then(|| ("(other ids)".to_owned(), echoes.beyond()));
    echoes.ids().into_iter().map(|(id, answers)| (id.to_owned(), answers)).chain(beyond).collect()
}

/// Only the cells that ask less than the rest, or in another way.
fn define_cells(plan: &Plan) -> Vec<CellDefinition> {
    let define = |cell: &iago_sweep::Cell| {
        let asked = plan.models.iter().find(|model| model.name == cell.model);
        let usual = asked.map(|model| &model.parameters);
        let own = cell.parameters.as_ref();
        let tokens = |parameters: &Parameters| parameters.max_output_tokens;
        let temperature = |parameters: &Parameters| parameters.temperature;
        CellDefinition {
            model: cell.model.clone(),
            condition: cell.condition.clone(),
            prompts_max: cell.prompts_max,
            repeats_max: cell.repeats_max,
            max_output_tokens: own.map(tokens).filter(|own| Some(*own) != usual.map(tokens)),
            temperature: own
                .and_then(temperature)
                .filter(|own| Some(*own) != usual.and_then(temperature)),
        }
    };
    plan.cells.iter().map(define).filter(CellDefinition::is_special).collect()
}

impl CellDefinition {
    fn is_special(&self) -> bool {
        self.prompts_max.is_some()
            || self.repeats_max.is_some()
            || self.max_output_tokens.is_some()
            || self.temperature.is_some()
    }
}

fn define_texts(plan: &Plan) -> Vec<TextDefinition> {
    let texts = plan.texts.iter().map(|text| TextDefinition {
        name: text.name.clone(),
        of: text.of.clone(),
        diff: text.diff.clone(),
    });
    texts.collect()
}

fn define_figures(plan: &Plan) -> Vec<FigureDefinition> {
    let figures = plan.figures.iter().map(|figure| FigureDefinition {
        kind: figure.kind,
        run: figure.run.clone(),
        panels: figure.panels.clone(),
        bands: figure.bands.clone(),
    });
    figures.collect()
}

fn define_gates(plan: &Plan) -> Vec<GateDefinition> {
    let gates = plan.gates.iter().map(|gate| GateDefinition {
        measure: gate.measure.clone(),
        better: gate.better,
        margin: gate.margin,
        tier: gate.tier,
    });
    gates.collect()
}
