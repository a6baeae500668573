"""No action, query or catalogue text crashes a step or changes another session."""

from __future__ import annotations

import itertools
import json
import math
import random
import re
import subprocess
import sys
import tempfile
import tracemalloc
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopwright.catalogue.generate import generate_products
from shopwright.catalogue.product import Product
from shopwright.catalogue.webshop import parse_pricing
from shopwright.errors import CatalogueError
from shopwright.shop.actions import Action, parse_action
from shopwright.shop.environment import ShopEnvironment
from shopwright.shop.nouns import WordTagger
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop, build_shop

HARD_TEXTS = st.sampled_from(
    ["constructor", "buy now", "__proto__", "< prev", "next >", "search", "description", "nan",
     "\u202eabc", "\u200f", "👩\u200d👩\u200d👧🏽", "<script>alert(1)</script>", "&amp;", '"', "'",
     "\\", "{}", "%s", "None", "\x00", "\x1b[31m", "\r\n", "\u2028", "[", "]", "/", "done",
     "item_page", "<r>", "<c> x", "<q>", "<a>", "ǅ", "İ", "ß", "\ufeff", "\U0010ffff", "a" * 5000]
)  # fmt: skip
# Texts that a catalogue may hold: all but lone surrogates, which no UTF-8 file can.
TEXTS = st.one_of(HARD_TEXTS, st.text(max_size=30), st.lists(HARD_TEXTS, max_size=4).map(" ".join))
ANY_TEXTS = st.one_of(TEXTS, st.text(st.characters(), max_size=20), st.just("\ud800"))
LIMITED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def act_and_look(session: Session, action: str) -> tuple[Any, ...]:
    reward, done = session.act(action)
    assert 0.0 <= reward <= 1.0
    json.dumps(dict(session.state.options))
    return (reward, done, session.text(), session.text_rich(), session.html(),
            list(session.clickables), session.location)  # fmt: skip


@st.composite
def actions(draw: st.DrawFn) -> str:
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return draw(ANY_TEXTS)
    if kind == 1:
        return f"search[{draw(ANY_TEXTS)}]"
    if kind == 2:
        return f"click[{draw(ANY_TEXTS)}]"
    return f"#{draw(st.integers(0, 20))}"  # The clickable of this number, see below.


def resolved(action: str, session: Session) -> str:
    names = list(session.clickables)
    if action.startswith("#") and action[1:].isascii() and action[1:].isdigit() and names:
        return f"click[{names[int(action[1:]) % len(names)]}]"
    return action


@LIMITED
@given(st.lists(actions(), max_size=12))
def test_no_action_crashes_or_changes_another_session(small_shop: Shop, script: list[str]) -> None:
    session = Session(small_shop, small_shop.goals[0], show_attributes=True)
    bystander = Session(small_shop, small_shop.goals[1])
    act_and_look(bystander, "search[lamp]")
    before = act_and_look(bystander, "click[lamp000001]")
    for action in script:
        act_and_look(session, resolved(action, session))
    assert act_and_look(bystander, "nothing") == before


@st.composite
def products(draw: st.DrawFn) -> Product:
    names = st.one_of(TEXTS, st.text(max_size=10))
    has_instruction = draw(st.booleans())
    return Product(
        asin=draw(
            st.text(min_size=1, max_size=12).filter(lambda t: t == t.strip() and "\0" not in t)
        ),
        title=draw(TEXTS),
        description=draw(TEXTS),
        bullets=tuple(draw(st.lists(TEXTS, min_size=1, max_size=3))),
        pricing_dollars=tuple(draw(st.lists(st.floats(0, 1e12), min_size=1, max_size=2))),
        price_tag=draw(TEXTS),
        options={
            name: tuple(values)
            for name, values in draw(
                st.dictionaries(names, st.lists(names, min_size=1, max_size=3), max_size=2)
            ).items()
        },
        attributes=tuple(draw(st.lists(TEXTS, max_size=3))),
        category=draw(TEXTS),
        query=draw(TEXTS),
        product_category=draw(TEXTS),
        image=draw(TEXTS),
        rating=draw(TEXTS),
        instruction=draw(TEXTS) if has_instruction else None,
        instruction_attributes=("red",) if has_instruction else (),
    )


