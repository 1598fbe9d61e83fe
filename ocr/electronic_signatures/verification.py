"""The verification of electronic signatures in a PDF, by pyHanko: offline, against the issuers of this installation.

Whether a certificate was revoked is told by what the file brings along and by lists in the folder of trusted issuers;
where neither says anything, the signature counts and the evidence says that this was not checked.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from asn1crypto import crl, ocsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.diff_analysis import DiffResult
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import NonexistentAttributeError, find_unique_cms_attribute
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.pdf_embedded import extract_contents
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy, RevocationCheckingRule

from environment import clock
from forms.electronic_signature import ElectronicSignature, SignatureStanding
from ocr.electronic_signatures.appearance import looks_as_signed
from ocr.electronic_signatures.changes import FURTHER_SIGNATURES_ONLY, changed_fields
from ocr.electronic_signatures.rsa_tolerance import TolerantValidator
from ocr.electronic_signatures.signers import issuer_of, signer_of
from ocr.electronic_signatures.trust_roots import trust_roots

_MOST: Final = 10
"""Signatures of a file that are verified: each costs a digest of the whole file."""
_MOST_REVISIONS: Final = 60
"""Additions to a file that are compared with what was signed."""
_MOST_DATA: Final = 20
"""Revocation data of a file of which each is asked again on its own."""
_LARGEST: Final = 1024**2
"""Bytes of one signature with all that it brings along; one that nests them takes some hundred times as much memory."""
_LARGEST_LOOK: Final = 60_000.0
"""Square points that the looks of later signatures may take together: more than an eighth of a page covers it."""
_RANGES: Final = 4
"""Numbers of the two parts of a file around its signature; more parts may be many, and each is digested."""
_MORE: Final = re.compile(rb"\d\s+obj\b|\bxref\b|\bstartxref\b|\btrailer\b")
_REQUIRED: Final = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
_IF_THERE_ARE: Final = RevocationCheckingRule.CHECK_IF_DECLARED_SOFT
_OUT_OF_TIME: Final = frozenset(
    {AdESIndeterminate.OUT_OF_BOUNDS_NO_POE, AdESIndeterminate.EXPIRED, AdESIndeterminate.NOT_YET_VALID}
)
_WHOLE: Final = frozenset({SignatureCoverageLevel.ENTIRE_REVISION, SignatureCoverageLevel.ENTIRE_FILE})
for _library in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_library).setLevel(logging.CRITICAL + 1)  # their warnings name people


def verified_signatures(path: Path) -> tuple[ElectronicSignature, ...]:
    """Each signature of a PDF, the earliest first; one of unreadable ones where they cannot be told apart."""
    with path.open("rb") as file:
        try:
            return _File(path, file).signatures()
        except MemoryError:
            raise
        except Exception:  # pyHanko raises anything on what is broken: then there is no signature that counts
            return (_unreadable(),)


def _unreadable() -> ElectronicSignature:
    return ElectronicSignature(SignatureStanding.UNREADABLE, clock.now())


@dataclass(frozen=True, slots=True)
class _RevocationData:
    """What the file and the folder of trusted issuers say of revoked certificates, and certificates beside it."""

    crls: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]
    certificates: tuple[asn1_x509.Certificate, ...]

    def moments(self) -> Iterator[datetime]:
        """When each was issued."""
        for each in self.crls:
            yield crl.CertificateList.load(each)["tbs_cert_list"]["this_update"].native
        for each in self.ocsps:
            answer = ocsp.OCSPResponse.load(each)
            if answer["response_status"].native == "successful":
                yield from (one["this_update"].native for one in answer.response_data["responses"])


@dataclass(frozen=True, slots=True)
class _Signed:
    """A signature, the end of the part of the file that it covers, and the square points that its look takes."""

    end: int
    made: ElectronicSignature
    shown: float = 0.0

    def altered(self) -> _Signed:
        """The same, of a file that was changed after it."""
        return replace(self, made=replace(self.made, standing=SignatureStanding.CHANGED))


class _File:
    """A signed PDF as pyHanko reads it: strictly, as the file was written and not as it could be mended."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file
        self._reader = PdfFileReader(file)
        if self._reader.encrypted:
            self._reader.decrypt(b"")
        trusted = trust_roots()
        self._roots = [asn1_x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in trusted.certificates]
        self._lists = [each.public_bytes(Encoding.DER) for each in trusted.revocation_lists]

    def signatures(self) -> tuple[ElectronicSignature, ...]:
        """Each signature; where there are too many, that they cannot be checked."""
        fields = list(islice(enumerate_sig_fields(self._reader), _MOST + 1))
        if len(fields) > _MOST or self._reader.xrefs.total_revisions > _MOST_REVISIONS:
            return (_unreadable(),)
        given = [(field, name, told) for name, told, field in fields if told is not None]
        if not given:  # somebody signed, and what shows now is another document
            return (ElectronicSignature(SignatureStanding.CHANGED, clock.now()),)
        found = [self._signature(*each) for each in given]
        signed = sorted((each for each in found if each is not None), key=lambda each: each.end)
        if not any(each.made.valid and not self._follows(each.end) for each in signed):
            signed = [each if self._looks_as_signed(each) else each.altered() for each in signed]
        return tuple(_beside_later(each, [other for other in signed if other.end > each.end]) for each in signed)

    def _looks_as_signed(self, signature: _Signed) -> bool:
        """Whether what came after a signature, which nobody signed, changed nothing that is to be seen."""
        return not signature.made.valid or looks_as_signed(self._path, signature.end)

    def _follows(self, end: int) -> bool:
        """Whether a viewer might read anything after the first ``end`` bytes."""
        self._file.seek(end)
        return _MORE.search(self._file.read()) is not None

    def _signature(self, field: DictionaryObject, name: str, told: IndirectObject) -> _Signed | None:
        """What a signature came to; None for a time stamp of the file."""
        try:
            written = told.get_object()
            if written.get("/Type") == "/DocTimeStamp":
                return None
            if len(extract_contents(written)) > _LARGEST or len(written["/ByteRange"]) != _RANGES:
                return _Signed(0, _unreadable())
            embedded = EmbeddedPdfSignature(self._reader, field, name)
            end = int(embedded.byte_range[2]) + int(embedded.byte_range[3])
            return _Signed(end, self._verified(embedded, end), _area(field.get_object()))
        except MemoryError:
            raise
        except Exception:  # as above, of this signature alone
            return _Signed(0, _unreadable())

    def _verified(self, embedded: EmbeddedPdfSignature, end: int) -> ElectronicSignature:
        data = self._revocation_data(embedded)
        status = validate_pdf_signature(embedded, self._context(data), diff_policy=FURTHER_SIGNATURES_ONLY)
        proven = _proven_time(status)
        if proven is not None:
            status = validate_pdf_signature(
                embedded, self._context(data, proven), self._context(data), diff_policy=FURTHER_SIGNATURES_ONLY
            )
        standing = self._standing(embedded, status, end)
        if standing is SignatureStanding.VALID and self._was_revoked(embedded, data, proven or clock.now()):
            standing = SignatureStanding.REVOKED
        altered = standing is SignatureStanding.CHANGED
        certificate = embedded.signer_cert
        signer = signer_of(certificate, str(embedded.sig_object.get("/Reason", "")))
        path = () if status.validation_path is None else status.validation_path.iter_certs(include_root=True)
        return ElectronicSignature(
            standing,
            clock.now(),
            kind=signer.kind,
            signer=signer.name,
            surname=signer.surname,
            pesel=signer.pesel,
            nip=signer.nip,
            organisation=signer.organisation,
            organisation_nip=signer.organisation_nip,
            issuer=issuer_of(certificate),
            signed_at=proven or _claimed_time(status),
            time_proven=proven is not None,
            changed_fields=changed_fields(self._reader, embedded.signed_revision) if altered else (),
            not_revoked=True
            if standing is SignatureStanding.VALID and self._is_spoken_for(embedded, data, proven)
            else None,
            chain=tuple(sha256(each.dump()).hexdigest() for each in reversed(list(path)))
            or (sha256(certificate.dump()).hexdigest(),),
        )

    def _standing(self, embedded: EmbeddedPdfSignature, status: PdfSignatureStatus, end: int) -> SignatureStanding:
        found = (
            (not (status.intact and status.valid), SignatureStanding.BROKEN),
            (status.coverage not in _WHOLE, SignatureStanding.PARTIAL),
            (self._is_changed(embedded, status, end), SignatureStanding.CHANGED),
            (status.revoked, SignatureStanding.REVOKED),
            (not self._roots, SignatureStanding.NO_TRUST_ROOTS),
            (status.trust_problem_indic in _OUT_OF_TIME, SignatureStanding.EXPIRED),
            (not status.trusted, SignatureStanding.UNTRUSTED),
        )
        return next((standing for holds, standing in found if holds), SignatureStanding.VALID)

    def _is_changed(self, embedded: EmbeddedPdfSignature, status: PdfSignatureStatus, end: int) -> bool:
        """Whether anything but further signatures and what belongs to them came into the file after it was signed."""
        if not isinstance(embedded.diff_result, DiffResult) or not status.docmdp_ok:
            return True
        # What follows the signed part is either revisions that were compared, or nothing that a viewer might read.
        compared = embedded.signed_revision < self._reader.xrefs.total_revisions - 1
        return not compared and self._follows(end)

    def _context(
        self, data: _RevocationData, moment: datetime | None = None, *, required: bool = False
    ) -> ValidationContext:
        """How certificates are judged at a moment (now); ``required``: revocation data must speak of the signer's."""
        return ValidationContext(
            trust_roots=self._roots,
            other_certs=list(data.certificates),
            crls=list(data.crls),
            ocsps=list(data.ocsps),
            allow_fetching=False,
            revinfo_policy=CertRevTrustPolicy(
                RevocationCheckingPolicy(
                    _REQUIRED if required else _IF_THERE_ARE, intermediate_ca_cert_rule=_IF_THERE_ARE
                ),
                retroactive_revinfo=moment is not None,  # what was issued after the signature tells of it, too
            ),
            moment=moment,
            signature_validator=TolerantValidator(),
        )

    def _revocation_data(self, embedded: EmbeddedPdfSignature) -> _RevocationData:
        crls = list(self._lists)
        ocsps: list[bytes] = []
        certificates: Sequence[asn1_x509.Certificate] = ()
        try:
            store = DocumentSecurityStore.read_dss(self._reader)
            crls += [each.get_object().read_data(DecodePurpose.CRL) for each in store.crls]
            ocsps += [each.get_object().read_data(DecodePurpose.OCSP_RESPONSE) for each in store.ocsps]
            certificates = list(store.load_certs())
        except NoDSSFoundError:
            pass
        with suppress(NonexistentAttributeError):  # where Adobe's programs put them
            found = find_unique_cms_attribute(embedded.signer_info["signed_attrs"], "adobe_revocation_info_archival")
            crls += [each.dump() for each in found["crl"] or ()]
            ocsps += [each.dump() for each in found["ocsp"] or ()]
        return _RevocationData(tuple(crls), tuple(ocsps), tuple(certificates))

    def _was_revoked(self, embedded: EmbeddedPdfSignature, data: _RevocationData, signed: datetime) -> bool:
        """Whether revocation data say so that are not fresh any more: what they tell stays true."""
        for told_at in islice(data.moments(), _MOST_DATA):
            context = self._context(data, told_at, required=True)
            status = validate_pdf_signature(embedded, context, context, skip_diff=True)
            if status.revocation_details is not None and status.revocation_details.revocation_date <= signed:
                return True
        return False

    def _is_spoken_for(self, embedded: EmbeddedPdfSignature, data: _RevocationData, proven: datetime | None) -> bool:
        """Whether revocation data speak for the signer's certificate."""
        if not data.crls and not data.ocsps:
            return False
        context = self._context(data, proven, required=True)
        return validate_pdf_signature(embedded, context, self._context(data), skip_diff=True).trusted


