"""assets/manifest.toml: where each shipped file came from, under which licence, and its SHA-256."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


class AssetError(RuntimeError):
    """A shipped file is missing, damaged or unknown; the message says what to do."""


@dataclass(frozen=True)
class Asset:
    """One file of the manifest."""

    name: str
    file: str  # relative to the assets folder
    source: str  # package, version and path inside it
    licence: str  # SPDX expression
    licence_file: str  # relative to the assets folder
    attribution: str
    made_by: str  # the script and what it did
    sha256: str


@cache
def assets_root() -> Path:
    """The folder that holds manifest.toml: in an installed wheel, else the repository's assets/."""
    package = Path(__file__).resolve().parents[1]
    candidates = (package / "_assets", package.parent / "assets")
    for folder in candidates:
        if (folder / "manifest.toml").is_file():
            return folder
    raise AssetError(
        f"no manifest.toml in {' or '.join(map(str, candidates))}; the course is only half "
        "installed. Install the wheel again, or clone the whole repository."
    )


def read_manifest(path: Path) -> dict[str, Asset]:
    """Assets by name; AssetError names the entry and key that is wrong."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AssetError(f"{path} cannot be read: {error}") from error
    keys = set(Asset.__dataclass_fields__) - {"name"}
    assets = {}
    for name, entry in raw.get("asset", {}).items():
        if set(entry) != keys:
            wrong = ", ".join(sorted(set(entry) ^ keys))
            raise AssetError(f"{path}, [asset.{name}]: missing or unknown keys: {wrong}")
        assets[name] = Asset(name=name, **entry)
    return assets


@cache
def load_manifest() -> dict[str, Asset]:
    """The committed manifest."""
    return read_manifest(assets_root() / "manifest.toml")


def verified(asset: Asset, root: Path) -> Path:
    """The file's path under `root` after checking its SHA-256."""
    path = root / asset.file
    if not path.is_file():
        raise AssetError(f"the data file {path} is missing. {_remedy(asset)}")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != asset.sha256:
        raise AssetError(
            f"the data file {path} is damaged: its SHA-256 begins {found[:12]}, the manifest says "
            f"{asset.sha256[:12]}. {_remedy(asset)}"
        )
    return path


def _remedy(asset: Asset) -> str:
    return (
        "Install the course again (pip install --force-reinstall --no-deps), or in a clone run "
        f"`git checkout -- assets/{asset.file}`."
    )


@cache
def asset_path(name: str) -> Path:
    """Path of a shipped file, verified once per process; AssetError if missing or damaged."""
    manifest = load_manifest()
    if name not in manifest:
        raise AssetError(f"no asset {name!r} in the manifest; known: {', '.join(sorted(manifest))}")
    return verified(manifest[name], assets_root())
