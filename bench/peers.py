"""Matching, ours and its peers', each in a process of its own on the same cleaned records of a synthetic city."""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bench.city import match_city, match_month, match_months
from bench.cleaned import OURS_ALONE, match_export
from bench.core import match_core
from bench.quality import grouped, swept
from talentpool.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

MOST_PAIRS = 1e7
"""Random pairs from which Splink estimates u: what its manual calls adequate."""
LEAST, LIKELY = -6, 0.95
"""Splink's pairs from this match weight on; one person from this probability on."""


def match_own(request: dict[str, Any]) -> dict[str, Any]:
    """From published records to persons: opened, compared, clustered, written."""
    from talentpool.database import connect
    from talentpool.guard import open_keys
    from talentpool.match import match

    import_module("pandas")  # arrow asks it what a list is; loading a library counts for neither side
    settings = Settings()
    engine = connect(settings)
    keys = open_keys(settings, engine)
    began, used = time.perf_counter(), time.process_time()
    found = match(engine, keys, full=request.get("full", False))
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    engine.dispose()
    return {"changed": found.changed, "seconds": seconds, "cpu": cpu}


def match_splink(request: dict[str, Any]) -> dict[str, Any]:
    """Splink 5 on DuckDB: trained in the run, predicted, clustered; its model is left at `request["model"]`."""
    from splink import DuckDBAPI, Linker, block_on

    frame, true = _evidence(request["cleaned"])
    began, used = time.perf_counter(), time.process_time()
    linker = Linker(DuckDBAPI().register(frame), _model(), log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match(
        [block_on("document"), block_on("name", "mobile")], recall=0.8
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=MOST_PAIRS, seed=1)
    for rule in (block_on("document"), block_on("mobile"), block_on("sound", "birth")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_weight=LEAST)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predicted, threshold_match_probability=LIKELY
    )
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    linker.misc.save_model_to_json(request["model"], overwrite=True)
    pairs = predicted.as_pandas_dataframe()[["unique_id_l", "unique_id_r", "match_weight"]]
    same = pairs["unique_id_l"].map(true).to_numpy() == pairs["unique_id_r"].map(true).to_numpy()
    made = clusters.as_pandas_dataframe().set_index("unique_id")["cluster_id"]
    return {
        "pairs": swept(pairs["match_weight"], same, true), "persons": grouped(made.loc[true.index], true),
        "seconds": seconds, "cpu": cpu,
    }  # fmt: skip


def match_stored(request: dict[str, Any]) -> dict[str, Any]:
    """Splink 5 as it would be run each month: predict and cluster all records by the model of an earlier run."""
    from splink import DuckDBAPI, Linker

    frame, true = _evidence(request["cleaned"])
    linker = Linker(DuckDBAPI().register(frame), request["model"], log_level="ERROR")
    began, used = time.perf_counter(), time.process_time()
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        linker.inference.predict(threshold_match_weight=LEAST), threshold_match_probability=LIKELY
    )
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    made = clusters.as_pandas_dataframe().set_index("unique_id")["cluster_id"]
    return {"persons": grouped(made.loc[true.index], true), "seconds": seconds, "cpu": cpu}


def match_draw(request: dict[str, Any]) -> dict[str, Any]:
    """One draw in one process: the city published, matched and exported; see match_export."""
    request |= match_city(request)
    match_own(request)
    return match_export(request)


def match_rules(request: dict[str, Any]) -> dict[str, Any]:
    """See rules.py: twelve plain rules, and drop_duplicates."""
    from bench import rules

    return rules.peer_rules(request)


def _evidence(file: str) -> tuple[pd.DataFrame, pd.Series]:
    """What a peer is given, and the answers by record."""
    import pandas as pd

    table = pd.read_parquet(file)
    return table.drop(columns=list(OURS_ALONE)), table.set_index("unique_id")["true"]


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


def match_ceiling(request: dict[str, Any]) -> dict[str, Any]:
    """See ceiling.py, which no other peer's process may pay for."""
    from bench import ceiling

    return ceiling.match_ceiling(request)


PEERS = {
    "match_city": match_city, "match_month": match_month, "match_months": match_months, "match_own": match_own,
    "match_export": match_export, "match_core": match_core, "match_splink": match_splink, "match_stored": match_stored,
    "match_rules": match_rules, "match_draw": match_draw, "match_ceiling": match_ceiling,
}  # fmt: skip
