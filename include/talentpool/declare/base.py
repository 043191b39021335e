"""Define what every declaration is: strict, frozen, read from YAML; errors name file, field and valid values."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from talentpool.errors import DeclarationError

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
Fraction = Annotated[float, Field(ge=0, le=1)]
Whole = Annotated[int, Field(strict=True)]
"""A number that is written as one: "35" in quotes, or true, is a slip of the pen."""
YesNo = Annotated[bool, Field(strict=True)]


def _is_day(value: Any) -> Any:
    if isinstance(value, int | float):
        raise ValueError("a day is written YYYY-MM-DD")
    return value


Day = Annotated[date, BeforeValidator(_is_day), Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]


class Reader(LOADER):
    """Only true and false are one: of YAML 1.1 the key `on` is true, and so is `yes`."""

    yaml_implicit_resolvers: ClassVar = {
        sign: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":bool")]
        for sign, resolvers in LOADER.yaml_implicit_resolvers.items()
    }


Reader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


class _EachKeyOnce(Reader):
    """Refuses a key that stands twice in one mapping: of two, YAML keeps the last without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if (key.tag, key.value) in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value} stands twice", key.start_mark)
            seen.add((key.tag, key.value))
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


class Declaration(BaseModel):
    """Base: frozen, unknown keys fail."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def hash_of(declaration: Declaration) -> str:
    """What a run freezes: 16 hex digits over every declared fact."""
    facts = json.dumps(declaration.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def read_declaration(path: Path, model: type[Any]) -> Any:
    """Parse one YAML file into `model`; DeclarationError names file, field and what is valid."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_EachKeyOnce)  # noqa: S506 - a safe loader, the fast one
    except (OSError, yaml.YAMLError, ValueError, RecursionError) as error:  # 2026-02-30 is a ValueError of the loader
        raise DeclarationError(f"{path}: not readable as YAML: {error}") from error
    if not isinstance(data, dict):
        raise DeclarationError(f"{path}: a declaration is a mapping of fields")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise DeclarationError("; ".join(_explain(path, model, e) for e in error.errors())) from error


def _explain(path: Path, model: type[BaseModel], error: Any) -> str:
    return f"{path}: {explain_field(model, error)}"


def explain_field(model: type[BaseModel], error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "(file)"
    if error["type"] == "extra_forbidden":
        return f"unknown key {where}; valid keys: {', '.join(sorted(_fields_at(model, error['loc'][:-1])))}"
    return f"field {where}: {error['msg']}"


def _fields_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> Iterable[str]:
    """Field names of the model nested at `loc`."""
    for part in loc:
        nested = _models_in(model.model_fields[str(part)].annotation) if str(part) in model.model_fields else []
        model = nested[0] if nested else model
    return model.model_fields


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for arg in getattr(annotation, "__args__", ()) for m in _models_in(arg)]
