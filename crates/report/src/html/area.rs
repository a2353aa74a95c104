//! One condition's stacked areas over the steps of a run, as SVG that can be copied out of the page.

use super::escape::escape;
use super::panel::{FAINT, clip, draw_mark, sum_simulated};
use super::series::{Point, SeriesPanel};
use super::swatch::{define_patterns, fill};
use crate::look::Look;
use crate::report::{Cell, Estimate};
use crate::shown::{points, thousands};

/// Everything that a panel shows.
pub(crate) struct AreaPanel<'a> {
    pub(crate) run: &'a str,
    pub(crate) series: &'a SeriesPanel<'a>,
    /// From the bottom up.
    pub(crate) looks: &'a [Look],
    pub(crate) is_interim: bool,
    /// Begins the ids of the panel's patterns.
    pub(crate) prefix: String,
}

// Lengths in SVG units, which are pixels at full size.
const WIDTH: f64 = 430.0;
const LEFT: f64 = 40.0;
/// Half the number of the last step.
const RIGHT: f64 = 22.0;
const TOP: f64 = 54.0;
const HEIGHT: f64 = 230.0;
const LINE: f64 = 14.0;
/// A step whose neighbours have no cell is drawn this wide.
const LONE: f64 = 6.0;
/// Of one digit under the axis.
const DIGIT: f64 = 6.6;
/// Between the labels of two steps.
const LABELS_APART: f64 = 7.0;

impl AreaPanel<'_> {
    pub(crate) fn draw(&self) -> String {
        let captions = self.captions();
        let foot = TOP + HEIGHT + LINE * 1.6;
        let height = foot + LINE * (captions.len() as f64 + 0.3);
        let lines = (1u32..).zip(captions).map(|(line, (style, text))| {
            let y = foot + LINE * f64::from(line) - 3.0;
            format!("<text x=\"{LEFT}\" y=\"{y}\"{style}>{}</text>\n", escape(&text))
        });
        let areas: String =
            self.looks.iter().enumerate().map(|(place, _)| self.draw_band(place)).collect();
        format!(
            "<svg class=\"panel area\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
             aria-label=\"{}\" xmlns=\"http://www.w3.org/2000/svg\" font-family=\"system-ui, sans-serif\" \
             font-size=\"11\" fill=\"currentColor\">\n{}{}{}{areas}{}{}</svg>\n",
            escape(&self.describe()),
            define_patterns(self.looks, &self.prefix),
            self.draw_title(),
            draw_shares(),
            self.draw_steps(),
            lines.collect::<String>()
        )
    }

    /// What the drawing shows, for who cannot see it: its ends. The table below it has the rest.
    fn describe(&self) -> String {
        let shown: Vec<&Point<'_>> =
            self.series.points.iter().filter(|point| stack(point, self.looks).is_some()).collect();
        let tell = |point: &&Point<'_>| {
            let shares = self.looks.iter().filter_map(|look| {
                let share = point.cell?.outcomes[look.outcome].estimate.known()?.value;
                Some(format!("{} {}%", look.short, points(share)))
            });
            format!("at step {} {}", point.step, shares.collect::<Vec<_>>().join(", "))
        };
        let ends: Vec<String> = match shown.as_slice() {
            [] => vec!["no data".to_owned()],
            [only] => vec![tell(only)],
            [first, .., last] => vec![tell(first), tell(last)],
        };
        format!("Outcomes over the steps of {}: {}", self.title(), ends.join("; "))
    }

    fn title(&self) -> String {
        let levels = self.series.levels.join(", ");
        if levels.is_empty() { self.run.to_owned() } else { format!("{levels} · {}", self.run) }
    }

    fn draw_title(&self) -> String {
        let cells: Vec<&Cell> = self.series.points.iter().filter_map(|point| point.cell).collect();
        let interim = if self.is_interim {
            "<text x=\"0\" y=\"34\" font-weight=\"700\" fill=\"#b3202c\">INTERIM</text>\n"
        } else {
            ""
        };
        format!(
            "<text x=\"0\" y=\"16\" font-size=\"15\" font-weight=\"700\">{}<title>{}</title></text>\n{interim}{}",
            escape(&clip(&self.title(), 34)),
            escape(&self.title()),
            draw_mark(sum_simulated(&cells), WIDTH)
        )
    }

    /// One outcome: an area for each stretch of steps that follow each other with data.
    fn draw_band(&self, place: usize) -> String {
        let look = &self.looks[place];
        let mut drawn = String::new();
        for stretch in self.stretches() {
            let edges: Vec<(f64, f64, f64)> = stretch
                .iter()
                .map(|(step, tops)| {
                    let below = place.checked_sub(1).map_or(0.0, |below| tops[below]);
                    (self.x(*step), y(below), y(tops[place]))
                })
                .collect();
            if edges.iter().all(|(_, low, high)| low - high <= 0.0) {
                continue;
            }
            let (shape, paint) = (outline(&edges), fill(look, &self.prefix));
            let name = escape(&look.short);
            let area =
                format!("<path d=\"{shape}\" fill=\"{paint}\"><title>{name}</title></path>\n");
            drawn.push_str(&area);
        }
        drawn
    }

    /// Steps with the tops of their bands, in stretches without a gap.
    fn stretches(&self) -> Vec<Vec<(u64, Vec<f64>)>> {
        let mut stretches: Vec<Vec<(u64, Vec<f64>)>> = vec![Vec::new()];
        for point in &self.series.points {
            match (stack(point, self.looks), stretches.last_mut()) {
                (Some(tops), Some(last)) => last.push((point.step, tops)),
                _ => stretches.push(Vec::new()),
            }
        }
        stretches.retain(|stretch| !stretch.is_empty());
        stretches
    }

    /// The axis: a tick at every step, because between them nothing was measured; and its number where there is room.
    fn draw_steps(&self) -> String {
        let steps: Vec<u64> = self.series.points.iter().map(|point| point.step).collect();
        let base = TOP + HEIGHT;
        let ticks = steps.iter().map(|&step| {
            let x = self.x(step);
            format!(
                "<path d=\"M{x:.1} {TOP}V{base}\" stroke=\"#000\" stroke-opacity=\"0.28\" stroke-dasharray=\"2 3\"/>\
                 <path d=\"M{x:.1} {base}v5\" stroke=\"currentColor\"/>\n"
            )
        });
        let labels = self.label_steps(&steps).into_iter().map(|(step, x)| {
            format!(
                "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                base + LINE + 3.0,
                thousands(step)
            )
        });
        format!(
            "{}{}<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill-opacity=\"0.7\">step</text>\n",
            ticks.collect::<String>(),
            labels.collect::<String>(),
            LEFT - 12.0,
            base + LINE + 3.0
        )
    }

    /// The first and the last step always have their number; of the others, as many as fit, later ones first: early
    /// steps stand close together.
    fn label_steps(&self, steps: &[u64]) -> Vec<(u64, f64)> {
        let mut labelled: Vec<(u64, f64)> = Vec::new();
        let ends = [steps.first(), steps.last()].into_iter().flatten();
        for &step in ends.chain(steps.iter().rev()) {
            let x = self.x(step);
            let half = |step: u64| thousands(step).len() as f64 * DIGIT / 2.0;
            let is_free = labelled.iter().all(|&(other, place)| {
                (x - place).abs() >= half(step) + half(other) + LABELS_APART
            });
            if is_free {
                labelled.push((step, x));
            }
        }
        labelled
    }

    /// Below the axis: the n, what is not in it, and what is not asked here.
    fn captions(&self) -> Vec<(&'static str, String)> {
        let cells = || self.series.points.iter().filter_map(|point| point.cell);
        let span = |count: fn(&Cell) -> u64| {
            let (least, most) =
                (cells().map(count).min().unwrap_or(0), cells().map(count).max().unwrap_or(0));
            if least == most {
                thousands(most)
            } else {
                format!("{} to {}", thousands(least), thousands(most))
            }
        };
        let mut captions = vec![("", format!("n = {} at each step", span(|cell| cell.n)))];
        if cells().any(|cell| cell.missing() > 0) {
            captions.push(("", format!("{} dropped or unknown at each step", span(Cell::missing))));
        }
        let without: Vec<String> = self
            .series
            .points
            .iter()
            .filter(|point| stack(point, self.looks).is_none())
            .map(|point| thousands(point.step))
            .collect();
        if !without.is_empty() {
            captions.push((FAINT, clip(&format!("no data at step {}", without.join(", ")), 60)));
        }
        let is_not_asked = |look: &&Look| {
            let mut estimates = cells().map(|cell| &cell.outcomes[look.outcome].estimate);
            estimates.all(|estimate| *estimate == Estimate::NotAsked)
        };
        for look in self.looks.iter().filter(is_not_asked) {
            captions.push((FAINT, clip(&format!("{}: not asked", look.short), 60)));
        }
        captions
    }

    /// Linear: equal distances are equal numbers of steps.
    fn x(&self, step: u64) -> f64 {
        let steps = || self.series.points.iter().map(|point| point.step);
        let (first, last) = (steps().min().unwrap_or(0), steps().max().unwrap_or(0));
        let share = if last > first { (step - first) as f64 / (last - first) as f64 } else { 0.5 };
        LEFT + share * (WIDTH - LEFT - RIGHT)
    }
}

