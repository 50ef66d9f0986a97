"""Model fields for personal identifiers."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query_utils import DeferredAttribute

from accounts.privacy import cipher


def _table(model: type[models.Model]) -> str:
    """The model a value belongs to; for a row of history, the one whose history it is."""
    return getattr(model, "pgh_tracked_model", model)._meta.label_lower


class Sealed(str):
    """A ciphertext as the database holds it; also what `values()` gives."""

    __slots__ = ()


class OpenedWhenRead(DeferredAttribute):
    """Decrypts when somebody reads the attribute and not before.

    A row that is only loaded holds the ciphertext: neither a dump of its variables nor a lost key
    touches pages that have nothing to do with the value.
    """

    field: EncryptedTextField

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            return cipher.decrypt(value, self.field.column_name, instance.pk)
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        # There so that reading always comes by here.
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):
    """Text that the database holds encrypted only; empty stays empty.

    Comparing in the database is refused, because two encryptions of one text differ: look up with
    a BlindIndexField. The row's key is bound in, so a row must have one before it is saved with a
    text, and a text is set on a row and saved, never by `update()`.
    """

    descriptor_class = OpenedWhenRead

    @property
    def column_name(self) -> str:
        return f"{_table(self.model)}.{self.name}"

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = self.as_held(model_instance)
        if value is None or value == "" or isinstance(value, Sealed):
            return value
        if model_instance.pk is None:
            raise FieldError(
                f"{self.column_name} is bound to its row: save the row without it first"
            )
        return Sealed(cipher.encrypt(str(value), self.column_name, model_instance.pk))

    def as_held(self, model_instance: models.Model) -> Any:
        """What the instance holds, not decrypted: a Sealed as it was loaded, or a text set since."""
        if self.attname not in model_instance.__dict__:
            model_instance.refresh_from_db(fields=[self.attname])
        return model_instance.__dict__[self.attname]

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        if value is None or value == "" or isinstance(value, Sealed):
            return value
        raise FieldError(f"{self.column_name} is bound to its row: set it on the row and save that")

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return Sealed(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        # "df" and "ndf" compare a row with itself before a change, in the triggers of history.
        if lookup_name not in {"isnull", "df", "ndf"}:
            raise FieldError(f"{self.column_name} is encrypted: look up with its BlindIndexField")
        return super().get_lookup(lookup_name)


class BlindIndexField(models.CharField):
    """The keyed digest of another, encrypted field of the row; set whenever the row is saved.

    What equality needs that encryption hides: the roster of staff counts a person once across
    kindergartens and refuses a second full-time post, both by the identity number. The phone's
    index looks nobody up yet.

    ``User.objects.filter(phone_index__in=User.phone_digests("13800001234"))``. A save with
    `update_fields` has to name both fields.
    """

    def __init__(self, *args: Any, source: str = "", **kwargs: Any) -> None:
        self.source = source
        super().__init__(
            *args,
            **{"max_length": 100, "blank": True, "editable": False, "db_index": True} | kwargs,
        )

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "source": self.source}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        source = model_instance._meta.get_field(self.source)
        if isinstance(source, EncryptedTextField) and isinstance(
            source.as_held(model_instance), Sealed
        ):
            return str(getattr(model_instance, self.attname))  # as it was loaded
        text = getattr(model_instance, self.source)
        value = cipher.digest(text, self.column_name) if text else ""
        setattr(model_instance, self.attname, value)
        return value

    @property
    def column_name(self) -> str:
        return f"{_table(self.model)}.{self.source}"

    def digests(self, text: str) -> list[str]:
        """What to look for when looking for this text."""
        return cipher.digests(text, self.column_name)
