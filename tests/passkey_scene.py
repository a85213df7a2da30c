"""A passkey without a device: it answers what a browser would hand on from finger, face or PIN."""

import json
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from tests.account_scene import confirm_it_is_you

Flag = AuthenticatorData.FLAG
ORIGIN = "https://testserver"


class SoftPasskey:
    """One passkey of one person; `verifies` is whether its device asks for finger, face or PIN."""

    def __init__(self, *, verifies: bool = True) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = token_bytes(16)
        self._flags = Flag.UP | (Flag.UV if verifies else 0)
        self._origin = ORIGIN
        self._owner = ""

    def asks_no_more(self) -> None:
        """Let whoever holds the device use it from now on."""
        self._flags = Flag.UP

    def is_asked_by(self, origin: str) -> None:
        """Answer to another site from now on, as no browser would."""
        self._origin = origin

    def made(self, options: dict[str, Any]) -> str:
        """What the browser sends when the passkey is made."""
        asked = options["publicKey"]
        self._owner = asked["user"]["id"]
        public = ES256.from_cryptography_key(self._key.public_key())
        credential = AttestedCredentialData.create(bytes(16), self._id, public)
        stated = self._stated(asked["rp"]["id"], Flag.AT, credential)
        attested = AttestationObject.create("none", stated, {})
        return self._sent("webauthn.create", asked, {"attestationObject": websafe_encode(attested)})

    def used(self, options: dict[str, Any]) -> str:
        """What the browser sends when the passkey is used."""
        asked = options["publicKey"]
        stated = self._stated(asked["rpId"])
        client = self._client_data("webauthn.get", asked)
        signature = self._key.sign(stated + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        said = {
            "authenticatorData": websafe_encode(stated),
            "signature": websafe_encode(signature),
            "userHandle": self._owner,
        }
        return self._sent("webauthn.get", asked, said)

    def _stated(self, rp_id: str, more: int = 0, credential: bytes = b"") -> AuthenticatorData:
        hashed = sha256(rp_id.encode()).digest()
        return AuthenticatorData.create(hashed, self._flags | more, 0, credential)

    def _client_data(self, what: str, asked: dict[str, Any]) -> CollectedClientData:
        return CollectedClientData.create(what, asked["challenge"], self._origin)

    def _sent(self, what: str, asked: dict[str, Any], said: dict[str, str]) -> str:
        client = websafe_encode(self._client_data(what, asked))
        named = websafe_encode(self._id)
        return json.dumps(
            {
                "id": named,
                "rawId": named,
                "type": "public-key",
                "response": {"clientDataJSON": client, **said},
                "clientExtensionResults": {"credProps": {"rk": True}},
            }
        )


def add_passkey(client: Client, passkey: SoftPasskey, name: str = "Chrome（Windows）") -> HttpResponse:
    """Give the password again, and let the device make a passkey."""
    confirm_it_is_you(client)
    page = reverse("mfa_add_webauthn")
    options = client.get(page).context["js_data"]["creation_options"]
    return client.post(page, {"name": name, "credential": passkey.made(options)})


def sign_in_by(passkey: SoftPasskey) -> Client:
    """Somebody at the sign-in page who uses a passkey and types nothing."""
    client = Client()
    page = reverse("mfa_login_webauthn")
    options = client.get(page, headers={"accept": "application/json"}).json()["request_options"]
    client.post(page, {"credential": passkey.used(options)})
    return client
