"""Products of bytes against those of whole numbers."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")

from shopwright.encoding import byte_products
from shopwright.encoding.byte_products import (
    FIRST_STEPS,
    SECOND_STEPS,
    byte_product,
    row_products,
)


@pytest.mark.parametrize("library", [True, False])
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 128, 5), (70, 384, 27), (9, 1536, 40)])
@pytest.mark.parametrize("least", [-1.0, 0.9])
def test_no_product_overflows(monkeypatch, library, shape, least):
    # Where instructions add two products up in 16 bits the largest numbers would be the first.
    monkeypatch.setattr("torch.backends.mkldnn.is_available", lambda: library)
    rows, inner, columns = shape
    generator = torch.Generator().manual_seed(0)

    def drawn(steps: int, *size: int):
        low = int(least * steps)
        signs = torch.randint(0, 2, size, generator=generator) * 2 - 1
        values = torch.randint(low, steps + 1, size, generator=generator)
        return (values * (signs if least > 0 else 1)).to(torch.int8)

    first, second = drawn(FIRST_STEPS, rows, inner), drawn(SECOND_STEPS, inner, columns)
    assert torch.equal(byte_product(first, second).long(), first.long() @ second.long())
    most = torch.full_like(first, FIRST_STEPS), torch.full_like(second, SECOND_STEPS)
    assert byte_product(*most).unique().tolist() == [FIRST_STEPS * SECOND_STEPS * inner]


@pytest.mark.parametrize("adds_in_32_bits", [True, False])
@pytest.mark.parametrize("few", [1, 41])
def test_products_of_rows_are_those_of_whole_numbers(monkeypatch, adds_in_32_bits, few):
    if adds_in_32_bits and not byte_products._adds_in_32_bits():
        pytest.skip("this processor adds products of bytes in 16 bits")
    monkeypatch.setattr(byte_products, "_adds_in_32_bits", lambda: adds_in_32_bits)
    asked = torch.full((few, 128), SECOND_STEPS, dtype=torch.int8)
    states = torch.full((300, 128), FIRST_STEPS, dtype=torch.int8)
    generator = torch.Generator().manual_seed(few)
    asked[:, 64:] = torch.randint(-SECOND_STEPS, SECOND_STEPS + 1, (few, 64), generator=generator)
    states[100:] = torch.randint(-FIRST_STEPS, FIRST_STEPS + 1, (200, 128), generator=generator)
    assert torch.equal(row_products(asked, states).long(), asked.long() @ states.long().T)


def test_where_16_bits_add_up_the_many_come_first(monkeypatch):
    # Theirs are the larger numbers, which only the first matrix may have.
    taken = []
    monkeypatch.setattr(byte_products, "_adds_in_32_bits", lambda: False)
    monkeypatch.setattr(
        byte_products, "byte_product", lambda *pair: taken.append(pair) or byte_product(*pair)
    )
    few = torch.ones(2, 8, dtype=torch.int8)
    many = torch.full((5, 8), FIRST_STEPS, dtype=torch.int8)
    assert row_products(few, many).shape == (2, 5)
    ((first, second),) = taken
    assert torch.equal(first, many)
    assert torch.equal(second, few.T)


@pytest.mark.slow  # It starts another process, which loads torch.
def test_a_library_that_is_told_to_use_less_than_the_processor_has_multiplies_right():
    code = (
        "import torch\n"
        "from shopwright.encoding.byte_products import row_products\n"
        "few = torch.full((4, 384), 63, dtype=torch.int8)\n"
        "many = torch.full((300, 384), 127, dtype=torch.int8)\n"
        "print(row_products(few, many).unique().tolist())"
    )
    environment = {**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str([63 * 127 * 384])
