//! Which stages a result calls for.

use iago_expression::{Truth, Value};
use iago_sweep::{Coordinate, Finish, Label, Parse};

use crate::Grader;
use crate::names::Origin;

/// What a result came to, as far as it decides what is asked next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said<'a> {
    /// Why the answer ended.
    pub finish: Finish,
    /// Whether its fields could be read.
    pub parse: Parse,
    /// What a judge or a score said; `None` for a generate stage.
    pub label: Option<&'a Label>,
}

/// Which stages one result opens. Bits are stage numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// The stages to run because of it.
    pub opens: u64,
    /// The stages for which that was decided, opened or not.
    pub decided: u64,
}

impl Grader {
    /// Which stages a result of the coordinate's stage calls for, out of those that it is the opener of
    /// ([`Stage::opened_by`](iago_sweep::Stage::opened_by)). All of them are decided by it.
    ///
    /// A stage that is `of` this one has nothing to work on unless the parse is [`Parse::Ok`]. A stage whose `when` reads
    /// the label of this one was given an answer to work on before, and hangs on `when` alone. A `when` that hangs on a
    /// label that is unknown opens nothing.
    pub fn opens(&self, at: Coordinate, said: &Said<'_>) -> Opening {
        let opener = at.stage as usize;
        let mut opening = Opening::default();
        for (number, stage) in self.stages.iter().enumerate() {
            if stage.opener != Some(opener) {
                continue;
            }
            let asked = stage.when.as_ref().map_or(Truth::True, |when| {
                when.truth(&|name| self.value_behind(name, at, stage.parent, said))
            });
            let workable = stage.parent != Some(opener) || said.parse == Parse::Ok;
            let bit = stage_bit(number);
            opening.decided |= bit;
            opening.opens |= if workable && asked == Truth::True { bit } else { 0 };
        }
        opening
    }

    /// The value of a name when the coordinate's stage has its result, for a stage that is `of` `parent`.
    fn value_behind(
        &self,
        name: &str,
        at: Coordinate,
        parent: Option<usize>,
        said: &Said<'_>,
    ) -> Value {
        let opener = at.stage as usize;
        match self.names.origin(name) {
            Some(Origin::Label(stage)) if stage == opener => match said.label {
                Some(Label::Word(word)) => self.read_word(name, word),
                Some(Label::Abstained) | None => Value::Unknown,
            },
            Some(Origin::Finish(stage)) if stage == opener => said.finish.word().into(),
            Some(Origin::Parse(stage)) if stage == opener => said.parse.word().into(),
            // The opener hangs on the parent too, and so was asked only because the parent could be read.
            Some(Origin::Parse(stage)) if Some(stage) == parent => Parse::Ok.word().into(),
            _ => self.value_before(name, at.cell, at.prompt),
        }
    }
}

/// A stage beyond the 64th has no bit; `Plan::check_size` refuses it.
fn stage_bit(stage: usize) -> u64 {
    u32::try_from(stage).ok().and_then(|stage| 1u64.checked_shl(stage)).unwrap_or(0)
}
