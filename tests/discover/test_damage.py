"""Damaged pages: whatever stands in them, a look ends with a result or an error of ours, within its bounds."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.discovery import PageRequest
from schemas.errors import NianbaoError
from tasks.discover import discover
from tests.discover import test_hanweb, test_trs
from tests.discover.fakesite import Answer, FakeSite, site, years

FRAGMENTS = [
    "<", "'", '"', ">", "</ul>", "</table>", "{{", "\x00", "&", "<li>", "9" * 30, "²", "<iframe src='?'>",
    "<a href='http://[x'>", "<a href='//'>下一页</a>", "<a href='viewer.html?file=http://[x'>2</a>", "createPageHTML(",
    "createPageHTML(99999999999999999999,0,'index','html')", "perPage:pageSize,", "<base href='http://[x'>",
]  # fmt: skip
SITES: dict[str, tuple[str, dict[str, Answer]]] = {
    "trs": (test_trs.COLUMN, test_trs.listing()),
    "hanweb_jpage": (
        test_hanweb.COLUMN,
        {test_hanweb.COLUMN: test_hanweb.column(), test_hanweb.PROXY: test_hanweb.only_pages(3)},
    ),
}
MOST = 200  # requests of one look


def damaged(pages: dict[str, Answer], harm: Callable[[str], str]) -> FakeSite:
    def answer(path: str) -> Callable[[PageRequest], str | None]:
        def give(request: PageRequest) -> str | None:
            sound = pages[path]
            text = sound(request) if callable(sound) else sound
            return harm(text) if text else text

        return give

    return FakeSite({path: answer(path) for path in pages})


@pytest.mark.parametrize("name", SITES)
@settings(max_examples=60)
@given(
    places=st.lists(st.tuples(st.floats(0, 1), st.sampled_from(FRAGMENTS)), min_size=1, max_size=4),
    cut=st.floats(0.2, 2),
)
def test_a_damaged_page_ends_in_a_result_or_in_an_error_of_ours(
    name: str, places: list[tuple[float, str]], cut: float
) -> None:
    column, pages = SITES[name]

    def harm(text: str) -> str:
        for place, fragment in places:
            at = int(place * len(text))
            text = text[:at] + fragment + text[at:]
        return text[: int(cut * len(text))]

    fake = damaged(pages, harm)
    with contextlib.suppress(NianbaoError):
        assert discover(site(column), years(2008, 2035), fake).looks
    assert len(fake.requests) < MOST
