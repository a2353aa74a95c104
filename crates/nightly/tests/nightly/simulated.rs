//! The worst settings of the README's table, over fewer nights.

use iago_statistics::clopper_pearson;
use iago_sweep::Generalise;

use crate::world::{Kind, Planted, Setting, World};

const NIGHTS: u64 = 1_000;

/// The settings that came nearest to breaking a promise.
fn worst() -> [Setting; 3] {
    let setting = Setting {
        generalise: Generalise::Suite,
        kind: Kind::BetaBinomial,
        gates: 2,
        looks: 2,
        missing: 0.003,
        uneven: false,
        prompts: None,
    };
    [
        setting,
        Setting { kind: Kind::TwoClasses, looks: 1, missing: 0.0, prompts: Some(150), ..setting },
        Setting {
            generalise: Generalise::Prompts,
            looks: 1,
            uneven: true,
            missing: 0.0,
            ..setting
        },
    ]
}

fn assert_at_least(count: u64, promised: f64, setting: Setting) {
    let interval = clopper_pearson(count, NIGHTS, 0.999);
    assert!(interval.high >= promised, "{count} of {NIGHTS} nights: {setting:?}");
}

fn assert_at_most(count: u64, level: f64, setting: Setting) {
    let interval = clopper_pearson(count, NIGHTS, 0.999);
    assert!(interval.low <= level, "{count} of {NIGHTS} nights: {setting:?}");
}

#[test]
fn where_nothing_changed_all_critical_gates_pass() {
    for (seed, setting) in (100..).zip(worst()) {
        let seen = World::new(setting, seed).simulate(Planted::Nothing, NIGHTS, seed);
        assert_at_least(seen.all_pass, 0.90, setting);
        assert_at_most(seen.any_regression, 0.025, setting);
        assert_at_most(seen.changed_judge, 0.01, setting);
    }
}

#[test]
fn a_loss_of_twice_the_margin_is_a_regression() {
    for (seed, setting) in (200..).zip(worst()) {
        let seen = World::new(setting, seed).simulate(Planted::FirstTwice, NIGHTS, seed);
        assert_at_least(seen.any_regression, 0.95, setting);
        assert_eq!(seen.all_pass, 0, "{setting:?}");
    }
}

#[test]
fn at_the_margin_either_claim_is_rare() {
    for (seed, setting) in (300..).zip(worst()) {
        let world = World::new(setting, seed);
        let first = world.simulate(Planted::FirstAtMargin, NIGHTS, seed);
        assert_at_most(first.all_pass, 0.025, setting);
        let all = world.simulate(Planted::AllAtMargin, NIGHTS, seed + 1);
        assert_at_most(all.any_regression, 0.025, setting);
    }
}
