"""What people, phones and programs do that looks like an attack."""

from book import by_provider, each, expect, quiet, scenario
from world import *


@scenario(*each("benign_dead_phone"))
def dead_phone(idp):
    """The phone is empty: six prompts at home are not answered. It is charged, and the seventh is."""
    user = person(by_provider(idp, OktaClassic="Ole Wendt", OktaIdentity="Pia Lenz", Entra="Ralf Brink", Duo="Silke Tamm"))
    idp.history(user)
    idp.password(user, user.home, at("08:29:50"))
    for i in range(6):
        idp.prompt(user, user.home, at("08:30") + sec(80 * i), "timeout")
    idp.prompt(user, user.home, at("08:39:30"), "approved", 9)
    idp.session(user, user.home, at("08:39:41"))
    return [quiet(user, "notice", signals=["unanswered_burst"])]


@scenario("duo_benign_vpn_client_retries")
def vpn_retries(idp):
    """A VPN client that repeats its RADIUS request: each login rings four times; one is answered, three run out."""
    user = person("Thea Witt")
    idp.history(user)
    for clock in ("08:00", "12:45", "16:30"):
        start = at(clock)
        idp.prompt(user, user.home, start + sec(30), "approved", 5)
        for i in range(3):
            idp.prompt(user, user.home, start + sec(10 * i), "timeout")
    return [quiet(user)]


@scenario("duo_benign_radius_without_address")
def radius_retries(idp):
    """The same through an integration that tells no address at all: nothing strange, so the prompts count half."""
    user = person("Udo Kramp")
    idp.history(user, place=RADIUS)
    for i in range(3):
        idp.prompt(user, RADIUS, at("08:00") + sec(10 * i), "timeout")
    idp.prompt(user, RADIUS, at("08:00:30"), "approved", 5)
    return [quiet(user, signals=["unanswered_burst"])]


@scenario("duo_benign_refused_push_sent_again")
def sent_again(idp):
    """At home the user refuses a push by mistake; the integration sends it again at once, and again, until Duo locks the user out."""
    user = person("Volker Sass")
    idp.history(user)
    for i in range(10):
        idp.prompt(user, user.home, at("09:05") + sec(9 * i), "refused", 6)
    idp.lock(user, user.home, at("09:06:40"))
    idp.evening(person("Wiebke Dorn"))
    return [expect(user, "suspicious", "medium", ["refused_burst"], open=1, update=0, close=1)]


@scenario("okta_identity_benign_one_push_per_device")
def three_devices(idp):
    """Three devices are enrolled, so that each login rings three times. Four logins in a quarter of an hour are four prompts."""
    user = person("Alma Reuter")
    idp.history(user)
    for i in range(4):
        start = at("09:00") + sec(210 * i)
        idp.password(user, user.home, start - sec(3))
        idp.prompt(user, user.home, start, "approved", 8, devices=3)
        idp.session(user, user.home, start + sec(10))
    return [quiet(user)]


@scenario("okta_classic_benign_new_phone", "duo_benign_new_phone")
def new_phone(idp):
    """A new phone is enrolled, tried, and used."""
    user = person(by_provider(idp, OktaClassic="Bodo Hesse", Duo="Cosima Blau"))
    idp.history(user)
    idp.login(user, user.home, at("09:40"))
    idp.enrol(user, user.home, at("09:42"))
    idp.password(user, user.home, at("09:42:57"))
    idp.prompt(user, user.home, at("09:43"), "timeout")
    idp.prompt(user, user.home, at("09:44:30"), "approved", 9)
    idp.session(user, user.home, at("09:44:41"))
    idp.login(user, user.home, at("09:47"))
    idp.login(user, user.home, at("09:50"))
    return [quiet(user)]


@scenario("okta_identity_benign_traveller", "entra_benign_traveller", "duo_benign_traveller")
def traveller(idp):
    """A hotel abroad; each prompt is answered and sessions follow. The next evening it is known."""
    user = person(by_provider(idp, OktaIdentity="Derk Amann", Entra="Eva Losch", Duo="Finn Corda"))
    idp.history(user)
    for clock in ("18:30", "18:52", "19:25", "21:10"):
        idp.login(user, HOTEL, at(clock))
    idp.login(user, HOTEL, at("19:40", 1))
    return [quiet(user, "notice", signals=["new_source"])]


@scenario("duo_benign_office_at_nine", "entra_benign_office_at_nine")
def office(idp):
    """Everyone logs in at nine, behind one address; most work at home otherwise, two are new."""
    names = {"Entra": "Gitta Haug,Henk Isern,Irma Jahn,Jens Kolb,Kira Lohse,Lutz Mertz,Meike Noll,Nico Orth,Oda Pracht,Piet Quandt",
             "Duo": "Rosa Stahl,Sina Thies,Tom Ullrich,Ulf Vahl,Vivi Wolter,Wim Zander,Anke Bartz,Bert Conrad,Celine Dietz,Dirk Evers,"
                    "Elke Fuhr,Fritz Gans,Gesa Hof,Hilke Ihde"}[type(idp).__name__]
    for i, name in enumerate(names.split(",")):
        user = person(name)
        if i >= 2:
            idp.history(user, 10, 3)
        idp.login(user, OFFICE, at("08:58") + sec(17 * i))
    # nobody was in this office before, so it is a new network, of a new operator
    return [quiet("*", "normal")]


