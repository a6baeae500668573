"""Trajectories and preferences in the conversational formats that TRL's trainers read.

Each record is a conversation: the system says what the shop is, the user shows a page and what can
be done there, the assistant does it. For supervised fine-tuning (SFTTrainer): ``{"messages"}``; for
direct preference optimisation (DPOTrainer): ``{"prompt", "chosen", "rejected"}``.

Source: TRL's documentation, "Dataset formats and types", conversational language modelling and
conversational preference.
"""

from __future__ import annotations

from collections.abc import Iterable

from shopwright.errors import TrajectoryError
from shopwright.rollouts.episode import Episode
from shopwright.rollouts.preferences import PreferencePair
from shopwright.rollouts.records import Trajectory
from shopwright.shop.page import Page
from shopwright.shop.shop import Shop

SYSTEM = (
    "You shop for a customer in a web shop. Each message shows a page and the actions that it "
    "offers. Answer with exactly one action: search[words] or click[name]."
)

Message = dict[str, str]


def sft_record(trajectory: Trajectory, shop: Shop) -> dict[str, list[Message]]:
    """Return an episode as a conversation; its pages are made anew in the shop.

    Raises:
        GoalError: its product is not in this shop.
        TrajectoryError: it is not of the pages protocol.
    """
    if trajectory.protocol != "pages":
        raise TrajectoryError(f"protocol: expected pages, got {trajectory.protocol!r}")
    return {"messages": _conversation(Episode(shop, trajectory.goal(shop)), trajectory.actions)}


def dpo_record(pair: PreferencePair, shop: Shop) -> dict[str, list[Message]]:
    """Return a preference: the conversation up to its page, and the two answers.

    Raises:
        GoalError: its product is not in this shop.
    """
    episode = Episode(shop, pair.goal(shop))
    prompt = [*_conversation(episode, pair.actions), _shown(episode.page())]
    return {
        "prompt": prompt,
        "chosen": [{"role": "assistant", "content": pair.chosen}],
        "rejected": [{"role": "assistant", "content": pair.rejected}],
    }


def _conversation(episode: Episode, actions: Iterable[str]) -> list[Message]:
    messages: list[Message] = [{"role": "system", "content": SYSTEM}]
    for page, choice, _ in episode.replay(actions):
        messages.append(_shown(page))
        messages.append({"role": "assistant", "content": choice.action})
    return messages


def _shown(page: Page) -> Message:
    searches = ["search[words]"] if page.has_search_bar else []
    offered = ", ".join([*searches, *page.actions])
    return {"role": "user", "content": f"{page.text}\n\nActions: {offered}"}
