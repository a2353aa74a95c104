"""Writes the golden files beside this script: the same numbers, computed by other people's code.

Made with Python 3.11, numpy 2.4.6, scipy 1.17.1 and statsmodels 0.15.0:

    python3 -m venv golden-venv
    golden-venv/bin/pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0
    golden-venv/bin/python crates/statistics/tests/golden/make.py

The same versions write the same bytes. Lists inside a column are separated by spaces.
"""

import csv
import pathlib

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

HERE = pathlib.Path(__file__).parent
PROBABILITIES = [1e-6, 0.001, 0.025, 0.2, 0.5, 0.8, 0.95, 0.975, 0.995, 1 - 1e-6]
CONFIDENCES = [0.8, 0.95, 0.999]
COUNTS = [(0, 1), (1, 1), (0, 5), (2, 5), (0, 100), (3, 100), (14, 100), (100, 100), (15, 500),
          (70, 500), (499, 500), (5000, 10000), (17, 100000), (100000, 1000000)]


def write(name, header, rows):
    with open(HERE / f"{name}.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([[field(value) for value in row] for row in rows])


def field(value):
    if isinstance(value, (list, np.ndarray)):
        return " ".join(field(item) for item in value)
    if value is None:
        return ""
    return repr(value.item() if isinstance(value, np.generic) else value)


def quantiles():
    write("normal_quantile", ["probability", "quantile"],
          [(p, stats.norm.ppf(p)) for p in PROBABILITIES])
    freedoms = [1, 2, 3, 5, 11, 21, 51, 101, 201, 1001, 10001, 100001, 1000001]
    write("t_quantile", ["probability", "freedom", "quantile"],
          [(p, df, stats.t.ppf(p, df)) for df in freedoms for p in PROBABILITIES])
    shapes = [(0.5, 0.5), (1, 1), (1, 100), (3, 98), (14.5, 86.5), (499, 2), (5000, 5001)]
    write("beta_quantile", ["probability", "alpha", "beta", "quantile"],
          [(p, a, b, stats.beta.ppf(p, a, b)) for a, b in shapes for p in PROBABILITIES])


def intervals():
    for name, method in [("wilson", "wilson"), ("clopper_pearson", "beta")]:
        rows = []
        for yes, n in COUNTS:
            for confidence in CONFIDENCES:
                low, high = proportion_confint(yes, n, alpha=1 - confidence, method=method)
                rows.append((yes, n, confidence, low, high))
        write(name, ["yes", "n", "confidence", "low", "high"], rows)


def tests():
    changed = [(0, 0), (1, 0), (0, 5), (3, 3), (11, 2), (2, 11), (40, 61), (0, 60), (500, 400)]
    rows = [(gained, lost, mcnemar([[7, gained], [lost, 9]], exact=True).pvalue)
            for gained, lost in changed]
    write("mcnemar", ["gained", "lost", "p"], rows)

    rng = np.random.default_rng(2)
    families = [[0.01], [0.01, 0.02, 0.03], [0.03, 0.01, 0.04, 0.01], [0.9, 0.8, 0.7],
                [1.0, 0.0, 0.5]] + [rng.beta(0.3, 2, size).tolist() for size in (6, 20)]
    write("holm", ["p", "adjusted"],
          [(family, multipletests(family, method="holm")[1]) for family in families])


def prompts(rng, count, repeats, rate, correlation):
    """Tallies of `count` prompts with 1 to `repeats` answers each; beta-binomial."""
    strength = (1 - correlation) / correlation
    propensity = rng.beta(rate * strength, (1 - rate) * strength, count)
    of = rng.integers(max(1, repeats - 2), repeats + 1, count)
    return rng.binomial(of, propensity), of


def clustered():
    rng = np.random.default_rng(3)
    rows = []
    for count, repeats, rate, correlation in [(2, 3, 0.5, 0.3), (10, 1, 0.4, 0.5),
                                              (20, 5, 0.14, 0.5), (100, 5, 0.14, 0.5),
                                              (100, 20, 0.03, 0.8), (300, 3, 0.6, 0.01)]:
        yes, of = prompts(rng, count, repeats, rate, correlation)
        answers = np.concatenate([[1.0] * y + [0.0] * (n - y) for y, n in zip(yes, of)])
        groups = np.repeat(np.arange(count), of)
        fit = sm.OLS(answers, np.ones_like(answers)).fit(
            cov_type="cluster", cov_kwds={"groups": groups})
        rows.append((yes, of, fit.bse[0]))
    write("clustered_standard_error", ["yes", "of", "standard_error"], rows)


def paired():
    rng = np.random.default_rng(4)
    rows = []
    for count, repeats, rate_from, rate_to in [(1, 1, 0.3, 0.9), (3, 1, 0.3, 0.9), (8, 2, 0.2, 0.7),
                                               (12, 5, 0.1, 0.6), (12, 7, 0.5, 0.5),
                                               (100, 5, 0.03, 0.14), (100, 5, 0.14, 0.14)]:
        from_yes, from_of = prompts(rng, count, repeats, rate_from, 0.5)
        to_yes, to_of = prompts(rng, count, repeats, rate_to, 0.5)
        difference = to_yes / to_of - from_yes / from_of
        pseudo = 1 / np.sqrt(stats.hmean(np.concatenate([from_of, to_of])))
        corrected = np.concatenate([difference, [pseudo, -pseudo]])
        error = stats.sem(corrected)
        low, high = stats.t.interval(0.95, len(corrected) - 1, corrected.mean(), error)
        p = flip(difference) if 2 <= count <= 12 else None
        rows.append((from_yes, from_of, to_yes, to_of, difference.mean(), error, low, high, p))
    header = ["from_yes", "from_of", "to_yes", "to_of", "value", "standard_error", "low", "high",
              "p_sign_flip"]
    write("paired_difference", header, rows)


def means():
    """A number for each answer: its prompt's level and noise, on scales from a share to tokens."""
    rng = np.random.default_rng(5)
    rows, differences = [], []
    for count, repeats, level, spread, noise in [(2, 1, 5, 2, 1), (6, 3, 0.4, 0.2, 0.3),
                                                 (12, 5, 400, 150, 60), (40, 4, -3, 0.01, 2),
                                                 (200, 3, 1e6, 1e3, 1e4)]:
        def side(shift):
            of = rng.integers(max(1, repeats - 2), repeats + 1, count)
            values = [shift + center + rng.normal(0, noise, n) for center, n in zip(centers, of)]
            return values, of, np.array([value.sum() for value in values])

        centers = rng.normal(level, spread, count)
        values, of, total = side(0)
        fit = sm.OLS(np.concatenate(values), np.ones(of.sum())).fit(
            cov_type="cluster", cov_kwds={"groups": np.repeat(np.arange(count), of)}, use_t=True)
        low, high = stats.t.interval(0.95, count - 1, fit.params[0], fit.bse[0])
        rows.append((total, of, fit.params[0], fit.bse[0], low, high))

        _, to_of, to_total = side(noise / 2)
        change = to_total / to_of - total / of
        paired = stats.ttest_rel(to_total / to_of, total / of).confidence_interval(0.95)
        p = flip(change) if count <= 12 else None
        differences.append((total, of, to_total, to_of, change.mean(), stats.sem(change),
                            paired.low, paired.high, p))
    write("mean", ["total", "of", "value", "standard_error", "low", "high"], rows)
    header = ["from_total", "from_of", "to_total", "to_of", "value", "standard_error", "low",
              "high", "p_sign_flip"]
    write("mean_difference", header, differences)


def flip(difference):
    """Over all sign patterns of the sum's distance from zero."""
    # Fractions such as 1/5 + 2/5 must tie with 3/5, so the sum is rounded.
    found = stats.permutation_test(
        (difference,), lambda d, axis: np.round(np.abs(d.sum(axis=axis)), 9), vectorized=True,
        permutation_type="samples", alternative="greater", n_resamples=np.inf)
    return found.pvalue


if __name__ == "__main__":
    quantiles()
    intervals()
    tests()
    clustered()
    paired()
    means()
