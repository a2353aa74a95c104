//! How often the intervals and tests around judges, ratios, fixed suites and looks hold: the tables of
//! the README, made anew.
//!
//! ```text
//! cargo run --release -p iago-statistics --example judge_coverage [corrected|ratios|suite|looks]
//! ```
//!
//! Every cell is 20,000 invented sweeps with known truth. "Short" counts the settings that cover less
//! than 95% beyond binomial error: the upper end of the share's own 99.999% interval is below.

#![expect(clippy::print_stdout, reason = "the tables are what it is for")]

mod corrected;
mod dice;
mod looks;
mod ratios;
mod share;
mod suite;

fn main() {
    let wanted = std::env::args().nth(1);
    let tables: [(&str, fn()); 4] = [
        ("corrected", corrected::print),
        ("ratios", ratios::print),
        ("suite", suite::print),
        ("looks", looks::print),
    ];
    for (name, print) in tables {
        if wanted.as_deref().is_none_or(|wanted| wanted == name) {
            print();
        }
    }
}
