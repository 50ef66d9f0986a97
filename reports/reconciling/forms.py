"""What is typed about differences."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from reports.reconciling.rules import Explained
from reports.reconciling.services import MOST_TEXT

if TYPE_CHECKING:
    from reports.reconciling.presenters import Cell, Unlike


class DifferencesForm(forms.Form):
    """A text for each figure and each entry of a list that differs, with the two values it is about."""

    def __init__(
        self, *args: Any, cells: Sequence[Cell], unlike: Sequence[Unlike] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.figures = [cell.pair.figure for cell in cells]
        self.entries = [one.difference.key for one in unlike]
        # The hidden ones come last: between two texts they would take the space away.
        seen: dict[str, forms.Field] = {}
        for cell in cells:
            figure, pair = cell.pair.figure, cell.pair
            help_text = f"月报{pair.returned}，事业统计{pair.stated}，{cell.difference_words}。"
            if cell.note is not None and cell.is_stale:
                help_text += (
                    f"原来月报{cell.note.returned}、事业统计{cell.note.stated}时的说明："
                    f"{cell.note.text}"
                )
            self._ask(figure, cell.label, help_text, cell)
            seen[f"seen-{figure}"] = forms.RegexField(
                r"^\d{1,7}:\d{1,7}$",
                widget=forms.HiddenInput,
                initial=f"{pair.returned}:{pair.stated}",
                required=False,
            )
        for one in unlike:
            key, values = one.difference.key, one.difference.values
            help_text = f"{one.words}。"
            if one.note is not None and one.is_stale:
                help_text += f"原来{one.note_values}时的说明：{one.note.text}"
            self._ask(key, one.label, help_text, one)
            seen[f"seen-{key}"] = forms.CharField(
                widget=forms.HiddenInput,
                initial=json.dumps([values.returned, values.stated], ensure_ascii=False),
                required=False,
                max_length=600,
            )
        self.fields |= seen

    def _ask(self, key: str, label: str, help_text: str, one: Cell | Unlike) -> None:
        self.fields[key] = forms.CharField(
            label=label,
            required=False,
            help_text=help_text,
            widget=forms.Textarea(attrs={"rows": 2, "maxlength": MOST_TEXT}),
            initial="" if one.note is None or one.is_stale else one.note.text,
        )

    def texts(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in (*self.figures, *self.entries)}

    def seen(self) -> dict[str, Explained]:
        found = {}
        for figure in self.figures:
            returned, _, stated = self.cleaned_data.get(f"seen-{figure}", "").partition(":")
            if returned:
                found[figure] = Explained(int(returned), int(stated))
        for key in self.entries:
            try:
                registered, published = json.loads(self.cleaned_data.get(f"seen-{key}", ""))
            except (ValueError, TypeError):
                continue
            found[key] = Explained(str(registered), str(published))
        return found
