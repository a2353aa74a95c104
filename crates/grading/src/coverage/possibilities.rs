//! All that can happen at one stage, given what happened before it.

use std::collections::{BTreeMap, BTreeSet};

use iago_expression::{Truth, Value};
use iago_sweep::{Finish, Parse, Plan, StageKind, Votes};

use super::Combination;
use crate::Grader;
use crate::rules::Need;
use crate::votes::name_side;

/// How an answer can end together with how it can parse; see [`parse_answer`](crate::parse_answer).
const ENDINGS: &[(Finish, &[Parse])] = &[
    (Finish::Stop, &[Parse::Ok, Parse::Missing, Parse::Unclosed, Parse::Empty]),
    (Finish::Length, &[Parse::Ok, Parse::Truncated]),
    (Finish::Refusal, &[Parse::Ok, Parse::Refused]),
    (Finish::Filter, &[Parse::Ok, Parse::Refused]),
    (Finish::Empty, &[Parse::Empty]),
];

/// What a plan allows, as far as it matters.
pub(super) struct Possibilities<'a> {
    pub(super) plan: &'a Plan,
    pub(super) grader: &'a Grader,
    /// The names that matter; what differs only in others is one possibility.
    pub(super) read: BTreeSet<&'a str>,
}

impl Possibilities<'_> {
    /// The models and levels that matter, as the plan's cells combine them.
    pub(super) fn of_cells(&self) -> Vec<BTreeMap<String, Value>> {
        let mut cells: BTreeSet<BTreeMap<&String, &String>> = BTreeSet::new();
        for cell in &self.grader.cells {
            cells.insert(
                cell.iter().filter(|(name, _)| self.read.contains(name.as_str())).collect(),
            );
        }
        let give = |cell: BTreeMap<&String, &String>| {
            cell.into_iter().map(|(name, word)| (name.clone(), word.as_str().into())).collect()
        };
        cells.into_iter().map(give).collect()
    }

    /// Every way to go on from `fixed` at a stage.
    pub(super) fn of_stage(&self, stage: usize, fixed: &Combination) -> Vec<Combination> {
        let asked = self.is_asked(stage, fixed);
        let mut found = Vec::new();
        if asked != Truth::False {
            found.extend(match &self.plan.stages[stage].kind {
                StageKind::Generate { .. } => self.of_generate(stage, fixed),
                StageKind::Judge { .. } | StageKind::Score { .. } => self.of_graded(stage, fixed),
            });
        }
        if asked != Truth::True {
            found.push(self.skip(stage, fixed));
        }
        found
    }

    /// Unknown where that hangs on a prompt field, or on a number without end.
    fn is_asked(&self, stage: usize, fixed: &Combination) -> Truth {
        let rules = &self.grader.stages[stage];
        if !rules.hangs_on().all(|before| fixed.usable.contains(&before)) {
            return Truth::False;
        }
        let when = rules.when.as_ref();
        when.map_or(Truth::True, |when| when.truth(&|name| fixed.value(name)))
    }

    fn of_generate(&self, stage: usize, fixed: &Combination) -> Vec<Combination> {
        let name = &self.plan.stages[stage].name;
        let rules = &self.grader.stages[stage];
        let mut needs = rules.required.iter().zip(&rules.grammar.fields);
        let can_lack = needs.any(|(need, field)| !matches!(need, Need::Never) && field.can_lack());
        let (finish_name, parse_name) = (format!("{name}.finish"), format!("{name}.parse"));
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for (finish, parse) in list_endings(can_lack) {
            let finish_read = self.read.contains(finish_name.as_str()).then_some(finish);
            let parse_read = self.read.contains(parse_name.as_str()).then_some(parse);
            let usable = parse == Parse::Ok;
            if !seen.insert((finish_read, parse_read, usable)) {
                continue;
            }
            let mut combination = fixed.clone();
            let finish = finish_read.map(|finish| (finish_name.clone(), finish.word().into()));
            let parse = parse_read.map(|parse| (parse_name.clone(), parse.word().into()));
            combination.values.extend(finish.into_iter().chain(parse));
            combination.usable.extend(usable.then_some(stage));
            combination.is_broken |= !usable;
            found.push(combination);
        }
        found
    }

    fn of_graded(&self, stage: usize, fixed: &Combination) -> Vec<Combination> {
        let name = &self.plan.stages[stage].name;
        let finish_name = format!("{name}.finish");
        let finishes: &[Option<Finish>] =
            if self.read.contains(finish_name.as_str()) { &ALL_FINISHES } else { &[None] };
        let mut found = Vec::new();
        for values in self.list_verdicts(stage) {
            for finish in finishes {
                let mut combination = fixed.clone();
                combination.values.extend(values.clone());
                let finish = finish.map(|finish| (finish_name.clone(), finish.word().into()));
                combination.values.extend(finish);
                combination.usable.insert(stage);
                found.push(combination);
            }
        }
        found
    }

    fn skip(&self, stage: usize, fixed: &Combination) -> Combination {
        let mut combination = fixed.clone();
        let names = self.grader.names.of_stage(stage);
        let read = names.filter(|name| self.read.contains(name.as_str()));
        combination.values.extend(read.map(|name| (name.clone(), Value::NotAsked)));
        combination
    }

    /// What a judge or a score can decide, with the share that goes with it where that is read. A number without end
    /// stays open.
    fn list_verdicts(&self, stage: usize) -> Vec<Vec<(String, Value)>> {
        let stage = &self.plan.stages[stage];
        let share_name = format!("{}.share", stage.name);
        if let StageKind::Judge { votes: Some(votes), .. } = &stage.kind
            && self.read.contains(share_name.as_str())
        {
            let pair = |share: f64| {
                let label = (stage.name.clone(), name_side(votes, share).into());
                vec![label, (share_name.clone(), share.into())]
            };
            return list_shares(votes).into_iter().map(pair).collect();
        }
        let values = self.grader.names.values(&stage.name);
        match values.filter(|_| self.read.contains(stage.name.as_str())) {
            Some(values) => {
                values.iter().map(|value| vec![(stage.name.clone(), value.clone())]).collect()
            }
            None => vec![Vec::new()],
        }
    }
}

const ALL_FINISHES: [Option<Finish>; 5] = [
    Some(Finish::Stop),
    Some(Finish::Length),
    Some(Finish::Refusal),
    Some(Finish::Filter),
    Some(Finish::Empty),
];

/// Where no field can be required, none can be missing.
fn list_endings(can_lack: bool) -> impl Iterator<Item = (Finish, Parse)> {
    let all =
        ENDINGS.iter().flat_map(|(finish, parses)| parses.iter().map(|parse| (*finish, *parse)));
    all.filter(move |(_, parse)| can_lack || !matches!(parse, Parse::Missing | Parse::Unclosed))
}

/// Every share of `yes` that a quorum of the votes can come to, ascending.
fn list_shares(votes: &Votes) -> Vec<f64> {
    let counts = votes.quorum.max(1)..=votes.count;
    let mut shares: Vec<f64> = counts
        .flat_map(|valid| (0..=valid).map(move |yes| f64::from(yes) / f64::from(valid)))
        .collect();
    shares.sort_by(f64::total_cmp);
    shares.dedup();
    shares
}
