"""The password policy in force, and the one way in which a person's password is set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import chain

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import transaction

from accounts.history.context import changing_secret
from accounts.models import Membership, PastPassword, User
from accounts.sign_in.common_words import EVERYBODY_KNOWS, common_passwords
from accounts.sign_in.password_rules import PROFILES, PasswordPolicy, parts_of_name


def policy() -> PasswordPolicy:
    """The profile that PASSWORD_PROFILE names."""
    try:
        return PROFILES[settings.PASSWORD_PROFILE]
    except KeyError:
        raise ImproperlyConfigured(
            f"PASSWORD_PROFILE is “{settings.PASSWORD_PROFILE}”; it must be {' or '.join(PROFILES)}"
        ) from None


def is_privileged(posts: Iterable[Membership]) -> bool:
    return any(post.role in settings.PRIVILEGED_ROLES for post in posts)


def words_about(user: User, organisations: Iterable[str] = ()) -> list[str]:
    """What everybody knows about a person: names, places and their parts."""
    names = [user.username, user.full_name, *organisations]
    if user.pk is not None:
        posts = user.memberships.select_related("organisation__region__county")
        for post in posts:
            region = post.organisation.region
            names += [post.organisation.name, region.name]
            if region.county is not None:
                names.append(region.county.name)
    return sorted({*EVERYBODY_KNOWS, *chain.from_iterable(map(parts_of_name, names))})


class PolicyValidator:
    """Django's hook (AUTH_PASSWORD_VALIDATORS): every place that sets a password asks the policy."""

    def validate(self, password: str, user: User | None = None) -> None:
        rules = policy()
        words = words_about(user) if user is not None else EVERYBODY_KNOWS
        complaints = rules.complaints(password, common=common_passwords(), words=words)
        if not complaints and user is not None and _was_used(user, password, rules.history):
            complaints = [f"最近{rules.history}次用过的密码不能再用。请换一个。"]
        if not complaints and user is not None and _was_handed_out(user, password):
            complaints = ["这是发放过的一次性密码，别人见过，不能当自己的密码。请换一个。"]
        if complaints:
            # One text of whole sentences: forms join several with a sign of their own.
            raise ValidationError("".join(complaints))

    def get_help_text(self) -> str:
        rules = policy()
        kinds = f"，大小写字母、数字、符号至少{rules.classes}种" if rules.classes else ""
        return (
            f"至少{rules.shortest}个字{kinds}；不用姓名、单位、地名、年份和常用密码；"
            f"最近{rules.history}次用过的不能再用。可以用汉字。"
        )


def _was_used(user: User, password: str, history: int) -> bool:
    if user.pk is None:
        return False
    own = user.past_passwords.filter(was_one_time=False).values_list("password", flat=True)
    earlier = [user.password, *own[: history - 1]]
    return any(check_password(password, hashed) for hashed in earlier if hashed)


def _was_handed_out(user: User, password: str) -> bool:
    """Whether it is a one-time password somebody else has seen, of whatever age."""
    if user.pk is None:
        return False
    issued = user.past_passwords.filter(was_one_time=True).values_list("password", flat=True)
    return any(check_password(password, hashed) for hashed in issued)


@transaction.atomic
def change_password(*, user: User, password: str, now: dt.datetime) -> None:
    """Give a person a password of their own choice. Raises ValidationError for a weak one.

    Every session opened with the former one ends at its next request, because Django binds
    sessions to the hash.
    """
    validate_password(password, user)
    _keep_former(user, now)
    user.password = make_password(password)
    user.password_changed_at = now
    user.one_time_until = None
    with changing_secret("password"):
        user.save(update_fields=["password", "password_changed_at", "one_time_until"])
    user.known_devices.all().delete()


def set_one_time_password(
    *, user: User, password: str, until: dt.datetime, now: dt.datetime
) -> None:
    """Give a person a password that only opens the page to choose one's own."""
    _keep_former(user, now)
    user.password = make_password(password)
    user.password_changed_at = now
    user.one_time_until = until
    with changing_secret("password"):
        user.save(update_fields=["password", "password_changed_at", "one_time_until"])
    user.known_devices.all().delete()


def _keep_former(user: User, now: dt.datetime) -> None:
    """Keep the last few of the person's own, and every one-time one."""
    if not user.has_usable_password() or not user.password:
        return
    PastPassword.objects.create(
        user=user,
        password=user.password,
        replaced_at=now,
        was_one_time=user.one_time_until is not None,
    )
    history = policy().history
    own = user.past_passwords.filter(was_one_time=False)
    superfluous = list(own.values_list("pk", flat=True)[history:])
    user.past_passwords.filter(pk__in=superfluous).delete()


def expires_on(user: User, posts: Iterable[Membership]) -> dt.datetime | None:
    """When the password must be changed; None when it does not age.

    The public password of a demonstration does not age: it is nobody's secret.
    """
    days = policy().lasts_days(privileged=is_privileged(posts))
    if days is None or settings.DEMO:
        return None
    return (user.password_changed_at or user.created_at) + dt.timedelta(days=days)
