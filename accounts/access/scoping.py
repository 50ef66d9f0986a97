"""A second wall behind `visible_to`: a query that forgot it raises while a person is served.

Rows of a kindergarten or a region are read through a ScopedQuerySet. While a person's request, or
a job in a person's name, is under way, it reads or changes nothing unless it was asked for

* what the person may see: ``Model.objects.visible_to(user)``;
* what belongs to a scoped object already in hand: ``filing.versions.all()``;
* more than that, and why that is right here: ``Model.objects.unscoped("the reason")``.

It raises when it is evaluated, not when it is built, so a query inside another one is judged with
the outer one. Commands and the portal's own jobs serve nobody and pass. Not watched: what goes from
an object to the one it points at (Django reads that through the base manager), raw cursors, joins
that begin at a table which is not scoped, and threads the request starts. What slips there is
looked for in what leaves the portal (tests/access/canary).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Self, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model, covariant=True)

_serving: ContextVar[bool] = ContextVar("serving_a_person", default=False)


class UnscopedAccess(Exception):
    """Rows of a scoped table were about to be read or changed without saying whose."""


@contextmanager
def serving_a_person() -> Iterator[None]:
    """Watch every scoped query from here on: a request, or a job somebody asked for."""
    token = _serving.set(True)
    try:
        yield
    finally:
        _serving.reset(token)


def is_serving_a_person() -> bool:
    return _serving.get()


def is_scoped(model: type[models.Model]) -> bool:
    return isinstance(model._default_manager.all(), ScopedQuerySet)


class ScopedQuerySet(models.QuerySet[Row]):
    """Base of every QuerySet with `visible_to(user)`, which each subclass writes for itself."""

    # Why this query may be evaluated; empty while nobody has said.
    _passage = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = cls.__dict__.get("visible_to")
        if own is not None:
            cls.visible_to = _marks_as_scoped(own)  # type: ignore[method-assign]

    def visible_to(self, user: Any) -> Self:
        """The rows that lie in the scope of the post the person acts in."""
        raise NotImplementedError(f"{type(self).__name__} does not say what is visible to whom")

    def unscoped(self, reason: str) -> Self:
        """All rows, for a stated reason: who has checked the person's right, and where."""
        if not reason.strip():
            raise ValueError("say why these rows may be read without regard to the person")
        return self._passing(reason)

    def say_whose(self) -> None:
        """Raise now what evaluating would raise: for whoever hands the rows on inside another query."""
        self._check()

    def _passing(self, reason: str) -> Self:
        passing = self._chain()  # type: ignore[attr-defined]
        passing._passage = reason
        return passing  # type: ignore[no-any-return]

    # ---- the flag goes with every copy -------------------------------------------------------

    def _clone(self) -> Self:
        copy = super()._clone()  # type: ignore[misc]
        copy._passage = self._passage
        return copy  # type: ignore[no-any-return]

    def _combinator_query(self, combinator: str, *others: Any, all: bool = False) -> Self:  # noqa: A002
        """union, intersection, difference: passes where every part does."""
        combined = super()._combinator_query(combinator, *others, all=all)  # type: ignore[misc]
        combined._passage = _joint(self, *others)
        return combined  # type: ignore[no-any-return]

    def __or__(self, other: Any) -> Self:
        either = super().__or__(other)
        return either._chained_as(_joint(self, other))

    def __xor__(self, other: Any) -> Self:
        one = super().__xor__(other)  # type: ignore[misc]
        return one._chained_as(_joint(self, other))  # type: ignore[no-any-return]

    def __and__(self, other: Any) -> Self:
        both = super().__and__(other)
        return both._chained_as(self._passage or getattr(other, "_passage", ""))

    def _chained_as(self, passage: str) -> Self:
        changed = self._chain()  # type: ignore[attr-defined]
        changed._passage = passage
        return changed  # type: ignore[no-any-return]

    # ---- where rows are read or changed ------------------------------------------------------

    def _check(self) -> None:
        if not _serving.get() or self._passage or self.query.is_empty() or self._is_in_hand():
            return
        raise UnscopedAccess(
            f"{self.model.__name__}: read without visible_to(user) while a person is served. "
            f"Use visible_to(user), a relation of an object in hand, or unscoped('why')."
        )

    def _is_in_hand(self) -> bool:
        """Reached through a relation of an object that had to be scoped itself."""
        holder = self._hints.get("instance")  # type: ignore[attr-defined]
        return holder is not None and is_scoped(type(holder))

    def _fetch_all(self) -> None:
        if self._result_cache is None:
            self._check()
        super()._fetch_all()

    def iterator(self, *args: Any, **kwargs: Any) -> Any:
        self._check()
        return super().iterator(*args, **kwargs)

    def aiterator(self, *args: Any, **kwargs: Any) -> Any:
        self._check()
        return super().aiterator(*args, **kwargs)

    def exists(self) -> bool:
        if self._result_cache is None:
            self._check()
        return super().exists()

    def count(self) -> int:
        if self._result_cache is None:
            self._check()
        return super().count()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._check()
        return super().aggregate(*args, **kwargs)

    def explain(self, *args: Any, **kwargs: Any) -> str:
        self._check()
        return super().explain(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        self._check()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._check()
        return super().delete()

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """New rows are nobody's yet; rows that are met and changed are somebody's."""
        if kwargs.get("update_conflicts"):
            self._check()
        return super().bulk_create(objs, *args, **kwargs)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        # Before Django opens its transaction, which a failure inside would spoil.
        self._check()
        return super().bulk_update(*args, **kwargs)

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        self._check()
        return super().raw(*args, **kwargs)

    # Django marks what must not be called from templates; an override has to say it again.
    update.alters_data = True  # type: ignore[attr-defined]
    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


def _joint(*parts: Any) -> str:
    """The reason under which all parts together may be read; empty unless each has one."""
    passages = [getattr(part, "_passage", "") for part in parts]
    return passages[0] if all(passages) else ""


def _marks_as_scoped(visible_to: Any) -> Any:
    @wraps(visible_to)
    def marked(rows: ScopedQuerySet[Any], user: Any) -> ScopedQuerySet[Any]:
        found: ScopedQuerySet[Any] = visible_to(rows, user)
        return found._passing("visible_to")

    return marked


class OwnRows(ScopedQuerySet[Row]):
    """Rows that are one person's alone, by their `user`: whatever the post, nobody sees another's."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(user=user.pk) if user.pk is not None else self.none()
