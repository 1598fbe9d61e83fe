"""Whether an installation on this machine works: it is ready, the engine's pages answer, a form is confirmed.

For scripts/clean-room; Python's own library only.
"""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request

PAGES = "http://127.0.0.1:8000"
ENGINE = "http://127.0.0.1:4200"
PATIENCE = 180
FORM = {
    "customer_no": "12345678",
    "name": "Jan Wymyślony",
    "pesel": "44051401359",
    "street": "Przykładowa",
    "house": "1",
    "postcode": "66-470",
    "town": "Kostrzyn nad Odrą",
    "phone": "600100200",
    "email": "jan@example.com",
    "accept_terms": True,
    "date_signed": time.strftime("%d.%m.%Y"),
}


def asked(address, body=None):
    """What an address answers, and its status."""
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, content, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def awaited(what, look):
    """Wait until a look gives something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found, told = look()
        if found:
            sys.stdout.write(f"{what}: {told}\n")
            return
        time.sleep(2)
    raise SystemExit(f"{what}: not within {PATIENCE} s. Last: {told}")


def ready():
    status, told = asked(f"{PAGES}/readyz")
    return status == 200, told


def engine():
    status, told = asked(f"{ENGINE}/")
    return status == 200 and "<html" in told.lower(), f"{len(told)} bytes of a page"


status, told = asked(f"{PAGES}/api/v1/forms/ebok_signup/submissions", FORM)
if status >= 300:
    raise SystemExit(f"The form was refused: {status} {told}")
tracking = json.loads(told)["tracking"]


def confirmed():
    shown = subprocess.run(["ebok", "show", tracking, "--json"], capture_output=True, text=True, check=True).stdout
    state = json.loads(shown)["state"]
    return state == "confirmed", state


awaited("readyz", ready)
awaited("Prefect", engine)
awaited(f"The form {tracking}", confirmed)
