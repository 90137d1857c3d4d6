"""Every figure stated in the text of a report: a deterministic grammar, precise before it is complete.

The text is squeezed (`squeeze`), numbers with a unit are found and everything that is a date, a name, a rule or a
plan is left out (`quantities`), each figure is named from its clause (`phrases`, `naming`), enumerations and sums give
wholes and parts (`enumerations`, `sums`), statements of none count as 0 (`nones`), figures that a check needs get a
canonical key (`keys`). All words are data: schemas/forms/statistics.yaml. Conventions of the result:

* `value` and `unit` as printed: 18万余条 is 18 万条 with qualifier 余; 三千五百件 is 3500 件; % is the unit of rates.
* `qualifier` holds bounds and approximations only, joined by `、`; a range 3-5 个 is value 3 with qualifier `-5`.
* `unit` is None where none is printed: 信息数 79, and statements of none (value 0, the quote is the statement).
* `metric` joins what means nothing alone by `·`: 工程项目·交易额, 收到申请·同比降低, 不予公开·占比. It names the verb
  where the verb changes the meaning (收到申请, 答复申请) and not where it only introduces (发布, 完成, 开展).
* `parent` is the metric of the whole; `group` numbers the enumerations, the parts of one group add up to the whole.
  Rates, shares and changes have no parent: what they are said of is the metric before the last `·`.
* `period` is as printed, and None for the year of the report.
* `outcome` is what the sentence says of all of them: 答复 7 件, 均予以公开 is `granted`.

No statistics are: numbers of documents, articles, floors, lists; dates, telephones, addresses; names and slogans in
quotation marks; deadlines and hours of service; tariffs; estimates (预计, 每年将) and plans (下一步); how often a thing
is done (每周一次; but 每天不少于 3 次 is a bound that is stated); turns of phrase (三项制度, 六个方面, 其他事项无).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from schemas.report import Statistic
from tasks.parse.statistics.found import Found
from tasks.parse.statistics.grammar import read_region
from tasks.parse.statistics.lexicon import lexicon
from tasks.parse.statistics.naming import name_all
from tasks.parse.statistics.squeeze import Squeezed, squeeze

__all__ = ["extract"]


def extract(text: str, regions: Sequence[tuple[int, int, str]], *, year: int | None) -> tuple[Statistic, ...]:
    """Read the figures stated in the narrative regions (start, end, section code) of a reading text.

    Offsets of the result are offsets in `text`, and `text[start:end] == quote`. `year` is the year of the report; a
    period is named only where it is another one. Never raises; takes time linear in the length of the regions.
    """
    words = lexicon()
    groups = count(1)
    read: list[tuple[Squeezed, str, list[Found]]] = []
    for start, end, section in regions:
        squeezed = squeeze(text, max(0, start), min(end, len(text)))
        read.append((squeezed, section, read_region(squeezed.text, section, year, words, groups)))
    name_all([figures for _, _, figures in read], words)
    return tuple(_statistic(text, squeezed, figure, section) for squeezed, section, found in read for figure in found)


def _statistic(text: str, squeezed: Squeezed, figure: Found, section: str) -> Statistic:
    quantity, name = figure.quantity, figure.name
    start, end = squeezed.span(min(name.start, quantity.start), max(name.end, quantity.end))
    return Statistic(
        metric=figure.metric,
        value=quantity.value,
        unit=quantity.unit,
        quote=text[start:end],
        start=start,
        end=end,
        qualifier=quantity.qualifier,
        period=figure.period,
        parent=figure.parent.metric if figure.parent else None,
        relation=figure.relation,
        section=section,
        key=figure.key,
        outcome=figure.outcome,
        group=figure.group,
    )
