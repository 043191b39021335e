"""Build the lookup tables that conform ships: `python -m talentpool.conform.characters.build_tables`.

They are shipped prebuilt because loading the library that knows them takes longer than cleaning 100,000 rows.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

TABLES = Path(__file__).with_name("tables")


def simplify() -> tuple[np.ndarray, np.ndarray]:
    """Single characters of the basic and extension blocks that have one simplified form (OpenCC, t2s)."""
    from opencc import OpenCC

    convert = OpenCC("t2s").convert
    pairs = []
    for code in (*range(0x3400, 0xA000), *range(0x20000, 0x2A6E0)):
        simple = convert(chr(code))
        if len(simple) == 1 and simple != chr(code):
            pairs.append((code, ord(simple)))
    table = np.array(pairs, dtype=np.uint32)
    return table[:, 0], table[:, 1]


def main() -> None:
    TABLES.mkdir(exist_ok=True)
    traditional, simplified = simplify()
    np.savez_compressed(TABLES / "simplify.npz", traditional=traditional, simplified=simplified)
    print(f"simplify.npz: {len(traditional)} characters")  # noqa: T201 - a script for people


if __name__ == "__main__":
    main()
