"""Real data that the package carries: nothing is downloaded, every file's hash is checked."""

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
