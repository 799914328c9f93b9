"""Real data that the package carries. Nothing is downloaded; every file is checked against the manifest."""

from course_lib.data.chair import PointCloud, load_chair
from course_lib.data.chessboard import ChessboardStereo, load_chessboard
from course_lib.data.manifest import Asset, AssetError, asset_path, assets_root, load_manifest
from course_lib.data.motorcycle import MotorcycleStereo, load_motorcycle

__all__ = [
    "Asset",
    "AssetError",
    "ChessboardStereo",
    "MotorcycleStereo",
    "PointCloud",
    "asset_path",
    "assets_root",
    "load_chair",
    "load_chessboard",
    "load_manifest",
    "load_motorcycle",
]
