"""Money as integer minor units with a currency code; never a float (ADR 0006)."""

from __future__ import annotations

from dataclasses import dataclass

# ISO 4217 currencies whose minor unit is not a hundredth.
_EXPONENTS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
    "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip

MAX_MINOR = 10**12


@dataclass(frozen=True, slots=True)
class Money:
    """``Money(3200, "GBP")`` is £32.00."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return self + Money(-other.minor, other.currency)

    @property
    def exponent(self) -> int:
        return exponent_of(self.currency)

    @property
    def decimal(self) -> str:
        """``"32.00"``, for machines and for editing; people get it through their locale."""
        digits = self.exponent
        sign, minor = ("-" if self.minor < 0 else ""), abs(self.minor)
        if digits == 0:
            return f"{sign}{minor}"
        whole, part = divmod(minor, 10**digits)
        return f"{sign}{whole}.{part:0{digits}d}"


def exponent_of(currency: str) -> int:
    """How many digits of the currency stand after the point."""
    return _EXPONENTS.get(currency, 2)


def parse_minor(text: str, currency: str) -> int:
    """Minor units of a typed amount such as ``32``, ``32.5`` or ``32,50``; ValueError for anything else."""
    whole, _, part = text.strip().replace(",", ".").partition(".")
    digits = exponent_of(currency)
    if not (whole.isascii() and whole.isdigit()) or (part and not (part.isascii() and part.isdigit())):
        raise ValueError(f"not an amount: {text!r}")
    if len(part) > digits or len(whole) > 10:
        raise ValueError(f"not an amount of {currency}: {text!r}")
    unit: int = 10**digits
    return int(whole) * unit + int(part.ljust(digits, "0") or "0")
