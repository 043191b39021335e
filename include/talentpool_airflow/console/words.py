"""Name codes as an officer reads them."""

from __future__ import annotations

from talentpool.campaigns.life.states import STATE_WORDS
from talentpool.campaigns.receipts.outcomes import WAY_WORDS

CHECKED = {
    "ok": "可用", "valid": "格式有效", "missing": "缺", "empty": "缺", "masked": "掩码", "bad_checksum": "校验位不符",
    "precision_lost": "精度丢失", "legacy_15": "15 位旧号", "other_document": "其他证件", "placeholder": "占位内容",
    "rare_char": "含生僻字", "lost_char": "缺字",
}  # fmt: skip
LIST_STATES = STATE_WORDS
WITHOUT_LIST = {"overdue": "拟定日已过，还没有名单", "missed": "已过，没有名单"}
LIST_ACTS = {
    "approve": "同意", "return": "退回", "set_apart": "未审批的区县移到补充名单", "take_back": "移出的区县重新列入",
    "cancel": "取消本轮", "resume": "恢复本轮", "withdraw": "撤下草稿",
    "lock": "锁定", "release": "下发", "close": "办结", "void": "作废",
    "receipts": "开始收回执", "follow": "拟定补发名单",
}  # fmt: skip
"""What was said of a list (model.lists.list_decision)."""
RECEIPT_WAYS = WAY_WORDS
RECEIPT_NOTES = {
    "row_hidden": "表中隐藏的行（照常读取）", "sheet_other": "没有行号和结果两列、没有读取的工作表",
    "sheet_hidden": "隐藏的、没有读取的工作表",
    "handed_withdrawn": "信息已停止使用、因确已发放照常登记的行（请不要再联系本人）",
}  # fmt: skip
"""What is said of a sheet that came back, beside its faults."""
REQUESTS = {
    "withdraw": "撤回授权",
    "opt_out": "不参加某项活动",
    "access": "查阅复制",
    "erase": "删除信息",
    "correct": "更正信息",
    "restore": "重新授权",
}
ASKED_HERE = ("withdraw", "opt_out", "access", "correct", "erase")
"""What the page registers; consent given anew is put down by `talentpool restore-consent`, with its proof."""
CONSEQUENCES = {
    "withdraw": "登记后立即停止使用此人在各单位的全部记录：不再出现在查人、人才库和名单中，以后的名册也不再收录。"
    "登记错误可以撤销。核对身份并经另一人确认后，全部信息才被删除，删除后不可恢复。不告知合作单位。",
    "opt_out": "登记后立即生效：所选活动的名单不再列入此人，其他活动不受影响。以后可以撤销。",
    "access": "不改变任何信息。核对身份后，由市级出具一份含“谁看过、为什么”的副本：加密文件，或经另一人确认后打印的纸质件。",
    "correct": "核对身份并看过证明材料后，由市级或区县专员更正名册中的一项内容：立即生效，以后的名册也照此更正，"
    "直到合作单位自己改正或改变这项内容。工号、授权日期和告知版本不能更正。",
    "erase": "只用于已离开所有名册的人。核对身份并经另一人确认后，全部信息被删除，不可恢复；以后重新入职并授权的，可以再收录。",
}
FORMS = {"no": "加密文件", "yes": "纸质"}
"""Of a copy: whether it is on paper."""
REQUEST_STATES = {
    "registered": "待核对身份", "verified": "已核对身份", "confirmed": "已确认", "done": "已办结", "revoked": "已撤销",
}  # fmt: skip
REQUEST_STEPS = {"identity": "核对身份", "confirmed": "第二人确认", "revoked": "撤销登记", "handed_over": "交付副本"}
AUDIT_ACTIONS = {
    "access": "本人查阅", "approval": "审批", "decision": "决定", "erasure": "删除", "export": "名单导出",
    "key_use": "密钥使用", "lock": "名单锁定", "refused": "被拒绝的访问", "reveal": "查看明文", "role_change": "角色变更",
    "search": "查找", "sign_in": "登录", "sign_in_failed": "登录失败", "sign_in_lock": "登录锁定", "sign_out": "退出登录",
    "password_change": "修改密码", "second_factor": "动态口令",
    "upload": "上传名册", "view": "查看（掩码）", "withdrawal": "撤回",
}  # fmt: skip
UNUSUAL = {
    "reveals": "一天内多次查看明文", "night": "夜间（22 时至 6 时）查看", "scan": "一天内查看的人过多",
    "searches": "一天内查找过多", "misses": "一天内多次按号码查找而查无此人（可能在试号码）",
    "guesses": "近期累计多次按号码查找而查无此人（可能在慢慢试号码）", "refusals": "一天内多次被拒绝",
}  # fmt: skip
COMPARISONS = {
    "prior": "起点", "document": "证件号码", "mobile": "手机号码", "birth": "出生日期", "name": "姓名", "sex": "性别",
    "county": "工作区县", "station": "站点", "hired": "入职日期", "partner": "企业",
}  # fmt: skip
REVIEW_WHY = {
    "scored": "证据不足", "borrowed_account": "同一证件号码，姓名与手机都不同（可能借用账号）",
    "relatives": "可能是共用手机的家人：姓名、性别、出生日期或证件号码末位不一致",
    "two_numbers": "同名同手机号、同站点或同入职日期，但证件号不同",
    "ambiguous": "与多人相符，或与已有判定、证件、出生日期冲突",
}  # fmt: skip
HELD = "分值够高，为慎重不自动合并（一方缺少关键证据，或疑为双胞胎）"
JUDGEMENTS = {"same": "是同一人", "different": "不是同一人", "unsure": "暂缓"}
FIELDS = {"name": "姓名", "document": "证件号码", "mobile": "手机号码", "birth_date": "出生日期", "sex": "性别"}
ALIKE = {"same": "相同", "slip": "差一位", "different": "不同", "missing": "缺失"}
"""How two values agree of which neither is shown (talentpool.review.fields)."""
SETTLED = {
    "document_slip": "请向合作方核实证件号码（先核对末四位）：只差一位，多半是一方录错；录错的由合作方更正后重新报送。",
    "document_missing": "请合作方补全证件号码并核实末四位：有一方缺失或只有掩码，补全后系统会重新比对。",
    "document_different": "请两家合作方分别核对证件原件：都没有录错，就是两个人；录错的由合作方更正后重新报送，系统会重新比对。",
    "name_of_document": "请向合作方核实持证人姓名：证件相同而姓名不一致，可能借用账号，也可能姓名录错。",
    "birth_date_slip": "请向合作方核实出生日期：两方只差一位。",
    "birth_date_missing": "请合作方补全出生日期。",
    "mobile_of_two_names": "请致电核实机主是谁：同一手机、姓名不一致，可能是共用手机的家人。",
    "mobile_slip": "请向合作方核实手机号码：两方只差一位。",
}
"""What would settle whether two records are one person."""
LONGEST_NOTE = 200
"""Characters that may be added to a ground."""
GROUNDS = {"call": "电话核实", "company": "单位确认", "paper": "核对证件原件", "facts": "依据页面上的证据"}
PUT_OFF = {"asked": "等合作方核实"}
"""Grounds of a pair that is put off, and of no other judgement."""
UNDO_GROUNDS = GROUNDS | {"slip": "点错了"}
CONSENT_ENDED = {
    "missing": "名册中没有有效的授权日期或告知版本",
    "withdrawn": "合作单位报告本人已撤回授权",
}
WITHDREW = {"same": "同一人", "different": "不是同一人"}
NOT_THEIR_OFFICE = "按登记的职务，您不能作出或撤销这个判定，什么也没有改变。请由市、县数据专员办理。"
NOT_THEIR_DUTY = "按登记的职务或区县，这件事不由您办理，什么也没有改变。请由市级专员或该区县的专员办理。"


def list_state(state: str) -> str:
    """The state of a round: its list's, or that of a round without one; a state that has no words yet stays as it is."""
    return WITHOUT_LIST.get(state) or LIST_STATES.get(state, state)
