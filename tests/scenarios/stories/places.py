"""Where the login comes from, who else is asked from there, and who the user is."""

from book import by_provider, each, expect, quiet, scenario
from okta import OktaClassic, OktaIdentity
from entra import Entra
from duo import Duo
from world import *


@scenario("okta_identity_impossible_travel_one_push", "entra_impossible_travel_one_push")
def one_push_too_fast(idp):
    """One push from a new country is approved, an hour after the user was let in at home, a thousand miles away."""
    victim = person(by_provider(idp, OktaIdentity="Alida Bohm", Entra="Bruno Cassel"))
    idp.history(victim)
    idp.login(victim, victim.home, at("10:00"))
    idp.login(victim, BUCHAREST, at("11:20"))
    idp.evening(person(by_provider(idp, OktaIdentity="Carl Dohm", Entra="Dina Ebel")))
    return [expect(victim, "suspicious", "medium", ["new_source", "impossible_travel"], open=1, update=[0, 1], close=1)]


@scenario("duo_responder_mismatch")
def phone_at_home(duo):
    """The login is abroad, the phone that answers at home. Two prompts are ignored, the third is approved."""
    duo.tells_phones = True
    victim = person("Ewald Fromm")
    duo.history(victim)
    for i in range(2):
        duo.prompt(victim, BUCHAREST, at("09:30") + sec(70 * i), "timeout")
    duo.prompt(victim, BUCHAREST, at("09:33"), "approved", 8)
    duo.evening(person("Fanny Gruber"))
    return [expect(victim, "suspicious", "medium", ["new_source", "responder_mismatch"], open=1, update=[0, 1], close=1)]


@scenario("okta_identity_anonymizer")
def through_tor(idp):
    """Through an anonymiser in the user's own country: three prompts are refused."""
    victim = person("Gero Hansel")
    idp.history(victim)
    for i in range(3):
        idp.password(victim, TOR, at("20:00") + sec(60 * i - 3))
        idp.prompt(victim, TOR, at("20:00") + sec(60 * i), "refused", 9)
    idp.evening(person("Hella Imhof"))
    return [expect(victim, "anomalous", "high", ["refused_burst", "new_source", "anonymizer"], open=1, update=[0, 1], close=1,
                   by={"anomalous": {"denied": 3}})]


@scenario("duo_fan_in_one_prompt_each")
def one_prompt_each(duo):
    """One address has the passwords of nine people and rings each of them once. From the sixth on it is one address that asks for many."""
    names = "Ivo Jessen,Jutta Kessel,Kuno Lauf,Lore Mohr,Mats Nebel,Nora Olbers,Otto Prien,Paul Quell,Resi Stamm".split(",")
    victims = [person(name) for name in names]
    for victim in victims:
        duo.history(victim)
    for i, victim in enumerate(victims):
        duo.prompt(victim, BUCHAREST, at("13:00") + sec(150 * i), "refused", 9)
    duo.evening(person("Selma Trost"))
    return ([quiet(victim, "notice", signals=["new_source"]) for victim in victims[:5]]
            + [expect(victim, "suspicious", "medium", ["new_source", "fan_in"], open=[1, 2], update=[0, 1], close=[0, 2]) for victim in victims[5:]])


@scenario("entra_refused_burst_at_an_unusual_hour")
def at_an_unusual_hour(idp):
    """At three in the night, from a proxy in the user's own country; refused. The user has worked by day for weeks."""
    victim = person("Timm Urban")
    idp.history(victim, 24)
    for i in range(3):
        idp.prompt(victim, PROXY, at("03:02") + sec(60 * i), "refused", 20)
    idp.evening(person("Ulla Vogel"), "06:40")
    return [expect(victim, "anomalous", "high", ["refused_burst", "new_source", "unusual_hour"], open=1, update=[0, 1], close=1)]


