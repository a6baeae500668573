"""Yes and no as spreadsheets and people of many languages write them: Excel in German turns FALSE
into FALSCH."""

from __future__ import annotations

from collections.abc import Container, Iterator

_NO = ("false", "0", "no")
_YES = ("true", "1", "yes")
# What Excel writes, then what people do; lower case.
_NO_ELSEWHERE = (
    "n f falsch nein faux non falso não nao falsk nej falskt usann nei onwaar nee epätosi ei fałsz "
    "falsz nie nepravda ne nem hamis fals nu yanlış yanliş hayır hayir ψευδες όχι "
    "ложь нет ні хибність いいえ 否 아니요 거짓"
).split()
_YES_ELSEWHERE = (
    "y t wahr ja j vrai oui verdadero sí si vero verdadeiro sim sandt sand sant sann waar tosi "
    "kyllä prawda tak pravda ano áno igaz igen adevărat adevarat da doğru dogru evet αληθες ναι "
    "истина да так істина はい 是 예 참"
).split()
_SAME = {
    word: meaning
    for meaning, words in ((_NO, _NO_ELSEWHERE), (_YES, _YES_ELSEWHERE))
    for word in (*meaning, *words)
}


def is_no(word: str) -> bool:
    """Whether a word, in lower case, means no."""
    return _SAME.get(word) is _NO


def known_as(word: str, known: Container[str]) -> Iterator[str]:
    """Yield those of some known words that a word is, or that say the same yes or no.

    Args:
        word: the word, lower case.
        known: the known words.

    Example:
        >>> [*known_as("falsch", {"false", "draft"})], [*known_as("draft", {"false", "draft"})]
        (['false'], ['draft'])
    """
    if word in known:
        yield word
    elif same := _SAME.get(word):
        yield from (each for each in same if each in known)
