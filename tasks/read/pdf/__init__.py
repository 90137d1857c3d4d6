"""PDF with a text layer to blocks: pypdfium2 for what lies on the page, own geometry for tables and paragraphs.

`read_pdf` is the door. `layer` and `shapes` read a page, `lattice` and `fill` make ruled tables, `aligned` the others,
`prose` paragraphs, `assemble` puts pages together, `careful` is the second reader (pdfplumber).
"""

from tasks.read.pdf.door import read_pdf

__all__ = ["read_pdf"]
