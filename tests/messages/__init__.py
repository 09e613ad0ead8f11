"""Wrong programs, each with the text that theon answers it with; `tests/test_messages.py` runs them."""
