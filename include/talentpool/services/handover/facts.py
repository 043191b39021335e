"""Collect what the 对接说明 says from a declaration; it reads no connection, so it can hold no secret."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from talentpool.acquire import Manifest
from talentpool.declare import Partner
from talentpool.texts.fields import field_words
from talentpool.texts.labels import ROSTER_KINDS
from talentpool.texts.reasons import reasons

WEEKDAYS = {"Monday": "星期一", "Tuesday": "星期二", "Wednesday": "星期三", "Thursday": "星期四", "Friday": "星期五",
            "Saturday": "星期六", "Sunday": "星期日"}  # fmt: skip
MANIFEST_WORDS = {
    "schema_version": "固定为 1", "rows": "数据行数（不含标题、表头、合计行）", "bytes": "文件字节数",
    "sha256": "文件的 SHA-256（十六进制）", "encoding": "文件编码", "kind": "full 完整名册 / delta 增量名册",
    "as_of": "数据日期", "since": "增量起始日期（增量名册必填，完整名册为空）", "notice_version": "告知书版本",
    "file": "数据文件名",
}  # fmt: skip
ROW_CODES = ("staff_no_doubled", "name_empty", "county_unknown", "birth_date_impossible", "no_consent", "under_14")
VALUE_CODES = ("id_bad_checksum", "id_precision_lost", "mobile_unusable")


@dataclass(frozen=True)
class Sheet:
    """A sheet's content. `facts`: (label, text); `columns`, `manifest`, `codes`: rows of tables of text."""

    title: str
    partner: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str, str, str], ...]
    manifest: tuple[tuple[str, str, str], ...]
    steps: tuple[str, ...]
    verdicts: tuple[tuple[str, str, str], ...]
    codes: tuple[tuple[str, str, str], ...]
    duties: tuple[str, ...]
    version: str


def sheet_of(partner: Partner) -> Sheet:
    """The sheet of a partner, whatever its transport."""
    place, steps = _place(partner)
    served = bool(getattr(partner.transport, "bucket", "") or getattr(partner.transport, "directory", ""))
    return Sheet(
        title="青年人才库名册对接说明",
        partner=partner.name,
        facts=(
            ("接收方", partner.owner),
            ("贵方联系人", "，".join(filter(None, (partner.contact.unit, partner.contact.role, partner.contact.email,
                                              partner.contact.phone)))),
            ("交付方式", place),
            ("交付时间", f"{schedule(partner.cadence.cron)}（北京时间）；超过 {partner.cadence.grace_hours} 小时未到视为迟交"),
            ("交付类型", _kind(partner)),
            ("文件格式", _format(partner)),
        ),
        columns=tuple(
            (header, "必填" if field_words()[field].required else "", field_words()[field].meaning, field_words()[field].form)
            for header, field in partner.format.columns.items()
        ),
        manifest=_manifest(partner) if served else (),
        steps=steps,
        verdicts=(
            ("入库", "整份通过；个别行可能被隔离", "按修复函修正被隔离的行，下次交付时带上"),
            ("搁置", "整份可疑（如减少过多、空值骤增），未入库，由团委数据专员核实", "接到电话后核对；确认有误的重新交付"),
            ("退回", "文件不可信（如校验不符、编码混乱、缺列），全部未入库", "更正后以新文件重新交付，日期不变"),
        ),
        codes=tuple((code, reasons()[code].text_zh, reasons()[code].fix_zh) for code in _codes(served)),
        duties=(
            _consent(partner),
            "只报送上表所列的列；其他信息（银行卡、定位、照片等）在入库前丢弃。",
            f"原始文件加密保存，{partner.retention.raw_days} 天后删除；"
            f"因内容有误被隔离的行 {partner.retention.quarantine_days} 天后删除；"
            f"人员离职 {partner.retention.left_days} 天后清除。",
            "本人要求更正或撤回的，请在三个工作日内告知接收方。",
        ),
        version=f"声明版本 {partner.hash[:8]}",
    )  # fmt: skip


def schedule(cron: str) -> str:
    """A cron expression in Chinese words."""
    from cron_descriptor import ExpressionDescriptor, Options

    options = Options()
    options.locale_code, options.use_24hour_time_format, options.verbose = "zh_CN", True, True
    words = ExpressionDescriptor(cron, options).get_full_description()
    for name, weekday in WEEKDAYS.items():
        words = words.replace(name, weekday)
    at = re.match(r"在 (\d\d:\d\d), (?:仅在 ?)?(.+)", words)
    return f"{'每' if at[2].startswith('星期') else ''}{at[2].replace(' ', '')} {at[1]}" if at else words


