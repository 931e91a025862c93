"""A Stripe that runs on this machine: its own ledger is the truth that tests hold ours against."""
