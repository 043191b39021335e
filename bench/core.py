"""Our matcher without its database: from the plain table that Splink reads to persons by position, step by step.

What is left out is what a product does beyond matching: opening sealed records, ids that last, edges and keys written.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.quality import codes, grouped, same_partition, swept

if TYPE_CHECKING:
    from talentpool.match.candidates.pairs import Candidates
    from talentpool.match.facts.features import Features
    from talentpool.match.scoring.edges import Scored


KEY = bytes(32)
"""Nothing is stored under it."""


class Steps:
    """Seconds by step, in order."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 4)


def match_core(request: dict[str, Any]) -> dict[str, Any]:
    """Persons of the table; the file is read within the time. They must be those that the product made."""
    import_module("talentpool.match")  # loading a library counts for neither side
    steps = Steps()
    began, used = time.perf_counter(), time.process_time()
    with steps.of("read"):
        table = pq.ParquetFile(request["cleaned"]).read(columns=list(EVIDENCE))
    person, _ = match_table(table, steps)
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    made = pq.ParquetFile(request["cleaned"]).read(columns=["person"])["person"]
    return {"as_product": same_partition(person, made), "steps": steps.seconds, "seconds": seconds, "cpu": cpu}


def match_table(table: pa.Table, steps: Steps) -> tuple[np.ndarray, Scored]:
    """(records,) person of each, by a number; and the scored pairs, by place in the table."""
    from talentpool.match.scoring.edges import score_pairs
    from talentpool.match.scoring.score import prior_bits
    from talentpool.match.scoring.weights import load_weights

    weights = load_weights()
    features, found = compared_pairs(table, steps)
    with steps.of("score"):
        scored = score_pairs(features, found, weights, prior_bits(weights, len(features.facts)))
    with steps.of("cluster"):
        return persons_of(features, scored), scored


def persons_of(features: Features, scored: Scored) -> np.ndarray:
    """(records,) person of each, by a number."""
    from talentpool.match.facts.features import OTHER
    from talentpool.match.persons.cluster import Links, Own, cluster

    facts = features.facts
    own = Own(np.where(facts.document < OTHER, facts.document, 0), facts.birth, features.in_county())
    at, held = scored.same, scored.rule > 0
    links = Links(scored.left[at], scored.right[at], scored.score[at])
    apart = np.stack([scored.left[held], scored.right[held]], axis=1)
    return cluster(own, links, apart[:0], apart).root


def compared_pairs(table: pa.Table, steps: Steps) -> tuple[Features, Candidates]:
    """Features of the table's rows, with shares as the pool has them, and the pairs that are compared."""
    from talentpool.match.candidates.keys import KeyMaker, make_keys
    from talentpool.match.candidates.pairs import find_pairs
    from talentpool.match.facts.features import Features
    from talentpool.match.facts.forms import describe
    from talentpool.match.scoring.rarity import count_commons, with_shares

    maker = KeyMaker(KEY)
    with steps.of("facts"):
        forms = _forms(table).dictionary_encode()
        facts = read_columns(table, forms)
    with steps.of("names"):
        features = Features(facts, describe(forms.dictionary))
    with steps.of("keys"):
        keys = make_keys(features, maker)
    with steps.of("pairs"):
        found = find_pairs(keys.blocks(), keys.mobiles, len(facts))
    with steps.of("rarity"):
        partners = table["partner"].combine_chunks().dictionary_encode().dictionary.to_pylist()
        return with_shares(features, count_commons(features, found, maker, partners), maker, partners), found


def judge_table(table: pa.Table) -> dict[str, Any]:
    """How good the persons and the scored pairs of a table are whose truth it holds; as match_export says it."""
    person, scored = match_table(table, Steps())
    true, by_score = codes(table["true"]), scored.rule == 0
    left, right = scored.left[by_score], scored.right[by_score]
    return {
        "pairs": swept(scored.score[by_score], true[left] == true[right], true), "persons": grouped(person, true),
    }  # fmt: skip


EVIDENCE = ("partner", "name", "document", "tail", "birth", "mobile", "sex", "county", "head", "other", "mobile2",
            "station", "hired", "shown")  # fmt: skip


