"""Read workbooks: judged by their bytes, parsed in a limited process, given on as the blocks of a CSV."""