@settings(LIMITED, max_examples=25)
@given(
    st.lists(products(), min_size=1, max_size=4, unique_by=lambda p: p.asin),
    st.lists(actions(), max_size=8),
    st.randoms(use_true_random=False),
)
def test_no_catalogue_text_crashes_builds_or_steps(
    catalogue: list[Product], script: list[str], chooser: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = build_shop(catalogue, Path(folder) / "shop", source={}, tagger=WordTagger())
        assert [p.asin for p in shop.catalogue] == [p.asin for p in catalogue]
        assert [p.options for p in shop.catalogue] == [dict(p.options) for p in catalogue]
        if not len(shop.goals):
            return
        session = Session(shop, shop.goals[0], show_attributes=True)
        act_and_look(session, f"search[{catalogue[0].title}]")
        act_and_look(session, "search[<r>]")
        for action in script:
            act_and_look(session, resolved(action, session))
            names = list(session.clickables)
            if names:
                act_and_look(session, f"click[{chooser.choice(names)}]")


@given(st.text(st.sampled_from("ab[]\n\r "), max_size=12))
def test_actions_are_parsed_as_by_the_originals_pattern(text: str) -> None:
    match = re.match(r"(.+)\[(.+)\]", text)
    expected = Action(text, None) if match is None else Action(match[1], match[2].lower())
    assert parse_action(text) == expected


@given(
    st.lists(
        st.sampled_from(["$", "nan", "NaN", "inf", "1e5", "-5", "9" * 400, "1.2.3", ",", " - ", "٣",
                         "12.99", "", "₹7", "\u202e", "\x00", "0x10", "."]),
        max_size=6,
    ).map("".join)
)  # fmt: skip
def test_prices_are_finite_or_refused(text: str) -> None:
    try:
        prices, tag = parse_pricing(text)
    except CatalogueError:
        return
    assert 1 <= len(prices) <= 2
    assert all(0.0 <= price < math.inf for price in prices)
    assert all(str(price) in tag for price in prices)


@pytest.mark.parametrize(
    "text", ["x" * 100_000, "<b>" * 33_000, "é\u0301 " * 40_000, "_" * 100_000]
)
def test_huge_texts_are_handled(text: str, tmp_path: Path) -> None:
    product = Product(
        asin="HUGE", title=text, description=text, bullets=(text,), options={text: (text, "red")},
        attributes=(text,), instruction=text[:1000], instruction_attributes=(text,),
    )  # fmt: skip
    shop = build_shop([product], tmp_path / "shop", source={}, tagger=WordTagger())
    session = Session(shop, shop.goals[0])
    for action in (f"search[{text}]", "search[<r>]", "click[huge]", f"click[{text}]", "click[red]",
                   "click[features]", "click[< prev]", "click[buy now]"):  # fmt: skip
        act_and_look(session, action)
    assert session.state.reward is not None


def play(shop: Shop, seed: int) -> list[Any]:
    """What a random shopper of this seed sees in 60 steps."""
    chooser = random.Random(seed)
    environment = ShopEnvironment(shop, observation="text_rich", step_limit=15)
    _, info = environment.reset(seed=seed)
    seen: list[Any] = []
    for _ in range(60):
        names = info["available_actions"]["clickables"]
        action = f"click[{chooser.choice(names)}]"
        if info["available_actions"]["has_search_bar"]:
            action = f"search[{chooser.choice(['shoes', 'lamp', 'soap', '<r>', 'red thing'])}]"
        observation, reward, terminated, truncated, info = environment.step(action)
        seen.append((observation, reward, terminated, truncated, info))
        if terminated or truncated:
            observation, info = environment.reset()
            seen.append((observation, info))
    return seen


def test_eight_threads_on_one_shop_give_the_results_of_one(small_shop: Shop) -> None:
    fresh = Shop.open(small_shop.folder)  # Nothing of it is kept yet when the threads begin.
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda seed: play(fresh, seed), range(24)))
    assert together == [play(small_shop, seed) for seed in range(24)]


def played(folder: str) -> list[Any]:
    """What eight threads see in one shop that this process opens."""
    shop = Shop.open(folder)
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(lambda seed: play(shop, seed), range(16)))


def test_two_processes_of_eight_threads_give_the_results_of_one(small_shop: Shop) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        everywhere = list(processes.map(played, [str(small_shop.folder)] * 2))
    assert everywhere == [[play(small_shop, seed) for seed in range(16)]] * 2


def test_global_generators_are_not_touched(small_shop: Shop) -> None:
    random.seed(1)
    state = random.getstate()
    first = play(small_shop, 3)
    assert random.getstate() == state
    random.seed(2)
    np.random.seed(2)  # noqa: NPY002 (that the old global one does not count is the test)
    assert play(small_shop, 3) == first


def test_steps_leak_no_memory(small_shop: Shop) -> None:
    lengths = itertools.count(300)

    def run(episodes: int) -> None:
        environment = ShopEnvironment(small_shop)
        for number in range(episodes):
            environment.reset(seed=number % 50)
            # No query comes twice; their words, which are kept, do.
            environment.step(f"search[{'long ' * next(lengths)}]")
            environment.step("click[shoe000001]")

    run(150)
    tracemalloc.start()
    run(100)
    before = tracemalloc.get_traced_memory()[0]
    run(200)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 100_000  # One query alone has more than 1,500 characters.


@pytest.mark.slow
def test_a_million_steps_leak_no_memory(tmp_path: Path) -> None:
    """In a process of its own, by its resident memory: all caches are full after a tenth."""
    build_shop(generate_products(1_000), tmp_path / "shop", source={}, tagger=WordTagger())
    process = subprocess.run(
        [sys.executable, "-c", MILLION_STEPS, str(tmp_path / "shop")],
        stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    megabytes = [float(line) for line in process.stdout.split()]
    assert len(megabytes) == 20
    assert max(megabytes[5:]) - megabytes[4] < 1.0, megabytes


# Prints the resident memory in megabytes after each 50,000 of a million steps.
MILLION_STEPS = """
import random, sys
from shopwright import Shop, ShopEnvironment

shop = Shop.open(sys.argv[1])
chooser = random.Random(0)
words = sorted({word for product in shop.catalogue for word in product.title.split()})
environment = ShopEnvironment(shop, observation="text_rich", step_limit=15)
_, info = environment.reset(seed=0)
for number in range(1, 1_000_001):
    available = info["available_actions"]
    action = f"click[{chooser.choice(available['clickables'])}]"
    if available["has_search_bar"]:
        # Ten words of the catalogue in an order that never came before, and one that it lacks.
        action = f"search[{' '.join(chooser.choices(words, k=10))} word{number}]"
    _, _, terminated, truncated, info = environment.step(action)
    if terminated or truncated:
        _, info = environment.reset()
    if number % 50_000 == 0:
        print(int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6)
"""
