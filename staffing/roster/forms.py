"""What people type about the roster. Each form gives the facts of staffing.roster.rules."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.people.forms import ReasonText, reason_field
from kindergartens.form_fields import DateField, KindergartenField, WholeField, line
from staffing.models import (
    Appointment,
    Certificate,
    Duty,
    Education,
    EndReason,
    Establishment,
    IdentifierType,
    Post,
    Sex,
    Title,
)
from staffing.roster.identity import normal_number
from staffing.roster.rules import PaperFacts, PersonFacts, PostFacts

WRONG_CHOICE = {"required": "请选一项。", "invalid_choice": "没有这个选项，请重新选择。"}


def choice(label: str, choices: Any, *, empty: str = "请选择", **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=[("", empty), *choices], error_messages=WRONG_CHOICE, **kwargs
    )


def optional(label: str, choices: Any, **kwargs: Any) -> forms.ChoiceField:
    return choice(label, choices, empty="没有登记", required=False, **kwargs)


def _note(label: str, **kwargs: Any) -> ReasonText:
    return ReasonText(
        label=label, required=False, max_length=200,
        error_messages={"max_length": "最多200字，请删减。"}, **kwargs,
    )  # fmt: skip


class PersonFields(forms.Form):
    """A person's own data; `person()` once the form is valid."""

    name = line("姓名", 40, "请照证件填写姓名。")
    identifier_type = forms.ChoiceField(
        label="证件类型", choices=IdentifierType.choices, error_messages=WRONG_CHOICE
    )
    number = line("证件号码", 30, "请照证件填写号码。")
    sex = optional("性别", Sex.choices, help_text="身份证不用选，从号码读出")
    birth_date = DateField("出生日期", required=False, help_text="身份证不用填，从号码读出")
    education = optional("学历", Education.choices, help_text="最高的毕业学历")
    title = optional("职称", Title.choices)
    specialism = line("所学专业", 40)
    earlier_years = WholeField(
        "此前幼教年限", unit="年", required=False, max_digits=2,
        help_text="名册上第一次任职以前，做幼儿园教师或管理工作的年数；没有做过填0",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].widget.attrs["autocomplete"] = "off"

    def clean_number(self) -> str:
        return normal_number(self.cleaned_data["number"])

    def person(self) -> PersonFacts:
        return _facts(PersonFacts, self.cleaned_data)


class PostFields(forms.Form):
    """A post; `post_facts()` once the form is valid."""

    post = choice("岗位", Post.choices)
    duty = optional("分工", Duty.choices, help_text="行政人员和工勤人员填，如财会、炊事、保安")
    full_time = forms.TypedChoiceField(
        label="全职或兼职", choices=[("1", "全职"), ("0", "兼职")], initial="1",
        coerce=lambda value: value == "1", error_messages=WRONG_CHOICE,
        help_text="一个人同时只能有一个全职",
    )  # fmt: skip
    establishment = choice("用人方式", Establishment.choices)
    class_led = line("所带班级", 30, help_text="专任教师和保育员填，如小一班")
    started_on = DateField("任职日期")
    exception = _note("例外说明", help_text="年龄不寻常，或园长条件不全仍要登记的，写明理由")

    def post_facts(self, **fixed: Any) -> PostFacts:
        return _facts(PostFacts, self.cleaned_data | fixed)


def _facts(kind: Any, data: dict[str, Any], prefix: str = "") -> Any:
    given = {
        name: data[prefix + name] for name in kind.__dataclass_fields__ if prefix + name in data
    }
    return kind(**given)


class PaperFields(forms.Form):
    """A certificate by itself; `paper()` once the form is valid."""

    paper_kind = choice("证书", Certificate.Kind.choices)
    paper_stage = optional("学段", Certificate.Stage.choices, help_text="教师资格证选")
    paper_number = line("证书编号", 40, "请照证书填写编号。")
    paper_issued_on = DateField("发证日期")
    paper_valid_until = DateField("有效期至", required=False, help_text="长期有效的留空")

    def paper(self) -> PaperFacts:
        return _facts(PaperFacts, self.cleaned_data, "paper_")


