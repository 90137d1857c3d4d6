"""An article that its site splits over several pages, put together again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemas.blocks import Blocks, Grid, Paragraph

_REPEATED = 12  # paragraphs at the top of a further page that may repeat the first one's head
_MORE = "html.more_pages"


def join(pages: Sequence[Blocks]) -> Blocks:
    """The pages of one article, in order, as one document; offsets fit the joined text.

    What each page repeats of the first one's head (title, date, source) is left out. `Place.page` numbers the further
    pages. `more` is empty then: all pages are here.
    """
    first, *others = pages
    if not others:
        return first
    head = {_plain(item.text) for item in first.items[:_REPEATED] if isinstance(item, Paragraph)}
    items: list[Paragraph | Grid] = list(first.items)
    text = first.text
    for number, page in enumerate(others, start=2):
        kept = list(_without_head(page, head))
        start = kept[0].start if kept else len(page.text)
        shift = len(text) + 1 - start
        moved = [_placed(replace(item, start=item.start + shift), number) for item in kept]
        if moved and isinstance(moved[0], Grid) and isinstance(items[-1], Grid):
            moved[0] = replace(moved[0], continues=True)  # nothing but the page's end between two parts of a table
        items += moved
        text = f"{text}\n{page.text[start:]}"
    attachments = {file.url: file for page in pages for file in page.attachments}
    notes = dict.fromkeys(note for page in pages for note in page.notes if note != _MORE)
    return replace(
        first, items=tuple(items), text=text, attachments=tuple(attachments.values()), notes=tuple(notes), more=()
    )


def _without_head(page: Blocks, head: set[str]) -> Iterator[Paragraph | Grid]:
    """The page's items from the first one on that is not a line of the first page's head."""
    body = False
    for place, item in enumerate(page.items):
        repeated = isinstance(item, Paragraph) and _plain(item.text) in head and place < _REPEATED
        body = body or not repeated
        if body:
            yield item


def _placed(item: Paragraph | Grid, number: int) -> Paragraph | Grid:
    """The item with the number of its page, for the way back from a value to its source."""
    place = replace(item.place, page=number)
    if isinstance(item, Paragraph):
        return replace(item, place=place)
    cells = tuple(replace(cell, place=replace(cell.place, page=number)) for cell in item.cells)
    return replace(item, place=place, cells=cells)


def _plain(text: str) -> str:
    return "".join(text.split())
