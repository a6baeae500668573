"""`release`: an agent comes into service if the log says that it is better."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shopwright.cli.command import SHOP, UNUSED_SEED, Argument, Command, path, switch
from shopwright.console import Stages, note, print_line
from shopwright.errors import InputError
from shopwright.shop.shop import Shop

if TYPE_CHECKING:
    from shopwright.store.releases import Step
    from shopwright.store.store import Store


def _run(arguments: Namespace) -> dict[str, Any]:
    from shopwright.serving.release import release_record, take_back
    from shopwright.store.database import place_of
    from shopwright.store.releases import Releases
    from shopwright.store.store import Store

    if (arguments.candidate is None) == (not arguments.take_back):
        raise InputError("expected either --candidate or --take-back, got both or neither")
    shop = Shop.open(arguments.shop)
    Store(place_of(arguments.feedback)).close()  # One that is not there is not made.
    store = Store(place_of(arguments.feedback), shop.origin, shared=True)
    try:
        releases = Releases(store.database)
        if arguments.take_back:
            step = take_back(releases)
            if step is None:
                raise InputError("--take-back: expected a candidate on trial, got none")
            return {"agent": step.agent, "step": step.step, "share": step.share}
        step, estimate = _release(arguments, shop, store, releases)
        return {
            "agent": step.agent,
            "step": step.step,
            "share": step.share,
            "estimate": estimate,
            "release": release_record(releases)["latest"],
        }
    finally:
        store.close()


def _release(arguments: Namespace, shop: Shop, store: Any, releases: Any) -> tuple[Any, Any]:
    """The step that was taken, and the estimate that it was taken by."""
    from shopwright.customers.feedback.candidate import candidate_record
    from shopwright.serving.labels import label_of
    from shopwright.serving.release import refuse, start

    candidate = str(arguments.candidate)
    label, run = label_of(candidate), str(arguments.candidate.resolve())
    latest = releases.latest()
    if latest is not None and latest.open and latest.agent == label:
        return latest, dict(latest.details)
    with Stages() as stages, stages.stage("log") as progress:
        estimate = candidate_record(shop, candidate, store, progress=progress)
    better = estimate["interval"] is not None and estimate["interval"][0] > 0.0
    return (start if better else refuse)(releases, label, run, estimate), estimate


def _show(record: Mapping[str, Any]) -> None:
    estimate = record.get("estimate")
    if estimate and estimate.get("interval"):
        low, high = (100 * end for end in estimate["interval"])
        print_line(
            f"{record['agent']}: {100 * estimate['gain']:+.1f} purchases more in 100 lists "
            f"({low:+.1f} to {high:+.1f}), by {estimate['lists']:,} lists of the log"
        )
    elif estimate:
        print_line(f"{record['agent']}: the log hardly ever showed what it would show")
    share = f"; it gets {100 * record['share']:.0f} % of the requests" if record["share"] else ""
    print_line(f"{record['step']}{share}")


def to_serve(store: Store, served: Sequence[str]) -> Step | None:
    """Return the last step of the agent that `release` brought into service, if it is to be served
    beside others; None if there is none."""
    from shopwright.serving.labels import label_of
    from shopwright.store.releases import TAKEN_BACK, Releases

    step = Releases(store.database).latest()
    if step is None or step.step == TAKEN_BACK or step.agent in served:
        return None
    if label_of(step.run) != step.agent:
        note(f"{step.run}: not what was released as {step.agent} any more; it is not served")
        return None
    return step


COMMANDS = {
    "release": Command(
        description=(
            "Brings an agent into service if the lower end of what it would have brought on the\n"
            "log, more than what was shown, is above nothing. The service takes it up when it is\n"
            "started next: with 5 % of the requests at first, more while it does well, and none\n"
            "once it falls behind. Every step is in the store."
        ),
        example=(
            "shopwright release --candidate runs/liked --shop shops/demo "
            "--feedback runs/agent/feedback.sqlite"
        ),
        arguments=(
            SHOP,
            Argument(
                "--feedback",
                required=True,
                metavar="FILE",
                help="the store of the service, a file or a PostgreSQL address",
            ),
            path("--candidate", "RUN", "the run folder of the agent"),
            switch("--take-back", "take back the candidate that is on trial"),
        ),
        run=_run,
        show=_show,
        seed=UNUSED_SEED,
    )
}
