"""What people type of a paper. Each form gives the facts of staffing.papers.rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.people.forms import ReasonText
from kindergartens.form_fields import DateField, NumberField, WholeField, line
from staffing.models import (
    Appointment,
    BackgroundQuery,
    Contract,
    EthicsRecord,
    HealthCheck,
    Insurance,
    Training,
)
from staffing.papers.rules import (
    ContractFacts,
    EthicsFacts,
    Facts,
    HealthFacts,
    InsuranceFacts,
    QueryFacts,
    TrainingFacts,
)
from staffing.roster.forms import WRONG_CHOICE, choice, optional


class PaperForm(forms.Form):
    """`facts()` once the form is valid."""

    makes: type[Facts]

    def facts(self) -> Facts:
        made: Any = self.makes
        return made(**{name: self.cleaned_data[name] for name in made.__dataclass_fields__})


class HealthForm(PaperForm):
    makes = HealthFacts
    checked_on = DateField("检查日期", help_text="合格的，从这一天起一年内有效")
    result = choice("结果", HealthCheck.Result.choices, help_text="只登记能不能在岗，不写病情")
    hospital = line("检查机构", 60, "请填做检查的医疗卫生机构。")


class QueryForm(PaperForm):
    makes = QueryFacts
    queried_on = DateField("查询日期", help_text="入职前查一次，以后每年查一次")
    authority = line("查询机关", 60, "请填答复的机关，如某某公安分局。")
    asked_by = line("申请查询的人", 40, "请填谁去申请的。")
    result = choice("查询结果", BackgroundQuery.Result.choices, help_text="查到了什么不在这里写")


class ContractForm(PaperForm):
    makes = ContractFacts
    kind = choice("合同", Contract.Kind.choices, help_text="退休返聘等选劳务协议")
    signed_on = DateField("签订日期")
    valid_from = DateField("合同期自")
    valid_until = DateField("合同期至", required=False, help_text="最后一天；无固定期限的留空")
    filed_on = DateField("备案日期", required=False, help_text="报区县教育局的日期，还没报的留空")


class InsuranceForm(PaperForm):
    makes = InsuranceFacts
    kinds = forms.MultipleChoiceField(
        label="险种", choices=Insurance.Kind.choices, initial=Insurance.Kind.values,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一种。", "invalid_choice": "没有这个险种。"},
    )  # fmt: skip
    valid_from = DateField("参保自")
    valid_until = DateField("参保至", required=False, help_text="最后一天；还在缴的留空")

    def clean_kinds(self) -> tuple[str, ...]:
        return tuple(self.cleaned_data["kinds"])


class TrainingForm(PaperForm):
    makes = TrainingFacts
    level = choice("级别", Training.Level.choices)
    subject = line("培训内容", 80, "请填培训班或主题的名称。")
    hours = NumberField("学时", unit="学时", max_digits=5, decimal_places=1)
    started_on = DateField("开始日期")
    ended_on = DateField("结束日期", help_text="学时计入这一天所在的年度")
    number = line("证书编号", 40)


class EthicsForm(PaperForm):
    makes = EthicsFacts
    kind = choice("类别", EthicsRecord.Kind.choices)
    decided_on = DateField("日期", help_text="考核结束、受表彰或作出处理的日期")
    year = WholeField("考核年度", unit="年", required=False, max_digits=4, help_text="年度考核填")
    conclusion = optional("考核结论", EthicsRecord.Conclusion.choices, help_text="年度考核选")
    note = ReasonText(
        label="情况", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="表彰和违反师德的写明是什么事、怎么处理的",
        error_messages={"max_length": "最多300字，请删减。"},
    )  # fmt: skip


FORMS: Mapping[str, type[PaperForm]] = {
    "health": HealthForm, "background": QueryForm, "contract": ContractForm,
    "insurance": InsuranceForm, "training": TrainingForm, "ethics": EthicsForm,
}  # fmt: skip


def with_post(form: PaperForm, posts: list[Appointment]) -> PaperForm:
    """Asks which post a paper of a post goes with, where the person has several."""
    form.fields["appointment"] = forms.ChoiceField(
        label="任职",
        choices=[(one.pk, f"{one.kindergarten.name}，{one}") for one in posts],
        error_messages=WRONG_CHOICE,
        widget=forms.Select if len(posts) > 1 else forms.HiddenInput,
        initial=posts[0].pk,
    )
    form.order_fields(["appointment"])
    return form


class FilingForm(forms.Form):
    filed_on = DateField("备案日期", help_text="报到区县教育局的日期")


class ContractEndForm(forms.Form):
    last_day = DateField("合同期至", help_text="合同的最后一天；第二天起可以登记新的合同")


class InsuranceEndForm(forms.Form):
    last_day = DateField("参保至", help_text="最后一天；几种险同时停")
