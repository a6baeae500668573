"""WebShop's imitation file, on lines written here."""

from __future__ import annotations

import orjson
import pytest

from shopwright.agents.oracle import Oracle
from shopwright.errors import TrajectoryError
from shopwright.rollouts.imitation_file import replayed, stream_imitation_file
from shopwright.rollouts.rollout import roll_out


def imitation_line(shop, goal):
    """A line as the imitation file has it: an oracle's episode for a goal."""
    outcome = roll_out(Oracle(), shop, goal, keep_observations=True)
    steps = outcome.trajectory.steps
    offered = [
        [] if step.action.startswith("search") else ["click[back to search]", step.action]
        for step in steps
    ]
    first = f"WebShop\nInstruction:\n{goal.instruction}\n[button] Search [button_]"
    return {
        "states": [first, *(step.observation for step in steps[1:])],
        "actions": [step.action for step in steps],
        "action_idxs": [-1 if not actions else 1 for actions in offered],
        "available_actions": offered,
        "images": [0] * len(steps),
    }


def test_episodes_are_replayed_where_their_request_is_known(small_shop, tiny_shop, tmp_path):
    goal = small_shop.goals.human[0]
    stranger = tiny_shop.goals[0]
    path = tmp_path / "il_trajs_finalized_images.jsonl"
    lines = [imitation_line(small_shop, goal), imitation_line(tiny_shop, stranger)]
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    known, unknown = stream_imitation_file(path)
    assert known.request == goal.instruction
    assert list(known.actions) == lines[0]["actions"]
    trajectory = replayed(known, small_shop)
    assert trajectory is not None
    assert trajectory.provenance == "human"
    assert trajectory.purchased
    assert trajectory.reward == roll_out(Oracle(), small_shop, goal).trajectory.reward
    assert all(step.observation for step in trajectory.steps)
    assert replayed(unknown, small_shop) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda line: line.pop("states"), "field states"),
        (lambda line: line["actions"].pop(), "field actions: expected"),
        (lambda line: line["action_idxs"].__setitem__(1, 0), "step 1, action_idxs"),
        (lambda line: line["action_idxs"].__setitem__(1, 99), "step 1, action_idxs"),
        (lambda line: line["action_idxs"].__setitem__(1, "x"), "step 1, action_idxs"),
        (lambda line: line["available_actions"].__setitem__(1, [3]), "step 1: expected texts"),
    ],
)
def test_invalid_lines_are_refused_with_their_field(change, message, tiny_shop, tmp_path):
    line = imitation_line(tiny_shop, tiny_shop.goals[0])
    change(line)
    path = tmp_path / "il.jsonl"
    path.write_bytes(orjson.dumps(line))
    with pytest.raises(TrajectoryError, match=rf"il\.jsonl, line 1, {message}"):
        list(stream_imitation_file(path))
