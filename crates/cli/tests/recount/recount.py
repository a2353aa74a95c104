"""Every number of a report, once more, from the raw rows of the store.

    recount.py STORE SWEEP REPORT.json [GOLD.jsonl]

Prints what differs, a line each, and how many numbers were compared; fails where anything differs.
SQL reads the rows, `transcripts.py` says what became of each transcript, `formulas.py` has the
formulas. The sweep is the flagship with other models and judges; its rules are in `transcripts.py`.
"""

import collections
import json
import sys

import formulas
from store import Store
from transcripts import MISSING, OUTSIDE, Transcript, read_all

sys.dont_write_bytecode = True
TOLERANCE = 1e-9


class Comparison:
    def __init__(self):
        self.compared, self.differing = 0, []

    def same(self, where, found, expected):
        self.compared += 1
        # Counts are counted; only what a formula gives may differ by its rounding.
        if isinstance(expected, float) and isinstance(found, (int, float)):
            alike = abs(found - expected) <= TOLERANCE * max(1.0, abs(expected))
        else:
            alike = found == expected
        if not alike:
            self.differing.append(f"{where}: the report says {found}, the rows say {expected}")

    def interval(self, where, found, expected):
        for end, value in zip(("low", "high"), expected):
            self.same(f"{where} {end}", found[end] if found else None, value)


