"""What only one kind of business needs once hours, resources and services stand: one module, one ``finish`` a kind.

``finish(actor, business, blueprint, made)`` runs inside the creating command; ``made`` has the ids of what was created.
"""

from collections.abc import Callable

from holdfast.blueprints.commands.kinds import artist, barbershop, counter, venue, waitlist

FINISHING: dict[str, Callable[..., None]] = {
    "artist": artist.finish,
    "barbershop": barbershop.finish,
    "counter": counter.finish,
    "venue": venue.finish,
    "waitlist": waitlist.finish,
}
