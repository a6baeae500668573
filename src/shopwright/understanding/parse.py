"""What a request asks of a shop: its words read by what the shop uses them for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib import resources

import numpy as np
import orjson

from shopwright.catalogue.attributes.goods import GOODS
from shopwright.catalogue.attributes.words import stem
from shopwright.catalogue.delta import ChangedCatalogue
from shopwright.catalogue.storage import Catalogue
from shopwright.search.analysis import piece_terms
from shopwright.understanding.amounts import prices_in
from shopwright.understanding.audience import (
    PARTS_OF_NAMES,
    audiences_in,
    ruled_out,
    speakers_in,
)
from shopwright.understanding.background import asides_in, doubted, told_in, words_within
from shopwright.understanding.changed import AddedUses, ChangedPhrases
from shopwright.understanding.correcting import corrected
from shopwright.understanding.exclusions import Cue, cues_in
from shopwright.understanding.kinds import Shelves, documents_with
from shopwright.understanding.language import function_words, language_of
from shopwright.understanding.lattice import Reader
from shopwright.understanding.measures import measures_in
from shopwright.understanding.opening import open_phrases
from shopwright.understanding.phrases import NOTHING, Phrase, Phrases
from shopwright.understanding.pieces import pieces_of, said_once
from shopwright.understanding.request import (
    MOST_PIECES,
    PIECE_CHARACTERS,
    ParsedRequest,
    Part,
    Piece,
)
from shopwright.understanding.segmentation import Lattice, Scored
from shopwright.understanding.spelling import Spelling
from shopwright.understanding.uses import is_use, of_use
from shopwright.understanding.vocabulary import vocabulary_in, vocabulary_of
from shopwright.understanding.wishes import orders_in
from shopwright.understanding.words import (
    Word,
    is_contraction,
    key_of,
    phrase_key,
    words_in,
)

MOST_WORDS = 400
_SAMPLE = 100


@cache
def weights() -> Mapping[str, Mapping[str, float]]:
    """Return the estimated weights of the model of each :class:`Style`."""
    file = resources.files("shopwright.understanding").joinpath("weights.json")
    found: Mapping[str, Mapping[str, float]] = orjson.loads(file.read_bytes())
    return found


@dataclass(frozen=True)
class Understanding:
    """Parses requests to a shop.

    Attributes:
        catalogue: the shop's products.
        phrases: what the shop uses them for.
        language: ISO 639-1 code of the products' texts, "" if unknown.
        spelling: corrects words that the shop does not know; None leaves them.

    Example:
        >>> understanding = Understanding.of(shop.catalogue)
        >>> understanding.parse("mens running shoes under $60, not leather").pieces
    """

    catalogue: Catalogue
    phrases: Phrases
    language: str = ""
    spelling: Spelling | None = None
    _shares: dict[str, float] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, catalogue: Catalogue) -> Understanding:
        """Return the understanding of a shop's requests: its phrases are opened, or learned from
        the catalogue and kept beside the shop."""
        base = catalogue.base
        try:
            vocabulary = vocabulary_in(base.folder.parent, base)
        except OSError:  # A folder that cannot be written into.
            vocabulary = vocabulary_of(base)
        built = cls(base, open_phrases(base), _language(base), Spelling(vocabulary))
        return built.at(catalogue)

    def at(self, catalogue: Catalogue) -> Understanding:
        """Return the understanding of the same shop's requests after changes."""
        phrases, added = self.phrases, None
        if isinstance(phrases, ChangedPhrases):
            added, phrases = phrases.added, phrases.before
        if isinstance(catalogue, ChangedCatalogue):
            if added is None or added.delta is not catalogue.delta:
                added = AddedUses(catalogue.delta)
            phrases = ChangedPhrases(phrases, catalogue, added)
        return replace(self, catalogue=catalogue, phrases=phrases)

    @property
    def products(self) -> int:
        """How many products the shop has."""
        return self.phrases.products

    def find(self, key: str) -> Phrase:
        """Return what the shop uses a phrase for, by its key."""
        return self.phrases.find(key)

    def text_share(self, word: str) -> float:
        """Return how common a word is in the texts of products: 0 for none, 1 for all."""
        share = self._shares.get(word)
        if share is None:
            if len(self._shares) > 1 << 15:
                self._shares.clear()
            share = self._shares[word] = self._text_share(word)
        return share

    def _text_share(self, word: str) -> float:
        terms = piece_terms(word)
        if not terms:
            return 1.0  # Function words, which are not searched for.
        count = min(len(documents_with(self.catalogue, term)) for term in terms)
        return math.log1p(count) / math.log1p(len(self.catalogue.base))

    def parse(self, text: str) -> ParsedRequest:
        """Return what a request asks for."""
        pieces, taken, cues = self.taken(text)
        language = language_of(text, self.language)
        words = self._corrected(words_in(text)[:MOST_WORDS])
        taken += [(word.start, word.end) for word in words if is_contraction(word.text)]
        if language != self.language:  # They ask for nothing, but this shop does not know that.
            foreign = function_words(language)
            taken += [(word.start, word.end) for word in words if word.text in foreign]
        pieces += self._read(text, words, taken, cues)
        if is_use(text):
            pieces = of_use(pieces)
        pieces = said_once(sorted(pieces, key=lambda piece: piece.start))[:MOST_PIECES]
        return ParsedRequest(
            text=text,
            pieces=tuple(pieces),
            search_text=search_text(pieces),
            language=language,
        )

    def _read(
        self,
        text: str,
        words: Sequence[Word],
        taken: Sequence[tuple[int, int]],
        cues: Sequence[Cue],
    ) -> list[Piece]:
        """What the words ask for; where a request tells of somebody besides, the words there are
        read for themselves."""

        def read(some: Sequence[Word]) -> list[Piece]:
            # A cue rules out what follows it, not what begins another part.
            places = {word.start for word in some}
            own = [
                c for c in cues if next((w.start for w in words if w.start >= c.end), -1) in places
            ]
            return pieces_of(text, some, self.reading(some, taken), own)

        told = told_in(text)
        if told.telling and told.asking:
            asked = read(words_within(words, told.asking))
            if told.wishes or any(piece.part is Part.KIND for piece in asked):
                return [*asked, *doubted(read(words_within(words, told.telling)))]
        return read(words)

    def _corrected(self, words: list[Word]) -> list[Word]:
        """Words with those that the shop does not know as they were probably meant."""
        if self.spelling is None:
            return words
        vocabulary = self.spelling.vocabulary
        unknown = [
            word.text.isalpha()
            and self.find(word.stem) is NOTHING
            and (self.text_share(word.text) == 0.0 or not vocabulary.knows(word.text))
            for word in words
        ]
        return corrected(words, unknown, self.spelling) if any(unknown) else words

    def taken(self, text: str) -> tuple[list[Piece], list[tuple[int, int]], list[Cue]]:
        """Return what is read without the shop's words: prices, measures, orders and audiences; the
        places of these and of the words that rule something out; and these words."""
        prices = prices_in(text, self.catalogue.currency)
        pieces = [reading.piece for reading in prices]
        taken = [(reading.start, reading.end) for reading in prices]
        for measure in measures_in(text):
            if is_free(measure.start, measure.end, taken):
                pieces.append(measure.piece)
                taken.append((measure.start, measure.end))
        for order in orders_in(text):
            place = (order.start, order.start + len(order.text))
            if is_free(*place, taken):
                pieces.append(order)
                taken.append(place)
        for reading in map(partial(ruled_out, text), audiences_in(text)):
            is_other = reading.piece.text.lower() in PARTS_OF_NAMES and self._names_a_thing(
                text, reading.piece
            )
            if is_free(reading.start, reading.end, taken) and not is_other:
                pieces.append(reading.piece)
                taken.append((reading.start, reading.end))
        taken += asides_in(text) + speakers_in(text)
        cues = [c for c in cues_in(text, self._is_name) if is_free(c.start, c.end, taken)]
        return pieces, taken + [(cue.start, cue.end) for cue in cues], cues

    def reading(self, words: Sequence[Word], taken: Sequence[tuple[int, int]]) -> list[Scored]:
        """Return the likeliest reading of words, those at taken places left out."""
        is_taken = [not is_free(word.start, word.end, taken) for word in words]
        reader = Reader(words, is_taken, self)
        return Lattice(reader, weights()[reader.style]).segmentation()

    def _names_a_thing(self, text: str, piece: Piece) -> bool:
        """Whether a word for people is part of what things are called here: "male connector"."""
        following = words_in(text[piece.start : piece.start + PIECE_CHARACTERS])[:2]
        found = self.find(key_of([word.stem for word in following]))
        return found.kinds + found.qualities > 0

    def _is_name(self, phrase: str, following: str) -> bool:
        """Whether products are called so: "no show" socks, but vitamins may have no gelatin."""
        found = self.find(phrase_key(phrase))
        alone = self.find(phrase_key(phrase.split()[-1]))
        used = max(found.titles, found.kinds)
        if used < 2 or used <= 0.3 * max(alone.titles, 1):
            return False
        is_thing = stem(following) in GOODS or self.find(phrase_key(following)).kinds > 0
        return is_thing or not phrase.startswith("no ")

    def rows_of_kind(self, value: str) -> np.ndarray:
        """Return the rows (int64, ascending) of the products of a kind, however it is written."""
        return Shelves(self.catalogue, self.phrases).rows(value)

    def lacking(self, parsed: ParsedRequest) -> float:
        """Return how certain it is that the shop has nothing of the kinds that are asked for, 0 to
        1: no food for dogs, no guitars."""
        return Shelves(self.catalogue, self.phrases).lacking(parsed)


