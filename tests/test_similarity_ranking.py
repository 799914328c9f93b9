"""Do copies in disguise rank above answers that people found on their own? Measured on the answer bank."""

from __future__ import annotations

import ast
import random
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from autograder.catalogue import load_catalogue
from autograder.grading.notebook_file import read_notebook
from autograder.grading.reference import load_reference
from autograder.grading.submission import Cell, Submission
from autograder.notebook.display import run_checks
from autograder.similarity.corpus import PUBLISHED, Corpus, open_corpus
from autograder.similarity.passages import Definitions
from autograder.similarity.ranking import Pair, rank
from autograder.similarity.weights import weigh
from autograder.source import read_source
from autograder.source.answer_bank import load_answer_bank
from tests.disguises import DISGUISES, disguise

REPOSITORY = Path(__file__).parents[1]
NOTEBOOK = "01_camera_geometry"
CATALOGUE = load_catalogue(NOTEBOOK)
IMPORTS = "import math\nfrom itertools import product\nimport torch\n"
KINDS = ("", *DISGUISES, "all")


@cache
def right_answers() -> dict[str, list[str]]:
    """Exercise → the solution and every right but different answer of the bank, each complete."""
    source = read_source(REPOSITORY / "solutions" / f"{NOTEBOOK}.py")
    found = {
        c.task.id: ["\n".join(c.lines)] for c in source.cells if c.task and c.cell_type == "code"
    }
    for banked in load_answer_bank(REPOSITORY / "solutions" / "answer_bank" / f"{NOTEBOOK}.py"):
        if banked.right:
            defined = {n.name: ast.unparse(n) for n in functions(found[banked.exercise][0])}
            defined |= {n.name: ast.unparse(n) for n in functions(banked.code)}
            found[banked.exercise].append("\n".join(defined.values()))
    return found


def functions(code: str) -> list[ast.FunctionDef]:
    return [node for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]


def submission(student: str, *codes: str) -> Submission:
    cells = tuple(Cell(n, "code", IMPORTS + code) for n, code in enumerate(codes, 1))
    return Submission(student, "", f"{student}.ipynb", "", cells)


@cache
def handout() -> Definitions:
    return open_corpus(REPOSITORY, CATALOGUE).handout


def corpus_of(*submissions: Submission) -> Corpus:
    corpus = Corpus(CATALOGUE, handout())
    for each in submissions:
        corpus.add(each)
    return corpus


def ranked(corpus: Corpus, most: int = 1000) -> list[Pair]:
    return rank(corpus, weigh(corpus), most)


def people(pair: Pair) -> set[str]:
    return {pair.first.owner, pair.second.owner}


