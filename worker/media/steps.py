"""The manifests of a file as a short history, cut to what a person reads."""

from collections.abc import Mapping
from typing import Any

from deeptrace_core.provenance import Action, Ingredient, Step

MAX_STEPS = 6
MAX_ACTIONS = 10
MAX_INGREDIENTS = 8
TEXT_CHARACTERS = 120

Manifest = Mapping[str, Any]


def steps_of(store: Mapping[str, Any], *, time_vouched: bool) -> tuple[tuple[Step, ...], int]:
    """The active manifest and those that its ingredients brought along, and how many more there are.

    Args:
        store: what `c2pa.Reader.json` gives.
        time_vouched: whether the time stamp of the active manifest leads to the trust list.
    """
    manifests: Mapping[str, Manifest] = store.get("manifests") or {}
    labels = _in_order(manifests, store.get("active_manifest"))
    places = {label: place for place, label in enumerate(labels[:MAX_STEPS])}
    steps = tuple(
        _step(manifests[label], places, time_vouched=time_vouched and place == 0)
        for label, place in places.items()
    )
    return steps, len(labels) - len(steps)


def _in_order(manifests: Mapping[str, Manifest], active: Any) -> list[str]:
    """Labels, the active one first, then breadth first along the ingredients, each once."""
    labels = [active] if active in manifests else []
    for label in labels:  # which grows meanwhile
        for ingredient in manifests[label].get("ingredients") or ():
            brought = ingredient.get("active_manifest")
            if brought in manifests and brought not in labels:
                labels.append(brought)
    return labels


def _step(manifest: Manifest, places: Mapping[str, int], *, time_vouched: bool) -> Step:
    signature = manifest.get("signature_info") or {}
    actions = [
        action
        for assertion in manifest.get("assertions") or ()
        if str(assertion.get("label", "")).startswith("c2pa.actions")
        for action in (assertion.get("data") or {}).get("actions") or ()
    ]
    ingredients = manifest.get("ingredients") or ()
    signed_at = _text(signature.get("time"))
    return Step(
        signer=_joined(signature.get("common_name"), signature.get("issuer")),
        signed_at=signed_at,
        time_vouched=time_vouched and signed_at is not None,
        software=_software(manifest),
        title=_text(manifest.get("title")),
        actions=tuple(_action(action) for action in actions[:MAX_ACTIONS]),
        more_actions=max(len(actions) - MAX_ACTIONS, 0),
        ingredients=tuple(_ingredient(one, places) for one in ingredients[:MAX_INGREDIENTS]),
        more_ingredients=max(len(ingredients) - MAX_INGREDIENTS, 0),
    )


def _action(action: Manifest) -> Action:
    agent = action.get("softwareAgent")
    source = action.get("digitalSourceType")
    return Action(
        action=_text(action.get("action")) or "",
        software=_text(agent.get("name") if isinstance(agent, Mapping) else agent),
        source_type=_text(str(source).rsplit("/", 1)[-1]) if source else None,
        at=_text(action.get("when")),
    )


def _ingredient(ingredient: Manifest, places: Mapping[str, int]) -> Ingredient:
    return Ingredient(
        title=_text(ingredient.get("title")),
        relationship=_text(ingredient.get("relationship")),
        step=places.get(ingredient.get("active_manifest", "")),
    )


def _software(manifest: Manifest) -> str | None:
    """What made the claim: "TestCam 1"."""
    infos = manifest.get("claim_generator_info") or ()
    named = [_joined(info.get("name"), info.get("version"), " ") for info in infos]
    return _text(", ".join(filter(None, named))) or _text(manifest.get("claim_generator"))


def _joined(first: Any, second: Any, between: str = ", ") -> str | None:
    return _text(between.join(str(part) for part in dict.fromkeys((first, second)) if part))


def _text(said: Any) -> str | None:
    """Something short, or None."""
    return str(said)[:TEXT_CHARACTERS] or None if said is not None else None
