"""Translate what a row of the log is about into Chinese, and the Chinese back into the code that is searched for."""

from __future__ import annotations

KINDS = {
    "person": "人员",
    "record": "记录",
    "pair": "一对记录",
    "review": "复核",
    "split": "拆分",
    "delivery": "交付",
    "list": "名单",
    "campaign": "活动",
    "round": "活动轮次",
    "deputy": "审批代理",
    "pool": "人才库",
    "quarantine": "待更正",
    "export": "导出",
    "request": "申请",
    "consents": "授权待核实",
    "search": "查找",
    "page": "页面",
    "frame": "数据表",
    "partner": "合作单位",
    "upload": "上传",
    "user": "用户",
    "officer": "人员任职",
    "role": "角色",
    "key": "密钥",
    "withdrawn": "已撤回的人",
    "reference": "参照表",
    "recipient": "接收方",
    "connection": "连接",
    "variable": "变量",
    "trial": "试检",
    "match_weights": "匹配权重",
    "permission": "权限",
    "retention": "保存期限",
    "county": "区县",
    "letter": "问题反馈单",
    "hold": "暂停删除",
    "kind": "整类信息",
}
WHICH = {
    "waiting": "待办的",
    "board": "总览",
    "all": "全部",
    "pairs": "待判定",
    "decisions": "已作的判定",
    "name": "姓名",
    "mobile": "手机号码",
    "document": "证件号码",
    "staff_no": "工号",
    "suspended": "工号（授权待核实）",
    "withdraw": "撤回授权",
    "opt_out": "不参加某项活动",
    "access": "查阅复制",
    "erase": "删除信息",
    "correct": "更正信息",
    "rows": "隔离的行",
    "people": "离职人员",
    "quarantine": "隔离的行",
    "raw_files": "名册原件",
    "uploads": "没有提交的上传",
    "exports": "导出的名单文件",
    "sheets": "名单表格",
    "provisions": "提供名单的记录",
    "requests": "已办结的申请",
    "sign_ins": "登录记录",
    "airflow": "运行记录",
    "logs": "运行日志",
}


def told(subject: str) -> str:
    """`person:<id>` -> 人员 <id>; what is none of ours stays as it is."""
    kind, colon, which = subject.partition(":")
    if not colon or kind not in KINDS:
        return subject
    return f"{KINDS[kind]} {WHICH.get(which, which)}".strip()


def code_of(asked: str) -> str:
    """人员 <id> or 人员：<id> -> `person:<id>`; a code stays a code."""
    for code, word in sorted(KINDS.items(), key=lambda kind: -len(kind[1])):
        if asked.startswith(word):
            rest = asked[len(word) :].lstrip(" :：")
            return f"{code}:{next((which for which, said in WHICH.items() if said == rest), rest)}"
    return asked