class HireForm(PersonFields, PostFields, PaperFields):
    """A new post. The certificate may stay blank as a whole."""

    # Of somebody who is on the roster it is known; whether the person is, the number tells.
    education = optional(
        "学历（名册里没有的人必填）", Education.choices, help_text="最高的毕业学历"
    )
    ASKED_OF_THE_NEW = ("education",)

    paper_kind = optional("证书", Certificate.Kind.choices)
    paper_number = line("证书编号", 40)
    paper_issued_on = DateField("发证日期", required=False)

    # As they stand on the page.
    PERSON = (
        "identifier_type", "number", "name", "education", "title", "specialism", "earlier_years",
        "sex", "birth_date",
    )  # fmt: skip
    POST = ("post", "duty", "full_time", "establishment", "class_led", "started_on", "exception")
    PAPER = ("paper_kind", "paper_stage", "paper_number", "paper_issued_on", "paper_valid_until")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if any(data.get(name) for name in self.PAPER):
            for name in ("paper_kind", "paper_number", "paper_issued_on"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, "登记证书要填这一项；现在不登记证书的，把证书各项都清空。")
        return data

    def papers(self) -> list[PaperFacts]:
        return [self.paper()] if self.cleaned_data["paper_kind"] else []

    def _fields_of(self, names: tuple[str, ...]) -> list[Any]:
        return [self[name] for name in names]

    def parts(self) -> list[tuple[str, str, list[Any]]]:
        """Heading, what to know, fields."""
        return [
            (
                "人员",
                "名册里已有的人，只填证件号码和姓名，其他不用再填。",
                self._fields_of(self.PERSON),
            ),
            ("任职", "", self._fields_of(self.POST)),
            ("证书", "可以先不填，以后在人员页面登记。", self._fields_of(self.PAPER)),
        ]


class PersonForm(PersonFields):
    """The correction of a person's data; an empty number stays as it is."""

    number = line("证件号码", 30, help_text="不改就留空")
    reason = reason_field("更正原因", "请写明为什么改，会记入改动记录。")
    # The stamp of what was there when the form was opened (kindergartens.stamps).
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class PostForm(PostFields):
    """The correction of a post, which stays the post it is."""

    post = None  # type: ignore[assignment]
    ended_on = DateField(
        "离任日期", required=False, help_text="这一天起不再任职；实际没有离任的，连同原因一起清空"
    )
    end_reason = optional("离任原因", EndReason.choices)
    reason = reason_field("更正原因", "请写明为什么改，会记入改动记录。")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, of: Appointment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if of.ended_on is None:
            # Whoever is still there leaves by `EndForm`.
            del self.fields["ended_on"], self.fields["end_reason"]

    def facts_for(self, appointment: Appointment) -> PostFacts:
        return self.post_facts(post=appointment.post)


class EndForm(forms.Form):
    on = DateField("离任日期", help_text="这一天起不再任职")
    end_reason = choice("离任原因", EndReason.choices)
    note = _note("说明")


class TransferForm(PostFields):
    to = KindergartenField("调到", required=True)
    started_on = DateField("调动日期", help_text="这一天起在新园任职，原园的任职同时结束")

    field_order = ["to", "started_on"]


class CertificateForm(PaperFields):
    pass


# One word alone does not say what was wrong.
LEAST_REASON = 4


class WithdrawForm(forms.Form):
    reason = reason_field("撤销原因", "请写明错在哪里，会记入改动记录。")

    def clean_reason(self) -> str:
        reason = str(self.cleaned_data["reason"])
        if len(reason) < LEAST_REASON:
            raise forms.ValidationError(f"请写明错在哪里，至少{LEAST_REASON}个字。")
        return reason
