"""Cases for rendering in chunks: rays whose number no chunk divides, in batches and broadcast."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from autograder.checking.cases import Case, Draw, cases_for


@cases_for("render_chunked")
def render_chunked(draw: Draw) -> Iterator[Case]:
    """Flat lists, images, one origin for all; chunks that leave a remainder, of one ray, of more than there are."""

    def case(name: str, origins: tuple[int, ...], rays: tuple[int, ...], chunk: int) -> Case:
        directions = torch.nn.functional.normalize(draw.normal(*rays, 3), dim=-1)
        inputs = {"origins": draw.normal(*origins, 3), "directions": directions, "chunk": chunk}
        truth = {"strength": draw.uniform(0.4, 1)}
        return Case("render_chunked", name, inputs, truth=truth, compare=False)

    yield case("eleven rays by four", (11,), (11,), 4)
    yield case("twelve rays by four", (12,), (12,), 4)
    yield case("an image", (5, 7), (5, 7), 6)
    yield case("a stack of images", (2, 3, 4), (2, 3, 4), 5)
    yield case("one ray", (), (), 3)
    yield case("one origin for all", (), (3, 5), 4)
    yield case("an origin for each row", (3, 1), (3, 5), 4)
    yield case("one direction for all", (4,), (), 3)
    yield case("one at a time", (5,), (5,), 1)
    yield case("all at once", (9,), (9,), 100)
