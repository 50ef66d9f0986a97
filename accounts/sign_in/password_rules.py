"""What a password must be, by profile. Plain rules: text in, complaints out.

Two texts contradict each other. GB/T 22239-2019 (等保) wants composition and periodic change; OWASP
ASVS 5.0 forbids both and asks for length. A deployment chooses; docs/adr/0008 says why.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.sign_in.common_words import EVERYBODY_KNOWS

# Longer input is refused before it is hashed; nothing is ever cut off.
LONGEST = 256
KEYBOARD = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz",
            "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp")  # fmt: skip
YEAR = re.compile(r"(?<!\d)(?:19[5-9]\d|20[0-3]\d)(?!\d)")
# What people write for letters when a form wants other characters.
WRITTEN_AS = str.maketrans("@4013$5!7", "aaoiessit")


@dataclass(frozen=True)
class PasswordPolicy:
    """One profile. Ages in days; None means a password does not age."""

    name: str
    shortest: int
    classes: int
    age_privileged: int | None
    age: int | None
    history: int

    def complaints(
        self, password: str, *, common: frozenset[str], words: Iterable[str] = ()
    ) -> list[str]:
        """Everything that is wrong, each with how to mend it; empty for a good password.

        `common` holds lower-case passwords that many people use, `words` what everybody knows
        about the person: names, place, kindergarten.
        """
        if len(password) > LONGEST:
            return [f"最长{LONGEST}个字，现在有{len(password)}个。请缩短。"]
        found = []
        if len(password) < self.shortest:
            found.append(
                f"至少{self.shortest}个字，现在有{len(password)}个。可以用几个不相关的词连起来。"
            )
        if (kinds := kinds_of_character(password)) < self.classes:
            found.append(
                f"大写字母、小写字母、数字、其他符号（或汉字）至少用{self.classes}种，现在有{kinds}种。"
            )
        if is_common(password, common):
            found.append("这是常用密码或只在常用密码前后加了几个字符，容易被猜到。请换一个。")
        elif is_pattern(password):
            found.append("连续、重复或按键盘顺序的字符太多，容易被猜到。请换成不相关的词。")
        if word := known_word(password, words):
            # A name of the person's, or a word that half the country would try.
            why = (
                "这个词谁都想得到"
                if word in EVERYBODY_KNOWS
                else "姓名、用户名、单位和地名别人都知道"
            )
            found.append(f"不要包含“{word}”：{why}。")
        if year := YEAR.search(password):
            found.append(f"不要包含年份“{year.group()}”。")
        return found

    def lasts_days(self, *, privileged: bool) -> int | None:
        return self.age_privileged if privileged else self.age


PROFILES = {
    "dengbao": PasswordPolicy(
        "dengbao", shortest=12, classes=3, age_privileged=90, age=180, history=5
    ),
    "asvs": PasswordPolicy(
        "asvs", shortest=15, classes=0, age_privileged=None, age=None, history=5
    ),
}


def kinds_of_character(password: str) -> int:
    """Upper case, lower case, digits, and everything else: at most four."""
    return len({_kind(character) for character in password})


def _kind(character: str) -> str:
    if character.isascii() and character.isalpha():
        return "upper" if character.isupper() else "lower"
    return "digit" if character.isdigit() else "other"


def is_common(password: str, common: frozenset[str]) -> bool:
    """Whether it is on the list, as it is, with letters disguised, or with frills around it."""
    spellings = _spellings(password)
    # Password1234!! is “password” with frills; trustno1!!!! loses only its signs.
    bare = {re.sub(r"^[\W_]+|[\W_]+$", "", spelling) for spelling in spellings}
    cores = {re.sub(r"^[\W\d_]+|[\W\d_]+$", "", spelling) for spelling in spellings}
    found = {core for core in bare | cores if len(core) >= 4}
    return any(text in common or _repeated(text) in common for text in spellings | found if text)


def _spellings(password: str) -> set[str]:
    plain = unicodedata.normalize("NFKC", password).lower()
    return {plain, plain.translate(WRITTEN_AS)}


def _repeated(text: str) -> str:
    """The shortest piece of which the text is made by repeating, or the text."""
    for length in range(1, len(text) // 2 + 1):
        if len(text) % length == 0 and text[:length] * (len(text) // length) == text:
            return text[:length]
    return text


def is_pattern(password: str) -> bool:
    """Whether most of it is runs: one character repeated, or neighbours on the keyboard."""
    plain = unicodedata.normalize("NFKC", password).lower()
    if len(set(plain)) <= 4 or len(_repeated(plain)) <= 4:
        return bool(plain)
    return 2 * _in_runs(plain) > len(plain)


def _in_runs(text: str) -> int:
    """How many characters stand in runs of four or more."""
    total = start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and _is_run(text[start : end + 1]):
            end += 1
        if end - start >= 4:
            total += end - start
            start = end
        else:
            start += 1
    return total


def _is_run(piece: str) -> bool:
    if len(set(piece)) == 1:
        return True
    return any(piece in row or piece in row[::-1] for row in KEYBOARD)


def known_word(password: str, words: Iterable[str]) -> str:
    """The first of the words in the password, whatever case, width or disguise; or nothing."""
    spellings = _spellings(password)
    for word in words:
        wanted = unicodedata.normalize("NFKC", word).lower().strip()
        if _worth_forbidding(wanted) and any(wanted in spelling for spelling in spellings):
            return word
    return ""


def _worth_forbidding(word: str) -> bool:
    """Two Chinese characters say something; three Latin letters are in every second word."""
    return len(word) >= (4 if word.isascii() else 2)


def parts_of_name(name: str) -> set[str]:
    """A name and what people shorten it to: 武清区第一幼儿园 gives also 武清 and 第一."""
    plain = unicodedata.normalize("NFKC", name).strip()
    parts = {plain}
    for piece in re.split(r"[\W_]+|(?:中心|实验|示范)?幼儿园|教育局|人民政府|办公室|地区", plain):
        parts.add(piece)
        parts.update(re.split(r"(?<=.)[省市区县镇乡街道旗]+", piece))
    return {part for part in parts if part}
