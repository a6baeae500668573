"""What beliefs are trained on: what came to mind counts beside the first page, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from shopwright.catalogue.generate import generate_products
from shopwright.policies.choice import Batch, ChoiceConfig, ChoiceNetwork, collate
from shopwright.policies.decisions import product_decision
from shopwright.policies.history import PurchaseHistory, Recall
from shopwright.policies.states import FIELDS
from shopwright.shop.build import build_shop
from shopwright.shop.nouns import WordTagger
from shopwright.training.views import are_results, fully_known, partly_known
from tiny import reader_of

COPIES = 200
PAGE = 10
TITLE, OPTIONS = FIELDS.index("title"), FIELDS.index("options")


@pytest.fixture(scope="module")
def network() -> ChoiceNetwork:
    torch.manual_seed(0)
    return ChoiceNetwork(ChoiceConfig(state_dimensions=32, emphasis=False))


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory, tiny_model_folder: Path) -> Batch:
    """The same choice many times; of three products that come to mind one is on the first page."""
    shop = build_shop(
        generate_products(80),
        tmp_path_factory.mktemp("views") / "shop",
        source={"kind": "test"},
        tagger=WordTagger(),
    )
    request = shop.goals[0].instruction
    reader = reader_of(shop, tiny_model_folder)
    found = shop.search_rows(request)
    later = [row for row in range(len(shop.catalogue)) if row not in found[:PAGE]][:2]
    history = PurchaseHistory.of(
        [shop.catalogue.asin_of(row) for row in (found[0], *later)],
        reader.past_requests([request, "a lamp", "some shoes"]),
        reader.states.projection,
    )
    reader.recall = Recall(history, shop.catalogue)
    decided = product_decision(reader, request, in_mind=True)
    assert decided is not None
    decision, rows = decided
    assert len(found) > PAGE
    assert rows[: len(found)] == tuple(found)
    assert sorted(rows[len(found) :]) == sorted(later)
    assert [product.features[0] for product in decision.products[len(found) :]] == pytest.approx(
        [1 / 11, 1 / 12]
    )
    plain = product_decision(reader, request)
    assert plain is not None
    assert plain[1] == tuple(found)
    return collate([decision] * COPIES)


def test_what_came_to_mind_is_no_result(batch: Batch) -> None:
    assert batch.product_mask.all()
    assert are_results(batch)[:, :-2].all()
    assert not are_results(batch)[:, -2:].any()


def test_what_came_to_mind_is_known_beside_the_first_page_alone(
    batch: Batch, network: ChoiceNetwork
) -> None:
    randomness = torch.Generator().manual_seed(0)
    right = torch.zeros_like(batch.product_mask)
    for view in (
        partly_known(batch, right, network, randomness),
        fully_known(batch, randomness),
    ):
        pages = (view.product_mask[:, :-2].sum(dim=1) + PAGE - 1) // PAGE
        in_mind = view.product_mask[:, -2:]
        assert set(pages.tolist()) >= {1, 2}
        assert (in_mind[:, 0] == in_mind[:, 1]).all()
        assert not in_mind[pages > 1].any()
        assert 0.25 < in_mind[pages == 1].float().mean() < 0.75
        assert (view.seen[..., TITLE] == view.product_mask).all()
        # They can be opened like others.
        assert view.opened[:, -2:].any()
        assert not (view.opened & ~view.product_mask).any()


def test_in_some_choices_a_right_product_was_opened_wherever_it_stands(
    batch: Batch, network: ChoiceNetwork
) -> None:
    right = torch.zeros_like(batch.product_mask)
    right[:, -1] = True
    view = partly_known(batch, right, network, torch.Generator().manual_seed(0))
    further = view.product_mask[:, PAGE:-2].any(dim=1)
    assert (view.seen[..., OPTIONS] == view.opened).all()
    assert 0.1 < view.opened[further, -1].float().mean() < 0.4
    assert not view.product_mask[further, -2].any()
