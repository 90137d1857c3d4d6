"""From a site to candidates: `discover` walks the report columns with the family of its CMS and proves completeness.

No network here: the walk is given a `get`. Sites are data (`registry`), families code (`families/`), titles decide.
"""

from tasks.discover.walk import discover

__all__ = ["discover"]
