"""Who may come in: each rule of the review page's door, and what is said to whoever is turned away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.review_class import make_class
from tests.review_server import Running, fields, serving


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("course") / "here"
    folder = make_class(root)
    with serving(root, folder) as server:
        yield server


@pytest.fixture
def inside(running: Running) -> Iterator[httpx.Client]:
    client = running.client()
    yield client
    client.close()


def points_form(running: Running, client: httpx.Client) -> dict[str, str]:
    form = fields(client.get(running.item("ada7")).text)
    return {**form, "action": "give:1"}


def test_the_link_opens_once_and_its_token_leaves_the_address(running: Running) -> None:
    answer = httpx.get(running.link)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"]
    name = f"review-{running.address.rpartition(':')[2]}"
    assert cookie.startswith(f"{name}={running.keys.cookie};")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert running.keys.token != running.keys.cookie != running.keys.form


@pytest.mark.parametrize("token", ["", "wrong", "é", "x" * 10_000])
def test_a_wrong_token_opens_nothing(running: Running, token: str) -> None:
    answer = httpx.get(f"{running.address}/enter", params={"token": token})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "Each start of <code>autograder serve</code> makes a new link" in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/works/a1", "/works/a1/items/half_pixel", "/docs", "/openapi.json", "/nothing"]
)
@pytest.mark.parametrize("cookie", [None, "wrong", '"', "a=b; c"])
def test_without_the_cookie_there_is_only_the_way_to_a_new_link(
    running: Running, path: str, cookie: str | None
) -> None:
    headers = {"Cookie": f"{running.keys.cookie_name}={cookie}"} if cookie is not None else {}
    answer = httpx.get(running.address + path, headers=headers)
    assert answer.status_code == 403
    assert "A new link is needed" in answer.text
    assert "terminal shows, or start <code>autograder serve</code> again" in answer.text
    for name in ("Ada", "ada7", "Camera geometry"):
        assert name not in answer.text


@pytest.mark.parametrize(
    "host", ["evil.test", "evil.test:8765", "127.0.0.1.evil.test", "localhost.evil.test:1", "",
             "[::1]:80", "127.0.0.2", "127.0.0.1@evil.test"]
)  # fmt: skip
def test_another_host_name_is_refused_even_with_everything_else_right(
    inside: httpx.Client, running: Running, host: str
) -> None:
    for path in ("/", "/static/review.css", f"/enter?token={running.keys.token}"):
        answer = inside.get(path, headers={"Host": host})
        assert answer.status_code in (400, 403), path
        assert "set-cookie" not in answer.headers
        assert "Camera geometry" not in answer.text


def test_a_tunnel_with_another_port_is_let_in(running: Running, inside: httpx.Client) -> None:
    own = {"Host": "localhost:9999", "Cookie": f"{running.keys.cookie_name}={running.keys.cookie}"}
    assert inside.get("/", headers=own).status_code == 200
    form = points_form(running, inside)
    answer = inside.post(
        running.item("ada7"), data=form, headers={**own, "Origin": "http://localhost:9999"}
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_links_and_frames_elsewhere_do_not_lead_in(inside: httpx.Client, site: str) -> None:
    answer = inside.get("/works/a1", headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert "cannot be opened from another page" in answer.text
    assert inside.get("/works/a1", headers={"Sec-Fetch-Site": "none"}).status_code == 200
    assert inside.get("/works/a1", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        ({"Origin": "OWN"}, True),
        ({"Origin": "OWN", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, True),  # our pages send no referrer
        ({"Origin": "OWN", "Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "null", "Sec-Fetch-Site": "none"}, False),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, False),  # a sandboxed frame
        ({"Origin": "http://evil.test", "Sec-Fetch-Site": "same-origin"}, False),
        ({"Origin": "http://evil.test"}, False),
        ({"Origin": "https://127.0.0.1"}, False),
        ({"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"}, False),  # another port
    ],
)
def test_a_form_must_come_from_our_own_page(
    running: Running, inside: httpx.Client, headers: dict[str, str], let_in: bool
) -> None:
    headers = {k: running.address if v == "OWN" else v for k, v in headers.items()}
    form = points_form(running, inside)
    answer = inside.post(running.item("ada7"), data=form, headers=headers)
    assert (answer.status_code == 200) is let_in
    if not let_in:
        assert answer.status_code == 403
        assert "Nothing was saved" in answer.text


@pytest.mark.parametrize("key", [None, "", "wrong", "COOKIE"])
def test_a_form_must_be_signed(running: Running, inside: httpx.Client, key: str | None) -> None:
    form = points_form(running, inside)
    del form["key"]
    if key is not None:
        form["key"] = running.keys.cookie if key == "COOKIE" else key
    for path in (running.item("ada7"), running.person("ada7"), "/anonymous"):
        answer = inside.post(path, data=form)
        assert answer.status_code == 403
        assert "This form is too old" in answer.text


def test_bodies_that_are_no_forms_of_ours(running: Running, inside: httpx.Client) -> None:
    place = running.item("ada7")
    assert inside.post(place, json={"key": running.keys.form}).status_code == 415
    assert inside.post(place, files={"key": b"x"}).status_code == 415
    assert inside.put(place, data={"key": running.keys.form}).status_code == 405
    assert inside.delete(place).status_code == 405
    too_much = {"key": running.keys.form, "comment": "x" * 300_000}
    answer = inside.post(place, data=too_much)
    assert answer.status_code == 413
    assert "A form may hold 256 kB" in answer.text


def test_a_form_of_too_many_fields_is_refused_with_our_headers(
    running: Running, inside: httpx.Client
) -> None:
    form = {"key": running.keys.form, **{f"x{n}": "1" for n in range(300)}}
    answer = inside.post(running.item("ada7"), data=form)
    assert answer.status_code == 413
    assert "A form may hold 200 fields" in answer.text
    assert answer.headers["x-frame-options"] == "DENY"


def test_cookies_of_other_programs_do_not_lock_anybody_out(running: Running) -> None:
    own = f"{running.keys.cookie_name}={running.keys.cookie}"
    for odd in ('a={"x": 1, "y"', "a b=c", "=", "naïve", "[x]=1"):
        headers = {"Cookie": f"{odd}; {own}".encode()}
        assert httpx.get(running.address + "/", headers=headers).status_code == 200, odd


def test_every_answer_carries_the_headers(running: Running, inside: httpx.Client) -> None:
    stranger = httpx.Client(base_url=running.address)
    paths = ("/", "/works/a1", running.person("ada7"), running.item("ada7"), "/nothing",
             "/static/review.css", "/static/review.js", running.person("ada7") + "/notebook")  # fmt: skip
    for client in (inside, stranger):
        for path in paths:
            headers = client.get(path).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "script-src 'self';" in policy
            assert "style-src 'self';" in policy
            assert policy.count("unsafe") == policy.count("style-src-attr 'unsafe-inline'") == 1
            assert "frame-ancestors 'none'" in policy
            assert "form-action 'self'" in policy
            assert "base-uri 'none'" in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "no-store"
            assert headers["cross-origin-opener-policy"] == "same-origin"
            assert "server" not in headers
    stranger.close()


def test_the_script_has_no_company(running: Running, inside: httpx.Client) -> None:
    """One file of script, no script or style in a page."""
    for path in ("/", "/works/a1", running.person("ada7"), running.item("ada7")):
        page = inside.get(path).text
        assert page.count("<script") == 1
        assert '<script src="/static/review.js" defer></script>' in page
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page


def test_other_pages_of_the_framework_are_off(inside: httpx.Client) -> None:
    for path in ("/docs", "/redoc", "/openapi.json", "/static/", "/static/../app.py"):
        assert inside.get(path).status_code == 404


@pytest.mark.parametrize(
    "back", ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:1", ""]
)
def test_the_switch_for_names_leads_to_our_own_pages_only(
    running: Running, inside: httpx.Client, back: str
) -> None:
    form = {"key": running.keys.form, "on": "0", "back": back}
    answer = inside.post("/anonymous", data=form, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_the_server_listens_on_this_machine_only(running: Running) -> None:
    import socket

    port = int(running.address.rpartition(":")[2])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing; tells this machine's other address
        other = probe.getsockname()[0]
    if other.startswith("127."):
        pytest.skip("this machine has no other address")
    with pytest.raises((ConnectionError, TimeoutError)):
        socket.create_connection((other, port), timeout=2)


def test_secrets_differ_from_start_to_start(running: Running, tmp_path: Path) -> None:
    from autograder.review.keys import Keys

    one, other = Keys("a"), Keys("a")
    assert len({one.token, one.cookie, one.form, other.token, other.cookie, other.form}) == 6
    assert min(len(one.token), len(one.cookie), len(one.form)) >= 40
