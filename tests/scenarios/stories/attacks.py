"""Bombing, guessing, wearing down: what volume and outcomes tell."""

from book import by_provider, each, expect, scenario
from duo import Duo
from okta import OktaClassic, OktaIdentity
from world import *


@scenario(*each("refused_burst_then_approved_after_refusals"))
def bombing_from_abroad(idp):
    """Somebody in another country has the password. Five pushes are refused, the sixth is approved."""
    victim = person(by_provider(idp, OktaClassic="Ines Carvalho", OktaIdentity="Jonas Berg", Entra="Kaya Demir", Duo="Lena Vogt"))
    colleague = person(by_provider(idp, OktaClassic="Max Ohm", OktaIdentity="Nora Falk", Entra="Otto Lind", Duo="Paula Roth"))
    idp.history(victim)
    idp.login(victim, victim.home, at("08:20"))
    for i in range(5):
        start = at("10:02:10") + sec(48 * i)
        idp.password(victim, BUCHAREST, start - sec(4))
        idp.prompt(victim, BUCHAREST, start, "refused", 7 + i)
    idp.prompt(victim, BUCHAREST, at("10:06:25"), "approved", 9)
    idp.session(victim, BUCHAREST, at("10:06:36"))
    idp.evening(colleague, "11:30")
    return [expect(victim, "anomalous", "critical", ["prompt_burst", "refused_burst", "approved_after_refusals", "new_source"],
                   open=1, update=[1, 2], close=1, by={"anomalous": {"denied": 3, "prompts": 5}}, approval="critical",
                   totals={"prompts": 6, "denied": 5, "timeouts": 0, "approved": 1})]


@scenario(*each("prompt_burst_from_abroad"))
def bombing_without_an_answer(idp):
    """A dozen prompts from abroad in six minutes. None is refused, and the last is approved."""
    victim = person(by_provider(idp, OktaClassic="Rolf Anders", OktaIdentity="Sara Lunde", Entra="Timo Keller", Duo="Uta Brandt"))
    colleague = person(by_provider(idp, OktaClassic="Vera Holm", OktaIdentity="Willi Kern", Entra="Xenia Paul", Duo="Yara Simon"))
    idp.history(victim)
    idp.password(victim, CHISINAU, at("14:29:50"))
    for i in range(11):
        idp.prompt(victim, CHISINAU, at("14:30:00") + sec(28 * i), None)
    idp.prompt(victim, CHISINAU, at("14:36:20"), "approved", 11)
    idp.session(victim, CHISINAU, at("14:36:33"))
    idp.evening(colleague)
    return [expect(victim, "anomalous", "critical", ["prompt_burst", "unanswered_burst", "approved_after_silence", "new_source"],
                   open=1, update=[1, 2], close=1, by={"suspicious": {"prompts": 5}, "anomalous": {"prompts": 10}}, approval="critical")]


@scenario(*each("unanswered_burst_without_history", "okta_classic entra duo"))
def bombing_of_a_stranger(idp):
    """Time-outs only, and nothing is known of the user or of the tenant. The twelfth prompt is approved."""
    victim = person(by_provider(idp, OktaClassic="Aino Salo", Entra="Bruno Maas", Duo="Carla Neri"))
    colleague = person(by_provider(idp, OktaClassic="Dana Wirth", Entra="Edda Thun", Duo="Falk Sommer"))
    for i in range(11):
        idp.prompt(victim, BUCHAREST, at("16:00") + sec(58 * i), "timeout")
    idp.prompt(victim, BUCHAREST, at("16:11"), "approved", 8)
    idp.session(victim, BUCHAREST, at("16:11:10"))
    idp.evening(colleague)
    return [expect(victim, "anomalous", "critical", ["prompt_burst", "unanswered_burst", "approved_after_silence"],
                   open=1, update=[1, 2], close=1, by={"suspicious": {"prompts": 10}}, before="suspicious", approval="critical",
                   totals={"prompts": 12, "denied": 0, "approved": 1})]


