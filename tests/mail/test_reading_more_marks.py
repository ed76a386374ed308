"""What mails that nobody here wrote taught: an answer below a mark is kept, and what programs write is known."""

from __future__ import annotations

import time

import pytest

from app.mail.quoting import trim

OWN = "Danke, ich komme.\n\nGruß\nBob"


@pytest.mark.parametrize(
    "text",
    [
        # GMX quotes the head too, and people answer between the lines.
        (
            "Hallo Anna,\n\n-------- Original-Nachricht --------\n> Datum: Mon, 3 Apr 2028 09:15:12 +0200\n"
            "> Von: Anna Weber <anna@example.org>\n> Betreff: Kurse\n\n> Wer kommt?\n\nIch.\n\n> Wer noch?\n\nCarla."
        ),
        (
            "Hallo Anna,\n\n-----Ursprüngliche Nachricht-----\nVon: Anna Weber <anna@example.org>\n"
            "Gesendet: Montag, 3. April 2028 09:15\nAn: Alle\nBetreff: Kurse\n\n> Wer kommt?\n\nIch."
        ),
        (
            "Hallo Anna,\n\nVon: Anna Weber <anna@example.org>\nGesendet: Montag, 3. April 2028 09:15\nAn: Alle\n\n"
            "> Wer kommt?\n\nIch."
        ),
    ],
)
def test_an_answer_below_a_quote_with_its_signs_stays_though_a_separator_stands_above(text: str) -> None:
    assert trim(text) == text


@pytest.mark.parametrize(
    "announced",
    [
        "Meine Antworten stehen unten in Rot.",
        "siehe unten in blau",
        "Ich habe im Text geantwortet.",
        "Rückmeldung direkt in deiner Mail",
        "See my comments inline.",
        "My comments below.",
        "Danke für deine Mail, meine Antworten stehen unten.",
        "Hab dir unten in Rot geantwortet.",
        "Ich habe am 3.4. mit Carla gesprochen und dir zu allen Fragen\nunten geantwortet.",
        "Unten in Rot beantwortet.",
        "Deine Fragen sind unten beantwortet.",
        "Your questions are answered inline.",
        "Im Text antworte ich auf alles.",
        "Kommentare: siehe unten",
        "Bitte siehe die Anmerkungen im Text.",
        "Die Antworten findest du unten.",
        "I have answered your questions below.",
        "Hi, I reply below.",
        "Wir antworten im Text.",
        "Wir haben in Ihrer Mail vom Montag geantwortet.",
    ],
)
def test_answers_that_are_announced_within_the_mail_below_stay(announced: str) -> None:
    head = "Von: Anna Weber <anna@example.org>\nGesendet: Montag, 3. April 2028 09:15\nAn: Bob\nBetreff: Kurse"
    text = f"Hallo Anna,\n{announced}\n\n{head}\n\nWer kommt?\nIch und Carla.\nWer bringt Kuchen?\nCarla."
    assert trim(text) == text


@pytest.mark.parametrize(
    "own",
    [
        "Danke für die Antwort.",
        "Die Liste steht unten.",
        "Bitte antwortet mir bis Freitag.",
        "Danke für Ihre Antwort in der Mail.",
        "Danke für die Rückmeldung unten.",
        "Wir haben in der Mail vom Montag geantwortet.",
        "Siehe Ihre Antwort unten.",
        "Thanks for your comments below.",
        "Ich komme gern. Eure Antworten unten sehe ich mir noch an.",
        "Das sehe ich so\n\nwie Carla unten geantwortet hat.",
        "Danke, ich habe die Antworten unten gelesen.",
        "I read your comment below.",
        "> Meine Antworten stehen unten in Rot.\n\nGut.",
    ],
)
def test_other_words_about_answers_keep_no_quote(own: str) -> None:
    head = "Von: Anna Weber <anna@example.org>\nGesendet: Montag, 3. April 2028 09:15\nAn: Bob\nBetreff: Kurse"
    assert trim(f"{own}\n\n{head}\n\nWer kommt?") == own


