"""Photographs with cameras, real data that the package carries, and loaders of published data sets.

Nothing is ever downloaded; the hash of every file that the package carries is checked.
"""

from course_lib.data.camera_checks import ViewsError
from course_lib.data.chair import PointCloud, load_chair
from course_lib.data.chair_mesh import Mesh, load_chair_mesh
from course_lib.data.chessboard import ChessboardStereo, load_chessboard
from course_lib.data.digits import Digits, load_digits
from course_lib.data.few_shot import ONE_VIEW, TWO_VIEWS, few_shot
from course_lib.data.fingerprint import fingerprint
from course_lib.data.lfn_format import load_lfn
from course_lib.data.manifest import Asset, AssetError, asset_path, assets_root, load_manifest
from course_lib.data.motorcycle import MotorcycleStereo, load_motorcycle
from course_lib.data.posed_views import PosedViews
from course_lib.data.published_objects import SrnObjects
from course_lib.data.published_texts import PublishedError
from course_lib.data.srn_format import load_srn
from course_lib.data.view_files import ViewFile
from course_lib.data.view_header import ViewFileError
from course_lib.data.view_task import ViewTask, load_task

__all__ = [
    "ONE_VIEW",
    "TWO_VIEWS",
    "Asset",
    "AssetError",
    "ChessboardStereo",
    "Digits",
    "Mesh",
    "MotorcycleStereo",
    "PointCloud",
    "PosedViews",
    "PublishedError",
    "SrnObjects",
    "ViewFile",
    "ViewFileError",
    "ViewTask",
    "ViewsError",
    "asset_path",
    "assets_root",
    "few_shot",
    "fingerprint",
    "load_chair",
    "load_chair_mesh",
    "load_chessboard",
    "load_digits",
    "load_lfn",
    "load_manifest",
    "load_motorcycle",
    "load_srn",
    "load_task",
]
