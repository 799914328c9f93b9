"""The secrets of one run of the server, and the headers that every page is sent with."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

# No inline script or style sheet, nothing from elsewhere, no page of ours inside another. The sketches of checks are
# drawn with style attributes; those may stand, for they can load nothing.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# What a student's HTML is sent with: no script, no form, no address but data, an origin of its own.
FRAME_POLICY = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-DNS-Prefetch-Control": "off",  # a name that is only looked up has told somebody something, too
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Keys:
    """What opens the door (in the first link), keeps it open (a cookie), and signs forms."""

    cookie_name: str  # browsers share cookies among ports, so it names the port
    token: str = field(default_factory=_secret)
    cookie: str = field(default_factory=_secret)
    form: str = field(default_factory=_secret)


def same(given: str | None, secret: str) -> bool:
    """Whether they are equal, in a time that does not tell how much of it was right."""
    return hmac.compare_digest((given or "").encode("utf-8", "replace"), secret.encode())
