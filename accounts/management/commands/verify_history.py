"""`manage.py verify_history`: is history as it was written? Names every row that is not."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.history import anchors, checks
from accounts.history.chain import Verified

MOST_LINES = 200


class Command(BaseCommand):
    help = "核对全部历史记录：逐行比对摘要、记录链和锚点；有问题时退出码为1"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anchor",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="保存在库外的锚点（每行一个，可以是日志原文），可多次给出",
        )
        parser.add_argument("--json", action="store_true", help="以JSON输出，供程序读取")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            printed = "\n".join(path.read_text(encoding="utf-8") for path in options["anchor"])
            result = checks.check_history(by=None, now=timezone.now(), printed_anchors=printed)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"读不了锚点文件：{error}") from None
        except anchors.NotAnAnchor as error:
            raise CommandError(str(error)) from None
        self.stdout.write(_as_json(result) if options["json"] else _as_text(result))
        if not result.sound:
            raise SystemExit(1)


def _as_json(result: Verified) -> str:
    return json.dumps(
        {
            "sound": result.sound,
            "rows": result.rows,
            "last_block": result.position,
            "anchors": result.anchors,
            "findings": [finding.as_dict() for finding in result.findings],
        },
        ensure_ascii=False,
        indent=2,
    )


def _as_text(result: Verified) -> str:
    compared = f"核对了{result.rows}行记录、{result.position}块、{result.anchors}个锚点"
    if result.sound:
        return f"{compared}，全部相符。"
    lines = [str(finding) for finding in result.findings[:MOST_LINES]]
    more = len(result.findings) - len(lines)
    if more > 0:
        lines.append(f"另有{more}处，用--json可看全部。")
    return "\n".join(
        [
            f"{compared}，有{len(result.findings)}处不符：",
            *lines,
            "请保留现场（不要再写入或恢复），报审计管理员，并与最近的备份和库外锚点比对。",
        ]
    )
