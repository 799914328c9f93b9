"""The door: every request passes here first, and whatever is not certainly the grader's own is turned away."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autograder.review.keys import HEADERS, PAGE_POLICY, Keys, same

ENTRANCE = "/enter"
STATIC = "/static/"
OUR_NAMES = ("127.0.0.1", "localhost")
MOST_BYTES = 256 * 2**10  # of a form
MOST_FIELDS = 200
FORM_TYPE = "application/x-www-form-urlencoded"

Refuse = Callable[[int, str, str], Response]


class Refused(Exception):
    """A request that is turned away, with the page that says why."""

    def __init__(self, status: int, title: str, text: str) -> None:
        super().__init__(title)
        self.answer = (status, title, text)


class Door:
    """Lets in whoever came by the link in the terminal, from our own pages, with our own forms."""

    def __init__(self, app: ASGIApp, keys: Keys, refuse: Refuse) -> None:
        self._app, self._keys, self._refuse = app, keys, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or turn it away; either way with our headers."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no websockets here
            await send({"type": "websocket.close", "code": 1008})
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _protect(MutableHeaders(scope=message))
            await send(message)

        try:
            answer = self._entrance(scope)
            if answer is None:
                self._check(scope)
                receive = await self._checked_form(scope, receive)
        except Refused as refused:
            answer = self._refuse(*refused.answer)
        await (answer or self._app)(scope, receive, guarded)

    def _entrance(self, scope: Scope) -> Response | None:
        """The first link: its token is exchanged for a cookie and leaves the address bar."""
        headers = Headers(scope=scope)
        name = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
        if name not in OUR_NAMES:  # a page elsewhere may point its own name at this machine
            raise Refused(403, "Not this address", "This page answers at http://127.0.0.1 only.")
        if scope["path"] != ENTRANCE:
            return None
        given = parse_qs(scope["query_string"].decode("ascii", "replace")).get("token", [""])[0]
        if scope["method"] != "GET" or not same(given, self._keys.token):
            raise Refused(403, "This link is not valid any more", _NEW_LINK)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            self._keys.cookie_name, self._keys.cookie, httponly=True, samesite="strict", path="/"
        )
        return answer

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if scope["path"].startswith(STATIC) and scope["method"] == "GET":
            return  # style and script of the pages that say why not; nothing of anybody
        if not same(_cookie(headers, self._keys.cookie_name), self._keys.cookie):
            raise Refused(403, "A new link is needed", _NEW_LINK)
        site = headers.get("sec-fetch-site")
        if scope["method"] in ("GET", "HEAD"):
            if site not in (None, "none", "same-origin"):
                raise Refused(403, "Another page has sent you here", _FROM_ELSEWHERE)
            return
        if scope["method"] != "POST":
            raise Refused(405, "Not possible", f"{scope['method']} is not used here.")
        origin = headers.get("origin")
        ours = f"http://{headers.get('host', '')}"
        # Our pages send no referrer, so browsers say "null" for their own forms and tell by Sec-Fetch-Site.
        known = (None, "null", ours) if site == "same-origin" else (ours,)
        if site not in (None, "same-origin") or origin not in known:
            raise Refused(403, "This form came from elsewhere", _FORM)

    async def _checked_form(self, scope: Scope, receive: Receive) -> Receive:
        """The body of a form, read up to a limit and signed by us; given on to whoever reads it next."""
        if scope["method"] != "POST":
            return receive
        if Headers(scope=scope).get("content-type", "").partition(";")[0] != FORM_TYPE:
            raise Refused(415, "Not a form", "Only the forms of these pages are read.")
        body = await _body(receive)
        try:
            form = parse_qs(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
        except ValueError:
            text = f"A form may hold {MOST_FIELDS} fields. Nothing was saved."
            raise Refused(413, "Too long", text) from None
        given = form.get("key", [""])[0]
        if not same(given, self._keys.form):
            raise Refused(403, "This form is too old", _FORM)

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        return again


_NEW_LINK = (
    "Each start of `autograder serve` makes a new link, and only that opens these pages. Copy the one that the "
    "terminal shows, or start `autograder serve` again. What you have saved is in the gradebook."
)
_FROM_ELSEWHERE = (
    "For your safety these pages cannot be opened from another page. Go on from here instead."
)
_FORM = (
    "Nothing was saved. Go back, reload that page (copy first what you have written), and send it again. "
    "If this comes up once more, take the link that the terminal shows."
)


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "Cut off", "The form did not arrive whole. Nothing was saved.")
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            text = f"A form may hold {MOST_BYTES // 1024} kB. Nothing was saved; write less."
            raise Refused(413, "Too long", text)
        if not message.get("more_body", False):
            return bytes(body)


def _cookie(headers: Headers, name: str) -> str | None:
    """Our cookie among those that every program at 127.0.0.1 has left there, however oddly spelt."""
    return cookie_parser(headers.get("cookie", "")).get(name)


def _protect(headers: MutableHeaders) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
    headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    headers.setdefault("X-Frame-Options", "DENY")
