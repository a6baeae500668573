"""How well requests are understood, by part; and the estimation of the model's weights.

    python -m benchmarks.understanding --shop SHOP [--shop SHOP ...]  # precision and recall by part
    python -m benchmarks.understanding --shop SHOP ... --fit WEIGHTS.json [--style STYLE]

Requests are written for the shops' products with what they ask for known (written.py); those of
``understanding_requests.txt`` and ``understanding_keywords.txt`` are written by hand. Each belongs
to the development or the test half by its hash; weights are estimated on others, of the same
writer.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import orjson
from benchmarks.written import Marked, Writer, unmarked

from shopwright.catalogue.attributes.words import FUNCTION_WORDS
from shopwright.search.searchable_catalogue import SearchableCatalogue
from shopwright.understanding import parse as parsing
from shopwright.understanding.lattice import Label, Reader, Style
from shopwright.understanding.parse import Understanding
from shopwright.understanding.phrases import Phrase
from shopwright.understanding.request import ParsedRequest, Part
from shopwright.understanding.segmentation import Lattice, move_name
from shopwright.understanding.words import Word, stems_in, words_in

# What was written by hand: sentences and fragments, and key words alone.
HAND_WRITTEN = {
    "by hand": Path(__file__).with_name("understanding_requests.txt"),
    "key words": Path(__file__).with_name("understanding_keywords.txt"),
    "noun phrases": Path(__file__).with_name("understanding_noun_phrases.txt"),
}
PARTS = {
    "K": Part.KIND, "B": Part.BRAND, "O": Part.OPTION, "F": Part.FEATURE, "X": Part.EXCLUSION,
    "A": Part.AUDIENCE, "P": Part.PRICE, "M": Part.MEASURE, "R": Part.ORDER,
}  # fmt: skip
LABELS = {"K": Label.KIND, "B": Label.BRAND, "O": Label.OPTION, "F": Label.FEATURE}
SAMPLE = 3_000
# In so many of the requests that weights are estimated on the shop does not know the kind.
HIDDEN = 0.35
# Requests of a kind that the shop has are common; a little decay keeps rare features small.
DECAY = 3e-4


def half_of(request: str) -> str:
    """Return which half a request belongs to."""
    digest = hashlib.sha256(request.encode()).hexdigest()
    return "dev" if int(digest, 16) % 2 == 0 else "test"


def facts_of(text: str, marked: Iterable[Marked]) -> Counter[tuple[Part, str]]:
    """Return what a marked request asks for: words by part, and ranges, people and orders."""
    facts: Counter[tuple[Part, str]] = Counter()
    for piece in marked:
        part = PARTS[piece.letter]
        if part in (Part.AUDIENCE, Part.PRICE, Part.ORDER):
            facts[part, piece.meant] += 1
        else:
            facts.update((part, stem) for stem in _content(text[piece.start : piece.end]))
    return facts


def facts_in(parsed: ParsedRequest) -> Counter[tuple[Part, str]]:
    """Return what a parse says, in the same form."""
    facts: Counter[tuple[Part, str]] = Counter()
    for piece in parsed.pieces:
        if piece.part is Part.PRICE:
            ends = ("" if end is None else f"{end:g}" for end in (piece.lowest, piece.highest))
            facts[piece.part, ",".join(ends)] += 1
        elif piece.part in (Part.AUDIENCE, Part.ORDER):
            facts[piece.part, str(piece.value)] += 1
        else:
            said = piece.value if piece.part is Part.EXCLUSION else piece.text
            facts.update((piece.part, stem) for stem in _content(said))
    return facts


def _content(text: str) -> list[str]:
    return [stem for stem in stems_in(text) if stem not in FUNCTION_WORDS]


class Tally:
    """Counts by part: said rightly, said, asked for."""

    def __init__(self) -> None:
        self.counts: defaultdict[Part, Counter[str]] = defaultdict(Counter)
        self.right = self.requests = 0

    def add(self, found: Counter[tuple[Part, str]], asked: Counter[tuple[Part, str]]) -> None:
        """Count one request."""
        both = found & asked
        for name, counted in (("right", both), ("found", found), ("asked", asked)):
            for (part, _), count in counted.items():
                self.counts[part][name] += count
        self.requests += 1
        self.right += found == asked

    def rows(self) -> dict[str, dict[str, float]]:
        """Return precision and recall by part, in percent, and how many requests are all right."""
        rows = {}
        for part in Part:
            counts = self.counts[part]
            rows[str(part)] = {
                "precision": round(100 * counts["right"] / (counts["found"] or 1), 1),
                "recall": round(100 * counts["right"] / (counts["asked"] or 1), 1),
                "asked": counts["asked"],
            }
        rows["whole request"] = {
            "right": round(100 * self.right / (self.requests or 1), 1),
            "asked": self.requests,
        }
        return rows


class Hiding:
    """An understanding that does not know some phrases.

    Args:
        understanding: which knows them.
        keys: what it is not to know as kinds.
    """

    def __init__(self, understanding: Understanding, keys: frozenset[str]) -> None:
        self._understanding, self._keys = understanding, keys
        self.products = understanding.products
        self.text_share = understanding.text_share

    def find(self, key: str) -> Phrase:
        """Return what the shop uses a phrase for."""
        phrase = self._understanding.find(key)
        return phrase._replace(kind="", kinds=0) if key in self._keys else phrase


def gold_spans(
    lattice: Lattice, words: Sequence[Word], labels: Mapping[int, tuple[Label, int]]
) -> list[int]:
    """Return the numbers of spans of the right reading: as long as the lattice has them.

    Args:
        labels: word → what it is, and where the words that belong together end.
    """
    by_place = {(s.start, s.end, s.label): n for n, s in enumerate(lattice.spans)}
    chosen = []
    place = 0
    while place < len(words):
        taken = by_place.get((place, place + 1, Label.TAKEN))
        label, end = labels.get(place, (Label.OTHER, place + 1))
        number = taken
        if number is None and label is Label.KIND:
            number = by_place.get((place, end, label))
            if number is None and end > place + 1:
                label = Label.FEATURE  # What the kind is a kind of comes last.
                number = by_place.get((place, place + 1, label))
        elif number is None:
            for last in range(end, place, -1):
                number = by_place.get((place, last, label))
                if number is not None:
                    break
        if words[place].text in FUNCTION_WORDS and number is not None and taken is None:
            alone = lattice.spans[number].end == place + 1
            number = by_place[place, place + 1, Label.OTHER] if alone else number
        if number is None:
            fallback = Label.FEATURE if label is not Label.OTHER else Label.OTHER
            number = by_place.get((place, place + 1, fallback))
        if number is None:  # Not everything may say nothing.
            number = by_place.get((place, place + 1, Label.OTHER))
            number = by_place[place, place + 1, Label.FEATURE] if number is None else number
        chosen.append(number)
        place = lattice.spans[number].end
    return chosen


def labels_of(words: Sequence[Word], marked: Iterable[Marked]) -> dict[int, tuple[Label, int]]:
    """Return what each word of a request is, and where the words that belong with it end."""
    labels = {}
    for piece in marked:
        inside = [n for n, w in enumerate(words) if piece.start <= w.start < piece.end]
        for number in inside:
            label = LABELS.get(piece.letter, Label.FEATURE)
            if piece.letter in "KBOFX":
                labels[number] = (label, inside[-1] + 1)
    return labels


def fit(
    understandings: Sequence[tuple[Understanding, Writer]], count: int, epochs: int, seed: int = 1
) -> dict[str, dict[str, float]]:
    """Return, for each style, weights under which the right readings of written requests are
    likely: stochastic gradient ascent on their log likelihood, with AdaGrad's steps."""
    rng = random.Random(seed)
    examples = []
    for number in range(count):
        understanding, writer = understandings[number % len(understandings)]
        examples.append((understanding, *unmarked(writer.write(rng))))
        key_words = unmarked(writer.key_words(rng))
        # Fewer words are read as sentences are.
        if len(words_in(key_words[0])) > 1:
            examples.append((understanding, *key_words))
    weights: dict[Style, dict[str, float]] = {style: {} for style in Style}
    squares = {style: defaultdict[str, float](lambda: 1.0) for style in Style}
    for epoch in range(epochs):
        rng.shuffle(examples)
        likelihood = 0.0
        for understanding, text, marked in examples:
            words = words_in(text)
            taken = understanding.taken(text)[1]
            is_taken = [not parsing.is_free(w.start, w.end, taken) for w in words]
            kinds = [text[p.start : p.end] for p in marked if p.letter == "K"]
            hidden: frozenset[str] = frozenset()
            if rng.random() < HIDDEN:
                stems = [stems_in(kind) for kind in kinds]
                hidden = frozenset("".join(s[n:]) for s in stems for n in range(len(s)))
            reader = Reader(words, is_taken, Hiding(understanding, hidden))
            lattice = Lattice(reader, weights[reader.style])
            gold = gold_spans(lattice, words, labels_of(words, marked))
            likelihood += _step(lattice, gold, weights[reader.style], squares[reader.style])
        print(f"epoch {epoch}: mean log likelihood {likelihood / len(examples):.3f}", flush=True)
    return {
        str(style): {
            name: round(value, 4) for name, value in sorted(own.items()) if abs(value) > 0.02
        }
        for style, own in weights.items()
    }


