"""Pure decisions about messages: what is said when, to whom, and what becomes of a mail that did not go."""