def test_without_an_answer_below_it_goes_with_its_separator() -> None:
    separator = (
        "-------- Original-Nachricht --------\n> Datum: Mon, 3 Apr 2028 09:15:12 +0200\n> Von: Anna\n\n> Wer kommt?"
    )
    assert trim(f"{OWN}\n\n{separator}\n> Anna\n\n-- \nBob Bau") == OWN


@pytest.mark.parametrize(
    "own",
    [
        "Datum: 3.4.2028\nVon: 10:00 Uhr\nBis: 12:00 Uhr\nAn: alle",
        "Unser Vorschlag:\nDatum: 3.4.2028\nZeit: 10:00\nOrt: Rathaus\nAn: alle Träger\nVon: Stadt",
        "Am 3.4.2028 um 10:00 schrieb mir Anna <anna@example.org>\n\nund wollte wissen, wer kommt.",
        "Anna Weber <anna@example.org> schrieb:\n\n„Ich komme gern.“\n\nDamit sind wir zu dritt.",
        "Die Einladung kam am 3.4.2028 um 10:00 von anna@example.org:\n\nBitte lesen.",
        "Von: Bob, Datum: 3.4.2028, An: Carla stand auf dem Zettel.",
        "Ursprünglicher Termin\n\nDer war am 3.4.2028 um 10:00.",
        "Der erste Teil.\n\n--\n\nDer zweite ist auch wichtig, denn wir brauchen noch mehr Räume.",
    ],
)
def test_own_words_that_look_like_a_head_stay(own: str) -> None:
    text = f"Liebe Leute,\n\n{own}\n\nGruß\nBob"
    assert trim(text) == text


def test_a_quoted_mails_own_attribution_is_part_of_the_quote() -> None:
    quote = "> Am Fr., 7. Apr. 2028 um 01:49 Uhr schrieb Carla Cohn:\n> \n>> Wer kommt?\n\nIch."
    assert trim(f"Anna Weber schrieb:\n{quote}") == quote.replace("> \n", ">\n")


@pytest.mark.parametrize(
    "head",
    [
        # Some programs lose the breaks of the head when they make a text of it.
        (
            "-------- Ursprüngliche Nachricht --------Von: Anna Weber <anna@example.org> Datum: 03.04.28  09:15  "
            "(GMT+02:00) An: bob@example.org Betreff: Kurse"
        ),
        "Date: Mon, 3 Apr 2028 09:15:10 +0200 From: anna@example.org To: Bau, Bob Subject: Courses",
        # Answers to an invitation.
        (
            "-----Ursprünglicher Termin-----\nVon: Weber, Anna\nGesendet: Montag, 3. April 2028 09:15\nAn: Alle\n"
            "Betreff: Sitzung\nZeit: Dienstag, 4. April 2028 10:00-11:00\nOrt: Rathaus"
        ),
        "-----Original Appointment-----\nFrom: Anna\nSent: Monday, April 3, 2028 9:15 AM\nTo: All\nSubject: Meeting",
        "-----Ursprüngliche Mitteilung-----\nVon: Anna <anna@example.org>\nVerschickt: Mo, 3. Apr 2028 9:15\nAn: B",
        # Lines above a quote in further languages.
        "Le 2028-04-03 09:15, Anna a écrit :\n",
        "пн, 3 квіт. 2028 р. о 09:15 Anna Weber <anna@example.org> пише:\n",
        "În lun., 3 apr. 2028 la 09:15, Anna Weber <anna@example.org> a scris:\n",
        "في الاثنين، 3 أبريل 2028 في 9:15 ص تمت كتابة ما يلي بواسطة Anna <anna@example.org>:\n",
        "Më hën, 3 prill 2028 në 9:15, Anna Weber <anna@example.org> shkroi:\n",
    ],
)
def test_what_is_answered_goes_below_a_program_line(head: str) -> None:
    assert trim(f"{OWN}\n\n{head}\nListe folgt.\n\nAnna") == OWN


