"""What is typed about differences."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from reports.reconciling.rules import Explained
from reports.reconciling.services import MOST_TEXT

if TYPE_CHECKING:
    from reports.reconciling.presenters import Cell, Unlike


def typed_elsewhere(
    data: Mapping[str, Any], labels: Mapping[str, str], fields: Collection[str] = ()
) -> dict[str, str]:
    """What was typed as an explanation beside those fields, by its label."""
    typed = {key: str(data.get(key, "")).strip()[:MOST_TEXT] for key in labels}
    return {labels[key]: text for key, text in typed.items() if text and key not in fields}


class DifferencesForm(forms.Form):
    """A text for each figure and entry of a list that differs, with the two values it is about.

    `labels` are those of everything that may differ: what was typed where nothing does any more.
    """

    def __init__(
        self,
        *args: Any,
        cells: Sequence[Cell],
        unlike: Sequence[Unlike],
        labels: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.labels = labels
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

    def clean(self) -> dict[str, Any]:
        """What was typed where nothing differs any more is said again: its field is gone."""
        gone = typed_elsewhere(self.data, self.labels, self.fields)
        if gone:
            said = "；".join(f"{label}“{text}”" for label, text in gone.items())
            self.add_error(None, f"有的项现在没有差异了，不用说明，没有保存。刚才写的是：{said}。")
        return self.cleaned_data

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
