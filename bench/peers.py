"""Matching, ours and its peers', each in a process of its own on the same cleaned records of a synthetic city.

The records leave the database in plain for the peers: they are of people whom nobody is (ID numbers with a prefix that is
never issued), in the temporary home of the run.
"""

from __future__ import annotations

import csv
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa

from talentpool.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

MOST_PAIRS = 1e7
"""Random pairs from which Splink estimates u: what its manual calls adequate."""
PRECISE = 0.999


def match_city(request: dict[str, Any]) -> dict[str, Any]:
    """Set-up: one month of all partners' rosters, published; not timed."""
    from talentpool.database import connect
    from talentpool.declare import load_partner
    from talentpool.demo import write_demo_data
    from talentpool.flow import ingest
    from talentpool.guard import open_keys

    folder = Path(request["folder"])
    made = write_demo_data(folder, people=request["people"], months=1, end=date(2026, 10, 31), seed=request["seed"],
                           preset=request["preset"]).as_json()  # fmt: skip
    settings = Settings()
    engine = connect(settings)
    keys = open_keys(settings, engine)
    for file in made["files"]:
        outcome = ingest(
            engine, keys, settings, load_partner(settings.partner_dirs, file["partner"]),
            file=Path(file["path"]).parent / "template.csv", as_of=date.fromisoformat(file["as_of"]), kind="full",
        )  # fmt: skip
        assert outcome.status == "published", outcome.as_json()
    return {"truth": str(folder / "truth.csv"), "seconds": 0.0, "cpu": 0.0}


def match_own(request: dict[str, Any]) -> dict[str, Any]:
    """From published records to persons: opened, compared, clustered, written. Then what the peers get, and how good."""
    from talentpool.database import connect
    from talentpool.guard import open_keys
    from talentpool.match import match

    settings = Settings()
    engine = connect(settings)
    keys = open_keys(settings, engine)
    began, used = time.perf_counter(), time.process_time()
    found = match(engine, keys)
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    table = _cleaned(engine, keys, Path(request["truth"]))
    table.to_parquet(request["cleaned"])
    true = dict(zip(table["unique_id"], table["true"], strict=True))
    with engine.connect() as conn:
        edges = conn.execute(sa.text("select left_record, right_record, score from edge where rule = 'scored'")).all()
        person = {str(row.record_id): row.person_id for row in conn.execute(
            sa.text("select record_id, person_id from record_person"))}  # fmt: skip
    engine.dispose()
    same = np.array([true[str(row.left_record)] == true[str(row.right_record)] for row in edges])
    score = np.array([row.score for row in edges])
    return {
        "records": found.records, "pairs": _swept(score, same, table["true"]), "persons": _grouped(person, true),
        "review": found.review_pending, "seconds": seconds, "cpu": cpu,
    }  # fmt: skip


