"""The language of a text, by its function words: enough to tell the commonest dozen apart."""

from __future__ import annotations

import re
from collections import defaultdict

# The letter of "20w" is no word.
_WORD = re.compile(r"(?<![\d_])[^\W\d_]+")
_FUNCTION_WORDS = {
    "en": "a an and are for from i in is it looking me my need no not of on or that the to want "
    "with without under below you can do have",
    "de": "aus das dem den der die ein eine einen einem für ich ist mit nicht oder ohne suche und "
    "von zum zur bis unter möchte brauche auf kein keine",
    "fr": "avec au aux dans de des du en est et je la le les mon ma ne ou pas pour sans sur un une "
    "cherche veux moins",
    "es": "busco con de del el en es la las los me mi no o para por que quiero sin un una unos y "
    "menos necesito",
    "it": "che con cerco da del della di e gli il in la le lo meno non o per senza un una uno "
    "vorrei voglio",
    "pt": "com da de do dos em e não o os para por procuro quero sem um uma preciso menos",
    "nl": "aan de een en het ik in is met naar niet of op van voor zoek zonder minder dan geen",
    "pl": "bez dla do i jest lub na nie od po szukam w z za ze chcę poniżej",
    "sv": "av att den det en ett för inte jag med och på som söker till utan under",
    "da": "af at den det en et for ikke jeg med og på som søger til uden",
    "cs": "bez do hledám je na nebo o pod pro s se v z za že",
    "tr": "bir bu için ile istiyorum olmayan ve veya altında",
}
# Words that shops' customers use most; of English also those that are words of other languages.
_GOODS = {
    "en": "black red women men shoes air as at bad by c con die i las los me met non on pro s se "
    "sort till v van w z",
    "de": "schwarz schwarze rot rote damen herren schuhe günstig",
    "fr": "noir noire noires rouge femme homme chaussures",
    "es": "negro negra rojo mujer hombre zapatos barato",
    "it": "nero nera rosso donna uomo scarpe",
    "pt": "preto preta vermelho mulher homem sapatos",
    "nl": "zwart zwarte rood dames heren schoenen",
    "pl": "czarny czarne czerwony damskie męskie buty",
    "sv": "svart röd dam herr skor",
    "da": "sort rød dame herre sko",
    "cs": "černý černé červený dámské pánské boty",
    "tr": "kadın erkek siyah kırmızı ayakkabı",
}
_HAVING: dict[str, list[str]] = {}
for _language, _words in _FUNCTION_WORDS.items():
    for _word in frozenset(f"{_words} {_GOODS[_language]}".split()):
        _HAVING.setdefault(_word, []).append(_language)
_FUNCTIONS = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}
# Languages with letters of their own.
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)
_LETTERS = {
    "de": "ß", "es": "ñ¿¡", "pt": "ãõ", "pl": "ąćęłńśźż", "cs": "ěřů", "tr": "ğış",
    "da": "æø", "sv": "å", "fr": "çœèêà",
}  # fmt: skip


def language_of(text: str, default: str = "") -> str:
    """Return the ISO 639-1 code of a text's language; the default where nothing tells.

    Args:
        text: a request, or texts of products.
        default: for texts that have function words of no language, or of several alike.
    """
    lower = text.lower()
    is_ascii = lower.isascii()  # Then no letter tells.
    if not is_ascii and (language := _by_script(lower)):
        return language
    scores: defaultdict[str, float] = defaultdict(float)
    for word in _WORD.findall(lower):
        having = _HAVING.get(word, ())
        for language in having:
            scores[language] += 1 / len(having)
    for language, marks in () if is_ascii else _LETTERS.items():
        if any(mark in lower for mark in marks):
            scores[language] += 0.6
    if not scores:
        return default
    best = max(scores.values())
    likely = [language for language, score in scores.items() if score > best - 0.2]
    if default in likely or (best < 0.5 and default):
        return default
    return likely[0] if len(likely) == 1 else default


def _by_script(lower: str) -> str:
    """The language that has letters of its own in a text; empty if none has."""
    letters = sum(map(str.isalpha, lower)) or 1
    for language, letter in _SCRIPTS:
        least = 0 if language == "ja" else letters / 3  # Chinese has no kana at all.
        if len(letter.findall(lower)) > least:
            return language
    return ""


def function_words(language: str) -> frozenset[str]:
    """Return the function words that a language is told by; none of an unknown one."""
    return _FUNCTIONS.get(language, frozenset())
