"""What a dialect cannot say."""


class CannotCompile(Exception):
    """The dialect cannot say the plan exactly."""

    def __init__(self, dialect: str, reason: str) -> None:
        super().__init__(f"{dialect}: {reason}")
        self.reason = reason
