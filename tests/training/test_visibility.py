"""What relevance are trained on: whole pages, what was opened there, and what was read of that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from shopwright.catalogue.generate import generate_products
from shopwright.encoding.product_states import FIELDS
from shopwright.policy.batch import Batch, collate
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.decisions import product_decision
from shopwright.policy.relevance import ChoiceConfig
from shopwright.shop.build import build_shop
from shopwright.shop.nouns import WordTagger
from shopwright.training.visibility import FORCED_SHARE, OPENED_AT_MOST, fully_known, partly_known
from tiny import reader_of

COPIES = 300
PAGE = 10
FOUND = 50
TITLE, BULLETS, DESCRIPTION, KIND, OPTIONS = (
    FIELDS.index(name) for name in ("title", "bullets", "description", "kind", "options")
)


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory, tiny_model_folder: Path) -> Batch:
    """The same choice among 50 results, many times."""
    shop = build_shop(
        [replace(product, title=f"Mug, {product.title}") for product in generate_products(60)],
        tmp_path_factory.mktemp("views") / "shop",
        source={"kind": "test"},
        tagger=WordTagger(),
    )
    decided = product_decision(reader_of(shop, tiny_model_folder), "a mug")
    assert decided is not None
    assert len(decided.rows) == FOUND
    return collate([decided.decision] * COPIES)


def partly(batch: Batch, right: torch.Tensor) -> Batch:
    torch.manual_seed(0)
    network = ChoiceNetwork(ChoiceConfig(state_dimensions=32, term_weights=False))
    return partly_known(batch, right, network, torch.Generator().manual_seed(0))


def test_pages_are_shown_whole_and_only_what_they_show_is_opened_and_read(batch: Batch) -> None:
    view = partly(batch, torch.zeros_like(batch.product_mask))
    counts = view.product_mask.sum(dim=1)
    assert set(counts.tolist()) == {PAGE, 2 * PAGE, 3 * PAGE, 5 * PAGE}
    assert (view.product_mask == (torch.arange(FOUND) < counts[:, None])).all()
    seen = view.seen
    for field, within in ((OPTIONS, TITLE), (BULLETS, OPTIONS), (DESCRIPTION, BULLETS)):
        assert (seen[..., field] <= seen[..., within]).all()
        assert 0 < seen[..., field].sum() < seen[..., within].sum()
    assert (seen[..., TITLE] == view.product_mask).all()
    assert not seen[..., KIND].any()
    opened = view.opened.sum(dim=1)
    assert set(opened.tolist()) == set(range(OPENED_AT_MOST + 1))
    # Different ones, not always the first.
    assert view.opened.float().mean(dim=0)[:PAGE].min() > 0.2


def test_in_some_choices_a_right_product_was_opened_wherever_it_stands(batch: Batch) -> None:
    right = torch.zeros_like(batch.product_mask)
    right[:, -1] = True
    view = partly(batch, right)
    later = view.product_mask.sum(dim=1) < FOUND
    forced = view.product_mask[later, -1]
    assert forced.float().mean() == pytest.approx(FORCED_SHARE, abs=0.08)
    assert (view.opened[later, -1] == forced).all()


def test_of_the_first_results_everything_was_read(batch: Batch) -> None:
    view = fully_known(batch, torch.Generator().manual_seed(0))
    counts = view.product_mask.sum(dim=1)
    assert set(counts.tolist()) == {PAGE, 2 * PAGE}
    shown = view.product_mask.float()
    for field in (TITLE, OPTIONS, BULLETS, DESCRIPTION):
        assert (view.seen[..., field] == shown).all()
    assert not view.seen[..., KIND].any()
