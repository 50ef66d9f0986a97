"""Files as honest people send them, made by the programs they use or as those make them."""

from __future__ import annotations

import datetime as dt
import io
import zlib
from typing import Any

import openpyxl
import pikepdf
import xlsxwriter
from PIL import Image

# Where the picture was taken, and what must not leave with it.
PLACE = "NorthGate-39.38N-117.04E"


def written_by_excel(**options: Any) -> bytes:
    """A workbook with dates, formulas, links, comments, merges, a list and a picture."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("名单")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.merge_range("A1:D1", "示例一园账号名单", book.add_format({"bold": True}))
        sheet.write_row("A2", ["姓名", "手机号", "到岗日期", "课时"])
        sheet.write_row("A3", ["示例甲", "13800001234"])
        sheet.write_datetime("C3", dt.date(2026, 9, 1), day)
        sheet.write_number("D3", 2.5)
        sheet.write_formula("D4", "=SUM(D3:D3)", value=2.5)
        sheet.write_url("A5", "https://example.cn/help")
        sheet.write_comment("B2", "11位手机号")
        sheet.data_validation("D3:D40", {"validate": "integer", "criteria": ">", "value": 0})
        sheet.insert_image("F2", "photo.png", {"image_data": io.BytesIO(png(40, 30))})
        sheet.autofilter("A2:D4")
        sheet.freeze_panes(2, 0)
        book.add_worksheet("填表说明").write("A1", "只填第一张表")
        book.define_name("课时", "=名单!$D$3:$D$40")
    return out.getvalue()


def written_by_openpyxl() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["姓名", "手机号"])
    book.active.append(["示例乙", "13900005678"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def large(rows: int = 4900, columns: int = 40) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(rows):
            for column in range(columns):
                sheet.write(row, column, row * column if column % 2 else f"第{row}行")
    return out.getvalue()


def picture(width: int = 60, height: int = 40, mode: str = "RGB") -> Image.Image:
    image = Image.new(mode, (width, height))
    image.paste((200, 30, 30) if mode == "RGB" else 99, (0, 0, width // 2, height // 2))
    return image


def png(width: int = 60, height: int = 40, mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    picture(width, height, mode).save(out, "PNG", **options)
    return out.getvalue()


def photo(width: int = 60, height: int = 40, orientation: int = 1, **options: Any) -> bytes:
    """As a phone takes it: with the place, the device, a comment and a colour profile."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = PLACE
    exif[0x8825] = {1: "N", 2: (39.0, 22.0, 48.0), 3: "E", 4: (117.0, 2.0, 24.0), 29: PLACE}
    out = io.BytesIO()
    picture(width, height).save(
        out, "JPEG", exif=exif, comment=PLACE.encode(), icc_profile=PLACE.encode() * 4, **options
    )
    return out.getvalue()


def two_pictures() -> bytes:
    """A JPEG with a second picture in it (MPO), as several phones make them."""
    out = io.BytesIO()
    picture().save(out, "MPO", save_all=True, append_images=[picture(30, 20)])
    return out.getvalue()


def pdf(pages: int = 1, **encryption: Any) -> bytes:
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page(page_size=(595, 842))
        out = io.BytesIO()
        document.save(out, **encryption)
    return out.getvalue()


def pdf_with_link() -> bytes:
    with pikepdf.new() as document:
        page = document.add_blank_page()
        page.Annots = document.make_indirect(
            pikepdf.Array(
                [
                    pikepdf.Dictionary(
                        Type=pikepdf.Name.Annot,
                        Subtype=pikepdf.Name.Link,
                        Rect=[0, 0, 50, 50],
                        A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.cn/"),
                    )
                ]
            )
        )
        document.Root.OpenAction = pikepdf.Array([page.obj, pikepdf.Name.Fit])
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
