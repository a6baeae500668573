"""What is recommended for a request: products, and what is said about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from shopwright.catalogue.product import Product
from shopwright.display import html_table
from shopwright.recommending.criteria import Criterion
from shopwright.recommending.facets import CountedFacet
from shopwright.recommending.ranking import Candidate, confidence, fits
from shopwright.recommending.reasons import Reason, verdict
from shopwright.recommending.sentences import met_share, sentence
from shopwright.recommending.texts import Texts
from shopwright.understanding.request import ParsedRequest


def score_text(score: float) -> str:
    """Return a score or probability as people read it."""
    return "<0.01" if score < 0.01 else f"{score:.2f}"


class RankedProduct(NamedTuple):
    """A product of a ranking, and whether it may fit or is said to."""

    asin: str
    may_fit: bool
    fits: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class RecommendedItem:
    """A product of a ranked list.

    Attributes:
        asin, title: the product's.
        options: option group → value, as chosen for the request.
        price: the price tag.
        score: what it is worth beside what else may be shown, 0 to 1; it orders the list.
        fits: whether it meets what was asked for, as far as can be told.
        confidence: how likely that is, 0 to 1.
        reasons: what it meets, and how that is known.
        product: what the catalogue has of it, where that is at hand.
    """

    asin: str
    title: str
    options: Mapping[str, str]
    price: str
    score: float
    fits: bool = False
    confidence: float = 0.0
    reasons: tuple[Reason, ...] = ()
    product: Product | None = None

    @classmethod
    def of(
        cls,
        product: Product,
        options: Mapping[str, str],
        score: float,
        candidate: Candidate,
        criteria: Sequence[Criterion],
    ) -> RecommendedItem:
        """Return a product with the options chosen for a request, and what it then meets."""
        texts = Texts(product, options)
        candidate = replace(candidate, reasons=[verdict(each, texts) for each in criteria])
        return cls(
            asin=product.asin,
            title=product.title,
            options=options,
            price=product.shown_price_with(options),
            score=score,
            fits=fits(candidate, criteria),
            confidence=confidence(candidate, criteria),
            reasons=tuple(candidate.reasons),
            product=product,
        )

    def __repr__(self) -> str:
        fits = ", fits" if self.fits else ""
        score = score_text(self.score)
        return f"<{self.asin} {self.title[:40]!r} {self.price} score {score}{fits}>"

    def record(self) -> dict[str, Any]:
        """Return the item as JSON types."""
        return {
            "asin": self.asin,
            "title": self.title,
            "options": dict(self.options),
            "price": self.price,
            "score": round(self.score, 6),
            "fits": self.fits,
            "confidence": round(self.confidence, 4),
            "reason": sentence(self.reasons),
            "met_share": round(met_share(self.reasons), 4),
            "reasons": [reason.record() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Recommendation(Sequence[RecommendedItem]):
    """Products for a request, best first.

    Attributes:
        request: as it was asked.
        items: the products.
        understood: what the request was taken to ask for.
        nothing_fits: whether the shop has nothing of the kind or within the limits; then the items
            are what comes nearest.
        total: how many products there are in all, of which these are some.
        facets: what those differ in, if that was counted.
    """

    request: str
    items: tuple[RecommendedItem, ...]
    understood: ParsedRequest
    nothing_fits: bool = False
    total: int = 0
    facets: tuple[CountedFacet, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, place: Any) -> Any:
        return self.items[place]

    def record(self) -> dict[str, Any]:
        """Return the recommendation as JSON types."""
        return {
            "request": self.request,
            "nothing_fits": self.nothing_fits,
            "understood": self.understood.record(),
            "items": [item.record() for item in self.items],
        }

    def __repr__(self) -> str:
        best = f", best: {self.items[0]!r}" if self.items else ""
        none = "nothing fits, " if self.nothing_fits else ""
        return f"<{none}{len(self)} items for {self.request[:40]!r}{best}>"

    def _repr_html_(self) -> str:
        rows = [
            (
                item.title,
                ", ".join(f"{name}: {value}" for name, value in item.options.items()),
                item.price,
                "yes" if item.fits else "no",
                score_text(item.score),
                item.asin,
            )
            for item in self.items
        ]
        columns = ("product", "options", "price", "fits", "score", "asin")
        return html_table(self.request, columns, rows)
