"""Files people upload: what is let in, how it is read, where it is kept.

Nothing in a file is believed before it was scanned as bytes, and no library reads it but in a
process of its own that may die (docs/adr/0009-uploaded-files.md).
"""

from .refusal import FileRefused

__all__ = ["FileRefused"]
