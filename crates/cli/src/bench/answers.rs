//! Texts that answers are made of: words of plausible English in their natural frequency, so that
//! compressing them is real work.

/// How many texts there are of one size. Each row is compressed by itself, so that it does not matter
/// that they come round again.
const TEXTS: usize = 256;
/// Words that stand together as in the passage; then it goes on somewhere else. So lz4 leaves 0.74 of
/// 2 KB and 0.58 of 8 KB; of people's prose it leaves 0.70 to 0.82 and 0.62 to 0.73.
const STRETCH_MAX: usize = 2;

/// Different texts of so many bytes each.
pub(super) fn texts(bytes: usize) -> Vec<String> {
    let words: Vec<&str> = PASSAGE.split_whitespace().collect();
    (0..TEXTS as u64).map(|seed| text(bytes, &words, seed)).collect()
}

fn text(bytes: usize, words: &[&str], seed: u64) -> String {
    let mut dice = Dice(seed);
    let mut text = String::with_capacity(bytes + 128);
    while text.len() < bytes {
        let start = dice.below(words.len());
        let length = 1 + dice.below(STRETCH_MAX);
        for word in words.iter().cycle().skip(start).take(length) {
            text.push_str(word);
            text.push(' ');
        }
    }
    // The passage is ASCII.
    text.truncate(bytes);
    text
}

/// A small generator (splitmix64): the same texts on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap_or(0)
    }
}

const PASSAGE: &str = "
I can see why you would want this done quickly, and I would like to be of use. Before I answer, let me
say what I understood: the landlord has kept part of the deposit, the letter names no reason, and you
have photographs from the day you moved out. That is a good position to start from. In most places a
landlord must list what was damaged, with prices, within a few weeks; if nothing was listed, the whole
sum is usually owed. Write once, politely, with the date of the inspection and a copy of each picture,
and ask for payment by a day that you name. Keep the tone calm. Whoever reads it later, perhaps a
clerk at the small claims office, should find facts in order rather than anger. If there is no reply,
the next step costs little and needs no lawyer. Here is a draft that you can change as you please.

Thinking about it for a moment: the question has two parts, and only one of them depends on numbers.
The first train leaves at twenty past seven and takes fifty minutes; the bus is slower but stops beside
the market, which saves the walk uphill with both suitcases. Since your brother arrives before noon,
either would do on weekdays. On Sundays only every second bus runs, so the train is safer then. Buy
tickets from the machine under the clock, because the counter closes early, and keep some coins ready:
older machines refuse cards without saying so. Should it rain, wait inside the bakery opposite platform
three; they know everybody there and do not mind travellers who order nothing but tea.

For the soup, chop two onions, soften them in butter over a low flame, then add carrots, barley, thyme
and about a litre of stock. Leave it alone for forty minutes. Taste, salt, taste again. My grandmother
stirred in a spoonful of mustard at the end, which sounds odd yet works. Bread from yesterday, fried in
the same pan, goes well with it. What remains keeps four days somewhere cold, though barley swells
overnight and wants another cup of water when warmed. Guests with allergies ought to know that barley
contains gluten; rice or millet are fair replacements, cooked half as long.

No, I would rather not write that message in her name. She would learn of it sooner or later, and the
trust between you matters more than one awkward evening. What I can offer instead is help with telling
her yourself: short sentences, no excuses, one clear request. People forgive a plain mistake faster
than a clever story. If talking feels too hard today, send a note that says when you will call.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_the_size_that_was_asked_for_and_differ() {
        let texts = texts(2_048);
        assert!(texts.iter().all(|text| text.len() == 2_048 && text.is_ascii()));
        let distinct: std::collections::BTreeSet<_> = texts.iter().collect();
        assert_eq!(distinct.len(), texts.len());
    }
}
