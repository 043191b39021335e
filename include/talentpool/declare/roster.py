"""Name the fields of a roster and the headers of the standard template."""

from __future__ import annotations

FIELDS = (
    "staff_no", "name", "sex", "document_type", "document_no", "birth_date", "mobile", "mobile2", "county",
    "station", "occupation", "hired_on", "left_on", "consented_on", "notice_version",
)  # fmt: skip
"""Canonical field names, in the order of the standard template."""
BRANCH = "branch"
"""A column beside the fields, read only of a partner whose staff numbers are unique within it: brand, fleet, company."""

TEMPLATE_V1 = dict(
    zip(
        ("工号", "姓名", "性别", "证件类型", "证件号码", "出生日期", "手机号码", "备用手机", "工作区县", "站点",
         "从业类别", "入职日期", "离职日期", "授权日期", "告知版本"),
        FIELDS,
        strict=True,
    )
)  # fmt: skip
"""Standard roster template 标准名册模板 v1: column header -> canonical field."""

REQUIRED_FIELDS = ("staff_no", "name", "county")
