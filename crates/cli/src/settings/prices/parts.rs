//! Who wrote what in the prices file.
//!
//! What a person wrote goes before what was imported, also a prefix of theirs before an imported id: an
//! import would otherwise undo, model by model and in silence, what somebody decided. What stands above
//! the line is a person's. Below it an import names its snapshot, and what names none is a person's too.

use std::collections::BTreeMap;

use super::{MARK, PriceFile, PricedModel};
use crate::settings::price::{check_name, is_covered};

/// The file by who wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PriceParts {
    /// What stands above the line, to the letter; all of the file where there is no line.
    pub(crate) above: String,
    pub(crate) has_line: bool,
    pub(crate) by_hand: BTreeMap<String, PricedModel>,
    pub(crate) imported: PriceFile,
    /// What a person wrote below the line, in the place of imports, and not above it as well.
    pub(crate) strays: BTreeMap<String, PricedModel>,
    /// What they wrote below the line of an id that stands above it too, where the upper one holds.
    pub(crate) doubles: BTreeMap<String, PricedModel>,
}

impl PriceParts {
    /// Reads the file's text, or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (above, below) = text.split_once(MARK).unwrap_or((text, ""));
        let has_line = above.len() < text.len();
        // Errors name lines of the file, and not of its part.
        let below = format!("{}{below}", "\n".repeat(above.matches('\n').count()));
        let (upper, lower) = (PriceFile::parse(above)?, PriceFile::parse(&below)?);
        let is_by_hand = |model: &PricedModel| has_line || model.origin.snapshot.is_empty();
        let (by_hand, moved) = upper.models.into_iter().partition(|(_, model)| is_by_hand(model));
        let mut parts =
            Self { above: above.to_owned(), has_line, by_hand, imported: lower, ..Self::default() };
        parts.imported.snapshots.extend(upper.snapshots);
        parts.imported.models.extend::<BTreeMap<_, _>>(moved);
        parts.part_strays();
        for (id, model) in &parts.by_hand {
            check_name(id)?;
            model.price.check().map_err(|why| format!("[models.\"{id}\"]: {why}"))?;
        }
        Ok(parts)
    }

    fn part_strays(&mut self) {
        let models = std::mem::take(&mut self.imported.models);
        let is_stray = |model: &PricedModel| model.origin.snapshot.is_empty();
        let (below, imported) = models.into_iter().partition(|(_, model)| is_stray(model));
        self.imported.models = imported;
        let below: BTreeMap<String, PricedModel> = below;
        (self.doubles, self.strays) =
            below.into_iter().partition(|(id, _)| self.by_hand.contains_key(id));
        self.by_hand.extend(self.strays.clone());
    }

    /// The prices that hold: a person's, and of the imported ones those of other models.
    pub(crate) fn in_force(self) -> PriceFile {
        let Self { by_hand, imported: PriceFile { snapshots, mut models }, .. } = self;
        models.retain(|id, _| !is_covered(&by_hand, id));
        models.extend(by_hand);
        PriceFile { snapshots, models }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMPORTED: &str = "[snapshots.s]\nfrom = \"a map\"\nimported = \"2026-11-21\"\n\
         blake3 = \"s\"\nlicence = \"MIT\"\n[models.\"a-1\"]\nsnapshot = \"s\"\ninput = 1\noutput = 1\n\
         [models.b]\nsnapshot = \"s\"\ninput = 2\noutput = 2\n";

    fn inputs(models: &BTreeMap<String, PricedModel>) -> Vec<(&str, i64)> {
        models.iter().map(|(id, model)| (id.as_str(), model.price.input.0 / 1_000_000)).collect()
    }

    #[test]
    fn a_prefix_by_hand_goes_before_an_imported_id() {
        let text = format!("[models.\"a*\"]\ninput = 7\noutput = 7\n{MARK}\n{IMPORTED}");
        let file = PriceParts::parse(&text).unwrap().in_force();
        assert_eq!(inputs(&file.models), [("a*", 7), ("b", 2)]);
    }

    #[test]
    fn the_same_id_may_stand_on_both_sides_of_the_line() {
        let text = format!("[models.b]\ninput = 7\noutput = 7\n{MARK}\n{IMPORTED}");
        let parts = PriceParts::parse(&text).unwrap();
        assert_eq!(inputs(&parts.clone().in_force().models), [("a-1", 1), ("b", 7)]);
        assert_eq!(inputs(&parts.imported.models), [("a-1", 1), ("b", 2)]);
    }

    #[test]
    fn what_names_no_snapshot_is_by_hand_wherever_it_stands() {
        let own = "[models.\"a*\"]\ninput = 7\noutput = 7\n";
        for text in [format!("{MARK}\n{IMPORTED}{own}"), format!("{IMPORTED}{own}")] {
            let parts = PriceParts::parse(&text).unwrap();
            assert_eq!(inputs(&parts.by_hand), [("a*", 7)]);
            assert_eq!(inputs(&parts.in_force().models), [("a*", 7), ("b", 2)]);
        }
    }

    #[test]
    fn what_a_person_wrote_on_both_sides_is_no_stray_and_the_upper_one_holds() {
        let own = |id: &str, input| format!("[models.{id}]\ninput = {input}\noutput = 1\n");
        let text = format!("{}{MARK}\n{}{}", own("d", 9), own("d", 7), own("e", 8));
        let parts = PriceParts::parse(&text).unwrap();
        assert_eq!(
            (inputs(&parts.strays), inputs(&parts.doubles)),
            (vec![("e", 8)], vec![("d", 7)])
        );
        assert_eq!(inputs(&parts.in_force().models), [("d", 9), ("e", 8)]);
    }

    #[test]
    fn a_star_within_a_name_of_a_person_is_refused_and_one_of_a_map_is_not() {
        let own = "[models.\"a*b\"]\ninput = 7\noutput = 7\n";
        assert!(PriceParts::parse(own).unwrap_err().contains("at its end only"));
        let imported = IMPORTED.replace("a-1", "a*b");
        assert!(PriceParts::parse(&format!("{MARK}\n{imported}")).is_ok());
    }

    #[test]
    fn an_error_below_the_line_names_its_line_in_the_file() {
        let error = PriceParts::parse(&format!("# one\n{MARK}\n\n[models.a\n")).unwrap_err();
        assert!(error.contains("line 4"), "{error}");
    }
}
