"""The shop as an agent loop of verl: what the model writes is an action, and the score of the
purchase its reward.

verl finds it by a YAML file, ``agent_loop_config_path``::

    - name: shopwright
      _target_: shopwright.integrations.verl.ShopAgentLoop
      shop: shops/webshop

Source: verl 0.9.1, ``verl.experimental.agent_loop``, as its ``ToolAgentLoop`` does it: pages are
messages of the user, whose tokens are masked. verl's interactions went with 0.9.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

from verl.experimental.agent_loop.agent_loop import AgentLoopBase, AgentLoopOutput
from verl.utils.profiler import simple_timer

from shopwright.api import AnyShop
from shopwright.integrations.tasks import shared_shop, tasks_of
from shopwright.integrations.visit import INSTRUCTIONS, Answered, Visit

NAME = "shopwright"


class ShopAgentLoop(AgentLoopBase):
    """A visit to the shop for each row of the data.

    Args:
        given: what verl gives every agent loop.
        shop: a shop's folder; None for that of the environment variable ``SHOPWRIGHT_SHOP``.
        step_limit: the number of actions of a visit at most.
    """

    def __init__(
        self, *given: Any, shop: str | None = None, step_limit: int = 15, **named: Any
    ) -> None:
        super().__init__(*given, **named)
        self._visit = Visit(shop, step_limit)
        # What the model wrote and what was shown to it since the prompt, which verl has fill up to
        # ``response_length`` tokens: all tokens, which of the last of them count, and their log
        # probabilities, if the server tells.
        self._tokens: list[int] = []
        self._mask: list[int] = []
        self._logs: list[float] | None = None

    async def run(self, sampling_params: dict[str, Any], **row: Any) -> AgentLoopOutput:
        """Shop for a row's goal until the purchase, the last step or the last token."""
        goal = tasks_of(self._visit.environment.shop, row["split"])[int(row["goal"])]
        *before, last = row["raw_prompt"]
        messages = [*before, {**last, "content": last["content"] + self._visit.begin(goal)}]
        self._tokens = await self.ct_build_initial_tokens(messages)
        turns, invalid, metrics = 1, 0, {"num_preempted": 0}
        answered, request = Answered("", 0.0, False, False), uuid4().hex
        while True:
            with simple_timer("generate_sequences", metrics):
                output = await self.server_manager.generate(
                    request_id=request, prompt_ids=self._tokens, sampling_params=sampling_params
                )
            turns += 1
            metrics["num_preempted"] += output.num_preempted or 0
            if not await self._wrote(output):
                break
            said = self.tokenizer.decode(output.token_ids, skip_special_tokens=True)
            answered = self._visit.answer(said)
            session = self._visit.environment.session
            assert session is not None
            invalid += not session.valid
            messages.append({"role": "assistant", "content": said})
            if answered.over or not await self._shown(messages, answered.text):
                break
            turns += 1
        score = answered.reward if answered.bought else 0.0
        return self._output(
            reward_score=score,
            num_turns=turns,
            metrics=metrics,
            extra_fields={
                "reward_extra_info": {"success": float(score == 1.0), "invalid_actions": invalid},
                "turn_scores": [],
                "tool_rewards": [],
            },
        )

    async def _wrote(self, output: Any) -> bool:
        """Add what the model wrote; False if no further token has room."""
        logs = self._logs or ([] if output.log_probs else None)
        merged, self._mask, self._logs = await self.ct_merge_assistant_token(
            self._tokens,
            output.token_ids,
            self._mask,
            logs,
            assistant_logprobs=output.log_probs or None,
        )
        self._tokens = merged.token_ids
        return bool(len(self._mask) < self.rollout_config.response_length)

    async def _shown(self, messages: list[dict[str, Any]], page: str) -> bool:
        """Add a page to messages and tokens; False if it has no room."""
        before = [*messages]
        messages.append({"role": "user", "content": page})
        merged, mask, logs = await self.ct_merge_context_msg(
            before, messages, self._tokens, self._mask, self._logs
        )
        if len(mask) >= self.rollout_config.response_length:
            return False
        self._tokens, self._mask, self._logs = merged.token_ids, mask, logs
        return True

    def _output(self, **fields: Any) -> AgentLoopOutput:
        begin, room = len(self._tokens) - len(self._mask), self.rollout_config.response_length

        def within(values: Sequence[Any]) -> list[Any]:
            return [*values[:room]]

        return AgentLoopOutput(
            prompt_ids=self._tokens[:begin],
            response_ids=within(self._tokens[begin:]),
            response_mask=within(self._mask),
            response_logprobs=None if self._logs is None else within(self._logs),
            **fields,
        )


def rows(
    shop: AnyShop | None = None, split: str = "train", *, instructions: str = INSTRUCTIONS
) -> Iterator[dict[str, Any]]:
    """Yield a row of verl's data for each goal of a split, to be written as Parquet.

    Args:
        shop: a shop or its folder; None for that of the environment variable ``SHOPWRIGHT_SHOP``.
        instructions: what the prompt says before the first page.
    """
    for goal in range(len(tasks_of(shared_shop(shop), split))):
        yield {
            "data_source": NAME,
            "agent_name": NAME,
            "prompt": [{"role": "user", "content": instructions}],
            "goal": goal,
            "split": split,
            "reward_model": {"style": "rule", "ground_truth": ""},
            "extra_info": {"index": goal},
        }
