"""Files that file servers, desktops and office programs leave in folders: never documents, whatever they contain.

Bins and snapshots hold what somebody threw away or what lies in the folder anyway; thumbnails, streams and notes of a
system hold nothing that was scanned. Kinds of names are told, not each name: makers and versions spell them in many
ways. Names are compared without regard to case and form of accents, as file systems of offices do. What ends as a
document does is none of these, whatever else its name says.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_FOLDERS: Final = re.compile(
    r"""
    # bins: Windows, Samba, Synology, QNAP, Asustor, Nextcloud, macOS; with signs around them and numbers behind
    [\W_]* (?:network|files|my)? [\W_]*
        (?: recycle[\W_]*bin | recycle[dr]? | synorecycle | trash(?:ed|es|bin|box|can)? (?:[\W_]*folder)? | dustbin
          | kosz(?:[\W_]*sieciowy)? | deleted[\W_]*(?:files|items)? | (?:elementy|pliki)?[\W_]*usuni[eę]te )
        [\W_]* \d* [\W_]*
    | (?:.*[\W_])? [^\W_]{0,6} recycle[dr]?(?:bin)? (?:[\W_].*)?  # with the name of a maker, a user or a day beside it
    | [\W_]* (?:papierkorb|corbeille|cestino|papelera(?:[ ]de[ ]reciclaje)?|lixeira|prullenbak|koš|корзина|кошик) [\W_]*
    # snapshots: NetApp, Synology, QNAP, shadow copies of Samba
    | [#@~$_] (?:share|recently[\W_]*)? snap(?:shots?)? (?:[\W_].*)? | @gmt-[\d.-]+
    # thumbnails and workplaces of Synology and QNAP
    | @ (?: eadir | activebackup | transcode | tmp | temp
        | sharebin | quarantine | database | __thumb | __qini | syno.* | app\w+ )
    # of disks, of Windows and of macOS
    | lost\+found | found\.\d{3} | system[ ]volume[ ]information | dfsr[ ]?private | config\.msi | msocache
    | \$(?:extend|windows\..+|winreagent|sysreset|av_\w+) | wpsystem | windowsapps | _gsdata_
    | __macosx | temporary[ ]items | cleanup[ ]at[ ]startup | thevolumesettingsfolder
    """,
    re.VERBOSE | re.DOTALL,
)
_DOCUMENT: Final = re.compile(r".*\.(?:pdf|tiff?|jpe?g|jfif|png|hei[cf])", re.DOTALL)
_SHADOWS: Final = re.compile(r"\._.*|synofile_thumb.*", re.DOTALL)
"""Beside a file and named as it is, its ending too: the second half of a file of macOS, thumbnails of Synology."""
_COLON: Final = r"(?:[:\uf022\uf03a\uff1a\ua789÷]|%3a)"
"""Before the name of a stream: as Samba, macOS, archives and downloads write the colon where it may not stand."""
_FILES: Final = re.compile(
    rf"""
    # alternate streams that became files; a time of the day has colons, too, and is no stream
    .*zone\.identifier(?::\$data)?
    | (?:.*(?:{_COLON}|[@._\s-]))? (?: afp_(?:afpinfo|resource) | com\.(?:apple|dropbox)\.[\w.\#:-]+
        | smartscreen | synoeastream | synoresource | encryptable | wofcompresseddata ) (?::\$data)?
    | .+ \.\w{{2,5}} {_COLON} [^\W\d] .* | .+ {_COLON} [\u0005{{] .* | .+ {_COLON} [^:]* :\$\w+
    # open in an office program, or left by its crash
    | \.~lock\..*\# | ~\$.*\.(?:do[ct][xm]?|xl[st]?[xmb]?|pp[ts][xm]?|vsdx?|rtf|od[tsp])
    | ~(?:wr[a-z]|df|rf|\$)[\da-f]*\.tmp | .*\.(?:laccdb|ldb|dwl2?|lock|lck|ffs_lock)
    # settings, caches, catalogues and shortcuts of systems and programs
    | .*\.(?:ini|inf|db|db-(?:shm|wal|journal)|lnk|url|website|webloc|desktop|plist|icns|sys|ffs_(?:db|gui|batch|real))
    | ntuser\.dat.* | (?:index|wpsettings)\.dat | folder\.htt | indexervolumeguid | descript\.ion | bootsect\.bak
    | ws_ftp\.log
    | \$(?:mft\w*|logfile|volume|bitmap|boot|badclus|secure|upcase|attrdef) | syno(?:index|file)_\w+
    # what programs for photos keep beside a picture
    | .*\.(?:aae|xmp|thm|pp3|dop)
    | icon[\r\uf00d]? | desktop[ ]d[bf] | zbthumbnail\.info | file\d{{4}}\.chk | pspbrwse\.jbf
    | \.(?:lsoverride|gitkeep|gitignore|keep|bridge(?:sort|cachet?)|volumeicon\.icns)
    | \.(?:ds_store|apdisk|localized|directory|hidden|nomedia|com\.apple\..+|metadata_never_index|dropbox.*)
    | \.(?:nfs|fuse_hidden)[\da-f]{{8,}} | \.smbdelete.* | \.st(?:ignore|folder) | \.sync(?:ignore|id)
    | \.(?:owncloud|nextcloud)sync\.log.*
    """,
    re.VERBOSE | re.DOTALL,
)


def is_litter(name: str) -> bool:
    """Whether a file of that name is none of anybody's documents."""
    plain = _plain(name)
    if _SHADOWS.fullmatch(plain):
        return True
    return _DOCUMENT.fullmatch(plain) is None and _FILES.fullmatch(plain) is not None


def is_litter_folder(name: str) -> bool:
    """Whether nothing in a folder of that name was put there to be taken in: hidden ones (.Trash-1000, .sync) too."""
    return name.startswith(".") or _FOLDERS.fullmatch(_plain(name)) is not None


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
