//! The tag grammar: where blocks of a tag stand in a text.
//!
//! Models write about their tags as well as with them ("I will put it in `<OUTPUT>` later"), so an opening tag is no proof
//! of a block. Tags count only exactly as written, case included.

use std::borrow::Cow;
use std::ops::Range;

/// One `<tag>…</tag>` with everything in it.
#[derive(Debug, PartialEq)]
pub(crate) struct Block {
    /// With its tags.
    pub(crate) whole: Range<usize>,
    /// Between them.
    pub(crate) inner: Range<usize>,
}

/// All top-level blocks of one tag, in order.
#[derive(Debug, PartialEq)]
pub(crate) struct Blocks {
    pub(crate) complete: Vec<Block>,
    /// Where a block opens that no closing tag follows.
    pub(crate) unclosed: Option<usize>,
}

/// Finds the blocks of a tag. Blocks of the same tag within a block belong to it. Where opening and closing tags do not
/// balance, an opening tag was only mentioned, and nobody can say which: the block then runs to the last closing tag, so
/// that too much is taken for its content rather than too little.
pub(crate) fn find_blocks(text: &str, tag: &str) -> Blocks {
    let tags = find_tags(text, tag);
    let mut blocks = Blocks { complete: Vec::new(), unclosed: None };
    let mut next = 0;
    while let Some(opening) = (next..tags.len()).find(|&at| tags[at].opens) {
        let Some(closing) = find_closing(&tags, opening) else {
            blocks.unclosed = Some(tags[opening].place.start);
            break;
        };
        let (from, to) = (&tags[opening].place, &tags[closing].place);
        blocks.complete.push(Block { whole: from.start..to.end, inner: from.end..to.start });
        next = closing + 1;
    }
    blocks
}

/// What is left of a text once a tag's blocks are cut out.
pub(crate) struct Remainder<'a> {
    pub(crate) text: Cow<'a, str>,
    /// Where a block of the tag opens that never closes: nothing that begins behind it stands outside the tag.
    pub(crate) end: Option<usize>,
}

/// Cuts every complete block of a tag out of a text. A line break takes the place of each, so that what stood around it
/// cannot grow together into a tag that nobody wrote.
pub(crate) fn cut_blocks<'a>(text: &'a str, tag: &str) -> Remainder<'a> {
    let blocks = find_blocks(text, tag);
    if blocks.complete.is_empty() {
        return Remainder { text: Cow::Borrowed(text), end: blocks.unclosed };
    }
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for block in &blocks.complete {
        kept.push_str(&text[from..block.whole.start]);
        kept.push('\n');
        from = block.whole.end;
    }
    let end = blocks.unclosed.map(|at| kept.len() + at - from);
    kept.push_str(&text[from..]);
    Remainder { text: Cow::Owned(kept), end }
}

struct Tag {
    place: Range<usize>,
    opens: bool,
}

fn find_tags(text: &str, tag: &str) -> Vec<Tag> {
    let find_all = |written: String, opens: bool| {
        let length = written.len();
        let starts: Vec<usize> = text.match_indices(&written).map(|(at, _)| at).collect();
        starts.into_iter().map(move |at| Tag { place: at..at + length, opens })
    };
    let mut tags: Vec<Tag> = find_all(format!("<{tag}>"), true).collect();
    tags.extend(find_all(format!("</{tag}>"), false));
    tags.sort_by_key(|tag| tag.place.start);
    tags
}

/// The closing tag that balances the opening one, or else the last one behind it.
fn find_closing(tags: &[Tag], opening: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, tag) in tags.iter().enumerate().skip(opening) {
        if tag.opens {
            depth += 1;
            continue;
        }
        depth -= 1;
        if depth == 0 {
            return Some(at);
        }
    }
    (opening..tags.len()).rev().find(|&at| !tags[at].opens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inner<'a>(text: &'a str, blocks: &Blocks) -> Vec<&'a str> {
        blocks.complete.iter().map(|block| &text[block.inner.clone()]).collect()
    }

    #[test]
    fn blocks_of_the_same_tag_are_balanced() {
        let text = "<T>a<T>b</T>c</T> between <T>d</T>";
        assert_eq!(inner(text, &find_blocks(text, "T")), ["a<T>b</T>c", "d"]);
    }

    #[test]
    fn a_mention_that_does_not_balance_belongs_to_the_block() {
        let text = "<T>I write in <T> tags.</T> after";
        let blocks = find_blocks(text, "T");
        assert_eq!((inner(text, &blocks), blocks.unclosed), (vec!["I write in <T> tags."], None));
    }

    #[test]
    fn a_closing_tag_alone_is_text() {
        let text = "</T></T><T>a</T></T>";
        assert_eq!(inner(text, &find_blocks(text, "T")), ["a"]);
    }

    #[test]
    fn cutting_never_makes_a_tag_that_was_not_there() {
        let rest = cut_blocks("<OUT<T>a</T>PUT> <T>b", "T");
        assert_eq!((rest.text.as_ref(), rest.end), ("<OUT\nPUT> <T>b", Some(10)));
    }
}
