"""HTML pages of any CMS to blocks, on lxml alone: body found by scoring, tables as grids, page furniture left out.

`read_html` is the door. `page` parses and cleans, `container` finds the report's body, `flow` walks it, `table` and
`soup` make grids of table markup and of tables built from other elements, `links` collects attachments.
"""

from tasks.read.html.door import links_of, read_html

__all__ = ["links_of", "read_html"]
