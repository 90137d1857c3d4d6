"""The polite client: documents and pages from government sites, asked for as a good guest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from types import TracebackType
from urllib.parse import urlencode

from schemas.discovery import Page, PageRequest
from schemas.errors import FetchTrouble
from schemas.fetched import Fetched, FetchEvidence, Validators
from schemas.settings import FetchSettings
from schemas.site import Site
from tasks.fetch.address import parse
from tasks.fetch.cache import KnownPage, ListCache, cache_key
from tasks.fetch.clock import Clock, SystemClock
from tasks.fetch.courier import Courier
from tasks.fetch.decode import decode
from tasks.fetch.dial import Resolve, system_resolve
from tasks.fetch.ending import Ending
from tasks.fetch.expect import file_name
from tasks.fetch.gate import HostGate, LocalGate
from tasks.fetch.lease import Leases, SharedGate
from tasks.fetch.policy import Policies
from tasks.fetch.trail import Arrival, Errand
from tasks.fetch.wire import Wire

_DOCUMENT = "document"
# A family's marks for requests that bring a list; a page like it in an article's place is then noticed.
_LIST_PURPOSES = frozenset({"list", "page", "column", "frame"})


class PoliteClient:
    """Fetches documents and pages; one line per host, many hosts at once from many threads.

    `sites` is the registry (who may be asked how), `cache` remembers list pages between runs, `leases` let it share the
    lines at hosts with other processes (`gate` brings another kind of line), `record` is told the evidence of every
    attempt, robots.txt included. Use it as a context manager or call `close`.
    """

    def __init__(
        self,
        settings: FetchSettings | None = None,
        *,
        sites: Iterable[Site] = (),
        cache: ListCache | None = None,
        gate: HostGate | None = None,
        leases: Leases | None = None,
        record: Callable[[FetchEvidence], None] | None = None,
        clock: Clock | None = None,
        resolve: Resolve = system_resolve,
    ) -> None:
        self.settings = settings or FetchSettings()
        self._clock = Ending(clock or SystemClock())
        self._cache = cache
        self._record = record
        self._policies = Policies(sites, self.settings)
        self._wire = Wire(self.settings, resolve)
        most = self.settings.max_wait
        self._shared = SharedGate(leases, self._clock, max_wait=most) if leases is not None and gate is None else None
        gate = gate or self._shared or LocalGate(self._clock, max_wait=most)
        self._courier = Courier(self.settings, self._policies, gate, self._wire, self._clock, record)

    def fetch(
        self,
        url: str | PageRequest,
        *,
        validators: Validators | None = None,
        site: Site | None = None,
        referer: str | None = None,
        expect: str | None = None,
    ) -> Fetched:
        """A document's bytes, or `not_modified` when the validators still hold.

        A PageRequest is judged by its purpose: anything but `document` is a page, which may be short or a fragment.
        `expect` names the kind of file that was promised (`pdf`, `docx` …) when the address does not show it. Raises
        FetchTrouble with a code of `schemas/reasons/fetch.yaml` and the evidence as `.evidence`.
        """
        request = PageRequest(url, purpose=_DOCUMENT) if isinstance(url, str) else url
        kind = "document" if request.purpose == _DOCUMENT else "page"
        errand = self._errand(request, site, kind, referer, validators, expect)
        arrival = self._courier.run(errand)
        answer = arrival.answer
        media_type = answer.headers.get("content-type")
        name = file_name(arrival.address.url, answer.headers)
        if arrival.not_modified:
            return Fetched(None, None, media_type, arrival.evidence, not_modified=True, name=name)
        return Fetched(answer.body, _hash(answer.body), media_type, arrival.evidence, name=name)

    def page(self, request: PageRequest, site: Site | None = None) -> Page:
        """A page as decoded text, for discovery; known pages are asked for conditionally. Raises FetchTrouble."""
        key = cache_key(request) if self._cache is not None else None
        known = self._cache.known(key) if self._cache is not None and key is not None else None
        validators = Validators(known.etag, known.last_modified, known.url) if known is not None else None
        arrival = self._courier.run(self._errand(request, site, "page", validators=validators))
        if arrival.not_modified:
            assert self._cache is not None
            assert known is not None
            body = self._cache.body(known)
            if body is not None:
                return _page(request, arrival, body, known.content_type, not_modified=True)
            arrival = self._courier.run(self._errand(request, site, "page"))
        body, headers = arrival.answer.body, arrival.answer.headers
        if self._cache is not None and key is not None:
            etag, modified = headers.get("etag"), headers.get("last-modified")
            page = KnownPage(arrival.address.url, _hash(body), etag, modified, headers.get("content-type"))
            self._cache.remember(key, page, body)
        return _page(request, arrival, body, headers.get("content-type"))

    def stopped_hosts(self) -> dict[str, str]:
        """The hosts that are stopped now because they keep refusing or failing, with the sentence why."""
        return self._courier.breaker.stopped()

    def close(self) -> None:
        """Close all connections, and give back the lines that are shared."""
        self._wire.close()
        if self._shared is not None:
            self._shared.close()

    def end(self) -> None:
        """For good: who waits for a turn or an answer gets `fetch.ended` at once, and nobody is asked any more."""
        self._clock.end()
        self._wire.end()
        self.close()

    def __enter__(self) -> PoliteClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _errand(
        self,
        request: PageRequest,
        site: Site | None,
        kind: str,
        referer: str | None = None,
        validators: Validators | None = None,
        expect: str | None = None,
    ) -> Errand:
        method, url, headers = request.method.upper(), request.url, request.headers
        if method == "GET" and request.form:
            url += ("&" if "?" in url else "?") + urlencode(request.form)
        try:
            start = parse(url)
            admitted = self._policies.admit(start, site)
            if referer is not None:
                headers = (*headers, ("Referer", parse(referer).url))
        except FetchTrouble as trouble:
            trouble.evidence = FetchEvidence(
                url, url, self._clock.now(), None, "not-asked", 0.0, 0.0, trouble=trouble.code, method=method
            )
            if self._record is not None:
                self._record(trouble.evidence)
            raise
        is_page = kind == "page"
        return Errand(
            start=start,
            kind=kind,
            limit=self.settings.max_page_bytes if is_page else self.settings.max_document_bytes,
            site=admitted,
            method=method,
            form=request.form if method != "GET" else (),
            json=request.json,
            headers=headers,
            validators=validators,
            expect=expect,
            is_list=is_page and request.purpose in _LIST_PURPOSES,
        )


def _page(
    request: PageRequest, arrival: Arrival, body: bytes, content_type: str | None, *, not_modified: bool = False
) -> Page:
    headers = dict(arrival.answer.headers)
    if content_type is not None:
        headers["content-type"] = content_type
    return Page(
        request=request,
        url=arrival.address.url,
        status=200,
        text=decode(body, content_type).text,
        headers=headers,
        sha256=_hash(body),
        not_modified=not_modified,
    )


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()
