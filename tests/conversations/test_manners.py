"""What shoppers mind: what it costs, how it shows, and that nothing else tells it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from shopwright.conversations.acts import Act, Kind
from shopwright.conversations.answers import read_answer
from shopwright.conversations.conversation import Openings
from shopwright.conversations.environment import ConversationEnvironment
from shopwright.conversations.features import STATE, situation_of
from shopwright.conversations.manners import (
    ANNOYED_BY_OFFER,
    ANNOYED_BY_QUESTION,
    CUES,
    EVEN,
    PLEASED_BY_OFFER,
    PLEASED_BY_QUESTION,
    WORLDS,
    Manner,
    manner_of,
)
from shopwright.conversations.shopper import TEMPERS
from shopwright.conversations.simulation import Episode, Task, tasks_of
from shopwright.conversations.wording import (
    ANNOYED,
    OPENING_SIGNS,
    PLEASED,
    opening_signs,
    without_small_talk,
)
from shopwright.seeding import python_rng
from shopwright.shop.shop import Shop

DIVERSE = WORLDS["diverse"]
QUESTION, OFFER = Act(Kind.LIMIT), None


def test_one_minds_questions_one_offers_one_neither() -> None:
    costs = [(each.cost(QUESTION, 0.5), each.cost(Act(Kind.OFFER), 0.5)) for each in DIVERSE]
    assert costs == [(0.09, 0.01), (0.01, 0.09), (0.01, 0.01)]
    assert (
        EVEN.cost(QUESTION, 0.5) == EVEN.cost(Act(Kind.OFFER), 0.5) == EVEN.cost(None, 0.5) == 0.5
    )


@pytest.mark.parametrize("temper", TEMPERS)
@pytest.mark.parametrize("manner", DIVERSE, ids=lambda manner: manner.name)
def test_an_episode_costs_what_temper_and_manner_say(
    tiny_shop: Shop, temper: str, manner: Manner
) -> None:
    env = ConversationEnvironment(tiny_shop, goals="test")
    _, info = env.reset(seed=2, options={"temper": temper, "manner": manner.name})
    assert info["manner"] == manner.name
    assert manner.question is not None
    assert manner.offer is not None
    assert env.step("ask[price]")[1] == pytest.approx(-manner.question)
    assert env.step("nonsense")[1] == pytest.approx(-max(manner.question, manner.offer))
    _, reward, terminated, _, info = env.step("offer")
    bought = info["reward_parts"].total if terminated else 0.0
    assert reward == pytest.approx(bought - manner.offer)


@pytest.mark.parametrize("manner", DIVERSE, ids=lambda manner: manner.name)
def test_cues_appear_as_often_as_the_manner_says(manner: Manner) -> None:
    rng = python_rng(0, "test")
    ways = {text: way for way, texts in CUES.items() for text in texts}
    drawn = Counter(ways[manner.cue(rng)] for _ in range(4_000))
    for way, chance in manner.cues.items():
        assert chance > 0.0  # No way of wording is a perfect tell.
        assert drawn[way] / 4_000 == pytest.approx(chance, abs=0.03)
    assert sum(manner.cues.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("manner", DIVERSE, ids=lambda manner: manner.name)
def test_remarks_appear_as_often_as_the_manner_says(manner: Manner) -> None:
    rng = python_rng(1, "test")
    kinds = (
        (QUESTION, ANNOYED_BY_QUESTION, PLEASED_BY_QUESTION),
        (OFFER, ANNOYED_BY_OFFER, PLEASED_BY_OFFER),
    )
    for (act, annoyed, pleased), chances in zip(kinds, manner.remarks, strict=True):
        said = Counter(manner.remark(act, rng) for _ in range(4_000))
        found = [sum(said[text] for text in texts) / 4_000 for texts in (annoyed, pleased)]
        assert found == pytest.approx(chances, abs=0.03)
        assert min(chances) > 0.0
        assert sum(chances) < 1.0


def test_the_even_world_hints_at_nothing(tiny_shop: Shop) -> None:
    tasks = tasks_of(tiny_shop.goals.split("test"), world="even")
    for task in tasks:
        assert task.manner is EVEN
        shopper = task.shopper(tiny_shop)
        assert opening_signs(shopper.open()) == (False,) * len(OPENING_SIGNS)
        assert not ANNOYED.search(shopper.answer(QUESTION, ""))


def test_worded_alike_manners_look_alike(tiny_shop: Shop) -> None:
    """Nothing but words tells an agent what a shopper minds."""
    alike = [replace(manner, cues=EVEN.cues, remarks=EVEN.remarks) for manner in DIVERSE]
    openings, goal = Openings(tiny_shop), tiny_shop.goals[0]
    seen = []
    for manner in [*alike, EVEN]:
        task = Task(goal=goal, temper=TEMPERS["terse"], manner=manner, seed=3)
        episode = Episode(openings, task.shopper(tiny_shop))
        states = [situation_of(episode.conversation)]
        for act in (Act(Kind.OPTION, "color"), Act(Kind.OFFER)):
            episode.act(act)
            assert not episode.is_over
            states.append(situation_of(episode.conversation))
        seen.append([np.concatenate([s.state, s.features.ravel()]) for s in states])
    for other in seen[1:]:
        for one, two in zip(seen[0], other, strict=True):
            np.testing.assert_array_equal(one, two)


def test_what_is_minded_changes_nothing_that_is_wanted_or_said_of_it(tiny_shop: Shop) -> None:
    for temper in TEMPERS.values():
        said = []
        for manner in [*DIVERSE, EVEN]:
            goal = tiny_shop.goals[0]
            shopper = Task(goal=goal, temper=temper, manner=manner, seed=4).shopper(tiny_shop)
            opening = without_small_talk(shopper.open())
            openings = Openings(tiny_shop)
            heard = shopper.answer(Act(Kind.OPTION, "color"), "")
            answer = read_answer(heard, openings.candidates(opening), Act(Kind.OPTION, "color"))
            said.append((shopper.goal, opening, answer))
        assert all(each == said[0] for each in said)


def test_words_are_read_as_what_they_are() -> None:
    signs = dict(zip(list(CUES)[1:], OPENING_SIGNS, strict=True))
    assert list(signs.values()) == ["haste", "to look", "for help", "for one", "talk"]
    for way, sign in signs.items():
        for text in CUES[way]:
            shown = dict(zip(OPENING_SIGNS, opening_signs(text), strict=True))
            assert [name for name, is_shown in shown.items() if is_shown] == [sign]
            assert without_small_talk(f"{text} I am looking for mugs.") == "I am looking for mugs."
    for text in (*ANNOYED_BY_QUESTION, *ANNOYED_BY_OFFER):
        assert ANNOYED.search(text)
        assert not PLEASED.search(text)
    for text in (*PLEASED_BY_QUESTION, *PLEASED_BY_OFFER):
        assert PLEASED.search(text)
        assert not ANNOYED.search(text)
    assert without_small_talk("Hello!") == "Hello!"
    assert without_small_talk("A mug. Red, please.") == "A mug. Red, please."


def test_hints_are_features(tiny_shop: Shop) -> None:
    openings, goal = Openings(tiny_shop), tiny_shop.goals[0]
    manner = replace(
        manner_of("minds questions"),
        cues={"hurried": 1.0},
        remarks=((1.0, 0.0), (0.0, 1.0)),
    )
    task = Task(goal=goal, temper=TEMPERS["plain"], manner=manner, seed=1)
    episode = Episode(openings, task.shopper(tiny_shop))
    state = dict(zip(STATE, situation_of(episode.conversation).state.tolist(), strict=True))
    assert state["haste"] == 1.0
    assert state["annoyed by questions"] == 0.0
    episode.act(Act(Kind.LIMIT))
    state = dict(zip(STATE, situation_of(episode.conversation).state.tolist(), strict=True))
    assert state["annoyed by questions"] == 0.5
    assert state["annoyed by offers"] == 0.0
