"""Recordings of people who do not exist."""

from __future__ import annotations

import io
import math
import random
import wave

RATE = 48_000


def speech(seed: int, seconds: float) -> list[float]:
    """Syllables and pauses of one voice between -0.6 and 0.6, over a faint noise."""
    chance = random.Random(seed)
    pitch = 110 + 35 * seed
    voice = [
        0.7 * math.sin(2 * math.pi * pitch * i / RATE) + 0.3 * math.sin(2 * math.pi * pitch * 2.01 * i / RATE)
        for i in range(RATE)
    ]
    noise = [chance.uniform(-0.0004, 0.0004) for _ in range(RATE)]
    samples: list[float] = []
    level = 0.0
    while len(samples) < seconds * RATE:
        pause = chance.random() < 0.25
        target = 0.0 if pause else chance.uniform(0.2, 0.6)
        length = chance.randrange(RATE // 12, RATE // 4) + (RATE // 3 if pause else 0)
        for _ in range(length):
            level += (target - level) * 0.002
            at = len(samples) % RATE
            samples.append(level * voice[at] + noise[at])
    return samples[: round(seconds * RATE)]


def wav(samples: list[float]) -> bytes:
    """24-bit mono."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(3)
        file.setframerate(RATE)
        file.writeframes(b"".join(round(s * 8_388_607).to_bytes(3, "little", signed=True) for s in samples))
    return content.getvalue()


def interview(seconds: float = 6.5) -> dict[str, bytes]:
    """Two speakers' tracks and their mix, by file name."""
    ada, bob = speech(1, seconds), speech(2, seconds)
    mix = [(a + b) / 2 for a, b in zip(ada, bob)]
    return {"ada.wav": wav(ada), "bob.wav": wav(bob), "mix.wav": wav(mix)}
