"""What a client remembers of a host during its life: cookies, and what the lists looked like."""

from __future__ import annotations

import threading
from collections import OrderedDict
from hashlib import blake2b

from requests.cookies import RequestsCookieJar

from tasks.fetch.address import Address
from tasks.fetch.markup import Html

_HOSTS = 1024
_LISTS = 500
_TELLING = 40  # letters that a page must have for its likeness to mean anything


class Cookies:
    """An ordinary cookie jar per host; those of the hosts not asked for longest are forgotten first."""

    def __init__(self) -> None:
        self._jars: OrderedDict[str, RequestsCookieJar] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, host: str) -> RequestsCookieJar:
        """The jar of a host."""
        with self._lock:
            jar = self._jars.get(host)
            if jar is None:
                jar = self._jars[host] = RequestsCookieJar()
                if len(self._jars) > _HOSTS:
                    self._jars.popitem(last=False)
            else:
                self._jars.move_to_end(host)
            return jar


class ListMemory:
    """Recognises a list page that is served in an article's place: some sites do so when asked too fast."""

    def __init__(self) -> None:
        self._lists: dict[str, OrderedDict[bytes, tuple[str, str]]] = {}
        self._lock = threading.Lock()

    def remember(self, address: Address, page: Html) -> None:
        """A list looked like this."""
        fingerprint = page.fingerprint
        if len(fingerprint) < _TELLING:
            return
        with self._lock:
            lists = self._lists.setdefault(address.host, OrderedDict())
            lists[_digest(fingerprint)] = (address.path, address.url)
            if len(lists) > _LISTS:
                lists.popitem(last=False)

    def same_as(self, address: Address, page: Html) -> str | None:
        """The address of the list that looks the same and stands at another path of the host."""
        if address.host not in self._lists:
            return None
        digest = _digest(page.fingerprint)
        with self._lock:
            found = self._lists[address.host].get(digest)
        return found[1] if found is not None and found[0] != address.path else None


def _digest(fingerprint: str) -> bytes:
    return blake2b(fingerprint.encode("utf-8", "replace"), digest_size=16).digest()
