"""What is typed about a case: the case, its reports, its end, what it was found to be."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms

from accounts.models import User
from accounts.people.forms import reason_field
from kindergartens.calendar.forms import MomentField
from kindergartens.dated.forms import Correcting, DatedForm
from kindergartens.form_fields import DateField, KindergartenField, WholeField, line
from kindergartens.models import Kindergarten
from safety.incidents.rules import (
    HARMS,
    MOST_IN_A_CASE,
    MOST_MINUTES,
    NATURES,
    RECIPIENTS,
    TIMED,
    CaseFacts,
)
from safety.models import IncidentReport
from safety.rules import INCIDENT_KINDS

CHOOSE = {"required": "请选择。", "invalid_choice": "请从列表中选择。"}
NOBODY = "只写情况，不写任何人的姓名"


def _people(label: str) -> WholeField:
    return WholeField(label, unit="人", max_digits=3, initial=0)


class CaseForm(forms.Form):
    kindergarten = KindergartenField("幼儿园", required=True)
    kind = forms.ChoiceField(
        label="类别", choices=[("", "请选择"), *INCIDENT_KINDS.items()], error_messages=CHOOSE
    )
    occurred_at = MomentField("发生时间")
    place = line("发生地点", 60, "请填在哪里发生，例如“操场”。", help_text="例如操场、二楼楼梯")
    harm = forms.ChoiceField(
        label="伤害程度",
        choices=[("", "请选择"), *HARMS.items()],
        error_messages=CHOOSE,
        help_text="按最重的一人；没有鉴定的先按医院诊断，鉴定后更正",
    )
    children_hurt = _people("伤病儿童")
    children_dead = _people("死亡儿童")
    staff_hurt = _people("伤病教职工")
    staff_dead = _people("死亡教职工")
    concerns_children = forms.BooleanField(
        label="涉及儿童，要告知家长（学前教育法第五十二条）", required=False, initial=True
    )
    account = reason_field("简要经过", "请写明经过。", MOST_IN_A_CASE)
    measures = reason_field("应急处置", "请写明采取了什么措施。", MOST_IN_A_CASE)
    reported_at = MomentField(
        "首次上报时间", required=False, help_text="还没有上报的留空，办了再补"
    )
    reported_to = forms.MultipleChoiceField(
        label="报给",
        choices=list(RECIPIENTS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "请从列表中勾选。"},
    )
    parents_told_at = MomentField("告知家长时间", required=False)
    # The same twice is one case, however often the form is sent.
    submission = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("account", "measures"):
            self.fields[name].help_text = NOBODY
            self.fields[name].widget.attrs["rows"] = 4
        acting = by.acting
        if acting is not None and acting.is_of_kindergarten:
            del self.fields["kindergarten"]
        else:
            fields: Any = self.fields
            fields["kindergarten"].offer(Kindergarten.objects.visible_to(by))

    def facts(self) -> CaseFacts:
        data = self.cleaned_data
        return CaseFacts(**{name: data[name] for name in CaseFacts.__dataclass_fields__})


class SeenForm(forms.Form):
    """With the stamp of what was there when the form was opened (kindergartens.stamps)."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class CorrectForm(SeenForm, CaseForm):
    reason = reason_field("更正原因", "请写明补了什么或为什么改，会记入改动记录。")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        for name in ("kindergarten", "submission"):
            self.fields.pop(name, None)


class ReportForm(forms.Form):
    kind = forms.ChoiceField(
        label="续报还是终报",
        choices=[
            one for one in IncidentReport.Kind.choices if one[0] != IncidentReport.Kind.SUPPLEMENT
        ],
        error_messages=CHOOSE,
        help_text="终报写明原因、责任和整改，登记后由教育局结案",
    )
    reported_at = MomentField("报告时间")
    text = reason_field("内容", "请写明报告的内容。", MOST_IN_A_CASE)


class CloseForm(SeenForm):
    note = reason_field("结案意见", "请写结案意见。")


class SupplementForm(forms.Form):
    text = reason_field("更正内容", "请写明哪里有出入、应当是什么。", MOST_IN_A_CASE)
    reason = reason_field("更正原因", "请写明为什么更正，例如“医院出具了新的诊断”。")


class WithdrawForm(forms.Form):
    reason = reason_field("撤销原因", "请写明为什么撤销，会记入改动记录。")


class WithdrawCaseForm(SeenForm, WithdrawForm):
    pass


class FindingForm(SeenForm):
    nature = forms.ChoiceField(
        label="认定性质", choices=[("", "请选择"), *NATURES.items()], error_messages=CHOOSE
    )
    document = line("认定文件", 120, "请写认定文件的名称和文号。", help_text="文件名和文号")
    decided_on = DateField("认定日期")


class _MinutesForm(DatedForm):
    minutes = WholeField(
        "时限",
        unit="分钟",
        min_value=Decimal(1),
        max_value=MOST_MINUTES,
        help_text="从事故发生算起；1小时写60，最长72小时",
    )


class LimitForm(_MinutesForm):
    step = forms.ChoiceField(
        label="事项", choices=[("", "请选择"), *TIMED.items()], error_messages=CHOOSE
    )
    kind = forms.ChoiceField(
        label="类别",
        choices=[("", "各类"), *INCIDENT_KINDS.items()],
        required=False,
        error_messages=CHOOSE,
        help_text="某一类另有规定的单独登记，比“各类”优先",
    )
    field_order = ("step", "kind", "minutes", "document", "valid_from")


class CorrectLimitForm(Correcting, _MinutesForm):
    """Of what step and kind it is stays: of another one it would be another row."""

    field_order = ("minutes", "document", "valid_from", "valid_to", "reason")