@scenario("entra_drip_approved_after_silence", "okta_identity_drip_approved_after_silence")
def drip(idp):
    """One prompt in fifteen minutes for four hours, all ignored until one is approved."""
    victim = person(by_provider(idp, Entra="Gerd Pohl", OktaIdentity="Hanna Wulf"))
    colleague = person(by_provider(idp, Entra="Ida Krog", OktaIdentity="Jan Prinz"))
    idp.history(victim)
    for i in range(16):
        idp.password(victim, CHISINAU, at("12:00") + sec(900 * i - 4))
        idp.prompt(victim, CHISINAU, at("12:00") + sec(900 * i), "timeout")
    idp.password(victim, CHISINAU, at("15:59:55"))
    idp.prompt(victim, CHISINAU, at("16:00"), "approved", 14)
    idp.session(victim, CHISINAU, at("16:00:16"))
    idp.evening(colleague)
    return [expect(victim, "anomalous", "critical", ["slow_drip", "approved_after_silence", "new_source"], open=1, update=[0, 2],
                   close=1, before="anomalous", approval="critical")]


@scenario("duo_slow_drip_of_refusals")
def drip_of_refusals(idp):
    """One prompt in twenty minutes, each refused, for three hours: anomalous as soon as two hours have passed."""
    victim = person("Klara Engel")
    idp.history(victim)
    for i in range(10):
        idp.prompt(victim, BUCHAREST, at("13:00") + sec(1200 * i), "refused", 15)
    idp.evening(person("Lars Busch"))
    return [expect(victim, "anomalous", "high", ["slow_drip", "new_source"], open=1, update=0, close=1,
                   by={"anomalous": {"denied": 7}})]


@scenario("entra_refused_burst_at_night", "okta_classic_refused_burst_at_night")
def at_night(idp):
    """At a quarter past three: four prompts are slept through, three refused, one approved."""
    victim = person(by_provider(idp, Entra="Mila Jost", OktaClassic="Nils Adler"))
    colleague = person(by_provider(idp, Entra="Olga Frey", OktaClassic="Peer Stein"))
    idp.history(victim)
    idp.password(victim, CHISINAU, at("03:14:55"))
    for i in range(4):
        idp.prompt(victim, CHISINAU, at("03:15") + sec(75 * i), "timeout")
    for i in range(3):
        idp.prompt(victim, CHISINAU, at("03:21") + sec(50 * i), "refused", 12)
    idp.prompt(victim, CHISINAU, at("03:24"), "approved", 20)
    idp.session(victim, CHISINAU, at("03:24:22"))
    idp.evening(colleague, "06:30")
    return [expect(victim, "anomalous", "critical", ["prompt_burst", "refused_burst", "approved_after_refusals", "new_source"],
                   open=1, update=[1, 2], close=1, by={"anomalous": {"denied": 3}}, approval="critical")]


@scenario("entra_code_bruteforce", "okta_identity_code_bruteforce", "duo_code_bruteforce")
def guessed_code(idp):
    """Eleven wrong codes, one every eight seconds, from a proxy in the user's own country; then the right one."""
    victim = person(by_provider(idp, Entra="Rita Blum", OktaIdentity="Sven Torp", Duo="Tilda Graf"))
    colleague = person(by_provider(idp, Entra="Ugo Renner", OktaIdentity="Vito Lanz", Duo="Wanda Kuhn"))
    idp.history(victim)
    idp.password(victim, PROXY, at("15:40"))
    login = idp.feed.serial("c0ffee00-")
    for i in range(11):
        idp.code(victim, PROXY, at("15:40:10") + sec(8 * i), False, login)
    idp.code(victim, PROXY, at("15:41:40"), True, login)
    idp.session(victim, PROXY, at("15:41:41"))
    idp.evening(colleague)
    return [expect(victim, "anomalous", "critical", ["code_bruteforce", "new_source"], open=1, update=[1, 2], close=1,
                   by={"suspicious": {"failed": 5}}, approval="critical",
                   totals={"prompts": 0, "denied": 0, "failed": 11, "approved": 1})]


@scenario(*each("fraud_reported", "okta_identity entra duo"))
def reported(idp):
    """Two prompts; the user refuses both and reports the second."""
    victim = person(by_provider(idp, OktaIdentity="Arne Hoyer", Entra="Berit Uhl", Duo="Cord Janz"))
    colleague = person(by_provider(idp, OktaIdentity="Doris Kamp", Entra="Emil Ruge", Duo="Frida Loos"))
    idp.history(victim)
    idp.password(victim, BUCHAREST, at("17:09:57"))
    idp.prompt(victim, BUCHAREST, at("17:10"), "refused", 9)
    idp.prompt(victim, BUCHAREST, at("17:11"), "fraud", 9)
    idp.evening(colleague)
    return [expect(victim, "anomalous", "high", ["fraud_reported", "new_source"], open=1, update=[0, 1], close=1,
                   totals={"prompts": 2, "denied": 2, "approved": 0})]


