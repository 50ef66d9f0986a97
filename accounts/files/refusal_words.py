"""What a refusal's code means, for the lists of the audit administrator.

A record keeps the code, never the text: the text is for who sent the file and may change. The
longest beginning that is known decides, so that a new rule of a known family has words too.
"""

from __future__ import annotations

WORDS = {
    # the file as such
    "empty": "空文件",
    "too-large": "文件太大",
    "type-": "文件类型不收",
    "type-differs": "文件内容与扩展名不符",
    "infected": "文件含病毒",
    "pending": "文件还没查毒",
    "damaged": "文件和上传时不一样",
    "name-": "文件名不合要求",
    "name-path": "文件名里有路径",
    # pictures
    "image-": "图片读不出来",
    "image-moves": "动图",
    "image-too-many-pixels": "图片像素太多",
    # PDF
    "pdf-": "PDF读不出来",
    "pdf-embedded": "PDF里嵌了文件",
    "pdf-encrypted": "PDF设了密码",
    "pdf-form": "PDF里有表单",
    "pdf-script": "PDF里有脚本",
    "pdf-too": "PDF内容太多",
    # workbooks
    "xlsx-": "表格读不出来",
    "xlsx-embedded": "表格里嵌了文件",
    "xlsx-endless": "表格内容过大",
    "xlsx-error-value": "表格里有错误值",
    "xlsx-external": "表格里有外部链接",
    "xlsx-formula-without-value": "表格里的公式没有算出数",
    "xlsx-macro": "表格里有宏",
    "xlsx-not-a-workbook": "不是Excel工作簿",
    "xlsx-number-too-long": "表格里的数超过15位",
    "xlsx-old-or-encrypted": "旧版或设了密码的表格",
    "xlsx-column-outside": "表格超出范围",
    "xlsx-row-outside": "表格超出范围",
    "xlsx-strings-claimed": "表格内容过大",
    "xlsx-too-many": "表格内容过大",
    "xml-": "文件内部结构不合规范",
    # the workbook of a return
    "form-": "不是这份月报的填报表",
    "form-heads": "填报表的表头被改动",
    "form-newer-template": "填报表的模板版本不对",
    "form-old-template": "填报表的模板版本不对",
    "form-other-kindergarten": "别的园的填报表",
    "form-other-month": "别的月份的填报表",
    "form-sheet-missing": "填报表少了一张表",
    # packages: what every xlsx is inside
    "zip-": "文件内部结构不合规范",
    "zip-encrypted": "文件设了密码",
    "zip-inflate": "文件展开后过大",
    "zip-ratio": "文件展开后过大",
    "zip-too": "文件展开后过大",
    "zip-truncated": "文件不完整",
}


def words_of(code: str) -> str:
    """A code in words; any other text as it is."""
    for length in range(len(code), 0, -1):
        if code[:length] in WORDS:
            return WORDS[code[:length]]
    return code
