"""Draw a list's passport as a QR code: numbers and a hash that lead nowhere without the office's records."""

from __future__ import annotations


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
