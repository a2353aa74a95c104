"""Contrasts: prompt by prompt, with their families."""

import formulas
from people import recount_corrected_gap
from sweep import MEAN, READINGS


def recount_contrast(sweep, compare, contrast):
    if contrast["measure"] == MEAN:
        p_values = [recount_means(sweep, compare, contrast, found) for found in contrast["estimates"]]
    else:
        p_values = [recount_gap(sweep, compare, contrast, found) for found in contrast["estimates"]]
    compare.same(f"{contrast['name']}: family", contrast["family_size"], len(p_values))
    compare.same(f"{contrast['name']}: looks", contrast["looks"], 1)
    for found, adjusted in zip(contrast["estimates"], formulas.holm(p_values)):
        where = f"{contrast['name']} {' '.join(found['labels'])}"
        # What shows no interval keeps its place in the family, and tells no p.
        compare.same(f"{where}: p adjusted", found["p_adjusted"], adjusted if found["interval"] else None)


def list_sides(sweep, contrast, labels):
    """(sign, cell) of each side: `to` and `from`, then those of what is subtracted."""
    at, sides, minus = dict(zip(contrast["by"], labels)), [], contrast["minus"]
    for sign, level in ((1, "to"), (-1, "from")) if minus else ((1, None),):
        if minus:
            at[minus["factor"]] = minus[level]
        for inner, end in ((1, "to"), (-1, "from")):
            at[contrast["factor"]] = contrast[end]
            sides.append((sign * inner, sweep.cell(*(at[axis] for axis in sweep.report["axes"]))))
    return sides


def recount_gap(sweep, compare, contrast, found):
    where = f"{contrast['name']} {' '.join(found['labels'])}"
    read = READINGS[contrast["measure"]]
    signed = list_sides(sweep, contrast, found["labels"])
    counted = [(sign, sweep.tally(cell, read)) for sign, cell in signed]
    pairs = pair(counted, lambda sign, side: side[:2])
    value, interval, error = formulas.contrast(pairs)
    p = formulas.p_value(pairs)
    totals = [(sum(s[0] for s in side), sum(s[1] for s in side)) for _, side in counted]
    pooled = sum(sign * yes / of for (sign, _), (yes, of) in zip(counted, totals))
    missing = sum(prompt[2] for _, side in counted for prompt in side)
    for name, expected in (("prompts", len(pairs)), ("value", value), ("p", p), ("pooled", pooled),
                           ("detectable", formulas.detectable_gap(pairs, error)), ("missing", missing)):
        compare.same(f"{where}: {name}", found[name], expected)
    counts = [{"yes": yes, "of": of} for yes, of in totals]
    told = [found["to"], found["from"], *reversed(found["subtrahend"] or [])]
    compare.same(f"{where}: sides", told, counts)
    compare.interval(where, found["interval"], interval)
    worst = [fill(counted, towards) for towards in (-1, 1)]
    bounds = formulas.hull(worst[0], interval, worst[1]) if missing else None
    compare.interval(f"{where}: bounds", found["bounds"], bounds)
    if not contrast["minus"]:
        recount_published(compare, where, found, totals, pairs)
        ends = [dict(signed)[sign] for sign in (-1, 1)]
        recount_corrected_gap(sweep, compare, where, found, contrast["measure"], ends)
    return p


def pair(counted, fill):
    """The prompts that have something on every side."""
    rows = zip(*([(sign, fill(sign, prompt)) for prompt in side] for sign, side in counted))
    return [row for row in rows if all(tally[1] for _, tally in row)]


def fill(counted, towards):
    """All that is missing says what moves the difference there."""
    filled = lambda sign, side: (side[0] + side[2] * (sign == towards), side[1] + side[2])
    return formulas.contrast(pair(counted, filled))[1]


def recount_published(compare, where, found, totals, pairs):
    """As papers print it: unpaired, with one standard error; and the ratio."""
    (to_yes, to_of), (from_yes, from_of) = totals
    error = (formulas.binomial_error(to_yes, to_of) ** 2
             + formulas.binomial_error(from_yes, from_of) ** 2) ** 0.5
    compare.same(f"{where}: unpaired", found["unpaired"]["value"], to_yes / to_of - from_yes / from_of)
    compare.same(f"{where}: unpaired error", found["unpaired"]["standard_error"], error)
    points = [(start, end) for (_, end), (_, start) in pairs]
    from_mean = sum(yes / of for (yes, of), _ in points)
    to_mean = sum(yes / of for _, (yes, of) in points)
    ratio = found["ratio"]
    compare.same(f"{where}: ratio", ratio["value"], to_mean / from_mean if from_mean else None)
    for name, end in zip(("low", "high"), formulas.fieller(points)):
        compare.same(f"{where}: ratio {name}", ratio[name], end)


def recount_means(sweep, compare, contrast, found):
    """The sign flip of means is drawn by chance, so that its p has an error of its own."""
    where = f"{contrast['name']} {' '.join(found['labels'])}"
    (_, to), (_, start) = list_sides(sweep, contrast, found["labels"])
    sides = [sweep.sums(cell) for cell in (to, start)]
    differences = [formulas.share(end) - formulas.share(begin) for end, begin in zip(*sides)]
    means = [sum(total for total, _ in side) / sum(of for _, of in side) for side in sides]
    for name, side, mean in zip(("to", "from"), sides, means):
        compare.same(f"{where}: {name}", found[name]["mean"], mean)
        compare.same(f"{where}: {name}", found[name]["of"], sum(of for _, of in side))
    value, interval, error = formulas.mean_difference(differences)
    for name, expected in (("prompts", len(differences)), ("value", value), ("missing", 0),
                           ("pooled", means[0] - means[1])):
        compare.same(f"{where}: {name}", found[name], expected)
    compare.interval(where, found["interval"], interval)
    if interval is None:
        compare.same(f"{where}: p", [found["p"], found["detectable"]], [None, None])
        return 1.0
    compare.same(f"{where}: detectable", found["detectable"], formulas.detectable(error))
    p = formulas.flip_signs(differences)
    compare.near(f"{where}: p", found["p"], p, formulas.binomial_error(p * 20_000 + 1, 20_001) + 1e-5)
    return compare.plain(found["p"])
