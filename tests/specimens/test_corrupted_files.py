"""Mutants and bombs are the same for the same seed, and others for another."""

from __future__ import annotations

from random import Random

import pytest

from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from specimens.corrupted_files import BYTES, STRUCTURE, Mutator
from specimens.hostile import BOMBS

PDF = draw_fillable(form_by_code("einvoice_withdrawal"), {"customer_no": "10000001"})
MUTATORS = {**BYTES, **STRUCTURE}


@pytest.mark.parametrize("mutate", MUTATORS.values(), ids=MUTATORS)
def test_a_mutant_is_told_by_its_seed(mutate: Mutator) -> None:
    made = [mutate(PDF, Random(seed)) for seed in range(5)]
    assert made == [mutate(PDF, Random(seed)) for seed in range(5)]
    assert len({*made}) > 1
    assert PDF not in made


@pytest.mark.parametrize("mutate", BYTES.values(), ids=BYTES)
def test_bytes_of_any_file_are_changed_even_of_the_shortest(mutate: Mutator) -> None:
    for seed in range(20):
        assert isinstance(mutate(b"ab", Random(seed)), bytes)


@pytest.mark.parametrize("kind", sorted(BOMBS))
def test_a_bomb_is_small_and_told_by_its_seed(kind: str) -> None:
    bomb = BOMBS[kind](Random(3))
    assert bomb == BOMBS[kind](Random(3))
    assert len(bomb) < 2_000_000
