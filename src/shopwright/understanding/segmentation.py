"""The likeliest reading of a request's words: a semi-Markov conditional random field.

Spans of one or several words have a label each; a reading's score is the sum of its spans' weighted
features and of weights of neighbouring labels. The weights are estimated on requests of which it is
known what they ask for (``benchmarks/understanding.py``), and count what shops of any kind share:
how often a phrase is used as a kind, a brand, an option, a quality, and where it stands.

Source: Sarawagi & Cohen, "Semi-Markov conditional random fields for information extraction", 2004;
whether a kind was named before is part of the state, which theirs has not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from shopwright.understanding.lattice import Label, Reader, Span

_LABELS = len(Label)
# The state: the last label, and whether a kind was named; one more before the first word.
_STATES = 2 * _LABELS + 2
_START = 2 * _LABELS
_NEVER = -math.inf


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
        labels = range(_LABELS)
        self._moves = [[get(move_name(a, b), 0.0) for b in labels] for a in range(_LABELS + 1)]
        self._ends = [
            get("end.kind", 0.0) if s % 2 else get("end.none", 0.0) for s in range(_STATES)
        ]
        self._starting: list[list[int]] = [[] for _ in range(self.count + 1)]
        for number, span in enumerate(self.spans):
            self._starting[span.start].append(number)

    def _edge(self, number: int, state: int) -> tuple[float, int]:
        """The score of a span after a state, and the state after it."""
        label = self.spans[number].label
        kind = state % 2
        score = self._scores[number] + self._moves[state // 2][label]
        if kind and label is Label.KIND:
            score += self._again_scores[number]
        return score, 2 * label + (1 if kind or label is Label.KIND else 0)

    def best(self) -> list[int]:
        """Return the numbers of the spans of the likeliest reading."""
        scores = [[_NEVER] * _STATES for _ in range(self.count + 1)]
        backs: list[list[tuple[int, int]]] = [[(-1, -1)] * _STATES for _ in range(self.count + 1)]
        scores[0][_START] = 0.0
        for place in range(self.count):
            for state, so_far in enumerate(scores[place]):
                if so_far == _NEVER:
                    continue
                for number in self._starting[place]:
                    added, after = self._edge(number, state)
                    end = self.spans[number].end
                    if so_far + added > scores[end][after]:
                        scores[end][after] = so_far + added
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
        forward = [[_NEVER] * _STATES for _ in range(self.count + 1)]
        forward[0][_START] = 0.0
        for place in range(self.count):
            for state, so_far in enumerate(forward[place]):
                if so_far == _NEVER:
                    continue
                for number in self._starting[place]:
                    added, after = self._edge(number, state)
                    row = forward[self.spans[number].end]
                    row[after] = _log_add(row[after], so_far + added)
        backward = [[_NEVER] * _STATES for _ in range(self.count)] + [self._ends]
        total = _NEVER
        for score, end in zip(forward[-1], self._ends, strict=True):
            total = _log_add(total, score + end)
        likely = [0.0] * len(self.spans)
        expected: dict[str, float] = {}
        for state, score in enumerate(forward[-1]):
            if score != _NEVER:
                name = "end.kind" if state % 2 else "end.none"
                chance = math.exp(score + self._ends[state] - total)
                expected[name] = expected.get(name, 0.0) + chance
        for place in range(self.count - 1, -1, -1):
            for state, so_far in enumerate(forward[place]):
                if so_far == _NEVER:
                    continue
                behind = _NEVER
                for number in self._starting[place]:
                    added, after = self._edge(number, state)
                    rest = added + backward[self.spans[number].end][after]
                    behind = _log_add(behind, rest)
                    chance = math.exp(so_far + rest - total)
                    likely[number] += chance
                    move = move_name(state // 2, self.spans[number].label)
                    expected[move] = expected.get(move, 0.0) + chance
                    if state % 2 and self.again[number]:
                        name = self.again[number]
                        expected[name] = expected.get(name, 0.0) + chance
                backward[place][state] = behind
        return likely, expected, total

    def segmentation(self) -> list[Scored]:
        """Return the likeliest reading, in order."""
        if not self.count:
            return []
        likely, _, _ = self.marginals()
        return [Scored(self.spans[n], min(1.0, max(0.0, likely[n]))) for n in self.best()]


def move_name(before: int, label: int) -> str:
    """Return the name of the weight of a label after another; the last number is the start."""
    return f"{'SKBOFXT'[before + 1] if before < _LABELS else 'S'}{'KBOFXT'[label]}"


def _log_add(a: float, b: float) -> float:
    if a < b:
        a, b = b, a
    return a if b == _NEVER else a + math.log1p(math.exp(b - a))