def average_precision(scores: list[float], right: list[bool]) -> float:
    hits = np.array(right)[np.argsort(-np.array(scores), kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_disguised_answer_is_still_right(kind: str) -> None:
    """Otherwise the measurement below would be about different programs. The course's own checks say so."""
    names = load_reference(REPOSITORY / "solutions" / f"{NOTEBOOK}.py")
    space = dict(next(iter(names.values())).__globals__)
    for exercise, answers in right_answers().items():
        changed = disguise(answers[0], kind)
        assert changed != disguise(answers[0], "") or kind in ("reorder", "split"), exercise
        exec("from __future__ import annotations\n" + changed, space)
    for exercise in ("look_at", "render_points", "eight_point", "homogenize", "convert_camera"):
        assert [r.status for r in run_checks(exercise, space).results] == ["passed"], exercise


def test_copies_in_disguise_rank_above_answers_found_independently() -> None:
    """All exercises in one ranking: an answer with every disguise of itself, and with those of other answers."""
    scores: list[float] = []
    copied: list[bool] = []
    lowest = {}
    for exercise in CATALOGUE.exercises:
        answers = right_answers()[exercise.id]
        assert len(answers) >= 3
        labels = [(n, kind) for n in range(len(answers)) for kind in KINDS]
        corpus = corpus_of()
        for n, kind in labels:
            corpus.add(submission(f"{n} {kind}", disguise(answers[n], kind)))
        weights = weigh(corpus)[exercise.id]
        patterns = [work.patterns[exercise.id] for work in corpus.works]
        for one, other in combinations(range(len(labels)), 2):
            scores.append(weights.score(patterns[one], patterns[other]))
            copied.append(labels[one][0] == labels[other][0])
        lowest[exercise.id] = min(s for s, c in zip(scores, copied, strict=True) if c)
    assert 900 < sum(copied) < len(copied) / 2
    assert average_precision(scores, copied) > 0.99


@pytest.mark.parametrize("kind", KINDS)
def test_a_copied_notebook_leads_the_ranking(kind: str) -> None:
    """Seven people mix three answers per exercise; an eighth hands in the first one's, disguised."""
    answers = right_answers()
    class_ = []
    for n in range(7):
        codes = [random.Random(f"{n} {e}").choice(found) for e, found in answers.items()]
        class_.append(submission(f"student {n}", *codes))
    copy = [disguise(c.source.removeprefix(IMPORTS), kind, seed=3) for c in class_[0].cells]
    pairs = ranked(corpus_of(*class_, submission("copier", *copy)))
    assert people(pairs[0]) == {"student 0", "copier"}
    assert pairs[0].score > 0.1 + pairs[1].score


def test_a_few_copied_exercises_stand_out_in_the_pair() -> None:
    answers = right_answers()
    mine = [found[1] for found in answers.values()]
    copier = [found[2] for found in answers.values()]
    copier[10] = disguise(mine[10], "all")
    corpus = corpus_of(submission("mine", *mine), submission("copier", *copier))
    pair = next(p for p in ranked(corpus) if people(p) == {"mine", "copier"})
    assert max(pair.exercises, key=lambda e: pair.exercises[e]) == CATALOGUE.exercises[10].id


def test_what_the_handout_gives_counts_for_nobody() -> None:
    path = REPOSITORY / "notebooks" / f"{NOTEBOOK}.ipynb"
    cells = tuple(read_notebook(path.read_bytes(), 20))
    blank = [Submission(s, "", f"{s}.ipynb", "", cells) for s in ("one", "two")]
    assert ranked(corpus_of(*blank)) == []


def test_a_given_helper_pasted_into_two_answers_is_no_evidence() -> None:
    given = "def cross_matrix(w):\n    x, y, z = w.unbind(-1)\n    zero = torch.zeros_like(x)\n" \
        "    rows = [zero, -z, y, z, zero, -x, -y, x, zero]\n" \
        "    return torch.stack(rows, dim=-1).unflatten(-1, (3, 3))\n"  # fmt: skip
    pasted = given.replace("cross_matrix", "rotation_from_axis_angle")
    both = corpus_of(submission("one", pasted), submission("two", pasted))
    assert [p for p in ranked(both) if people(p) == {"one", "two"}] == []


def test_one_liners_cannot_reach_full_likeness() -> None:
    short = [found[0] for exercise, found in right_answers().items() if exercise == "transform"]
    long = [found[0] for exercise, found in right_answers().items() if exercise == "estimate_pose"]
    a_pair = corpus_of(submission("one", *short, *long), submission("two", *short, *long))
    pair = next(p for p in ranked(a_pair) if people(p) == {"one", "two"})
    assert pair.exercises["transform"] < 0.5 < 0.9 < pair.exercises["estimate_pose"]


def test_people_are_compared_once_and_never_with_themselves() -> None:
    code = right_answers()["estimate_pose"][1]
    corpus = corpus_of(submission("ann", code), submission("ann", code), submission("bob", code))
    corpus.add(submission("ann", code), "class_2025")
    corpus.add(submission("zoe", code), "class_2025")
    corpus.add(submission("yan", code), "class_2025")
    found = [(p.first.label, p.second.label) for p in ranked(corpus) if not p.second.published]
    assert len(found) == len(set(found))
    assert ("ann", "ann (class_2025)") not in found
    assert ("zoe (class_2025)", "yan (class_2025)") not in found
    assert ("bob", "zoe (class_2025)") in found
    assert ("bob", "ann (class_2025)") in found
    assert ("ann", "bob") in found
    assert not {("bob", "ann"), ("ann", "ann")} & set(found)  # once, in the order of the folder


def test_the_most_that_is_asked_for_is_shown() -> None:
    code = right_answers()["look_at"][1]
    corpus = corpus_of(*(submission(f"s{n}", code) for n in range(6)))
    assert len(ranked(corpus, most=4)) == 4
    assert ranked(open_corpus(REPOSITORY, CATALOGUE)) == []  # the published answer alone


def test_nobody_hides_behind_the_name_of_the_published_answer() -> None:
    code = right_answers()["estimate_pose"]
    corpus = open_corpus(REPOSITORY, CATALOGUE)
    corpus.add(submission(PUBLISHED, code[0]))
    corpus.add(submission("bob", code[1]))
    best = ranked(corpus)[0]
    assert (best.first.owner, best.first.published) == (PUBLISHED, False)
    assert best.second.published


def test_later_attempts_do_not_make_a_pattern_common() -> None:
    """Five attempts of one person weigh like one: what they share with a copier stays as rare."""
    code = right_answers()["estimate_pose"]
    others = [submission(f"other {n}", code[0]) for n in range(3)]
    once = corpus_of(submission("ann", code[1]), submission("bob", code[1]), *others)
    often = corpus_of(*[submission("ann", code[1])] * 5, submission("bob", code[1]), *others)
    one, five = (
        next(p.score for p in ranked(c) if people(p) == {"ann", "bob"}) for c in (once, often)
    )
    assert one == pytest.approx(five)


def test_an_answer_behind_the_name_of_a_given_helper_is_found() -> None:
    code = disguise(right_answers()["estimate_pose"][1], "rename")
    hidden = code.replace("def estimate_pose(", "def cross_matrix(")
    names = ", ".join(a.arg for a in functions(code)[0].args.args)
    hidden += f"\ndef estimate_pose({names}):\n    return cross_matrix({names})\n"
    corpus = corpus_of(submission("ann", code), submission("bob", hidden))
    assert ranked(corpus)[0].exercises["estimate_pose"] > 0.8


def test_a_deep_definition_of_a_given_name_harms_nobody() -> None:
    deep = "cross_matrix = " + " + ".join(["1"] * 900)
    corpus = corpus_of(submission("ann", deep), submission("bob", right_answers()["look_at"][1]))
    assert [len(work.patterns["look_at"]) > 0 for work in corpus.works] == [False, True]


def test_what_many_wrote_counts_less_than_what_two_wrote() -> None:
    answers = right_answers()["estimate_pose"]
    many = [submission(f"many {n}", answers[0]) for n in range(8)]
    pairs = ranked(corpus_of(*many, *(submission(f"rare {n}", answers[1]) for n in range(2))))
    assert people(pairs[0]) == {"rare 0", "rare 1"}
    assert pairs[0].score > 1.02 * pairs[1].score
