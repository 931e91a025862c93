"""Reads of the waitlist: those who wait, their offers, whom to ask for what came free."""

from holdfast.waitlist.queries.entries import (
    EntryChangeFacts,
    EntryFacts,
    OfferFacts,
    entries_of_customer,
    entry_by_id,
    entry_by_link,
    entry_facts,
    entry_token,
    entry_url,
    history_of_entry,
    live_entries,
    offer_by_id,
    offer_facts,
    offer_of_entry,
    offers_of,
    offers_out,
    waiter,
)
from holdfast.waitlist.queries.matching import WAITED_FOR, Matching, Region, matching
from holdfast.waitlist.queries.proposals import Proposal
from holdfast.waitlist.queries.standing import GapReport, Ranked, gap_reports, place_in_line, ranked_entries

__all__ = [
    "WAITED_FOR",
    "EntryChangeFacts",
    "EntryFacts",
    "GapReport",
    "Matching",
    "OfferFacts",
    "Proposal",
    "Ranked",
    "Region",
    "entries_of_customer",
    "entry_by_id",
    "entry_by_link",
    "entry_facts",
    "entry_token",
    "entry_url",
    "gap_reports",
    "history_of_entry",
    "live_entries",
    "matching",
    "offer_by_id",
    "offer_facts",
    "offer_of_entry",
    "offers_of",
    "offers_out",
    "place_in_line",
    "ranked_entries",
    "waiter",
]
