"""How a peer tells how long something took."""
import time


def timed(name, work):
    began = time.monotonic()
    answer = work()
    print(name, f"{time.monotonic() - began:.4f}")
    return answer
