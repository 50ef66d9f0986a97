"""Cameras as a table: one row for a camera, by its kindergarten's code and its number there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from accounts.access.permissions import Permission
from accounts.exchange.declaring import Column, Context, Importable, Key, Line, Plan, Values
from accounts.exchange.kinds import Choice, Code, Day, Text
from accounts.exchange.registry import register
from accounts.exchange.services import Refused
from accounts.models import ImportBatch
from kindergartens.models import Kindergarten
from kindergartens.stamps import stamp_of
from safety.models import VideoDevice
from safety.models.patrol import VideoDeviceQuerySet
from safety.patrols.services.devices import FACTS, correct_device, register_device
from safety.patrols.services.refusal import PatrolRefused


class DevicesTable(Importable):
    code = "video-devices"
    label = "视频设备"
    noun = "台"
    permission = Permission.KEEP_SAFETY
    key = ("code", "number")
    called_by = "place"
    most_rows = 10_000
    about = (
        "每行是一所幼儿园的一台视频设备，按学校标识码和设备编号认；编号在本园内不重复。",
        "停用在页面上办，停用的编号不再给别的设备用。",
    )
    columns = (
        Column("code", "学校标识码", Code(r"[1-9][0-9]{9}", "应为10位数字。"), required=True,
               example="1165000001", aliases=("标识码",)),
        Column("number", "设备编号", Text(20), required=True, example="01", aliases=("通道号",)),
        Column("place", "安装位置", Text(60), required=True, example="大门东侧"),
        Column("spot", "覆盖部位", Choice(dict(VideoDevice.Spot.choices)), required=True,
               example="大门和门卫室"),
        Column("installed_on", "安装日期", Day(), required=True, example=dt.date(2024, 9, 1)),
    )  # fmt: skip

    def prepare(self, context: Context) -> None:
        context.known["kindergartens"] = {
            one.code: one for one in Kindergarten.objects.visible_to(context.by)
        }

    def existing(self, context: Context, lines: Mapping[Key, Line]) -> dict[Key, Values]:
        """One query."""
        rows = VideoDevice.objects.visible_to(context.by).filter(
            kindergarten__code__in={key[0] for key in lines}
        )
        found = {(row.kindergarten.code, row.number): row for row in self._read(rows)}
        context.known["devices"] = found
        return {key: self._values(row) for key, row in found.items() if key in lines}

    def check(
        self, context: Context, line: Line, before: Values | None
    ) -> Iterable[tuple[str, str]]:
        if line.values["code"] not in context.known["kindergartens"]:
            yield "code", "名册里没有这个学校标识码，或不在您的范围内。请核对。"
        installed = line.values.get("installed_on")
        if installed and installed > context.today:
            yield "installed_on", "这一天还没有到，请核对日期。"
        if before is not None:
            device = context.known["devices"][line.values["code"], line.values["number"]]
            if device.ended_on is not None and self._differs(line.values, before):
                yield "number", f"{device}已停用，编号不再给别的设备用。请换一个编号。"

    def _differs(self, values: Values, before: Values) -> bool:
        return any(values.get(name) not in (None, before[name]) for name in FACTS)

    def write(self, context: Context, plan: Plan, batch: ImportBatch) -> None:
        reason, row = f"表格导入：{batch.name}", 0
        try:
            for line in plan.new:
                row = line.row
                register_device(
                    kindergarten=context.known["kindergartens"][line.values["code"]],
                    values={name: line.values[name] for name in FACTS},
                    by=context.by, now=context.now, reason=reason,
                )  # fmt: skip
            for change in plan.changed:
                row = change.line.row
                values = change.line.values
                device = context.known["devices"][values["code"], values["number"]]
                new = {name: getattr(device, name) for name in FACTS} | {
                    name: values[name] for name in FACTS if values.get(name) is not None
                }
                correct_device(
                    device_id=device.pk, values=new, seen=stamp_of(device, FACTS), reason=reason,
                    by=context.by, now=context.now,
                )  # fmt: skip
        except PatrolRefused as refusal:
            raise Refused(str(refusal), row=row) from refusal

    def rows(self, context: Context) -> Iterable[Values]:
        rows = VideoDevice.objects.visible_to(context.by).filter(ended_on__isnull=True)
        return [self._values(row) for row in self._read(rows)]

    def _read(self, rows: VideoDeviceQuerySet) -> VideoDeviceQuerySet:
        return rows.select_related("kindergarten").order_by("kindergarten__code", "number")

    def _values(self, row: VideoDevice) -> Values:
        return {"code": row.kindergarten.code} | {name: getattr(row, name) for name in FACTS}


DEVICES_TABLE = register(DevicesTable())
