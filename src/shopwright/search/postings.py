"""The postings of documents: gathered part by part, then merged into one index.

A part holds consecutive documents. Its files are known to this module alone and exist until they
are merged:

    terms.bin: the part's terms in ascending byte order, a space between them.
    starts.npy: int64, terms + 1: where each term's postings begin.
    documents.npy: uint32: the documents that have the term, ascending, counted from the part's
        first.
    frequencies.npy: uint32: how often each of these has it.
    lengths.npy: uint32: each document's number of terms.
    pieces.bin, piece_counts.npy: the texts between spaces that come most often, and how often.
"""

from __future__ import annotations

import tempfile
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from shopwright.catalogue.storage import read_array, writable_array, write_array
from shopwright.files import replacing, write_json
from shopwright.search.analysis import analyse
from shopwright.search.bm25 import LUCENE, Saturation, attenuations, round_length

# The terms of this many pieces are written down, so that no query has to analyse them again.
KEPT_PIECES = 1 << 16
KEPT_PIECE_LENGTH = 64


def gather_postings(folder: Path, texts: Iterable[str]) -> None:
    """Write a part.

    Args:
        folder: where to write.
        texts: the documents' texts, one after the other.
    """
    # A text is the numbers of its pieces, so that each piece is analysed once.
    pieces = _Numbers()
    said = array("I")
    sizes: list[int] = []
    for text in texts:
        own = text.split(" ")
        said.extend(map(pieces.__getitem__, own))
        sizes.append(len(own))
    numbers = np.frombuffer(said, dtype=np.uint32) if said else np.zeros(0, dtype=np.uint32)
    count = np.bincount(numbers, minlength=len(pieces))
    kept = _most_frequent(Counter(dict(zip(pieces, count.tolist(), strict=True))))

    numbers_of = _Numbers()
    terms_of = [[*map(numbers_of.__getitem__, analyse(piece))] for piece in pieces]
    encoded = [_encoded(term) for term in numbers_of]
    order = sorted(range(len(encoded)), key=encoded.__getitem__)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    places = place[np.array([*chain.from_iterable(terms_of)], dtype=np.int64)]
    documents = np.repeat(np.arange(len(sizes)), sizes)
    terms, documents = _of_pieces(places, [*map(len, terms_of)], numbers, documents)
    total = max(len(sizes), 1)
    postings, frequencies = np.unique(terms * total + documents, return_counts=True)
    starts = np.zeros(len(order) + 1, dtype=np.int64)
    np.cumsum(np.bincount(postings // total, minlength=len(order)), out=starts[1:])

    for name, words in (
        ("terms.bin", [encoded[number] for number in order]),
        ("pieces.bin", [*map(_encoded, kept)]),
    ):
        with replacing(folder / name) as file:
            file.write(b" ".join(words))
    write_array(folder / "starts.npy", starts)
    write_array(folder / "documents.npy", (postings % total).astype(np.uint32))
    write_array(folder / "frequencies.npy", frequencies.astype(np.uint32))
    lengths = np.bincount(documents, minlength=len(sizes))
    write_array(folder / "lengths.npy", lengths.astype(np.uint32))
    write_array(folder / "piece_counts.npy", count[[pieces[piece] for piece in kept]])


class _Numbers(dict[str, int]):
    """The number of each text, from 0."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


def _of_pieces(
    terms: np.ndarray, sizes: Sequence[int], pieces: np.ndarray, documents: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The terms of all texts, one after the other, and the document of each.

    Args:
        terms: the terms of all distinct pieces, one after the other.
        sizes: how many each piece has.
        pieces: the pieces of all texts, one after the other.
        documents: the document of each of these.
    """
    counts = np.array(sizes, dtype=np.int64)
    firsts = np.cumsum(counts) - counts
    own = counts[pieces]
    within = np.arange(own.sum()) - np.repeat(np.cumsum(own) - own, own)
    return terms[np.repeat(firsts[pieces], own) + within], np.repeat(documents, own)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _most_frequent(pieces: Counter[str]) -> list[str]:
    usable = (piece for piece in pieces if 0 < len(piece) <= KEPT_PIECE_LENGTH)
    return sorted(usable, key=lambda piece: (-pieces[piece], piece))[:KEPT_PIECES]


def _split(path: Path) -> list[bytes]:
    content = path.read_bytes()
    return content.split(b" ") if content else []


def merge_postings(folder: Path, parts: Sequence[Path], saturation: Saturation = LUCENE) -> None:
    """Write the index of the documents of all parts, in their order; see index.py for its files.

    Args:
        folder: where to write; it exists.
        parts: where :func:`gather_postings` wrote.
        saturation: how frequencies count.
    """
    terms_of = [_split(part / "terms.bin") for part in parts]
    terms = sorted(set().union(*terms_of))
    number_of = {term: number for number, term in enumerate(terms)}
    numbers_of = [
        np.fromiter((number_of[term] for term in own), np.int64, len(own)) for own in terms_of
    ]
    del terms_of

    documents_with: np.ndarray = np.zeros(len(terms), dtype=np.int64)
    for part, numbers in zip(parts, numbers_of, strict=True):
        documents_with[numbers] += np.diff(read_array(part / "starts.npy"))
    starts = np.zeros(len(terms) + 1, dtype=np.int64)
    np.cumsum(documents_with, out=starts[1:])
    lengths = np.concatenate([read_array(part / "lengths.npy") for part in parts])
    documents_with_text = int(np.count_nonzero(lengths))
    average = int(lengths.sum()) / max(1, documents_with_text)
    different, codes = np.unique(lengths, return_inverse=True)
    rounded = np.array([round_length(int(length)) for length in different], np.int64)[codes]

    write_array(folder / "starts.npy", starts)
    write_array(folder / "term_offsets.npy", np.cumsum([0, *map(len, terms)]).astype(np.int64))
    with replacing(folder / "terms.bin") as file:
        file.write(b"".join(terms))
    write_json(
        folder / "index.json",
        {"documents_with_text": documents_with_text, "average_length": average},
    )
    _write_pieces(folder, parts, number_of)
    _write_postings(folder, parts, numbers_of, starts, rounded, average, saturation)


def _write_postings(
    folder: Path,
    parts: Sequence[Path],
    numbers_of: Sequence[np.ndarray],
    starts: np.ndarray,
    rounded: np.ndarray,
    average: float,
    saturation: Saturation,
) -> None:
    count = int(starts[-1])
    documents = writable_array(folder / "documents.npy", count, np.uint32)
    divisors = writable_array(folder / "attenuations.npy", count, np.float32)
    filled = starts[:-1].copy()
    first = 0
    for part, numbers in zip(parts, numbers_of, strict=True):
        own_starts = read_array(part / "starts.npy")
        counts = np.diff(own_starts)
        rows = read_array(part / "documents.npy") + np.uint32(first)
        places = np.repeat(filled[numbers] - own_starts[:-1], counts) + np.arange(len(rows))
        documents[places] = rows
        frequencies = read_array(part / "frequencies.npy")
        divisors[places] = attenuations(frequencies, rounded[rows], average, saturation)
        filled[numbers] += counts
        first += len(read_array(part / "lengths.npy"))


def _write_pieces(folder: Path, parts: Sequence[Path], number_of: dict[bytes, int]) -> None:
    totals: Counter[str] = Counter()
    for part in parts:
        pieces = [piece.decode("utf-8", "surrogatepass") for piece in _split(part / "pieces.bin")]
        totals.update(
            dict(zip(pieces, read_array(part / "piece_counts.npy").tolist(), strict=True))
        )
    kept = _most_frequent(totals)
    numbers = [[number_of[_encoded(term)] for term in analyse(piece)] for piece in kept]
    with replacing(folder / "pieces.bin") as file:
        file.write(b" ".join(map(_encoded, kept)))
    sizes = np.cumsum([0, *map(len, numbers)])
    write_array(folder / "piece_starts.npy", sizes.astype(np.uint32))
    write_array(folder / "piece_terms.npy", np.array(list(chain.from_iterable(numbers)), np.uint32))


def build_index(folder: Path, texts: Iterable[str]) -> None:
    """Write the index of documents' texts at once.

    Args:
        folder: where to write; it exists.
        texts: the documents' texts, row by row.
    """
    with tempfile.TemporaryDirectory() as part:
        gather_postings(Path(part), texts)
        merge_postings(folder, [Path(part)])


def read_pieces(folder: Path) -> dict[str, tuple[int, ...]]:
    """Return the pieces of an index folder, each with the numbers of its terms."""
    pieces = [piece.decode("utf-8", "surrogatepass") for piece in _split(folder / "pieces.bin")]
    starts = read_array(folder / "piece_starts.npy").tolist()
    numbers = read_array(folder / "piece_terms.npy").tolist()
    return {
        piece: tuple(numbers[start:end])
        for piece, start, end in zip(pieces, starts, starts[1:], strict=False)
    }
