"""Signed PDFs for the tests: an issuer of our own, its time stamps and revocation lists, people, firms and the seal."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final

from asn1crypto import cms
from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    NumberObject,
    StreamObject,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

_QUALIFIED: Final = x509.UnrecognizedExtension(
    x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3"), bytes.fromhex("300a3008060604008e460101")
)
"""qcStatements with QcCompliance alone (ETSI EN 319 412-5)."""
_ORGANISATION_IDENTIFIER: Final = x509.ObjectIdentifier("2.5.4.97")
SEAL_NUMBER: Final = "VATPL-5252955037"
YEAR: Final = timedelta(days=365)


def now() -> datetime:
    """The present second."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass
class Identity:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

    @property
    def asn1(self) -> asn1_x509.Certificate:
        """As pyHanko wants it."""
        return asn1_x509.Certificate.load(self.certificate.public_bytes(Encoding.DER))

    @property
    def asn1_key(self) -> asn1_keys.PrivateKeyInfo:
        """As pyHanko wants it."""
        der = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return asn1_keys.PrivateKeyInfo.load(der)


def name_of(**parts: str) -> x509.Name:
    oids = {
        "country": NameOID.COUNTRY_NAME,
        "common": NameOID.COMMON_NAME,
        "given": NameOID.GIVEN_NAME,
        "surname": NameOID.SURNAME,
        "serial": NameOID.SERIAL_NUMBER,
        "organisation": NameOID.ORGANIZATION_NAME,
        "number": _ORGANISATION_IDENTIFIER,
    }
    return x509.Name([x509.NameAttribute(oids[name], value) for name, value in parts.items() if value])


