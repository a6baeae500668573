"""How people write in chats, put into words that requests are read by."""

from __future__ import annotations

import re

_WRITTEN = {
    "abt": "about", "alergic": "allergic", "bday": "birthday", "bf": "boyfriend",
    "gf": "girlfriend", "bc": "because", "cuz": "because", "gonna": "going to", "gotta": "got to",
    "wanna": "want to", "nah": "no,", "nope": "no,", "nevermind": "never mind",
    "nvm": "never mind", "ppl": "people", "pls": "please", "plz": "please", "smth": "something",
    "sth": "something", "somthing": "something", "thx": "thanks", "ur": "your",
}  # fmt: skip
# Left out; what stands before them counts.
_EMPTY = (
    "tho|lol|lmao|haha+|hehe+|omg|tbh|btw|i guess|i suppose|i think|kinda|sorta|hm+|uh+m*|"
    "um+|to be honest|you know|anyways?|obviously|basically|honestly|literally|seriously"
)
_NOT = "are|could|did|do|does|had|has|have|is|should|was|were|would"
_IS = "he|she|that|there|what|where|who|how|here"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), new)
    for pattern, new in (
        ("[’‘`´]", "'"),
        (r"\bw/o\b", "without"),
        (r"\b(max|maximum|min|minimum) (width|height|length|depth|weight) (?=\d)", r"\2 \1 "),
        (r"^\W*s\W*$", "small"),
        (r"\bw/(?=\s*\w)", "with "),
        (rf"\b({_NOT})nt\b", r"\1n't"),
        (r"\b(ca|wo)nt\b", r"\1n't"),
        (rf"\b({_IS})s\b", r"\1's"),
        (r"\blets\b", "let's"),
        (r"\bim\b", "I'm"),
        (r"\bill(?= (?:take|buy|have|go|get)\b)", "I'll"),
        (r"\bive\b", "I've"),
        (r"\bid(?= (?:rather|like|love|prefer|want)\b)", "I'd"),
        (r"\b(they|you)re\b", r"\1're"),
        (r"\bidk\b", "I don't know"),
        (r"(?<=\w )n(?= \w)", "and"),
        (r"(?<!even )\bthough\W*$", ""),
        (r"(?<![\w'/-])(?<!\d )w(?= \w)", "with"),
        (r"\b(do|if|can|did|are|see|have|will|what|that|like|could|would|thank) u\b", r"\1 you"),
        (r"\bu(?= (?:have|got|sell|guys|recommend|mean|suck|r)\b)", "you"),
        (r"\br(?= (?:they|these|those|you|there|u|ok|fine|good|great|too|not)\b)", "are"),
        # What is shown is not what was wished for.
        (r"\b(?:these|those|they|this|it)(?:'re| are|'s| is)(?:n't| not)(?= (?:an? )?\w+\W*$)", ""),
        (r"\b(?:none|not all|not one) of (?:these|those|them) (?:is|are)(?= \w+\W*$)", ""),
        (rf"(?<!\w)(?:{_EMPTY})(?!\w|['])", ""),
    )
)
_WORD = re.compile(rf"(?<![\w'/-])(?:{'|'.join(_WRITTEN)})(?![\w'/-])", re.IGNORECASE)


def in_full(message: str) -> str:
    """Return a message with the short forms of chats in full, and without words like "lol".

    Example:
        >>> in_full("do u have it w pockets, nvm the color tho")
        'do you have it with pockets, never mind the color'
    """
    for pattern, new in _RULES:
        message = pattern.sub(new, message)
    message = _WORD.sub(lambda found: _WRITTEN[found[0].lower()], message)
    return re.sub(r"[ \t]+", " ", message).replace(" ,", ",").strip(" ")
