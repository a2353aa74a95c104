//! The end of one job in one byte, and the label of one vote in another: what keeps ten million jobs in memory.

use iago_sweep::{FailureClass, Finish, Label, Parse};

/// How a job stands, packed. Zero is a job of which nothing is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slot(u8);

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Nothing came in.
    Open,
    /// It was decided that it is not asked.
    Skipped,
    Failed(FailureClass),
    Answered(Finish, Parse),
}

/// Set where the endpoint declared that its behaviour is planted.
const SIMULATED: u8 = 1 << 7;
const SKIPPED: u8 = 1;
const FAILED: u8 = 2;
const ANSWERED: u8 = FAILED + count(FailureClass::ALL.len());

impl Slot {
    pub(crate) fn skipped() -> Self {
        Self(SKIPPED)
    }

    pub(crate) fn failed(class: FailureClass, simulated: bool) -> Self {
        Self(FAILED + place(FailureClass::ALL, &class)).marked(simulated)
    }

    pub(crate) fn answered(finish: Finish, parse: Parse, simulated: bool) -> Self {
        let ends =
            place(Finish::ALL, &finish) * count(Parse::ALL.len()) + place(Parse::ALL, &parse);
        Self(ANSWERED + ends).marked(simulated)
    }

    pub(crate) fn end(self) -> End {
        let code = self.0 & !SIMULATED;
        let parses = Parse::ALL.len();
        match code {
            0 => End::Open,
            SKIPPED => End::Skipped,
            FAILED..ANSWERED => End::Failed(FailureClass::ALL[usize::from(code - FAILED)]),
            ANSWERED.. => {
                let ends = usize::from(code - ANSWERED);
                End::Answered(Finish::ALL[ends / parses], Parse::ALL[ends % parses])
            }
        }
    }

    pub(crate) fn is_simulated(self) -> bool {
        self.0 & SIMULATED != 0
    }

    fn marked(self, simulated: bool) -> Self {
        Self(self.0 | if simulated { SIMULATED } else { 0 })
    }
}

/// The label of one vote, packed: no label, abstained, or a word of the stage's question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LabelSlot(u8);

impl LabelSlot {
    /// How many words a question may have.
    pub(crate) const WORDS_MAX: usize = 254;
    const ABSTAINED: u8 = 1;

    /// A word that is none of the question's is no label: it counts as abstained, never as a class.
    pub(crate) fn pack(label: Option<&Label>, words: &[String]) -> Self {
        let Some(label) = label else { return Self::default() };
        let number = match label {
            Label::Abstained => None,
            Label::Word(word) => words.iter().position(|known| known == word),
        };
        let code =
            number.and_then(|number| u8::try_from(number + 1 + usize::from(Self::ABSTAINED)).ok());
        Self(code.unwrap_or(Self::ABSTAINED))
    }

    /// The label, as [`pack`](Self::pack) was given it; abstained where a judge's result had none.
    pub(crate) fn label(self, words: &[String]) -> Label {
        let number = usize::from(self.0).checked_sub(1 + usize::from(Self::ABSTAINED));
        number
            .and_then(|number| words.get(number))
            .map_or(Label::Abstained, |word| Label::Word(word.clone()))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "lengths of lists with fewer than ten values")]
const fn count(length: usize) -> u8 {
    length as u8
}

fn place<T: PartialEq>(all: &[T], value: &T) -> u8 {
    let place = all.iter().position(|known| known == value);
    count(place.expect("`ALL` lists every value of its type"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_survives_its_byte() {
        for simulated in [false, true] {
            for &finish in Finish::ALL {
                for &parse in Parse::ALL {
                    let slot = Slot::answered(finish, parse, simulated);
                    assert_eq!(
                        (slot.end(), slot.is_simulated()),
                        (End::Answered(finish, parse), simulated)
                    );
                }
            }
            for &class in FailureClass::ALL {
                let slot = Slot::failed(class, simulated);
                assert_eq!((slot.end(), slot.is_simulated()), (End::Failed(class), simulated));
            }
        }
        assert_eq!((Slot::default().end(), Slot::skipped().end()), (End::Open, End::Skipped));
    }

    #[test]
    fn a_word_that_no_question_has_is_an_abstention() {
        let words = ["comply".to_owned(), "refuse".to_owned()];
        let read =
            |word: &str| LabelSlot::pack(Some(&Label::Word(word.into())), &words).label(&words);
        assert_eq!(read("refuse"), Label::Word("refuse".into()));
        assert_eq!(read("perhaps"), Label::Abstained);
    }
}