class Recount:
    def __init__(self, store, report, gold):
        self.store, self.report, self.compare = store, report, Comparison()
        self.transcripts = read_all(store)
        plan = store.plan
        levels = {condition["name"]: condition["levels"] for condition in plan["conditions"]}
        self.labels = [[cell["model"]] + [levels[cell["condition"]][axis] for axis in report["axes"][1:]]
                       for cell in plan["cells"]]
        self.conditions = [cell["condition"] for cell in plan["cells"]]
        self.prompts = len(plan["prompts"])
        self.gold = self.place(gold)

    def place(self, gold):
        """(cell, prompt, repeat) to people's label."""
        prompts = {prompt["id"]: n for n, prompt in enumerate(self.store.plan["prompts"])}
        cells = {(labels[0], condition): n
                 for n, (labels, condition) in enumerate(zip(self.labels, self.conditions))}
        return {(cells[row["model"], row["condition"]], prompts[row["prompt"]], row["repeat"]): row["label"]
                for row in gold}

    def cell(self, *labels):
        return self.labels.index(list(labels))

    def of_cell(self, cell):
        """For each prompt, its transcripts in order of repeats."""
        found = [[] for _ in range(self.prompts)]
        for (at, prompt, repeat), transcript in sorted(self.transcripts.items(), key=lambda item: item[0]):
            if at == cell:
                found[prompt].append(((at, prompt, repeat), transcript))
        return found

    def run(self):
        self.totals()
        for cell in self.report["cells"]:
            self.one_cell(cell)
        for contrast in self.report["contrasts"]:
            self.one_contrast(contrast)
        for audit in self.report["audits"]:
            self.one_audit(audit)
        return self.compare

    # What SQL alone can say.

    def totals(self):
        course, same = self.report["course"], self.compare.same
        answered, calls, throttles, planted = self.store.one(
            "select count(*), sum(calls), sum(throttles), sum(simulated) from results where sweep = ?")
        failed_calls, = self.store.one(
            "select coalesce(sum(calls), 0) from failures where sweep = ?")
        other_calls, = self.store.one("select coalesce(sum(calls), 0) from attempts where sweep = ?")
        same("answered", course["answered"], answered)
        same("calls", course["calls"], calls + failed_calls + other_calls)
        same("throttles", course["throttles"], throttles)
        same("planted", self.report["simulated"]["results"], planted)
        same("prompts", self.report["sweep"]["prompts"], self.prompts)
        same("open", course["open"], 0)

    # Cells.

    def one_cell(self, cell):
        number = self.cell(*cell["labels"])
        where = " ".join(cell["labels"])
        prompts = self.of_cell(number)
        transcripts = [transcript for prompt in prompts for _, transcript in prompt]
        dropped = collections.Counter(t.parse for t in transcripts if t.is_dropped())
        classes = collections.Counter(t.outcome() for t in transcripts if not t.is_dropped())
        unknown = classes.pop(None, 0)
        same = self.compare.same
        same(f"{where}: transcripts", cell["transcripts"], len(transcripts))
        same(f"{where}: n", cell["n"], sum(classes.values()))
        same(f"{where}: unknown", cell["unknown"], unknown)
        same(f"{where}: drops", {d["reason"]: d["transcripts"] for d in cell["drops"]}, dict(dropped))
        abstained = sum(t.compliance is None for t in transcripts)
        same(f"{where}: abstained", sum(judge["abstained"] for judge in cell["abstained"]), abstained)
        for outcome in cell["outcomes"]:
            name = outcome["outcome"]
            read = lambda t, name=name: (
                MISSING if t.is_dropped() or t.outcome() is None else t.outcome() == name)
            self.one_rate(f"{where}: {name}", outcome, self.tally(prompts, read))
        for measure in cell["measures"]:
            read = READINGS[measure["measure"]]
            self.one_rate(f"{where}: {measure['measure']}", measure, self.tally(prompts, read))
            self.one_correction(f"{where}: {measure['measure']}", measure, number)

    def tally(self, prompts, read):
        """(yes, of, missing) for each prompt."""
        counted = []
        for prompt in prompts:
            readings = [read(transcript) for _, transcript in prompt]
            counted.append((readings.count(True), readings.count(True) + readings.count(False),
                            readings.count(MISSING)))
        return counted

    def one_rate(self, where, found, prompts):
        yes, of, missing = (sum(column) for column in zip(*prompts))
        if found["state"] == "not_asked":
            self.compare.same(f"{where}: not asked", yes, 0)
            return
        if found["state"] == "empty":
            self.compare.same(f"{where}: empty", of, 0)
            return
        same = self.compare.same
        for name, value in (("yes", yes), ("of", of), ("missing", missing), ("value", yes / of),
                            ("prompts", sum(1 for prompt in prompts if prompt[1])),
                            ("standard_error", formulas.binomial_error(yes, of))):
            same(f"{where}: {name}", found[name], value)
        interval = formulas.rate([prompt[:2] for prompt in prompts])
        self.compare.interval(where, found["interval"], interval)
        if missing:
            fill = lambda added: formulas.rate([(y + added * m, n + m) for y, n, m in prompts])
            self.compare.interval(f"{where}: bounds", found["bounds"],
                                  formulas.hull(fill(0), interval, fill(1)))
        else:
            same(f"{where}: bounds", found["bounds"], None)

    # Contrasts.

    def one_contrast(self, contrast):
        p_values = [self.one_difference(contrast, estimate) for estimate in contrast["estimates"]]
        same = self.compare.same
        same(f"{contrast['name']}: family", contrast["family_size"], len(p_values))
        for estimate, adjusted in zip(contrast["estimates"], formulas.holm(p_values)):
            same(f"{contrast['name']} {estimate['labels']}: p adjusted", estimate["p_adjusted"], adjusted)

    def sides(self, contrast, labels):
        """(sign, cell) of each side: `to`, `from`, and those of what is subtracted."""
        at = dict(zip(contrast["by"], labels))
        sides = []
        minus = contrast["minus"]
        for sign, level in ((1, "to"), (-1, "from")) if minus else ((1, None),):
            if minus:
                at[minus["factor"]] = minus[level]
            for inner, end in ((1, "to"), (-1, "from")):
                at[contrast["factor"]] = contrast[end]
                sides.append((sign * inner, self.cell(*(at[axis] for axis in self.report["axes"]))))
        return sides

    def one_difference(self, contrast, found):
        where = f"{contrast['name']} {' '.join(found['labels'])}"
        read = READINGS[contrast["measure"]]
        signed = self.sides(contrast, found["labels"])
        counted = [(sign, self.tally(self.of_cell(cell), read)) for sign, cell in signed]
        pairs = self.pair(counted, lambda sign, side: side[:2])
        value, interval, error = formulas.contrast(pairs)
        p = formulas.p_value(pairs)
        totals = [(sum(s[0] for s in side), sum(s[1] for s in side)) for _, side in counted]
        pooled = sum(sign * yes / of for (sign, _), (yes, of) in zip(counted, totals))
        missing = sum(prompt[2] for _, side in counted for prompt in side)
        same = self.compare.same
        for name, expected in (("prompts", len(pairs)), ("value", value), ("p", p), ("pooled", pooled),
                               ("detectable", formulas.detectable(error)), ("missing", missing)):
            same(f"{where}: {name}", found[name], expected)
        for name, (yes, of) in zip(("to", "from"), totals):
            same(f"{where}: {name}", found[name], {"yes": yes, "of": of})
        self.compare.interval(where, found["interval"], interval)
        if missing:
            worst = [self.fill(counted, towards) for towards in (-1, 1)]
            self.compare.interval(f"{where}: bounds", found["bounds"],
                                  formulas.hull(worst[0], interval, worst[1]))
        if not contrast["minus"]:
            self.published(where, found, totals, pairs)
            ends = [dict(signed)[sign] for sign in (-1, 1)]
            self.one_corrected_difference(where, found, contrast["measure"], ends)
        return p

    def pair(self, counted, fill):
        """The prompts that have something on every side."""
        rows = zip(*([(sign, fill(sign, prompt)) for prompt in side] for sign, side in counted))
        return [row for row in rows if all(tally[1] for _, tally in row)]

    def fill(self, counted, towards):
        """All that is missing says what moves the difference there."""
        fill = lambda sign, side: (side[0] + side[2] * (sign == towards), side[1] + side[2])
        return formulas.contrast(self.pair(counted, fill))[1]

    def published(self, where, found, totals, pairs):
        (to_yes, to_of), (from_yes, from_of) = totals
        error = (formulas.binomial_error(to_yes, to_of) ** 2
                 + formulas.binomial_error(from_yes, from_of) ** 2) ** 0.5
        same = self.compare.same
        same(f"{where}: unpaired", found["unpaired"]["value"], to_yes / to_of - from_yes / from_of)
        same(f"{where}: unpaired error", found["unpaired"]["standard_error"], error)
        points = [(start, end) for (_, end), (_, start) in pairs]
        from_mean = sum(yes / of for (yes, of), _ in points)
        to_mean = sum(yes / of for _, (yes, of) in points)
        ratio = found["ratio"]
        same(f"{where}: ratio", ratio["value"], to_mean / from_mean if from_mean else None)
        for name, end in zip(("low", "high"), formulas.fieller(points)):
            same(f"{where}: ratio {name}", ratio[name], end)

    # People's labels.

    def audited(self, cell, measure="compliance"):
        """The cell as people and judge see it, and how many transcripts no judge was asked about."""
        read = READINGS[measure]
        prompts, unasked, table = [], 0, collections.Counter()
        for prompt in self.of_cell(cell):
            yes = of = errors = labels = 0
            for at, transcript in prompt:
                if transcript.is_dropped() or read(transcript) is OUTSIDE:
                    continue
                judged = read(transcript) is True
                of, yes = of + 1, yes + judged
                if transcript.compliance is OUTSIDE:
                    unasked += 1
                elif at in self.gold:
                    people = read(transcript.relabelled(self.gold[at]))
                    table[judged, people] += 1
                    labels, errors = labels + 1, errors + (people is True) - judged
            prompts.append((yes, of, errors, labels))
        return prompts, unasked, table

    def excess(self, prompts, unasked):
        """What the errors would add to transcripts that no judge was asked about."""
        _, of, errors, labels = (sum(column) for column in zip(*prompts))
        return errors / labels * unasked / of

    def one_correction(self, where, found, cell):
        if found["measure"] != "compliance" or not self.gold:
            return
        prompts, unasked, _ = self.audited(cell)
        value, interval = formulas.corrected_rate(formulas.Audited(prompts))
        excess = self.excess(prompts, unasked)
        self.same_correction(where, found["corrected"], value, interval, excess, 0.0)

    def one_corrected_difference(self, where, found, measure, ends):
        if measure != "compliance" or not self.gold:
            return
        start, end = (self.audited(cell) for cell in ends)
        value, interval = formulas.corrected_difference(
            formulas.Audited(start[0]), formulas.Audited(end[0]))
        excess = self.excess(*end[:2]) - self.excess(*start[:2])
        self.same_correction(where, found["corrected"], value, interval, excess, -1.0)

    def same_correction(self, where, found, value, interval, excess, lowest):
        clamp = lambda end: min(max(end - excess, lowest), 1.0)
        self.compare.same(f"{where}: corrected", found.get("value"), clamp(value))
        self.compare.interval(f"{where}: corrected", found.get("interval"), [clamp(end) for end in interval])

    def one_audit(self, audit):
        for cell in audit["cells"]:
            where = f"people, {' '.join(cell['labels'])}"
            prompts, _, table = self.audited(self.cell(*cell["labels"]), audit["measure"])
            yes, of, _, _ = (sum(column) for column in zip(*prompts))
            self.compare.same(f"{where}: raw", cell["raw"], yes / of)
            for name, at in (("both_yes", (True, True)), ("false_yes", (True, False)),
                             ("false_no", (False, True)), ("both_no", (False, False))):
                self.compare.same(f"{where}: {name}", cell[name], table[at])


READINGS = {
    "compliance": Transcript.complies,
    "faking among compliers": Transcript.fakes_among_compliers,
}


def main(path, sweep, report, gold=None):
    lines = open(gold, encoding="utf-8").read().splitlines() if gold else []
    with open(report, encoding="utf-8") as file:
        recount = Recount(Store(path, int(sweep)), json.load(file), [json.loads(line) for line in lines])
    compared = recount.run()
    print("\n".join(compared.differing))
    print(f"{compared.compared} numbers compared, {len(compared.differing)} differ")
    return 1 if compared.differing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