@scenario("entra_idp_risk_and_silence")
def provider_finds_it_risky(idp):
    """Entra itself rates the sign-ins as risky. Three prompts from abroad are not answered."""
    victim = person("Veit Wolters")
    idp.history(victim)
    idp.risk = "high"
    for i in range(3):
        idp.prompt(victim, CHISINAU, at("15:10") + sec(75 * i), "timeout")
    idp.risk = None
    idp.evening(person("Wilma Zech"))
    return [expect(victim, "anomalous", "high", ["unanswered_burst", "new_source", "idp_risk"], open=1, update=[0, 1], close=1)]


@scenario("okta_identity_high_risk_user_listed")
def high_risk(idp):
    """The directory marks the user. Two prompts at home are refused, the third is approved: for this user that is decisive."""
    victim = person("Xena Adler")
    idp.history(victim)
    for i in range(2):
        idp.password(victim, victim.home, at("10:40") + sec(60 * i - 3))
        idp.prompt(victim, victim.home, at("10:40") + sec(60 * i), "refused", 8)
    idp.login(victim, victim.home, at("10:42"))
    idp.evening(person("Yorck Busse"))
    return [expect(victim, "anomalous", "critical", ["approved_after_refusals", "high_risk_user"], open=1, update=[0, 1], close=1, approval="critical")]


@scenario("duo_refused_burst_from_a_listed_egress_listed")
def listed_egress(duo):
    """The attack comes through the company's own way out, which is listed: its place says nothing, its refusals do."""
    victim = person("Zeno Curtius")
    duo.history(victim)
    for i in range(6):
        duo.prompt(victim, EGRESS, at("16:20") + sec(45 * i), "refused", 8)
    duo.prompt(victim, EGRESS, at("16:25"), "approved", 8)
    duo.evening(person("Anja Dorn"))
    return [expect(victim, "anomalous", "critical", ["prompt_burst", "refused_burst", "approved_after_refusals"], open=1, update=[1, 2], close=1,
                   before="suspicious", approval="critical")]


@scenario(*each("benign_traveller_with_a_note_listed", "okta_identity entra duo"))
def announced(idp):
    """The traveller again, with a note of the trip: nothing to see."""
    user = person(by_provider(idp, OktaIdentity="Bea Ernst", Entra="Cleo Frank", Duo="Dario Gehl"))
    idp.history(user)
    for clock in ("18:30", "18:52", "19:25", "21:10"):
        idp.login(user, HOTEL, at(clock))
    return [quiet(user)]


@scenario("duo_benign_office_at_nine_listed", "okta_identity_benign_office_at_nine_listed")
def listed_office(idp):
    """Everyone comes in at nine behind one address that is listed; some mistype, some refuse by mistake."""
    names = {"OktaIdentity": "Edgar Hube,Fee Ilg,Gil Jonas,Hanne Kopp,Ilja Lange,Jana Marx,Kolja Naumann,Lea Opitz",
             "Duo": "Mika Pohl,Nele Quade,Oskar Reim,Pina Seitz,Quirin Tietz,Ronja Unger,Sepp Vetter,Tara Wulff"}[type(idp).__name__]
    for i, name in enumerate(names.split(",")):
        user = person(name)
        idp.history(user, 10, 3)
        start = at("08:56") + sec(40 * i)
        if i % 3 == 0:
            idp.wrong_password(user, EGRESS, start - sec(20)) if type(idp).__name__ == "OktaIdentity" else None
            idp.password(user, EGRESS, start - sec(12))
            idp.prompt(user, EGRESS, start - sec(10), "refused", 4)
        idp.login(user, EGRESS, start)
    return [quiet("*")]


@scenario("duo_benign_nightly_scanner_listed", "okta_classic_benign_nightly_scanner_listed")
def scanner(idp):
    """A scanner rings its own account sixty times a night, and nobody answers. It is on the ignore list."""
    idp.history(person(by_provider(idp, OktaClassic="Ute Zorn", Duo="Viola Arens")), 10, 3)
    robot = Person("svc-scan", hamburg(0xfeed))
    for i in range(60):
        idp.prompt(robot, robot.home, at("02:00") + sec(30 * i), "timeout")
    return [quiet("*")]
