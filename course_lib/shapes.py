"""Shape names of all signatures: `Float[Tensor, "*b 4 4"]` has any batch dimensions, then 4×4.

`*b` is a batch shape, `*#b` one that broadcasts. The last dimensions are written out.
"""

from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor

Resolution = tuple[int, int]  # (height, width), never the other way round

__all__ = ["Bool", "Float", "Int", "Resolution", "Shaped", "Tensor"]
