"""What the two clients share: running checks, and the bytes that the origin sends."""
import json
import traceback


def run(checks):
    """Runs functions; prints each one's docstring and its problem, empty when there is none."""
    for check in checks:
        problem = ""
        try:
            check()
        except Exception:  # whatever it is, it is this check's problem
            problem = traceback.format_exc(limit=3)
        print(json.dumps({"name": check.__doc__, "problem": problem}), flush=True)


def pattern(size):
    """The origin's bytes: xorshift32."""
    state = 0x9E3779B9
    out = bytearray(size)
    for at in range(size):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        out[at] = state & 255
    return bytes(out)


def equal(seen, wanted):
    if seen != wanted:
        raise AssertionError("expected %.200r, seen %.200r" % (wanted, seen))
