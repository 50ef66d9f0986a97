"""What people type about evidence, its decision, and a county's own list."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.files import intake
from accounts.people.forms import reason_field
from kindergartens.dated.forms import Correcting, DatedForm
from kindergartens.form_fields import DateField, WholeField, line
from safety.measures.rules import MOST_FILES
from safety.measures.services import EvidenceFacts
from safety.models import SafetyMeasure

NEW = "新增一项"


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several; `cleaned_data` holds the list."""

    def __init__(self, label: str, *, most: int, **kwargs: Any) -> None:
        super().__init__(
            label=label,
            widget=FilesInput(attrs={"accept": intake.ACCEPT, "multiple": True}),
            error_messages={
                "required": "请至少选一个文件。",
                "empty": "有一个文件是空的，请重新选择。",
                "missing": "没有收到文件，请重新选择。",
                "invalid": "没有收到文件，请重新选择。",
            },
            **kwargs,
        )
        self.most = most

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = data if isinstance(data, list | tuple) else [data]
        kept = [super(FilesField, self).clean(one, initial) for one in files or [None]]
        if len(kept) > self.most:
            raise forms.ValidationError(f"最多{self.most}个文件，请只留最能说明的。")
        return kept


class EvidenceForm(forms.Form):
    place = line("位置", 60, "请写在哪里，例如“大门外两侧”。", help_text="例如“大门外两侧”")
    found = line(
        "现有情况", 200, "请写现有的是什么、有多少、能不能用。",
        help_text="现有的是什么、有多少、能不能用；不写姓名和电话",
    )  # fmt: skip
    document = line("凭证", 120, help_text="验收单、检测报告或合同的名称和编号，没有就留空")
    valid_from = DateField("有效期起", help_text="检测、验收或合同开始的日期")
    valid_until = DateField(
        "有效期止", help_text="最后一天；凭证没有写期限的，填下次要检测的日期，到期再登记"
    )
    attachments = FilesField(
        "照片或文件", most=MOST_FILES, help_text=f"jpg、png、pdf或xlsx，最多{MOST_FILES}个"
    )

    def facts(self) -> EvidenceFacts:
        return EvidenceFacts(
            **{name: value for name, value in self.cleaned_data.items() if name != "attachments"}
        )


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(
        label="核对结果",
        choices=[("confirm", "属实，计为达标"), ("return", "退回，由园所重新登记")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选核对结果。", "invalid_choice": "请选核对结果。"},
    )
    note = reason_field("退回原因", "退回要写明原因，园所才知道怎么改。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = False
        self.fields["note"].help_text = "退回的必填"


class WithdrawForm(forms.Form):
    reason = reason_field("撤回原因", "请写明为什么撤回。")


class EvidenceEndForm(forms.Form):
    on = DateField("失效日期", help_text="从来就不实的，填有效期起的那一天")
    reason = reason_field("原因", "请写明为什么失效，例如“现场查看，升降柱已拆除”。")


# ---- a county's own list -------------------------------------------------------------------------


class ListForm(DatedForm):
    """The own list begins as a copy of the one that holds there."""

    document_number = line("文号", 80)
    valid_from = DateField(
        "起始日期", help_text="先照现在适用的清单另立一份，起始日期以前仍按上级的算"
    )
    field_order = ("document", "document_number", "valid_from")


class MeasureRow(DatedForm):
    label = line("名称", 30, "请填名称，例如“硬质防冲撞设施”。")
    meaning = line("达标标准", 200, "请写达标标准，核对的人按它核对。")
    one_of_four = forms.TypedChoiceField(
        label="列入四个100%",
        choices=[("1", "列入"), ("0", "不列入，另外统计")],
        coerce=lambda value: value == "1",
        error_messages={"required": "请选是否列入。", "invalid_choice": "请选是否列入。"},
    )
    position = WholeField("顺序", max_digits=2, help_text="从小到大排")
    document_number = line("文号", 80)
    clause = line("条款", 60)


class MeasureForm(MeasureRow):
    stands_for = forms.ChoiceField(
        label="替换哪一项", required=False,
        help_text="替换的，原来的到起始日期为止，已核对的佐证接着算；达标的含义变了的，请新增一项，并截止原来的",
    )  # fmt: skip
    field_order = (
        "stands_for", "label", "meaning", "one_of_four", "position", "document", "document_number",
        "clause", "valid_from",
    )  # fmt: skip

    def __init__(self, *args: Any, rows: list[SafetyMeasure], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", NEW), *((row.code, row.label) for row in rows)]
        self.fields["stands_for"].choices = choices  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name != "stands_for"}


class MeasureCorrectionForm(Correcting, MeasureRow):
    field_order = (
        "label", "meaning", "one_of_four", "position", "document", "document_number", "clause",
        "valid_from", "valid_to", "reason",
    )  # fmt: skip
