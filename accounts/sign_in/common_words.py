"""Passwords that many people use: Django's list of 20,000 and what is usual in Chinese offices."""

from __future__ import annotations

from functools import cache

from django.contrib.auth.password_validation import CommonPasswordValidator

# Stems; digits and signs around them are taken off before they are compared.
USUAL_HERE = ["woaini", "woaini1314", "iloveyou1314", "5201314", "wodemima", "mima", "mimamima", "nihao", "nihaoma", "woaiwojia", "wangyoumima", "zhongguo", "zhonghua", "beijing", "tianjin", "shanghai", "xinjiang", "neimenggu", "yuanzhang", "laoshi", "jiaoshi", "xiaozhang", "youeryuan", "youer", "jiaoyuju", "jiaoyu", "xuexiao", "xueqian", "dudao", "admin", "administrator", "guanliyuan", "root", "system", "portal", "user", "test", "testtest", "ceshi", "yanshi", "shili", "welcome", "changeme", "letmein", "default", "initial", "chushi", "chushimima", "xitong", "qwer", "qwert", "qwer1234", "asdf1234", "zxcv1234", "a123456", "a12345678", "aa123456", "abc123", "abcd1234", "abc123456", "asd123", "asd123456", "qq123456", "qwe123", "qwe123456", "zxc123", "1q2w3e", "1q2w3e4r", "1q2w3e4r5t", "1qaz2wsx", "1qaz2wsx3edc", "qazwsx", "qazwsxedc", "p@ssw0rd", "passw0rd", "admin123", "root123", "test123", "password123", "123qwe", "147258369", "159357", "112233", "11223344", "123123", "123321", "1234qwer", "654321", "666666", "888888", "88888888", "66668888", "5201314520", "caonima", "meiyoumima", "wangjile", "jintian", "mingtian", "laogong", "laopo", "baobao", "baobei", "xiaopengyou", "haizi", "mama", "baba"]  # fmt: skip


@cache
def common_passwords() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords) | frozenset(USUAL_HERE)


# Words that name the system and its people; nobody takes them for a secret.
EVERYBODY_KNOWS = (
    *("学前教育", "幼儿园", "教育局", "督导", "园长", "密码", "youeryuan", "jiaoyuju", "yuanzhang"),
    *("xueqianjiaoyu", "dudao", "mima", "password", "admin"),
)
