"""What people type about projects and estates. Choices are of the own county."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import Region, User
from kindergartens.form_fields import DateField, NumberField, WholeField, line
from kindergartens.models import (
    ConstructionPlan,
    ConstructionProject,
    EstateOperator,
    EstateProblem,
    EstateStep,
    Kindergarten,
    ProjectStage,
)

CHOOSE = {"required": "请选择。", "invalid_choice": "请从列表中选择。"}


def _choice(label: str, *, required: bool = True, empty: str = "请选择") -> Any:
    return forms.ModelChoiceField(
        label=label,
        queryset=Region.objects.none(),
        required=required,
        empty_label=empty,
        error_messages=CHOOSE,
    )


def _seen() -> forms.CharField:
    """The stamp of what was there when the form was opened (kindergartens.stamps)."""
    return forms.CharField(required=False, widget=forms.HiddenInput)


def towns_of(county: Region) -> Any:
    return Region.objects.filter(county=county, is_active=True).order_by("code")


class ProjectForm(forms.Form):
    name = line("项目名称", 120, "请填项目名称。")
    kind = forms.ChoiceField(label="类别", choices=ConstructionProject.Kind.choices)
    town = _choice("乡镇街道", required=False, empty="不限")
    kindergarten = _choice("幼儿园", required=False, empty="新建，还没有登记")
    plan = _choice("所属计划", required=False, empty="不属于计划")
    document = line("依据文件", 200)
    classes = WholeField("班数", required=False, unit="个", max_digits=3)
    floor_area_m2 = NumberField("建筑面积", required=False, unit="平方米", max_digits=10)
    seats_planned = WholeField("计划学位", required=False, unit="个", max_digits=6)
    money_planned_yuan = NumberField("计划投资", required=False, unit="元", max_digits=14)

    def __init__(self, *args: Any, by: User, county: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["town"].queryset = towns_of(county)
        fields["kindergarten"].queryset = Kindergarten.objects.visible_to(by).order_by("name")
        fields["plan"].queryset = ConstructionPlan.objects.visible_to(by)


class ProjectChangeForm(ProjectForm):
    reason = line("更正原因", 300, "请写明为什么改，会记入改动记录。")
    seen = _seen()


class StageForm(forms.Form):
    stage = forms.ChoiceField(label="阶段", choices=ProjectStage.Stage.choices)
    due_on = DateField("计划日期", required=False)
    done_on = DateField("完成日期", required=False, help_text="还没完成就留空")
    document = line("文号", 120)
    seats = WholeField(
        "交付学位", required=False, unit="个", max_digits=6, help_text="只在登记交付时填"
    )
    reason = line("更正原因", 300, help_text="改已经登记的完成日期时填")


class PaymentForm(forms.Form):
    paid_on = DateField("到账日期")
    yuan = NumberField("金额", unit="元", max_digits=14, min_value=None, help_text="冲回填负数")
    document = line("凭证", 120, "请写明凭证，例如拨款单号。")


class EstateForm(forms.Form):
    name = line("小区名称", 80, "请填小区名称。")
    town = _choice("乡镇街道")
    address = line("小区地址", 200)
    developer = line("建设单位", 120)
    homes = WholeField("户数", required=False, unit="户", max_digits=6)
    residents = WholeField("规划人口", required=False, unit="人", max_digits=7)
    required = forms.BooleanField(label="规划要求配建幼儿园", required=False, initial=True)
    kindergarten_name = line("配套园名称", 120)
    kindergarten = _choice("幼儿园", required=False, empty="还没有登记")
    classes_planned = WholeField("规划班数", required=False, unit="个", max_digits=3)
    seats_planned = WholeField("规划学位", required=False, unit="个", max_digits=6)
    floor_area_m2 = WholeField("建筑面积", required=False, unit="平方米", max_digits=6)
    opened_in = WholeField("开园年份", required=False, min_value=Decimal(1950), max_digits=4)
    post_quota = WholeField("编制数", required=False, unit="个", max_digits=4)
    established_staff = WholeField("在编教职工数", required=False, unit="人", max_digits=4)
    care_fee_yuan = WholeField("保教费", required=False, unit="元/月/生", max_digits=6)

    def __init__(self, *args: Any, by: User, county: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["town"].queryset = towns_of(county)
        fields["kindergarten"].queryset = (
            Kindergarten.objects.visible_to(by)
            .select_related("organisation__region")
            .order_by("name")
        )


class EstateChangeForm(EstateForm):
    reason = line("更正原因", 300, "请写明为什么改，会记入改动记录。")
    seen = _seen()


class StepForm(forms.Form):
    step = forms.ChoiceField(label="哪一项", choices=EstateStep.Step.choices)
    state = forms.ChoiceField(label="与首期同步吗", choices=EstateStep.State.choices)
    on = DateField("日期", required=False)
    note = line("说明", 200, help_text="选“否”要写明情况")
    seen = _seen()


class HandOverForm(forms.Form):
    due_on = DateField("计划移交日期", required=False)
    agreement_on = DateField("移交协议签订日期", required=False)
    slip_on = DateField("移交单日期", required=False)
    handed_over_on = DateField("移交日期", required=False, help_text="还没移交就留空")
    handed_to = line("移交给", 80)
    reason = line("更正原因", 300, help_text="改已经登记的移交日期时填")
    seen = _seen()


class OperatorForm(forms.Form):
    run_as = forms.ChoiceField(label="办成什么性质", choices=EstateOperator.RunAs.choices)
    operator = line("举办者", 120)
    valid_from = DateField("起始日期")
    document = line("依据", 200, "请写明依据，例如会议纪要的文号。")


class ProblemForm(forms.Form):
    kind = forms.ChoiceField(label="类别", choices=EstateProblem.Kind.choices)
    text = line("问题", 300, "请写明问题。")
    found_on = DateField("发现日期")


class ResolveForm(forms.Form):
    resolution = line("怎么解决的", 300, "请写明怎么解决的。")
    resolved_on = DateField("解决日期")
