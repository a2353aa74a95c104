"""Writes the golden files beside this script: the same numbers, computed a second time.

Quantiles, exact intervals, tests, clustered standard errors and means come from other people's code. Where
there is none (paired differences with pseudo-prompts, ratios, corrected rates, looks), the formula is
written down here once more, in another language: that finds slips, not wrong formulas.

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
from scipy import integrate, optimize, stats
from statsmodels.stats.contingency_tables import StratifiedTable, mcnemar
from statsmodels.stats.inter_rater import fleiss_kappa
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
    if isinstance(value, str):
        return value
    return repr(value.item() if isinstance(value, np.generic) else value)


def quantiles():
    write("normal_quantile", ["probability", "quantile"],
          [(p, stats.norm.ppf(p)) for p in PROBABILITIES])
    freedoms = [1, 2, 3, 5, 11, 21, 51, 101, 201, 1001, 10001, 100001, 1000001]
    write("t_quantile", ["probability", "freedom", "quantile"],
          [(p, df, stats.t.ppf(p, df)) for df in freedoms for p in PROBABILITIES])
    shapes = [(0.5, 0.5), (1, 1), (1, 100), (3, 98), (14.5, 86.5), (499, 2), (5000, 5001),
              (0.01, 3), (2, 1e5), (1e7, 1)]
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
        repeats = stats.hmean(np.concatenate([from_of, to_of]))
        correlation = pairwise([(from_yes, from_of), (to_yes, to_of)], repeats)
        pseudo = np.sqrt(1 / repeats + (1 - 1 / repeats) * correlation)
        corrected = np.concatenate([difference, difference.mean() + pseudo * np.array([1, -1])])
        error = stats.sem(corrected)
        low, high = stats.t.interval(0.95, len(corrected) - 1, corrected.mean(), error)
        by_t = 2 * stats.t.sf(abs(difference.mean()) / error, len(corrected) - 1)
        p = max(flip(difference), by_t) if 2 <= count <= 12 else None
        rows.append((from_yes, from_of, to_yes, to_of, difference.mean(), error, low, high, p))
    header = ["from_yes", "from_of", "to_yes", "to_of", "value", "standard_error", "low", "high",
              "p"]
    write("paired_difference", header, rows)


def pairwise(sides, repeats):
    """Products of residuals of all ordered pairs over their variances, where that is largest."""
    prior = 20 * repeats * (repeats - 1) / 4
    found = []
    for yes, of in sides:
        products, largest = 0.6 * prior, prior
        p = yes.sum() / of.sum()
        for y, n in zip(yes, of):
            residuals = np.array([1 - p] * y + [-p] * (n - y))
            outer = np.outer(residuals, residuals)
            products += outer.sum() - np.trace(outer)
            largest += n * (n - 1) * p * (1 - p)
        found.append(np.clip(products / largest, 0, 1) if largest > 0 else 0.0)
    return max(found)


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


def corrected():
    """Influence values of the judge's rate and of the labels' mean error, with pseudo-prompts as rows."""
    rng = np.random.default_rng(6)
    rows, differences = [], []
    # A share of transcripts is decided before any judge; people label a share of the others.
    for count, repeats, truth, sensitivity, specificity, share, asked in [
            (3, 4, 0.5, 0.6, 0.9, 0.5, 1), (20, 5, 0.14, 0.4, 0.85, 0.4, 1),
            (20, 5, 0.05, 1, 1, 0.6, 0.7), (100, 5, 0.14, 0.9, 0.95, 0.2, 0.5),
            (100, 1, 0.03, 0.4, 0.85, 0.5, 0.9), (300, 3, 0.784, 0.39, 0.855, 0.25, 1),
            (60, 2, 0.4, 0.6, 0.7, 0.5, 0.3)]:
        def cell():
            yes, of = prompts(rng, count, repeats, truth, 0.4)
            cells = np.zeros((count, 4), int)
            judged, is_asked = np.zeros(count, int), np.zeros(count, int)
            for i in range(count):
                people = np.arange(of[i]) < yes[i]
                judge = rng.random(of[i]) < np.where(people, sensitivity, 1 - specificity)
                known = rng.random(of[i]) >= asked
                judge = np.where(known, people, judge)
                labelled = ~known & (rng.random(of[i]) < share)
                judged[i], is_asked[i] = judge.sum(), (~known).sum()
                for cell, which in enumerate([judge & people, judge & ~people, ~judge & people,
                                              ~judge & ~people]):
                    cells[i, cell] = (which & labelled).sum()
            return judged, of, is_asked, cells

        one = cell()
        value, centre, influence, pseudo, labels, freedom = correct(*one)
        error, low, high = by_prompt(value, centre, influence, [*pseudo, *labels], freedom, 0)
        rows.append((*columns(one), np.clip(value, 0, 1), error, low, high))
        # Two cells on each side, of which the second lacks some prompts.
        sides = [[cell(), lose(rng, cell())] for _ in range(2)]
        (value, centre, influence, pseudo, freedom), (to, to_centre, to_influence, to_pseudo, to_freedom) = [
            take_together(side) for side in sides]
        error, low, high = by_prompt(to - value, to_centre - centre, to_influence - influence,
                                     [*pseudo, *to_pseudo], min(freedom, to_freedom), -1)
        differences.append((*columns(*sides[0]), *columns(*sides[1]), np.clip(to - value, -1, 1),
                            error, low, high))
    header = ["yes", "of", "asked", "both_yes", "false_yes", "false_no", "both_no"]
    results = ["value", "standard_error", "low", "high"]
    write("corrected", header + results, rows)
    write("corrected_difference", ["from_" + name for name in header]
          + ["to_" + name for name in header] + results, differences)


def lose(rng, cell):
    stays = rng.random(len(cell[0])) < 0.8
    stays[:2] = True
    judged, of, asked, cells = cell
    return judged * stays, of * stays, asked * stays, cells * stays[:, None]


def columns(*sides):
    judged, of, asked, cells = [np.concatenate(parts) for parts in zip(*sides)]
    return [judged, of, asked] + [cells[:, cell] for cell in range(4)]


def correct(judged, of, asked, cells):
    errors, labels = cells[:, 2] - cells[:, 1], cells.sum(axis=1)
    share = asked.sum() / of.sum()
    value = judged.sum() / of.sum() + share * errors.sum() / labels.sum()
    # Half a prompt that always says yes and half a prompt that never does.
    repeats = of[of > 0].mean()
    all_of = of.sum() + repeats
    rate = (judged.sum() + repeats / 2) / all_of
    # A label that should be yes and one that should be no, as heavy as the labels of a prompt.
    all_labels = labels.sum() + 2
    error = errors.sum() / all_labels
    weight = np.sqrt((labels ** 2).sum() / labels.sum())
    influence = ((judged - rate * of) / all_of + share * (errors - error * labels) / all_labels
                 + error * (asked - share * of) / of.sum())
    pseudo = np.sqrt(0.5) * repeats / all_of * np.array([1 - rate, -rate])
    pseudo_labels = share * weight / all_labels * np.array([1 - error, -1 - error])
    return (value, judged.sum() / of.sum() + share * error, influence, pseudo, pseudo_labels,
            max((labels > 0).sum() - 1, 1))


def take_together(side):
    """Cells by their transcripts; the pseudo-prompts are in all of them, the pseudo-labels in each."""
    of = np.array([cell[1] for cell in side])
    weights = of.sum(axis=1) / of.sum()
    values, centres, influences, pseudo, labels, freedom = zip(*[correct(*cell) for cell in side])
    centre = weights @ np.array(centres)
    influence = weights @ np.array(influences) + (np.array(centres) - centre) @ of / of.sum()
    joined = np.concatenate([weights @ np.array(pseudo)]
                            + [w * cell for w, cell in zip(weights, labels)])
    return weights @ np.array(values), centre, influence, joined, min(freedom)


def by_prompt(value, centre, influence, pseudo, freedom, lowest):
    prompts = len(influence) + 2
    error = np.sqrt(prompts / (prompts - 1) * ((influence ** 2).sum() + (np.array(pseudo) ** 2).sum()))
    value, centre = np.clip([value, centre], lowest, 1)
    low, high = stats.t.interval(0.95, freedom, centre, error)
    return error, max(min(low, value), lowest), min(max(high, value), 1)


def draws():
    rows = []
    for seen, drawn, yes, of in [(1, 1, 1, 2), (0, 5, 5, 20), (3, 60, 40, 353), (60, 60, 120, 353),
                                 (12, 60, 40, 353), (8, 53, 8, 53), (250, 1000, 20000, 100000),
                                 (180, 1000, 20000, 100000)]:
        law = stats.hypergeom(of, yes, drawn)
        rows.append((seen, drawn, yes, of, min(1, 2 * min(law.cdf(seen), law.sf(seen - 1)))))
    write("hypergeometric", ["drawn_yes", "drawn", "all_yes", "all", "p"], rows)


def ratios():
    """Fieller's set from the means and the covariance of both sides, pseudo-prompts as rows."""
    rng = np.random.default_rng(7)
    rows = []
    for count, repeats, rate_from, rate_to in [(12, 5, 0.5, 0.6), (100, 5, 0.14, 0.5),
                                               (100, 5, 0.5, 0.03), (100, 1, 0.3, 0.6),
                                               (30, 5, 0.03, 0.5), (100, 3, 0.01, 0.2),
                                               (50, 5, 0.01, 0.01), (300, 2, 0.14, 0.02)]:
        from_yes, from_of = prompts(rng, count, repeats, rate_from, 0.3)
        to_yes, to_of = prompts(rng, count, repeats, rate_to, 0.3)
        repeats = stats.hmean(np.concatenate([from_of, to_of]))
        correlation = pairwise([(from_yes, from_of), (to_yes, to_of)], repeats)
        pseudo = np.sqrt(1 / repeats + (1 - 1 / repeats) * correlation)
        below = np.concatenate([from_yes / from_of, [pseudo, -pseudo, 0, 0]])
        above = np.concatenate([to_yes / to_of, [0, 0, pseudo, -pseudo]])
        covariance = np.cov(above, below) / len(below)
        squared_t = stats.t.ppf(0.975, len(below) - 1) ** 2
        roots = np.sort(np.roots([below.mean() ** 2 - squared_t * covariance[1, 1],
                                  -2 * (above.mean() * below.mean() - squared_t * covariance[0, 1]),
                                  above.mean() ** 2 - squared_t * covariance[0, 0]]))
        bounded = below.mean() ** 2 > squared_t * covariance[1, 1]
        if bounded:
            low, high = max(roots[0], 0), roots[1]
        elif above.mean() ** 2 > squared_t * covariance[0, 0]:
            low, high = roots[1], None
        else:
            low, high = None, None
        value = above.sum() / below.sum() if from_yes.sum() else None
        rows.append((from_yes, from_of, to_yes, to_of, value, low, high))
    write("ratio", ["from_yes", "from_of", "to_yes", "to_of", "value", "low", "high"], rows)


