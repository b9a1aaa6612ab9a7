"""Settings of signing in by the site's own provider (OpenID Connect)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from limen.settings.section import Section

__all__ = ["SignInSettings"]


class SignInSettings(Section):
    """Signing in by the site's own provider (OpenID Connect); without an issuer there are passwords alone."""

    name: str = Field(default="OpenID", title="Name", description="What the button on the page calls the provider.")
    issuer: str = Field(
        default="", title="Issuer", description="Address of the provider; its discovery document lies below it."
    )
    client_id: str = Field(default="", title="Client id", description="By which the provider knows this service.")
    client_secret_file: Path | None = Field(
        default=None, title="Client secret file", description="A file with the client's secret, for its owner alone."
    )
    roles_claim: str = Field(
        default="groups",
        title="Claim",
        description="The claim of the identity token that tells roles: a list, or words.",
    )
    roles: dict[str, Literal["administrator", "operator", "guard", "auditor", "data_protection_officer"]] = Field(
        default={},
        title="Roles",
        description='For each value of the claim a role here, like `{staff-door = "guard"}`; others give none.',
    )
