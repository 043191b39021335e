"""Run several commands of the command line one after the other in one process: `python canary_run.py FILE`.

FILE holds a JSON list of lists of words; what each prints goes where a command's prints go. A list that begins with
"fault" makes a room fail with the text that follows, as a library would with a row in its message.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import talentpool.flow
from talentpool.__main__ import main


def fail(text: str) -> None:
    """The next roster meets a room that fails."""

    def conform(*_: object, **__: object) -> None:
        raise RuntimeError(text)

    talentpool.flow.conform = conform  # type: ignore[assignment]


def run(words: list[str]) -> int:
    sys.argv = ["talentpool", *words]
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


if __name__ == "__main__":
    codes = []
    for words in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        if words[0] == "fault":
            fail(words[1])
        else:
            codes.append(run(words))
    print(json.dumps({"codes": codes}))
    print("environment:", Path("/proc/self/environ").read_bytes().decode("utf-8", "replace"), file=sys.stderr)
