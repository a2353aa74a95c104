//! No more than there is room for, in whole items, and how many are left out.

/// So many characters have a page: the usual hosts take 65,536, and what is said about what is left out is to
/// find room too.
pub(super) const PAGE_MAX: usize = 65_000;

/// So many characters have a list and a table: four of them leave room for the rest of a page, whatever
/// stands in them.
pub(super) const PART_MAX: usize = 12_000;

/// So many items have a list and a table.
const ITEMS_MAX: usize = 50;

/// So many characters of a sentence are shown, before they are escaped, which makes eleven of one at most.
pub(super) const SENTENCE_MAX: usize = 600;

/// So many characters of a name.
pub(super) const NAME_MAX: usize = 120;

/// The first items that there is room for, each on a line, and how many of them are left out.
pub(super) fn fit(items: impl Iterator<Item = String>) -> (Vec<String>, usize) {
    let mut items = items.peekable();
    let (mut fitting, mut taken) = (Vec::new(), 0);
    while let Some(item) =
        items.next_if(|item| fitting.len() < ITEMS_MAX && taken + item.chars().count() < PART_MAX)
    {
        taken += item.chars().count() + 1;
        fitting.push(item);
    }
    (fitting, items.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_whole_and_those_left_out_are_counted() {
        let fitted = |count: usize, length: usize| {
            let (fitting, left_out) = fit((0..count).map(|_| "ä".repeat(length)));
            assert!(fitting.iter().all(|item| item.chars().count() == length));
            (fitting.len(), left_out)
        };
        assert_eq!(fitted(0, 9), (0, 0));
        assert_eq!(fitted(60, 9), (ITEMS_MAX, 10));
        assert_eq!(fitted(60, PART_MAX / 2 - 1), (2, 58));
        assert_eq!(fitted(60, PART_MAX), (0, 60));
    }
}
