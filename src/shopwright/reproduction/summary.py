"""What came of the paper's comparison: numbers over training seeds, and plain answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from shopwright.evaluation.comparison import interquartile_interval, interquartile_mean
from shopwright.evaluation.episodes import Evaluation
from shopwright.files import read_json
from shopwright.intervals import holm, paired_bootstrap
from shopwright.seeding import numpy_rng

LEVEL = 0.05
_MEASURES = ("success", "score")
# Methods that do not begin from the imitation checkpoint.
FROM_SCRATCH = ("no pretraining",)


@dataclass(frozen=True, slots=True)
class Setting:
    """Under what agents are measured; ``name`` is what tables call it."""

    name: str
    protocol: str
    step_limit: int | None

    def file(self, out: Path, agent: str) -> Path:
        """Return where an agent's evaluation under this setting is kept."""
        return out / "evaluations" / slug(self.name) / f"{slug(agent)}.json"

    def evaluation(self, out: Path, agent: str) -> Evaluation:
        """Return an agent's evaluation under this setting."""
        return Evaluation.from_record(read_json(self.file(out, agent)))


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def summarise(
    out: Path,
    *,
    methods: Mapping[str, int],
    rules: Sequence[str],
    settings: Sequence[Setting],
    start: str,
    seed: int,
) -> dict[str, Any]:
    """Return what the evaluations and trainings of a comparison say, as JSON types.

    Args:
        out: the comparison's folder, with all evaluations.
        methods: method → how many seeds were trained.
        start: the method whose first seed all others begin from.
    """
    costs = {
        method: read_json(out / "runs" / method.replace(" ", "-") / "seed-0" / "result.json")
        for method in methods
    }
    generated = {path.stem: read_json(path) for path in sorted(out.glob("*.json")) if _cost(path)}
    tables = [_setting(out, s, methods, rules, start, seed) for s in settings]
    evaluated = sum(read_json(path)["seconds"] for path in out.glob("evaluations/*/*.json"))
    trained = sum(read_json(path)["seconds"] for path in out.glob("runs/*/*/result.json"))
    made = sum(cost.get("seconds", 0.0) for cost in generated.values())
    return {
        "settings": tables,
        "answers": [answer for table in tables for answer in _answers(table, start)],
        "costs": costs,
        "generated": generated,
        "seconds": evaluated + trained + made,
    }


def _cost(path: Path) -> bool:
    return path.stem.startswith(("demonstrations", "generated-", "preferences-"))


def _rewards(out: Path, setting: Setting, agent: str) -> np.ndarray:
    return np.array(setting.evaluation(out, agent).rewards)


def _setting(
    out: Path,
    setting: Setting,
    methods: Mapping[str, int],
    rules: Sequence[str],
    start: str,
    seed: int,
) -> dict[str, Any]:
    """One setting's table: every method's seeds, and what it adds over the checkpoint that all
    methods begin from."""
    begin = _rewards(out, setting, f"{start} 0")
    rows = []
    per_goal: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for method, seeds in methods.items():
        rewards = np.array([_rewards(out, setting, f"{method} {n}") for n in range(seeds)])
        successes = 100.0 * (rewards == 1.0)
        per_goal[method] = successes.mean(axis=0), 100.0 * rewards.mean(axis=0)
        row: dict[str, Any] = {"method": method, "goals": rewards.shape[1]}
        for name, values in (("success", successes), ("score", 100.0 * rewards)):
            by_seed = values.mean(axis=1)
            draws = numpy_rng(seed, "seeds", setting.name, method, name)
            interval = interquartile_interval(by_seed[:, None], rng=draws)
            row[name] = {
                "seeds": by_seed.tolist(),
                "interquartile_mean": interquartile_mean(by_seed),
                "interval": list(interval),
            }
        rows.append(row)
    pairs = [(method, f"{start} 0") for method in methods if method != start]
    per_goal[f"{start} 0"] = 100.0 * (begin == 1.0), 100.0 * begin
    more = [m for m in methods if re.fullmatch(r"DPO, \d+ generated", m)]
    pairs += [("DPO, demonstrations", "PPO"), *([(more[0], more[1])] if len(more) > 1 else [])]
    return {
        "setting": setting.name,
        "rows": rows,
        "rules": {
            name: {
                "success": 100.0 * float((_rewards(out, setting, name) == 1.0).mean()),
                "score": 100.0 * float(_rewards(out, setting, name).mean()),
            }
            for name in rules
        },
        "pairs": _pairs(pairs, per_goal, setting, seed),
    }


def _pairs(
    pairs: Sequence[tuple[str, str]],
    per_goal: Mapping[str, tuple[np.ndarray, np.ndarray]],
    setting: Setting,
    seed: int,
) -> list[dict[str, Any]]:
    """Paired differences of methods, means over seeds goal by goal; p adjusted by Holm."""
    records: list[dict[str, Any]] = []
    for first, second in pairs:
        record: dict[str, Any] = {"first": first, "second": second}
        for name, one, other in zip(_MEASURES, per_goal[first], per_goal[second], strict=True):
            rng = numpy_rng(seed, "pairs", setting.name, first, second, name)
            found = paired_bootstrap(one, other, rng=rng)
            record[name] = {
                "difference": found.mean,
                "interval": list(found.interval),
                "p_adjusted": found.p_value,
            }
        records.append(record)
    for name in _MEASURES:
        adjusted = holm([record[name]["p_adjusted"] for record in records])
        for record, p_value in zip(records, adjusted, strict=True):
            record[name]["p_adjusted"] = p_value
    return records


def _answers(table: Mapping[str, Any], start: str) -> list[str]:
    """The setting's answers in plain sentences."""
    answers = []
    for pair in table["pairs"]:
        success = pair["success"]
        low, high = success["interval"]
        amount = f"{success['difference']:+.1f} points of success ({low:+.1f} to {high:+.1f})"
        sure = success["p_adjusted"] < LEVEL and (low > 0 or high < 0)
        first, second = pair["first"], pair["second"].removesuffix(" 0")
        where = f"{table['setting']}: {first} against {second}"
        if not sure:
            answers.append(f"{where}: no difference shown, {amount}.")
        else:
            better = "better" if success["difference"] > 0 else "worse"
            begins = second == start and first not in FROM_SCRATCH
            what = f"than the {start} it began from" if begins else f"than {second}"
            answers.append(f"{where}: {better} {what}, {amount}.")
    return answers
