"""Reasons in words, and as a share."""

from __future__ import annotations

from collections.abc import Sequence

from shopwright.recommending.reasons import Reason


def sentence(found: Sequence[Reason]) -> str:
    """Return reasons as one plain sentence."""
    if not found:
        return "The request names nothing that can be checked in the product's texts."
    met = [reason for reason in found if reason.met]
    unmet = [reason for reason in found if reason.met is False]
    missing = [reason for reason in found if reason.met is None and reason.missing]
    unknown = [reason for reason in found if reason.met is None and not reason.missing]
    parts = [f"Meets {len(met)} of {len(found)} things asked for"]
    if met:
        shown = (f"“{reason.asked}” ({reason.known_from or reason.evidence})" for reason in met)
        parts.append(f": {', '.join(shown)}")
    text = "".join(parts) + "."
    if unmet:
        shown = (f"“{reason.asked}” ({reason.evidence})" for reason in unmet)
        text += f" Not met: {', '.join(shown)}."
    if missing:
        text += f" Not found: {', '.join(map(_not_found, missing))}."
    if unknown:
        text += f" Not certain: {', '.join(f'“{reason.asked}”' for reason in unknown)}."
    return text


def _not_found(reason: Reason) -> str:
    words = reason.asked.split()
    if len(reason.missing) == len(words):
        return f"“{reason.asked}”"
    return f"“{reason.asked}” (no “{' '.join(reason.missing)}”)"


def met_share(found: Sequence[Reason]) -> float:
    """Return the share of asked-for things that are met, 0 to 1; 0 if nothing is asked for."""
    return sum(reason.met is True for reason in found) / len(found) if found else 0.0
