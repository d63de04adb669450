"""The app account of a local stack: ether, test dollars, money in escrow."""

from __future__ import annotations

from oracle.adapters.chain import deployment
from oracle.adapters.signing.keystore import open_key
from oracle.client.app import App
from oracle.client.kept_orders import KeptOrders
from scripts.stack.chain import give_ether, wallet_of
from scripts.stack.layout import ORACLES, Layout

ROLE = "app"
HUNDRED_DOLLARS = 100_000_000


def app_of(layout: Layout) -> App:
    """The app with the key of role `app`; it asks the first oracle, then the others."""
    key = open_key(str(layout.accounts.key_file(ROLE)))
    found = deployment.load(layout.deployment)
    api, kept = [layout.url(name) for name in ORACLES], KeptOrders(layout.folder / "orders")
    return App(wallet_of(layout, ROLE), key, found, api, kept)


def make_app(layout: Layout) -> App:
    """The app, with ether for its transactions."""
    give_ether(layout, [ROLE])
    return app_of(layout)


def make_funded_app(layout: Layout) -> App:
    """The app, with ether, 100 test dollars of its own and 100 in escrow."""
    app = make_app(layout)
    app.mint(2 * HUNDRED_DOLLARS)
    app.fund(HUNDRED_DOLLARS)
    return app
