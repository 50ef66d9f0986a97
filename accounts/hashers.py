from django.contrib.auth.hashers import Argon2PasswordHasher


class PortalArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id at OWASP's minimum.

    Django's defaults take 100 MiB and 8 lanes a login: ten a second on two cores, and twenty at
    once exhaust a small server. These take 19 MiB and one lane: about ninety a second.
    """

    algorithm = "argon2"
    time_cost = 2
    memory_cost = 19456
    parallelism = 1
