"""Read what a workbook's XML says beside values: hidden and struck-out rows, errors, numbers as shown.

Loaded by workbook_child.py, by path and only for workbooks that have any of it; runs under that process's limits and
imports nothing else of the product. The child parses values with a library; this streams what that library leaves out.
"""