def _step(
    lattice: Lattice, gold: Sequence[int], weights: dict[str, float], squares: dict[str, float]
) -> float:
    """One step towards the right reading; returns its log likelihood before."""
    likely, expected, total = lattice.marginals()
    gradient: defaultdict[str, float] = defaultdict(float)
    score, state, kind = 0.0, len(Label), 0
    for number in gold:
        span = lattice.spans[number]
        names = dict(span.features)
        names[move_name(state, span.label)] = 1.0
        if kind and lattice.again[number]:
            names[lattice.again[number]] = 1.0
        for name, value in names.items():
            gradient[name] += value
            score += weights.get(name, 0.0) * value
        state, kind = span.label, int(kind or span.label is Label.KIND)
    end = "end.kind" if kind else "end.none"
    gradient[end] += 1.0
    score += weights.get(end, 0.0)
    for number, chance in enumerate(likely):
        for name, value in lattice.spans[number].features:
            gradient[name] -= chance * value
    for name, chance in expected.items():
        gradient[name] -= chance
    for name, value in gradient.items():
        value -= DECAY * weights.get(name, 0.0)
        squares[name] += value * value
        weights[name] = weights.get(name, 0.0) + 0.3 * value / math.sqrt(squares[name])
    return score - total


def open_shop(folder: Path, rng: random.Random) -> tuple[Understanding, Writer]:
    """Return the understanding of a shop, and what writes requests for a sample of its products."""
    catalogue = SearchableCatalogue(folder / "catalogue", folder / "index")
    rows = rng.sample(range(len(catalogue)), min(SAMPLE, len(catalogue)))
    products = [p for p in (catalogue[row] for row in rows) if p.query.strip()]
    return Understanding.of(catalogue), Writer(products)


