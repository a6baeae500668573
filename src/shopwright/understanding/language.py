"""The language of a text, by its function words: enough to tell the commonest dozen apart."""

from __future__ import annotations

import re
from collections import defaultdict

_WORD = re.compile(r"[^\W\d_]+")
_WORDS = {
    "en": "a an and are for from i in is it looking me my need not of on or that the to want with "
    "without under below you can do have black red women men shoes",
    "de": "aus das dem den der die ein eine einen einem für ich ist mit nicht oder ohne suche und "
    "von zum zur bis unter möchte brauche auf schwarz rot damen herren schuhe günstig kein keine",
    "fr": "avec au aux dans de des du en est et je la le les mon ma ne ou pas pour sans sur un une "
    "cherche veux moins noir rouge femme homme chaussures",
    "es": "busco con de del el en es la las los me mi no o para por que quiero sin un una unos y "
    "menos negro rojo mujer hombre zapatos necesito barato",
    "it": "che con cerco da del della di e gli il in la le lo meno non o per senza un una uno "
    "vorrei voglio nero rosso donna uomo scarpe",
    "pt": "com da de do dos em e não o os para por procuro quero sem um uma preciso menos preto "
    "vermelho mulher homem sapatos",
    "nl": "aan de een en het ik in is met naar niet of op van voor zoek zonder zwart rood dames "
    "heren schoenen minder dan geen",
    "pl": "bez czarny dla do i jest lub na nie od po szukam w z za ze chcę czerwony damskie męskie "
    "buty poniżej",
    "sv": "av att den det en ett för inte jag med och på som söker till utan svart röd dam herr "
    "skor under",
    "da": "af at den det en et for ikke jeg med og på som søger til uden sort rød dame herre sko",
    "cs": "bez černý do hledám je na nebo o pod pro s se v z za že červený dámské pánské boty",
    "tr": "bir bu için ile istiyorum kadın erkek siyah kırmızı olmayan ve veya altında ayakkabı",
}
_SETS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
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
    letters = sum(map(str.isalpha, lower)) or 1
    for language, letter in _SCRIPTS:
        if len(letter.findall(lower)) > letters / 3:
            return language
    scores: defaultdict[str, float] = defaultdict(float)
    for word in _WORD.findall(lower):
        having = [language for language, words in _SETS.items() if word in words]
        for language in having:
            scores[language] += 1 / len(having)
    for language, marks in _LETTERS.items():
        if any(mark in lower for mark in marks):
            scores[language] += 0.6
    if not scores:
        return default
    best = max(scores.values())
    likely = [language for language, score in scores.items() if score > best - 0.2]
    if default in likely or (best < 0.5 and default):
        return default
    return likely[0] if len(likely) == 1 else default
