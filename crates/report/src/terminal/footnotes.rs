//! Sentences that are too long for a table: a letter in their place, and below it what the letter says.

use super::line::{Line, Tone, wrap};

/// The sentences of one table, each once.
pub(crate) struct Footnotes {
    sentences: Vec<String>,
}

impl Footnotes {
    /// In the order in which they come up.
    pub(crate) fn gather<'a>(said: impl IntoIterator<Item = &'a str>) -> Self {
        let mut sentences: Vec<String> = Vec::new();
        for sentence in said {
            if !sentences.iter().any(|known| known == sentence) {
                sentences.push(sentence.to_owned());
            }
        }
        Self { sentences }
    }

    /// What stands for a sentence: `(a)`; the sentence itself if it was not gathered.
    pub(crate) fn mark(&self, sentence: &str) -> String {
        let place = self.sentences.iter().position(|known| known == sentence);
        place.map_or_else(|| format!("({sentence})"), mark_at)
    }

    /// The sentences with their letters.
    pub(crate) fn list(&self) -> Vec<String> {
        let notes = self.sentences.iter().enumerate();
        notes.map(|(place, sentence)| format!("{} {sentence}", mark_at(place))).collect()
    }

    /// The sentences as lines below the table.
    pub(crate) fn describe(&self, width: usize) -> Vec<Line> {
        self.list().iter().flat_map(|note| wrap(Tone::Plain, note, 4, width)).collect()
    }
}

/// Letters, and numbers once they are used up.
fn mark_at(place: usize) -> String {
    let letter = u8::try_from(place).ok().filter(|place| *place < 26);
    match letter {
        Some(place) => format!("({})", char::from(b'a' + place)),
        None => format!("({})", place + 1),
    }
}
