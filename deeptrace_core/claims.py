"""Which role somebody has whom a provider let in, by what the provider says of them."""

from collections.abc import Mapping
from typing import Any

from deeptrace_core.permissions import Role, highest
from deeptrace_core.settings import Settings


def role_from(claims: Mapping[str, Any], settings: Settings) -> Role | None:
    """The highest role that the claim of the settings gives; None for none: such a person may not enter.

    The claim is a text or a list of texts. Its name may lead into objects, with dots: realm_access.roles.
    Where the settings name no claim, everybody whom the provider lets in is an admin.
    """
    if settings.role_claim is None:
        return Role.ADMIN
    found = _value(claims, settings.role_claim)
    values = [found] if isinstance(found, str) else found if isinstance(found, list | tuple) else []
    return highest([settings.role_values[value] for value in values if value in settings.role_values])


def _value(claims: Mapping[str, Any], name: str) -> Any:
    # Some providers name a claim by an address, which has dots.
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
