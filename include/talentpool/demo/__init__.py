"""Make a synthetic city whose truth is known, written as its partners' rosters."""

from talentpool.demo.write import DemoData, DemoFile, write_demo_data

__all__ = ["DemoData", "DemoFile", "write_demo_data"]
