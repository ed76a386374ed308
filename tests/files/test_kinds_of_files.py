"""What is taken, what is refused, and what the person is told."""

from __future__ import annotations

import os
import tempfile

import pytest
from flask import Flask

from app.errors import DomainError
from app.files import archives, scan
from tests.files import samples

pytestmark = pytest.mark.once

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

TAKEN = {
    "protokoll.pdf": (samples.pdf(), "application/pdf"),
    "mit-leerzeile.pdf": (b"\r\n" + samples.pdf(), "application/pdf"),
    "foto.png": (samples.picture("PNG"), "image/png"),
    "foto.jpg": (samples.picture("JPEG"), "image/jpeg"),
    "foto.gif": (samples.picture("GIF"), "image/gif"),
    "foto.webp": (samples.picture("WEBP"), "image/webp"),
    "foto.tiff": (samples.picture("TIFF"), "image/tiff"),
    "logo.svg": (samples.svg(), "image/svg+xml"),
    "einladung.docx": (samples.docx(), WORD),
    "mit-tabelle.docx": (samples.docx(("word/embeddings/t.xlsx", samples.xlsx())), WORD),
    "liste.xlsx": (samples.xlsx(), EXCEL),
    "einladung.odt": (
        samples.odt(("Basic/Standard/script-lb.xml", b"<l/>")),
        "application/vnd.oasis.opendocument.text",
    ),
    "alt.doc": (samples.COMPOUND, "application/msword"),
    "alt.xls": (samples.COMPOUND, "application/vnd.ms-excel"),
    "brief.rtf": (rb"{\rtf1\ansi Guten Tag}", "application/rtf"),
    "notiz.txt": ("Grüße aus Köln".encode(), "text/plain"),
    "windows.txt": ("Grüße aus Köln".encode("cp1252"), "text/plain"),
    "zeitung.txt": (b"MZ-Artikel vom Montag", "text/plain"),
    "schule.txt": (b"FWS Freie Waldorfschule", "text/plain"),
    "liste.csv": ("Name;Träger\nBob;Übergang".encode("cp1252"), "text/csv"),
    "excel.csv": ("Name;Träger\n".encode("utf-16"), "text/csv"),
    "sitzung.ics": (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", "text/calendar"),
    "mail.eml": (b"From: bob@example.org\r\nSubject: x\r\n\r\n<html><script>", "message/rfc822"),
    "zitat.txt": (b"Bob <bob@example.org> schrieb: ja", "text/plain"),
    "anlagen.zip": (samples.archive(("a/protokoll.pdf", samples.pdf()), ("b.docx", samples.docx())), "application/zip"),
    "netz.zip": (samples.archive(("index.html", samples.HTML)), "application/zip"),
    "unbekannt.xyz": (os.urandom(5000).replace(b"MZ", b"__"), "application/octet-stream"),
    "ohne-endung": (b"Nur Text", "text/plain"),
}

MACROS = "Makros"
PROGRAM = "Programme und Skripte"
PAGE = "Webseite"
DRAWING = "Skripte oder fremde Inhalte"
MORE = "noch etwas anderes"
SEALED = "nicht prüfen"
REFUSED = {
    "eicar.txt": (samples.EICAR, "Schadprogramm"),
    "eicar.com": (samples.EICAR, PROGRAM),
    "eicar.zip": (samples.archive(("a.txt", samples.EICAR)), "Schadprogramm"),
    "rechnung.exe": (samples.PE, PROGRAM),
    "rechnung.pdf.exe": (samples.pdf(), PROGRAM),
    "rechnung.pdf": (samples.PE, PROGRAM),
    "linux.pdf": (b"\x7fELF\x02\x01\x01" + bytes(60), PROGRAM),
    "mac.pdf": (b"\xcf\xfa\xed\xfe" + bytes(60), PROGRAM),
    "java.pdf": (b"\xca\xfe\xba\xbe\x00\x00\x00\x41", PROGRAM),
    "verknüpfung.pdf": (b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(60), PROGRAM),
    "flash.pdf": (b"CWS\x0a\x11\x22\x00\x00" + bytes(60), PROGRAM),
    "skript.txt": (b"#!/bin/sh\nrm -rf .\n", PROGRAM),
    "php.txt": (b"<?php system($_GET['x']);", PROGRAM),
    "start.txt": (b"@echo off\r\ndel *.*", PROGRAM),
    "installer.doc": (samples.COMPOUND + bytes.fromhex("84100c0000000000c000000000000046"), PROGRAM),
    **{
        f"datei.{kind}": (b"harmlos", PROGRAM)
        for kind in "bat cmd com ps1 vbs js jar lnk hta scr msi iso url reg wsf".split()  # noqa: SIM905  # a list is harder to read
    },
    "seite.html": (samples.HTML, PAGE),
    "seite.pdf": (samples.HTML, PAGE),
    "seite.txt": (b"\n <!-- a --><!-- b -->\n<script>alert(1)</script>", PAGE),
    "seite.xml": (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', PAGE),
    "fremd.xml": (b'<a xmlns:h="http://www.w3.org/1999/xhtml"><h:script>alert(1)</h:script></a>', PAGE),
    "vorlage.xml": (b'<?xml version="1.0"?><?xml-stylesheet href="x.xsl" type="text/xsl"?><a1/>', PAGE),
    "breit.txt": ("<html><script>1</script>".encode("utf-16"), PAGE),
    "binär.dat": (b"<html><body>" + bytes(range(256)), PAGE),
    "skript.svg": (samples.svg("<script>alert(1)</script>"), DRAWING),
    "skript.png": (samples.svg("<script>alert(1)</script>"), DRAWING),
    "laden.svg": (samples.svg(attributes='onload="alert(1)"'), DRAWING),
    "fremd.svg": (samples.svg('<foreignObject><p xmlns="x"/></foreignObject>'), DRAWING),
    "verweis.svg": (samples.svg('<a href="java&#10;script:alert(1)"/>'), DRAWING),
    "bewegt.svg": (samples.svg('<animate attributeName="href" values="javascript:alert(1)"/>'), DRAWING),
    "einheit.svg": (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + samples.svg("&a;"), DRAWING),
    "offen.svg": (b"<svg onload=alert(1)>", "beschädigt"),
    "pdf-und-seite.pdf": (samples.pdf() + b"\n" + samples.HTML, MORE),
    "seite-im-pdf.pdf": (b"%PDF-1.4\n<html><script>alert(1)</script>\n" + samples.pdf(), MORE),
    "seite-vor-pdf.pdf": (b"<html><!--" + samples.pdf(), MORE),
    "skript-vor-pdf.pdf": (b"a=1;/*" + samples.pdf() + b"*/", MORE),
    "pdf-und-zip.pdf": (samples.pdf() + samples.archive(("a.txt", b"x")), MORE),
    "png-und-zip.png": (samples.picture() + samples.archive(("a.class", b"x")), MORE),
    "jpg-und-seite.jpg": (samples.picture("JPEG") + samples.HTML, MORE),
    "gif-und-skript.gif": (b"GIF89a/*" + bytes(30) + b"*/=1;alert(1)", MORE),
    "gif-als-skript.gif": (b"GIF89a=1;alert(1);" + bytes(30), MORE),
    "text-und-zip.txt": (b"Guten Tag\n" * 9 + samples.archive(("a.txt", b"x")), MORE),
    "brief.docm": (samples.docx(), MACROS),
    "brief.docx": (samples.docx(("word/vbaProject.bin", b"x")), MACROS),
    "brief.doc": (samples.COMPOUND + "_VBA_PROJECT".encode("utf-16-le"), MACROS),
    "brief.odt": (samples.odt(("Basic/Standard/Module1.xml", b"<m/>")), MACROS),
    "verpackt.zip": (samples.archive(("b.docx", samples.docx(("word/vbaProject.bin", b"x")))), MACROS),
    "alt-verpackt.zip": (samples.archive(("b.doc", samples.COMPOUND + "_VBA_PROJECT".encode("utf-16-le"))), MACROS),
    "programm.zip": (samples.archive(("lies-mich.txt", b"x"), ("setup.exe", b"x")), PROGRAM),
    "getarnt.zip": (samples.archive(("foto.png", samples.PE)), PROGRAM),
    "java.zip": (samples.archive(("META-INF/MANIFEST.MF", b"x")), PROGRAM),
    "nach-draußen.zip": (samples.archive(("../../etc/cron.d/x", b"x")), "fremden Stellen"),
    "passwort.zip": (samples.locked_archive(), "Passwort"),
    "bombe.zip": (samples.archive(("a", bytes(60_000_000))), "viel zu groß"),
    "viele.zip": (samples.archive(*((str(number), b"") for number in range(5001))), "viel zu groß"),
    "überlappt.zip": (samples.overlapping_archive(), "viel zu groß"),
    "kaputt.zip": (b"PK\x03\x04 kein Archiv", "beschädigt"),
    "archiv.rar": (b"x", SEALED),
    "archiv.bin": (b"Rar!\x1a\x07\x01\x00", SEALED),
    "archiv.dat": (b"7z\xbc\xaf\x27\x1c", SEALED),
    "verpackt.dat": (b"\x1f\x8b\x08\x00" + bytes(20), SEALED),
    "abbild.dat": (bytes(0x8001) + b"CD001", SEALED),
}


@pytest.mark.parametrize("name", TAKEN)
def test_the_usual_files_are_taken_for_what_they_are(app: Flask, name: str) -> None:
    data, media_type = TAKEN[name]
    assert inspected(app, data, name) == media_type


@pytest.mark.parametrize("name", REFUSED)
def test_what_acts_is_refused_with_its_name_and_the_reason(app: Flask, name: str) -> None:
    data, reason = REFUSED[name]
    with pytest.raises(DomainError) as refusal:
        inspected(app, data, name)
    assert name in str(refusal.value)
    assert reason in str(refusal.value)


def test_archives_within_archives_end_somewhere(app: Flask) -> None:
    nested = samples.archive(("a.txt", b"x"))
    for _ in range(6):
        nested = samples.archive(("innen.zip", nested))
    with pytest.raises(DomainError, match="zu viele Archive"):
        inspected(app, nested, "puppe.zip")


def test_archives_side_by_side_share_one_limit(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_EXAMINED", 10_000)
    inner = samples.archive(("a.doc", samples.COMPOUND))
    assert inspected(app, samples.archive(("1.zip", inner), ("2.zip", inner)), "zwei.zip") == "application/zip"
    many = samples.archive(*((f"{number}.zip", inner) for number in range(5)))
    with pytest.raises(DomainError, match="viel zu groß"):
        inspected(app, many, "fünf.zip")


def test_hostile_text_is_read_in_no_time(app: Flask) -> None:
    for data in (b"<!--" * 20_000, b"<!---->" * 20_000, b"<?a?>" * 20_000, b"<a" * 50_000, b" " * 100_000):
        assert inspected(app, data, "notiz.txt") in ("text/plain", "text/xml")


def inspected(app: Flask, data: bytes, name: str) -> str:
    with tempfile.TemporaryFile() as file, app.test_request_context():
        file.write(data)
        return scan.inspect(file, name)
