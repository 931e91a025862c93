"""``holdfast verify-audit`` on the command line."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from holdfast.core import sealing
from holdfast.core.models import AuditChain
from tests.cast import Shop


def test_it_says_what_is_wrong_and_exits_with_five(shop: Shop) -> None:
    sealing.anchors_file().unlink(missing_ok=True)
    out = StringIO()
    call_command("verify_audit", seal=True, stdout=out)
    assert "The audit trail is whole." in out.getvalue()
    AuditChain.objects.filter(business_id=shop.business_id).update(seal="0" * 64)
    out = StringIO()
    with pytest.raises(CommandError) as broken:
        call_command("verify_audit", slug=shop.slug, as_json=True, stdout=out)
    assert broken.value.returncode == 5
    told = json.loads(out.getvalue())
    assert told["whole"] is False
    assert [fault["what"] for fault in told["faults"]] == ["rewritten"]
    sealing.anchors_file().unlink(missing_ok=True)
