"""What is typed about differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from reports.reconciling.rules import Explained
from reports.reconciling.services import MOST_TEXT

if TYPE_CHECKING:
    from reports.reconciling.presenters import Cell


class DifferencesForm(forms.Form):
    """A text for each figure that differs, with the two numbers it is about."""

    def __init__(self, *args: Any, cells: Sequence[Cell], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.figures = [cell.pair.figure for cell in cells]
        for cell in cells:
            figure, pair = cell.pair.figure, cell.pair
            help_text = f"月报{pair.returned}，事业统计{pair.stated}，{cell.difference_words}。"
            if cell.note is not None and cell.is_stale:
                help_text += (
                    f"原来月报{cell.note.returned}、事业统计{cell.note.stated}时的说明："
                    f"{cell.note.text}"
                )
            self.fields[figure] = forms.CharField(
                label=cell.label,
                required=False,
                help_text=help_text,
                widget=forms.Textarea(attrs={"rows": 2, "maxlength": MOST_TEXT}),
                initial="" if cell.note is None or cell.is_stale else cell.note.text,
            )
            self.fields[f"seen-{figure}"] = forms.RegexField(
                r"^\d{1,7}:\d{1,7}$",
                widget=forms.HiddenInput,
                initial=f"{pair.returned}:{pair.stated}",
                required=False,
            )

    def texts(self) -> dict[str, str]:
        return {figure: self.cleaned_data[figure] for figure in self.figures}

    def seen(self) -> dict[str, Explained]:
        found = {}
        for figure in self.figures:
            returned, _, stated = self.cleaned_data.get(f"seen-{figure}", "").partition(":")
            if returned:
                found[figure] = Explained(int(returned), int(stated))
        return found
