"""From what is known to HTML: one environment in which every text is made visible, veiled and escaped."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.responses import HTMLResponse

from autograder.report.environment import page_environment, sentence
from autograder.review.highlight import highlighted
from autograder.review.keys import Keys
from autograder.review.prose import prose
from autograder.review.veil import NO_VEIL, Veil
from autograder.review.visible import visible


@dataclass
class Pages:
    """Renders pages for one run of the server, and remembers what to say on the next one."""

    keys: Keys
    course: str
    who: str
    locked: bool = False  # anonymous, and nobody can change that
    _told: OrderedDict[str, str] = field(default_factory=OrderedDict)

    def render(
        self,
        template: str,
        *,
        status: int = 200,
        veil: Veil = NO_VEIL,
        anonymous: bool = False,
        told: str = "",
        **context: Any,
    ) -> HTMLResponse:
        """A page. `told` is the key of a sentence from `tell`."""
        shared: Mapping[str, Any] = {
            "veil": veil,
            "anonymous": anonymous,
            "locked": self.locked,
            "course": self.course,
            "who": self.who,
            "form_key": Markup(self.keys.form),
            "told": self._told.pop(told, ""),
        }
        html = _environment().get_template(template).render(**shared, **context)
        return HTMLResponse(html, status)

    def message(self, status: int, title: str, text: str) -> HTMLResponse:
        """A page with something to say, and the way back."""
        return self.render("message.html", status=status, title=title, text=text)

    def tell(self, text: str) -> str:
        """Keep a sentence for the next page; its key."""
        key = secrets.token_urlsafe(8)
        self._told[key] = text
        while len(self._told) > 50:
            self._told.popitem(last=False)
        return key


def at(*parts: object) -> Markup:
    """An address of ours, relative to nothing: each part is one step of the path."""
    return Markup("/" + "/".join(quote(str(part), safe="") for part in parts))


@lru_cache
def _environment() -> Environment:
    environment = page_environment("autograder.review")
    environment.finalize = _finalize
    environment.globals["at"] = at
    environment.filters |= {
        "sentence": pass_context(lambda context, text: sentence(_shown(context, text))),
        "code": pass_context(lambda context, text: highlighted(_shown(context, text))),
        "prose": pass_context(lambda context, text: prose(_shown(context, text))),
        "data_url": _data_url(environment.filters["data_url"]),
        "encoded": lambda data: Markup(data),  # base64, checked where it was read
        "when": lambda moment: f"{moment:%d %b %H:%M}" if moment else "",
        "percent": lambda share: f"{100 * share:.0f} %",
    }
    return environment


@pass_context
def _finalize(context: Context, value: Any) -> Any:
    """The last step of every `{{ }}`: text that is not ours is shown as it is, and without names."""
    return (
        _shown(context, value)
        if isinstance(value, str) and not hasattr(value, "__html__")
        else value
    )


def _shown(context: Context, text: str) -> str:
    veil = context.resolve("veil")
    if not isinstance(veil, Veil):  # a macro that was imported without its page's context
        raise RuntimeError("a template shows text without a veil")
    return visible(veil(text))


def _data_url(plain: Any) -> Any:
    return lambda png: Markup(
        plain(png)
    )  # base64 is neither to be searched for names nor to be escaped
