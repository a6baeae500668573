"""A shop of three products and a language model of two layers, both made in a moment: what the
tests of policies and of training share."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")

from shopwright.agents.oracle import Oracle
from shopwright.catalogue.product import Product
from shopwright.rollouts.records import Trajectory
from shopwright.rollouts.rollout import roll_out
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Shop, build_shop

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
WORDS = (
    "find me a the for with and price lower than dollars under coffee mug mugs ceramic steel glass "
    "lead free dishwasher safe hand painted color size red blue green black white small large "
    "holds hot drinks every day made to last is it of by"
)


def tiny_products() -> list[Product]:
    """Three mugs that differ in one attribute, which title and texts name, and in their colours."""
    mug = Product(
        asin="MUG0000000",
        title="Coffee Mug",
        pricing_dollars=(12.0,),
        price_tag="$12.0",
        category="garden",
        query="coffee mugs",
        product_category="Home › Kitchen › Mugs",
    )
    entries = [
        ("MUG0000001", "lead free", ("red", "blue")),
        ("MUG0000002", "dishwasher safe", ("green", "black")),
        ("MUG0000003", "hand painted", ("white", "red")),
    ]
    return [
        replace(
            mug,
            asin=asin,
            title=f"Coffee Mug, {attribute.title()}",
            description=f"A mug for hot drinks. It is {attribute}.",
            bullets=(f"{attribute} mug", "made to last"),
            options={"color": colours, "Size": ("small", "large")},
            attributes=(attribute,),
            instruction=f"Find me {attribute} coffee mugs",
            instruction_attributes=(attribute,),
        )
        for asin, attribute, colours in entries
    ]


def build_tiny_shop(folder: Path) -> Shop:
    """Build the shop of :func:`tiny_products`, whose nouns need no model."""
    return build_shop(tiny_products(), folder, source={"kind": "test"}, tagger=WordTagger())


def write_tiny_model(
    folder: Path, *, seed: int = 0, pooler: bool = True, products: Iterable[Product] = ()
) -> Path:
    """Write a BERT of two layers and 32 dimensions with random weights, and its vocabulary.

    Args:
        products: whose words are tokens, too: spelled out, a long text takes ten times as long.
    """
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast, logging

    folder.mkdir(parents=True, exist_ok=True)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *".,:;!?$-'\"()", *LETTERS]
    pieces += [f"##{letter}" for letter in LETTERS]
    texts = [WORDS, *(text for each in products for text in (each.title, *each.bullets))]
    pieces = [*dict.fromkeys([*pieces, *re.findall("[a-z0-9]+", " ".join(texts).lower())])]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    BertTokenizerFast(vocab=vocabulary, do_lower_case=True).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=300,
        initializer_range=0.5,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = BertModel(config, add_pooling_layer=pooler)
    logging.disable_progress_bar()
    model.eval().save_pretrained(folder)
    return folder


def perfect_trajectories(shop: Shop) -> list[Trajectory]:
    """One perfect trajectory for every goal."""
    outcomes = [roll_out(Oracle(), shop, goal, provenance="generated") for goal in shop.goals]
    assert all(outcome.trajectory.perfect for outcome in outcomes)
    return [outcome.trajectory for outcome in outcomes]


@pytest.fixture(scope="session")
def tiny_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop of three mugs."""
    return build_tiny_shop(tmp_path_factory.mktemp("tiny") / "shop")


@pytest.fixture(scope="session")
def tiny_model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tiny language model."""
    return write_tiny_model(tmp_path_factory.mktemp("model") / "bert")


def reader_of(shop, model_folder):
    """A reader of a shop with a language model in 32 bits."""
    from shopwright.encoding.language_model import LanguageModel
    from shopwright.encoding.token_states import open_states
    from shopwright.policy.evidence import Reader

    model = LanguageModel(str(model_folder), precision="float32")
    return Reader(shop.catalogue, model, open_states(shop, model))
