"""Who may open the page from another computer: whoever knew the code once.

Pure: time is an argument. A browser that is paired shows a token, which is a time signed with a
secret of this computer; it holds over restarts.
"""

import hmac
from collections import deque
from dataclasses import dataclass, field
from hashlib import sha256

TOKEN_S = 30 * 86_400
"""How long a browser stays paired."""

CODE_DIGITS = 6
# A code of six digits, five guesses a minute from each address and twenty an hour from all: who
# guesses for a day has found it in one of two thousand cases.
_OF_ONE, _OF_ONE_S = 5, 60.0
_OF_ALL, _OF_ALL_S = 20, 3600.0


@dataclass(slots=True)
class Pairing:
    """code: six digits, to be shown where only those see it who may. secret: signs tokens."""

    code: str
    secret: bytes = field(repr=False)
    _wrong: deque[tuple[float, str]] = field(default_factory=deque, repr=False)

    def wait_s(self, address: str, now_s: float) -> float:
        """How long this address has to wait before it may try; 0 for not at all."""
        while self._wrong and self._wrong[0][0] <= now_s - _OF_ALL_S:
            self._wrong.popleft()
        of_one = [at_s for at_s, of in self._wrong if of == address and at_s > now_s - _OF_ONE_S]
        waits = [0.0]
        if len(of_one) >= _OF_ONE:
            waits.append(of_one[-_OF_ONE] + _OF_ONE_S - now_s)
        if len(self._wrong) >= _OF_ALL:
            waits.append(self._wrong[0][0] + _OF_ALL_S - now_s)
        return max(waits)

    def token(self, code: str, address: str, now_s: float) -> str | None:
        """What the browser is to show from now on; None for a wrong code, or one too soon."""
        if self.wait_s(address, now_s) > 0:
            return None
        plain = "".join(code.split())
        if not hmac.compare_digest(plain.encode(), self.code.encode()):
            self._wrong.append((now_s, address))
            return None
        return self._signed(int(now_s + TOKEN_S))

    def holds(self, token: str, now_s: float) -> bool:
        """Whether a token is one of ours and not too old."""
        until, _, _ = token.partition(".")
        if not (until.isascii() and until.isdigit() and len(until) < 15):
            return False
        ours = hmac.compare_digest(token.encode(), self._signed(int(until)).encode())
        return ours and now_s < int(until)

    def _signed(self, until_s: int) -> str:
        return f"{until_s}.{hmac.new(self.secret, str(until_s).encode(), sha256).hexdigest()}"