def agreement():
    rng = np.random.default_rng(8)
    tables = [rng.multinomial(raters, rng.dirichlet([0.4] * categories), items)
              for items, raters, categories in [(5, 2, 2), (30, 3, 2), (20, 5, 4), (100, 2, 3)]]
    tables.append(np.array([rng.multinomial(4, rng.dirichlet([0.2] * 3)) for _ in range(40)]))
    write("fleiss_kappa", ["categories", "ratings", "kappa"],
          [(table.shape[1], table.ravel(), fleiss_kappa(table)) for table in tables])


def stratified():
    """Prompts as strata: the corrected chi-squared test, and the exact conditional distribution."""
    rng = np.random.default_rng(9)
    rows = []
    for count, repeats, rate_from, rate_to in [(5, 2, 0.3, 0.6), (12, 1, 0.2, 0.7),
                                               (20, 5, 0.3, 0.5), (100, 5, 0.14, 0.2),
                                               (100, 1, 0.3, 0.35), (50, 10, 0.5, 0.1)]:
        from_yes, from_of = prompts(rng, count, repeats, rate_from, 0.4)
        to_yes, to_of = prompts(rng, count, repeats, rate_to, 0.4)
        tables = [np.array([[a, n - a], [b, m - b]])
                  for a, n, b, m in zip(to_yes, to_of, from_yes, from_of)]
        chance = np.array([1.0])
        for yes, to, both in zip(from_yes + to_yes, to_of, from_of + to_of):
            chance = np.convolve(chance, stats.hypergeom.pmf(np.arange(to + 1), both, yes, to))
        seen = to_yes.sum()
        exact = min(1, 2 * min(chance[:seen + 1].sum(), chance[seen:].sum()))
        rows.append((from_yes, from_of, to_yes, to_of,
                     StratifiedTable(tables).test_null_odds(correction=True).pvalue, exact))
    write("mantel_haenszel", ["from_yes", "from_of", "to_yes", "to_of", "p", "exact"], rows)


