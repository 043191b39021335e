"""Tell which weights hold: the shipped file, or a version of the office's own that somebody activated.

Shipped files number their versions below FIRST, the office's own count from there, so that neither is ever taken for the
other. Another version in force makes the next run look at everything again (match_run.weights_version).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
import yaml
from pydantic import ValidationError

from talentpool.errors import UsageError
from talentpool.guard import audit
from talentpool.locks import WEIGHTS_LOCK, hold
from talentpool.match.scoring.weights import Bands, Weights, load_weights
from talentpool.model import match_run, match_weights

FIRST = 1000


def active_weights(conn: sa.Connection) -> Weights:
    """The weights in force. UsageError when the active version does not fit this release."""
    row = conn.execute(sa.select(match_weights).where(match_weights.c.active)).one_or_none()
    return load_weights() if row is None else _read(row.version, row.weights)


def active_bands(conn: sa.Connection) -> Bands:
    """The bands in force: two records are one person from as many bits on as the last run found."""
    bands = active_weights(conn).bands
    newest = sa.select(match_run.c.same_from).order_by(match_run.c.match_run_id.desc()).limit(1)
    return bands.model_copy(update={"same": conn.scalar(newest) or bands.same})


def weights_of(conn: sa.Connection, version: int) -> Weights:
    """One version, the shipped one included. UsageError when there is none, or it does not fit this release."""
    if version == load_weights().version:
        return load_weights()
    kept = conn.scalar(sa.select(match_weights.c.weights).where(match_weights.c.version == version))
    if kept is None:
        raise UsageError(f"there are no weights of version {version}; `talentpool match weights` lists the versions")
    return _read(version, kept)


def keep_weights(
    conn: sa.Connection, weights: Weights, *, by: str, note: str, fitted_on: dict[str, int] | None = None
) -> int:
    """Keep weights as a new version, not active; its number. `fitted_on` holds counts."""
    hold(conn, WEIGHTS_LOCK)
    newest = conn.scalar(sa.select(sa.func.max(match_weights.c.version)))
    version = FIRST if newest is None else newest + 1
    row = {"version": version, "weights": weights.model_dump(exclude={"version"}), "made_by": by.strip() or None,
           "note": note.strip() or None, "fitted_on": fitted_on or {}}  # fmt: skip
    conn.execute(match_weights.insert().values(row))
    return version


def activate(conn: sa.Connection, version: int, *, by: str, note: str) -> int:
    """Put a version in force, the shipped one included; the one before it. UsageError when it is unknown or unfit."""
    if not by.strip() or not note.strip():
        raise UsageError("an activation must name who decides (--by) and why (--note)")
    hold(conn, WEIGHTS_LOCK)
    weights_of(conn, version)
    before = conn.scalar(sa.select(match_weights.c.version).where(match_weights.c.active)) or load_weights().version
    if before == version:
        raise UsageError(f"version {version} is active already")
    conn.execute(match_weights.update().where(match_weights.c.active).values(active=False))
    now = {"active": True, "activated_at": sa.func.now(), "activated_by": by.strip()}
    conn.execute(match_weights.update().where(match_weights.c.version == version).values(now))
    audit(conn, "decision", f"match_weights:{version}", actor=by, reason=note, details={"before": before})
    return before


def versions(conn: sa.Connection) -> list[dict[str, Any]]:
    """Every version, the shipped one first; none of them holds anything of a person."""
    names = ("made_at", "made_by", "note", "fitted_on", "active", "activated_at", "activated_by")
    rows = conn.execute(sa.select(match_weights).order_by(match_weights.c.version)).all()
    shipped = dict.fromkeys(names) | {"fitted_on": {}, "active": not any(row.active for row in rows)}
    own = [{"version": row.version, "shipped": False, **{name: getattr(row, name) for name in names}} for row in rows]
    return [{"version": load_weights().version, "shipped": True, **shipped}, *own]


def write_weights(weights: Weights) -> str:
    """As YAML, in the form of weights.yml."""
    return yaml.safe_dump(weights.model_dump(exclude_defaults=True), allow_unicode=True, sort_keys=False, width=120)


def read_weights(text: str, name: str) -> Weights:
    """Weights out of a file of that form. UsageError naming what is wrong in it."""
    try:
        return Weights.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise UsageError(f"{name} is no YAML file; `talentpool match export-weights` writes one as a start") from error
    except ValidationError as error:
        raise UsageError(f"{name}: {_faults(error)}") from error


def _read(version: int, kept: dict[str, Any]) -> Weights:
    try:
        return Weights.model_validate({**kept, "version": version})
    except ValidationError as error:
        raise UsageError(
            f"the weights of version {version} do not fit this release ({_faults(error)}); activate the shipped ones"
            f" (`talentpool match activate {load_weights().version}`)"
        ) from error


def _faults(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'weights'}: {one['msg']}" for one in error.errors())
