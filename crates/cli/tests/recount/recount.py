"""Every number of a report, once more, from the raw rows of the store.

    recount.py STORE SWEEP REPORT.json GOLD.jsonl

Prints what differs, a line each, and how many numbers were compared; fails where anything differs, and
where the report has a number that nothing here asks about. SQL reads the rows, `transcripts.py` says
what became of each transcript, `formulas.py` has the formulas. The sweep is the flagship with other
models and judges; its rules are in `transcripts.py`.
"""

import json
import sys

from cells import recount_cell, recount_totals
from compare import Comparison, mark
from contrasts import recount_contrast
from controls import recount_controls
from people import recount_audit, recount_correction
from store import Store
from sweep import Sweep

# How long the run took is in no row, and where labels were not found is told by no formula.
EXCEPTIONS = ("/course/elapsed_seconds", "/unmatched")


def main(path, number, report, gold):
    with open(gold, encoding="utf-8") as file:
        labels = [json.loads(line) for line in file]
    with open(report, encoding="utf-8") as file:
        told = mark(json.load(file))
    sweep, compare = Sweep(Store(path, int(number)), told, labels), Comparison(told)
    recount_totals(sweep, compare)
    for cell in told["cells"]:
        recount_cell(sweep, compare, cell)
        for measure in cell["measures"]:
            recount_correction(sweep, compare, " ".join(cell["labels"]), measure,
                               sweep.cell(*cell["labels"]))
    for contrast in told["contrasts"]:
        recount_contrast(sweep, compare, contrast)
    for audited in told["audits"]:
        recount_audit(sweep, compare, audited)
    recount_controls(sweep, compare)
    unseen = compare.unseen(EXCEPTIONS)
    print("\n".join(compare.differing + [f"nobody recounted {path}" for path in unseen]))
    print(f"{compare.compared} numbers compared, {len(compare.differing)} differ, {len(unseen)} unseen")
    return 1 if compare.differing or unseen else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