def looks():
    """Two looks: the second bound from the joint normal distribution, integrated over the first."""
    rows = []
    for name, spend in [
            ("pocock", lambda alpha, t: alpha * np.log(1 + (np.e - 1) * t)),
            ("obrien_fleming", lambda alpha, t: 4 * stats.norm.sf(stats.norm.isf(alpha / 4)
                                                                 / np.sqrt(t)))]:
        for alpha in [0.05, 0.01]:
            for first, last in [(0.5, 1.0), (0.2, 1.0), (0.9, 1.0), (0.3, 0.6)]:
                bound = stats.norm.isf(spend(alpha, first) / 2)
                correlation = np.sqrt(first / last)
                spread = np.sqrt(1 - correlation ** 2)

                def crossing(z):
                    def density(x):
                        return stats.norm.pdf(x) * (stats.norm.sf((z - correlation * x) / spread)
                                                    + stats.norm.cdf((-z - correlation * x) / spread))
                    return integrate.quad(density, -bound, bound, epsabs=1e-15, epsrel=1e-13,
                                          limit=500)[0]

                allowed = spend(alpha, last) - spend(alpha, first)
                second = optimize.brentq(lambda z: crossing(z) - allowed, 1, 6, xtol=1e-14)
                # The joint distribution itself, which is known to fewer digits.
                joint = stats.multivariate_normal(cov=[[1, correlation], [correlation, 1]])
                inside = joint.cdf([bound, second], lower_limit=[-bound, -second])
                assert abs(1 - inside - spend(alpha, last)) < 1e-5
                rows.append((name, alpha, first, last, bound, second))
    write("looks", ["spending", "alpha", "first", "last", "bound", "second_bound"], rows)


if __name__ == "__main__":
    quantiles()
    intervals()
    tests()
    clustered()
    paired()
    means()
    corrected()
    draws()
    ratios()
    agreement()
    stratified()
    looks()
