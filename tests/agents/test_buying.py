"""The way to a purchase: the steps counted are the steps it takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from shopwright.agents.buying import next_to_buy, steps_to_buy
from shopwright.catalogue.generate import generate_products
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.decisions import ActionKind
from shopwright.policy.evidence import Reader
from shopwright.policy.tracker import EpisodeTracker
from shopwright.shop.actions import click, search
from shopwright.shop.nouns import WordTagger
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop, build_shop
from tiny import reader_of

REQUEST = "soft cotton shirt in black"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("buying") / "shop"
    return build_shop(generate_products(80), folder, source={"kind": "test"}, tagger=WordTagger())


def visited(shop: Shop, reader: Reader, *actions: str) -> tuple[EpisodeTracker, Session]:
    """What was seen, and the page, after some actions."""
    session = Session(shop, shop.goals[0])
    tracker = EpisodeTracker(reader, REQUEST, step_limit=None)
    for action in actions:
        session.act(action)
        tracker.look(session)
    return tracker, session


def clicked(shop: Shop, row: int) -> str:
    return click(shop.catalogue.asin_of(row).lower())


SOMEWHERE = {
    "results": [],
    "the page before, if there is one": ["click[< prev]"],
    "the next page": ["click[next >]"],
    "the page after": ["click[next >]", "click[next >]"],
    "its page": ["open"],
    "its features": ["open", "click[features]"],
    "another's page": ["open other"],
    "another's description": ["open other", "click[description]"],
    "its page, an option chosen": ["open", "option"],
    "its description, an option chosen": ["open", "option", "click[description]"],
    "results, an option chosen before": ["open", "option", "click[< prev]"],
}


@pytest.mark.parametrize("place", [0, 3, 12])
@pytest.mark.parametrize("where", SOMEWHERE)
def test_the_steps_lead_to_a_purchase_and_are_as_many_as_counted(
    where: str, place: int, shop: Shop, reader: Reader, network: ChoiceNetwork
) -> None:
    rows = shop.search_rows(REQUEST)
    row, other = rows[place], rows[place + 1]
    options = reader.options(reader.requests([REQUEST])[0], row)
    words = {
        "open": clicked(shop, row),
        "open other": clicked(shop, other),
        "option": click(options.values[0]) if options.values else "click[features]",
    }
    opened = [search(REQUEST), *["click[next >]"] * (place // 10), "open", "click[< prev]"]
    actions = [words.get(action, action) for action in [*opened, *SOMEWHERE[where]]]
    tracker, session = visited(shop, reader, *actions)
    expected = steps_to_buy(tracker, session, row)
    assert expected is not None
    for left in range(expected, 0, -1):
        assert steps_to_buy(tracker, session, row) == left
        decision = tracker.decision(session)
        action = next_to_buy(network, tracker, session, decision, row)
        assert (action == "click[buy now]") == (left == 1)
        if action in decision.actions:
            chosen = decision.actions.index(action)
            alike = np.flatnonzero(
                (decision.kinds == ActionKind.OPTION) & (decision.features[:, 5] == 1.0)
            )
            if chosen in alike:  # Of the first group without a value the likeliest.
                scores = network.option(torch.from_numpy(decision.option_features))[:, 0]
                assert scores[chosen] == scores[alike].max()
        _, bought = session.act(action)
        tracker.look(session)
    assert bought
    assert session.state.row == row
    assert set(session.state.options) == set(options.groups)


def test_what_the_latest_search_does_not_find_cannot_be_bought(shop: Shop, reader: Reader) -> None:
    row = shop.search_rows(REQUEST)[0]
    title = next(
        product.title for product in shop.catalogue if row not in shop.search_rows(product.title)
    )
    tracker, session = visited(
        shop,
        reader,
        search(REQUEST),
        clicked(shop, row),
        "click[< prev]",
        "click[back to search]",
        search(title),
    )
    assert row in tracker.opened
    assert steps_to_buy(tracker, session, row) is None


def test_values_that_cannot_be_chosen_take_no_step(
    tmp_path: Path, tiny_model_folder: Path, network: ChoiceNetwork
) -> None:
    options = {
        "print": ("red", "blue"),  # Sets the later group of the same values.
        "part": ("features",),  # Does what the button does.
        "color": ("red", "blue"),
        "size": ("small", "buy now"),
    }
    one, *others = generate_products(3)
    own = build_shop(
        [replace(one, options=options), *others],
        tmp_path / "shop",
        source={"kind": "test"},
        tagger=WordTagger(),
    )
    reader = reader_of(own, tiny_model_folder)
    tracker, session = visited(own, reader, search(one.title), clicked(own, 0))
    taken = []
    while not taken or taken[-1] != "click[buy now]":
        left = steps_to_buy(tracker, session, 0)
        action = next_to_buy(network, tracker, session, tracker.decision(session), 0)
        assert left == 3 - len(taken)
        taken.append(action)
        session.act(action)
        tracker.look(session)
    assert session.state.options.keys() == {"color", "size"}
    assert session.state.options["size"] == "small"
