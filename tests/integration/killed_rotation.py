"""killed_command.py with small batches, so that a rotation of a small office has many points to die at."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

from talentpool.services.rotation import records

records.RECORDS = int(os.environ["RECORDS"])

if __name__ == "__main__":
    runpy.run_path(str(Path(__file__).with_name("killed_command.py")), run_name="__main__")
