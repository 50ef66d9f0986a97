"""The registry as a table: new kindergartens are registered, others changed where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from accounts.access.permissions import Permission
from accounts.exchange.declaring import Column, Context, Importable, Key, Line, Plan, Values
from accounts.exchange.registry import register
from accounts.models import ImportBatch
from kindergartens.registering import adding, applying, checks, existing
from kindergartens.registering.columns import COLUMNS


class RegistryTable(Importable):
    code = "registry"
    label = "幼儿园名册"
    noun = "所"
    permission = Permission.MANAGE_REGISTRY
    version = 3
    key = ("code",)
    called_by = "name"
    about = (
        "靠学校标识码认出是哪一所：已登记的，只改有变化的格子，空着的格子不改；没有登记的，新登记。",
        "已登记的园，三率要用的内容（乡镇、办别、性质、营利性、办园状态、认定、计入）不能用表格改。",
        "这些请到幼儿园的页面“变更状态”，看过对三率的影响再改；停办、恢复、撤销、认定和民办转公办走“备案审批”。",
        "半日制、等级、城乡分类有变化时，要写从哪天起、变更原因和依据文号。更名请到幼儿园的页面办理。",
        "园名、代码、经纬度按登记页面的规定核对；要核对而确实如此的，在“……的说明”栏写明依据。",
    )
    columns = COLUMNS

    def prepare(self, context: Context) -> None:
        existing.prepare(context)

    def existing(self, context: Context, lines: Mapping[Key, Line]) -> dict[Key, Values]:
        return existing.existing(context, lines)

    def check(
        self, context: Context, line: Line, before: Values | None
    ) -> Iterable[tuple[str, str]]:
        return checks.check(context, line, before)

    def rehearse(self, context: Context, plan: Plan) -> Iterable[tuple[Line, str, str]]:
        return applying.rehearse(context, plan.changed)

    def adds(self, context: Context, new: Sequence[Line]) -> list[str]:
        return adding.what_is_added(context, new)

    def write(self, context: Context, plan: Plan, batch: ImportBatch) -> None:
        applying.write(context, plan, batch)

    def rows(self, context: Context) -> Iterable[Values]:
        return existing.rows(context)

    def choices(self, context: Context, column: Column) -> list[str]:
        if column.name == "town":
            return [town.name for town in context.known["towns"].values() if town.is_active]
        return super().choices(context, column)


REGISTRY_TABLE = register(RegistryTable())
