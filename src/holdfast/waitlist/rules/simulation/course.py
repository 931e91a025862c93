"""What happens whatever is decided, in order: who joins and leaves, what comes free, the look of every morning. Pure."""

from __future__ import annotations

from holdfast.lib.timeline import DAY_MINUTES
from holdfast.waitlist.rules.simulation.world import World

# At the same minute: answers before their time is up, then what came free, then who joins.
ANSWER, LAPSE, LEAVE, FREED, JOIN, LOOK = range(6)
_SWEEP_AT = 8 * 60


def course(world: World) -> list[tuple[int, int, int]]:
    """Minute, kind, and the number of the person or the freed time, or the day of a ``LOOK`` at everything; in order.

    Plain numbers, sorted once: hundreds of thousands of them would make a queue slow for the few that come up on the way.
    """
    events = [(asker.joined, JOIN, number) for number, asker in enumerate(world.askers)]
    for number, asker in enumerate(world.askers):
        over = asker.ends
        if asker.tells and asker.leaves is not None:
            over = min(over, asker.leaves)
        events.append((max(over, asker.joined), LEAVE, number))
    events += [(freed.at, FREED, number) for number, freed in enumerate(world.freed)]
    events.sort()
    if events:
        first, last = events[0][0] // DAY_MINUTES, events[-1][0] // DAY_MINUTES
        events += [(day * DAY_MINUTES + _SWEEP_AT, LOOK, day) for day in range(first, last + 1)]
        events.sort()
    return events