/// The top of each band, from the bottom up, as shares; `None` where nothing was counted.
fn stack(point: &Point<'_>, looks: &[Look]) -> Option<Vec<f64>> {
    let cell = point.cell.filter(|cell| cell.n > 0)?;
    let share = |look: &Look| cell.outcomes[look.outcome].estimate.known().map_or(0.0, |r| r.value);
    let mut top = 0.0;
    let tops = looks.iter().map(|look| {
        top += share(look);
        top
    });
    Some(tops.collect())
}

/// Along the upper edge and back along the lower one; a step alone is a bar.
fn outline(edges: &[(f64, f64, f64)]) -> String {
    if let [(x, low, high)] = edges {
        let left = x - LONE / 2.0;
        return format!("M{left:.1} {low:.2}V{high:.2}h{LONE}V{low:.2}Z");
    }
    let upper = edges.iter().map(|(x, _, high)| format!("{x:.1} {high:.2}"));
    let lower = edges.iter().rev().map(|(x, low, _)| format!("{x:.1} {low:.2}"));
    format!("M{}Z", upper.chain(lower).collect::<Vec<_>>().join("L"))
}

fn y(share: f64) -> f64 {
    TOP + HEIGHT * (1.0 - share)
}

fn draw_shares() -> String {
    let tick = |percent: u32| {
        let y = y(f64::from(percent) / 100.0);
        format!(
            "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\" stroke=\"currentColor\" stroke-opacity=\"0.18\"/>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill-opacity=\"0.7\">{percent}%</text>\n",
            WIDTH - RIGHT,
            LEFT - 5.0,
            y + 4.0
        )
    };
    [0, 25, 50, 75, 100].map(tick).concat()
}
