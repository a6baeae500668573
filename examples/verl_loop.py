"""The data and the agent loop for verl's trainer, whose command is printed; it wants a GPU.

pip install 'shopwright[verl]' 'shopwright[tables]'
python examples/verl_loop.py shops/demo runs/verl Qwen/Qwen3-0.6B
"""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow
import pyarrow.parquet

from shopwright.integrations.verl import rows

shop, folder, model = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3]
folder.mkdir(parents=True, exist_ok=True)
for split in ("train", "dev"):
    table = pyarrow.Table.from_pylist(list(rows(shop, split)))
    pyarrow.parquet.write_table(table, folder / f"{split}.parquet")
    print(f"{split}: {len(table)} goals")
(folder / "loops.yaml").write_text(
    f"- name: shopwright\n  _target_: shopwright.integrations.verl.ShopAgentLoop\n  shop: {shop}\n"
)
print(
    "python -m verl.trainer.main_ppo algorithm.adv_estimator=grpo",
    f"data.train_files={folder}/train.parquet data.val_files={folder}/dev.parquet",
    "data.max_prompt_length=1024 data.max_response_length=12000",
    f"actor_rollout_ref.model.path={model} actor_rollout_ref.rollout.name=vllm",
    f"actor_rollout_ref.rollout.agent.agent_loop_config_path={folder}/loops.yaml",
    "actor_rollout_ref.rollout.n=8",
    sep=" \\\n    ",
)
