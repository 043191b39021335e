"""Splink 5 on DuckDB with all evidence that ours gets: trained in the run, predicted, clustered; or tuned on other draws.

Its groups have no guard, as it has none. Its prior and its threshold are one number: what shifts every weight is
undone by a threshold shifted as far, so to tune the threshold is to tune both.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.cleaned import ANSWERS
from bench.quality import codes, grouped, swept

if TYPE_CHECKING:
    from splink import Linker, SettingsCreator
    from splink.internals.splink_dataframe import SplinkDataFrame

MOST_PAIRS = 1e7
"""Random pairs from which Splink estimates u: what its manual calls adequate."""
LEAST, LIKELY = -6, 0.95
"""Splink's pairs from this match weight on; one person from this probability on."""
GRID = np.arange(LEAST, 20.5, 0.5)
"""Match weights that are tried as thresholds."""


def peer_splink(request: dict[str, Any]) -> dict[str, Any]:
    """Trained in the run, predicted, clustered at LIKELY; its model is left at `request["model"]`."""
    frame, true = evidence(request["cleaned"])
    import_splink()
    began, used = time.perf_counter(), time.process_time()
    linker = trained(frame)
    predicted = linker.inference.predict(threshold_match_weight=LEAST)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predicted, threshold_match_probability=LIKELY
    )
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    linker.misc.save_model_to_json(request["model"], overwrite=True)
    score, same, _ = scored(predicted, true)
    return {
        "pairs": swept(score, same, true), "persons": grouped(_of_records(clusters, true), true),
        "seconds": seconds, "cpu": cpu,
    }  # fmt: skip


def peer_stored(request: dict[str, Any]) -> dict[str, Any]:
    """As it would be run each month: predict and cluster all records by the model of an earlier run."""
    from splink import DuckDBAPI, Linker

    frame, true = evidence(request["cleaned"])
    linker = Linker(DuckDBAPI().register(frame), request["model"], log_level="ERROR")
    began, used = time.perf_counter(), time.process_time()
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        linker.inference.predict(threshold_match_weight=LEAST), threshold_match_probability=LIKELY
    )
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    return {"persons": grouped(_of_records(clusters, true), true), "seconds": seconds, "cpu": cpu}


def judge_splink(file: str, thresholds: dict[str, float]) -> dict[str, Any]:
    """`pairs`; and `persons` at its usual threshold (`default`) and at each of `thresholds`, match weights by name."""
    frame, true = evidence(file)
    linker = trained(frame)
    predicted = linker.inference.predict(threshold_match_weight=LEAST)
    score, same, _ = scored(predicted, true)
    persons = {}
    for name, weight in {"default": float(np.log2(LIKELY / (1 - LIKELY))), **thresholds}.items():
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_weight=weight)
        persons[name] = grouped(_of_records(clusters, true), true)
    return {"pairs": swept(score, same, true), "persons": persons}


