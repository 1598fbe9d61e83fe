"""RSA signatures that say the right thing in another encoding than OpenSSL demands; programs that sign write both.

Two deviations, each compared byte for byte, so that nothing else passes: the name of the digest without the NULL that
should stand beside it (RFC 8017, 9.2), and attributes that were signed in their DER order but written in another one
(RFC 5652, 5.4).
"""

from __future__ import annotations

from collections.abc import Iterator

from asn1crypto import algos, cms, core, keys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pyhanko_certvalidator.sig_validate import (
    DEFAULT_VALIDATION_CONTEXT,
    DefaultSignatureValidator,
    SignatureValidationContext,
)
from pyhanko_certvalidator.util import get_pyca_cryptography_hash


class TolerantValidator(DefaultSignatureValidator):
    """pyHanko's own validator, and the two deviations beside it."""

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: keys.PublicKeyInfo,
        signature_algorithm: algos.SignedDigestAlgorithm,
        context: SignatureValidationContext = DEFAULT_VALIDATION_CONTEXT,
    ) -> None:
        """Raise InvalidSignature for what is signed in none of these ways."""
        try:
            super().validate_signature(signature, signed_data, public_key_info, signature_algorithm, context)
        except InvalidSignature:
            name = context.contextual_md_algorithm
            plain = signature_algorithm["algorithm"].native in _PLAIN_RSA
            if not plain or name is None or context.prehashed:
                raise
            key = serialization.load_der_public_key(public_key_info.dump())
            if not isinstance(key, rsa.RSAPublicKey):
                raise
            told = key.recover_data_from_signature(signature, padding.PKCS1v15(), None)
            if told not in set(_readings(signed_data, name)):
                raise


_PLAIN_RSA = frozenset({"rsassa_pkcs1v15", "sha256_rsa", "sha384_rsa", "sha512_rsa"})


def _readings(signed_data: bytes, name: str) -> Iterator[bytes]:
    """What a right signature may tell: the digest with its name, with and without NULL, of the data in either order."""
    for data in (signed_data, _in_order(signed_data)):
        digest = hashes.Hash(get_pyca_cryptography_hash(name))
        digest.update(data)
        octets = core.OctetString(digest.finalize()).dump()
        identifier = algos.DigestAlgorithmId(name).dump()
        for beside in (b"", core.Null().dump()):
            yield _sequence(_sequence(identifier + beside) + octets)


def _in_order(attributes: bytes) -> bytes:
    """Signed attributes in DER; data that are none stay as they are."""
    try:
        found = sorted(each.dump(force=True) for each in cms.CMSAttributes.load(attributes))
    except ValueError:
        return attributes
    ordered: bytes = cms.CMSAttributes([cms.CMSAttribute.load(each) for each in found]).dump(force=True)
    return ordered


def _sequence(content: bytes) -> bytes:
    """A SEQUENCE of less than 128 bytes."""
    return bytes((0x30, len(content))) + content
