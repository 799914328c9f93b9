"""The twelve checks as plain asserts, two per function: the form in which nbgrader and otter-grader take them.

Inputs are seeded and expected values come from torch's own functions, as an instructor would write them.
"""

from __future__ import annotations

PLAIN = "torch.manual_seed(7)\n"
CLOSE = "torch.testing.assert_close({}, {}, rtol=1e-4, atol=1e-5)\n"

ASSERTS: dict[str, tuple[str, ...]] = {
    "normalize_rows": (
        "x = torch.randn(5, 3)\n"
        + CLOSE.format("normalize_rows(x)", "torch.nn.functional.normalize(x, dim=-1)"),
        "x = torch.cat([torch.randn(5, 3), torch.zeros(1, 3)])\n"
        + CLOSE.format("normalize_rows(x)", "torch.nn.functional.normalize(x, dim=-1)"),
    ),
    "pairwise_distances": (
        "a, b = torch.randn(6, 3), torch.randn(4, 3)\n"
        + CLOSE.format("pairwise_distances(a, b)", "torch.cdist(a, b)"),
        "a = torch.randn(6, 3)\n"
        + CLOSE.format("pairwise_distances(a, a).diagonal()", "torch.zeros(6)"),
    ),
    "softmax": (
        "s = torch.randn(4, 7)\n" + CLOSE.format("softmax(s)", "torch.softmax(s, -1)"),
        "s = 1000 * torch.randn(2, 3, 5)\n" + CLOSE.format("softmax(s)", "torch.softmax(s, -1)"),
    ),
    "bilinear_lookup": tuple(
        f"image, row, column = torch.rand(8, 5), {row}, {column}\n"
        "grid = torch.stack([column / 4, row / 7], -1)[None, None] * 2 - 1\n"
        "expected = torch.nn.functional.grid_sample(image[None, None], grid, align_corners=True, "
        "padding_mode='border')[0, 0, 0]\n"
        + CLOSE.format("bilinear_lookup(image, row, column)", "expected")
        for row, column in (
            ("7 * torch.rand(20)", "4 * torch.rand(20)"),
            ("13 * torch.rand(20) - 3", "11 * torch.rand(20) - 3"),
        )
    ),
    "rotate": tuple(
        f"r, p = torch.linalg.qr(torch.randn({b}, 3, 3)).Q, torch.randn({b}, {n}, 3)\n"
        + CLOSE.format("rotate(r, p)", "p @ r.mT")
        for b, n in ((1, 5), (4, 4))
    ),
    "solve_ridge": tuple(
        f"a, y = torch.randn({n}, 4), torch.randn({n})\n"
        f"expected = torch.linalg.lstsq(torch.cat([a, {w} ** 0.5 * torch.eye(4)]), "
        "torch.cat([y, torch.zeros(4)])[:, None]).solution[:, 0]\n"
        + CLOSE.format(f"solve_ridge(a, y, {w})", "expected")
        for n, w in ((12, 0.0), (3, 0.5))
    ),
}