def match_splink(request: dict[str, Any]) -> dict[str, Any]:
    """Splink 5 on DuckDB: trained in the run, predicted, clustered; then once more from the stored model."""
    import pandas as pd
    from splink import DuckDBAPI, Linker, block_on

    table = pd.read_parquet(request["cleaned"])
    true = dict(zip(table["unique_id"], table["true"], strict=True))
    frame = table.drop(columns="true")
    began, used = time.perf_counter(), time.process_time()
    linker = Linker(DuckDBAPI().register(frame), _model(), log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match(
        [block_on("document"), block_on("name", "mobile")], recall=0.8
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=MOST_PAIRS, seed=1)
    for rule in (block_on("document"), block_on("mobile"), block_on("sound", "birth")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    trained = time.perf_counter()
    predicted = linker.inference.predict(threshold_match_weight=-6)
    linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=0.95)
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    pairs = predicted.as_pandas_dataframe()[["unique_id_l", "unique_id_r", "match_weight"]]
    same = pairs["unique_id_l"].map(true).to_numpy() == pairs["unique_id_r"].map(true).to_numpy()
    return {"pairs": _swept(pairs["match_weight"].to_numpy(), same, table["true"]), "seconds": seconds, "cpu": cpu,
            "predicting": seconds - (trained - began)}  # fmt: skip


def match_rules(request: dict[str, Any]) -> dict[str, Any]:
    """Plain rules: the same document, or the same name and mobile; and rows that are the same (drop_duplicates)."""
    import pandas as pd

    table = pd.read_parquet(request["cleaned"])
    began, used = time.perf_counter(), time.process_time()
    parent = list(range(len(table)))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for columns in (["document"], ["name", "mobile"]):
        known = table[columns].dropna()
        for members in known.groupby(columns).indices.values():
            for other in members[1:]:
                a, b = root(known.index[members[0]]), root(known.index[other])
                parent[max(a, b)] = min(a, b)
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    true = dict(zip(table["unique_id"], table["true"], strict=True))
    ruled = dict(zip(table["unique_id"], map(root, range(len(table))), strict=True))
    dropped = table.groupby(["name", "document", "mobile", "birth"], dropna=False).ngroup()
    return {
        "rules": _grouped(ruled, true), "dropped": _grouped(dict(zip(table["unique_id"], dropped, strict=True)), true),
        "seconds": seconds, "cpu": cpu,
    }  # fmt: skip


def _cleaned(engine: sa.Engine, keys: Any, truth: Path) -> pd.DataFrame:
    """One row a record, text columns as a peer wants them, None for unknown."""
    import pandas as pd

    from talentpool.conform.names import read_name
    from talentpool.guard.personal import Opener
    from talentpool.match.features import WHOLE
    from talentpool.match.forms import syllable
    from talentpool.match.records import QUERY

    with truth.open(encoding="utf-8-sig", newline="") as lines:
        person = {(row["partner"], row["staff_no"]): row["true_person"] for row in csv.DictReader(lines)}
    opener, rows = Opener(keys), []
    with engine.connect() as conn:
        numbers = dict(map(tuple, conn.execute(sa.text("select record_id, staff_no from source_record"))))
        for row in conn.execute(sa.text(QUERY)):
            known = opener.open(row)
            form = read_name(known.name).form
            said = [syllable(character) for character in form]
            whole = known.document_no if row.id_number_status in WHOLE else None
            tail = known.document_no[-4:] if whole or row.id_number_status == "masked" else None
            rows.append((
                str(row.record_id), row.partner, form, " ".join(said), said[0], whole and whole[:17], tail,
                row.birth_date.isoformat() if row.birth_date else None, known.mobile or None, row.sex, row.county,
                person.get((row.partner, numbers[row.record_id]), str(row.record_id)),
            ))  # fmt: skip
    names = ("unique_id", "partner", "name", "sound", "surname", "document", "tail", "birth", "mobile", "sex", "county",
             "true")  # fmt: skip
    return pd.DataFrame(rows, columns=list(names))


def _model() -> Any:
    """The same evidence as ours, in Splink's words."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    name = cl.CustomComparison(
        comparison_levels=[
            cll.NullLevel("name"),
            cll.ExactMatchLevel("name", term_frequency_adjustments=True),
            cll.CustomLevel('"sound_l" = "sound_r"', label_for_charts="same sound"),
            cll.LevenshteinLevel("name", 1),
            cll.ElseLevel(),
        ],
        output_column_name="name",
    )
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[name, cl.LevenshteinAtThresholds("birth", [1]),
                     *(cl.ExactMatch(column) for column in ("mobile", "document", "tail", "sex", "county"))],
        blocking_rules_to_generate_predictions=[
            block_on("document"), block_on("mobile"), block_on("sound", "birth"), block_on("sound", "tail"),
            block_on("birth", "tail"), block_on("surname", "birth", "county"), block_on("name", "county"),
        ],
        additional_columns_to_retain=["sound"],
    )  # fmt: skip


def _swept(score: np.ndarray, same: np.ndarray, true: Any) -> dict[str, float]:
    """The best F1 over all thresholds, and the recall at the lowest one that is precise to 0.999."""
    total = sum(count * (count - 1) // 2 for count in Counter(true).values())
    order = np.argsort(-score, kind="stable")
    right = np.cumsum(same[order])
    precision, recall = right / np.arange(1, len(right) + 1), right / total
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    precise = recall[precision >= PRECISE]
    return {"f1": float(f1.max()), "recall_precise": float(precise.max()) if len(precise) else 0.0}


def _grouped(group: dict[str, Any], true: dict[str, str]) -> dict[str, float]:
    """Pairwise precision, recall and F1 of a partition."""

    def pairs(counts: Counter) -> int:
        return sum(count * (count - 1) // 2 for count in counts.values())

    both = pairs(Counter((group[one], true[one]) for one in true))
    made, wanted = pairs(Counter(group[one] for one in true)), pairs(Counter(true.values()))
    return {"precision": both / max(made, 1), "recall": both / max(wanted, 1), "f1": 2 * both / max(made + wanted, 1)}


PEERS = {"match_city": match_city, "match_own": match_own, "match_splink": match_splink, "match_rules": match_rules}
