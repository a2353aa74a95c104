"""The published formulas behind the numbers of a report, once more, from the papers' words.

Nothing here calls a library of statistics, and nothing here was taken from iago's own crate: where
both are right they agree, and where one errs they do not.
"""

import collections
import math
from fractions import Fraction
from statistics import NormalDist

CONFIDENCE = 0.95
NORMAL = NormalDist()


def incomplete_beta(x, a, b):
    """The regularised incomplete beta function, by Lentz's way through its continued fraction."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
                     + a * math.log(x) + b * math.log1p(-x)) / a
    tiny = 1e-300
    value, c, d = 1.0, 1.0, 0.0
    for step in range(2000):
        m = step // 2
        if step == 0:
            term = 1.0
        elif step % 2 == 0:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        else:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / (1 + term * d or tiny)
        c = 1 + term / c or tiny
        value *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return front * (value - 1)


def solve(share, wanted, low, high):
    """Where a growing function of one number reaches `wanted`."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle) < wanted else (low, middle)
    return (low + high) / 2


def beta_quantile(p, a, b):
    return solve(lambda x: incomplete_beta(x, a, b), p, 0.0, 1.0)


def t_quantile(p, freedom):
    tail = lambda t: 1 - incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2
    return solve(tail, p, 0.0, 1e6)


T975 = {}


def t975(freedom):
    if freedom not in T975:
        T975[freedom] = t_quantile((1 + CONFIDENCE) / 2, freedom)
    return T975[freedom]


def clopper_pearson(yes, n):
    tail = (1 - CONFIDENCE) / 2
    low = 0.0 if yes <= 0 else beta_quantile(tail, yes, n - yes + 1)
    high = 1.0 if yes >= n else beta_quantile(1 - tail, yes + 1, n - yes)
    return low, high


def rate(prompts):
    """Korn and Graubard (1998), at the effective number of draws; `prompts` are (yes, of)."""
    prompts = [(yes, of) for yes, of in prompts if of]
    total, draws = sum(yes for yes, _ in prompts), sum(of for _, of in prompts)
    if all(of == 1 for _, of in prompts):
        n = draws
    elif total in (0, draws):
        n = len(prompts)
    else:
        n = draws / design_effect(prompts)
    return clopper_pearson(total / draws * n, n)


def design_effect(prompts, weight=1.0):
    """With two pseudo-prompts, one all yes and one all no."""
    total, draws = sum(yes for yes, _ in prompts), sum(of for _, of in prompts)
    repeats = draws / len(prompts)
    groups = [(yes, of, 1.0) for yes, of in prompts] + [(repeats, repeats, weight), (0, repeats, weight)]
    clusters = sum(share for *_, share in groups)
    n = sum(of * share for _, of, share in groups)
    p = sum(yes * share for yes, _, share in groups) / n
    squares = sum(share * (yes - p * of) ** 2 for yes, of, share in groups)
    effect = clusters / (clusters - 1) * squares / n ** 2 / (p * (1 - p) / n)
    return min(max(effect, 1.0), sum(of * of for _, of in prompts) / draws)


def share(tally):
    return Fraction(*tally)


def difference(sides):
    """`sides` are (sign, (yes, of)), none of them empty."""
    return sum(sign * share(tally) for sign, tally in sides)


def contrast(prompts):
    """Mean difference, its 95% interval, the standard error behind it; prompt by prompt."""
    differences = [float(difference(sides)) for sides in prompts]
    reach = len(prompts[0]) / 2
    value = sum(differences) / len(differences)
    pseudo = reach * reach * pseudo_share(prompts)
    n = len(differences) + 2
    error = math.sqrt((sum((d - value) ** 2 for d in differences) + 2 * pseudo) / (n - 1) / n)
    half = t975(n - 1) * error
    clamp = lambda end: min(max(end, -reach), reach)
    return value, (clamp(value - half), clamp(value + half)), error


def pseudo_share(prompts):
    tallies = [tally for sides in prompts for _, tally in sides]
    alone = sum(1 / of for _, of in tallies) / len(tallies)
    return alone + (1 - alone) * correlation(prompts, 1 / alone)


