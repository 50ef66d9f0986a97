"""A job as pages show it: what happens to it, in words, and what one can do about it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from accounts import formatting
from accounts.jobs.registry import find_kind
from accounts.models import Job


@dataclass(frozen=True)
class ShownJob:
    """The context of templates/_components/job.html."""

    key: str
    title: str
    state: str
    meta: str
    done: int
    total: int
    poll_url: str
    download_url: str
    retry_url: str


def present(
    job: Job, *, polls: bool = True, names_requester: bool = False, offers_result: bool = True
) -> ShownJob:
    """`polls`: the job refreshes itself; `names_requester`: for those who see everyone's jobs.

    `offers_result`: not for those who only run the portal and may not read what a job made.
    """
    meta = _what_happens(job)
    if names_requester:
        meta = f"{_requester(job)}，{formatting.zhdatetime(job.queued_at)}申请。{meta}"
    return ShownJob(
        key=str(job.pk),
        title=job.title,
        state=job.state,
        meta=meta,
        done=job.done_steps,
        total=job.total_steps,
        poll_url=reverse("job-progress", args=[job.pk]) if polls and not job.is_over else "",
        download_url=_result_url(job) if offers_result else "",
        retry_url=reverse("job-retry", args=[job.pk]) if job.may_be_retried else "",
    )


def _result_url(job: Job) -> str:
    kind = find_kind(job.kind) if job.state == Job.State.DONE else None
    return reverse(kind.result_route, args=[job.pk]) if kind and kind.result_route else ""


def _requester(job: Job) -> str:
    post = job.requested_as
    return "系统" if post is None else f"{post.organisation} {post.user}"


def _what_happens(job: Job) -> str:
    if job.state == Job.State.QUEUED:
        return f"{formatting.zhdatetime(job.queued_at)}开始排队，轮到时自动处理，不用守在这里。"
    if job.state == Job.State.RUNNING:
        steps = f"（{job.done_steps}/{job.total_steps}）" if job.total_steps else ""
        again = f"，上次中断，这是第{job.deliveries}次" if job.deliveries > 1 else ""
        return f"{job.message or '正在处理'}{steps}{again}"
    if job.state == Job.State.DONE:
        return f"{formatting.zhdatetime(job.finished_at)}完成{_duration(job)}。"
    return f"{job.error}（编号{job.number}）"


def _duration(job: Job) -> str:
    if job.started_at is None or job.finished_at is None:
        return ""
    seconds = round((job.finished_at - job.started_at).total_seconds())
    return f"，用时{seconds}秒" if seconds else "，用时不到1秒"
