"""Documents to blocks: every format of the field as the same paragraphs and grids, each with its place.

`read` is the door; `attachments` names the files a page links to; `GuardedPool` runs either in bounded child processes.
Nothing here knows what a report means: that is for `tasks.parse`.
"""

from tasks.read.door import attachments, read
from tasks.read.guard import GuardedPool, Limits
from tasks.read.join import join
from tasks.read.sniff import Kind, sniff
from tasks.read.trouble import NoBody

__all__ = ["GuardedPool", "Kind", "Limits", "NoBody", "attachments", "join", "read", "sniff"]
