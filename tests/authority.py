"""A certificate authority in a folder, for servers and principals, and for certificates with any fault."""

import datetime
import ipaddress
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)
_USES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign",
         "crl_sign", "encipher_only", "decipher_only")


def new_key(kind="rsa2048"):
    """Of RSA with so many bits, or of a curve: p192, p256."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    return ec.generate_private_key({"p192": ec.SECP192R1, "p256": ec.SECP256R1}[kind]())


def _named(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _alternative(text):
    kind, value = text.split(":", 1)
    if kind == "IP":
        return x509.IPAddress(ipaddress.ip_address(value))
    return {"URI": x509.UniformResourceIdentifier, "DNS": x509.DNSName, "email": x509.RFC822Name}[kind](value)


class Authority:
    def __init__(self, folder, name="ca", make=True):
        """With make=False the one that lies in the folder already."""
        self.folder, self.name = folder, name
        if make:
            self.private = new_key()
            self.sign(name, [], key=self.private, authority=True)
        else:
            self.private = serialization.load_pem_private_key(self.key(name).read_bytes(), None)

    def key(self, name):
        return self.folder / f"{name}.key"

    def crt(self, name):
        return self.folder / f"{name}.crt"

    def sign(self, name, alternatives, *, key=None, issuer=None, signer=None, digest=None, begins=-DAY, ends=2 * DAY,
             authority=False, usage=None, extended=None, extra=None, common_name=None):
        """Makes NAME.key and NAME.crt, for ["IP:127.0.0.1"] or ["URI:urn:kpr:..."]; gives options of the command line. `usage`
        and `extended` bound what it is for, `extra` is one more critical extension."""
        key, now = key or new_key(), datetime.datetime.utcnow()
        builder = (x509.CertificateBuilder().subject_name(_named(common_name or name)).issuer_name(_named(issuer or self.name))
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now + begins).not_valid_after(now + ends)
                   .add_extension(x509.BasicConstraints(ca=authority, path_length=None), True))
        if alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(text) for text in alternatives]), False)
        if usage:
            builder = builder.add_extension(x509.KeyUsage(**{use: use == usage for use in _USES}), True)
        if extended:
            builder = builder.add_extension(x509.ExtendedKeyUsage([extended]), False)
        if extra:
            builder = builder.add_extension(extra, True)
        certificate = builder.sign(signer or self.private, digest or hashes.SHA256())
        self.crt(name).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self.key(name).write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()))
        return ["--ca", self.crt(self.name), "--cert", self.crt(name), "--key", self.key(name)]

    def revoke(self, name, lists):
        """Puts the authority's revocation list, with NAME in it alone, into a folder."""
        now = datetime.datetime.utcnow()
        serial = x509.load_pem_x509_certificate(self.crt(name).read_bytes()).serial_number
        revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - DAY).build()
        crl = (x509.CertificateRevocationListBuilder().issuer_name(_named(self.name)).last_update(now - DAY)
               .next_update(now + DAY).add_revoked_certificate(revoked).sign(self.private, hashes.SHA256()))
        (lists / "ca.pem").write_bytes(crl.public_bytes(serialization.Encoding.PEM))
        subprocess.run(["openssl", "rehash", lists], check=True)
