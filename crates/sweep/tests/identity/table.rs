//! A row of the table, and what is checked of it.

use iago_sweep::*;

use crate::plan::plan;

/// What an edit of the plan comes to.
pub(crate) enum Comes {
    Same,
    /// With the stages that are read anew.
    Reanalysed(&'static [&'static str]),
    /// With what is added.
    Extended(&'static str),
    /// With what is asked otherwise.
    Different(&'static str),
}

pub(crate) use Comes::{Different, Extended, Reanalysed};

pub(crate) type Row = (&'static str, fn(&mut Plan), Comes);

/// Applies each edit to the plan, alone.
pub(crate) fn check(rows: &[Row]) {
    for (edit, change, comes) in rows {
        let (old, mut new) = (plan(), plan());
        change(&mut new);
        assert_ne!(old, new, "{edit}: nothing was edited");
        let relation = relation(&old, &new);
        let (expected, read_anew): (_, &[&str]) = match comes {
            Comes::Same => (Relation::Same, &[]),
            Reanalysed(stages) => (Relation::Reanalysed, stages),
            Extended(added) => (Relation::Extended(vec![(*added).to_owned()]), &[]),
            Different(what) => (Relation::Different((*what).to_owned()), &[]),
        };
        assert_eq!(relation, expected, "{edit}");
        let asks_the_same = matches!(comes, Comes::Same | Reanalysed(_));
        assert_eq!(
            old.ask_hash() == new.ask_hash(),
            asks_the_same,
            "{edit}: the hash of what is asked"
        );
        if !matches!(comes, Different(_)) {
            assert_eq!(rereads(&old, &new), read_anew, "{edit}: what is read anew");
        }
    }
}
