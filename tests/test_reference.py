"""The right answers as functions, and the public references made with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.grading.reference import load_reference, source_path
from autograder.handouts import build as build_module
from autograder.handouts.build import build
from autograder.source import InvalidSourceError, Source
from tests.toy_course import RELEASE, findings, unbuilt


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return unbuilt(tmp_path)


def test_the_reference_runs_the_answers_at_their_own_lines(tmp_path: Path) -> None:
    path = tmp_path / "01_toys.py"
    path.write_text(
        "# %% [markdown]\n# # 1 · Toys\n\n# %% export\nimport math\n\n# %%\nraise SystemExit\n\n"
        '# %% exercise="f" title="F" points=1\ndef f(x):\n    # BEGIN SOLUTION\n'
        "    return math.sqrt(x)\n    # END SOLUTION\n",
        encoding="utf-8",
    )
    reference = load_reference(path)
    assert list(reference) == ["f"]
    assert reference["f"](9.0) == 3.0
    assert reference["f"].__code__.co_firstlineno == 11
    assert reference["f"].__code__.co_filename == str(path)


def test_annotations_of_a_source_are_values_as_they_are_in_a_notebook(tmp_path: Path) -> None:
    path = tmp_path / "01_toys.py"
    path.write_text(
        "# %% [markdown]\n# # 1 · Toys\n\n# %% export\nfrom dataclasses import dataclass\n\n"
        "# %% export\n@dataclass\nclass Size:\n    width: int = 3\n\n"
        '# %% exercise="f" title="F" points=1\ndef f(size: Size) -> int:\n    # BEGIN SOLUTION\n'
        "    return size.width\n    # END SOLUTION\n",
        encoding="utf-8",
    )
    reference = load_reference(path)
    assert reference["f"](reference["Size"](5)) == 5
    assert reference["f"].__annotations__ == {"size": reference["Size"], "return": int}


def test_a_reference_that_needs_a_cell_it_did_not_export_says_so(tmp_path: Path) -> None:
    path = tmp_path / "01_toys.py"
    path.write_text(
        "# %% [markdown]\n# # 1 · Toys\n\n# %%\nimport math\n\n"
        '# %% exercise="f" title="F" points=1\ndef f(x=math.pi):\n    # BEGIN SOLUTION\n'
        "    return x + 1\n    # END SOLUTION\n",
        encoding="utf-8",
    )
    with pytest.raises(InvalidSourceError) as caught:
        load_reference(path)
    assert str(caught.value) == (
        f"{path}:8: the exported cells do not run on their own: NameError: name 'math' is not "
        "defined; mark the cell that defines it with `export`"
    )


def test_a_release_has_no_reference_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="a release for students leaves out"):
        source_path(tmp_path, "01_toy")
    with pytest.raises(FileNotFoundError, match="a release for students leaves solutions/ out"):
        load_reference(tmp_path / "solutions" / "01_toy.py")


def test_references_that_agree_are_left_as_they_are(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processors differ in the last digits: a rebuild elsewhere must not change the file."""
    torch = pytest.importorskip("torch")
    from autograder.checking.cases import Case, Cases

    (root / "autograder" / "checks" / "toy").mkdir(parents=True)
    (root / "autograder" / "checks" / "toy" / "check_areas.py").touch()
    scale = 1.0

    def drawn(source: Source) -> Cases:
        area = torch.tensor([9.0], dtype=torch.float64) * scale
        return Cases([Case("square", "three", {"side": torch.tensor([3.0])}, area)])

    monkeypatch.setattr(build_module, "draw_public_cases", drawn)
    monkeypatch.setattr("autograder.handouts.check.draw_public_cases", drawn)
    assert list(build(root, RELEASE))[-1].outcome == "written"
    path = root / "assets" / "references" / "01_toy.safetensors"
    before = path.read_bytes()
    scale = 1 + 1e-12
    assert list(build(root, RELEASE))[-1].outcome == "unchanged"
    assert path.read_bytes() == before
    scale = 1.5
    (finding,) = findings(root)
    assert finding.place == "assets/references/01_toy.safetensors"
    assert finding.details == ("square · three: expected changed",)
    assert list(build(root, RELEASE))[-1].outcome == "written"
    path.write_bytes(b"garbage")
    (finding,) = findings(root)
    assert finding.details[0].startswith("unreadable")
    path.unlink()
    (finding,) = findings(root)
    assert finding.details == ("missing",)
