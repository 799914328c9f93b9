"""A band of a trained exercise: what predictions must reach to earn its share of the points."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    """Thresholds for the mean over all hidden views; one that is None asks for nothing."""

    psnr: float | None = None  # dB
    ssim: float | None = None  # 1 is alike

    def __post_init__(self) -> None:
        if self.psnr is None and self.ssim is None:
            raise ValueError("a band without psnr and ssim would be met by anything; give one")

    @property
    def title(self) -> str:
        """What must be reached, in one line: "PSNR ≥ 25 dB and SSIM ≥ 0.85"."""
        parts = []
        if self.psnr is not None:
            parts.append(f"PSNR ≥ {self.psnr:g} dB")
        if self.ssim is not None:
            parts.append(f"SSIM ≥ {self.ssim:g}")
        return " and ".join(parts)

    def met_by(self, psnr: float, ssim: float) -> bool:
        """Whether these scores reach it. A score of exactly the threshold does; NaN does not."""
        enough_psnr = self.psnr is None or psnr >= self.psnr
        return enough_psnr and (self.ssim is None or ssim >= self.ssim)

    def measured(self, psnr: float, ssim: float) -> str:
        """What was reached of what is asked for: "26.1 dB, SSIM 0.82 (0.03 short)"."""
        parts = []
        if self.psnr is not None:
            parts.append(f"{psnr:.2f} dB{_short(self.psnr - psnr, '.2f', ' dB')}")
        if self.ssim is not None:
            parts.append(f"SSIM {ssim:.4f}{_short(self.ssim - ssim, '.4f', '')}")
        return ", ".join(parts)


def _short(lacking: float, digits: str, unit: str) -> str:
    return f" ({lacking:{digits}}{unit} short)" if lacking > 0 else ""


def shares(points: float, bands: tuple[Band, ...]) -> list[tuple[str, float]]:
    """What earns how much, a row per check: being in form, then each band. Equal shares."""
    share = points / (1 + len(bands))
    return [("in form", share), *((band.title, share) for band in bands)]
