"""Yes, no, and None for what only the deployment knows."""

from collections.abc import Iterable

Answer = bool | None


def all_of(answers: Iterable[Answer]) -> Answer:
    """No where one is no; yes only where all are yes."""
    given = set(answers)
    if False in given:
        return False
    return None if None in given else True


def any_of(answers: Iterable[Answer]) -> Answer:
    """Yes where one is yes; no only where all are no."""
    given = set(answers)
    if True in given:
        return True
    return None if None in given else False
