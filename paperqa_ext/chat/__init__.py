"""Grounded chat: a question is read, papers are retrieved for it, and the answer may cite those alone."""