def correlation(prompts, repeats):
    """Products of residuals of all ordered pairs of repeats, over what full correlation would give, with a
    correlation of 0.6 in twenty prompts at one half before anything was seen; the largest of the sides."""
    prior = 20 * repeats * (repeats - 1) / 4
    found = []
    for side in range(len(prompts[0])):
        tallies = [sides[side][1] for sides in prompts]
        p = sum(yes for yes, _ in tallies) / sum(of for _, of in tallies)
        products, largest = 0.6 * prior, prior
        for yes, of in tallies:
            residuals = [1 - p] * yes + [-p] * (of - yes)
            products += sum(residuals) ** 2 - sum(r * r for r in residuals)
            largest += of * (of - 1) * p * (1 - p)
        found.append(min(max(products / largest, 0.0), 1.0) if largest > 0 else 0.0)
    return max(found)


def detectable(error):
    """With 80% power at two-sided 5%, at this standard error."""
    return (NORMAL.inv_cdf(0.975) + NORMAL.inv_cdf(0.8)) * error


def detectable_gap(prompts, error):
    """With 80% power: the gap that is as large as t and the power take it to be at the standard error that
    it would have there, where a rate has moved from the nearer edge; and two prompts for the steps of an
    exact test."""
    m, sides = len(prompts), len(prompts[0])
    rates = []
    for side in range(sides):
        tallies = [prompt[side][1] for prompt in prompts]
        rates.append(sum(yes for yes, _ in tallies) / sum(of for _, of in tallies))
    share_left = pseudo_share(prompts)

    def shortfall(gap):
        more = 0.0
        for end, start in zip(rates[::2], rates[1::2]):
            there = min(min(start, 1 - start) + gap, 0.5)
            more = max(more, there * (1 - there) - end * (1 - end))
        moved = math.sqrt(error ** 2 + m * share_left * more / ((m + 2) * (m + 1)))
        return gap - (t975(m + 1) + NORMAL.inv_cdf(0.8)) * moved - 2 / m

    return solve(shortfall, 0.0, 0.0, sides / 2)


def p_value(prompts):
    """Exact McNemar where everything was asked once; otherwise all sign patterns, and no less than what
    t says by the same error as the interval."""
    differences = [difference(sides) for sides in prompts]
    if len(prompts[0]) == 2 and all(tally[1] == 1 for sides in prompts for _, tally in sides):
        gained, lost = differences.count(1), differences.count(-1)
        few, all_changed = min(gained, lost), gained + lost
        if gained == lost:
            return 1.0
        tail = sum(math.comb(all_changed, k) for k in range(few + 1))
        return float(min(Fraction(1), Fraction(2 * tail, 2 ** all_changed)))
    value, _, error = contrast(prompts)
    return max(flip_signs(differences), t_tails(abs(value) / error, len(prompts) + 1))


def t_tails(t, freedom):
    return incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5)


def flip_signs(differences):
    """The share of all sign patterns whose sum is as far from zero as the one seen, counted exactly."""
    unit = math.lcm(*(d.denominator for d in differences))
    steps = [int(d * unit) for d in differences if d != 0]
    ways = {0: 1}
    for step in steps:
        flipped = {}
        for total, count in ways.items():
            for signed in (total + step, total - step):
                flipped[signed] = flipped.get(signed, 0) + count
        ways = flipped
    seen = abs(sum(steps))
    return float(Fraction(sum(n for total, n in ways.items() if abs(total) >= seen), 2 ** len(steps)))


def mean(prompts):
    """The 95% t interval of a ratio mean, clustered by prompt (Cochran 1977); `prompts` are (total, of).
    None where it is not to be trusted."""
    total, of = (sum(column) for column in zip(*prompts))
    residuals = [sum_ - total / of * n for sum_, n in prompts]
    if not is_trusted(residuals):
        return None
    m = len(prompts)
    error = math.sqrt(m / (m - 1) * sum(e * e for e in residuals)) / of
    half = t975(m - 1) * error
    return total / of - half, total / of + half


def mean_difference(differences):
    """Student's paired t: value, interval or None, standard error."""
    differences = [float(d) for d in differences]
    n = len(differences)
    value = sum(differences) / n
    residuals = [d - value for d in differences]
    error = math.sqrt(sum(e * e for e in residuals) / (n - 1) / n)
    half = t975(n - 1) * error
    return value, (value - half, value + half) if is_trusted(residuals) else None, error


def is_trusted(residuals):
    """At least fifty prompts, more than two values, and a skewness of the mean of at most 0.18 unless no
    value is that of more than half of the prompts."""
    values = collections.Counter(round(e, 9) for e in residuals)
    squares = sum(e * e for e in residuals)
    lopsided = abs(sum(e ** 3 for e in residuals)) / squares ** 1.5 if squares else 0.0
    commonest = max(values.values()) / len(residuals)
    return len(residuals) >= 50 and len(values) > 2 and (lopsided <= 0.18 or commonest <= 0.5)


