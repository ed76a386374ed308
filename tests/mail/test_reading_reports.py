"""What the portal makes of reports in many makes and languages: whether for good, whom they mean, who is to blame."""

from __future__ import annotations

import email
import random
import time
from collections.abc import Iterator
from email import policy
from pathlib import Path

import pytest
from flask import Flask

from app.mail import reading
from app.mail.bounces import Report, read_report
from app.mail.bounces_causes import finding
from app.mail.bounces_pages import as_text
from app.mail.bounces_parts import tamed
from app.mail.bounces_phrases import Cause

SAMPLES = Path(__file__).parent / "samples" / "bounces"
RUNS = (b"-", b"=", b"_", b"*", b">", b" ", b".", b"1", b"<", b"@", b"&", b"#")  # what lines of reports are drawn with
LENA = "lena.fischer@bildungswerk.example.org"

#: name of the sample -> for good?, does it say something of the address?, what it tells
BOUNCES = {
    "postfix-unknown": (True, True, Cause.UNKNOWN),
    "postfix-delayed": (False, False, Cause.DELAYED),
    "postfix-expired": (False, False, Cause.NETWORK),
    "postfix-full": (False, True, Cause.FULL),
    "postfix-no-domain": (True, True, Cause.NO_DOMAIN),
    "postfix-spam-refused": (True, False, Cause.POLICY),
    "postfix-greylisted-for-good": (False, False, Cause.LATER),
    "two-recipients": (True, True, Cause.UNKNOWN),
    "forwarded-elsewhere": (True, True, Cause.UNKNOWN),
    "headers-only-no-fields": (True, True, Cause.UNKNOWN),
    "sendmail-warning": (False, False, Cause.DELAYED),
    "m365-unknown": (True, True, Cause.UNKNOWN),
    "m365-access-denied": (True, True, Cause.UNKNOWN),
    "m365-expired": (False, True, Cause.EXPIRED),
    "m365-restricted": (True, False, Cause.POLICY),
    "google-not-found": (True, True, Cause.UNKNOWN),
    "google-delay": (False, False, Cause.DELAYED),
    "google-inactive": (True, True, Cause.DISABLED),
    "ses-too-large": (True, False, Cause.TOO_LARGE),
    "broken-fields": (True, True, Cause.UNKNOWN),
    "encoded-fields": (True, True, Cause.UNKNOWN),
    "silent-4xx-in-words": (False, False, Cause.SYSTEM),
    "exchange-german-prose": (True, True, Cause.UNKNOWN),
    "exchange-german-no-code": (True, True, Cause.UNKNOWN),
    "german-full": (False, True, Cause.FULL),
    "german-delayed": (False, False, Cause.DELAYED),
    "gmx-unknown": (True, True, Cause.UNKNOWN),
    "einsundeins-quota": (False, True, Cause.FULL),
    "t-online-unknown": (True, True, Cause.UNKNOWN),
    "exim-unrouteable": (True, True, Cause.UNKNOWN),
    "exim-retry-timeout": (False, True, Cause.EXPIRED),
    "exim-delayed": (False, False, Cause.DELAYED),
    "qmail-unknown": (True, True, Cause.UNKNOWN),
    "qmail-too-long": (False, True, Cause.EXPIRED),
    "domino-not-listed": (True, True, Cause.UNKNOWN),
    "groupwise-unknown": (True, True, Cause.UNKNOWN),
    "mailenable-unknown": (True, True, Cause.UNKNOWN),
    "courier-unknown": (True, True, Cause.UNKNOWN),
    "opensmtpd-unknown": (False, True, Cause.FULL),
    "imail-unknown": (True, True, Cause.UNKNOWN),
    "barracuda-blocked": (True, False, Cause.CONTENT),
    "yahoo-disabled": (True, True, Cause.UNKNOWN),
    "french-unknown": (True, True, Cause.UNKNOWN),
    "spanish-full": (False, True, Cause.FULL),
    "italian-unknown": (True, True, Cause.UNKNOWN),
    "dutch-unknown": (True, True, Cause.UNKNOWN),
    "portuguese-unknown": (True, True, Cause.UNKNOWN),
    "japanese-unknown": (True, True, Cause.UNKNOWN),
    "no-reason": (False, True, Cause.UNSAID),
    "moved-away": (True, True, Cause.MOVED),
    "exim-malformed": (True, True, Cause.UNKNOWN),
    "workmail-expired": (False, True, Cause.EXPIRED),
    "rejected-by-sieve": (False, True, Cause.FULL),
}
NO_REPORTS = ["delivered", "relayed", "not-vacation", "not-person", "not-challenge", "not-read-receipt"]
OTHERS = ["complaint", "complaint-old-format", "complaint-without-recipient", "our-own-address"]


pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def _in_the_portal(app: Flask) -> Iterator[None]:
    """The portal's own addresses are known in its context only."""
    pattern = app.config["MAIL_ADDRESS_PATTERN"]
    app.config["MAIL_ADDRESS_PATTERN"] = "{local}@netze.example.org"
    with app.app_context():
        yield
    app.config["MAIL_ADDRESS_PATTERN"] = pattern


def read(octets: bytes) -> Report | None:
    return read_report(email.message_from_bytes(tamed(octets), policy=policy.default))


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.eml").read_bytes()


def report_in(name: str) -> Report:
    report = read(sample(name))
    assert report is not None
    return report


def test_every_sample_is_expected_here() -> None:
    assert {path.stem for path in SAMPLES.glob("*.eml")} == {*BOUNCES, *NO_REPORTS, *OTHERS}


def test_only_a_server_that_tries_on_or_says_nothing_leaves_open_whether_a_mail_arrives() -> None:
    is_open = {name for name in BOUNCES if not report_in(name).is_over}
    assert is_open == {name for name, (*_, cause) in BOUNCES.items() if cause in (Cause.DELAYED, Cause.UNSAID)}


@pytest.mark.parametrize("name", BOUNCES)
def test_a_report_says_whether_for_good_and_whom_it_means(name: str) -> None:
    report = report_in(name)
    permanent, blames_address, cause = BOUNCES[name]
    assert (report.kind, report.permanent, report.reason) == ("bounce", permanent, cause.sentence)
    assert report.blames_address == blames_address
    assert report.bounced == (LENA,)
    assert report.words


@pytest.mark.parametrize("name", NO_REPORTS)
def test_good_news_and_answers_are_no_reports(name: str) -> None:
    assert read(sample(name)) is None


@pytest.mark.parametrize("name", ["delivered", "relayed", "not-vacation", "not-challenge", "not-read-receipt"])
def test_what_programs_write_is_no_persons_mail(name: str) -> None:
    assert reading.read(sample(name)).kind == "automatic"


def test_a_person_who_quotes_a_report_is_a_person() -> None:
    assert reading.read(sample("not-person")).kind == "mail"


@pytest.mark.parametrize("name", ["complaint", "complaint-old-format"])
def test_a_complaint_is_a_kind_of_its_own(name: str) -> None:
    report = report_in(name)
    assert (report.kind, report.permanent, report.bounced) == ("complaint", False, (LENA,))
    assert not report.blames_address


def test_fields_that_python_has_parsed_are_read_as_well() -> None:
    for name in ("postfix-unknown", "encoded-fields"):
        report = read_report(email.message_from_bytes(sample(name), policy=policy.default))
        assert report is not None
        assert (report.permanent, report.bounced) == (True, (LENA,))


def test_a_complaint_without_a_recipient_names_whom_our_mail_was_for() -> None:
    assert report_in("complaint-without-recipient").bounced == (LENA,)


def test_an_address_of_ours_is_never_blamed() -> None:
    assert report_in("our-own-address").bounced == (LENA,)  # whom the mail given back was for


def test_the_mail_given_back_tells_which_it_was() -> None:
    assert report_in("postfix-unknown").message_id == "0123456789abcdef@netze.example.org"


