"""Money at the desk: what a booking owes and paid, the counter, refunds, the no-show fee, lists, files, receipts."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook
from PIL import ImageFile

from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts, booking_by_id, manage_token
from holdfast.payments.models import LedgerEntry, Payment, Refund, SavedCard
from holdfast.web import receipts
from tests.bookings.money import ledger_of, pay, takes_money
from tests.cast import Shop
from tests.web.public.visitor import said


@pytest.fixture
def owing(shop: Shop) -> BookingFacts:
    """Theo at ten, waiting for its deposit."""
    takes_money(shop, {"deposit_minor": 1000}, tax_basis_points=2000, tax_number="GB 123")
    return shop.book("10:00", resource=shop.theo)


def page(shop: Shop, booking: BookingFacts, rest: str = "") -> str:
    return f"/desk/{shop.slug}/b/{booking.reference}{rest}"


def test_the_desk_takes_a_deposit_at_the_counter_and_the_booking_stands(
    shop: Shop, staff: Client, owing: BookingFacts
) -> None:
    words = said(staff.get(page(shop, owing)))
    assert "£10.00 still to pay" in words
    assert "Give money back" not in words
    wrong = staff.post(page(shop, owing, "/money/take"), {"amount": "ten", "method": "cash"})
    assert wrong.status_code == 422
    done = staff.post(page(shop, owing, "/money/take"), {"amount": "10", "method": "cash"})
    assert "Written down as paid" in said(staff.get(done["Location"]))
    taken = booking_by_id(business_id=shop.business_id, booking_id=owing.id)
    assert (taken.state, taken.paid_minor, ledger_of(owing.id)) == ("confirmed", 1000, 1000)
    words = said(staff.get(page(shop, owing)))
    for part in ("£26 · £10 paid", "Deposit, Cash £10.00", "£16.00 still to pay"):
        assert part in words


def test_a_manager_gives_some_of_it_back_with_a_reason_and_staff_may_not(
    shop: Shop, staff: Client, manager: Client, owing: BookingFacts
) -> None:
    pay(shop, owing.id)
    sent = {"refund": "4.00", "reason": "The dryer was loud"}
    assert staff.post(page(shop, owing, "/money/refund"), sent).status_code == 404
    assert "Give money back" in said(manager.get(page(shop, owing)))
    for wrong, words in (({"refund": "11"}, "more than is left"), ({"reason": ""}, "Fill this in")):
        answer = manager.post(page(shop, owing, "/money/refund"), sent | wrong)
        assert answer.status_code == 422
        assert words in said(answer)
    assert manager.post(page(shop, owing, "/money/refund"), sent).status_code == 302
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.note, refund.reason) == (400, "The dryer was loud", "asked_for")
    assert "The dryer was loud" in said(manager.get(page(shop, owing)))
    assert booking_by_id(business_id=shop.business_id, booking_id=owing.id).state == "confirmed"


def test_a_no_show_fee_is_charged_only_when_the_desk_says_so_and_can_be_dropped(
    shop: Shop, staff: Client, client: Client
) -> None:
    takes_money(shop, {"guard": "card"}, no_show_fee_percent=50)
    booking = shop.book("10:00")
    pay(shop, booking.id)
    SavedCard.objects.create(
        business_id=shop.business_id, booking_id=booking.id, provider="demo", customer_ref="c", method_ref="m",
        brand="visa", last4="4242", saved_at=booking.created_at,
    )  # fmt: skip
    assert staff.post(page(shop, booking, "/money/fee")).status_code == 409  # not missed
    Booking.objects.filter(id=booking.id).update(state="no_show")
    assert "Charge a no-show fee of £13.00" in said(staff.get(page(shop, booking)))
    assert staff.post(page(shop, booking, "/money/fee")).status_code == 302
    charge = Payment.objects.get(kind="no_show_fee")
    assert charge.due_at is not None
    assert charge.due_at - charge.created_at == timedelta(hours=24)
    manage = f"/m/{manage_token(booking_id=booking.id)}"
    assert "A fee of £13.00 for the missed visit will be charged" in said(client.get(manage))
    assert "will be charged on" in said(staff.get(page(shop, booking)))
    assert staff.post(page(shop, booking, "/money/no-fee")).status_code == 302
    charge.refresh_from_db()
    assert charge.state == "expired"
    assert "will be charged" not in said(client.get(manage))
    assert not LedgerEntry.objects.exists()


def test_payments_are_listed_and_filtered(shop: Shop, staff: Client, owing: BookingFacts) -> None:
    address = f"/desk/{shop.slug}/payments"
    assert "Dana Guest" in said(staff.get(address))
    assert "No payment fits" in said(staff.get(f"{address}?state=paid"))
    pay(shop, owing.id)
    assert "Deposit, Played" in said(staff.get(f"{address}?state=paid&provider=demo&kind=deposit"))
    assert staff.get(f"{address}?state=nonsense").status_code == 422
    assert "Revenue as a file" not in said(staff.get(address))


def test_revenue_is_taken_away_by_day_service_and_resource(
    shop: Shop, staff: Client, manager: Client, owing: BookingFacts
) -> None:
    pay(shop, owing.id)
    manager.post(page(shop, owing, "/money/refund"), {"refund": "4", "reason": "Loud"})
    refund = Refund.objects.get()
    LedgerEntry.objects.create(
        business_id=shop.business_id, booking_id=owing.id, at=refund.created_at, kind="refund", amount_minor=-400,
        currency="GBP", payment_id=refund.payment_id, refund=refund,
    )  # fmt: skip
    address = f"/desk/{shop.slug}/revenue.csv"
    assert staff.get(address).status_code == 404
    for by, first in (("service", "Classic cut"), ("resource", "Theo Marsh")):
        sheet = b"".join(manager.get(f"{address}?by={by}").streaming_content).decode()  # type: ignore[attr-defined]
        assert f"{first},GBP,1,10.00,4.00,6.00,1.00" in sheet
    book = load_workbook(
        BytesIO(b"".join(manager.get(f"/desk/{shop.slug}/revenue.xlsx?by=day").streaming_content))
    )  # type: ignore[attr-defined]
    (_, row) = book.active.iter_rows(values_only=True)
    assert row[1:] == ("GBP", 1, 10, 4, 6, 1)


def test_a_receipt_and_a_credit_note_are_a_page_and_a_file(
    shop: Shop, client: Client, manager: Client, owing: BookingFacts
) -> None:
    manage = f"/m/{manage_token(booking_id=owing.id)}"
    assert client.get(f"{manage}/receipt.html").status_code == 404  # nothing was paid
    pay(shop, owing.id)
    words = said(client.get(f"{manage}/receipt.html"))
    for part in (
        "Receipt",
        f"R-{owing.shown_reference}",
        "Tax number GB 123",
        "Total £10.00",
        "Tax in it, 20% £1.67",
    ):
        assert part in words
    made = client.get(f"{manage}/receipt.pdf")
    assert made["Content-Type"] == "application/pdf"
    assert made.content.startswith(b"%PDF-")
    manager.post(page(shop, owing, "/money/refund"), {"refund": "4", "reason": "Loud"})
    credit = f"receipt.html?refund={Refund.objects.get().id}"
    for address in (f"{manage}/{credit}", page(shop, owing, f"/{credit}")):
        words = said(manager.get(address))
        assert f"C-{owing.shown_reference}-1" in words
        assert "Total £4.00" in words
    assert client.get(f"{manage}/receipt.html?refund={owing.id}").status_code == 404


def test_making_a_receipt_asks_no_file_and_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    refuse = receipts.fetched_nothing

    def note(url: str) -> None:
        asked.append(url)
        refuse(url)

    monkeypatch.setattr(receipts, "fetched_nothing", note)
    wants = '<img src="http://127.0.0.1/x.png"><link rel="stylesheet" href="file://host/secret">'
    assert receipts.make_pdf(wants).startswith(b"%PDF-")
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False, (
        "and pictures that are cut short stay refused everywhere else"
    )
    assert set(asked) == {"http://127.0.0.1/x.png", "file://host/secret"}
    with pytest.raises(receipts.NothingFetched):
        refuse("file://host/secret")
