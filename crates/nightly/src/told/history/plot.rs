//! Numbers on a line of characters.

use crate::told::text::columns;

/// What is drawn of one night.
#[derive(Clone, Debug)]
pub(super) struct Marks {
    pub(super) value: f64,
    pub(super) band: Option<(f64, f64)>,
    pub(super) baseline: Option<f64>,
    /// The worst that still passes.
    pub(super) limit: Option<f64>,
}

impl Marks {
    pub(super) fn value_alone(value: f64) -> Self {
        Self { value, band: None, baseline: None, limit: None }
    }

    fn all(&self) -> impl Iterator<Item = f64> {
        let ends = self.band.map(|(low, high)| [low, high]).into_iter().flatten();
        let numbers = [Some(self.value), self.baseline, self.limit].into_iter().flatten();
        numbers.chain(ends).filter(|number| number.is_finite())
    }
}

/// Where on the line a number stands.
pub(super) struct Scale {
    low: f64,
    high: f64,
    width: usize,
}

impl Scale {
    /// As wide as everything that is to be drawn.
    pub(super) fn over<'a>(marks: impl Iterator<Item = &'a Marks>, width: usize) -> Self {
        let ends = marks.flat_map(Marks::all).fold(None, |ends: Option<(f64, f64)>, number| {
            let (low, high) = ends.unwrap_or((number, number));
            Some((low.min(number), high.max(number)))
        });
        let (low, high) = ends.unwrap_or((0.0, 1.0));
        Self { low, high, width: width.max(2) }
    }

    /// Both ends, written above what is drawn.
    pub(super) fn axis(&self, show: impl Fn(f64) -> String) -> String {
        let (low, high) = (show(self.low), show(self.high));
        let between = self.width.saturating_sub(columns(&low) + columns(&high)).max(1);
        format!("{low}{}{high}", " ".repeat(between))
    }

    /// The value stands over the ends of the band, these over the margin, that over the baseline.
    pub(super) fn draw(&self, marks: &Marks) -> String {
        let mut line = vec![' '; self.width];
        let ends = marks.band.map(|(low, high)| (self.place(low), self.place(high)));
        if let Some((low, high)) = ends {
            line[low..=high].fill('─');
        }
        let single = [(marks.baseline, ':'), (marks.limit, '|')];
        for (number, mark) in single.into_iter().filter_map(|(number, mark)| Some((number?, mark)))
        {
            line[self.place(number)] = mark;
        }
        if let Some((low, high)) = ends {
            line[low] = '├';
            line[high] = '┤';
        }
        line[self.place(marks.value)] = '●';
        line.into_iter().collect::<String>().trim_end().to_owned()
    }

    fn place(&self, number: f64) -> usize {
        let last = self.width - 1;
        let share = (number - self.low) / (self.high - self.low);
        // Where all numbers are one, they stand in the middle.
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.5 };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a small number"
        )]
        let place = (share * last as f64).round() as usize;
        place.min(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(marks: &[&Marks]) -> Scale {
        Scale::over(marks.iter().copied(), 21)
    }

    #[test]
    fn a_night_is_drawn_with_its_band_its_baseline_and_its_margin() {
        let marks =
            Marks { value: 0.5, band: Some((0.4, 0.6)), baseline: Some(1.0), limit: Some(0.0) };
        assert_eq!(scale(&[&marks]).draw(&marks), "|       ├─●─┤       :");
        assert_eq!(scale(&[&marks]).axis(|end| end.to_string()), "0                   1");
    }

    #[test]
    fn numbers_that_are_all_one_stand_in_the_middle() {
        let marks = Marks::value_alone(0.3);
        assert_eq!(scale(&[&marks]).draw(&marks), "          ●");
        let none = Marks::value_alone(f64::NAN);
        assert_eq!(scale(&[&none]).draw(&none), "          ●");
    }
}
