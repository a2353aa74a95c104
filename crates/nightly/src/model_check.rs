//! Which model answered. A name may be pointed elsewhere overnight, and what answers then is compared with
//! something that it is not.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A model under test, a helper, or the model of a judge: the ids that its endpoint answered with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelCheck {
    /// Its name in the sweep.
    pub name: String,
    /// The id that tonight's plan expects.
    pub expected: Option<String>,
    /// Tonight's.
    pub tonight: Echoes,
    /// The id that the baseline's plan expected.
    pub expected_then: Option<String>,
    /// The baseline's.
    pub baseline: Echoes,
}

/// The ids that came with answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Echoes {
    /// Every id that came.
    pub ids: BTreeSet<String>,
    /// Some answers came without any.
    pub some_without: bool,
}

/// How the ids are not what they should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherModel {
    /// Its name in the sweep.
    pub model: String,
    /// What should have answered: the expected id, or else what answered in the baseline.
    pub expected: BTreeSet<String>,
    /// What did answer.
    pub answered: BTreeSet<String>,
    /// Some answers did not say who gave them.
    pub some_without: bool,
}

impl ModelCheck {
    /// What is wrong with tonight's ids: they are held to the expected one, and where none is expected to
    /// those of the baseline. Answers without an id are unknown, and unknown is not as expected. A run
    /// without any answer says nothing of its model; that it has none is told elsewhere.
    pub fn change(&self) -> Option<OtherModel> {
        match &self.expected {
            Some(id) => self.differs(&self.tonight, Echoes::only(id)),
            None => self.change_since_baseline(),
        }
    }

    /// How tonight's ids are not the baseline's, whatever is expected; `None` where either has no answers.
    pub fn change_since_baseline(&self) -> Option<OtherModel> {
        let has_then = !self.baseline.is_silent();
        has_then.then(|| self.differs(&self.tonight, self.baseline.clone())).flatten()
    }

    /// What is wrong with the baseline's own ids: another than was expected then, or several.
    pub fn fault_of_baseline(&self) -> Option<OtherModel> {
        match &self.expected_then {
            Some(id) => self.differs(&self.baseline, Echoes::only(id)),
            None => self.mixed_baseline(),
        }
    }

    fn mixed_baseline(&self) -> Option<OtherModel> {
        let Echoes { ids, some_without } = &self.baseline;
        let kinds = ids.len() + usize::from(*some_without && !ids.is_empty());
        (kinds > 1).then(|| self.found(&self.baseline, BTreeSet::new()))
    }

    fn differs(&self, echoes: &Echoes, held_to: Echoes) -> Option<OtherModel> {
        (!echoes.is_silent() && *echoes != held_to).then(|| self.found(echoes, held_to.ids))
    }

    fn found(&self, echoes: &Echoes, expected: BTreeSet<String>) -> OtherModel {
        let Echoes { ids, some_without } = echoes.clone();
        OtherModel { model: self.name.clone(), expected, answered: ids, some_without }
    }
}

impl Echoes {
    fn only(id: &str) -> Self {
        Self { ids: BTreeSet::from([id.to_owned()]), some_without: false }
    }

    fn is_silent(&self) -> bool {
        self.ids.is_empty() && !self.some_without
    }
}

impl std::fmt::Display for OtherModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { model, expected, answered, some_without } = self;
        let list = |ids: &BTreeSet<String>| {
            ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
        };
        write!(f, "model `{model}`: ")?;
        match (answered.is_empty(), some_without) {
            (true, _) => f.write_str("its answers do not say who gave them")?,
            (false, true) => write!(f, "{} answered, and some did not say who", list(answered))?,
            (false, false) => write!(f, "{} answered", list(answered))?,
        }
        if expected.is_empty() { Ok(()) } else { write!(f, ", and not {}", list(expected)) }
    }
}
