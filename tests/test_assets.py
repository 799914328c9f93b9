"""The manifest: complete, truthful, and loud about damage."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from course_lib.data import AssetError, asset_path, assets_root, load_manifest
from course_lib.data.manifest import read_manifest, verified

ROOT = Path(__file__).parents[1]


def test_every_hash_is_the_file_s_own() -> None:
    for asset in load_manifest().values():
        found = hashlib.sha256((assets_root() / asset.file).read_bytes()).hexdigest()
        assert found == asset.sha256, asset.file


def test_every_shipped_file_is_in_the_manifest() -> None:
    listed = {asset.file for asset in load_manifest().values()}
    present = {
        p.relative_to(assets_root()).as_posix()
        for p in (assets_root() / "data").iterdir()
        if p.is_file()
    }
    assert present == listed


def test_every_licence_text_is_shipped() -> None:
    for asset in load_manifest().values():
        assert (assets_root() / asset.licence_file).stat().st_size > 300, asset.name
        assert asset.licence in {"CC0-1.0", "CC-BY-SA-3.0", "Apache-2.0", "BSD-3-Clause"}
        assert asset.source
        assert asset.attribution


def test_every_making_script_exists() -> None:
    for asset in load_manifest().values():
        script = re.match(r"(make/\w+\.py): ", asset.made_by)
        assert script, asset.made_by
        assert (ROOT / "assets" / script[1]).is_file()


def test_the_data_stay_small() -> None:
    total = sum(p.stat().st_size for p in (assets_root() / "data").rglob("*") if p.is_file())
    assert total < 8_000_000


def test_a_damaged_file_is_named_with_its_remedy(tmp_path: Path) -> None:
    asset = load_manifest()["chair"]
    target = tmp_path / asset.file
    target.parent.mkdir(parents=True)
    data = bytearray(asset_path("chair").read_bytes())
    data[-1] ^= 1
    target.write_bytes(data)
    with pytest.raises(
        AssetError,
        match=r"chair\.safetensors is damaged: its SHA-256 begins .*Install the course again",
    ):
        verified(asset, tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"chair\.safetensors is missing\. Install"):
        verified(load_manifest()["chair"], tmp_path)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(AssetError, match=r"no asset 'sofa'.*known: chair, chair_mesh, chessboard"):
        asset_path("sofa")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[asset.x]\nfile = 'a'\n", r"\[asset\.x\]: missing or unknown keys: attribution"),
        ("not toml", "cannot be read"),
    ],
)
def test_a_broken_manifest_says_where(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "manifest.toml"
    path.write_text(text)
    with pytest.raises(AssetError, match=message):
        read_manifest(path)


def test_a_manifest_that_is_not_there_is_an_asset_error(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="cannot be read"):
        read_manifest(tmp_path / "manifest.toml")


def test_a_wrong_hash_in_the_manifest_is_damage_too() -> None:
    with pytest.raises(AssetError, match="the manifest says 000000000000"):
        verified(replace(load_manifest()["chair"], sha256="0" * 64), assets_root())


def test_data_load_from_any_folder(tmp_path: Path) -> None:
    code = "from course_lib.data import load_chair; print(len(load_chair().points))"
    env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "20000"
