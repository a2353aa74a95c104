//! What is set for a model, by its id at its endpoint or for a family of ids at once.

use std::collections::BTreeMap;

/// The entry that holds for a model: that of its id, or else that of the longest prefix of it which is
/// a key with a `*` behind it.
///
/// ```
/// use iago_sweep::find_by_id;
///
/// let prices = [("*", 9), ("swift-*", 2), ("swift-large", 5)];
/// let prices = prices.map(|(id, price)| (id.to_owned(), price)).into();
/// assert_eq!(find_by_id(&prices, "swift-large"), Some(&5));
/// assert_eq!(find_by_id(&prices, "swift-small"), Some(&2));
/// assert_eq!(find_by_id(&prices, "other"), Some(&9));
/// ```
pub fn find_by_id<'m, T>(by_id: &'m BTreeMap<String, T>, id: &str) -> Option<&'m T> {
    by_id.get(id).or_else(|| {
        let prefixes = by_id.iter().filter_map(|(key, of)| Some((key.strip_suffix('*')?, of)));
        let fitting = prefixes.filter(|(prefix, _)| id.starts_with(prefix));
        fitting.max_by_key(|(prefix, _)| prefix.len()).map(|(_, of)| of)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_itself_comes_before_the_longest_prefix() {
        let keys = ["swift-*", "swift-large*", "swift-large-2", "st*r"];
        let by_id = keys.map(|key| (key.to_owned(), key)).into();
        let found = |id| find_by_id(&by_id, id).copied();
        assert_eq!(found("swift-large-2"), Some("swift-large-2"));
        assert_eq!(found("swift-large-20"), Some("swift-large*"));
        assert_eq!(found("swift-large"), Some("swift-large*"));
        assert_eq!(found("swift-small"), Some("swift-*"));
        assert_eq!(found("swift"), None);
        assert_eq!(found("star"), None, "only a `*` at the end stands for more");
    }
}
