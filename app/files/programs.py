"""Programs and scripts, known by their name or by how they begin, and macros in documents of the old office formats."""

from __future__ import annotations

import mmap
import re
from typing import BinaryIO

from app.files.refusal import MACROS, PROGRAM, SEALED, TEST_VIRUS, WEB_PAGE, Refused

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB] 2.2: doc, xls, ppt, msg and also msi


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What Windows, macOS, Linux or Android run, mount or import when somebody opens it; after the list of file types
# that Outlook blocks.
_PROGRAM_NAMES = _words(
    """
    action ade adp apk app appimage application appref-ms appx appxbundle asp aspx bas bash bat cdxml chm class
    cmd cmdline cnt com command cpl crx csh deb desktop dex diagcab dll dmg drv dylib elf exe fish fxp gadget grp hlp
    hpj hta htaccess htc img inf ins iso isp its jar jnlp js jse ksh lib library-ms lnk mad maf mam maq mas
    mau mav maw mcf mda mdb mde mdt mdw mdz mjs msc msh msh1 msh2 mshxml msi msix msixbundle msp mst msu ocx ops osd
    pcd pkg php phar pif pl plg prf prg printerexport ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psdm1 psm1 pst py pyc
    pyo pyw pyz pyzw reg rpm run scf scr scpt sct search-ms searchconnector-ms settingcontent-ms sh shb shs so sys
    url vb vbe vbp vbs vhd vhdx vsmacros vsw vxd wasm webpnp website workflow ws wsb wsc wsf wsh xbap xll
    xnk xpi zsh
    """
)
_PAGE_NAMES = _words("htm html xht xhtml shtml mht mhtml xsl xslt svgz")
_MACRO_NAMES = _words("docm dotm xlsm xltm xlsb xlam pptm potm ppsm ppam sldm")
_SEALED_NAMES = _words("7z ace arc arj bz2 cab gz lha lz lz4 lzh lzma rar tar tbz tgz txz xz z zst")

_PROGRAM_STARTS = re.compile(
    rb"""MZ(?=[^\x00]{0,62}\x00) | \x7fELF | \xfe\xed\xfa[\xce\xcf] | [\xce\xcf]\xfa\xed\xfe | \xca\xfe\xba[\xbe\xbf]
    | \xbe\xba\xfe\xca | !<arch>\n | dex\n0 | \x00asm | L\x00\x00\x00\x01\x14\x02\x00 | \xed\xab\xee\xdb | ITSF\x03
    | [FCZ]WS[\x01-\x32].{0,3}\x00 | vhdxfile""",
    re.VERBOSE | re.DOTALL,
)
_SCRIPT_STARTS = re.compile(
    r"\s*(#!\s*/|@echo\s|<\?php|<\?=|<%|<job\b|<package\b|Windows Registry Editor|REGEDIT4"
    r"|\[InternetShortcut\]|\[Desktop Entry\])",
    re.IGNORECASE,
)
# The file anti-virus programs agreed on as a harmless test (eicar.org); written in two parts so that no scanner
# takes this source for it.
_EICAR = re.compile(rb"X5O!P%@AP\[4\\PZX54\(P\^\)7CC\)7\}" + rb"\$EICAR")

_VBA_FOLDER = "_VBA_PROJECT".encode("utf-16-le")  # [MS-OVBA] 2.2.1
_INSTALLER = bytes.fromhex("84100c0000000000c000000000000046")  # the class of an MSI's root entry


def refuse_by_name(extension: str) -> None:
    """Raise `Refused` if files of this extension act when they are opened, or hide what they hold."""
    if extension in _PROGRAM_NAMES:
        raise Refused(PROGRAM)
    if extension in _PAGE_NAMES:
        raise Refused(WEB_PAGE)
    if extension in _MACRO_NAMES:
        raise Refused(MACROS)
    if extension in _SEALED_NAMES:
        raise Refused(SEALED)


def refuse_by_content(head: bytes) -> None:
    """Raise `Refused` if the first octets are those of a program."""
    if _EICAR.search(head[:256]):
        raise Refused(TEST_VIRUS)
    if _PROGRAM_STARTS.match(head):
        raise Refused(PROGRAM)


def refuse_script(text: str) -> None:
    """Raise `Refused` if a text begins as scripts do."""
    if _SCRIPT_STARTS.match(text[:2048]):
        raise Refused(PROGRAM)


def refuse_macros(file: BinaryIO) -> None:
    """Raise `Refused` if a compound file carries macros or is an installer. The whole file is searched, unread."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find(_VBA_FOLDER) >= 0:
            raise Refused(MACROS)
        if content.find(_INSTALLER) >= 0:
            raise Refused(PROGRAM)
