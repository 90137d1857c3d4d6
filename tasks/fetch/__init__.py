"""url → document: the polite client, the names of what goes wrong, and the archive of bytes.

The only room that touches the network. Everything it raises is a FetchTrouble with a code of
`schemas/reasons/fetch.yaml` and the evidence of what was asked.
"""

from tasks.fetch.archive import Archive
from tasks.fetch.cache import FolderListCache, KnownPage, ListCache
from tasks.fetch.client import PoliteClient
from tasks.fetch.clock import Clock, SystemClock
from tasks.fetch.decode import Decoded, decode
from tasks.fetch.gate import HostGate, LocalGate, Pace, Turn
from tasks.fetch.lease import Leases, SharedGate

__all__ = [
    "Archive",
    "Clock",
    "Decoded",
    "FolderListCache",
    "HostGate",
    "KnownPage",
    "Leases",
    "ListCache",
    "LocalGate",
    "Pace",
    "PoliteClient",
    "SharedGate",
    "SystemClock",
    "Turn",
    "decode",
]
