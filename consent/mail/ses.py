"""Amazon SES (API v2): `ses://ACCESS-KEY:SECRET@REGION`, with `?configuration=SET` for a set that tells of bounces."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from urllib.parse import urlsplit

from consent.canonical import sha256_hex
from consent.mail.contract import Mail, sender_of
from consent.mail.http import Answer, Asked, json_request, own_headers, text_in
from consent.mail.mime import phrase

PATH = "/v2/email/outbound-emails"
SIGNED = "content-type;host;x-amz-date"


class Ses:
    """https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html"""

    name = "SES"
    dead = frozenset[str]()
    # A mail is "rejected" also when the sender's or, in the sandbox, the reader's domain is not verified.
    ours = frozenset(
        "AccountSuspendedException SendingPausedException LimitExceededException MessageRejected"
        " MailFromDomainNotVerifiedException NotFoundException".split()
    )
    taken = frozenset[str]()

    def __init__(
        self, access_key: str, secret: str, region: str, *, configuration: str = "", base_url: str = ""
    ) -> None:
        self._access_key, self._secret, self._region = access_key, secret, region
        self._configuration = configuration
        self._url = f"{base_url or f'https://email.{region}.amazonaws.com'}{PATH}"

    def asked(self, mail: Mail, to: str, at: int) -> Asked:
        sender = sender_of(mail)
        content: dict[str, object] = {
            # It wants a name beyond ASCII in encoded words.
            "FromEmailAddress": f"{phrase(sender.name)} <{sender.address}>" if sender.name else sender.address,
            "Destination": {"ToAddresses": [to]},
            "Content": {
                "Simple": {
                    "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": mail.text, "Charset": "UTF-8"},
                        "Html": {"Data": mail.html, "Charset": "UTF-8"},
                    },
                    "Headers": [{"Name": name, "Value": value} for name, value in own_headers(mail).items()],
                }
            },
            "EmailTags": [{"Name": "consent_site", "Value": mail.site}, {"Name": "consent_id", "Value": mail.id}],
        }
        if self._configuration:
            content["ConfigurationSetName"] = self._configuration
        return self._signed(json_request(self._url, content, {}), at)

    def id_of(self, answer: Answer) -> str:
        return text_in(answer.body, "MessageId")

    def code_of(self, answer: Answer) -> str:
        """`MessageRejected`, of a header that may end in an address of its documentation."""
        return answer.headers.get("x-amzn-errortype", "").partition(":")[0]

    def _signed(self, asked: Asked, at: int) -> Asked:
        moment = f"{datetime.fromtimestamp(at // 1000, UTC):%Y%m%dT%H%M%SZ}"
        headers = asked.headers | {"Host": urlsplit(asked.url).netloc, "X-Amz-Date": moment}
        scope = f"{moment[:8]}/{self._region}/ses/aws4_request"
        signature = signed(self._secret, scope, canonical(headers, asked.body), moment)
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self._access_key}/{scope}, SignedHeaders={SIGNED}, Signature={signature}"
        )
        return Asked(url=asked.url, headers=headers, body=asked.body)


def canonical(headers: dict[str, str], body: bytes) -> str:
    """The request as Signature Version 4 has it signed."""
    values = {name.lower(): value for name, value in headers.items()}
    lines = [f"{name}:{values[name]}" for name in SIGNED.split(";")]
    return "\n".join(["POST", PATH, "", *lines, "", SIGNED, sha256_hex(body)])


def signed(secret: str, scope: str, request: str, moment: str) -> str:
    """The signature over a canonical request, by a key that is good for one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    words = "\n".join(["AWS4-HMAC-SHA256", moment, scope, sha256_hex(request.encode())])
    return hmac.digest(key, words.encode(), "sha256").hex()
