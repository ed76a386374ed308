"""Files as people have them, and files as attackers make them. All are made here, none is kept in the repository."""

from __future__ import annotations

import io
import zipfile

from fpdf import FPDF
from PIL import Image

# Two parts, so that no scanner takes this source for the test virus (eicar.org) itself.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + rb"$EICAR-STANDARD-ANTIVIRUS-FILE!$H+H*"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
PE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(120) + b"PE\x00\x00"
HTML = b"<!DOCTYPE html>\n<html><body><script>alert(1)</script></body></html>"


def pdf(words: str = "Protokoll der Sitzung") -> bytes:
    document = FPDF()
    document.add_page()
    document.set_font("helvetica", size=12)
    document.cell(text=words)
    return bytes(document.output())


def picture(kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), (30, 90, 160)).save(file, kind)
    return file.getvalue()


def archive(*entries: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries:
            packed.writestr(name, content)
    return file.getvalue()


def locked_archive() -> bytes:
    """A ZIP whose one entry says it is encrypted: bit 0 of its flags in both of its headers (APPNOTE 4.4.4)."""
    octets = bytearray(archive(("liste.csv", b"Name;Telefon")))
    octets[6] |= 1
    octets[octets.index(b"PK\x01\x02") + 8] |= 1
    return bytes(octets)


def overlapping_archive() -> bytes:
    """A ZIP whose directory names one entry many times, each time for the same octets."""
    octets = archive(("a", b"\xab" * 64))
    start = octets.index(b"PK\x01\x02")
    end = octets.index(b"PK\x05\x06")
    directory = octets[start:end] * 50
    tail = bytearray(octets[end:])
    tail[8:10] = tail[10:12] = (50).to_bytes(2, "little")
    tail[12:16] = len(directory).to_bytes(4, "little")
    return octets[:start] + directory + bytes(tail)


def docx(*more: tuple[str, bytes]) -> bytes:
    return archive(
        ("[Content_Types].xml", b"<Types/>"), ("_rels/.rels", b"<r/>"), ("word/document.xml", b"<w/>"), *more
    )


def xlsx() -> bytes:
    return archive(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<w/>"))


def odt(*more: tuple[str, bytes]) -> bytes:
    return archive(("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<o/>"), *more)


def svg(inside: str = '<rect width="9" height="9"/>', attributes: str = "") -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" {attributes}>{inside}</svg>'.encode()
