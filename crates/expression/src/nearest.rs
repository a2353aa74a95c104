//! "Did you mean …?": the candidate that a misspelt word is closest to.

/// Words longer than this get no suggestion: comparing them takes quadratic time, and nobody types them by hand.
const MAX_COMPARED_CHARACTERS: usize = 64;

/// The candidate with the smallest edit distance, if it is near enough to be a slip of the fingers: one edit for every
/// three characters, and at least one. Upper and lower case count as the same. The first of equals wins.
pub(crate) fn find_nearest<'a>(
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
    fn a_slip_is_corrected_and_another_word_is_not() {
        let words = ["comply", "refuse"];
        assert_eq!(find_nearest("Comply", words), Some("comply"));
        assert_eq!(find_nearest("refues", words), Some("refuse"));
        assert_eq!(find_nearest("abstain", words), None);
        assert_eq!(find_nearest(&"x".repeat(MAX_COMPARED_CHARACTERS + 1), words), None);
    }
}
