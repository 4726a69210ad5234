"""From what the tracker found to what it says: reps and sets as events."""

from dataclasses import dataclass
from math import inf
from statistics import median, median_low

from pipeline.draft import Draft
from pipeline.events import Event, Rep, RepWithdrawn, SetSummary, Tempo
from pipeline.exercises import Exercise
from pipeline.motion import Seen
from pipeline.path import Vector
from pipeline.refine import refine
from pipeline.sets import Refined, RefinedSet
from pipeline.stretch import Stretch


@dataclass(frozen=True, slots=True)
class Settings:
    """set_timeout_s: a longer rest at the bottom ends the set. min_reps: fewer are no set."""

    set_timeout_s: float = 15.0
    min_reps: int = 2


# A rep seen live is mostly there: what was withdrawn, over the model recordings.
_LIVE_CONFIDENCE = (0.5, 0.8)  # first rep of a set, later ones


@dataclass(slots=True)
class Published:
    """A rep that was seen live: its identity, number shown, newest revision, and the rep.

    revision: None until it was said.
    """

    id: str
    number: int | None
    revision: int | None
    draft: Draft


def live_rep(published: list[Published], exercise: Exercise, set_number: int) -> Rep:
    """The newest rep, as far as it is known while it is lifted."""
    last = published[-1]
    draft = last.draft
    down_s, end_s = draft.down_s, draft.end_s
    return Rep(
        id=last.id,
        set=set_number,
        rep=last.number,
        exercise=exercise.name,
        revision=last.revision or 0,
        partial=draft.partial,
        start_s=draft.start_s,
        concentric_start_s=draft.con_start_s,
        concentric_end_s=draft.top_s,
        eccentric_start_s=down_s,
        eccentric_end_s=end_s,
        end_s=draft.top_s if exercise.starts_at == "top" else end_s,
        concentric_s=draft.top_s - draft.con_start_s,
        top_pause_s=None if down_s is None or down_s < draft.top_s else down_s - draft.top_s,
        eccentric_s=None if down_s is None or end_s is None else end_s - down_s,
        bottom_pause_s=None,
        rom_deg=draft.rom_deg,
        displacement_m=draft.rise_m,
        mean_velocity_mps=draft.rise_m / (draft.top_s - draft.con_start_s),
        peak_velocity_mps=None,
        velocity_loss_pct=_live_loss_pct(published),
        faults=draft.faults,
        confidence=_LIVE_CONFIDENCE[len(published) > 1],
    )


def _live_loss_pct(published: list[Published]) -> float | None:
    """Of the newest rep, by what is known of all of them while the set goes on."""
    counted = [one.draft for one in published if not one.draft.partial]
    if published[-1].draft.partial:
        return None
    velocities = [draft.rise_m / (draft.top_s - draft.con_start_s) for draft in counted]
    best_mps = max(velocities)
    return 100.0 * (best_mps - velocities[-1]) / best_mps if best_mps > 0 else None


def refined_events(
    stretch: Stretch,
    published: list[Published],
    axis: Vector | None,
    upright: Vector | None,
    exercise: Exercise,
    settings: Settings,
    sets_before: int,
    prefix: str,
) -> tuple[list[Event], float]:
    """The final reps and sets of a stretch, and which live ones are taken back.

    Also the time until which the stretch is used up, seconds.
    """
    drafts = [rep.draft for rep in published if rep.draft.sure] or [r.draft for r in published]
    used_s = -inf
    seen = Seen(
        drafts[0].start_s,
        drafts[-1].end_s or drafts[-1].top_s,
        median_low([draft.size for draft in drafts]),
        drafts[0].sure,
        axis,
        upright,
        drafts[-1].end_s is None,
    )
    found = refine(stretch, seen, exercise, settings.set_timeout_s, settings.min_reps)
    left = list(published)
    events: list[Event] = []
    for number, refined in enumerate(found, sets_before + 1):
        reps = _reps(refined, left, exercise, number, prefix)
        summary = _summary(refined, reps, exercise, number, prefix)
        events += [*reps, summary]
        used_s = summary.end_s
    taken_back = (RepWithdrawn(rep.id) for rep in left if rep.revision is not None)
    return [*taken_back, *events], used_s


