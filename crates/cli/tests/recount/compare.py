"""Whether what a report says is what was found, and whether every number of it was asked about."""

TOLERANCE = 1e-9


class Told:
    """A number of the report, with where it stands."""

    def __init__(self, path, value):
        self.path, self.value = path, value


def mark(tree, path=""):
    """The report with each number in it as something that knows its place."""
    if isinstance(tree, dict):
        return {key: mark(value, f"{path}/{key}") for key, value in tree.items()}
    if isinstance(tree, list):
        return [mark(value, f"{path}/{n}") for n, value in enumerate(tree)]
    is_number = isinstance(tree, (int, float)) and not isinstance(tree, bool)
    return Told(path, tree) if is_number else tree


def list_numbers(tree):
    if isinstance(tree, Told):
        yield tree.path
    elif isinstance(tree, (dict, list)):
        for value in tree.values() if isinstance(tree, dict) else tree:
            yield from list_numbers(value)


class Comparison:
    def __init__(self, report):
        self.left = set(list_numbers(report))
        self.compared, self.differing = 0, []

    def plain(self, found):
        """What was told, as it was told; its numbers have been looked at."""
        if isinstance(found, Told):
            self.left.discard(found.path)
            return found.value
        if isinstance(found, dict):
            return {key: self.plain(value) for key, value in found.items()}
        if isinstance(found, list):
            return [self.plain(value) for value in found]
        return found

    def same(self, where, found, expected):
        """Counts are counted; only what a formula gives may differ, by its rounding."""
        found, self.compared = self.plain(found), self.compared + 1
        if isinstance(expected, float) and isinstance(found, (int, float)):
            alike = abs(found - expected) <= TOLERANCE * max(1.0, abs(expected))
        else:
            alike = found == expected
        self.note(alike, where, found, expected)

    def near(self, where, found, expected, error):
        """What was drawn by chance lies within five standard errors of what it estimates."""
        found, self.compared = self.plain(found), self.compared + 1
        self.note(abs(found - expected) <= 5 * error, where, found, expected)

    def note(self, alike, where, found, expected):
        if not alike:
            self.differing.append(f"{where}: the report says {found}, the rows say {expected}")

    def interval(self, where, found, expected):
        if expected is None:
            self.same(where, found, None)
            return
        for end, value in zip(("low", "high"), expected):
            self.same(f"{where} {end}", found[end] if found else None, value)

    def unseen(self, exceptions):
        """Numbers that nobody asked about."""
        return sorted(path for path in self.left if not any(part in path for part in exceptions))
