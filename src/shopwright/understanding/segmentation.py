"""The likeliest reading of a request's words: a semi-Markov conditional random field.

Spans of one or several words have a label each; a reading's score is the sum of its spans' weighted
features and of weights of neighbouring labels. The weights are estimated on requests of which it is
known what they ask for (``benchmarks/understanding.py``), and count what shops of any kind share:
how often a phrase is used as a kind, a brand, an option, a quality, and where it stands.

Source: Sarawagi & Cohen, "Semi-Markov conditional random fields for information extraction", 2004;
whether a kind was named before is part of the state, which theirs has not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from math import exp, inf, log1p
from typing import NamedTuple

from shopwright.understanding.lattice import Label, Reader, Span

_LABELS = len(Label)
# The state: the last label, and whether a kind was named; one more before the first word.
_STATES = 2 * _LABELS + 2
_START = 2 * _LABELS
_NEVER = -inf

# Plain tuples: a request has a thousand, and those with names take seven times as long to make.
# A span's number, its label, its end, the state after it, its score, and what a kind before adds.
_Start = tuple[int, int, int, int, float, float]
# The state before a span, its number, its end, the state after it, and what it adds to the score.
_Step = tuple[int, int, int, int, float]


class Scored(NamedTuple):
    """A span of the likeliest reading, and how likely it is."""

    span: Span
    confidence: float


class Lattice:
    """The readings of a request with their scores.

    Args:
        reader: of the request.
        weights: by the features' names; missing ones are 0.
    """

    def __init__(self, reader: Reader, weights: Mapping[str, float]) -> None:
        self.count = len(reader.words)
        self.spans = list(reader.spans())
        get = weights.get
        self._scores = [
            sum([get(name, 0.0) * value for name, value in span.features]) for span in self.spans
        ]
        self.again = [
            reader.again(span.start) if span.label is Label.KIND else "" for span in self.spans
        ]
        self._again_scores = [get(name, 0.0) if name else 0.0 for name in self.again]
        # By the state before: twice by its label.
        self._moves = [[get(name, 0.0) for name in names] for names in _MOVE_NAMES for _ in (0, 1)]
        self._ends = [
            get("end.kind", 0.0) if s % 2 else get("end.none", 0.0) for s in range(_STATES)
        ]
        self._steps = list(self._all_steps())

    def _all_steps(self) -> Iterator[list[_Step]]:
        """Yield for each place the steps from there, from each state that a reading may be in."""
        moves, starting = self._moves, self._starting()
        reached: list[set[int]] = [set() for _ in range(self.count + 1)]
        reached[0].add(_START)
        for place, spans in enumerate(starting):
            for kind in {state % 2 for state in reached[place]}:
                for _, _, end, after, _, _ in spans[kind]:
                    reached[end].add(after)
            yield [
                (state, number, end, after, score + moves[state][label] + again)
                for state in sorted(reached[place])
                for number, label, end, after, score, again in spans[state % 2]
            ]

    def _starting(self) -> list[tuple[list[_Start], list[_Start]]]:
        """For each place the spans that start there, if no kind was named before and if one was."""
        starting: list[tuple[list[_Start], list[_Start]]] = [([], []) for _ in range(self.count)]
        scores = zip(self.spans, self._scores, self._again_scores, strict=True)
        for number, (span, score, again) in enumerate(scores):
            label, (none_before, one_before) = int(span.label), starting[span.start]
            after = 2 * label + (span.label is Label.KIND)
            none_before.append((number, label, span.end, after, score, 0.0))
            one_before.append((number, label, span.end, 2 * label + 1, score, again))
        return starting

    def best(self) -> list[int]:
        """Return the numbers of the spans of the likeliest reading."""
        scores = self._never()
        backs: list[list[tuple[int, int]]] = [[(-1, -1)] * _STATES for _ in range(self.count + 1)]
        scores[0][_START] = 0.0
        for so_far, steps in zip(scores, self._steps, strict=False):
            for state, number, end, after, added in steps:
                score = so_far[state] + added
                if score > scores[end][after]:
                    scores[end][after] = score
                    backs[end][after] = (number, state)
        finals = [score + end for score, end in zip(scores[-1], self._ends, strict=True)]
        place, state = self.count, max(range(_STATES), key=finals.__getitem__)
        chosen = []
        while place:
            number, state = backs[place][state]
            chosen.append(number)
            place = self.spans[number].start
        return chosen[::-1]

    def marginals(self) -> tuple[list[float], dict[str, float], float]:
        """Return how likely each span is, the expected features of states, and the logarithm of the
        sum over all readings."""
        forward, total = self._forward()
        likely = [0.0] * len(self.spans)
        expected: defaultdict[str, float] = defaultdict(float)
        for state, score in enumerate(forward[-1]):
            if score != _NEVER:
                name = "end.kind" if state % 2 else "end.none"
                expected[name] += exp(score + self._ends[state] - total)
        for state, number, chance in self._chances(forward, total):
            likely[number] += chance
            expected[_MOVE_NAMES[state // 2][self.spans[number].label]] += chance
            if state % 2 and self.again[number]:
                expected[self.again[number]] += chance
        return likely, expected, total

    def _never(self) -> list[list[float]]:
        return [[_NEVER] * _STATES for _ in range(self.count + 1)]

    def _forward(self) -> tuple[list[list[float]], float]:
        """The logarithms of the sums over what leads to each state of each place, and over all."""
        forward = self._never()
        forward[0][_START] = 0.0
        for so_far, steps in zip(forward, self._steps, strict=False):
            for state, _, end, after, added in steps:
                row = forward[end]
                row[after] = _log_add(row[after], so_far[state] + added)
        total = _NEVER
        for score, end_score in zip(forward[-1], self._ends, strict=True):
            total = _log_add(total, score + end_score)
        return forward, total

    def _chances(
        self, forward: list[list[float]], total: float
    ) -> Iterator[tuple[int, int, float]]:
        """Yield how likely a span is after a state, the last ones first: both, and the chance."""
        backward = self._never()
        backward[-1] = self._ends
        for place in range(self.count - 1, -1, -1):
            so_far, behind = forward[place], backward[place]
            for state, number, end, after, added in self._steps[place]:
                rest = added + backward[end][after]
                behind[state] = _log_add(behind[state], rest)
                yield state, number, exp(so_far[state] + rest - total)

    def segmentation(self) -> list[Scored]:
        """Return the likeliest reading, in order."""
        if not self.count:
            return []
        likely = [0.0] * len(self.spans)
        for _, number, chance in self._chances(*self._forward()):
            likely[number] += chance
        return [Scored(self.spans[n], min(1.0, max(0.0, likely[n]))) for n in self.best()]


def move_name(before: int, label: int) -> str:
    """Return the name of the weight of a label after another; the last number is the start."""
    return f"{'SKBOFXT'[before + 1] if before < _LABELS else 'S'}{'KBOFXT'[label]}"


_MOVE_NAMES = [[move_name(a, b) for b in range(_LABELS)] for a in range(_LABELS + 1)]


def _log_add(a: float, b: float) -> float:
    if a < b:
        a, b = b, a
    return a if b == _NEVER else a + log1p(exp(b - a))
