"""People's labels beside the judge's, and what they correct."""

import collections

import formulas
from sweep import READINGS
from transcripts import OUTSIDE


def audit(sweep, cell, measure="compliance"):
    """Each prompt of a cell as (judge's yes, of, asked, errors, labels), and the table of confusions."""
    read, prompts, table = READINGS[measure], [], collections.Counter()
    for prompt in sweep.rows[cell]:
        yes = of = asked = errors = labels = 0
        for at in prompt:
            transcript = sweep.transcripts[at]
            if transcript.is_dropped() or read(transcript) is OUTSIDE:
                continue
            judged = read(transcript) is True
            of, yes = of + 1, yes + judged
            if transcript.compliance is OUTSIDE:
                continue
            asked += 1
            if at in sweep.gold:
                people = read(transcript.relabelled(sweep.gold[at]))
                table[judged, people] += 1
                labels, errors = labels + 1, errors + (people is True) - judged
        prompts.append((yes, of, asked, errors, labels))
    return prompts, table


def recount_correction(sweep, compare, where, found, cell):
    if found["measure"] == "compliance" and sweep.gold:
        prompts, _ = audit(sweep, cell)
        same_correction(compare, where, found["corrected"],
                        formulas.corrected_rate(formulas.Audited(prompts)), sum(p[4] for p in prompts))


def recount_corrected_gap(sweep, compare, where, found, measure, ends):
    if measure == "compliance" and sweep.gold:
        start, end = (audit(sweep, cell)[0] for cell in ends)
        same_correction(compare, where, found["corrected"], formulas.corrected_difference(
            formulas.Audited(start), formulas.Audited(end)), sum(p[4] for p in start + end))


def same_correction(compare, where, found, expected, labels):
    value, interval = expected
    compare.same(f"{where}: corrected", found.get("value"), value)
    compare.interval(f"{where}: corrected", found.get("interval"), interval)
    compare.same(f"{where}: corrected by", found.get("labels"), labels)


def recount_audit(sweep, compare, audited):
    compare.same(f"raters of {audited['stage']}", audited["raters"], 1)
    compare.same("tied", audited["tied"], 0)
    matched = 0
    for cell in audited["cells"]:
        where = f"people, {' '.join(cell['labels'])}, {audited['measure']}"
        number = sweep.cell(*cell["labels"])
        prompts, table = audit(sweep, number, audited["measure"])
        yes, of = (sum(column) for column in list(zip(*prompts))[:2])
        compare.same(f"{where}: raw", cell["raw"], yes / of if of else None)
        for name, at in (("both_yes", (True, True)), ("false_yes", (True, False)),
                         ("false_no", (False, True)), ("both_no", (False, False))):
            compare.same(f"{where}: {name}", cell[name], table[at])
        matched += sum(table.values())
        if audited["refused"] is None:
            recount_errors(sweep, compare, where, cell, number)
            recount_correction_of(compare, where, cell["correction"], prompts)


def recount_correction_of(compare, where, found, prompts):
    same_correction(compare, where, found, formulas.corrected_rate(formulas.Audited(prompts)),
                    sum(prompt[4] for prompt in prompts))


def recount_errors(sweep, compare, where, cell, number):
    """Sensitivity and specificity, each over the labelled transcripts that people call so."""
    for name, truth in (("sensitivity", True), ("specificity", False)):
        tallies = []
        for prompt in sweep.rows[number]:
            labelled = [at for at in prompt if at in sweep.gold
                        and not sweep.transcripts[at].is_dropped()
                        and (sweep.gold[at] == "comply") == truth]
            right = sum((sweep.transcripts[at].complies() is True) == truth for at in labelled)
            tallies.append((right, len(labelled)))
        right, of = (sum(column) for column in zip(*tallies))
        found = cell[name]
        if of < LABELS_MIN:
            compare.same(f"{where}: {name}", found, None)
            continue
        for key, expected in (("yes", right), ("of", of), ("value", right / of), ("missing", 0),
                              ("prompts", sum(1 for tally in tallies if tally[1])),
                              ("standard_error", formulas.binomial_error(right, of))):
            compare.same(f"{where}: {name} {key}", found[key], expected)
        compare.interval(f"{where}: {name}", found["interval"], formulas.rate(tallies))


# `min_per_class` of the recounted sweep.
LABELS_MIN = 10
