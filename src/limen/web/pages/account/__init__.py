"""Signing in and out."""

from __future__ import annotations

from limen.web.pages.account.sign_in import router

__all__ = ["router"]
