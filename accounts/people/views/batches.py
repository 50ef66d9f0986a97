"""Accounts from a workbook: template, upload with a report by cell, confirmation."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.roles import RoleCode
from accounts.exports import CONTENT_TYPES
from accounts.files.refusal import FileRefused
from accounts.files.workbook import read_cells
from accounts.models import AccountBatch
from accounts.people.batches import HEADS, MOST_ROWS, check, template
from accounts.people.forms import BatchForm
from accounts.people.policies import AccountRefused
from accounts.people.services.batches import confirm_batch, keep_batch
from accounts.sign_in.fresh import fresh_authentication

MOST_BYTES = 2 * 1024 * 1024
PROBLEMS_SHOWN = 200


@require_GET
@requires(Permission.REQUEST_ACCOUNTS)
def batch_template(request: SignedInRequest) -> HttpResponse:
    response = HttpResponse(template(request.user), content_type=CONTENT_TYPES["xlsx"])
    name = quote("账号申请表.xlsx")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


@require_http_methods(["GET", "POST"])
@requires(Permission.REQUEST_ACCOUNTS)
def batch_upload(request: SignedInRequest) -> HttpResponse:
    context: dict[str, object] = {"most_rows": MOST_ROWS}
    if request.method == "GET":
        return render(request, "accounts/people/batch.html", context)
    now = timezone.now()
    file = request.FILES.get("workbook")
    if file is None:
        context["missing"] = missing = "请先选择填好的xlsx文件，再点检查。"
        context["errors"] = [{"href": "#workbook", "text": missing}]
    elif file.size is None or file.size > MOST_BYTES:
        context["refusal"] = "文件超过2MB。请用下载的模板，只留要申请的人。"
    else:
        try:
            rows = read_cells(file.read(), max_rows=MOST_ROWS + 100, max_columns=20)
        except FileRefused as refusal:
            context["refusal"] = str(refusal)
        else:
            checked = check(rows, by=request.user, today=timezone.localdate(now))
            if not checked.problems and checked.rows:
                batch = keep_batch(checked=checked, by=request.user, now=now)
                if checked.unchanged:
                    messages.info(
                        request, f"有{checked.unchanged}人以前已申请或已有账号，不重复申请。"
                    )
                return redirect("account-batch", batch_id=batch.pk)
            if not checked.problems:
                messages.info(
                    request, f"表里{checked.unchanged}人都已申请过或已有账号，没有新的申请。"
                )
                return redirect(f"{reverse('account-requests')}?view=requests")
            context.update(
                problems=checked.problems[:PROBLEMS_SHOWN], found=len(checked.problems), heads=HEADS
            )
    return render(request, "accounts/people/batch.html", context, status=422)


@require_GET
@requires(Permission.REQUEST_ACCOUNTS)
def batch_detail(request: SignedInRequest, batch_id: UUID) -> HttpResponse:
    """The rows as they will be asked for."""
    return _shown(request, batch_id, BatchForm())


def _shown(
    request: SignedInRequest, batch_id: UUID, form: BatchForm, status: int = 200
) -> HttpResponse:
    batch = get_object_or_404(AccountBatch.objects.visible_to(request.user), pk=batch_id)
    labels = dict(RoleCode.choices)
    rows = [{**row, "role_label": labels[row["role"]]} for row in batch.rows]
    context = {"batch": batch, "rows": rows, "form": form}
    return render(request, "accounts/people/batch_detail.html", context, status=status)


@require_POST
@requires(Permission.REQUEST_ACCOUNTS)
@fresh_authentication
def batch_confirm(request: SignedInRequest, batch_id: UUID) -> HttpResponse:
    now = timezone.now()
    form = BatchForm(request.POST)
    if not form.is_valid():
        return _shown(request, batch_id, form, status=422)
    try:
        asked = confirm_batch(
            batch_id=batch_id,
            reason=form.cleaned_data["reason"],
            by=request.user,
            now=now,
            today=timezone.localdate(now),
        )
    except AccountRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("account-batch-upload")
    if asked:
        messages.success(request, f"已提交{asked}份申请，等另一个人批准。")
    else:
        messages.info(request, "这份表格以前已提交过，没有重复申请。")
    return redirect(f"{reverse('account-requests')}?view=requests")
