"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id as OWASP's cheat sheet has it. Django's takes 100 MB: sixteen logins at once would be 1.6 GB."""

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1