@scenario("okta_identity_benign_session_expiry_wave", "duo_benign_session_expiry_wave")
def expiry_wave(idp):
    """All sessions end at once: everyone is asked again within two minutes, some twice, and some do not see it the first time."""
    names = {"OktaIdentity": "Arno Jurgens,Britt Kaiser,Curt Lindner,Dora Mai,Egon Nickel,Femke Ott,Gero Pape,Heike Ranke",
             "Duo": "Ingo Seidel,Jule Trapp,Kai Unger,Lilli Voss,Merle Wagner,Norbert Zeh,Olaf Arp,Petra Boll"}[type(idp).__name__]
    for i, name in enumerate(names.split(",")):
        user = person(name)
        idp.history(user, 10, 3)
        start = at("13:00") + sec(13 * i)
        if i % 3 == 0:
            idp.password(user, user.home, start - sec(2))
            idp.prompt(user, user.home, start, "timeout")
            start += sec(95)
        idp.login(user, user.home, start)
        if i % 2:
            idp.login(user, user.home, start + sec(70))
    return [quiet("*")]


@scenario("okta_identity_benign_number_matching_rollout", "duo_benign_number_matching_rollout")
def number_matching(idp):
    """From today a number must be entered: many get it wrong once or twice, some call it off, all get in."""
    names = {"OktaIdentity": "Ragna Deest,Sigrid Eilers,Theo Fink,Ursel Gehrke,Vroni Hahn,Wolf Ilgen",
             "Duo": "Xaver Jung,Yvonne Kranz,Zita Lauer,Adele Menke,Birte Nagel,Clas Oster"}[type(idp).__name__]
    for i, name in enumerate(names.split(",")):
        user = person(name)
        idp.history(user, 10, 3)
        start = at("08:15") + sec(140 * i)
        idp.password(user, user.home, start - sec(3))
        for j in range(i % 4):
            idp.prompt(user, user.home, start + sec(35 * j), "cancelled" if j == 2 else "failed", 14, number=True)
        idp.prompt(user, user.home, start + sec(150), "approved", 14, number=True)
        idp.session(user, user.home, start + sec(166))
    return [quiet("*")]


@scenario("okta_classic_benign_night_shift")
def night_shift(idp):
    """Works at night, as always; one prompt is missed."""
    user = person("Detlef Raabe")
    idp.history(user, 12, clock="22:05")
    idp.password(user, user.home, at("02:09:57"))
    idp.prompt(user, user.home, at("02:10"), "timeout")
    idp.login(user, user.home, at("02:12"))
    idp.login(user, user.home, at("04:55"))
    return [quiet(user)]


@scenario("entra_benign_old_password", "okta_identity_benign_old_password")
def old_password(idp):
    """A mail client tries the old password every half minute for an hour; the user logs in as ever."""
    user = person(by_provider(idp, Entra="Elfi Sommer", OktaIdentity="Frank Timm"))
    idp.history(user, 10, 2)
    for i in range(60):
        idp.wrong_password(user, user.home, at("10:00") + sec(30 * i + spread(str(i), 9)))
    idp.login(user, user.home, at("10:12:05"))
    return [quiet(user)]


@scenario("okta_classic_benign_push_from_new_country", "entra_benign_push_from_new_country")
def new_country(idp):
    """One push from a country where the user never was, approved at once: worth a look, not an alarm."""
    user = person(by_provider(idp, OktaClassic="Gabi Ude", Entra="Horst Vieth"))
    idp.history(user)
    idp.login(user, BUCHAREST, at("20:15"))
    return [quiet(user, "notice", signals=["new_source"])]


@scenario("duo_benign_shared_kiosk")
def kiosk(idp):
    """One machine in the hall of the office, where everybody logs in for a moment."""
    for i, name in enumerate("Imke Zorn,Jobst Abel,Katja Beier,Leif Cramer,Mara Denk,Nanno Eggers".split(",")):
        user = person(name)
        idp.history(user, 10, 3, place=OFFICE)
        idp.login(user, KIOSK, at("12:00") + sec(41 * i))
    return [quiet("*")]


@scenario("duo_benign_mistyped_codes")
def mistyped(idp):
    """Three wrong codes, then the right one."""
    user = person("Onno Falke")
    idp.history(user)
    for i in range(3):
        idp.code(user, user.home, at("11:10") + sec(20 * i), False)
    idp.code(user, user.home, at("11:11:15"), True)
    return [quiet(user)]
