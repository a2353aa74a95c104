//! "Did you mean …?" for keys and names.

/// Words longer than this get no suggestion: comparing takes quadratic time.
const COMPARED_MAX: usize = 64;

/// How many words a message lists before it only counts the rest.
const LISTED_MAX: usize = 20;

/// The end of a message about a word that is none of `known`: the nearest of them if there is one
/// that a slip of the fingers could have meant, and otherwise all.
pub(crate) fn suggest<'a>(
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
        1..=LISTED_MAX => format!("the {noun} here are: {}", known.join(", ")),
        count => {
            let (shown, rest) = (known[..LISTED_MAX].join(", "), count - LISTED_MAX);
            format!("the {noun} here are: {shown} and {rest} more")
        }
    }
}

/// The candidate with the fewest edits, at most one for every three characters.
fn find_nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().collect();
    if word.len() > COMPARED_MAX {
        return None;
    }
    let allowed = (word.len() / 3).max(1);
    known
        .into_iter()
        .filter(|candidate| candidate.len() <= COMPARED_MAX)
        .map(|candidate| (count_edits(&word, &candidate.to_lowercase()), candidate))
        .filter(|(edits, _)| *edits <= allowed)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, substitutions and swaps of neighbours, row by row.
fn count_edits(left: &[char], right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    let mut two_above = above.clone();
    for (i, l) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, r) in right.iter().enumerate() {
            let mut least = above[j] + usize::from(l != r);
            least = least.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *l == right[j - 1] && left[i - 1] == *r {
                least = least.min(two_above[j - 1] + 1);
            }
            row.push(least);
        }
        two_above = std::mem::replace(&mut above, row);
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        let count = |left: &str, right| count_edits(&left.chars().collect::<Vec<_>>(), right);
        assert_eq!(count("", "abc"), 3);
        assert_eq!(count("votes", "votes"), 0);
        assert_eq!(count("vote", "votes"), 1);
        assert_eq!(count("teir", "tier"), 1);
        assert_eq!(count("kitten", "sitting"), 3);
    }

    #[test]
    fn a_slip_is_corrected_and_another_word_is_not() {
        let known = ["votes", "quorum"];
        assert_eq!(suggest("quorom", "keys", known), "did you mean `quorum`?");
        assert_eq!(suggest("gold", "keys", known), "the keys here are: `votes`, `quorum`");
        assert_eq!(suggest("gold", "keys", []), "there are no keys here");
    }
}
