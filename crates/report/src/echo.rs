//! Which model ids the endpoints say have answered.

use std::collections::BTreeMap;

/// How many different ids are kept by name for one model. One is right and two are already a finding; an endpoint that
/// makes up an id for every answer must not fill the memory.
const IDS_MAX: usize = 8;

/// The ids echoed for one model or judge.
#[derive(Clone, Debug, Default)]
pub(crate) struct Echoes {
    ids: BTreeMap<String, u64>,
    /// Answers under ids beyond those kept.
    beyond: u64,
}

impl Echoes {
    pub(crate) fn add(&mut self, id: Option<&str>) {
        let Some(id) = id else { return };
        if let Some(answers) = self.ids.get_mut(id) {
            *answers += 1;
        } else if self.ids.len() < IDS_MAX {
            self.ids.insert(id.to_owned(), 1);
        } else {
            self.beyond += 1;
        }
    }

    /// Ids with the number of answers under each.
    pub(crate) fn ids(&self) -> &BTreeMap<String, u64> {
        &self.ids
    }

    /// Answers under ids that are not listed.
    pub(crate) fn beyond(&self) -> u64 {
        self.beyond
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_that_makes_up_ids_is_seen_and_bounded() {
        let mut echoes = Echoes::default();
        (0..100).for_each(|number| echoes.add(Some(&format!("model-{number}"))));
        echoes.add(Some("model-0"));
        assert_eq!(
            (echoes.ids().len(), echoes.ids()["model-0"], echoes.beyond()),
            (IDS_MAX, 2, 100 - IDS_MAX as u64)
        );
    }
}
