"""What carries messages: mail servers and providers, and what they tell afterwards. Spoken to by jobs and shells, never by
commands (docs/decisions/0010-messages-out.md)."""
