"""The book of scenarios, and the words in which a story says what is expected of it."""

from duo import Duo
from entra import Entra
from feed import Feed
from okta import OktaClassic, OktaIdentity
from world import number_homes_from

SCENARIOS = {}
PROVIDERS = {"okta_classic": OktaClassic, "okta_identity": OktaIdentity, "entra": Entra, "duo": Duo}


def scenario(*names):
    """Registers a story; told by several providers when it has several names."""
    def register(tell):
        for name in names:
            provider = next((p for p in PROVIDERS if name.startswith(p)), "okta_identity")
            SCENARIOS[name] = (provider, tell)
        return tell
    return register


def build(name):
    """(feed, expectations) of a scenario."""
    provider, tell = SCENARIOS[name]
    number_homes_from(1000 + 40 * list(SCENARIOS).index(name))
    feed = Feed(name)
    expect = tell(PROVIDERS[provider](feed))
    return feed, expect


def by_provider(idp, **names):
    """Another name for the same part in each feed."""
    return names[type(idp).__name__]


def expect(who, level, severity, signals=(), **more):
    return {"user": who if isinstance(who, str) else who.login, "level": level, "severity": severity, "signals": list(signals), **more}


def quiet(who, level="normal", severity=None, signals=()):
    return expect(who, level, severity or {"normal": "none", "notice": "low"}[level], signals, open=0, update=0, close=0)


def each(prefix, providers="okta_classic okta_identity entra duo"):
    return [f"{p}_{prefix}" for p in providers.split()]
