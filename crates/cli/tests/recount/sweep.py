"""The recounted sweep: its report beside its transcripts, and how the two are matched."""

from transcripts import MISSING, Transcript, read_all

READINGS = {
    "compliance": Transcript.complies,
    "faking among compliers": Transcript.fakes_among_compliers,
}
MEAN = "output tokens"


class Sweep:
    def __init__(self, store, report, gold):
        self.store, self.report = store, report
        self.transcripts = read_all(store)
        self.tokens = store.tokens("response")
        plan = store.plan
        levels = {condition["name"]: condition["levels"] for condition in plan["conditions"]}
        self.labels = [[cell["model"]] + [levels[cell["condition"]][axis] for axis in report["axes"][1:]]
                       for cell in plan["cells"]]
        self.prompts = len(plan["prompts"])
        self.gold = self.place(gold)
        self.rows = [[[] for _ in range(self.prompts)] for _ in self.labels]
        for at in sorted(self.transcripts):
            self.rows[at[0]][at[1]].append(at)

    def place(self, gold):
        """(cell, prompt, repeat) to people's label."""
        plan = self.store.plan
        prompts = {prompt["id"]: n for n, prompt in enumerate(plan["prompts"])}
        cells = {(cell["model"], cell["condition"]): n for n, cell in enumerate(plan["cells"])}
        return {(cells[row["model"], row["condition"]], prompts[row["prompt"]], row["repeat"]): row["label"]
                for row in gold}

    def cell(self, *labels):
        return self.labels.index(list(labels))

    def cells_at(self, **levels):
        """Cells at these levels of some axes."""
        axes = self.report["axes"]
        return [n for n, labels in enumerate(self.labels)
                if all(labels[axes.index(axis)] == level for axis, level in levels.items())]

    def of_cell(self, cell):
        """For each prompt, its transcripts in the order of repeats."""
        return [[self.transcripts[at] for at in prompt] for prompt in self.rows[cell]]

    def tally(self, cell, read):
        """(yes, of, missing) for each prompt of a cell."""
        counted = []
        for prompt in self.of_cell(cell):
            readings = [read(transcript) for transcript in prompt]
            counted.append((readings.count(True), readings.count(True) + readings.count(False),
                            readings.count(MISSING)))
        return counted

    def sums(self, cell):
        """(tokens, answers) for each prompt of a cell."""
        return [(sum(self.tokens[at] for at in prompt), len(prompt)) for prompt in self.rows[cell]]
