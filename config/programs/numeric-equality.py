#!/usr/bin/env python3
"""Says whether two values are the same number, however each of them is written.

`1/2`, `0.5`, `50%`, `$\\frac{1}{2}$` and `\\boxed{0.50}` are one number, and so are `1,200` and
`1.2e3`. Fractions are compared exactly, never as floating-point numbers. It is an example of a
program that scores: what iago's own scorers cannot do, you write in whatever language you like.

In a sweep file, a stage names the program, the values that it may see, and what it may say:

    [stages.right]
    kind = "score"
    of = "reply"
    external = { program = "numeric-equality", sees = ["answer", "target"], labels = ["yes", "no"] }

In config/endpoints.toml, the program's name is given a command. What begins with `./` or `../` starts
at the folder of that file.

    [programs.numeric-equality]
    command = ["python3", "./programs/numeric-equality.py"]

Where the values have other names, two arguments say which is the answer and which is the number that
is right: `command = ["python3", "./programs/numeric-equality.py", "solution", "gold"]`.

How the two talk:

- The program is started once and kept. Each request is one line of JSON on its standard input:

      {"id": 7, "sweep": "sums", "prompt": "sum-12", "model": "small", "condition": "plain",
       "repeat": 0, "values": {"answer": "The sum is $\\frac{1}{2}$.", "target": "0.5"}}

- It replies with one line of JSON on its standard output, and with nothing else there:

      {"id": 7, "label": "yes", "version": "1"}

  `id` is that of the request. Exactly one of these says what it came to: `label` (one of the words
  that the stage allows), `score` (a number, where the stage says `number = true`), or `abstain`
  (`true`: it cannot tell, which is never counted as a no). `version` is stored with the result, so
  that a report can tell which version said what; whatever else is in the line is kept beside it. A
  line has at most 64 KiB.
- Write each reply at once: a reply that waits in a buffer is one that never comes.
- It sees no variable of iago's environment but PATH and those that its configuration gives it, and so
  no key of any model. It works in an empty folder of its own, which is deleted with it. On Linux its
  memory has a bound.
- A process that crashes, is too slow or says something else is killed with all that it started, and
  the request is sent to a new one, a few times. So a reply should depend on the request alone.
- What it writes to standard error is thrown away: values may be answers of models, and those are not
  logged. When its standard input ends, it should end.

Try it: `python3 -m doctest config/programs/numeric-equality.py`, or by hand:

    echo '{"id": 1, "values": {"answer": "50%", "target": "1/2"}}' \\
        | python3 config/programs/numeric-equality.py
"""

import json
import re
import sys
from fractions import Fraction

# Goes out with every reply. Change it whenever another answer could come out.
VERSION = "1"

# Characters of a value that are looked at; a final answer is short, and comes last.
LOOKED_AT = 10_000

# Digits of a number that is believed to be meant. Beyond them arithmetic would only take time.
DIGITS_MAX = 200

NUMBER = re.compile(
    r"""
    (?P<sign> (?<![\w.)]) [-+\u2212] )?
    (?:
        (?: (?P<whole>\d+) [ ]+ )? (?P<top>\d+) [ ]* / [ ]* (?P<bottom>\d+)   # 3/4, 1 3/4
      | (?P<digits> \d{1,3}(?:,\d{3})+(?:\.\d+)? | \d+(?:\.\d+)? | \.\d+ )      # 1,200.5
        (?: [eE] (?P<power>[-+]?\d{1,3}) )?                                 # 1.2e3
    )
    [ ]* (?P<percent>%)?
    (?P<raised> [ ]* (?:\^|\*\*) [ ]* [-+\w.]* )?                            # 2^10: not read
    """,
    re.VERBOSE,
)


def plain(text):
    """The text without what LaTeX puts around numbers.

    >>> plain(r"$\\frac{1}{2}$")
    '1/2'
    >>> plain(r"\\boxed{-\\dfrac{3}{4}}")
    '-3/4'
    >>> plain(r"1{,}200 \\%")
    '1,200 %'
    >>> plain(r"2.5 \\times 10^{-3}")
    '2.5e-3'
    """
    text = text[-LOOKED_AT:]
    text = re.sub(r"\\[dt]?frac\s*\{\s*(\d+)\s*\}\s*\{\s*(\d+)\s*\}", r"\1/\2", text)
    text = re.sub(r"(?<=\d)\s*(?:\\times|\\cdot|\u00d7)\s*10\^\{?([-+]?\d+)\}?", r"e\1", text)
    text = text.replace("{,}", ",").replace(r"\%", "%").replace(r"\,", "")
    text = re.sub(r"\\(?:boxed|text|mathrm|left|right)\b", "", text)
    return re.sub(r"[${}]", "", text)


def read_numbers(text):
    """All numbers in a text, in order, each as an exact fraction, or None where it cannot be read.

    >>> read_numbers("from 1,200 to 1.2e3")
    [Fraction(1200, 1), Fraction(1200, 1)]
    >>> read_numbers("50% or 1/2 or .5")
    [Fraction(1, 2), Fraction(1, 2), Fraction(1, 2)]
    >>> read_numbers("3-4, -2 and -1 3/4")
    [Fraction(3, 1), Fraction(4, 1), Fraction(-2, 1), Fraction(-7, 4)]
    >>> read_numbers("1/0")
    [None]
    """
    return [read_number(found) for found in NUMBER.finditer(plain(text))]


def read_number(found):
    if len(found.group()) > DIGITS_MAX or found["raised"]:
        return None
    if found["top"]:
        if int(found["bottom"]) == 0:
            return None
        number = int(found["whole"] or 0) + Fraction(int(found["top"]), int(found["bottom"]))
    else:
        number = Fraction(found["digits"].replace(",", ""))
        number *= Fraction(10) ** int(found["power"] or 0)
    if found["percent"]:
        number /= 100
    return -number if found["sign"] in ("-", "\u2212") else number


def compare(answer, target):
    """Whether the last number of an answer is the one that is right; where there is none, nobody knows.

    >>> compare("Adding up, 1 + 2 gives $\\boxed{3}$.", "3.0")
    {'label': 'yes'}
    >>> compare("It is -0.25.", "1/4")
    {'label': 'no'}
    >>> compare("It depends.", "1/4")
    {'abstain': True}
    >>> compare("That is 2^10.", "1024")
    {'abstain': True}
    """
    answers, targets = read_numbers(answer), read_numbers(target)
    if not answers or answers[-1] is None or len(targets) != 1 or targets[0] is None:
        return {"abstain": True}
    return {"label": "yes" if answers[-1] == targets[0] else "no"}


def main():
    answer, target = sys.argv[1:3] or ("answer", "target")
    for line in sys.stdin:
        request = json.loads(line)
        values = request["values"]
        reply = {"id": request["id"], "version": VERSION}
        reply.update(compare(values[answer], values[target]))
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