def holm(values):
    order = sorted(range(len(values)), key=lambda i: values[i])
    adjusted, floor = [0.0] * len(values), 0.0
    for rank, i in enumerate(order):
        floor = min(1.0, max(floor, (len(values) - rank) * values[i]))
        adjusted[i] = floor
    return adjusted


def hull(*intervals):
    ends = [interval for interval in intervals if interval]
    return min(low for low, _ in ends), max(high for _, high in ends)


def binomial_error(yes, of):
    p = yes / of
    return math.sqrt(p * (1 - p) / of)


def fieller(pairs):
    """Limits of mean(to) / mean(from), by the quadratic of Fieller (1954), with four pseudo-prompts;
    (low, high), where None means that there is no such end."""
    pseudo = math.sqrt(pseudo_share([[(1, end), (-1, start)] for start, end in pairs]))
    points = [(float(share(start)), float(share(end))) for start, end in pairs]
    points += [(pseudo, 0), (-pseudo, 0), (0, pseudo), (0, -pseudo)]
    n = len(points)
    x, y = (sum(point[i] for point in points) / n for i in (0, 1))
    moment = lambda i, j: sum((a[i] - (x, y)[i]) * (a[j] - (x, y)[j]) for a in points) / (n - 1) / n
    t2 = t975(n - 1) ** 2
    a, b, c = x * x - t2 * moment(0, 0), x * y - t2 * moment(0, 1), y * y - t2 * moment(1, 1)
    root = math.sqrt(max(b * b - a * c, 0.0))
    if a > 0:
        return max((b - root) / a, 0.0), max((b + root) / a, 0.0)
    return (c / (b + root), None) if c > 0 else (None, None)


class Audited:
    """One cell's judged prompts with labels of people: a list of (judge's yes, of, asked, errors, labels).
    `asked` are those that a labelled judge was asked about; errors are people's yes less the judge's."""

    def __init__(self, prompts):
        self.prompts = prompts
        counted = [prompt for prompt in prompts if prompt[1]]
        yes, of, asked, errors, self.labels = (sum(column) for column in zip(*prompts))
        self.of, self.share = of, asked / of
        self.labelled = sum(1 for *_, labels in counted if labels)
        self.together = sum(labels ** 2 for *_, labels in counted) / self.labels
        self.error = errors / (self.labels + 2)
        self.value = yes / of + self.share * errors / self.labels
        self.centre = yes / of + self.share * self.error
        # Two pseudo-prompts of half a weight join what is judged, two pseudo-labels what is labelled.
        self.repeats = of / len(counted)
        self.draws = of + self.repeats
        self.rate = (yes + self.repeats / 2) / self.draws

    def influence(self, prompt):
        yes, of, asked, errors, labels = prompt
        return ((yes - self.rate * of) / self.draws
                + self.share * (errors - self.error * labels) / (self.labels + 2)
                + self.error * (asked - self.share * of) / self.of)

    def pseudo(self):
        judged = sum(((yes - self.rate) * self.repeats / self.draws) ** 2 / 2 for yes in (0, 1))
        labels = sum((error - self.error) ** 2 for error in (-1, 1)) * self.together
        return judged + self.share ** 2 * labels / (self.labels + 2) ** 2


def corrected(value, centre, influences, pseudo, freedom, lowest):
    m = len(influences) + 2
    error = math.sqrt(m / (m - 1) * (sum(i * i for i in influences) + pseudo))
    half = t975(max(freedom, 1)) * error
    clamp = lambda end: min(max(end, lowest), 1.0)
    value, centre = clamp(value), clamp(centre)
    return value, (clamp(min(centre - half, value)), clamp(max(centre + half, value)))


def corrected_rate(cell):
    influences = [cell.influence(prompt) for prompt in cell.prompts if prompt[1]]
    return corrected(cell.value, cell.centre, influences, cell.pseudo(), cell.labelled - 1, 0.0)


def corrected_difference(start, end):
    influences = [end.influence(b) - start.influence(a)
                  for a, b in zip(start.prompts, end.prompts) if a[1] or b[1]]
    return corrected(end.value - start.value, end.centre - start.centre, influences,
                     start.pseudo() + end.pseudo(), min(start.labelled, end.labelled) - 1, -1.0)