def example_name(pattern: str, code: str) -> str:
    """A file name that a pattern admits, '' when none was found."""
    name = pattern.strip("^$")
    for part, text in ((r"\(\?P<as_of>[^)]*\)", "20261031"), (r"\([^()]*\)\?", ""), (r"\((\w+)\|[^()]*\)", r"\1"),
                       (r"\\d\{2\}", "01"), (r"\\w\+\??", code)):  # fmt: skip
        name = re.sub(part, text, name)
    name = name.replace("\\", "")
    return name if re.fullmatch(pattern, name) else ""


def _place(partner: Partner) -> tuple[str, tuple[str, ...]]:
    """How and where, and the steps of a delivery in their order."""
    given: Any = partner.transport
    name = example_name(given.file_name, partner.code) if hasattr(given, "file_name") else ""
    named = f"文件名形如 {name}（8 位为数据日期）"
    if given.kind == "sftp":
        return f"SFTP，目录 {given.directory}/日期（YYYYMMDD）；公钥登录，双方核对主机指纹", (
            f"上传数据文件，{named}。", f"上传清单 {name}.manifest.json。",
            f"最后上传空文件 {name}.ok；没有它，我方不取。",
        )  # fmt: skip
    if given.kind == "s3":
        return f"对象存储（S3 协议，HTTPS），桶 {given.bucket}，前缀 {given.prefix}", (
            f"上传数据文件，{named}。", f"最后上传清单 {name}.manifest.json；没有它，我方不取。",
        )  # fmt: skip
    if given.kind == "signed_api":
        return f"贵方签名接口（HTTPS，路径 {given.path}），签名方式 {given.signer}，每秒不超过 {given.calls_per_second:g} 次", (
            f"我方调用 {given.index_service} 取交付清单（编号、数据日期、类型、起始日期、总行数）。",
            f"我方调用 {given.page_service} 逐页取名册，每页 {given.page_size} 行；总行数中途变化的，从头重取。",
            f"每行以 {given.staff_no_key} 为编号，同一次交付内不重复。",
        )  # fmt: skip
    return "收件夹：将文件交区县团委数据专员，由其放入收件夹", (
        f"填写标准模板或贵方格式，{named}。", "交付前可由数据专员试检，得到每一行的问题。",
    )  # fmt: skip


def _kind(partner: Partner) -> str:
    usual = ROSTER_KINDS[partner.cadence.kind]
    if partner.cadence.kind == "full":
        return f"{usual}：每次为全体在职人员；连续两份完整名册中没有的人视为离职"
    return f"{usual}：只含新增、变更与离职（填离职日期）的人，注明起始日期；空白单元格表示不变。有缺口时请补交或交一份完整名册"


def _format(partner: Partner) -> str:
    if getattr(partner.transport, "kind", "") == "signed_api":
        return "JSON，UTF-8；键名见下表，值一律为文本，没有的值给空文本"
    if partner.format.kind == "xlsx":
        return "xlsx 工作簿（不加密、无宏、无外部链接），不超过 20 万行；证件号码、手机号码、编号用文本格式"
    return f"CSV，编码 {' 或 '.join(code.upper() for code in partner.format.encodings)}，首行为列名，逗号分隔，必要时加双引号"


def _manifest(partner: Partner) -> tuple[tuple[str, str, str], ...]:
    sample = {
        "schema_version": 1, "rows": 1890, "bytes": 245760, "sha256": "9f86d081884c7d65…（64 位）",
        "encoding": partner.format.encodings[0], "kind": partner.cadence.kind, "as_of": "2026-10-31",
        "since": None if partner.cadence.kind == "full" else "2026-09-30", "notice_version": "v1", "file": None,
    }  # fmt: skip
    name = example_name(getattr(partner.transport, "file_name", ""), partner.code)
    sample["file"] = name or None
    return tuple(
        (key, MANIFEST_WORDS[key], json.dumps(sample[key], ensure_ascii=False)) for key in Manifest.model_fields
    )


def _consent(partner: Partner) -> str:
    if partner.basis.kind != "consent":
        return f"依据：{partner.basis.reference}。"
    where = "清单的 notice_version" if partner.basis.notice == "manifest" else "每行的告知书版本"
    return f"每人须已阅读告知书并同意；没有授权日期、或{where}未备案的行不接收、不保存。"


def _codes(served: bool) -> tuple[str, ...]:
    whole = ("hash_mismatch", "row_count_mismatch") if served else ()
    return (*whole, "encoding_unknown", "header_missing", *ROW_CODES, *VALUE_CODES)
