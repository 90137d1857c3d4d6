"""PDF with a text layer to blocks: pypdfium2 for what lies on the page, own geometry for tables and paragraphs.

`read_pdf` is the door. `layer` and `shapes` read a page; `lattice` and `fill` make ruled tables, `rules` and `aligned`
the others; `parts` takes a page apart, `streams`, `prose` and `assemble` put it together; `careful` reads again.
"""

from tasks.read.pdf.door import read_pdf

__all__ = ["read_pdf"]
