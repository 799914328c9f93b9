"""Parts of PosedViews and views put together: whatever is taken, every field comes along alike."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.data import PosedViews, ViewsError
from tests.sound_views import NAMES, make_views

SOUND = make_views(2, 3)


class TestIndexing:
    @given(
        st.sampled_from([(4,), (3, 2)]),
        st.one_of(st.integers(-3, 2), st.slices(3), st.lists(st.integers(-3, 2), max_size=5)),
    )
    def test_every_field_is_taken_alike(self, batch: tuple[int, ...], index: Any) -> None:
        views = make_views(*batch)
        chosen = np.arange(views.count).reshape(batch)[index]
        part = views[index]
        assert part.batch_shape == chosen.shape
        flat = views.flat()
        for field, value in part.tensors().items():
            expected = getattr(flat, field)[torch.from_numpy(chosen.reshape(-1).astype(np.int64))]
            assert torch.equal(value.reshape(expected.shape), expected), field
        assert (part.near, part.far, part.label_names) == (views.near, views.far, NAMES)

    def test_by_mask_and_by_tensor(self) -> None:
        views = make_views(3)
        mask = torch.tensor([True, False, True])
        assert torch.equal(views[mask].images, views[torch.tensor([0, 2])].images)
        assert torch.equal(views[[True, False, True]].depth, views.depth[mask])

    def test_whole_numbers_and_slices_share_memory(self) -> None:
        views = make_views(3)
        assert views[1].images.data_ptr() == views.images[1].data_ptr()
        assert views[1:].images.data_ptr() == views.images[1].data_ptr()

    @pytest.mark.parametrize(("batch", "what"), [((3,), "view"), ((3, 2), "object")])
    def test_beyond_the_end(self, batch: tuple[int, ...], what: str) -> None:
        for index in (3, -4):
            with pytest.raises(IndexError, match=f"there is no {what} {index}; 3 are here"):
                make_views(*batch)[index]

    def test_iteration_ends(self) -> None:
        assert [view.batch_shape for view in make_views(3, 2)] == [(2,)] * 3

    def test_a_single_view_has_no_length(self) -> None:
        view = make_views(3)[0]
        with pytest.raises(TypeError, match=r"no len\(\); use flat\(\)"):
            len(view)
        assert len(view.flat()) == 1


class TestRandomPixels:
    @pytest.mark.parametrize("batch", [(3,), (2, 3)])
    def test_index_picks_what_it_says(self, batch: tuple[int, ...]) -> None:
        views = make_views(*batch)
        index = views.random_pixels(50, torch.Generator().manual_seed(1))
        assert len(index) == len(batch) + 2
        assert views.images[index].shape == (50, 3)
        assert views.depth[index].shape == (50,)

    def test_every_pixel_has_the_same_chance(self) -> None:
        views = make_views(2, resolution=(3, 4))
        index = views.random_pixels(24_000, torch.Generator().manual_seed(2))
        counts = torch.zeros(2, 3, 4).index_put_(index, torch.tensor(1.0), accumulate=True)
        chi_square = ((counts - 1000) ** 2 / 1000).sum()
        assert chi_square < 60  # 23 degrees of freedom: beyond it once in 30,000 seeds

    def test_the_generator_decides(self) -> None:
        a, b, c = (
            SOUND.random_pixels(20, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
        )
        assert all(map(torch.equal, a, b))
        assert not all(map(torch.equal, a, c))

    @pytest.mark.parametrize("count", [0, -3])
    def test_of_nothing(self, count: int) -> None:
        with pytest.raises(ValueError, match=f"cannot pick {count} pixels out of 6 views"):
            SOUND.random_pixels(count)
        with pytest.raises(ValueError, match="cannot pick 5 pixels out of 0 views"):
            SOUND[:0].random_pixels(5)


class TestSplit:
    @given(st.integers(2, 9), st.data())
    def test_is_a_partition_in_order(self, views: int, data: st.DataObject) -> None:
        held_out = data.draw(st.integers(1, views - 1))
        whole = make_views(views, extras=False)
        rest, held = whole.split(held_out, seed=data.draw(st.integers(0, 1000)))
        assert (len(rest), len(held)) == (views - held_out, held_out)
        place = {
            tuple(pose.flatten().tolist()): i for i, pose in enumerate(whole.world_from_camera)
        }
        order = [
            [place[tuple(pose.flatten().tolist())] for pose in part.world_from_camera]
            for part in (rest, held)
        ]
        assert order == [sorted(order[0]), sorted(order[1])]
        assert sorted(order[0] + order[1]) == list(range(views))

    def test_stays_the_same_from_release_to_release(self) -> None:
        views = make_views(8)
        _, held = views.split(3, seed=7)
        assert torch.equal(held.images, views.images[[1, 3, 6]])

    @pytest.mark.parametrize("held_out", [0, 3, -1])
    def test_leaves_some_on_either_side(self, held_out: int) -> None:
        with pytest.raises(ValueError, match=rf"held_out is {held_out}; of 3 .*1…2"):
            make_views(3).split(held_out)


class TestForeground:
    def test_depth_comes_first_then_labels_then_white(self) -> None:
        views = make_views(2, 3)
        seen = views.labels > 0
        assert torch.equal(views.foreground(), seen)
        only_labels = dataclasses.replace(views, depth=None)
        assert torch.equal(only_labels.foreground(), seen)
        images = torch.where(seen[..., None], views.images * 0.9, 1.0)
        only_images = dataclasses.replace(views, images=images, depth=None, labels=None)
        assert torch.equal(only_images.foreground(), seen)

    def test_a_thing_that_is_white_in_two_channels_is_seen(self) -> None:
        views = make_views(1, extras=False)
        yellow = torch.tensor([1.0, 1.0, 0.5]).expand_as(views.images)
        assert dataclasses.replace(views, images=yellow).foreground().all()


class TestPuttingTogether:
    def test_lists(self) -> None:
        whole = make_views(3, extras=False)
        parts = (list(whole.images), list(whole.K), list(whole.world_from_camera))
        made = PosedViews.from_lists(*parts, 0.4, 3.5, name="x")
        assert torch.equal(made.images, whole.images)
        assert torch.equal(made.K, whole.K)
        assert made.name == "x"

    @pytest.mark.parametrize(
        ("sizes", "poses", "message"),
        [
            (
                [(5, 7), (5, 7), (7, 5)],
                3,
                r"images\[2\] has shape \(7, 5, 3\), but images\[0\] has \(5, 7",
            ),
            ([(5, 7)] * 3, 2, r"world_from_camera has 2 entries for 3 images"),
            ([], 0, r"images is empty: there is nothing to see"),
        ],
    )
    def test_lists_that_do_not_fit(
        self, sizes: list[tuple[int, int]], poses: int, message: str
    ) -> None:
        images = [torch.rand(*size, 3) for size in sizes]
        with pytest.raises(ViewsError, match=message):
            PosedViews.from_lists(images, torch.eye(3), [torch.eye(4)] * poses, 1, 2)

    def test_a_stack_gives_its_objects_back(self) -> None:
        objects = [make_views(3, seed=seed) for seed in range(4)]
        batch = PosedViews.stack(objects, name="all")
        assert batch.batch_shape == (4, 3)
        assert batch.name == "all"
        for one, again in zip(objects, batch, strict=True):
            assert all(map(torch.equal, one.tensors().values(), again.tensors().values()))

    def test_a_stack_keeps_what_all_have(self) -> None:
        near, far = (
            dataclasses.replace(make_views(3), near=0.1),
            dataclasses.replace(make_views(3), far=9),
        )
        batch = PosedViews.stack([near, dataclasses.replace(far, depth=None)])
        assert batch.depth is None
        assert batch.labels is not None
        assert (batch.near, batch.far) == (0.1, 9)

    @pytest.mark.parametrize(
        ("other", "message"),
        [
            (
                make_views(2),
                r"objects\[1\] is PosedViews\('made up': 2 views of 5×7.*same number of views",
            ),
            (make_views(3, resolution=(7, 5)), r"objects\[1\] is .*7×5.*same resolution"),
            (
                make_views(3, extras=False),
                r"objects\[1\] has the label names \(\), objects\[0\] has \('ba",
            ),
        ],
    )
    def test_a_stack_of_unequal_objects(self, other: PosedViews, message: str) -> None:
        with pytest.raises(ViewsError, match=message):
            PosedViews.stack([make_views(3), other])

    def test_a_stack_of_nothing_or_of_batches(self) -> None:
        with pytest.raises(ViewsError, match="nothing to stack"):
            PosedViews.stack([])
        with pytest.raises(ViewsError, match=r"a batch already; use its flat\(\)"):
            PosedViews.stack([SOUND])
