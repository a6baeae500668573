"""What parts of the default recipe are worth: the recipe without each of them.

    python benchmarks/ablations.py --shop SHOP --out FOLDER [--goals FILE.jsonl ...] [--seeds 0]
        [--variants whole no-history no-language-model] [--jobs 1]

*no-history*: no purchases are stored. *no-language-model*: a token's state is a random
vector of its own, the same everywhere, so that words are equal or have nothing in common.
Agents that were trained before are not trained again. Prints success with 95 % intervals (Wilson's,
over the goals of all seeds) and writes benchmarks/results/ablations.json.
"""

from __future__ import annotations

import argparse
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Any

from agent import train_and_evaluate
from shopwright import Shop
from shopwright.console import print_table
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.pretrained import BUNDLED
from shopwright.encoding.token_states import open_states
from shopwright.files import write_json
from shopwright.intervals import wilson
from shopwright.training.recipe import RecipeConfig

RESULTS = Path(__file__).resolve().parent / "results" / "ablations.json"
VARIANTS = ("whole", "no-history", "no-language-model")


def wordless_model(folder: Path) -> str:
    """Write a model whose states are random vectors, one per token, and return its path."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertModel

    from shopwright.encoding.pretrained import _bundled_folder

    if not (folder / "config.json").is_file():
        tokenizer = AutoTokenizer.from_pretrained(_bundled_folder(), local_files_only=True)
        torch.manual_seed(0)
        model = BertModel(
            BertConfig(
                vocab_size=len(tokenizer),
                hidden_size=384,
                num_hidden_layers=0,
                num_attention_heads=12,
                intermediate_size=1,
            )  # With its pooling layer, unused: weights that a file lacks are drawn at each load.
        )
        with torch.no_grad():
            model.embeddings.position_embeddings.weight.zero_()
            model.embeddings.token_type_embeddings.weight.zero_()
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return str(folder)


def main() -> None:
    """Train, evaluate, print and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shop", required=True)
    parser.add_argument("--out", type=Path, required=True, help="where the agents go")
    parser.add_argument("--goals", nargs="*", default=[], help="files of goals, beside the splits")
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=VARIANTS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--jobs", type=int, default=1, help="trainings at once, a core each")
    arguments = parser.parse_args()
    tasks: list[tuple[str, Path, RecipeConfig]] = []
    names: list[str] = []
    for variant in arguments.variants:
        model = BUNDLED
        if variant == "no-language-model":
            model = wordless_model(arguments.out / "wordless-model")
        open_states(Shop.open(arguments.shop), LanguageModel(model))
        for seed in arguments.seeds:
            config = RecipeConfig(
                seed=seed,
                language_model=model,
                history=variant != "no-history",
                processes=1 if arguments.jobs > 1 else 0,
            )
            tasks.append((arguments.shop, arguments.out / variant / f"seed-{seed}", config))
            names.append(variant)
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.jobs, mp_context=spawned) as pool:
        done = list(
            pool.map(train_and_evaluate, *zip(*tasks, strict=True), repeat(arguments.goals))
        )
    found: list[dict[str, Any]] = [
        {**record, "variant": name}
        for name, records in zip(names, done, strict=True)
        for record in records
    ]
    write_json(RESULTS, {"runs": found})
    rows = []
    keys = [(r["variant"], r["stage"], r["goals"], r["protocol"], r["step_limit"]) for r in found]
    for key in dict.fromkeys(keys):
        variant, stage, goals, protocol, limit = key
        runs = [record for record, own in zip(found, keys, strict=True) if own == key]
        episodes = sum(run["episodes"] for run in runs)
        perfect = round(sum(run["success_rate"] * run["episodes"] for run in runs) / 100)
        interval = wilson(perfect, episodes)
        rows.append(
            (
                variant,
                stage,
                goals,
                protocol if limit is None else f"{protocol}, {limit} steps",
                f"{sum(run['score'] for run in runs) / len(runs):.2f}",
                f"{100 * perfect / episodes:.1f}",
                f"{100 * interval.low:.1f} to {100 * interval.high:.1f}",
            )
        )
    columns = ("variant", "stage", "goals", "protocol", "score", "success %", "95 %")
    print_table(f"{len(arguments.seeds)} training seeds", columns, rows)


if __name__ == "__main__":
    main()
