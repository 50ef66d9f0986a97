from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher

from accounts.sign_in.slots import slot


class PortalArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id at OWASP's minimum, and only so many at the same time.

    Django's defaults take 100 MiB and 8 lanes a login: ten a second on two cores, and twenty at
    once exhaust a small server. These take 19 MiB and one lane: about ninety a second. A hash made
    with other parameters is made anew when its owner next signs in.
    """

    algorithm = "argon2"
    time_cost = 2
    memory_cost = 19456
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with slot():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with slot():
            return super().verify(password, encoded)