def search_text(pieces: Sequence[Piece]) -> str:
    """Return what is searched for: what pieces ask for, without limits, exclusions and wishes of
    order."""
    kept = (Part.KIND, Part.FEATURE, Part.OPTION, Part.BRAND, Part.AUDIENCE)
    return " ".join([piece.value for piece in pieces if piece.part in kept and piece.value])


def own_words(parsed: ParsedRequest) -> str:
    """Return a request as it was typed, without limits, exclusions and wishes of order."""
    text = parsed.text
    left_out = parsed.of(Part.PRICE, Part.MEASURE, Part.EXCLUSION, Part.ORDER)
    for piece in sorted(left_out, key=lambda piece: -piece.start):
        if piece.start >= 0:
            text = f"{text[: piece.start]} {text[piece.start + len(piece.text) :]}"
    return " ".join(word for word in text.split() if word.strip(",;:.")).rstrip(",;:")


def without(parsed: ParsedRequest, piece: Piece) -> ParsedRequest:
    """Return a parse without one of its pieces."""
    return with_pieces(parsed, [each for each in parsed.pieces if each != piece])


def with_pieces(parsed: ParsedRequest, pieces: Sequence[Piece]) -> ParsedRequest:
    """Return a parse with other pieces, as a person changed them, and the text searched for."""
    return replace(parsed, pieces=tuple(pieces), search_text=search_text(pieces))


def is_free(start: int, end: int, taken: Sequence[tuple[int, int]]) -> bool:
    """Return whether a place lies outside those that are taken."""
    return all(end <= first or start >= last for first, last in taken)


def _language(catalogue: Catalogue) -> str:
    rows = catalogue.rows[: _SAMPLE * 10 : 10]
    texts = [
        " ".join((p.title, p.description, *p.bullets))[:1000]
        for p in map(catalogue.__getitem__, rows)
    ]
    return language_of(" ".join(texts))
