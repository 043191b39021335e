"""Run the command line, and die by SIGKILL before the n-th statement or commit; without n, count them.

`python killed_command.py N ARGS...`: N = 0 writes the count to stderr as the last line.
"""

from __future__ import annotations

import os
import signal
import sys

import sqlalchemy as sa

POINT = int(sys.argv[1])
seen = 0


def step(*_: object, **__: object) -> None:
    """One more statement or commit; at the chosen one, the process is gone."""
    global seen  # noqa: PLW0603 - a counter of a script
    seen += 1
    if seen == POINT:
        os.kill(os.getpid(), signal.SIGKILL)


sa.event.listen(sa.Engine, "before_cursor_execute", step)
sa.event.listen(sa.Engine, "commit", step)

if __name__ == "__main__":
    from talentpool.__main__ import main

    sys.argv = ["talentpool", *sys.argv[2:]]
    try:
        main()
    finally:
        print(seen, file=sys.stderr)