def _beside_later(signature: _Signed, later: Sequence[_Signed]) -> ElectronicSignature:
    """A signature of a file that others signed after it: they may show that they did, and cover nothing by it."""
    covered = signature.made.valid and sum(each.shown for each in later) > _LARGEST_LOOK
    return replace((signature.altered() if covered else signature).made, further_signed=bool(later))


def _area(field: DictionaryObject) -> float:
    """Square points of the pages that a signature is shown on."""
    places = [each.get_object() for each in islice(field.get("/Kids", ()), _MOST)] or [field]
    boxes = [[float(each) for each in place["/Rect"]] for place in places if "/Rect" in place]
    return sum(abs((right - left) * (top - low)) for left, low, right, top in boxes)


def _proven_time(status: PdfSignatureStatus) -> datetime | None:
    """When the signature existed for sure, by a time stamp of a trusted issuer."""
    stamp = status.timestamp_validity
    if stamp is None or not (stamp.intact and stamp.valid and stamp.trusted) or stamp.timestamp > clock.now():
        return None
    return stamp.timestamp.astimezone(UTC)


def _claimed_time(status: PdfSignatureStatus) -> datetime | None:
    """When the signer's program says that it signed."""
    claimed = status.signer_reported_dt
    return None if claimed is None else claimed.astimezone(UTC)
