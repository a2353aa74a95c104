"""The rows of a SQLite store, read without any of iago's code.

A job's number packs stage (6 bits), cell (17), repeat (12), prompt (22) and vote (6). Plans and raw
answers are blocks of LZ4 behind their length in four bytes, little end first.
"""

import json
import sqlite3

STAGE, CELL, REPEAT, PROMPT, VOTE = (
    "(job >> 57)", "(job >> 40 & 131071)", "(job >> 28 & 4095)", "(job >> 6 & 4194303)", "(job & 63)")


def decompress(block):
    """A block of LZ4, after the format's description: literals, then a copy of what came before."""
    size, at, out = int.from_bytes(block[:4], "little"), 4, bytearray()
    while at < len(block):
        token, at = block[at], at + 1
        literals, at = extend(block, at, token >> 4)
        out += block[at:at + literals]
        at += literals
        if at >= len(block):
            break
        offset, at = int.from_bytes(block[at:at + 2], "little"), at + 2
        length, at = extend(block, at, token & 15)
        for _ in range(length + 4):
            out.append(out[-offset])
    assert len(out) == size, f"{len(out)} bytes where {size} were promised"
    return bytes(out)


def extend(block, at, length):
    """A length of 15 goes on in the next bytes, for as long as they are 255."""
    if length == 15:
        while True:
            more, at = block[at], at + 1
            length += more
            if more != 255:
                break
    return length, at


class Store:
    def __init__(self, path, sweep):
        self.rows = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.sweep = sweep
        plan = self.rows.execute(
            "select content from revisions join blobs on digest = plan where sweep = ? "
            "order by number desc limit 1", [sweep]).fetchone()[0]
        self.plan = json.loads(decompress(plan))
        self.stages = {stage["name"]: n for n, stage in enumerate(self.plan["stages"])}

    def results(self, stage):
        """(cell, prompt, repeat, vote) to (finish, parse, raw text), of one stage."""
        found = self.rows.execute(
            f"select {CELL}, {PROMPT}, {REPEAT}, {VOTE}, finish, parse, raw from results "
            f"left join texts using (sweep, job) where sweep = ? and {STAGE} = ?",
            [self.sweep, self.stages[stage]])
        return {(cell, prompt, repeat, vote): (finish, parse, decompress(raw).decode() if raw else "")
                for cell, prompt, repeat, vote, finish, parse, raw in found}

    def tokens(self, stage):
        """(cell, prompt, repeat) to the tokens of its answer."""
        found = self.rows.execute(
            f"select {CELL}, {PROMPT}, {REPEAT}, output from results where sweep = ? and {STAGE} = ?",
            [self.sweep, self.stages[stage]])
        return {tuple(row[:3]): row[3] for row in found}

    def echoed(self, stage, cells):
        """Model ids that answered in these cells, with how often."""
        marks = ", ".join("?" * len(cells))
        return dict(self.rows.execute(
            f"select echoed_model, count(*) from results where sweep = ? and {STAGE} = ? "
            f"and {CELL} in ({marks}) group by echoed_model",
            [self.sweep, self.stages[stage], *cells]).fetchall())

    def planted(self, cell):
        """How many results of a cell are planted, and how many it has."""
        return self.rows.execute(
            f"select coalesce(sum(simulated), 0), count(*) from results where sweep = ? and {CELL} = ?",
            [self.sweep, cell]).fetchone()

    def one(self, query):
        return self.rows.execute(query, [self.sweep]).fetchone()
