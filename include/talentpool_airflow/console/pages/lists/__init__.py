"""Serve 名单: the board of all rounds, one list with its people, what officers do with it, its download, deputies, and 试算."""
