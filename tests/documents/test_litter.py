"""Names that file servers, desktops and office programs leave in a scan folder, and names that only look like them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from database.engine import transaction
from documents import folder_files
from documents.folder_overview import look_into, overview
from tests.documents.scanning import WHOLE, Clock, documents, sightings_left, sweep, taken

pytestmark = pytest.mark.usefixtures("database")

_LITTER = (
    b"Thumbs.db",
    b"THUMBS.DB",
    b"Desktop.INI",
    b".DS_Store",
    b"._skan.pdf",
    b".~lock.skan.odt#",
    b"~$pismo.docx",
    b"skan.pdf:Zone.Identifier",
    b"SKAN.PDF:ZONE.IDENTIFIER",
    "skan.pdf\uf03aZone.Identifier".encode(),
    b"skan.pdf@SynoEAStream",
    b"._\xb3.pdf",
    b".nfs000000000012abcd",
    b"a.pdf:AFP_AfpInfo",
    b"b.pdf:afp_resource",
    b"a.pdf_Zone.Identifier",
    b"b.pdf%3AZone.Identifier",
    b"Thumbs.db:encryptable",
    b"a.pdf:com.apple.quarantine",
    b"skan:com.apple.lastuseddate#PS",
    b"a.pdf:SmartScreen:$DATA",
    b"a.tif:\x05SummaryInformation",
    b"a.pdf:{4c8cc155-6c1e-11d1-8e41-00c04fb9386d}",
    b"a.PDF:nowy strumie\xc5\x84",
    b"Autorun.inf",
    b"Picasa.ini",
    b".picasa.ini",
    b".localized",
    b"IconCache.db",
    b"thumbcache_96.db",
    b"Skan.LNK",
    b"umowa.pdf.lnk",
    b"portal.url",
    b"FILE0007.CHK",
    b"~WRL0001.tmp",
    b"~DF1A2B.tmp",
    b"sync.ffs_lock",
    b"skany.LACCDB",
    b".sync_1a2b3c.db-wal",
    b"._umowa.pdf",
    b"SYNOFILE_THUMB_XL.jpg",
    b"SYNOINDEX_MEDIA_INFO",
    b"umowa.pdfZone.Identifier",
    b"IMG_0012.AAE",
    b"skan.jpg.xmp",
    b"NTUSER.DAT",
    b"folder.htt",
    b"descript.ion",
    b"$MFT",
    b".gitkeep",
)
_BINS = (
    b"#recycle",
    b"#Recycle",
    b"@Recycle",
    b"@Recently-Snapshot",
    b"@eaDir",
    b"@EADIR",
    b".Trash-1000",
    b".trashes",
    b"$RECYCLE.BIN",
    b"$Recycle.Bin",
    b"System Volume Information",
    b"lost+found",
    b".stfolder",
    b".sync",
    b".snapshot",
    b"Recycle Bin",
    b"recycle",
    b"_recycle",
    b"#SynoRecycle",
    b"RECYCLER",
    b"Network Recycle Bin 1",
    b"trashbox",
    b"files_trashbin",
    b"Kosz",
    b"KOSZ (2)",
    "Elementy usunięte".encode(),
    "Usunie\u0328te".encode(),
    b"@sharesnap",
    b"@Snapshots",
    b"#snapshot-2026",
    b"@GMT-2026.11.28-19.00.00",
    b"@SynoFinder-log",
    b"FOUND.001",
    b"DfsrPrivate",
    b"NAS_Recycle_Bin",
    b"#UGRecycle",
    b"@Recycle.old",
    b"Recycle Bin - biuro",
    b"Recycled.Bin",
    b"Papierkorb",
    "Корзина".encode(),
    b"@ActiveBackup",
    b"Config.Msi",
    b"$SysReset",
    b"_gsdata_",
)


@pytest.mark.parametrize("deep", [b"", b"skaner 2/stycze\xf1"])
def test_bins_thumbnails_and_litter_are_never_taken_and_listed_once(inbox: Path, clock: Clock, deep: bytes) -> None:
    place = inbox / os.fsdecode(deep)
    place.mkdir(parents=True, exist_ok=True)
    for name in _LITTER:
        (place / os.fsdecode(name)).write_bytes(b"bug")
    for name in _BINS:
        (place / os.fsdecode(name) / "deeper").mkdir(parents=True)
        (place / os.fsdecode(name) / "deeper" / "skan.pdf").write_bytes(WHOLE)
    for _ in range(3):
        assert sweep(clock, after=10_000) == []
    assert (documents(), sightings_left()) == ([], 0)
    with transaction() as session:
        seen = overview(session, look_into())
    assert (seen.files, len(seen.left_alone), seen.complete) == ((), len(_LITTER) + len(_BINS), True)
    listed, _ = folder_files.glance(inbox, 1000)
    assert sorted(os.fsencode(one.path.name) for one in listed) == sorted((*_LITTER, *_BINS))


def test_what_only_looks_like_litter_is_taken(inbox: Path, clock: Clock) -> None:
    names = {
        "recycle.pdf",
        "recycle umowa.pdf",
        "kosz.pdf",
        "kosz",
        "$RECYCLE.BIN.tif",
        "#1.pdf",
        "thumbs.db.pdf",
        "autorun.inf.png",
        "@eadir.pdf",
        "Zone.Identifier.pdf",
        "a.pdf_Zone.Identifier.pdf",
        "lost+found.pdf",
        "~skan.pdf",
        "skan 28.11.2026 19:55:12",
        "skan 12:30.pdf",
        "a.pdf:poprawiony.pdf",
        "umowa nr 3:2026",
        "skan.sync-conflict-20261128-195512-ABCDEFG.pdf",
        "skan (conflicted copy 2026-11-28).pdf",
        "found.001.pdf",
        "recycle",
        "xmp",
        "IMG_0012.AAE.jpg",
    }
    for name in names:
        (inbox / name).write_bytes(WHOLE + name.encode() + b"%%EOF")
    folders = (
        "koszty",
        "Koszalin",
        "kosztorysy 2",
        "@biuro",
        "#1",
        "snapshot",
        "recykling",
        "found.pdf",
        "deleted scenes",
        "recycling",
        "$skany",
        "Recyklerzy 2026",
    )
    for name in folders:
        (inbox / name).mkdir()
        (inbox / name / "skan.pdf").write_bytes(WHOLE + name.encode() + b"%%EOF")
    assert {each.file for each in taken(clock)} == {*names, *(f"{name}/skan.pdf" for name in folders)}