@scenario("okta_identity_new_source_residential_proxy", "duo_new_source_residential_proxy")
def residential_proxy(idp):
    """The attack comes through a home in the user's own country. Five are ignored, one approved."""
    victim = person(by_provider(idp, OktaIdentity="Greta Moll", Duo="Hauke Ries"))
    colleague = person(by_provider(idp, OktaIdentity="Ilse Boden", Duo="Jette Quast"))
    idp.history(victim)
    idp.login(victim, victim.home, at("08:15"))
    idp.password(victim, PROXY, at("18:04:57"))
    for i in range(5):
        idp.prompt(victim, PROXY, at("18:05") + sec(70 * i), "timeout")
    idp.prompt(victim, PROXY, at("18:11:10"), "approved", 10)
    idp.session(victim, PROXY, at("18:11:22"))
    idp.evening(colleague)
    return [expect(victim, "anomalous", "critical", ["prompt_burst", "unanswered_burst", "approved_after_silence", "new_source"],
                   open=1, update=[1, 2], close=1, before="suspicious", approval="critical")]


@scenario("several_providers_refused_burst")
def two_providers(okta):
    """The same user is bombed through Okta and through Duo. No provider by itself sees three refusals before the approval."""
    duo = Duo(okta.feed)
    victim, colleague = person("Knut Ehlers"), person("Lotte Sand")
    okta.history(victim)
    duo.history(victim, 9, 3, clock="17:00")
    okta.password(victim, BUCHAREST, at("10:59:55"))
    okta.prompt(victim, BUCHAREST, at("11:00"), "refused", 8)
    duo.prompt(victim, BUCHAREST, at("11:00:40"), "refused", 8)
    okta.prompt(victim, BUCHAREST, at("11:01:30"), "refused", 8)
    duo.prompt(victim, BUCHAREST, at("11:02:20"), "refused", 8)
    okta.prompt(victim, BUCHAREST, at("11:03:10"), "approved", 8)
    okta.session(victim, BUCHAREST, at("11:03:20"))
    okta.evening(colleague)
    duo.login(colleague, colleague.home, at("23:40"))
    return [expect(victim, "anomalous", "critical", ["prompt_burst", "refused_burst", "approved_after_refusals", "new_source"],
                   open=1, update=[1, 2], close=1, by={"anomalous": {"denied": 3}}, approval="critical",
                   totals={"prompts": 5, "denied": 4, "approved": 1})]


@scenario("entra_approved_after_refusals_two_from_abroad")
def two_refusals(idp):
    """Two refusals from abroad and a yes: few, but decisive."""
    victim = person("Mona Freitag")
    idp.history(victim)
    idp.password(victim, CHISINAU, at("09:19:55"))
    idp.prompt(victim, CHISINAU, at("09:20"), "refused", 8)
    idp.prompt(victim, CHISINAU, at("09:21"), "refused", 8)
    idp.prompt(victim, CHISINAU, at("09:22"), "approved", 8)
    idp.evening(person("Nele Ross"))
    return [expect(victim, "anomalous", "critical", ["approved_after_refusals", "new_source"], open=1, update=0, close=1,
                   before="notice", approval="critical")]


@scenario("okta_identity_refused_burst_from_the_users_own_operator", "duo_refused_burst_from_the_users_own_network")
def own_operator(idp):
    """The attacker sits with the user's own operator, or in the user's own network: the place says nothing. Six refusals are worth a
    look, and the yes behind them is an alarm."""
    victim = person(by_provider(idp, OktaIdentity="Hedda Quist", Duo="Iwan Pries"))
    colleague = person(by_provider(idp, OktaIdentity="Jella Rohde", Duo="Karsten Sorg"))
    place = by_provider(idp, OktaIdentity=hamburg(0xbad), Duo=victim.home)
    idp.history(victim)
    for i in range(6):
        idp.password(victim, place, at("19:10") + sec(40 * i - 3))
        idp.prompt(victim, place, at("19:10") + sec(40 * i), "refused", 11)
    idp.prompt(victim, place, at("19:14:30"), "approved", 11)
    idp.session(victim, place, at("19:14:42"))
    idp.evening(colleague)
    return [expect(victim, "anomalous", "critical", ["prompt_burst", "refused_burst", "approved_after_refusals"], open=1, update=1, close=1,
                   before="suspicious", approval="critical", totals={"prompts": 7, "denied": 6, "approved": 1})]