@pytest.mark.parametrize(
    ("words", "status", "permanent"),
    [
        ("550 5.1.1 User unknown", "", True),
        ("450 4.1.1 User unknown", "", False),
        ("550 User unknown", "4.1.1", False),  # the enhanced code beats the basic one
        ("user unknown", "", True),
        ("450 user unknown", "", False),  # a code beats the phrase
        ("something went wrong", "", False),  # doubt means temporary
        ("something went wrong", "5.0.0", True),
        ("550 5.2.2 mailbox full", "5.2.2", False),  # a person can empty it
        ("554 5.7.1 rejected as spam", "5.7.1", True),
        ("Exim 4.92.3 said: 550 no such user", "", True),  # a version is no code
        ("host spam-filter.example.org said: 550 5.1.1 user unknown", "", True),
    ],
)
def test_codes_beat_phrases_and_doubt_means_temporary(words: str, status: str, permanent: bool) -> None:
    assert finding(words, status).permanent is permanent


def test_the_name_of_a_host_is_no_reason() -> None:
    assert finding("host spam.example.org said: 550 5.0.0 user unknown").cause is Cause.UNKNOWN


def test_any_octets_are_read_without_an_error_and_soon() -> None:
    chance = random.Random(3)
    whole = [path.read_bytes() for path in sorted(SAMPLES.glob("*.eml"))]
    began = time.monotonic()
    for number in range(600):
        octets = bytearray(chance.choice(whole))
        for _ in range(chance.randrange(1, 60)):
            place = chance.randrange(len(octets))
            octets[place : place + chance.randrange(3)] = chance.randbytes(chance.randrange(4))
        read(bytes(octets) if number % 3 else chance.randbytes(2000))
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    "body",
    [
        b"a@" * 200_000,
        b"<" * 400_000,
        b"Final-Recipient: " * 30_000,
        b"\n" * 400_000,
        b"mailbox " * 60_000,
        b"a." * 200_000,
        b"<!-- " * 80_000,
        b"<script " * 50_000,
        b"<style>x</script " * 20_000,
        b"<head><title><script><style><!-- " * 10_000,
        b"<br " * 100_000,
        b"<!-- --" * 60_000,
        b"- " * 200_000,
        b"&#1" + b"1" * 400_000,
        *(mark * 400_000 for mark in RUNS),
        *((mark * 500 + b"\n") * 800 for mark in RUNS),
    ],
    ids=lambda body: repr(body[:12]) + (" in lines" if b"\n" in body else ""),
)
def test_a_hostile_text_takes_no_long_time(body: bytes) -> None:
    octets = b"From: mailer-daemon@example.net\nSubject: Undeliverable\nContent-Type: %s\n\nFailed.\n" + body
    for kind in (b"text/plain", b"text/html", b"message/delivery-status"):
        began = time.process_time()
        read(octets.replace(b"%s", kind))
        assert time.process_time() - began < 3


def test_of_a_page_stays_what_a_browser_shows() -> None:
    page = "<HEAD><title>a</title></Head>eins<!-- b <script> -->zwei<br class=c>drei<script>d</script ><style>vier"
    assert as_text(page).split() == ["eins", "zwei", "drei", "vier"]


def test_a_number_too_long_for_a_character_is_none() -> None:
    assert as_text(f"a &#{'1' * 5000}; b &#0065;") == "a \N{REPLACEMENT CHARACTER} b A"


@pytest.mark.parametrize("status", [b"5.1.1", b"5.1.N"])
def test_words_for_many_recipients_are_weighed_in_no_long_time(status: bytes) -> None:
    block = b"Final-Recipient: rfc822;aN@x.example\nAction: failed\nStatus: " + status
    blocks = [block.replace(b"aN@", b"a%d@" % number).replace(b".N", b".%d" % number) for number in range(190)]
    head = b"From: mailer-daemon@example.net\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n"
    words = b"\n--b\n\n" + b"account " * 7000 + b"\n--b\nContent-Type: message/delivery-status\n\n"
    began = time.process_time()
    report = read(head + words + b"\n\n".join(blocks) + b"\n--b--\n")
    assert report
    assert report.permanent
    assert time.process_time() - began < 8
