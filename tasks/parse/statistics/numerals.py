"""Numbers as reports print them, to exact decimals: 8,850, 227.77, 三千五百, 18万."""

from __future__ import annotations

from decimal import Decimal

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_STEPS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10_000, "亿": 100_000_000}

CHINESE_DIGITS = "".join(_DIGITS) + "".join(_STEPS)
SCALES = _STEPS | _MYRIADS


def arabic(printed: str) -> Decimal:
    """`8,850` → 8850, `227.77` → 227.77; the printed decimals are kept."""
    return Decimal(printed.replace(",", ""))


def chinese(printed: str) -> int | None:
    """`二十三` → 23, `三千五百` → 3500, `两万三千` → 23000; None when the characters make no number."""
    total = section = 0
    digit: int | None = None
    floor = 10_000  # steps inside a section must fall: 三百五千 is no number
    myriad_floor = 10**12
    for char in printed:
        if char in _DIGITS:
            if digit is not None and digit != 0:
                return None
            digit = _DIGITS[char]
        elif char in _STEPS:
            step = _STEPS[char]
            if step >= floor or digit == 0:
                return None
            section += (1 if digit is None else digit) * step
            digit, floor = None, step
        elif char in _MYRIADS:
            myriad = _MYRIADS[char]
            section += digit or 0
            if section == 0 or myriad >= myriad_floor:
                return None
            total += section * myriad
            section, digit, floor, myriad_floor = 0, None, 10_000, myriad
        else:
            return None
    if digit is None and section == 0 and total == 0:
        return None
    return total + section + (digit or 0)
