"""Keeping how a person looks at the list: named filters and chosen columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from accounts.typed_text import clean
from kindergartens.models import ColumnChoice, SavedView
from kindergartens.search.columns import USUAL, columns_of
from kindergartens.search.filters import RegistryFilter

MOST_VIEWS = 30
LONGEST_NAME = 30


class NotSaved(Exception):
    """The text says why and what to do."""


@transaction.atomic
def save_view(
    *,
    name: str,
    asked: RegistryFilter,
    columns: Sequence[str],
    shared: bool,
    by: User,
    now: dt.datetime,
) -> SavedView:
    """Keep the conditions, order and columns under a name; the same name again replaces them.

    Raises NotSaved. A shared view is seen by all who act for the same office.
    """
    if by.acting is None:
        raise PermissionDenied("您现在没有岗位。")
    name = clean(name).replace("\n", " ")
    if not name:
        raise NotSaved("请给这组条件起个名称，如“许可证快到期的民办园”。")
    if len(name) > LONGEST_NAME:
        raise NotSaved(f"名称最多{LONGEST_NAME}字，请删减。")
    if not asked.narrows and asked.sort == "town" and not columns:
        raise NotSaved("还没有选条件，没有可以保存的。请先筛选、排序或选列，再保存。")
    organisation = by.acting.organisation
    own = SavedView.objects.visible_to(by).filter(owner=by).select_for_update(of=("self",))
    if own.exclude(name=name).count() >= MOST_VIEWS:
        raise NotSaved(f"最多保存{MOST_VIEWS}组。请先删去不用的。")
    values = {
        "query": asked.address,
        "columns": [column.key for column in columns_of(columns)] if columns else [],
        "shared": shared,
        "saved_at": now,
    }
    view = own.filter(name=name).first()
    if view is None:
        return SavedView.objects.create(owner=by, organisation=organisation, name=name, **values)
    for field, value in values.items():
        setattr(view, field, value)
    view.save()
    return view


@transaction.atomic
def delete_view(*, view_id: int, by: User) -> str:
    """Remove one's own view; returns its name. Raises SavedView.DoesNotExist and NotSaved."""
    view = SavedView.objects.visible_to(by).select_related("owner").get(pk=view_id)
    if view.owner_id != by.pk:
        raise NotSaved(f"“{view.name}”是{view.owner.full_name}保存的，由本人删去。")
    view.delete()
    return view.name


@transaction.atomic
def choose_columns(*, columns: Sequence[str], by: User) -> list[str]:
    """Keep which columns the person wants; the usual ones are kept as no choice at all."""
    chosen = [column.key for column in columns_of(columns)]
    if not columns or set(chosen) == set(USUAL):
        ColumnChoice.objects.filter(user=by).delete()
        return list(USUAL)
    ColumnChoice.objects.update_or_create(user=by, defaults={"columns": chosen})
    return chosen