@dataclass
class Issuer:
    """An authority with a root of its own and one certificate between that and those whom it certifies."""

    name: str = "Centrum Testowe"
    root: Identity = field(init=False)
    between: Identity = field(init=False)

    def __post_init__(self) -> None:
        self.root = self._certified(name_of(country="PL", common=f"{self.name} Root"), None, authority=True)
        subject = name_of(country="PL", common=f"{self.name} CA", organisation=self.name)
        self.between = self._certified(subject, self.root, authority=True)

    def trusted_in(self, folder: Path) -> Path:
        """Its root as a file of an installation."""
        folder.mkdir(exist_ok=True)
        (folder / "root.pem").write_bytes(self.root.certificate.public_bytes(Encoding.PEM))
        return folder

    def person(
        self, given: str, surname: str, pesel: str | None = None, *, qualified: bool = True, **more: str
    ) -> Identity:
        """A person's certificate for signatures."""
        parts = {"country": "PL", "common": f"{given} {surname}", "given": given, "surname": surname, **more}
        return self.issued(name_of(**parts, serial=f"PNOPL-{pesel}" if pesel else ""), qualified=qualified)

    def seal(self, organisation: str, number: str, common: str | None = None) -> Identity:
        """A seal of an organisation."""
        return self.issued(
            name_of(country="PL", common=common or organisation, organisation=organisation, number=number)
        )

    def ministry(self) -> Identity:
        """The seal that a podpis zaufany is made with."""
        name = "Minister do spraw informatyzacji - pieczęć podpisu zaufanego"
        return self.seal("Ministerstwo Cyfryzacji", SEAL_NUMBER, name)

    def issued(
        self,
        subject: x509.Name,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        qualified: bool = True,
        purpose: x509.ObjectIdentifier | None = None,
        key: rsa.RSAPrivateKey | None = None,
    ) -> Identity:
        """A certificate for signatures, or for another purpose."""
        return self._certified(subject, self.between, since, until, qualified=qualified, purpose=purpose, key=key)

    def time_stamps(self, at: datetime | None = None) -> DummyTimeStamper:
        """Its time stamps; ``at`` is what they say."""
        stamp = self.issued(
            name_of(country="PL", common="Znacznik"),
            since=now() - 3 * YEAR,
            qualified=False,
            purpose=ExtendedKeyUsageOID.TIME_STAMPING,
        )
        store = SimpleCertificateStore()
        store.register_multiple([self.between.asn1, self.root.asn1])
        return DummyTimeStamper(stamp.asn1, stamp.asn1_key, store, fixed_dt=at, include_nonce=False)

    def revoked(
        self, *revoked: tuple[Identity, datetime], told: datetime | None = None, until: datetime | None = None
    ) -> bytes:
        """A list of what it revoked and when, as of ``told``."""
        told = told or now() - timedelta(minutes=5)
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.between.certificate.subject)
            .last_update(told)
            .next_update(until or told + timedelta(days=7))
        )
        for identity, at in revoked:
            made = made.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(identity.certificate.serial_number)
                .revocation_date(at)
                .build()
            )
        made = made.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.between.key.public_key()), critical=False
        ).add_extension(x509.CRLNumber(1), critical=False)
        return made.sign(self.between.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def _certified(
        self,
        subject: x509.Name,
        by: Identity | None,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        authority: bool = False,
        qualified: bool = False,
        purpose: x509.ObjectIdentifier | None = None,
        key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None,
    ) -> Identity:
        key = (
            key or ec.generate_private_key(ec.SECP256R1()) if purpose is None else rsa.generate_private_key(65537, 2048)
        )
        signer, issuer = (key, subject) if by is None else (by.key, by.certificate.subject)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(since or now() - (8 * YEAR if authority else YEAR))
            .not_valid_after(until or now() + 2 * YEAR)
            .add_extension(x509.BasicConstraints(authority, None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
            .add_extension(_usage(authority=authority, signs=purpose is None), critical=True)
        )
        if purpose is not None:
            made = made.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
        if qualified:
            made = made.add_extension(_QUALIFIED, critical=False)
        return Identity(made.sign(signer, hashes.SHA256()), key)


def _usage(*, authority: bool, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=signs and not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


class WithoutNull(signers.SimpleSigner):
    """Names the digest within its RSA signatures without the NULL beside it."""

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """A signature with SHA-256."""
        key = load_der_private_key(self.signing_key.dump(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        assert digest_algorithm == "sha256"
        numbers, width = key.private_numbers(), key.key_size // 8
        told = bytes.fromhex("302f300b0609608648016503040201") + b"\x04\x20" + sha256(data).digest()
        block = b"\0\1" + b"\xff" * (width - 3 - len(told)) + b"\0" + told
        return pow(int.from_bytes(block), numbers.d, numbers.public_numbers.n).to_bytes(width)


def with_attributes_reversed(data: bytes) -> bytes:
    """A signed PDF in which the signed attributes are written in another order than they were signed in."""
    contents = PdfFileReader(BytesIO(data)).embedded_signatures[0].pkcs7_content
    (info,) = cms.ContentInfo.load(contents)["content"]["signer_infos"]
    written = [each.dump() for each in info["signed_attrs"]]
    assert written == sorted(written)
    assert len(written) > 1
    other = contents.replace(b"".join(written), b"".join(reversed(written)))
    assert other != contents
    return data.replace(contents.hex().encode(), other.hex().encode())


def signed(
    data: bytes,
    identity: Identity,
    issuer: Issuer,
    *,
    name: str = "Podpis1",
    reason: str | None = None,
    stamps: DummyTimeStamper | None = None,
    box: tuple[float, float, float, float] | None = None,
    password: str | None = None,
    by: type[signers.SimpleSigner] = signers.SimpleSigner,
) -> bytes:
    """A PDF with one more signature; visible in a ``box`` of its first page."""
    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    if password is not None:
        writer.encrypt(password)
    how = signers.PdfSignatureMetadata(
        field_name=name, reason=reason, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    where = fields.SigFieldSpec(name, on_page=0, box=box) if box else None
    made = signers.PdfSigner(how, _signer(identity, issuer, by), timestamper=stamps, new_field_spec=where).sign_pdf(
        writer
    )
    return bytes(made.getvalue())


def with_revocation_lists(data: bytes, *lists: bytes) -> bytes:
    """A signed PDF to which lists were added, as programs do that make signatures last."""
    file = BytesIO(data)
    contents = PdfFileReader(BytesIO(data)).embedded_signatures[0].pkcs7_content
    DocumentSecurityStore.add_dss(
        file, contents.hex().encode().upper(), certs=[], crls=[asn1_crl.CertificateList.load(each) for each in lists]
    )
    return file.getvalue()


def changed(data: bytes, name: str, value: str) -> bytes:
    """A PDF in which a form field was filled in later, as an addition."""
    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    for each in writer.root["/AcroForm"]["/Fields"]:
        if each.get_object().get("/T") == name:
            each.get_object()[pdf_name("/V")] = pdf_string(value)
            writer.mark_update(each)
    return _written(writer)


def with_page_content(data: bytes, content: bytes) -> bytes:
    """A PDF on whose first page something was drawn later, as an addition."""
    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    writer.add_stream_to_page(0, writer.add_object(StreamObject(stream_data=content)))
    return _written(writer)


def with_note(data: bytes) -> bytes:
    """A PDF on whose first page a note was laid later, as an addition."""
    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    note = DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Square"),
            pdf_name("/Rect"): ArrayObject([NumberObject(each) for each in (300, 20, 340, 40)]),
        }
    )
    writer.register_annotation(writer.root["/Pages"]["/Kids"].raw_get(0), writer.add_object(note))
    return _written(writer)


def with_empty_signature_field(data: bytes) -> bytes:
    """A PDF with a place for a signature that nobody gave."""
    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    fields.append_signature_field(writer, fields.SigFieldSpec("Podpis", box=(50, 50, 200, 90)))
    return _written(writer)


def signed_in_part(data: bytes, identity: Identity, issuer: Issuer, left_out: int) -> bytes:
    """A PDF whose signature, right in itself, leaves out the last bytes of the file."""
    whole = signed(data, identity, issuer)
    start, length, second, rest = PdfFileReader(BytesIO(whole)).embedded_signatures[0].byte_range
    told = re.search(rb"/ByteRange \[[^]]*\]\s*", whole)
    assert told is not None
    ranges = f"/ByteRange [{start} {length} {second} {rest - left_out}]".encode().ljust(len(told[0]))
    file = whole[: told.start()] + ranges + whole[told.end() :]
    digest = sha256(file[:length] + file[second : second + rest - left_out]).digest()
    contents = asyncio.run(_signer(identity, issuer).async_sign(digest, "sha256")).dump().hex().encode()
    room = second - length - 2
    return file[: length + 1] + contents.ljust(room, b"0") + file[second - 1 :]


def _signer(
    identity: Identity, issuer: Issuer, by: type[signers.SimpleSigner] = signers.SimpleSigner
) -> signers.SimpleSigner:
    store = SimpleCertificateStore()
    store.register_multiple([issuer.between.asn1, issuer.root.asn1])
    return by(identity.asn1, identity.asn1_key, store)


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    file = BytesIO()
    writer.write(file)
    return file.getvalue()
