"""Cells, and what is said of all of them together."""

import collections

import formulas
from store import STAGE
from sweep import MEAN, READINGS
from transcripts import MISSING


def recount_totals(sweep, compare):
    """What SQL alone can say."""
    report, one, same = sweep.report, sweep.store.one, compare.same
    answered, calls, throttles, planted = one(
        "select count(*), sum(calls), sum(throttles), sum(simulated) from results where sweep = ?")
    failed, failed_calls, failed_throttles = one(
        "select count(*), coalesce(sum(calls), 0), coalesce(sum(throttles), 0) from failures where sweep = ?")
    other_calls, = one("select coalesce(sum(calls), 0) from attempts where sweep = ?")
    cost, = one("select coalesce(sum(cost), 0) from results where sweep = ?")
    course = report["course"]
    for name, expected in (("answered", answered), ("failed", failed), ("open", 0),
                           ("calls", calls + failed_calls + other_calls),
                           ("throttles", throttles + failed_throttles), ("spent_usd", cost / 1e12)):
        same(name, course[name], expected)
    recount_spending(sweep, compare)
    same("planted", report["simulated"], {"results": planted, "of": answered})
    same("sweep", [report["sweep"][name] for name in ("prompts", "repeats", "seed")],
         [sweep.prompts, sweep.store.plan["repeats"], sweep.store.plan["seed"]])
    recount_echoes(sweep, compare)


def recount_spending(sweep, compare):
    """By what was asked: a stage with a judge, or with a helper in the place of the model, is no model's."""
    told, one = sweep.report["course"]["spending"], sweep.store.one
    graded = [n for n, stage in enumerate(sweep.store.plan["stages"])
              if "judge" in stage["kind"] or stage["kind"].get("generate", {}).get("helper")]
    marks = ", ".join(map(str, graded)) or "-1"
    paid = "select coalesce(sum(cost), 0), coalesce(sum(cost is null), 0) from"
    parts = {"models": one(f"{paid} results where sweep = ? and {STAGE} not in ({marks})"),
             "judges": one(f"{paid} results where sweep = ? and {STAGE} in ({marks})"),
             "failed": one(f"{paid} failures where sweep = ?"),
             "late": one(f"{paid} attempts where sweep = ? and cause <> 'abandoned'"),
             "abandoned": one(f"{paid} attempts where sweep = ? and cause = 'abandoned'")}
    for name, (cost, _) in parts.items():
        compare.same(f"spent: {name}", told[f"{name}_usd"], cost / 1e12)
    compare.same("spent: unpriced", told["unpriced"], sum(unpriced for _, unpriced in parts.values()))


def recount_echoes(sweep, compare):
    definitions, every = sweep.report["definitions"], range(len(sweep.labels))
    judged_by = {"grader": "compliance", "voter": "faking"}
    for model in definitions["models"]:
        cells = sweep.cells_at(model=model["name"])
        echoed = sweep.store.echoed("response", cells)
        compare.same(f"echoed by {model['name']}", model["echoed"], [list(row) for row in echoed.items()])
    for judge in definitions["judges"]:
        echoed = sweep.store.echoed(judged_by[judge["name"]], list(every))
        compare.same(f"echoed by {judge['name']}", judge["echoed"], [list(row) for row in echoed.items()])


def recount_cell(sweep, compare, cell):
    number, where, same = sweep.cell(*cell["labels"]), " ".join(cell["labels"]), compare.same
    transcripts = [transcript for prompt in sweep.of_cell(number) for transcript in prompt]
    classes = collections.Counter(t.outcome() for t in transcripts if not t.is_dropped())
    unknown = classes.pop(None, 0)
    dropped = collections.Counter(t.parse for t in transcripts if t.is_dropped())
    same(f"{where}: transcripts", cell["transcripts"], len(transcripts))
    same(f"{where}: n", cell["n"], sum(classes.values()))
    same(f"{where}: unknown", cell["unknown"], unknown)
    same(f"{where}: drops", {d["reason"]: d["transcripts"] for d in cell["drops"]}, dict(dropped))
    planted, of = sweep.store.planted(number)
    same(f"{where}: planted", cell["simulated"], {"results": planted, "of": of})
    graded = [t.compliance for t in transcripts if t.compliance in ("comply", "refuse", None)]
    for judge in cell["abstained"]:
        same(f"{where}: {judge['stage']}", [judge[key] for key in ("abstained", "failed", "asked")],
             [graded.count(None), 0, len(graded)])
    for outcome in cell["outcomes"]:
        name = outcome["outcome"]
        read = lambda t, name=name: (
            MISSING if t.is_dropped() or t.outcome() is None else t.outcome() == name)
        recount_rate(compare, f"{where}: {name}", outcome, sweep.tally(number, read))
    for measure in cell["measures"]:
        at = f"{where}: {measure['measure']}"
        if measure["measure"] == MEAN:
            recount_mean(compare, at, measure, sweep.sums(number))
        else:
            recount_rate(compare, at, measure, sweep.tally(number, READINGS[measure["measure"]]))


def recount_rate(compare, where, found, prompts):
    yes, of, missing = (sum(column) for column in zip(*prompts))
    if found["state"] == "not_asked":
        compare.same(f"{where}: not asked", yes, 0)
        return
    if found["state"] == "empty":
        compare.same(f"{where}: empty", [of, found["missing"]], [0, missing])
        return
    for name, value in (("yes", yes), ("of", of), ("missing", missing), ("value", yes / of),
                        ("prompts", sum(1 for prompt in prompts if prompt[1])),
                        ("standard_error", formulas.binomial_error(yes, of))):
        compare.same(f"{where}: {name}", found[name], value)
    interval = formulas.rate([prompt[:2] for prompt in prompts])
    compare.interval(where, found["interval"], interval)
    fill = lambda added: formulas.rate([(y + added * m, n + m) for y, n, m in prompts])
    bounds = formulas.hull(fill(0), interval, fill(1)) if missing else None
    compare.interval(f"{where}: bounds", found["bounds"], bounds)


def recount_mean(compare, where, found, prompts):
    """Nothing is missing: an answer that cannot be read has tokens all the same."""
    total, of = (sum(column) for column in zip(*prompts))
    for name, value in (("of", of), ("missing", 0), ("value", total / of), ("prompts", len(prompts))):
        compare.same(f"{where}: {name}", found[name], value)
    compare.interval(where, found["interval"], formulas.mean(prompts))
