"""Run the command line under a limit on what a file may hold: what a full disk looks like from inside.

`python disturbed.py BYTES ARGS...`
"""

from __future__ import annotations

import resource
import signal
import sys

if __name__ == "__main__":
    from talentpool.__main__ import main

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write fails with an error instead, as on a full disk
    limit = int(sys.argv[1])
    sys.argv = ["talentpool", *sys.argv[2:]]
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    main()
