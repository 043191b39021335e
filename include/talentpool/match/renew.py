"""Candidates to edges: of everything, or of what changed and all that shares a key with it."""

from __future__ import annotations

import numpy as np
import sqlalchemy as sa

from talentpool.guard import KeyRing
from talentpool.match.edges import Scored, score_pairs
from talentpool.match.ids import find
from talentpool.match.keys import KeyMaker, blocks_of, make_keys
from talentpool.match.pairs import Candidates, find_pairs, over_after, with_bearers
from talentpool.match.records import Records, read_ids, read_records
from talentpool.match.score import prior_bits
from talentpool.match.store import moved, sharers, store_keys, stored_keys, within_cap
from talentpool.match.tally import Tally, tally
from talentpool.match.touched import Touched, read_touched
from talentpool.match.weights import Weights
from talentpool.match.write import keep_records, write_edges


class Renewal:
    """Edges made anew at a prior of so many bits. Afterwards: `over` blocks over their cap by kind, `scores`
    whole bits -> pairs, `more` records with keys than before (of a whole run: all); of a whole run, `scored` its
    edges and a `tally`."""

    def __init__(
        self, conn: sa.Connection, keys: KeyRing, weights: Weights, prior: float, over: dict[str, int]
    ) -> None:
        self._conn, self._keys, self._weights = conn, keys, weights
        self._maker = KeyMaker(keys.key("match"))
        self.prior, self.over, self.scores = prior, over, dict[str, int]()
        self.more = 0
        self.tally: Tally | None = None
        self.scored: Scored | None = None

    def all(self) -> Touched:
        """Every record."""
        records = read_records(self._conn, self._keys, wanted=False)
        made = make_keys(records.features, self._maker)
        self.more = store_keys(self._conn, records.ids, made, every=True)
        self.prior = prior_bits(self._weights, len(records))
        candidates = find_pairs(made.blocks(), made.mobiles, len(records))
        self.over = candidates.over
        self.tally = tally(records.features.facts, made.mobiles, candidates.bearers)
        del made
        self.scored = self._write(records, candidates, every=True)
        facts = records.features.facts
        return Touched(
            records.ids,
            records.partners,
            facts.partner - 1,
            records.first_seen,
            records.document,
            facts.birth,
            records.live,
        )

    def some(self) -> Touched:
        """The changed records, those of whom a shared block is another now, and whoever shares a key with them."""
        conn = self._conn
        # a month reads little of large tables that the server holds in memory: by index, not from end to end
        conn.exec_driver_sql("set local random_page_cost = 1.1")
        conn.exec_driver_sql("set local work_mem = '64MB'")
        keep_records(conn, "match_wanted", read_ids(conn, "match_changed"))
        old = stored_keys(conn)
        changed = read_records(conn, self._keys, wanted=True)
        made = make_keys(changed.features, self._maker)
        self.more = store_keys(conn, changed.ids, made, every=False)
        new = made.every()
        held, holders = sharers(conn, np.concatenate([old, new]))
        self.over = over_after(self.over, held, old, new)
        wanted = np.unique(np.concatenate([changed.ids, holders[moved(held, old, new)]]))
        keep_records(conn, "match_wanted", wanted)
        every = np.unique(stored_keys(conn))
        asked = np.isin(every, np.concatenate([old, new]))
        more, others = sharers(conn, every[~asked])
        known = np.isin(held, every)
        key, who = np.concatenate([held[known], more]), np.concatenate([holders[known], others])
        near = within_cap(key)
        keep_records(conn, "match_again", wanted)
        keep_records(conn, "match_wanted", np.unique(np.concatenate([wanted, who[near]])))
        records = read_records(conn, self._keys, wanted=True)
        rows = find(records.ids, who)
        there = (rows >= 0) & near
        mobiles = make_keys(records.features, self._maker).mobiles
        shared = blocks_of(key[there], rows[there].astype(np.int32))
        chosen = find(wanted, records.ids) >= 0
        candidates = with_bearers(find_pairs(shared, mobiles, len(records), chosen), mobiles, key)
        self._write(records, candidates, every=False)
        return read_touched(conn)

    def _write(self, records: Records, candidates: Candidates, *, every: bool) -> Scored:
        found = score_pairs(records.features, candidates, self._weights, self.prior)
        self.scores = found.scores
        write_edges(self._conn, records.ids, found, every=every)
        return found
