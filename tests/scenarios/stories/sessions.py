"""Which login a prompt belongs to, which session follows, what came before and what comes after."""

from book import by_provider, each, expect, quiet, scenario
from okta import OktaClassic, OktaIdentity
from entra import Entra
from world import *


@scenario("okta_identity_no_login", "okta_classic_no_login")
def without_a_login(idp):
    """Prompts that no password came before: five from a proxy in the user's own country, none answered."""
    victim = person(by_provider(idp, OktaIdentity="Wanja Berg", OktaClassic="Xaver Clasen"))
    idp.history(victim)
    for i in range(5):
        idp.prompt(victim, PROXY, at("17:20") + sec(65 * i), None)
    idp.evening(person(by_provider(idp, OktaIdentity="Yannik Dreyer", OktaClassic="Zora Engels")))
    return [expect(victim, "anomalous", "high", ["prompt_burst", "new_source", "no_login"], open=1, update=[0, 1], close=1)]


@scenario("okta_identity_no_session")
def without_a_session(idp):
    """After three refusals one is approved, and no session follows: whoever asked goes on where nobody logs."""
    victim = person("Anton Fries")
    idp.history(victim)
    for i in range(3):
        idp.password(victim, BUCHAREST, at("14:00") + sec(50 * i - 3))
        idp.prompt(victim, BUCHAREST, at("14:00") + sec(50 * i), "refused", 8)
    idp.password(victim, BUCHAREST, at("14:03"))
    idp.prompt(victim, BUCHAREST, at("14:03:04"), "approved", 8)
    idp.password(victim, BUCHAREST, at("14:12"))
    idp.prompt(victim, BUCHAREST, at("14:12:04"), "refused", 8)
    idp.evening(person("Birga Gehrmann"))
    return [expect(victim, "anomalous", "critical", ["refused_burst", "approved_after_refusals", "no_session"], open=1, update=[1, 2], close=1,
                   approval="critical")]


@scenario("okta_identity_active_elsewhere", "entra_active_elsewhere")
def at_work_meanwhile(idp):
    """The user is at work at home when prompts come from abroad; one refused is enough."""
    victim = person(by_provider(idp, OktaIdentity="Claas Horn", Entra="Dagny Iben"))
    idp.history(victim)
    idp.login(victim, victim.home, at("09:50"))
    idp.password(victim, BUCHAREST, at("10:04:56"))
    idp.prompt(victim, BUCHAREST, at("10:05"), "refused", 12)
    idp.password(victim, BUCHAREST, at("10:06:56"))
    idp.prompt(victim, BUCHAREST, at("10:07"), "refused", 12)
    idp.evening(person(by_provider(idp, OktaIdentity="Emmo Jahnke", Entra="Frauke Kolbe")))
    return [expect(victim, "anomalous", "high", ["new_source", "active_elsewhere"], open=1, update=[0, 1], close=1,
                   by={"anomalous": {"prompts": 2}})]


@scenario("okta_identity_spray_then_prompt", "okta_classic_spray_then_prompt")
def spray(idp):
    """One address tries a password on nine people; an hour later it asks for the one who had it: anomalous at that prompt."""
    names = by_provider(idp, OktaIdentity="Gerlind Lutz,Hajo Martens,Insa Nolte,Jorn Ohlsen,Kea Peters,Lasse Rickers,Maike Sauer,Nils Tamm",
                        OktaClassic="Onno Ubben,Peter Voigt,Rieke Wessel,Sonke Ahlers,Tomke Bruns,Uwe Coldewey,Volkert Diers,Wiebe Eilts").split(",")
    victim = person(by_provider(idp, OktaIdentity="Okka Ubben", OktaClassic="Xenia Folkerts"))
    idp.history(victim)
    for i, name in enumerate(names):
        idp.wrong_password(person(name), BUCHAREST, at("12:00") + sec(40 * i))
    idp.wrong_password(victim, BUCHAREST, at("12:06"))
    idp.password(victim, BUCHAREST, at("13:09:56"))
    idp.prompt(victim, BUCHAREST, at("13:10"), None)
    idp.evening(person(by_provider(idp, OktaIdentity="Pelle Viets", OktaClassic="Yfke Garrels")))
    return [expect(victim, "anomalous", "high", ["new_source", "spray_then_prompt"], open=[1, 2], update=[0, 1], close=[0, 2],
                   by={"anomalous": {"prompts": 1}})]


