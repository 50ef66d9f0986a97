"""What the bureau types about its own place's standard: the numbers of one demand, the document."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms

from accounts.people.forms import reason_field
from kindergartens.form_fields import DateField, WholeField, line
from staffing.models import StaffingStandard
from staffing.standards.terms import NUMBERS, Demand, steps_rise

# These differ between full-day and half-day kindergartens.
BY_DAY = frozenset({Demand.STAFF, Demand.CARE_TEACHING, Demand.CLASS})
MAY_STAY_BLANK = frozenset(
    {
        "carers", "teachers_alone", "single_teachers", "single_carers", "boarding_teachers",
        "boarding_carers", "step_beyond",
    }
)  # fmt: skip
ONE_STEP = re.compile(r"(\d{1,4})\s*[:=]\s*(\d{1,3})")
STEPS_LIKE = "请写成“起点:人数”，用逗号隔开，例如 1:1，6:2，10:3。"


class StepsField(forms.CharField):
    """Steps as people write them: 1:1，6:2，10:3; `cleaned_data` holds [[1, 1], [6, 2], [10, 3]]."""

    def __init__(self) -> None:
        super().__init__(
            label="分档人数", max_length=120,
            help_text="从多少起:多少人，用逗号隔开，例如 1:1，6:2，10:3",
            error_messages={"required": STEPS_LIKE, "max_length": "太长了，请减少分档。"},
        )  # fmt: skip

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "，".join(f"{start}:{people}" for start, people in value)
        return value

    def to_python(self, value: Any) -> Any:
        text = unicodedata.normalize("NFKC", super().to_python(value) or "")
        found = []
        for part in filter(None, (one.strip() for one in re.split("[,、;]", text))):
            step = ONE_STEP.fullmatch(part)
            if step is None:
                raise forms.ValidationError(f"“{part}”读不懂。{STEPS_LIKE}")
            found.append([int(step[1]), int(step[2])])
        return found


def _whole(label: str, unit: str, **kwargs: Any) -> WholeField:
    return WholeField(label, unit=unit, max_digits=4, **kwargs)


class StandardForm(forms.Form):
    """One demand. The fields of other demands are left out."""

    day = forms.ChoiceField(label="适用", choices=StaffingStandard.Day.choices[1:])
    least = _whole("每人幼儿数下限", "名", help_text="比它少只说高于标准，不算不达标")
    most = _whole("每人幼儿数上限", "名", min_value=Decimal(1))
    health_rule = forms.ChoiceField(label="余数怎么算", choices=StaffingStandard.HealthRule.choices)
    teachers = _whole("每班教师", "名", min_value=Decimal(1))
    carers = _whole("每班保育员", "名", help_text="不要求的留空")
    teachers_alone = _whole("不配保育员时每班教师", "名", help_text="不许这样配的留空")
    single_teachers = _whole("单班园教师", "名", help_text="与其他园一样的留空")
    single_carers = _whole("单班园保育员", "名", help_text="不要求的留空")
    boarding_teachers = _whole("寄宿班另加教师", "名")
    boarding_carers = _whole("寄宿班另加保育员", "名")
    steps = StepsField()
    step_beyond = _whole("末档以上每多几人加1人", "人", min_value=Decimal(1))
    document = line("文件", 200, "请填文件名称。")
    document_number = line("文号", 80)
    clause = line("条款", 60, "请填条款，例如“三（一）1”。")
    valid_from = DateField("自哪天起")

    def __init__(self, *args: Any, demand: Demand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.demand = demand
        numbers = {name for names in NUMBERS.values() for name in names}
        for name in numbers - set(NUMBERS[demand]):
            del self.fields[name]
        for name in MAY_STAY_BLANK & self.fields.keys():
            self.fields[name].required = False
        if demand in (Demand.STAFF, Demand.CARE_TEACHING):
            self.fields["least"].required = False
        if demand not in BY_DAY:
            del self.fields["day"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        least, most = data.get("least"), data.get("most")
        if least == 0:
            self.add_error("least", "请填1以上的数，或留空。")
        elif least is not None and most is not None and least > most:
            self.add_error("most", "上限不能比下限小。")
        self._check_class(data)
        steps = data.get("steps")
        if steps is not None and not steps_rise(steps):
            self.add_error("steps", "起点和人数都要由小到大。")
        return data

    def _check_class(self, data: dict[str, Any]) -> None:
        alone, teachers = data.get("teachers_alone"), data.get("teachers")
        if alone is None or teachers is None:
            return
        if not data.get("carers"):
            self.add_error("carers", "写了不配保育员时的教师数，就要写每班几名保育员。")
        if alone <= max(teachers, data.get("single_teachers") or 0):
            self.add_error("teachers_alone", "要比每班教师和单班园教师都多。")

    def standard(self) -> StaffingStandard:
        """Not saved yet, and of no place."""
        return StaffingStandard(demand=self.demand, **{"day": "any"} | self.cleaned_data)


class StandardCorrectionForm(StandardForm):
    """What was typed wrongly of a row; whom it is for stays as it is."""

    valid_to = DateField("截止日期", required=False, help_text="这一天起不再适用；没有截止就留空")
    reason = reason_field("更正原因", "请写明为什么改，会记入改动记录。")
    # The stamp of what was there when the form was opened (kindergartens.stamps).
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, demand: Demand, **kwargs: Any) -> None:
        super().__init__(*args, demand=demand, **kwargs)
        self.fields.pop("day", None)


class StandardEndForm(forms.Form):
    on = DateField("自哪天起不再适用", help_text="这一天起按上级的规定算；以前的日期仍按它算")
    reason = reason_field()
