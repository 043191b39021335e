"""Hold what is said of a mark that is not taken, and who may sign: the same on the host apart and in the office."""

from __future__ import annotations

SIGNERS = {"self": "各人本人", "head": "站点负责人代签", "colleague": "同事代领"}
OTHER_COUNTY = "这是在别的区县发放时登记的，没有计入本次；请用那个区县的登录码送出"
UNSIGNED = "发放物品要有人签收，没有登记；请重新选择签收人"
RESERVE_EMPTY = "预留的份数已发完，没有登记；请不要再发给名单外的人"
WITHDRAWN = "这一行的信息已停止使用，没有登记；请不要发放，也不要联系本人"
HANDED_GONE = "已登记领取。这个人的信息已停止使用：请不要再联系本人，并告诉区县专员"
ROW_UNKNOWN = "这份名单中没有您负责的这一行；请核对行号"
WRONG = "登录码不对，或已用过、已作废、已过期；请核对，或向专员要新的登录码。"
SIGNED_OUT = "请登录：登录码已用过、已作废，或这次发放已结束。未送出的登记仍保存在本机，登录后会自动送出。"
FOREIGN = "此请求不是从本系统的页面发出的，未执行任何操作。请回到页面重新操作。"
NOT_ASKED = "请输入表上的行号（如 K7QM-2F4HX），或手机号码后四位"
UNREADABLE = "内容不完整或格式不对，没有登记；请刷新页面后重试。"
BROKEN = "暂时无法使用，没有登记；请稍后再试，仍不行请联系专员。"
