"""Calls from providers: what became of messages, and answers to texts. Signed by them, never by a session."""
