"""The gradient loop: what a method need not care about; and the method of the documentation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

torch = pytest.importorskip("torch")

from shopwright.config import setting
from shopwright.errors import InputError
from shopwright.runs import Run
from shopwright.training.learner import new_learner
from shopwright.training.loop import Loop, LoopConfig, Losses, TrainingConfig
from shopwright.training.schedule import BudgetConfig, learning_rate_at
from tiny import perfect_trajectories

DOCUMENT = Path(__file__).parents[2] / "docs" / "extend.md"


@dataclass(frozen=True, kw_only=True)
class LineConfig(TrainingConfig, BudgetConfig):
    """A new method: a line through zeros."""

    steps: int = setting(6, help="gradient steps", minimum=1)
    log_every: int = 1
    checkpoint_every: int = 2


def train_line(out, config, *, progress=None, ends_at=None):
    run = Run.open(out, "line", {})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = torch.nn.Linear(2, 1)

    def losses(step: int) -> Losses:
        if step == ends_at:
            return
        points = torch.randn(8, 2, generator=torch.Generator().manual_seed(step))
        for half in points.chunk(2):
            loss = network(half).square().mean()
            yield loss, {"loss": loss, "rows": float(len(half))}

    parts = {"network": network}
    loop = Loop(run, config, parts, stage="line", steps=config.steps, progress=progress)
    loop.descend(losses)
    result = loop.finish({"operation": "line", "steps": loop.step})
    return result, network.state_dict()


def metrics(folder: Path) -> list[dict[str, float]]:
    return [orjson.loads(line) for line in (folder / "metrics.jsonl").open("rb")]


def test_a_killed_method_of_a_few_lines_goes_on(tmp_path):
    _, whole = train_line(tmp_path / "whole", LineConfig())

    def kill(stage, done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_line(tmp_path / "broken", LineConfig(), progress=kill)
    _, broken = train_line(tmp_path / "broken", LineConfig())
    for name, value in whole.items():
        assert torch.equal(value, broken[name])
    assert metrics(tmp_path / "whole") == metrics(tmp_path / "broken")


def test_each_loss_is_descended_before_the_next_and_numbers_are_means(tmp_path):
    train_line(tmp_path, LineConfig())
    lines = metrics(tmp_path)
    assert [line["step"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert {line["rows"] for line in lines} == {4.0}
    assert lines[-1]["loss"] < lines[0]["loss"]


def test_the_learning_rate_rises_and_falls_over_the_steps(tmp_path):
    train_line(tmp_path, LineConfig(steps=8, warmup_share=0.25, learning_rate=0.4))
    rates = [line["learning_rate"] for line in metrics(tmp_path)]
    assert rates == [
        learning_rate_at(step, steps=8, highest=0.4, warmup_share=0.25) for step in range(8)
    ]
    assert rates[:3] == [0.2, 0.4, 0.4]


def test_a_step_without_a_loss_ends_the_training(tmp_path):
    result, _ = train_line(tmp_path, LineConfig(), ends_at=2)
    assert result["steps"] == 2


def test_minutes_decide_in_the_place_of_steps(tmp_path):
    result, _ = train_line(tmp_path, LineConfig(steps=1, minutes=0.002))
    assert result["steps"] > 1
    assert 0.12 <= result["seconds"] < 3.0


def test_gradients_are_clipped_to_a_norm(tmp_path):
    network = torch.nn.Linear(1, 1, bias=False)
    seen = []

    def losses(step: int) -> Losses:
        yield 1000.0 * network.weight.sum(), {}
        assert network.weight.grad is not None
        seen.append(network.weight.grad.norm().item())

    config = LoopConfig(gradient_norm=0.5, threads=1)
    Loop(Run.open(tmp_path, "clip", {}), config, {"network": network}, stage="", steps=1).descend(
        losses
    )
    assert seen == pytest.approx([0.5], rel=1e-4)


def test_the_method_of_the_documentation_trains(tiny_shop, tiny_model_folder, tmp_path):
    section = DOCUMENT.read_text(encoding="utf-8").split("## A new training method", 1)[1]
    (code,) = re.findall(r"```python\n(.*?)```", section.split("\n## ")[0], flags=re.S)
    names: dict[str, object] = {"__name__": "documented_method"}
    exec(compile(code, str(DOCUMENT), "exec", dont_inherit=True), names)
    start = tmp_path / "start"
    start.mkdir()
    learner = new_learner(tiny_shop, str(tiny_model_folder), seed=0)
    learner.write(start, learner.policy, {"operation": "start"})
    config = names["CloningConfig"](steps=12, log_every=1, threads=1)
    trajectories = perfect_trajectories(tiny_shop)[:4]
    result = names["train_cloning"](tiny_shop, trajectories, start, tmp_path / "run", config)
    assert result["steps"] == 12
    lines = metrics(tmp_path / "run")
    assert lines[-1]["loss"] < lines[0]["loss"]
    assert (tmp_path / "run" / "agent.json").is_file()
    with pytest.raises(InputError, match="batch_size: expected a whole number of at least 1"):
        names["CloningConfig"](batch_size=0)
