"""Turn candidates into edges: all of them, or what changed and all that shares a key with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sqlalchemy as sa

from talentpool.guard import KeyRing
from talentpool.match.candidates.keys import KeyMaker, blocks_of, make_keys
from talentpool.match.candidates.pairs import Candidates, find_pairs, over_after, with_bearers
from talentpool.match.candidates.store import (
    born_on,
    moved,
    sharers,
    store_keys,
    stored_births,
    stored_keys,
    within_cap,
)
from talentpool.match.facts.births import NOBODY, Births, count_births, crowds, moved_days, typed, with_common
from talentpool.match.facts.ids import find
from talentpool.match.facts.records import Records, read_ids, read_records
from talentpool.match.facts.wire import keep_records
from talentpool.match.persons.cluster import Own
from talentpool.match.persons.touched import Touched, read_touched
from talentpool.match.persons.write import write_edges
from talentpool.match.scoring.edges import Scored, score_pairs
from talentpool.match.scoring.rarity import NO_COMMONS, Commons, count_commons, unheard_of, with_shares
from talentpool.match.scoring.score import prior_bits
from talentpool.match.scoring.tally import Tally, tally
from talentpool.match.scoring.weights import Weights


@dataclass(frozen=True, repr=False)
class Carried:
    """What a run takes over from the one before: `over` blocks over their cap by kind, `births` by roster, and what `crowds`
    they make; as of the last full run, how common values are, and from how many bits records are united (None: not known)."""

    over: dict[str, int]
    births: Births
    crowds: dict[str, int]
    commons: Commons
    same_from: float | None

    @staticmethod
    def of(last: Any) -> Carried:
        """Of a row of match_run, all of whose counts are there."""
        commons = Commons.unpack(last.commons)
        return Carried(last.over_cap, Births.unpack(last.births), last.crowds or {}, commons, last.same_from)


NOTHING = Carried({}, NOBODY, {}, NO_COMMONS, None)


class Renewal:
    """Edges made anew at a prior of so many bits. Afterwards: what to carry on, `scores` whole bits -> pairs, `more` records
    with keys than before (of a full run: all); of a full run, `scored` its edges and a `tally`."""

    def __init__(self, conn: sa.Connection, keys: KeyRing, weights: Weights, prior: float, carried: Carried) -> None:
        self._conn, self._keys, self._weights = conn, keys, weights
        self._maker = KeyMaker(keys.key("match"))
        self.prior, self.scores = prior, dict[str, int]()
        self.over, self.births, self.crowds = carried.over, carried.births, carried.crowds
        self.commons, self.same_from = carried.commons, carried.same_from
        self.more = 0
        self.tally: Tally | None = None
        self.scored: Scored | None = None

    def all(self) -> Touched:
        """Every record."""
        records = read_records(self._conn, self._keys, wanted=False)
        made = make_keys(records.features, self._maker)
        facts = records.features.facts
        self.births = count_births(records.partners, facts)
        self.crowds = crowds(self.births)
        self.more = store_keys(self._conn, records.ids, made, typed(facts), full=True)
        self.prior = prior_bits(self._weights, len(records))
        candidates = find_pairs(made.blocks(), made.mobiles, len(records))
        self.over = candidates.over
        records = self._dated(records)
        self.commons = count_commons(records.features, candidates, self._maker, records.partners)
        self.tally = tally(records.features.facts, made.mobiles, candidates.bearers)
        del made
        self.scored = self._write(records, candidates, full=True)
        facts = records.features.facts
        return Touched(
            records.ids,
            records.partners,
            facts.partner - 1,
            records.first_seen,
            Own(records.document, facts.birth, records.features.in_county()),
            records.live,
        )

    def some(self) -> Touched | None:
        """The changed records, those of whom a shared block is another now, and whoever shares a key with them. None, and
        nothing written, where many of them bear a document number or its end that the last full run did not find common."""
        conn = self._conn
        # a month reads little of large tables that the server holds in memory: by index, not from end to end
        conn.exec_driver_sql("set local random_page_cost = 1.1")
        conn.exec_driver_sql("set local work_mem = '64MB'")
        keep_records(conn, "match_wanted", read_ids(conn, "match_changed"))
        old, was_born = stored_keys(conn), stored_births(conn, "match_changed")
        changed = read_records(conn, self._keys, wanted=True)
        if unheard_of(changed.features, self.commons, self._maker, changed.partners):
            return None
        made = make_keys(changed.features, self._maker)
        self.more = store_keys(conn, changed.ids, made, typed(changed.features.facts), full=False)
        crowded = self._recount(changed, was_born)
        new = made.every()
        held, holders = sharers(conn, np.concatenate([old, new]))
        self.over = over_after(self.over, held, old, new)
        wanted = np.unique(np.concatenate([changed.ids, holders[moved(held, old, new)], crowded]))
        keep_records(conn, "match_wanted", wanted)
        stored = np.unique(stored_keys(conn))
        asked = np.isin(stored, np.concatenate([old, new]))
        more, others = sharers(conn, stored[~asked])
        still = np.isin(held, stored)
        key, who = np.concatenate([held[still], more]), np.concatenate([holders[still], others])
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
        self._write(self._dated(records), candidates, full=False)
        return read_touched(conn)

    def _recount(self, changed: Records, was_born: np.ndarray) -> np.ndarray:
        """Births as they are after the changed records; records whose birth date says more or less by that."""
        facts, count = changed.features.facts, len(changed)
        at = find(changed.ids, was_born["record"])
        was = was_born["birth"][at >= 0].astype(np.int64)
        partner = np.concatenate([facts.partner[at[at >= 0]], facts.partner]).astype(np.int64) - 1
        sign = np.concatenate([np.full(len(was), -1), np.ones(count, np.int64)])
        self.births = self.births.after(changed.partners, partner, np.concatenate([was, typed(facts)]), sign)
        before, self.crowds = self.crowds, crowds(self.births)
        days = moved_days(before, self.crowds)
        return born_on(self._conn, days) if days is None or days else changed.ids[:0]

    def _dated(self, records: Records) -> Records:
        """With what each birth date says less because many bear it."""
        facts = with_common(records.features.facts, records.partners, self.crowds)
        return replace(records, features=replace(records.features, facts=facts))

    def _write(self, records: Records, candidates: Candidates, *, full: bool) -> Scored:
        features = with_shares(records.features, self.commons, self._maker, records.partners)
        scored = score_pairs(features, candidates, self._weights, self.prior, None if full else self.same_from)
        self.scores, self.same_from = scored.scores, scored.same_from
        write_edges(self._conn, records.ids, scored, full=full)
        return scored