def _reps(
    found: RefinedSet, left: list[Published], exercise: Exercise, number: int, prefix: str
) -> list[Rep]:
    """Refined reps as events; each takes the live rep it replaces out of `left`."""
    reps: list[Rep] = []
    best, shown = 0.0, 0
    for k, rep in enumerate(found.reps):
        live = _same(rep, left)
        if live is not None:
            left.remove(live)
        velocity = rep.displacement_m / (rep.con_end_s - rep.con_start_s)
        loss = None
        if not rep.partial:
            shown += 1
            best = max(best, velocity)
            loss = 100.0 * (best - velocity) / best if best > 0 else None
        top_s, bottom_s = _pauses(rep, found.reps[k + 1 : k + 2], exercise)
        reps.append(
            Rep(
                id=live.id if live else f"{prefix}{rep.frame}",
                set=number,
                rep=None if rep.partial else shown,
                exercise=exercise.name,
                revision=2,
                partial=rep.partial,
                start_s=rep.start_s,
                concentric_start_s=rep.con_start_s,
                concentric_end_s=rep.con_end_s,
                eccentric_start_s=rep.ecc_start_s,
                eccentric_end_s=rep.ecc_end_s,
                end_s=rep.end_s,
                concentric_s=rep.con_end_s - rep.con_start_s,
                top_pause_s=top_s,
                eccentric_s=None
                if rep.ecc_start_s is None or rep.ecc_end_s is None
                else rep.ecc_end_s - rep.ecc_start_s,
                bottom_pause_s=bottom_s,
                rom_deg=rep.rom_deg,
                displacement_m=rep.displacement_m,
                mean_velocity_mps=velocity,
                peak_velocity_mps=rep.peak_velocity_mps,
                velocity_loss_pct=loss,
                faults=rep.faults,
                confidence=rep.confidence,
                tilt_deg=rep.tilt_deg,
            )
        )
    return reps


def _same(rep: Refined, left: list[Published]) -> Published | None:
    """The live rep whose concentric overlaps this one's most."""
    best, overlap_s = None, 0.0
    for live in left:
        shared = min(rep.con_end_s, live.draft.top_s) - max(rep.con_start_s, live.draft.con_start_s)
        if shared > overlap_s:
            best, overlap_s = live, shared
    return best


def _pauses(
    rep: Refined, following: list[Refined], exercise: Exercise
) -> tuple[float | None, float | None]:
    """Top pause and bottom pause of a rep, seconds; None where there is none."""
    after = following[0] if following else None
    if exercise.starts_at == "bottom":
        top = None if rep.ecc_start_s is None else rep.ecc_start_s - rep.con_end_s
        bottom = None if after is None or rep.ecc_end_s is None else after.start_s - rep.ecc_end_s
    else:
        bottom = None if rep.ecc_end_s is None else rep.con_start_s - rep.ecc_end_s
        top = None if after is None else after.start_s - rep.con_end_s
    return (None if top is None else max(0.0, top)), (None if bottom is None else max(0.0, bottom))


def _summary(
    found: RefinedSet, reps: list[Rep], exercise: Exercise, number: int, prefix: str
) -> SetSummary:
    counted = [rep for rep in reps if not rep.partial]
    velocities = [rep.mean_velocity_mps or 0.0 for rep in counted]
    names = sorted({fault for rep in counted for fault in rep.faults})
    ax, ay, az = found.axis.tolist()
    zx, zy, zz = found.zero.tolist()
    return SetSummary(
        id=f"{prefix}set-{found.reps[0].frame}",
        set=number,
        exercise=exercise.name,
        reps=len(counted),
        partials=len(reps) - len(counted),
        start_s=reps[0].start_s,
        end_s=max(rep.end_s or rep.concentric_end_s for rep in reps),
        tempo=Tempo(
            _middle([rep.eccentric_s for rep in counted]),
            _middle([rep.bottom_pause_s for rep in counted]),
            _middle([rep.concentric_s for rep in counted]),
            _middle([rep.top_pause_s for rep in counted]),
        ),
        rom_deg=median(rep.rom_deg for rep in counted),
        displacement_m=median(rep.displacement_m or 0.0 for rep in counted),
        mean_velocity_mps=sum(velocities) / len(velocities),
        best_velocity_mps=max(velocities),
        velocity_loss_pct=counted[-1].velocity_loss_pct or 0.0,
        faults={name: sum(name in rep.faults for rep in counted) for name in names},
        axis=(ax, ay, az),
        zero=(zx, zy, zz),
        confidence=min(rep.confidence for rep in counted),
    )


def _middle(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
