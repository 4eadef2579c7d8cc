"""Claims: whether the numbers in a lesson's prose are what the code gives."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from autograder.authoring.sources import Claim, Lesson


def broken_claims(lesson: Lesson) -> Iterator[tuple[Claim, str]]:
    """The claims that do not hold, each with the reason in words."""
    prose = " ".join(" ".join(cell.source.split()) for cell in lesson.notebook.cells if cell.cell_type == "markdown")
    names = lesson.references() if lesson.claims else {}
    for claim in lesson.claims:
        if (why := _broken(claim, prose, names)) is not None:
            yield claim, why


def _broken(claim: Claim, prose: str, names: Mapping[str, Any]) -> str | None:
    if " ".join(claim.sentence.split()) not in prose:
        return "no markdown cell says so"
    if absent := [number for number in claim.numbers if number not in claim.sentence]:
        return f"{absent[0]} does not stand in it"
    got = claim.compute(names)
    if not claim.numbers:
        return None if got is True else f"its code says {got!r}, not True"
    values = [got] if len(claim.numbers) == 1 else list(got)
    for number, value in zip(claim.numbers, values, strict=True):
        if not agrees(number, float(value)):
            return f"{number} is {float(value):.6g}"
    return None


def agrees(number: str, value: float) -> bool:
    """Whether `value` rounds to `number`, a decimal as prose writes it ("−1,024", "0.12667", "9.54e-7")."""
    written = Decimal(number.replace(",", "").replace("−", "-"))
    exponent = written.as_tuple().exponent
    assert isinstance(exponent, int), number  # no infinity
    last_digit = 10.0**exponent
    slack = 1e-9 * max(last_digit, abs(value))  # a value on the border rounds either way
    return math.isfinite(value) and abs(value - float(written)) <= 0.5 * last_digit + slack
