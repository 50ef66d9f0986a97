"""The one way a file is turned away."""


class FileRefused(Exception):
    """The file is not taken. The text, in Chinese, says what is wrong and what to do.

    `code` names the rule for logs and tests; it holds nothing out of the file.
    """

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)