def read_columns(table: pa.Table, forms: pa.DictionaryArray) -> Any:
    """Facts of the table's rows, in its order; whole columns at once."""
    from talentpool.match.facts.births import count_births, crowds, with_common
    from talentpool.match.facts.features import NO_DATE, SHARES, Facts

    column = {name: table[name].combine_chunks() for name in table.column_names}
    whole = _integers(column["document"])
    head, size = _integers(column["head"]), pc.utf8_length(column["head"]).fill_null(0).to_numpy(zero_copy_only=False)
    partners = column["partner"].dictionary_encode()
    facts = Facts(
        name=forms.indices.to_numpy(zero_copy_only=False).astype(np.int32),
        document=np.where(whole != 0, whole, _others(column["other"])),
        tail=_tails(column["tail"]),
        head=np.where(whole != 0, whole // 10**11, head).astype(np.int32),
        head_size=np.where(whole != 0, 6, size).astype(np.int8),
        mobile=_integers(column["mobile"]),
        mobile2=_integers(column["mobile2"]),
        **dict.fromkeys(("former", "former_from", "former_until", "since"), np.zeros(len(table), np.int64)),
        birth=column["birth"].cast(pa.date32()).cast(pa.int32()).fill_null(NO_DATE).to_numpy(zero_copy_only=False),
        sex=_known_sex(column["sex"]),
        county=_integers(column["county"]).astype(np.int32),
        station=_stations(column["county"], column["station"]),
        hired=column["hired"].cast(pa.date32()).cast(pa.int32()).fill_null(NO_DATE).to_numpy(zero_copy_only=False),
        partner=partners.indices.to_numpy(zero_copy_only=False).astype(np.int16) + np.int16(1),
        common=np.zeros(len(table), np.float32),
        **dict.fromkeys(SHARES, np.ones(len(table), np.float32)),
    )
    names = partners.dictionary.to_pylist()
    return with_common(facts, names, crowds(count_births(names, facts)))


def _integers(column: pa.Array) -> np.ndarray:
    """int64 of a column of digits, 0 for null."""
    return column.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)


def _forms(table: pa.Table) -> pa.Array:
    """Match forms; of a hidden name what it shows."""
    from talentpool.conform.values.no_names import shown

    hidden = table["shown"].combine_chunks().dictionary_encode()
    seen = pa.array([shown(text) for text in hidden.dictionary.to_pylist()], pa.string())
    return pc.coalesce(seen.take(hidden.indices), table["name"].combine_chunks(), pa.scalar(""))


def _stations(county: pa.Array, station: pa.Array) -> np.ndarray:
    """A number for each station of a county; 0 for none."""
    both = pc.binary_join_element_wise(county, station, "|").dictionary_encode()
    return (both.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False) + 1).astype(np.int64)


def _known_sex(column: pa.Array) -> np.ndarray:
    sex = column.fill_null(0).to_numpy(zero_copy_only=False)
    return np.where((sex == 1) | (sex == 2), sex, 0).astype(np.int8)


def _tails(column: pa.Array) -> np.ndarray:
    """Four characters as 11-ary digits, plus 1; 0 for null."""
    there = column.is_valid().to_numpy(zero_copy_only=False)
    text = np.frombuffer(column.drop_null().cast(pa.binary(4)).buffers()[1] or b"", np.uint8)
    digits = np.where(text == ord("X"), 10, text - ord("0")).reshape(-1, 4).astype(np.int32)
    found = np.zeros(len(column), np.int32)
    found[there] = digits @ np.array([1331, 121, 11, 1], np.int32) + 1
    return found


def _others(column: pa.Array) -> np.ndarray:
    """Documents that are no resident numbers: few, each hashed once."""
    from talentpool.match.facts.features import other_document

    encoded = column.dictionary_encode()
    hashed = np.array([other_document(text) for text in encoded.dictionary.to_pylist()] + [0], np.int64)
    return hashed[encoded.indices.fill_null(len(hashed) - 1).to_numpy(zero_copy_only=False)]
