"""A figure on its way to becoming a statistic."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tasks.parse.statistics.lexicon import Attribute, Lexicon
from tasks.parse.statistics.phrases import Name
from tasks.parse.statistics.quantities import Quantity

RATES = frozenset(("%", "‰", "个百分点", "倍"))


@dataclass(slots=True, eq=False)
class Found:
    """One figure (or statement of none) with everything the sentence says about it. Offsets are squeezed."""

    quantity: Quantity
    left: int  # where the words that name it begin
    name: Name
    statement: str  # its clause with # in its place
    topic: str = ""  # what the sentence speaks of: the last name that is more than a verb
    sentence: int = 0  # where its sentence begins
    attribute: Attribute | None = None
    own_name: bool = False  # the attribute has a name of its own (工程交易额), it is not joined to a subject
    suffix: str = ""  # 占比, 同比降低: what it says about its subject
    subject: Found | None = None  # what an attribute, a share or a change belongs to
    parent: Found | None = None
    relation: str | None = None
    group: int | None = None
    key: str | None = None
    outcome: str | None = None
    period: str | None = None
    none: bool = False
    metric: str = ""

    @property
    def is_rate(self) -> bool:
        """Rates, shares and changes are never whole or part of an enumeration."""
        return bool(self.suffix) or self.none or self.quantity.unit in RATES

    def amount(self, words: Lexicon) -> Decimal:
        """The value in its plain unit: 18 万条 is 180000."""
        return self.quantity.value * words.magnitude(self.quantity.unit)[0]

    def may_contain(self, part: Found, words: Lexicon) -> bool:
        """Whether this may be the whole of `part`: the same measure, in units of one kind."""
        own = self.attribute.measure if self.attribute else None
        other = part.attribute.measure if part.attribute else None
        return own == other and not self.is_rate and words.same_kind(self.quantity.unit, part.quantity.unit)
