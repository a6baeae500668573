"""Relevance worked out for answers against the network that learns it."""

from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from shopwright.policy.batch import collate
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.complete_choice import CompleteRelevance
from shopwright.policy.decisions import Decision, product_decision
from shopwright.policy.evidence import ProductReading, Reader
from shopwright.policy.features import HISTORY, TEXT_EVIDENCE
from shopwright.shop.shop import Shop
from tiny import build_tiny_shop

REQUESTS = (
    "dishwasher safe mug in green",
    "a lead free coffee mug that holds hot drinks every day, in red",
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return build_tiny_shop(tmp_path_factory.mktemp("relevance") / "shop")


def bought(product: ProductReading) -> ProductReading:
    """The product as one that was bought before."""
    evidence, features = product.evidence.copy(), product.features.copy()
    evidence[:, TEXT_EVIDENCE:] += 1
    features[HISTORY:] += 1
    return replace(product, evidence=evidence, features=features)


def decision_on(reader: Reader, request: str) -> Decision:
    found = product_decision(reader, request)
    assert found is not None
    decision = found.decision
    return replace(decision, products=tuple(map(bought, decision.products)))


@pytest.mark.parametrize("asked", REQUESTS)
@torch.inference_mode()
def test_products_are_judged_as_the_network_judges_them(
    reader: Reader, network: ChoiceNetwork, asked: str
) -> None:
    decision = decision_on(reader, asked)
    own = CompleteRelevance(network, decision.request)
    found = torch.from_numpy(own.among(decision.products))
    expected = network.relevance(collate([decision]))[0]
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)
    each = [
        replace(decision, products=(product,), seen=decision.seen[:1])
        for product in decision.products
    ]
    alone = torch.from_numpy(own.alone(decision.products))
    torch.testing.assert_close(alone, network.relevance(collate(each))[:, 0], atol=1e-5, rtol=1e-4)
    # Others have a say in how much a word counts.
    assert len(each) > 1
    assert (alone - found).abs().max() > 1e-4
