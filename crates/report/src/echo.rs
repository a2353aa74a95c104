//! Which model ids the endpoints say have answered.

use std::collections::BTreeMap;

/// How many different ids are kept by name for one model. One is right and two are already a finding; an endpoint that
/// makes up an id for every answer must not fill the memory.
const IDS_MAX: usize = 8;

/// The ids echoed for one model or judge.
#[derive(Clone, Debug, Default)]
pub(crate) struct Echoes {
    /// Those kept, in the order in which they came in, with the number of answers under each.
    ids: Vec<(String, u64)>,
    /// Answers under ids beyond those kept.
    beyond: u64,
    /// Answers that do not say who gave them.
    without: u64,
}

/// Some of the ids echoed for one judge: a bit for each that is kept, and one for all others together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct EchoSet(u16);

impl Echoes {
    /// Counts an answer under an id, and says which one it is.
    pub(crate) fn add(&mut self, id: Option<&str>) -> EchoSet {
        let Some(id) = id else {
            self.without += 1;
            return EchoSet::default();
        };
        let known = self.ids.iter().position(|(known, _)| known == id);
        let place = known.or_else(|| {
            (self.ids.len() < IDS_MAX).then(|| {
                self.ids.push((id.to_owned(), 0));
                self.ids.len() - 1
            })
        });
        match place {
            Some(place) => self.ids[place].1 += 1,
            None => self.beyond += 1,
        }
        EchoSet(1 << place.unwrap_or(IDS_MAX))
    }

    /// Ids with the number of answers under each, in alphabetical order.
    pub(crate) fn ids(&self) -> BTreeMap<&str, u64> {
        self.ids.iter().map(|(id, answers)| (id.as_str(), *answers)).collect()
    }

    /// Answers under ids that are not listed.
    pub(crate) fn beyond(&self) -> u64 {
        self.beyond
    }

    /// Answers that do not say who gave them.
    pub(crate) fn without(&self) -> u64 {
        self.without
    }

    /// The ids of a set in words, in alphabetical order.
    pub(crate) fn describe(&self, set: EchoSet) -> String {
        let kept = self.ids.iter().zip(0..).filter(|(_, place)| set.has(*place));
        let mut ids: Vec<&str> = kept.map(|((id, _), _)| id.as_str()).collect();
        ids.sort_unstable();
        ids.extend(set.has(IDS_MAX).then_some("other ids"));
        ids.join(", ")
    }
}

impl EchoSet {
    /// The ids of both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether no id was told.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn has(self, place: usize) -> bool {
        self.0 & (1 << place) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_that_makes_up_ids_is_seen_and_bounded() {
        let mut echoes = Echoes::default();
        let sets = (0..100).map(|number| echoes.add(Some(&format!("model-{number}"))));
        let all = sets.fold(EchoSet::default(), EchoSet::and);
        let first = echoes.add(Some("model-0"));
        assert_eq!(
            (echoes.ids().len(), echoes.ids()["model-0"], echoes.beyond()),
            (IDS_MAX, 2, 100 - IDS_MAX as u64)
        );
        assert_eq!(echoes.describe(first), "model-0");
        assert!(echoes.describe(all).ends_with("model-7, other ids"));
        assert!(echoes.add(None).is_empty());
    }
}
