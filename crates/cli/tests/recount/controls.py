"""The controls that the sweep brings along: a share with what is missing held against it, and a gap that
should be none."""

import formulas
from sweep import READINGS


def recount_controls(sweep, compare):
    for control in sweep.report["instrument"]["controls"]:
        recount = recount_gaps if control["kind"] == "baseline" else recount_shares
        recount(sweep, compare, control)


def recount_shares(sweep, compare, control):
    """The recounted sweep has one of these, by model and tier: several cells make a group."""
    compare.same("limit", control["limit"], 0.05)
    for group in control["groups"]:
        model, tier = group["labels"]
        where = f"control {control['name']} {model} {tier}"
        cells = [sweep.tally(cell, READINGS[control["name"]])
                 for cell in sweep.cells_at(model=model, tier=tier)]
        prompts = [tuple(sum(column) for column in zip(*prompt)) for prompt in zip(*cells)]
        yes, of, missing = (sum(column) for column in zip(*prompts))
        held = [(prompt[0], prompt[1] + prompt[2]) for prompt in prompts]
        for name, expected in (("yes", yes), ("of", of), ("missing", missing),
                               ("prompts", sum(1 for prompt in held if prompt[1])),
                               ("value", yes / (of + missing))):
            compare.same(f"{where}: {name}", group[name], expected)
        compare.interval(where, group["interval"], formulas.rate(held))


def recount_gaps(sweep, compare, control):
    """What the contrast says, which was recounted there."""
    compare.same("within", control["limit"], 0.03)
    contrast = next(one for one in sweep.report["contrasts"] if one["name"] == control["name"])
    for group, gap in zip(control["groups"], contrast["estimates"]):
        where = f"control {control['name']} {' '.join(group['labels'])}"
        plain = compare.plain
        for name, expected in (("value", plain(gap["value"])), ("prompts", plain(gap["prompts"])),
                               ("missing", plain(gap["missing"])), ("yes", plain(gap["to"])["yes"]),
                               ("of", plain(gap["to"])["of"] + plain(gap["from"])["of"])):
            compare.same(f"{where}: {name}", group[name], expected)
        compare.same(f"{where}: interval", group["interval"], plain(gap["interval"]))
