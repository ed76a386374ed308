"""Reports that are easily misread: nobody innocent is blamed, and the cause is the one the server names."""

from __future__ import annotations

import pytest

from app.mail.bounces import Report
from app.mail.bounces_phrases import Cause
from app.mail.reading import read

HEAD = (
    "Return-Path: <>\r\nFrom: Mail Delivery System <mailer-daemon@mx.example.net>\r\n"
    "To: ruecklauf+abc@netz.example.org\r\nSubject: Mail delivery failed\r\n"
)


def report(text: str, head: str = HEAD) -> Report:
    found = read(f"{head}\r\n{text}\r\n".encode()).report
    assert found
    return found


def delivery_report(status: str, diagnosis: str, words: str = "") -> Report:
    fields = f"Final-Recipient: rfc822; anna@example.net\r\nAction: failed\r\nStatus: {status}\r\n{diagnosis}"
    head = f"{HEAD}MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n"
    text = f"--b\r\nContent-Type: text/plain\r\n\r\nDelivery failed.\r\n{words}\r\n--b\r\n"
    return report(
        f"{text}Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n{fields}\r\n--b--", head
    )


@pytest.mark.parametrize(
    "words",
    [
        "A message sent by\r\n  <ruecklauf+abc@netz.example.org>\r\ncould not be delivered. All hosts are failing.",
        "Sorry ruecklauf+abc@netz.example.org. Your mail to these recipients could not be delivered:\r\n\tanna",
    ],
)
def test_whom_the_report_was_sent_to_is_not_who_it_failed_for(words: str) -> None:
    assert report(words).bounced == ()


def test_a_mail_too_large_says_nothing_of_the_address_whatever_the_code() -> None:
    found = delivery_report(
        "5.1.1", "Diagnostic-Code: smtp; 550 RCPT TO:<anna@example.net> max message size exceeded\r\n"
    )
    assert (found.reason, found.blames_address) == (Cause.TOO_LARGE.sentence, False)


def test_a_scanners_banner_is_no_refusal() -> None:
    banner = "*** This email has come from the internet and was scanned for viruses. Please report unwanted spam. ***"
    found = delivery_report("5.1.1", "", f"       anna@example.net\r\n{banner}")
    assert (found.reason, found.blames_address) == (Cause.UNKNOWN.sentence, True)


def test_an_address_that_is_not_active_is_unknown_and_not_its_domain() -> None:
    words = (
        "Diagnostic-Code: smtp; 550-anna@example.net is not an active address at this\r\n host (invalid username)\r\n"
    )
    assert delivery_report("5.0.0", words).reason == Cause.UNKNOWN.sentence
