"""Write `docs/array-api.md`."""

from .page import PAGE, text

PAGE.write_text(text())
