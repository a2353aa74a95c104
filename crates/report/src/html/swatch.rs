//! The fill of each outcome: a colour, and a pattern over it where another outcome has the same colour.

use crate::look::{COLORS, Look, Overlay};

/// Told apart with any of the common colour blindnesses, in this order; the first two are the blue and yellow of the
/// published figure. Tuned from Okabe and Ito's palette to stand on white and on black.
const FILLS: [&str; COLORS] =
    ["#2f6fb7", "#f3c63f", "#2a9d78", "#c96aa3", "#e07b39", "#6cb6e4", "#8b8f98"];
/// Text on each of them.
const INKS: [&str; COLORS] =
    ["#ffffff", "#1d1a12", "#ffffff", "#1d1a12", "#1d1a12", "#1d1a12", "#1d1a12"];
/// What is drawn over a colour: the red hatching of the published figure.
const OVERLAY: &str = "#b3202c";

/// Definitions of the patterns that the looks use, under ids that begin with `prefix`. Each drawing has its own, so
/// that it can be copied out of the page.
pub(crate) fn define_patterns(looks: &[Look], prefix: &str) -> String {
    let patterns: String = looks.iter().filter_map(|look| define_pattern(look, prefix)).collect();
    format!("<defs>{patterns}</defs>")
}

/// The fill of a look, as the value of an attribute.
pub(crate) fn fill(look: &Look, prefix: &str) -> String {
    match look.overlay {
        None => FILLS[look.color].to_owned(),
        Some(_) => format!("url(#{prefix}{})", look.outcome),
    }
}

/// The colour of text on a look.
pub(crate) fn ink(look: &Look) -> &'static str {
    INKS[look.color]
}

/// The plain colour behind a look, for a plate under text on a pattern.
pub(crate) fn ground(look: &Look) -> &'static str {
    FILLS[look.color]
}

fn define_pattern(look: &Look, prefix: &str) -> Option<String> {
    let drawn = match look.overlay? {
        Overlay::Hatch => {
            format!(
                "<path d=\"M-2 2L2 -2M0 8L8 0M6 10L10 6\" stroke=\"{OVERLAY}\" stroke-width=\"2\"/>"
            )
        }
        Overlay::Dots => format!("<circle cx=\"4\" cy=\"4\" r=\"1.6\" fill=\"{OVERLAY}\"/>"),
    };
    Some(format!(
        "<pattern id=\"{prefix}{}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">\
         <rect width=\"8\" height=\"8\" fill=\"{}\"/>{drawn}</pattern>",
        look.outcome, FILLS[look.color]
    ))
}
