"""Which encoding a text has."""

from __future__ import annotations

import codecs
import re
from typing import Any

from shopwright.catalogue.forms.source import Source
from shopwright.catalogue.forms.table import quoted
from shopwright.errors import InputError, UnavailableError

UTF_8, WINDOWS_1252 = "utf-8", "cp1252"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MOST_SCANNED_BYTES = 64 << 20
_MOST_SAMPLED_BYTES = 128 << 10
_CHUNK_BYTES = 1 << 20
_WIDE_WORD = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]{2,}")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_CYRILLIC_VOWELS = frozenset("аеёиоуыэюяіїєў")
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
# Scripts whose words consist of bytes above 127, in the order that decides ties.
_OTHER_SCRIPTS = [
    "cp1251", "cp932", "gb18030", "cp949", "big5", "euc_jp", "cp1253", "cp1255", "cp1256", "cp874",
    "koi8_r", "cp866",
]  # fmt: skip
# What letters beyond a to z the languages of an encoding use. Earlier ones decide ties.
_WESTERN = (
    "äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúüºª¿¡", "áâãàçéêíóôõúüºª", "àèéìíòóùú", "åäöæøé",
    "áéëèïíóöüúûîôê", "áðéíóúýþæö", "àçéèíïóòúü",
)  # fmt: skip
_CENTRAL = (
    "ąćęłńóśźż", "áäčďéěíĺľňóôŕřšťúůýž", "áéíóöőúüű", "ăâîşţșț", "čćđšž",
)  # fmt: skip
_LETTERS = (
    (WINDOWS_1252, _WESTERN),
    ("cp1250", _CENTRAL),
    ("cp1254", ("çğıöşüâîİ",)),
    ("cp1257", ("āčēģīķļņšūž", "ąčęėįšųūž", "äõöüšž")),
    ("mac_roman", _WESTERN),
    ("cp850", _WESTERN),
    ("cp852", _CENTRAL),
)
_SIGNS = frozenset("–—‘’“”„…•·®™©°€£¥§«»½¼¾²³×±\xa0")


def known_encoding(name: str) -> str:
    """Return Python's name of an encoding of texts.

    Raises:
        InputError: there is none of that name.
    """
    try:
        codec = codecs.lookup(name)
        "a".encode(name)
        b"a".decode(name)
    except (LookupError, UnicodeError, ValueError, TypeError, AttributeError):
        raise InputError(
            f"--encoding: expected an encoding such as utf-8, windows-1252 or shift_jis, "
            f"got {quoted(name)}"
        ) from None
    return codec.name


def encoding_of(source: Source) -> str:
    """Return the encoding of a text: by its mark, as UTF-16 by its zero bytes, as UTF-8 where most
    of what is not ASCII in it is, else by what its letters would be."""
    start = source.start(4096)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) > len(start) / 10 and min(even, odd) < len(start) / 100:
        return "utf-16-le" if odd > even else "utf-16-be"
    sample = _lines_beyond_ascii(source)
    valid = len(sample.decode(UTF_8, "ignore").encode(UTF_8))
    lost = len(sample) - valid
    beyond = len(sample) - len(sample.translate(None, bytes(range(128, 256))))
    if beyond - lost >= lost:
        return UTF_8
    return _encoding_of_bytes(sample)


def _lines_beyond_ascii(source: Source) -> bytes:
    """The first lines of a source that are not ASCII."""
    found: list[bytes] = []
    size = scanned = 0
    with source.open() as stream:
        while scanned < _MOST_SCANNED_BYTES and (chunk := stream.read(_CHUNK_BYTES)):
            scanned += len(chunk)
            if chunk.isascii():
                continue
            for line in chunk.split(b"\n"):
                if not line.isascii():
                    found.append(line[:_MOST_SAMPLED_BYTES])
                    size += len(line)
                    if size >= _MOST_SAMPLED_BYTES:
                        return b"\n".join(found)
    return b"\n".join(found)


def _encoding_of_bytes(sample: bytes) -> str:
    runs = _HIGH_BYTES.findall(sample)
    if sum(map(len, runs)) < 2 * len(runs) and not _is_shift_jis(sample):
        return _latin_encoding(sample)
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        raise UnavailableError(
            "finding out the encoding of a text needs charset-normalizer; name it with --encoding, "
            "or install it with: pip install 'shopwright[tables]'"
        ) from None
    matches = from_bytes(sample, cp_isolation=_OTHER_SCRIPTS, threshold=0.4)
    best = min(matches, key=_oddity, default=None)
    return WINDOWS_1252 if best is None else str(best.encoding)


def _oddity(match: Any) -> tuple[bool, float, float, int]:
    """How unlikely a reading is. Another alphabet reads as Cyrillic of capitals or few vowels."""
    letters = _CYRILLIC.findall(str(match))
    capitals = sum(map(str.isupper, letters))
    vowels = sum(letter.lower() in _CYRILLIC_VOWELS for letter in letters)
    is_odd = 2 * capitals > len(letters) or 10 * vowels < 3 * len(letters)
    place = _OTHER_SCRIPTS.index(match.encoding)
    return is_odd, round(match.chaos, 2), -match.coherence, place


def _is_shift_jis(sample: bytes) -> bool:
    """Whether bytes are Japanese, the second byte of whose characters is often ASCII."""
    text = sample.decode("cp932", "ignore")
    wide = sum(map(len, _WIDE_WORD.findall(text)))
    return wide > 0.8 * sum(not letter.isascii() for letter in text)


def _latin_encoding(sample: bytes) -> str:
    """The encoding of a text of Latin letters, in which those beyond ASCII are scattered: the one
    that makes most of them letters of one language."""
    beyond = sample.translate(None, bytes(range(128)))
    best, most = WINDOWS_1252, 0.0
    for name, languages in _LETTERS:
        letters = [x for x in beyond.decode(name, "replace").lower() if x not in _SIGNS]
        for alphabet in languages:
            share = sum(letter in alphabet for letter in letters) / max(1, len(letters))
            if share > most + 0.02:
                best, most = name, share
    return best