def hand_written(file: Path) -> list[str]:
    """Return the marked requests of a file."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def measure(
    understanding: Understanding, requests: Iterable[str], show: int = 0
) -> dict[str, dict[str, dict[str, float]]]:
    """Return precision and recall by part, for each half."""
    tallies = {"dev": Tally(), "test": Tally()}
    for marked in requests:
        text, pieces = unmarked(marked)
        found, asked = facts_in(understanding.parse(text)), facts_of(text, pieces)
        half = half_of(text)
        if found != asked and half == "dev" and show > 0:
            show -= 1
            print(
                text,
                "| missing:",
                *map(_fact, asked - found),
                "| wrong:",
                *map(_fact, found - asked),
            )
        tallies[half].add(found, asked)
    return {half: tally.rows() for half, tally in tallies.items()}


def _fact(fact: tuple[Part, str]) -> str:
    return f"{fact[0]}:{fact[1]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shop", type=Path, action="append", required=True)
    parser.add_argument("--count", type=int, default=1000, help="requests written per shop")
    parser.add_argument("--fit", type=Path, help="where to write estimated weights")
    parser.add_argument(
        "--style", type=Style, choices=[*Style], help="leave the others as they are"
    )
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--show", type=int, default=0, help="how many wrong parses to show")
    parser.add_argument("--out", type=Path, help="where to write the figures as JSON")
    arguments = parser.parse_args()
    rng = random.Random(0)
    shops = {folder.name: open_shop(folder, rng) for folder in arguments.shop}
    if arguments.fit:
        weights = fit(list(shops.values()), arguments.count * len(shops), arguments.epochs)
        if arguments.style:
            found = {arguments.style: weights[arguments.style]}
            weights = orjson.loads(arguments.fit.read_bytes()) | found
        arguments.fit.write_bytes(orjson.dumps(weights, option=orjson.OPT_INDENT_2))
        return
    figures = {}
    for name, (understanding, writer) in shops.items():
        requests = [writer.write(rng) for _ in range(arguments.count)]
        figures[f"{name}, written"] = measure(understanding, requests, arguments.show)
        for what, file in HAND_WRITTEN.items():
            marked = hand_written(file)
            figures[f"{name}, {what}"] = measure(understanding, marked, arguments.show)
        started = time.process_time()
        for marked in requests:
            understanding.parse(re.sub(r"\[\w(?:=[^:]*)?:|\]", "", marked))
        milliseconds = 1e3 * (time.process_time() - started) / len(requests)
        print(f"{name}: {milliseconds:.2f} ms a request")
    for name, halves in figures.items():
        for half, rows in halves.items():
            print(f"\n{name}, {half}")
            for part, row in rows.items():
                print(f"  {part:14}", "  ".join(f"{key} {value:6}" for key, value in row.items()))
    if arguments.out:
        arguments.out.write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
