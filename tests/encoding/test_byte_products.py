"""Products of bytes against those of whole numbers."""

from __future__ import annotations

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
