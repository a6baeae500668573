"""How the paper's comparison is made."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shopwright.config import Configuration, setting
from shopwright.encoding.pretrained import BUNDLED


@dataclass(frozen=True, kw_only=True)
class ReproduceConfig(Configuration):
    """How the comparison is made."""

    minutes: float = setting(
        3.0, help="wall-clock time of each method, generation included", above=0
    )
    seeds: int = setting(3, help="trainings of each method", minimum=1)
    scripted: int = setting(
        300, help="perfect episodes of the scripted demonstrator, where no file is given", minimum=1
    )
    generated: int = setting(
        100, help="perfect rollouts that the agent generates itself", minimum=1
    )
    generated_more: int = setting(
        1000, help="and in a further row; 0 leaves that row out", minimum=0
    )
    pairs: int = setting(500, help="generated preferences of DPO on DPO", minimum=1)
    imitation_steps: int = setting(
        600, help="gradient steps of imitation, where all others begin", minimum=1
    )
    practice: int = setting(400, help="requests of a round of practice in imitation", minimum=1)
    test_goals: int = setting(500, help="of the test goals, the first so many", minimum=1)
    long_episodes: bool = setting(True, help="measure with 100 steps, too, besides 15")
    dev_goals: int = setting(100, help="dev goals that choose checkpoints", minimum=0)
    rollouts: int = setting(1000, help="rollouts of a bandit's run", minimum=1)
    runs: int = setting(5, help="runs of each bandit", minimum=1)
    environments: bool = setting(
        True,
        help="compare in conversations, by feedback and with customers who come back, too, where "
        "nobody can demonstrate perfectly",
    )
    conversation_updates: int = setting(
        120, help="rounds of talking and learning in conversations", minimum=1
    )
    returning_updates: int = setting(
        60, help="rounds of serving customers who come back", minimum=1
    )
    lists: int = setting(500, help="recommendations whose feedback is learned from", minimum=1)
    customers: int = setting(300, help="fresh customers that each agent serves", minimum=2)
    language_model: str = setting(BUNDLED, help="the encoder: bundled, a folder, or a hub name")
    device: str = setting(
        "auto", help="where the language model computes: cpu, cuda, or auto, a GPU if there is one"
    )
    threads: int = setting(0, help="threads to compute with; 0: all cores", minimum=0)
    seed: int = setting(0, help="decides everything random but the clock")

    def quick(self) -> ReproduceConfig:
        """Return the form that ends within ten minutes on two cores: it shows that everything
        runs, not which method is better."""
        return replace(
            self,
            minutes=min(self.minutes, 0.1),
            seeds=min(self.seeds, 2),
            scripted=min(self.scripted, 60),
            generated=min(self.generated, 20),
            generated_more=min(self.generated_more, 40),
            pairs=min(self.pairs, 40),
            imitation_steps=min(self.imitation_steps, 250),
            practice=min(self.practice, 80),
            test_goals=min(self.test_goals, 40),
            long_episodes=False,
            dev_goals=min(self.dev_goals, 10),
            rollouts=min(self.rollouts, 200),
            runs=min(self.runs, 3),
            conversation_updates=min(self.conversation_updates, 3),
            returning_updates=min(self.returning_updates, 2),
            lists=min(self.lists, 30),
            customers=min(self.customers, 20),
        )
