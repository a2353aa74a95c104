//! Prints how often every interval covers and every test rejects, as Markdown: the README's tables.
//!
//! `cargo run --release -p iago-statistics --example coverage` prints all of them, and with names after
//! `--` only those; `-- names` lists the names. Seeds are fixed, so that the same numbers come out on
//! every machine.
#![expect(clippy::print_stdout, reason = "it prints tables")]

mod corrected;
mod differences;
mod means;
mod powers;
mod rates;
mod sampler;
mod simulate;
mod sizes;
mod table;

use table::Table;

/// A table by the name it is asked for with.
type Named = (&'static str, fn() -> Table);

const TABLES: [Named; 21] = [
    ("rates", rates::rates),
    ("rates-drops", rates::rates_with_drops),
    ("rates-lost", rates::rates_lost_by_answer),
    ("gaps", differences::gaps),
    ("gaps-common", differences::gaps_in_common),
    ("gaps-drops", differences::gaps_with_drops),
    ("gaps-lost", differences::gaps_lost_by_answer),
    ("gaps-of-gaps", differences::gaps_of_gaps),
    ("gaps-of-gaps-common", differences::gaps_of_gaps_in_common),
    ("gaps-of-gaps-drops", differences::gaps_of_gaps_with_drops),
    ("gaps-of-gaps-lost", differences::gaps_of_gaps_lost_by_answer),
    ("corrected", corrected::corrected_rates),
    ("corrected-gaps", corrected::corrected_gaps),
    ("means", means::means_of_numbers),
    ("means-ones", means::means_of_zeros_and_ones),
    ("tests", sizes::tests_of_gaps),
    ("tests-of-gaps", sizes::tests_of_gaps_of_gaps),
    ("rates-two-classes", rates::rates_of_two_classes),
    ("gaps-uneven", differences::gaps_of_uneven_cells),
    ("gaps-two-classes", differences::gaps_of_two_classes),
    ("power", powers::powers_of_gaps),
];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if wanted.iter().any(|name| name == "names") {
        return TABLES.iter().for_each(|(name, _)| println!("{name}"));
    }
    for (number, (name, table)) in (1..).zip(TABLES) {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            println!("{}", table().fill(number));
        }
    }
}
