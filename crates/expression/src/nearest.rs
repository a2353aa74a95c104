//! "Did you mean …?": the candidate that a misspelt word is closest to.
//!
//! Public, so that a misspelt name in an expression and a misspelt key around it get one kind of answer.

/// Words longer than this get no suggestion: comparing them takes quadratic time, and nobody types them by hand.
const MAX_COMPARED_CHARACTERS: usize = 64;

/// How many words a message lists before it only counts the rest.
const MAX_LISTED: usize = 20;

/// The end of a message about a word that is none of `known`: the nearest of them if it was probably meant, and
/// otherwise all of them, under the plural `noun`.
#[must_use]
pub fn suggest<'a>(
    word: &str,
    noun: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    if let Some(nearest) = find_nearest(word, known.clone()) {
        return format!("did you mean `{nearest}`?");
    }
    let known: Vec<String> = known.into_iter().map(|word| format!("`{word}`")).collect();
    match known.len() {
        0 => format!("there are no {noun} here"),
        1..=MAX_LISTED => format!("the {noun} here are: {}", known.join(", ")),
        count => {
            let (shown, rest) = (known[..MAX_LISTED].join(", "), count - MAX_LISTED);
            format!("the {noun} here are: {shown} and {rest} more")
        }
    }
}

/// The candidate with the smallest edit distance, if it is near enough to be a slip of the fingers: one edit for every
/// three characters, and at least one. Upper and lower case count as the same. The first of equals wins.
#[must_use]
pub fn find_nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = fold_case(word)?;
    let allowed = (word.len() / 3).max(1);
    candidates
        .into_iter()
        .filter_map(|candidate| Some((measure_distance(&word, &fold_case(candidate)?), candidate)))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn fold_case(word: &str) -> Option<Vec<char>> {
    let folded: Vec<char> =
        word.chars().take(MAX_COMPARED_CHARACTERS + 1).flat_map(char::to_lowercase).collect();
    (folded.len() <= MAX_COMPARED_CHARACTERS).then_some(folded)
}

/// Optimal string alignment: insertions, deletions, substitutions, and swaps of neighbours, each at cost 1.
fn measure_distance(left: &[char], right: &[char]) -> usize {
    let mut before_last = vec![0; right.len() + 1];
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (i, &l) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &r) in right.iter().enumerate() {
            let mut best = (last[j + 1] + 1).min(row[j] + 1).min(last[j] + usize::from(l != r));
            if i > 0 && j > 0 && l == right[j - 1] && left[i - 1] == r {
                best = best.min(before_last[j - 1] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(left: &str, right: &str) -> usize {
        measure_distance(&left.chars().collect::<Vec<_>>(), &right.chars().collect::<Vec<_>>())
    }

    #[test]
    fn distances_count_single_edits() {
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("comply", "comply"), 0);
        assert_eq!(distance("comply_", "comply"), 1);
        assert_eq!(distance("cmoply", "comply"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn a_suggestion_is_the_nearest_word_or_all_of_them() {
        let known = ["votes", "quorum"];
        assert_eq!(suggest("quorom", "keys", known), "did you mean `quorum`?");
        assert_eq!(suggest("gold", "keys", known), "the keys here are: `votes`, `quorum`");
        assert_eq!(suggest("gold", "keys", []), "there are no keys here");
    }

    #[test]
    fn a_slip_is_corrected_and_another_word_is_not() {
        let words = ["comply", "refuse"];
        assert_eq!(find_nearest("Comply", words), Some("comply"));
        assert_eq!(find_nearest("refues", words), Some("refuse"));
        assert_eq!(find_nearest("abstain", words), None);
        assert_eq!(find_nearest(&"x".repeat(MAX_COMPARED_CHARACTERS + 1), words), None);
    }
}