@scenario("okta_identity_factor_changed_after_bombing", "okta_classic_factor_changed_after_bombing")
def help_desk(idp):
    """Five prompts are refused. Five hours later somebody has the help desk reset the factors: the same incident, and critical."""
    victim = person(by_provider(idp, OktaIdentity="Zabel Heeren", OktaClassic="Amke Janssen"))
    idp.history(victim)
    for i in range(5):
        idp.password(victim, CHISINAU, at("09:10") + sec(60 * i - 3))
        idp.prompt(victim, CHISINAU, at("09:10") + sec(60 * i), "refused", 9)
    idp.login(person(by_provider(idp, OktaIdentity="Bodil Kleen", OktaClassic="Dodo Lammers")), OFFICE, at("11:00"))
    idp.reset(victim, at("14:15"))
    idp.evening(person(by_provider(idp, OktaIdentity="Eske Meents", OktaClassic="Foolke Onken")))
    return [expect(victim, "anomalous", "critical", ["refused_burst", "factor_changed"], open=2, update=[0, 2], close=2)]


@scenario("duo_factor_downgrade")
def weaker(duo):
    """Number matching as ever; then a plain push from abroad, refused three times."""
    victim = person("Gesche Poppinga")
    for day in range(10, 0, -1):
        duo.prompt(victim, victim.home, at("08:10", -day), "approved", 9, number=True)
    for i in range(3):
        duo.prompt(victim, BUCHAREST, at("10:30") + sec(55 * i), "refused", 8)
    duo.evening(person("Habbo Reents"))
    return [expect(victim, "anomalous", "high", ["refused_burst", "factor_downgrade", "new_source"], open=1, update=[0, 1], close=1)]


@scenario("okta_classic_token_flood")
def codes_by_sms(idp):
    """A code by SMS every two minutes, asked for from abroad; nobody enters one."""
    victim = person("Ihno Sanders")
    idp.history(victim)
    for i in range(8):
        idp.password(victim, BUCHAREST, at("19:00") + sec(120 * i - 3))
        idp.text(victim, BUCHAREST, at("19:00") + sec(120 * i))
    idp.evening(person("Jelde Tammen"))
    return [expect(victim, "anomalous", "high", ["token_flood", "new_source"], open=1, update=[0, 2], close=1)]


@scenario("entra_unusual_rate")
def more_than_ever(idp):
    """Eight people log in once or twice a day for three weeks. Then one of them is asked every seven minutes, for an hour and a half, from
    the home of somebody else in the same town. Nobody answers."""
    people = [person(name) for name in "Kasen Ulfers,Luebbo Weerts,Menna Abels,Nomde Behrends,Ocke Claassen,Peta Dirks,Reemt Eden,Swaantje Focken".split(",")]
    for one in people:
        idp.history(one, 21)
        idp.history(one, 20, 3, clock="13:30")
    for i in range(13):
        idp.prompt(people[0], PROXY, at("15:00") + sec(420 * i), "timeout")
    idp.evening(person("Tjark Goemann"))
    return [expect(people[0], "suspicious", "medium", ["unusual_rate", "new_source"], open=1, update=[0, 1], close=1)]


@scenario(*each("silence_and_a_yes_in_the_first_days", "okta_identity entra duo"))
def giving_in_early(idp):
    """Nothing is known of anybody yet. Six prompts within minutes are not answered, the seventh is approved."""
    victim = person(by_provider(idp, OktaIdentity="Ubbo Harms", Entra="Vreni Ihnen", Duo="Wiard Jacobs"))
    for i in range(6):
        idp.password(victim, BUCHAREST, at("15:00") + sec(65 * i - 4))
        idp.prompt(victim, BUCHAREST, at("15:00") + sec(65 * i), "timeout")
    idp.password(victim, BUCHAREST, at("15:06:40"))
    idp.prompt(victim, BUCHAREST, at("15:06:45"), "approved", 8)
    idp.session(victim, BUCHAREST, at("15:06:55"))
    idp.evening(person(by_provider(idp, OktaIdentity="Xaver Kramer", Entra="Ysbrand Luiken", Duo="Zita Meents")))
    return [expect(victim, "suspicious", "medium", ["prompt_burst", "unanswered_burst", "approved_after_silence"], open=1, update=[0, 1],
                   close=1, by={"suspicious": {"prompts": 7}}, approval="medium")]


@scenario(*each("benign_three_tries_in_the_first_days", "okta_identity entra duo"))
def dead_phone_early(idp):
    """Nothing is known of anybody yet. Somebody does not hear the phone three times, and then does."""
    user = person(by_provider(idp, OktaIdentity="Alke Nannen", Entra="Boje Onken", Duo="Cirk Poppen"))
    for i in range(3):
        idp.password(user, user.home, at("08:30") + sec(70 * i - 4))
        idp.prompt(user, user.home, at("08:30") + sec(70 * i), "timeout")
    idp.prompt(user, user.home, at("08:34"), "approved", 9)
    idp.session(user, user.home, at("08:34:10"))
    return [quiet(user, "notice", signals=["unanswered_burst"])]
