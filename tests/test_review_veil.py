"""Hidden names: what is hidden, what is not, and that no page of the anonymous mode tells anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from autograder.gradebook.sheet import StudentInfo
from autograder.review.aliases import Aliases
from autograder.review.veil import SOMEBODY, hide
from tests.review_class import ROSTER, make_class
from tests.review_server import Running, serving

ADA = ROSTER[0]
RAY = StudentInfo("ray", "Ray Max Field", "rf@uni.edu", canvas_id="17")
WORDS = {"ray", "field", "max", "light", "the"}


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ('submit("ada7")', 'submit("Red Fox")'),
        ("ADA7, Ada Lovelace and ada lovelace", "Red Fox, Red Fox and Red Fox"),
        ("by Lovelace, Ada", "by Red Fox"),
        ("write to ada.lovelace@uni.edu", "write to Red Fox"),
        ("01_camera_geometry_ada7.zip, x/ada7/y", "01_camera_geometry_Red Fox.zip, x/Red Fox/y"),
        ("Canvas 90417, login alovelace", "Canvas Red Fox, login Red Fox"),
        ("Adam and Canada, 904170, ada70, lovelaces", "Adam and Canada, 904170, ada70, lovelaces"),
        ("with Carol Danvers and bjorn@uni.edu", f"with {SOMEBODY} and {SOMEBODY}"),
        ("with Björn Stråle, or Bjorn Strale", f"with {SOMEBODY}, or {SOMEBODY}"),
        ("Bjo\u0308rn Stra\u030ale.zip", f"{SOMEBODY}.zip"),  # as macOS spells a file
        ("Ada_Lovelace = 1", "Red Fox_Red Fox = 1"),
    ],
)
def test_names_are_hidden_in_any_spelling_and_nothing_else(text: str, hidden: str) -> None:
    assert hide(ADA, "Red Fox", ["x.zip"], ROSTER, WORDS)(text) == hidden


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("ray = the light field, x.max(), max(17, 1)", None),  # words of the handout and of Python
        ('submit("ray")', 'submit("Red Fox")'),
        ("Ray Max Field", "Red Fox"),
        ("I, Ray, wrote this", "I, Red Fox, wrote this"),
        ("01_camera_geometry_ray.ipynb", "01_camera_geometry_Red Fox.ipynb"),
        ("rf@uni.edu", "Red Fox"),
    ],
)
def test_a_name_that_is_an_everyday_word_hides_no_code(text: str, hidden: str | None) -> None:
    assert hide(RAY, "Red Fox", [], [], WORDS)(text) == (hidden or text)
    if hidden is None:
        assert hide(ADA, "Red Fox", [], [RAY], WORDS)(text) == text


@pytest.mark.parametrize("kind", ["'", "’", "&#x27;", "&#39;"])
@pytest.mark.parametrize("spelt", ["'", "’"])
def test_an_apostrophe_hides_nobody_s_name_from_us(kind: str, spelt: str) -> None:
    pat = StudentInfo("po1", f"Pat O{spelt}Brien")
    veil = hide(pat, "Red Fox", [], ROSTER, WORDS)
    text = f"by Pat O{kind}Brien, O{kind}Brien and Brien"
    assert veil(text) == "by Red Fox, Red Fox and Red Fox"
    assert hide(ADA, "Red Fox", [], [pat], WORDS)(f"Pat O{kind}Brien") == SOMEBODY


def test_of_classmates_only_whole_names_are_hidden() -> None:
    """The limit that the module states: single names are words of a language too often."""
    assert hide(ADA, "Red Fox", [], ROSTER, WORDS)("Mr Danvers") == "Mr Danvers"


def test_a_message_about_the_gradebook_names_nobody(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.gradebook.errors import GradebookError
    from autograder.review.classroom import Classroom

    def broken(*_: object) -> None:
        raise GradebookError("the row of Ada Lovelace cannot be read")

    client = running.client()
    monkeypatch.setattr(Classroom, "seats", broken)
    answer = client.get("/works/a1")
    assert answer.status_code == 503
    assert "Lovelace" not in answer.text
    assert "autograder gradebook check" in answer.text
    client.close()


def test_names_that_the_file_tells_are_hidden_too() -> None:
    veil = hide(ADA, "Red Fox", ["Countess (she/her)", "king_ada_hw.zip"], ROSTER, WORDS)
    assert veil("Countess (she/her): king_ada_hw.zip, king_ada_hw") == "Red Fox: Red Fox, Red Fox"


def test_an_alias_that_is_somebody_s_name_stays() -> None:
    robin = StudentInfo("robin", "Robin Fox")
    assert (
        hide(ADA, "Amber Robin", [], [robin], WORDS)("ada7 and robin")
        == f"Amber Robin and {SOMEBODY}"
    )


def test_a_name_is_text_and_no_pattern() -> None:
    odd = StudentInfo("a.*b(", "[x] (y|z)")
    assert hide(odd, "Red Fox", [], [], WORDS)("aXXb( a.*b( [x] (y|z)") == "aXXb( Red Fox Red Fox"


def test_aliases_stay_when_others_join_and_differ_by_assignment_and_secret() -> None:
    few = [f"s{n}" for n in range(40)]
    many = [*few, *(f"t{n}" for n in range(400))]
    one, later = Aliases("secret", "a1", few), Aliases("secret", "a1", many)
    assert all(one.name(s) == later.name(s) and one.key(s) == later.key(s) for s in few)
    assert len({later.name(s) for s in many}) == len({later.key(s) for s in many}) == len(many)
    for other in (Aliases("secret", "a2", few), Aliases("another", "a1", few)):
        assert sum(other.name(s) == one.name(s) for s in few) < 4
        assert not {other.key(s) for s in few} & {one.key(s) for s in few}
    assert later.student(later.key("t7")) == "t7"
    assert later.student("nobody") is None


def test_a_class_of_thousands_finds_names_for_all() -> None:
    many = [f"s{n}" for n in range(6_000)]
    found = Aliases("secret", "a1", many)
    assert len({found.name(s) for s in many}) == len(many)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("course") / "here"
    folder = make_class(root)
    with serving(root, folder, anonymous=True) as server:
        yield server


def test_no_page_tells_who_it_is(running: Running) -> None:
    client = running.client()
    telling = ["ada7", "ada7zig", "Ada", "Lovelace", "alovelace", "90417", "bjorn", "Björn", "Stråle", "carol",
               "Carol", "Danvers", "uni.edu", "b.zip", "c.zip", "alovelace_upload"]  # fmt: skip
    pages = ["/", "/works/a1", "/works/a1/items/half_pixel"]
    for student in ("ada7", "bjorn", "carol"):
        person = running.person(student)
        pages += [
            person,
            f"{person}/notebook",
            running.item(student),
            running.item(student, "look_at"),
        ]
    frames = []
    for path in pages:
        answer = client.get(path)
        assert answer.status_code == 200, path
        text = f"{answer.url} {answer.text}"
        for name in telling:
            assert not re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![a-z])", text), (
                f"{name}: {path}"
            )
        frames += re.findall(r'src="(/works/[^"]*/outputs/[^"]*)"', answer.text)
    assert frames
    for path in set(frames):
        assert not any(name in client.get(path).text for name in telling), path
    assert running.room.aliases("a1").name("ada7") in client.get(running.person("ada7")).text
    client.close()


def test_names_that_are_hidden_for_good_cannot_be_shown(running: Running) -> None:
    client = running.client()
    form = {"key": running.keys.form, "on": "0", "back": running.person("ada7")}
    assert "Ada" not in client.post("/anonymous", data=form).text.replace("Adam", "")
    client.cookies.set("review-anonymous", "0")
    assert "Lovelace" not in client.get("/works/a1").text
    assert "Show names" not in client.get("/works/a1").text
    client.close()


def test_what_is_said_of_a_saved_grade_has_no_name_either(running: Running) -> None:
    from tests.review_server import fields

    client = running.client()
    place = running.item("ada7")
    form = fields(client.get(place).text)
    for points in ("1", "99"):  # saved, and refused with a message of the gradebook
        answer = client.post(place, data={**form, "points": points, "action": "stay"})
        assert running.room.aliases("a1").name("ada7") in answer.text
        assert not re.search(r"\bAda\b|ada7|Lovelace", answer.text)
        form = fields(client.get(place).text)
    client.close()


def test_a_comment_that_names_the_student_is_not_changed_by_grading_without_names(
    running: Running,
) -> None:
    from autograder.gradebook.history import audit_trail
    from tests.review_server import fields

    running.room.desk.comment("bjorn", "a1", "Dear Björn Stråle,\n\nwell done.", "half_pixel")
    client = running.client()
    place = running.item("bjorn")
    form = fields(client.get(place).text)
    assert "Björn" not in form["comment"]
    assert client.post(place, data={**form, "points": "2", "action": "stay"}).status_code == 200
    said = [e.new for e in audit_trail(running.room.book, "bjorn") if e.action == "comment"]
    assert said == ["Dear Björn Stråle,\n\nwell done."]
    client.close()
