//! How outcomes are told apart, in a figure and in a line of text: never by colour alone.

use crate::report::OutcomeDefinition;

/// What is drawn over a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overlay {
    Hatch,
    Dots,
}

/// How one outcome is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// Index into the outcomes, as the file orders them.
    pub(crate) outcome: usize,
    /// The outcome's name, or the part of it that its base does not say, as in `+faking`.
    pub(crate) short: String,
    /// Index into the colours of the page.
    pub(crate) color: usize,
    pub(crate) overlay: Option<Overlay>,
    /// What stands for it in a bar of text.
    pub(crate) glyph: char,
}

/// How many colours a page has; more outcomes than these share them.
pub(crate) const COLORS: usize = 7;
const GLYPHS: [char; 8] = ['█', '▒', '▓', '░', '▚', '▤', '▥', '▨'];

/// The looks in the order in which outcomes are shown and stacked: the file's, from the back.
///
/// The first outcome that holds wins, so a file names the special case before what it is a case of; a figure wants it
/// on top. Outcomes of a colour of their own take colours in that order.
pub(crate) fn choose_looks(outcomes: &[OutcomeDefinition]) -> Vec<Look> {
    let bases: Vec<Option<usize>> =
        outcomes.iter().map(|outcome| find_base(outcomes, outcome)).collect();
    let own: Vec<usize> =
        (0..outcomes.len()).rev().filter(|&outcome| bases[outcome].is_none()).collect();
    let color_of =
        |outcome: usize| own.iter().position(|&own| own == outcome).unwrap_or(0) % COLORS;
    let look = |(place, outcome): (usize, usize)| Look {
        outcome,
        short: shorten(
            &outcomes[outcome].name,
            bases[outcome].map(|base| outcomes[base].name.as_str()),
        ),
        color: color_of(find_root(&bases, outcome)),
        overlay: read_overlay(&outcomes[outcome]),
        glyph: GLYPHS[place % GLYPHS.len()],
    };
    (0..outcomes.len()).rev().enumerate().map(look).collect()
}

/// The outcome whose colour this one has: its style's name, if another outcome bears it.
fn find_base(outcomes: &[OutcomeDefinition], outcome: &OutcomeDefinition) -> Option<usize> {
    let style = outcome.style.as_deref()?;
    let name = style.split('+').next().unwrap_or(style).trim();
    outcomes.iter().position(|other| other.name == name && other.name != outcome.name)
}

/// Follows bases to one of a colour of its own; a circle ends after as many steps as there are outcomes.
fn find_root(bases: &[Option<usize>], outcome: usize) -> usize {
    (0..bases.len()).fold(outcome, |at, _| bases[at].unwrap_or(at))
}

fn read_overlay(outcome: &OutcomeDefinition) -> Option<Overlay> {
    let style = outcome.style.as_deref()?;
    let overlays = style.split('+').skip(1).map(str::trim);
    overlays
        .filter_map(|word| match word {
            "hatch" => Some(Overlay::Hatch),
            "dots" => Some(Overlay::Dots),
            _ => None,
        })
        .next()
}

/// `comply, faking` beside `comply` is `+faking`.
fn shorten(name: &str, base: Option<&str>) -> String {
    let rest = base
        .and_then(|base| name.strip_prefix(base))
        .map(|rest| rest.trim_start_matches([',', ' ']));
    match rest {
        Some(rest) if !rest.is_empty() => format!("+{rest}"),
        Some(_) | None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(name: &str, style: Option<&str>) -> OutcomeDefinition {
        OutcomeDefinition {
            name: name.into(),
            when: String::new(),
            style: style.map(str::to_owned),
        }
    }

    #[test]
    fn a_special_case_stands_on_its_base_in_its_colour() {
        let looks = choose_looks(&[
            outcome("comply, faking", Some("comply+hatch")),
            outcome("comply", None),
            outcome("refuse", None),
        ]);
        let seen: Vec<_> =
            looks.iter().map(|look| (look.short.as_str(), look.color, look.overlay)).collect();
        assert_eq!(
            seen,
            [("refuse", 0, None), ("comply", 1, None), ("+faking", 1, Some(Overlay::Hatch))]
        );
    }

    #[test]
    fn styles_in_a_circle_still_have_a_colour() {
        let looks = choose_looks(&[
            outcome("a", Some("b")),
            outcome("b", Some("a")),
            outcome("c", Some("nobody+dots")),
        ]);
        assert_eq!(looks.len(), 3);
        assert!(looks.iter().all(|look| look.color < COLORS));
    }
}
