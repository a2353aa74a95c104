//! Cells that send the same: a grid of models and conditions is large, and what is sent in it mostly
//! hangs on a few of its levels.

use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::{Cell, Condition, Plan};

/// How expressions call the model of a cell.
const MODEL: &str = "model";

/// Cells that show the same messages to the same prompt, with the same values in them.
pub(crate) struct Alike<'p> {
    /// The number of the first of them.
    pub(crate) cell: u32,
    /// Which of the variables asked for are set here.
    pub(super) defined: BTreeSet<&'p str>,
    pub(super) conditions: BTreeSet<&'p str>,
    /// The models, where it hangs on the model at all.
    pub(super) models: BTreeSet<&'p str>,
}

/// The value of each variable, as a number that equal values share.
type Values = Vec<Option<u32>>;

/// Groups a plan's cells by the values of `variables`, and by the factors and the model where
/// `names` has them.
pub(crate) fn group<'p>(
    plan: &'p Plan,
    variables: &BTreeSet<&'p str>,
    names: &BTreeSet<&str>,
) -> Vec<Alike<'p>> {
    let facts = Facts::of(plan, variables, names);
    let by_model = facts.hangs_on_models();
    let mut groups: BTreeMap<_, Alike<'p>> = BTreeMap::new();
    for (number, cell) in (0..).zip(&plan.cells) {
        let Some(values) = facts.values_of(cell) else { continue };
        let levels = facts.levels.get(cell.condition.as_str());
        let model = facts.reads_model.then_some(cell.model.as_str());
        let defined = || variables.iter().zip(&values).filter(|(_, value)| value.is_some());
        let group = groups.entry((values.clone(), levels, model)).or_insert_with(|| Alike {
            cell: number,
            defined: defined().map(|(name, _)| *name).collect(),
            conditions: BTreeSet::new(),
            models: BTreeSet::new(),
        });
        group.conditions.insert(&cell.condition);
        group.models.extend(by_model.then_some(cell.model.as_str()));
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|group| group.cell);
    groups
}

/// What the messages of a cell can hang on, by the names of its parts.
struct Facts<'p> {
    default: Values,
    models: BTreeMap<&'p str, Values>,
    conditions: BTreeMap<&'p str, Values>,
    /// Of each condition, the levels of the factors that are read.
    levels: BTreeMap<&'p str, Vec<Option<&'p str>>>,
    reads_model: bool,
}

impl<'p> Facts<'p> {
    fn of(plan: &'p Plan, variables: &BTreeSet<&'p str>, names: &BTreeSet<&str>) -> Self {
        let mut numbers = Numbers { variables, known: BTreeMap::new() };
        let factors = plan.factors.iter().map(|factor| factor.name.as_str());
        let factors: Vec<&str> = factors.filter(|name| names.contains(name)).collect();
        let mut facts = Self {
            default: numbers.number(&plan.variables),
            models: BTreeMap::new(),
            conditions: BTreeMap::new(),
            levels: BTreeMap::new(),
            reads_model: names.contains(MODEL),
        };
        for model in &plan.models {
            facts.models.insert(&model.name, numbers.number(&model.set));
        }
        for condition in &plan.conditions {
            let values = numbers.number(&plan.variables_of(condition));
            facts.conditions.insert(&condition.name, values);
            facts.levels.insert(&condition.name, levels_of(condition, &factors));
        }
        facts
    }

    fn hangs_on_models(&self) -> bool {
        self.reads_model || self.models.values().flatten().any(Option::is_some)
    }

    /// As [`Plan::variables_of_cell`]: the model's, else the condition's, else the sweep's.
    fn values_of(&self, cell: &Cell) -> Option<Values> {
        let own = self.models.get(cell.model.as_str())?;
        let set = self.conditions.get(cell.condition.as_str())?;
        let layers = own.iter().zip(set).zip(&self.default);
        Some(layers.map(|((own, set), all)| own.or(*set).or(*all)).collect())
    }
}

fn levels_of<'p>(condition: &'p Condition, factors: &[&str]) -> Vec<Option<&'p str>> {
    factors.iter().map(|factor| condition.levels.get(*factor).map(String::as_str)).collect()
}

/// Numbers for texts, so that long ones are compared once and not for every cell.
struct Numbers<'a, 'p> {
    variables: &'a BTreeSet<&'p str>,
    known: BTreeMap<String, u32>,
}

impl Numbers<'_, '_> {
    fn number(&mut self, set: &BTreeMap<String, String>) -> Values {
        let known = &mut self.known;
        let mut number = |text: &String| {
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            *known.entry(text.clone()).or_insert(next)
        };
        self.variables.iter().map(|name| set.get(*name).map(&mut number)).collect()
    }
}

impl Alike<'_> {
    /// Where a trouble is, for people: conditions, and the models where it hangs on them.
    pub(super) fn name(groups: &[&Alike<'_>]) -> String {
        let conditions: BTreeSet<&str> =
            groups.iter().flat_map(|group| group.conditions.iter().copied()).collect();
        let models: BTreeSet<&str> =
            groups.iter().flat_map(|group| group.models.iter().copied()).collect();
        let first = conditions.first().copied().unwrap_or_default();
        let place = match conditions.len() {
            1 => format!("in condition `{first}`"),
            count => format!("in {count} conditions, such as `{first}`"),
        };
        let model = models.first().copied().unwrap_or_default();
        match models.len() {
            0 => place,
            1 => format!("for model `{model}`, {place}"),
            count => format!("for {count} models, such as `{model}`, {place}"),
        }
    }
}
