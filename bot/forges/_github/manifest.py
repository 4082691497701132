"""What a GitHub App of ours is to be: as a manifest, and as a link to the page that makes one."""

from typing import Any
from urllib.parse import quote, urlencode

from bot.forges._github.permissions import EVENTS, PERMISSIONS
from bot.forges._github.places import ROUTE

Manifest = dict[str, Any]


def manifest(name: str, public: str) -> Manifest:
    """https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest"""
    return {
        "name": name,
        "url": public,
        "hook_attributes": {"url": f"{public}{ROUTE}", "active": True},
        "public": False,
        "default_permissions": {each.name: each.level for each in PERMISSIONS},
        "default_events": [each.name for each in EVENTS],
    }


def link(web: str, made: Manifest, organization: str | None) -> str:
    """https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-using-url-parameters"""
    owner = f"/organizations/{quote(organization, safe='')}" if organization else ""
    hook = {"webhook_active": "true", "webhook_url": made["hook_attributes"]["url"]}
    said = {"name": made["name"], "url": made["url"], "public": "false", **hook, **made["default_permissions"]}
    events = [("events[]", event) for event in made["default_events"]]
    return f"{web}{owner}/settings/apps/new?{urlencode([*said.items(), *events])}"