LONE = [
    'Am 03.04.28 um 09:15 schrieb "Anna Weber" <anna@example.org>',
    "On Mon, 3 Apr 2028 09:15:43 +0200 Anna Weber <anna@example.org> wrote",
    "anna <anna_2028@example.org> wrote:",
    "Anna anna@example.org wrote:",
    "3. April 2028, 09:15 von anna@example.org:",
    '9:15 AM, April 3, 2028, "Anna Weber" <anna@example.org>:',
]


@pytest.mark.parametrize("line", LONE)
def test_a_line_without_colon_date_or_verb_goes_with_the_quote_below_it(line: str) -> None:
    assert trim(f"{OWN}\n\n{line}\n\n> Liste folgt.\n>\n> Anna") == OWN
    assert trim(f"{OWN}\n\n{line}\n\n> Liste folgt.\n\nWann?") == f"{OWN}\n\n> Liste folgt.\n\nWann?"


@pytest.mark.parametrize("line", LONE)
def test_what_is_answered_goes_below_such_a_line_where_a_phones_advertisement_stands_above(line: str) -> None:
    assert trim(f"{OWN}\nVon meinem iPhone gesendet\n\n{line}\n\nListe folgt.\n\nAnna") == OWN


@pytest.mark.parametrize("line", LONE)
@pytest.mark.parametrize("space", ["\n", "\n\n"])
def test_people_head_what_they_copied_in_with_such_a_line_too(line: str, space: str) -> None:
    own = f"Hallo,{space}{line}{space}Wir kommen.{space}So hat sie es angekündigt, und ich finde es gut."
    assert trim(own) == own
    below = "Am 04.04.28 um 09:15 schrieb Carla Cohn <carla@example.org>:\n> Wer kommt?"
    assert trim(f"{own}\n\n{below}") == own


def test_a_wrapped_line_without_the_year_goes_above_a_quote() -> None:
    assert trim(f"{OWN}\n\nOn Mon, Apr 3, Anna Weber\n<anna@example.org>\nwrote:\n> Who comes?") == OWN


@pytest.mark.parametrize(
    "footer",
    [
        "Trimis de pe iPhone‑ul meu",
        "Az iPhone-omról küldve",
        "iPhone'umdan gönderildi",
        "Надіслано з iPhone",
        "أُرسلت من الـ iPhone",
        "Virenfrei.www.avast.com",
        "Gesendet vom Handy",
        "Vom iPhone gesendet",
        "Von Proton Mail mobile gesendet",
        "Sicher versendet mit Tuta Mail.",
        "Gesendet von Mail für Windows",
        "Diese E-Mail wurde von Avast-Antivirussoftware auf Viren geprüft.\nwww.avast.com",
    ],
)
def test_the_advertisement_of_a_program_goes(footer: str) -> None:
    assert trim(f"{OWN}\n\n{footer}") == OWN


def test_a_last_line_that_says_when_something_was_sent_stays() -> None:
    assert trim("Die Liste ist\ngeschickt mit der Mail vom Montag.").endswith("vom Montag.")


@pytest.mark.parametrize(
    "line",
    [
        f"On 1.2.2028 10:00 {'a' * 64}@{'b' * 200} wrote x",
        "Von: " * 79,
        f"On 10:00 x wrote{' ' * 380}x",
        "ich in rot " * 18,
        "siehe die antwort inline unten " * 6,
        "-----Original Message-----\n> x\n\nich",
    ],
)
def test_marks_without_number_cost_time_by_their_number_only(line: str) -> None:
    begun = time.process_time()
    trim("ich\n\n" + f"{line}\n" * 5_000 + "\n-----Original Message-----\nx")
    assert time.process_time() - begun < 15
