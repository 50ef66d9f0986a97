"""A table of passwords against both profiles, and what everyone knows about a person."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError

from accounts.demo_logins import DEMO_PASSWORD
from accounts.models import User
from accounts.sign_in.common_words import common_passwords
from accounts.sign_in.password_rules import LONGEST, PROFILES, parts_of_name
from accounts.sign_in.passwords import change_password, policy, words_about
from tests.accounts.sign_in.conftest import Clock, with_password
from tests.small_county import SmallCounty

WORDS = sorted(
    {
        *parts_of_name("武清区第一示范幼儿园"),
        *parts_of_name("武清区"),
        *parts_of_name("王庆坨镇"),
        *parts_of_name("欧阳示例"),
        *parts_of_name("wuqing-director"),
        *("幼儿园", "教育局", "youeryuan", "jiaoyuju", "password", "admin"),
    }
)

GOOD_IN_BOTH = """
Schwalben-7-fliegen
Neun Kraniche rasten
korrektes-Pferd-5-Heft
gelbe-Ente-am-Bach-17
Tiger-sitzt-auf-Dach
Regen&Wind&Sonne&Tal
zwei-Hefte-&-ein-Stift
marble9Orchid-canyon
sunflower-Kettle-48-moss
Quartz_Lantern_Pigeon
hammock-Violin-puddle-6
Bicycle.umbrella.walnut
copper*Teapot*glacier
lighthouse-Mango-31-ivy
Velvet-cactus-harmonica
Otter+Saturn+Blanket+2
papaya/Tundra/fiddle/88
春江潮水连海平Haishang7明月
月落乌啼Frost满天江枫渔火
两个黄鹂鸣翠柳5行白鹭上青天Sky
Tasse-Kaffee-am-Fenster
Ö-Ä-Ü-sind-Umlaute-Ja9
Mond-Stern-Wolke-Nebel-4
9 graue Gaense am Teich
Ziegel,Moertel,Kelle,Lot
blue-Whale-song-drifts
Kupfer~Kessel~Kamin~Ruf
granite!Biscuit!meadow
Tulpe=Nelke=Distel=Moos
Lampe Tisch Stuhl Regal
juniper_Otter_basalt_19
Hedgehog@rest.in.clover
Sieben-Schwalben-fliegen
Neun-Kraniche-rasten-7
QmVydGhh-xLk9-ttPw-eeZ
x9Kd-72mm-Qq1r-vTTb-p0
fj4L0sk3Jd8wPq2xVn6bTt
𝒻ancy-Lettering-counts-5
emoji-🦉-Eule-🌲-Tanne-3
Wie-geht-es-dem-Kamel?
Elch & Dachs & Luchs 2
rustige-Zee-en-Wind-12
perro-Gato-raton-Pez-5
fenetre-Ouverte-matin-6
Kiwi|Melone|Birne|Pflaume
Zimt.Nelke.Anis.Kardamom
Drei.Haselnuesse.im.Korb
Unter-7-Bruecken-gehen
Brot_Butter_Salz_Pfeffer
Der-Fuchs-und-die-Trauben
Acht Rosen am Gartenzaun
Leiter-Eimer-Pinsel-3
Schnee&Eis&Tee&Kerzen
Turm_Glocke_Uhr_Zeiger
""".strip().splitlines()

# Twelve to fourteen characters of three kinds: long enough for one text only.
GOOD_FOR_DENGBAO = """
Mond-Nebel-4x
Otter+Blank2t
Zimt.Nelke.An
Wal-Hai-Aal-2
Tee&Keks&Zeit1
9-graue-Gaens
Kiwi|Melone|B
Tulpe=Moos=7a
fj4L0sk3Jd8wP
Elch&Dachs&2L
春江潮水连海平共明月Ab
Brot_Butter_S
""".strip().splitlines()

# Long, but of one or two kinds: what the other text asks for.
GOOD_FOR_ASVS = """
zwei hefte und ein stift
korrektes pferd batterie heft
sunflower kettle moss orchid
rasten neun kraniche am teich
春江潮水连海平海上明月共潮生滟滟随波千万里
两个黄鹂鸣翠柳一行白鹭上青天窗含西岭
marble orchid canyon lantern
der fuchs und die trauben
lampe tisch stuhl regal heizung
hammock violin puddle walnut
kupferkesselkaminkehrer
bicycle umbrella walnut glacier
868113957240661904
unterbrueckengehenwirspazieren
butterblumenwieseamhang
nachtigallensingenimmai
sieben laternen am fluss
""".strip().splitlines()

BAD_IN_BOTH = """
short
Ab1!
Kurz-9!
elf-Zeich-1
123456789012345
1234567890123456
111111111111111
000000000000000000
aaaaaaaaaaaaaaaA1
AAAAbbbb1111!!!!
abcabcabcabcabcabc
Abc1Abc1Abc1Abc1
Ab1!Ab1!Ab1!Ab1!
qwertyuiopasdfgh
Qwertyuiop123456
Qwertyuiop[]1234
zxcvbnmasdfghjkl
Asdfghjkl;123456
1qaz2wsx3edc4rfv
1QAZ2wsx3EDC4rfv
Qazwsxedcrfv1234
abcdefghijklmnop
Abcdefghijkl1234
0987654321098765
Password1234567
password12345678
PASSWORD123456!!
P@ssw0rd12345678
P@$$w0rd12345678
Passw0rd!!!!!!!!
passwordpassword
Passwordpassword1
!!!!Password!!!!1
Admin1234567890!
admin@1234567890
Administrator123
Welcome123456789
Welcome@@@@@@123
welcomewelcome12
Letmein123456789
Iloveyou12345678
iloveyou!!!!!!!1
Woaini1314!!!!!!
woaini1314woaini1314
Woaini520131400!
Qwer1234!!!!!!!!
Qwer1234qwer1234
Asdf1234asdf1234
A123456!!!!!!!!!
Aa123456........
Aa123456Aa123456
Abc123456!!!!!!!
Abcd1234!!!!!!!!
Test123456789!!!
Testtest12345678
Youeryuan12345!!
Jiaoyuju123456!!
jiaoyuju-Tuer-auf-9
Mein-youeryuan-Tor7
Zhongguo12345678
Beijing123456789
Tianjin@12345678
Monkey1234567890
Dragon!!!!!!!!12
Football12345678
Sunshine12345678
Princess@@@@@123
Baseball123456!!
Superman!!!!!123
Changeme12345678
Default123456789
Qwerty1234567890
qwertyqwerty1234
Qwerty!@#$%^&*()
Zxcvbnm123456789
147258369147258369
1q2w3e4r5t6y7u8i
1Q2w3E4r5T6y7U8i
Nihao12345678901
Laoshi1234567890
Mima12345678!!!!
Root1234567890!!
System1234567890
Master1234567890
Shadow!!!!!!!!99
Michael123456789
Hello12345678901
Freedom!!!!!1234
Whatever12345678
Trustno1!!!!!!!!
Buster!!!!!!!!!12
Charlie123456789
Hunter2Hunter2Hunter2
Thomas!!!!!!2345
Computer12345678
Internet12345678
ｐａｓｓｗｏｒｄ１２３４５６７
Ｐａｓｓｗｏｒｄ１２３４５！
武清Tuer-und-Tor-9
武清区-Garten-Tor-9x
Garten王庆坨镇-Tor-9xy
Garten-王庆坨-Tor-9xyz
欧阳示例-Garten-Tor-9
Tor-第一示范-Garten-9x
第一示范幼儿园-Tor-Weg-9
wuqing-Garten-Tor-99
WUQING-garten-tor-99
Wuq1ng-Garten-Tor-99
director-Garten-Tor-9
D1rector-Garten-Tor-9
wuqing-director-A1
Tor-幼儿园-Garten-9xyz
教育局-Garten-Tor-9xyzw
Garten-Tor-2026-offen
Sommer2025-am-Teich
Herbst-1998-Laub-rot
Tor-2031-Garten-offen
""".strip().splitlines()


def complaints(profile: str, password: str) -> list[str]:
    return PROFILES[profile].complaints(password, common=common_passwords(), words=WORDS)


def test_the_table_is_long_enough() -> None:
    table = GOOD_IN_BOTH + GOOD_FOR_DENGBAO + GOOD_FOR_ASVS + BAD_IN_BOTH
    assert len(table) == len(set(table)) >= 200


@pytest.mark.parametrize("password", GOOD_IN_BOTH)
def test_good_in_both_profiles(password: str) -> None:
    assert [complaints(profile, password) for profile in PROFILES] == [[], []]


@pytest.mark.parametrize("password", GOOD_FOR_DENGBAO)
def test_three_kinds_are_enough_for_one(password: str) -> None:
    assert complaints("dengbao", password) == []
    assert [text[:2] for text in complaints("asvs", password)] == ["至少"]


@pytest.mark.parametrize("password", GOOD_FOR_ASVS)
def test_length_is_enough_for_the_other(password: str) -> None:
    assert complaints("asvs", password) == []
    assert [text[:4] for text in complaints("dengbao", password)] == ["大写字母"]


@pytest.mark.parametrize("password", BAD_IN_BOTH)
def test_bad_in_both_profiles(password: str) -> None:
    assert all(complaints(profile, password) for profile in PROFILES)


@pytest.mark.parametrize("profile", PROFILES)
def test_long_and_unicode_is_taken_whole(profile: str) -> None:
    long = "春眠不觉晓-Vogel-" * 8
    assert len(long) >= 64
    assert complaints(profile, long[:64] + "Ab9") == []
    assert complaints(profile, "x9K-" + "Vogel im Wald und Feld, " * 10) == []
    assert any(str(LONGEST) in text for text in complaints(profile, "aB3-" * LONGEST))


def test_every_complaint_says_how_to_mend_it() -> None:
    for password in BAD_IN_BOTH:
        for text in complaints("dengbao", password):
            assert text.endswith("。")
            assert any(word in text for word in ("请", "不要", "至少")), text


def test_the_lists_are_as_long_as_promised() -> None:
    assert len(common_passwords()) > 19_000
    assert "woaini1314" in common_passwords()


def test_the_profile_is_chosen_by_setting(settings) -> None:
    assert policy().lasts_days(privileged=True) == 90
    assert policy().lasts_days(privileged=False) == 180
    settings.PASSWORD_PROFILE = "asvs"
    assert policy().lasts_days(privileged=True) is policy().lasts_days(privileged=False) is None
    settings.PASSWORD_PROFILE = "easy"
    with pytest.raises(ImproperlyConfigured, match="easy"):
        policy()


def test_what_everybody_knows_comes_from_the_persons_posts(small: SmallCounty) -> None:
    town = small.town("白杨镇")
    kindergarten = small.kindergarten(town, "向日葵幼儿园")
    person = small.person("司马示范", kindergarten.organisation, "director")
    assert {"向日葵", "向日葵幼儿园", "白杨", "白杨镇", "司马示范"} <= set(words_about(person))
    for known in ("向日葵-Garten-Tor-9x", "白杨-Garten-Tor-9xyz", "Garten-司马示范-Tor-9x"):
        with pytest.raises(ValidationError, match="不要包含"):
            validate_password(known, person)


def test_a_word_everybody_tries_is_not_called_a_name(small: SmallCounty) -> None:
    person = small.person("司马示范", small.officer().memberships.get().organisation, "inspector")
    with pytest.raises(ValidationError, match="“password”：这个词谁都想得到"):
        validate_password("Tor-9x-password-Garten", person)
    with pytest.raises(ValidationError, match="“司马示范”：姓名"):
        validate_password("Garten-司马示范-Tor-9x", person)


def test_the_demonstration_password_is_no_password_for_a_person(small: SmallCounty) -> None:
    with pytest.raises(ValidationError):
        validate_password(DEMO_PASSWORD, small.officer())


def test_a_64_character_unicode_password_is_not_cut(clock: Clock, small: SmallCounty) -> None:
    long = ("两个黄鹂鸣翠柳 Vogel-7 " * 6)[:64]
    user = with_password(small.officer(), long)
    assert user.check_password(long)
    assert not user.check_password(long[:-1])
    assert not user.check_password(long + " ")


def test_the_last_five_are_not_taken_again(clock: Clock, small: SmallCounty) -> None:
    user = small.officer()
    taken = [f"Schwalben-fliegen-{word}" for word in ("Tal", "Berg", "Bach", "Wald", "Feld", "See")]
    for password in taken:
        change_password(user=user, password=password, now=clock.forward(days=1))
    for password in taken[1:]:
        with pytest.raises(ValidationError, match="最近5次"):
            change_password(user=user, password=password, now=clock.now)
    change_password(user=user, password=taken[0], now=clock.forward(days=1))
    assert User.objects.get(pk=user.pk).check_password(taken[0])
    assert user.past_passwords.count() == 5
