"""Group relative policy optimisation of a causal language model that shops, by TRL's GRPOTrainer.

For each goal the model shops several times, its actions drawn by their likelihood among those that
the page offers, so that even a small model makes no invalid ones. What it said is learned, what the
pages said is masked. The reward is that of the purchase.

Source: Shao et al., 2024 (arXiv 2402.03300), as TRL implements it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from shopwright.config import setting
from shopwright.errors import InputError
from shopwright.language.agent import LanguageAgent
from shopwright.language.causal import CausalModel
from shopwright.language.config import LanguageConfig
from shopwright.language.decisions import decisions_of
from shopwright.language.local import LocalSpeaker
from shopwright.language.prompts import Prompt, load_prompt
from shopwright.language.supervision import UNLEARNED, supervised
from shopwright.rollouts.episode import Episode
from shopwright.runs import Run, one_at_a_time
from shopwright.seeding import python_rng
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop
from shopwright.training.causal import CausalConfig, fit, lora, require_trl
from shopwright.training.inputs import checksum, fingerprint
from shopwright.training.loop import Progress


@dataclass(frozen=True, kw_only=True)
class GRPOConfig(CausalConfig):
    """How a language model learns from shopping."""

    prompt: str = setting("chat", help="how it is asked; episodes have to be conversations")
    rollouts: int = setting(8, help="episodes of a goal, which are compared", minimum=2)
    batch_size: int = setting(16, help="episodes of a step, a multiple of these", minimum=2)
    step_limit: int = setting(8, help="actions of an episode at most", minimum=1)
    beta: float = setting(0.0, help="how near it stays to the model before", minimum=0)
    steps: int = setting(100, help="gradient steps", minimum=1)
    learning_rate: float = 2e-5

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch_size % self.rollouts:
            raise InputError(
                f"batch_size: expected a multiple of rollouts, {self.rollouts}, got "
                f"{self.batch_size}"
            )


class Told(NamedTuple):
    """An episode as a model reads it.

    Attributes:
        prompt: the tokens up to the first answer.
        completion: those after that.
        written: which of these the model wrote, 1 or 0.
        reward: of the purchase; 0 without one.
    """

    prompt: list[int]
    completion: list[int]
    written: list[int]
    reward: float


@one_at_a_time
def train_grpo(
    shop: Shop,
    policy: str,
    out: Path,
    goals: Sequence[Goal],
    config: GRPOConfig | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Improve a causal language model while it shops, and write it into a run folder.

    Args:
        shop: where it shops.
        policy: the model to begin with, ``hf:FOLDER_OR_NAME``.
        out: the run folder; a killed run goes on from its last checkpoint.
        goals: what to shop for, in turn.
        progress: called with (stage, steps done, steps in all).

    Returns:
        The summary, as in the folder's result.json.

    Raises:
        InputError: there is no goal, or the prompt does not show an episode as a conversation.
        UnavailableError: TRL is not installed.
    """
    require_trl()
    config = config or GRPOConfig()
    prompt = load_prompt(config.prompt)
    if prompt.history != "messages" or not prompt.chat:
        raise InputError(
            f"prompt: expected one that shows an episode as a conversation, got {prompt.name!r}"
        )
    if not goals:
        raise InputError("goals: expected at least one, got none")
    inputs = {
        **fingerprint(shop, ()),
        "goals_sha256": checksum(asdict(goal) for goal in goals),
        "policy": policy,
        "prompt": asdict(prompt),
    }
    run = Run.open(out, "grpo", {"config": asdict(config), "inputs": inputs})
    if run.finished:
        return run.result()

    def trainer(model: Any, tokenizer: Any, data: Any, arguments: dict[str, Any]) -> Any:
        from trl import GRPOConfig as Arguments
        from trl import GRPOTrainer

        del arguments["max_length"]  # Nothing is cut here.
        return GRPOTrainer(
            model=model,
            processing_class=tokenizer,
            train_dataset=data,
            reward_funcs=_rewards,
            rollout_func=_Rollouts(shop, goals, prompt, config),
            peft_config=lora(config),
            args=Arguments(
                num_generations=config.rollouts,
                max_completion_length=None,
                beta=config.beta,
                **arguments,
            ),
        )

    # TRL hands only the prompts to whoever rolls out: they are the goals' numbers.
    records = [{"prompt": str(number)} for number in range(len(goals))]
    summary = fit(run, config, policy, lambda _: records, trainer, progress)
    return run.finish({"operation": "grpo", **summary})


def _rewards(reward: list[float], **_: Any) -> list[float]:
    """What the rollouts were worth, as TRL asks for it."""
    return reward


class _Rollouts:
    """Lets the model that is trained shop for the goals that a trainer names."""

    def __init__(
        self, shop: Shop, goals: Sequence[Goal], prompt: Prompt, config: GRPOConfig
    ) -> None:
        self._shop, self._goals, self._prompt, self._config = shop, goals, prompt, config

    def __call__(self, prompts: list[str], trainer: Any) -> dict[str, Any]:
        step = trainer.state.global_step
        network = trainer.model
        was_training = network.training
        network.eval()
        causal = CausalModel(trainer.processing_class, network)
        name = f"step {step}"  # Another model at each step, whose replies are no other's.
        asked = LanguageConfig(context_tokens=causal.context, reply_tokens=1)
        speaker = LocalSpeaker(name, causal, self._prompt, asked, weights=name)
        agent = LanguageAgent(self._shop, speaker, self._prompt, asked)
        told = [
            self._told(agent, causal, int(goal), python_rng(self._config.seed, "grpo", step, n))
            for n, goal in enumerate(prompts)
        ]
        network.train(was_training)
        return {
            "prompt_ids": [each.prompt for each in told],
            "completion_ids": [each.completion for each in told],
            "logprobs": None,  # The trainer computes them.
            "env_mask": [each.written for each in told],
            "reward": [each.reward for each in told],
        }

    def _told(self, agent: LanguageAgent, causal: CausalModel, goal: int, rng: Random) -> Told:
        limit = self._config.step_limit
        episode = Episode(self._shop, self._goals[goal], step_limit=limit)
        turns = [*episode.play(agent.visit(episode.request, step_limit=limit, rng=rng))]
        records = [*supervised(decisions_of(turns), self._prompt, causal.tokenizer)]
        if len(records) > 1:
            raise InputError(
                f"prompt {self._prompt.name!r}: expected a conversation to which each step only "
                "adds, with this model's chat template"
            )
        read = records[0]["input_ids"]
        written = [int(label != UNLEARNED) for label in records[0]["labels"]]
        first = written.index(1)
        reward = episode.reward.total if episode.reward else 0.0
        return Told(read[:first], read[first:], written[first:], reward)
