"""Draw QR codes: a list's passport, and row ids. Both lead nowhere without the office's records."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby


def passport_words(list_id: int, content_hash: str, export_id: int | None) -> str:
    """`LIST=12;HASH=1a2b3c4d5e6f` and, where it is an export, `;EXPORT=7`. No person, and no address of a machine."""
    words = f"LIST={list_id};HASH={content_hash[:12]}"
    return words if export_id is None else f"{words};EXPORT={export_id}"


def qr_svg(words: str) -> str:
    """A QR code as SVG. A quarter of it may be dirty and it still reads (level Q)."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_Q
    from qrcode.image.svg import SvgPathImage

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=2, image_factory=SvgPathImage)
    code.add_data(words)
    code.make(fit=True)
    return str(code.make_image().to_string(encoding="unicode"))


def row_code(row_id: str) -> str:
    """A row id as a small QR code, as SVG: what a phone scans at a hand-out. One mask for all: to choose it costs the most."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=0)
    code.add_data(row_id)
    code.make(fit=True)
    path = [
        f"M{start} {y}h{length}v1h-{length}z"
        for y, line in enumerate(code.modules)
        for start, length in _runs([bool(dark) for dark in line])
    ]
    side = len(code.modules)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {side + 2} {side + 2}"><path d="{"".join(path)}"/></svg>'


def _runs(line: list[bool]) -> Iterator[tuple[int, int]]:
    """Where dark modules begin, and how many stand together."""
    place = 0
    for dark, some in groupby(line):
        length = len(list(some))
        if dark:
            yield place, length
        place += length
