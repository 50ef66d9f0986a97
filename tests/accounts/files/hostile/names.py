"""Names of files that mislead a person or a file system."""

from __future__ import annotations

BAD_NAMES = (
    "../../etc/passwd.pdf", "..\\..\\a.pdf", "/etc/a.pdf", "C:\\a.pdf", "a\0.pdf", "a.pdf\0.exe",
    "照片\u202egpj.pdf", "a\u200b.pdf", "a\u2066b.pdf", "a\r\nSet-Cookie: a=b.pdf", "a\tb.pdf",
    "CON.pdf", "nul.pdf", "com1.pdf", "LPT9.x.pdf", "ＣＯＮ.pdf", ".htaccess.pdf", ".pdf", "~a.pdf",
    "a.pdf.", "长" * 200 + ".pdf", "a..pdf", "a:b.pdf", "a<b>.pdf", 'a"b.pdf', "a|b.pdf", "a?.pdf",
    "pdf", "", "   .pdf", "．．／a.pdf",
)  # fmt: skip
BAD_ENDINGS = (
    "a.exe", "a.js", "a.html", "a.svg", "a.zip", "a.rar", "a.7z", "a.xls", "a.xlsm", "a.xlsb",
    "a.xltx", "a.ods", "a.et", "a.csv", "a.doc", "a.docx", "a.docm", "a.wps", "a.php", "a.bat",
    "a.lnk", "a.pdf.exe", "a.xlsx.scr", "a.jpg ", "a.ＰＤＦ",
)  # fmt: skip