def sweep_splink(file: str) -> list[dict[str, float]]:
    """For each threshold of GRID: precision, recall and F1 of the persons it makes."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    frame, true = evidence(file)
    predicted = trained(frame).inference.predict(threshold_match_weight=LEAST)
    score, _, (left, right) = scored(predicted, true)
    found = []
    for weight in GRID:
        at = score >= weight
        links = coo_array((np.ones(at.sum()), (left[at], right[at])), shape=(len(true), len(true)))
        found.append(grouped(connected_components(links, directed=False)[1], true))
    return found


def import_splink() -> None:
    """Loading a library counts for neither side."""
    import splink.comparison_level_library
    import splink.comparison_library  # noqa: F401


def evidence(file: str) -> tuple[pd.DataFrame, pd.Series]:
    """What a peer is given, and the answers by record. `number`: a document of either kind."""
    table = pd.read_parquet(file)
    frame = table.drop(columns=list(ANSWERS)).assign(number=table["document"].fillna(table["other"]))
    return frame, table.set_index("unique_id")["true"]


def trained(frame: pd.DataFrame) -> Linker:
    from splink import DuckDBAPI, Linker, block_on

    linker = Linker(DuckDBAPI().register(frame), _model(frame.columns), log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match(
        [block_on("number"), block_on("name", "mobile")], recall=0.8
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=MOST_PAIRS, seed=1)
    for columns in (["number"], ["mobile"], ["sound", "birth"]):
        if frame[columns].dropna().duplicated().any():  # what nobody shares teaches nothing, and is refused
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
    return linker


def scored(predicted: SplinkDataFrame, true: pd.Series) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """(pairs,) match weight; whether the two are one person; places of both in `true`."""
    pairs = predicted.as_pandas_dataframe()[["unique_id_l", "unique_id_r", "match_weight"]]
    left, right = (true.index.get_indexer(pairs[side]) for side in ("unique_id_l", "unique_id_r"))
    person = codes(true)
    return pairs["match_weight"].to_numpy(), person[left] == person[right], (left, right)


def _of_records(clusters: SplinkDataFrame, true: pd.Series) -> pd.Series:
    return clusters.as_pandas_dataframe().set_index("unique_id")["cluster_id"].loc[true.index]


def _model(known: Collection[str]) -> SettingsCreator:
    """The same evidence as ours, in Splink's words; of the ways to put it that were tried, the one with the best F1.

    Args:
        known: columns of the table; one that was exported earlier may lack `station`, `hired` and `shown`.
    """
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on
    from splink.blocking_rule_library import CustomRule

    hired = [_days("hired")] if "hired" in known else []
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_name("shown" in known), _days("birth"), _mobile(), _document(), cl.ExactMatch("sex"),
                     _place("station" in known), *hired],
        blocking_rules_to_generate_predictions=[
            block_on("number"), block_on("mobile"), CustomRule("l.mobile = r.mobile2"),
            CustomRule("l.mobile2 = r.mobile"), block_on("sound", "birth"), block_on("sound", "tail"),
            block_on("birth", "tail"), block_on("surname", "birth", "county"), block_on("name", "county"),
        ],
        additional_columns_to_retain=[
            column for column in ("sound", "surname", "mobile2", "tail", "shown", "station") if column in known
        ],
    )  # fmt: skip


def _name(shown: bool) -> Any:
    """Name, sound, surname; a name that is hidden in part also where the other one fits it."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl

    masked = [f"name_{a} is null and (name_{b} like {_like(a)} or shown_{a} = shown_{b})" for a, b in ("lr", "rl")]
    fits = [cll.CustomLevel(" or ".join(f"({one})" for one in masked), label_for_charts="fits")] if shown else []
    null = [f"(name_{side} is null" + (f" and shown_{side} is null)" if shown else ")") for side in "lr"]
    return cl.CustomComparison(
        comparison_levels=[
            cll.CustomLevel(" or ".join(null), label_for_charts="unknown").configure(is_null_level=True),
            cll.ExactMatchLevel("name", term_frequency_adjustments=True),
            *fits,
            cll.ExactMatchLevel("sound"),
            cll.LevenshteinLevel("name", 1),
            cll.ExactMatchLevel("surname"),
            cll.ElseLevel(),
        ],
        output_column_name="name",
    )


def _like(side: str) -> str:
    """SQL: what is seen of a name, as a pattern."""
    return f"translate(shown_{side}, '*＊?？某', '_____')"


def _days(column: str) -> Any:
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl

    apart = f"abs(datediff('day', {column}_l::date, {column}_r::date)) <= "
    return cl.CustomComparison(
        comparison_levels=[
            cll.NullLevel(column),
            cll.ExactMatchLevel(column, term_frequency_adjustments=True),
            cll.LevenshteinLevel(column, 1),
            cll.CustomLevel(apart + "31", label_for_charts="a month apart"),
            cll.CustomLevel(apart + "366", label_for_charts="a year apart"),
            cll.ElseLevel(),
        ],
        output_column_name=column,
    )


def _place(station: bool) -> Any:
    """Station and county as one: who shares the one shares the other."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl

    return cl.CustomComparison(
        comparison_levels=[
            cll.NullLevel("county"),
            *([cll.ExactMatchLevel("station")] if station else []),
            cll.ExactMatchLevel("county"),
            cll.ElseLevel(),
        ],
        output_column_name="county",
    )


def _mobile() -> Any:
    """Also where it is the other's second one."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl

    crossed = " or ".join(f"({a}_l = {b}_r)" for a in ("mobile", "mobile2") for b in ("mobile", "mobile2"))
    return cl.CustomComparison(
        comparison_levels=[
            cll.NullLevel("mobile"),
            cll.ExactMatchLevel("mobile", term_frequency_adjustments=True),
            cll.CustomLevel(crossed, label_for_charts="second mobile"),
            cll.ElseLevel(),
        ],
        output_column_name="mobile",
    )


def _document() -> Any:
    """Also where only its tail is seen."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl

    hidden = "(number_l is null or number_r is null)"
    return cl.CustomComparison(
        comparison_levels=[
            cll.CustomLevel(f"{hidden} and (tail_l is null or tail_r is null)", label_for_charts="unknown").configure(
                is_null_level=True
            ),
            cll.ExactMatchLevel("number"),
            cll.CustomLevel(f"{hidden} and tail_l = tail_r", label_for_charts="same tail"),
            cll.ElseLevel(),
        ],
        output_column_name="number",
    )
