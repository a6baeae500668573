"""Messages that ask for no product: thanks, complaints, questions about the shop's service.

Regular expressions for English, written for messages that strangers typed.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from shopwright.conversations.wording import any_of

_SHORT = 120


class Remark(StrEnum):
    """What a message says that asks for no product."""

    THANKS = "thanks"
    COMPLAINT = "complaint"
    SERVICE = "service"
    RANGE = "range"


_YOU = "(?:you|u)"
_PERSON = "(?:an? |some|real |actual |live )*(?:human|person|someone|somebody|agent|employee)"
_SERVICE = any_of(
    "(?:discount|promo|coupon|voucher) codes?",
    r"(?:have|any|got|use) (?:an? |any )?(?:coupon|voucher|discount|promotion)s?(?=\W*$)",
    f"(?:do|can|will|would) {_YOU} (?:guys )?(?:ship|deliver|gift ?wrap)",
    "free shipping",
    "(?:shipping|delivery) (?:to|costs?|times?|fees?|is|options?|dates?)",
    "how much (?:is|for) (?:the )?(?:shipping|delivery)",
    "how long (?:does|will|is) (?:it|the|delivery|shipping).{0,12}? (?:take|arrive|ship)",
    "when (?:will|does|would|can) (?:it|they|this|that|my) .{0,20}?"
    "(?:arrive|come|ship|deliver|get here)",
    "(?:return|refund) policy",
    "can i (?:return|exchange)",
    "(?:a|my) refund",
    "track (?:my|an?|the) (?:order|package)",
    "my order|order status",
    f"(?:talk|speak|chat) (?:to|with) {_PERSON}",
    f"(?:are {_YOU}|r u) (?:an? )?(?:real|bot|robot|human|person|ai|machine|chatbot)",
    f"(?:who|how|where) (?:are|r) {_YOU}|who made {_YOU}",
    "what(?:['’]?s| is) your name",
    "(?:how|what)(?:['’]?s| is) the weather|weather (?:today|tomorrow|like)",
    "can (?:you|u) do (?:it|that|this) for|discount if",
    r"i (?:bought|ordered|received|got) .{0,40}?\b(?:broken?|damaged|wrong|last week|here)",
    f"(?:is (?:this|that|it)|am i (?:talking|speaking|chatting) (?:to|with)) {_PERSON}",
    f"your prices|opening hours|are {_YOU} open",
    "(?:can i )?pay(?:ing)? (?:with|by|in|later)|paypal",
    "tell me a joke|what time is it",
    "how many (?:did|do|have) you|why (?:is|are) (?:it|they|these|this|that)",
)
_WANTED = r"what i (?:\w+ )?(?:asked|wanted|said|meant|want|mean|need)(?: for)?"
_WRONG = (
    "wrong|incorrect|terrible|awful|bad|useless|nonsense|stupid|dumb|ridiculous|ugly|irrelevant|"
    "makes? no sense|suck|nothing works(?: here)?|not working"
)
_COMPLAINT = re.compile(
    r"\W*(?:(?:no|ok(?:ay)?|hm+|well|sorry|but|again|hey|hello|man|dude|bro|please)\W+)*"
    r"(?:(?:(?:that|this|it)(?:['’]?s| is| was)?|(?:these|those|they|you)(?: are)?|you['’]?re|"
    r"all|ur)\W+)?(?:(?:all|just|so|really|totally|still)\W+)*"
    rf"(?:(?:not|(?:is|are|was)n['’]?t) (?:{_WANTED}|right|it|helpful|good|correct|great|relevant|"
    rf"(?:even )?close|useful|working)|{_WRONG}|(?:i )?already (?:said|told you)(?: that| so)?|"
    r"(?:you )?(?:do not|don['’]?t|did not|didn['’]?t) (?:understand|listen|get it|help)(?: me)?|"
    r"what\?*|huh|wtf)"
    r"(?:\W+(?:at all|again|either|results?|answers?|items?|products?|ones?))*\W*",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"\W*(?:(?:ok(?:ay)?|great|cool|nice|perfect|awesome|good|thank(?:s| you| u)|thx|ty|cheers|"
    r"(?:so|very) much|a lot|for (?:your|the) help|goodbye|bye|see you|you too|nothing else|"
    r"that(?:['’]?s| is) (?:all|it|great|perfect)|have a (?:nice|good|great) (?:day|one)|"
    r"i(?:['’]?m| am) (?:good|fine|done)|all good)\b\W*)+",
    re.IGNORECASE,
)
_SAYS_THANKS = any_of(
    "thank", "thanks", "thx", "ty", "cheers", "bye", "done", "all good", "that(?:['’]?s| is) all"
)
_RANGE = re.compile(
    r"\W*(?:(?:hi|hello|hey|so|ok(?:ay)?|and)\W+)*(?:what (?:do|can|products? do|"
    rf"kinds? of (?:things|stuff|products?) do) {_YOU}(?: guys)? (?:sell|have|offer|do)|"
    r"what(?:['’]?s| is) (?:there|in (?:your|the) (?:shop|store))|"
    r"what (?:can i (?:buy|get|find)|is this))(?: here)?\W*",
    re.IGNORECASE,
)


class Remarked(NamedTuple):
    """A remark, and where it stands in a message."""

    remark: Remark
    start: int
    end: int


def remark_in(message: str) -> Remarked | None:
    """Return what a message says that asks for no product; None for one without such a thing.

    Example:
        >>> remark_in("do you ship to Canada?")
        Remarked(remark=<Remark.SERVICE: 'service'>, start=0, end=11)
    """
    if len(message) > _SHORT:
        return None
    if _RANGE.fullmatch(message):
        return Remarked(Remark.RANGE, 0, len(message))
    if _COMPLAINT.fullmatch(message):
        return Remarked(Remark.COMPLAINT, 0, len(message))
    if _THANKS.fullmatch(message) and _SAYS_THANKS.search(message):
        return Remarked(Remark.THANKS, 0, len(message))
    found = _SERVICE.search(message)
    return Remarked(Remark.SERVICE, *found.span()) if found else None
