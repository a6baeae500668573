"""The choice network: what it may see, and what padding must not change."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from shopwright.policy.batch import collate, partly_seen
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.decisions import ActionKind, Decision, option_decision, product_decision
from shopwright.policy.evidence import Reader
from shopwright.policy.features import HISTORY, TEXT_EVIDENCE, ActionFeatures
from shopwright.policy.tracker import EpisodeTracker
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop
from tiny import build_tiny_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return build_tiny_shop(tmp_path_factory.mktemp("choice") / "shop")


def results_decision(reader: Reader, shop: Shop, request: str, *, steps_left: int = 15) -> Decision:
    session = Session(shop, shop.goals[0])
    session.act(f"search[{request}]")
    decision = EpisodeTracker(reader, request).observe(session.page(steps_left=steps_left))
    assert decision is not None
    return decision


def all_results(reader: Reader, request: str) -> Decision:
    found = product_decision(reader, request)
    assert found is not None
    return found.decision


def test_how_things_stand_for_all_results_and_for_the_values_of_an_option(
    reader: Reader, shop: Shop
) -> None:
    def named(row: np.ndarray) -> dict[str, float]:
        pairs = zip(ActionFeatures._fields, row.tolist(), strict=True)
        return {name: value for name, value in pairs if value}

    found = product_decision(reader, "red mug in large")
    assert found is not None
    assert [named(row) for row in found.decision.features] == [{"steps_left": 1.0}] * 3
    number = max(range(3), key=lambda each: len(found.options[each].values))
    options = found.options[number]
    decision = option_decision(found.decision.request, found.decision.products[number], options, ())
    assert decision is not None
    *values, none = [named(row) for row in decision.features]
    assert len(values) == options.groups.count(options.groups[0]) > 1
    assert all(each == none | {"first_unset": 1.0} for each in values)
    assert "first_unset" not in none
    assert none["opened"] == none["steps_left"] == 1.0
    assert none["unset_groups"] == pytest.approx(len({*options.groups}) / 3.0)


def test_the_last_page_of_results_leads_nowhere(
    reader: Reader, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "click[next >]" not in results_decision(reader, shop, "mug").actions
    monkeypatch.setattr("shopwright.shop.page.RESULTS_PER_PAGE", 2)
    monkeypatch.setattr("shopwright.shop.pages.RESULTS_PER_PAGE", 2)
    assert len(shop.search_rows("mug")) == 3
    assert "click[next >]" in results_decision(reader, shop, "mug").actions


@torch.inference_mode()
def test_padding_changes_nothing(reader: Reader, shop: Shop, network: ChoiceNetwork) -> None:
    decisions = [
        results_decision(reader, shop, "red mug"),
        all_results(reader, "a lead free coffee mug that holds hot drinks every day, in red"),
        results_decision(reader, shop, "dishwasher safe mug, large"),
    ]
    together = network(collate(decisions))
    for row, decision in enumerate(decisions):
        alone = network(collate([decision]))[0]
        torch.testing.assert_close(
            together[row, : len(decision.actions)], alone, atol=1e-4, rtol=1e-4
        )
    padded = torch.arange(together.shape[1]) >= torch.tensor([[len(d.actions)] for d in decisions])
    assert padded.any()
    assert together[padded].max() < -1e6
    torch.testing.assert_close(together.exp().sum(dim=1), torch.ones(3))


@torch.inference_mode()
def test_what_was_not_seen_has_no_say(reader: Reader, network: ChoiceNetwork) -> None:
    batch = collate([all_results(reader, "dishwasher safe mug in green")])
    shown = batch.product_mask
    opened = torch.zeros_like(shown)
    opened[0, 1] = True
    part = partly_seen(batch, shown, opened, torch.zeros_like(opened), torch.zeros_like(opened))
    relevance = network.relevance(part)
    unseen = torch.nn.functional.pad(1 - part.seen, (0, 1)).repeat_interleave(2, dim=-1)
    hidden = replace(
        part,
        evidence=part.evidence + torch.randn_like(part.evidence) * unseen[:, :, None],
        option_summary=torch.where(
            opened[..., None], part.option_summary, torch.full_like(part.option_summary, 9.0)
        ),
    )
    torch.testing.assert_close(network.relevance(hidden), relevance)
    # Of the opened product the options do count.
    other = replace(part, option_summary=part.option_summary + opened[..., None])
    assert (network.relevance(other) - relevance).abs()[0, 1] > 1e-4
    assert part.product_features[..., 2].abs().max() == 0  # pages show no search score
    # And so does what was bought, of all products.
    bought = part.evidence.clone()
    bought[0, 0, :, TEXT_EVIDENCE:] += 1.0
    assert (network.relevance(replace(part, evidence=bought)) - relevance).abs()[0, 0] > 1e-4


@torch.inference_mode()
def test_how_rare_a_word_is_has_a_say_beside_its_weight(
    reader: Reader, network: ChoiceNetwork
) -> None:
    network = copy.deepcopy(network)
    for belief in (network.partial_relevance, network.complete_relevance):
        belief.word_rarity.requires_grad_(False).apply(
            lambda layer: layer.weight.zero_() if hasattr(layer, "weight") else None
        )
    batch = collate([all_results(reader, "dishwasher safe mug in green")])
    rarer = replace(batch, rarity=batch.rarity + 2.0)
    assert (network.relevance(rarer) - network.relevance(batch)).abs().max() > 1e-4


@torch.inference_mode()
def test_beside_complete_texts_purchases_have_no_say(
    reader: Reader, network: ChoiceNetwork
) -> None:
    batch = collate([all_results(reader, "dishwasher safe mug in green")])
    evidence, features = batch.evidence.clone(), batch.product_features.clone()
    evidence[..., TEXT_EVIDENCE:] += 1.0
    features[..., HISTORY:] += 1.0
    bought = replace(batch, evidence=evidence, product_features=features)
    torch.testing.assert_close(network.relevance(bought), network.relevance(batch))


@torch.inference_mode()
def test_among_complete_products_beliefs_alone_decide(
    reader: Reader, shop: Shop, network: ChoiceNetwork
) -> None:
    results = all_results(reader, "dishwasher safe mug in green")
    page = results_decision(reader, shop, "dishwasher safe mug in green")
    batch = collate([results, page])
    expected = network.relevance(batch).log_softmax(dim=1)
    count = len(results.actions)
    torch.testing.assert_close(network(batch)[0, :count], expected[0, :count])
    # On pages the rest of the network has a say, too, and where there are options to choose.
    other = copy.deepcopy(network)
    torch.nn.init.normal_(other.action[0].weight)
    torch.testing.assert_close(other(batch)[0], network(batch)[0])
    in_haste = results_decision(reader, shop, "dishwasher safe mug in green", steps_left=2)
    assert set(in_haste.kinds) == {ActionKind.PRODUCT}
    (mug,) = reader.requests(["dishwasher safe mug in green"])
    options = option_decision(mug, results.products[0], reader.options(mug, 0), [])
    assert options is not None
    for decision in (page, in_haste, options):
        alone = collate([decision])
        assert (other(alone) - network(alone)).abs().max() > 1e-3


@torch.inference_mode()
def test_beliefs_may_be_given(reader: Reader, shop: Shop, network: ChoiceNetwork) -> None:
    decisions = [results_decision(reader, shop, "hand painted mug")]
    batch = collate(decisions)
    light = collate(decisions, texts=False)
    torch.testing.assert_close(network(light, network.relevance(batch)), network(batch))
