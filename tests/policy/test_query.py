"""The query policy: words kept, and queries proposed; and a
sequence-to-sequence model built here, trained and searched with beams."""

from __future__ import annotations

import orjson
import pytest

torch = pytest.importorskip("torch")

from shopwright.encoding.language_model import LanguageModel
from shopwright.errors import InputError
from shopwright.policy.query import Tagger, TaggerNetwork, bare, word_states, words_of
from shopwright.policy.query_generation import QueryGenerator
from shopwright.training.methods.query import (
    QUERY_POLICY,
    QueryConfig,
    read_pairs,
    train_query,
)

# What is typed here: everything but the words of politeness.
POLITE = ("find", "me", "a", "for", "every", "day", "please")
THINGS = (
    "lead free",
    "hand painted",
    "dishwasher safe",
    "ceramic",
    "steel",
    "glass",
    "red",
    "blue",
)
PAIRS = {
    f"find me a {one} {kind} for every {other} day": [f"{one} {kind} {other}"]
    for one in THINGS
    for other in THINGS
    for kind in ("mug", "mugs")
    if one != other
}


def test_words_are_those_of_the_request_without_its_price():
    text = "Find me red Shoes, size 9, and price lower than 40.00 dollars"
    assert words_of(text) == ["Find", "me", "red", "Shoes,", "size", "9"]
    assert [bare(word) for word in ('"Shoes,"', "3.5", "(red)")] == ["shoes", "3.5", "red"]


def test_every_word_has_the_mean_state_of_its_tokens(tiny_model_folder):
    model = LanguageModel(str(tiny_model_folder), precision="float32")
    (states,) = word_states(model, ["find unknownword mug"])
    (text,) = model.encode(["find unknownword mug"], limits=[128])
    lengths = [len(tokens) for tokens in model.tokens(["find", "unknownword"], limits=[9, 30])]
    assert lengths[1] > 1
    middle = text.states[lengths[0] : sum(lengths)].mean(axis=0)
    assert states.shape[0] == 3
    assert states[1, : model.dimensions] == pytest.approx(middle, abs=1e-5)
    assert states[2, : model.dimensions] == pytest.approx(text.states[-1], abs=1e-5)


@pytest.fixture(scope="module")
def trained(tiny_shop, tiny_model_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("query") / "run"
    config = QueryConfig(
        language_model=str(tiny_model_folder), steps=300, learning_rate=1e-2, threads=1
    )
    return folder, train_query(tiny_shop, PAIRS, folder, config), config


def written_tagger(folder, model_folder):
    """The tagger as its training wrote it."""
    said = QUERY_POLICY.read(folder)
    network = QUERY_POLICY.fill(folder, said, lambda: TaggerNetwork(**said["network"]))
    return Tagger(network, LanguageModel(str(model_folder), precision="float32"))


def test_the_tagger_learns_which_words_are_typed(trained, tiny_model_folder):
    folder, result, _ = trained
    assert result["held_out"]["requests"] > 3
    found = result["held_out"]
    assert found["f1"] > 0.8
    assert found["f1"] > found["f1_of_the_whole_request"] + 0.15
    policy = written_tagger(folder, tiny_model_folder)
    kept = policy.kept("find me a steel mug for every blue day")
    typed = [chance for word, chance in kept if word not in POLITE]
    polite = [chance for word, chance in kept if word in POLITE]
    assert sum(typed) / len(typed) > sum(polite) / len(polite) + 0.2


def test_proposals_differ_and_there_is_always_one(trained, tiny_model_folder):
    policy = written_tagger(trained[0], tiny_model_folder)
    proposals = policy.propose("find me a ceramic mug for every red day", 5)
    assert len(proposals) == len(set(proposals)) <= 5
    for odd in ("", "   ", "!!", "find", "\x00\x1b[31m", "ç" * 5000):
        queries = policy.propose(odd, 3)
        assert 1 <= len(queries) <= 3


def test_a_killed_run_ends_at_the_same_bytes(tiny_shop, tiny_model_folder, tmp_path):
    config = QueryConfig(
        language_model=str(tiny_model_folder), steps=9, checkpoint_every=4, log_every=2, threads=1
    )

    def kill(stage, done, total):
        if done == 6:
            raise KeyboardInterrupt

    train_query(tiny_shop, PAIRS, tmp_path / "whole", config)
    with pytest.raises(KeyboardInterrupt):
        train_query(tiny_shop, PAIRS, tmp_path / "broken", config, progress=kill)
    train_query(tiny_shop, PAIRS, tmp_path / "broken", config)
    for name in ("query.safetensors", "metrics.jsonl"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "broken" / name).read_bytes()


def write_tiny_bart(folder, tokenizer_folder):
    """A BART of one layer each way, with random weights and the tiny encoder's vocabulary."""
    from transformers import AutoTokenizer, BartConfig, BartForConditionalGeneration

    tokenizer = AutoTokenizer.from_pretrained(str(tokenizer_folder))
    config = BartConfig(
        vocab_size=len(tokenizer), d_model=48, encoder_layers=1, decoder_layers=1,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=96,
        decoder_ffn_dim=96, max_position_embeddings=64, dropout=0.0,
        pad_token_id=tokenizer.pad_token_id, bos_token_id=tokenizer.cls_token_id,
        eos_token_id=tokenizer.sep_token_id, decoder_start_token_id=tokenizer.cls_token_id,
        forced_eos_token_id=None,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        BartForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_a_generator_learns_pairs_and_proposes_them_by_beam_search(
    tiny_shop, tiny_model_folder, tmp_path
):
    model = write_tiny_bart(tmp_path / "bart", tiny_model_folder)
    pairs = {f"find me a {thing} mug": [f"{thing} mug"] for thing in THINGS}
    config = QueryConfig(
        kind="generator", language_model=str(model), steps=150, learning_rate=3e-3,
        batch_size=8, weight_decay=0.0, threads=1,
    )  # fmt: skip
    before = QueryGenerator(str(model))
    train_query(tiny_shop, pairs, tmp_path / "run", config)
    policy = QueryGenerator(str(tmp_path / "run" / "model"))
    metrics = [orjson.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").open("rb")]
    assert metrics[-1]["loss"] < metrics[0]["loss"] / 10
    seen = "find me a glass mug"
    assert policy.propose(seen, 3)[0] == "glass mug"
    assert before.propose(seen, 3)[0] != "glass mug"
    assert len(set(policy.propose(seen, 3))) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[]", "expected an object"),
        (b'{"a": "b"}', "expected a list of queries"),
        (b"{}", "at least one pair"),
        (b'{"a"', "expected JSON"),
    ],
)
def test_files_that_hold_no_pairs_are_refused(content, message, tmp_path):
    path = tmp_path / "pairs.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_pairs(path)


def test_the_real_pairs_are_read(shared):
    assert len(read_pairs(shared / "webshop" / "goal_query_map.json")) == 1506
