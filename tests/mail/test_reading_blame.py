"""Reports that are easily misread: nobody innocent is blamed, and the cause is the one the server names."""

from __future__ import annotations

import pytest

from app.mail.bounces import Report
from app.mail.bounces_causes import finding
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


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("552 anna@example.net would be over the allowed quota", Cause.FULL),
        ("550 Anna's account is over its storage limit", Cause.FULL),
        ("554 Benutzerin hat das Speichervolumen ueberschritten", Cause.FULL),
        ("550 a full mailbox, nothing to be done", Cause.FULL),
        ("552 requested action aborted", Cause.FULL),  # so RFC 5321 calls it
        ("550 too many concurrent SMTP connections", Cause.LATER),
        ("554 5.0.0 connection rate limit reached for your host", Cause.LATER),
        ("550 anna is receiving mail at a rate we do not like", Cause.LATER),
        ("550 host not found, try again", Cause.LATER),
        ("550 Der Server ist gerade überlastet", Cause.LATER),
        ("554 insufficient system storage", Cause.LATER),
        ("Recipient server unavailable or busy", Cause.LATER),
        ("550 5.0.0 all hosts have been failing for a long time", Cause.EXPIRED),
        ("550 5.0.0 connection refused", Cause.NETWORK),
        ("554 5.4.1 the other side timed out", Cause.NETWORK),
        ("Failed permanently: the other server did not accept us wanting to connect (socket error)", Cause.NETWORK),
        ("550 all attempts to contact mx.example.net came to nothing", Cause.NETWORK),
        ("550 TLS handshake with mx.example.net went wrong", Cause.NETWORK),
        ("550 the DNS server told of a failure", Cause.NETWORK),
        ("550 Verbindung zum anderen Server unterbrochen", Cause.NETWORK),
    ],
)
def test_what_time_puts_right_is_not_for_good_whatever_code_stands_beside_it(words: str, cause: Cause) -> None:
    assert (finding(words).cause, finding(words).permanent) == (cause, False)


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("address unknown here", Cause.UNKNOWN),
        ("there is no one at this address", Cause.UNKNOWN),
        ("Error: no valid recipients in this mail", Cause.UNKNOWN),
        ("Kein Postfach mit diesem Namen", Cause.UNKNOWN),
        ("Mailbox nicht gefunden", Cause.UNKNOWN),
        ("mailbox is frozen", Cause.DISABLED),
        ("The account has been frozen", Cause.DISABLED),
        ("account of anna has been inactive for over 180 days", Cause.DISABLED),
        ("Her mailbox was deleted", Cause.DISABLED),
        ("this address has been replaced by another", Cause.MOVED),
    ],
)
def test_what_nobody_puts_right_is_for_good_without_any_code(words: str, cause: Cause) -> None:
    assert (finding(words).cause, finding(words).permanent) == (cause, True)


@pytest.mark.parametrize(
    "words",
    [
        "Your message to mailbox anna was deleted because of its attachment",
        "Your mail for the mailbox of anna has been removed",
        "A message to your account was deleted",
        "The message for recipient x is frozen on our queue",
        "The message for mailbox anna is frozen",
        "Message to account frozen",
    ],
)
def test_what_was_done_with_a_mail_was_not_done_with_the_mailbox(words: str) -> None:
    assert not finding(words).permanent


def test_a_mail_that_is_too_large_fills_no_mailbox_its_report_speaks_of_before() -> None:
    found = finding("Not delivered to these recipients: Anna Muster The message exceeds the size allowed here")
    assert (found.cause, found.permanent) == (Cause.TOO_LARGE, True)


def test_too_many_stations_on_the_way_are_no_matter_of_size() -> None:
    found = finding("message has exceeded the maximum hop count")
    assert (found.cause, found.permanent) == (Cause.ROUTING, False)


def test_a_connection_refused_by_rules_is_no_trouble_of_the_network() -> None:
    found = finding("554 5.7.1 connection refused from your address")
    assert (found.cause, found.permanent) == (Cause.POLICY, True)


def test_a_block_for_too_many_unwanted_mails_is_no_request_to_come_back() -> None:
    assert finding("550 too many unwanted messages have been sent from your address").permanent


def test_the_head_of_the_mail_given_back_in_the_text_tells_whom_and_which() -> None:
    found = report(
        "Your mail could not be delivered: no such user\r\n\r\nOriginal message:\r\n"
        "From: netz@example.org\r\nTo: anna@example.net\r\nMessage-ID: <eins@netz.example.org>\r\n\r\nHallo"
    )
    assert (found.bounced, found.message_id) == (("anna@example.net",), "eins@netz.example.org")


def test_a_list_in_the_mail_given_back_is_not_blamed() -> None:
    found = report(
        "Your mail could not be delivered: no such user\r\n\r\nOriginal message:\r\n"
        "From: ida@example.com\r\nTo: alle@liste.example.net\r\nList-Id: <alle.liste.example.net>\r\n\r\nHallo"
    )
    assert found.bounced == ()


def test_lines_that_end_with_cr_only_are_lines() -> None:
    text = f"{HEAD}\r\nYour mail could not be delivered:\r\n\r\nannax@example.net\r\nno such user\r\n"
    in_an_old_mailbox = read(text.replace("\r\n", "\r").encode()).report
    assert in_an_old_mailbox
    assert in_an_old_mailbox.bounced == ("annax@example.net",)
    within_a_mail = report("Your mail could not be delivered:\r\rannax@example.net\rno such user\r")
    assert within_a_mail.bounced == ("annax@example.net",)


def test_a_server_that_tries_no_more_does_not_try_on() -> None:
    found = report("<anna@example.net>: no such user\r\n\r\nNo further delivery attempts will be made.")
    assert (found.permanent, found.reason) == (True, Cause.UNKNOWN.sentence)


def test_the_servers_message_is_not_the_mail_given_back() -> None:
    found = report("Failed for:\r\nanna@example.net\r\n\r\n------ server message\r\n550 unknown user\r\n")
    assert (found.permanent, found.reason) == (True, Cause.UNKNOWN.sentence)


def test_an_address_kept_to_itself_is_named_by_the_one_it_comes_from() -> None:
    found = report(
        "A message could not be delivered. This is a permanent error. The following failed:\r\n\r\n"
        "  an undisclosed address\r\n    (generated from anna@example.net)\r\n"
    )
    assert (found.bounced, found.reason) == (("anna@example.net",), Cause.UNSAID.sentence)


def test_a_mail_returned_because_of_an_error_is_a_report() -> None:
    head = HEAD.replace("Mail delivery failed", "Error")
    found = report("Intended recipient: anna@example.net\r\n\r\nIt was returned because of a fault of ours.", head)
    assert (found.bounced, found.permanent) == (("anna@example.net",), False)
